"""`manage.py fetch_mail`: its lines, its exit codes, staying with --watch; and what /readyz and the desk then say."""

import datetime as dt
import io
import json
import os
import signal
import subprocess
import sys

import pytest
from django.conf import settings as django_settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.template import Context, Template
from django.utils import timezone

from cases.models import Case
from warrantydesk.intake import tasks
from warrantydesk.intake.mailbox import configured_mailbox
from warrantydesk.intake.mailbox_state import mailbox_line, why_alarming
from warrantydesk.intake.models import IncomingMail, MailboxState
from warrantydesk.intake.tests.mails import mail, picture
from warrantydesk.tests.processes import wait_for

NOW = dt.datetime(2025, 11, 5, 9, 30, tzinfo=dt.UTC)


def fetch() -> tuple[list[dict], str, int]:
    """The lines on stdout, what was said on stderr, and the exit code."""
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command("fetch_mail", stdout=out, stderr=err)
        code = 0
    except CommandError as error:
        code = error.returncode
        err.write(str(error))
    return [json.loads(line) for line in out.getvalue().splitlines()], err.getvalue(), code


@pytest.mark.processes
@pytest.mark.django_db
def test_each_message_is_one_line_in_the_agreed_form(account, hinge):
    account.deliver(mail(files={"p.jpg": picture()}))
    (line,), said, code = fetch()
    incoming = IncomingMail.objects.get()
    assert (code, said) == (0, "1 messages taken, 0 left in the inbox\n")
    assert line == {
        "source": incoming.source,
        "message_id": "<p1@example.com>",
        "outcome": "case_opened",
        "case": Case.objects.get().reference,
        "missing": [],
        "evidence": 1,
        "refused": 0,
        "reason": None,
        "folder": "Processed",
    }


@pytest.mark.processes
@pytest.mark.django_db
def test_quarantined_mail_is_told_of_and_the_rest_goes_in(account):
    account.deliver(b"no header\n\nat all\n")
    account.deliver(mail())
    lines, _said, code = fetch()
    assert [(line["outcome"], line["folder"]) for line in lines] == [
        ("quarantined", "Held"),
        ("case_opened", "Processed"),
    ]
    assert code == 1


@pytest.mark.processes
@pytest.mark.django_db
def test_refused_login_is_said_with_exit_1_and_the_task_waits(account, settings):
    settings.IMAP_PASSWORD = "wrong"
    lines, said, code = fetch()
    assert (lines, code) == ([], 1)
    assert "does not let" in said
    settings.IMAP_PASSWORD = account.password
    account.deliver(mail())
    tasks.fetch_mail()
    assert account.counts() == {"INBOX": 1}, "not before the wait is over"
    MailboxState.objects.update(not_before=timezone.now() - dt.timedelta(seconds=1))
    tasks.fetch_mail()
    assert account.counts() == {"Processed": 1}


def test_usage_error_when_no_mailbox_is_configured(settings):
    settings.IMAP_HOST = ""
    _lines, said, code = fetch()
    assert (code, said) == (2, "No mailbox is configured: set IMAP_HOST (docs/settings.md).")


@pytest.fixture
def watcher(account, tmp_path):
    """`manage.py fetch_mail --watch`, as a process."""
    environment = {
        **os.environ,
        "DATA_DIR": str(tmp_path),
        "IMAP_HOST": "127.0.0.1",
        "IMAP_PORT": str(account.server.port),
        "IMAP_TLS": "none",
        "IMAP_USER": account.user,
        "IMAP_PASSWORD": account.password,
        "IMAP_POLL_SECONDS": "3600",
    }
    code = (
        "import sys, django; django.setup()\n"
        "from django.db import connection; connection.settings_dict['NAME'] = sys.argv[1]\n"
        "from django.core.management import call_command; call_command('fetch_mail', '--watch')"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(connection.settings_dict["NAME"])],
        cwd=django_settings.BASE_DIR,
        env={**environment, "DJANGO_SETTINGS_MODULE": "warrantydesk.settings"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    yield process
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=30)


@pytest.mark.processes
@pytest.mark.django_db(transaction=True)
@pytest.mark.xdist_group("processes")
def test_watcher_takes_mail_as_it_arrives_when_the_server_can_tell(account, watcher):
    """The next look would be in an hour: only IDLE brings the second mail."""
    wait_for("the first pass", lambda: MailboxState.objects.filter(succeeded_at__isnull=False, lease_until=None))
    account.deliver(mail())
    wait_for("the mail taken", lambda: account.counts() == {"Processed": 1})
    assert IncomingMail.objects.get().outcome == "case_opened"


def state(**fields) -> MailboxState:
    return MailboxState(name="desk@mail.example/INBOX", **fields)


def minutes(number: int) -> dt.datetime:
    return NOW - dt.timedelta(minutes=number)


HEALTH = {
    "never read": (state(), "has not been read yet", "The mailbox was never read"),
    "never read, and why": (
        state(problem="no such host", problem_since=minutes(1)),
        "yet: no such host",
        "Trouble with the mailbox",
    ),
    "just read": (state(succeeded_at=minutes(1)), "", "The mailbox is being read"),
    "read long ago": (state(succeeded_at=minutes(16)), "last read 16 minutes ago", "The mailbox is not being read"),
    "trouble for a minute": (
        state(succeeded_at=minutes(2), problem="refused", problem_since=minutes(1)),
        "",
        "Trouble with the mailbox",
    ),
    "trouble for long": (
        state(succeeded_at=minutes(2), problem="a mail stays", problem_since=minutes(20)),
        "since 2025-11-05 09:10 UTC: a mail stays",
        "Trouble with the mailbox",
    ),
}


@pytest.mark.parametrize(("state", "alarm", "word"), HEALTH.values(), ids=HEALTH)
def test_health_is_told_to_machines_and_to_people(state, alarm, word):
    said = why_alarming(state, NOW)
    assert alarm in said
    assert bool(said) == bool(alarm)
    assert mailbox_line(state, NOW).word == word


def test_waiting_mail_is_told_with_the_age_of_the_oldest():
    line = mailbox_line(state(succeeded_at=NOW, waiting=3, oldest_waiting_at=minutes(300)), NOW)
    assert line.waiting == "3 mails still lie in it, the oldest for 5 h."


@pytest.fixture
def _mailbox(settings):
    settings.IMAP_HOST, settings.IMAP_USER = "mail.example", "desk"


def ready(client) -> tuple[int, str]:
    answer = client.get("/readyz?format=json")
    return answer.status_code, next(says for name, says in answer.json().items() if "Mailbox" in name)


@pytest.mark.django_db(transaction=True)
def test_readyz_has_nothing_against_a_desk_without_a_mailbox(client):
    assert ready(client)[1] == "OK"


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_mailbox")
def test_readyz_is_red_until_the_mailbox_was_read(client):
    status, says = ready(client)
    assert status == 500
    assert "The mailbox has not been read yet" in says
    MailboxState.objects.create(name=configured_mailbox().name, succeeded_at=timezone.now())
    assert ready(client)[1] == "OK"


def shown() -> str:
    return Template("{% load mailbox %}{% mailbox_state %}").render(Context()).strip()


@pytest.mark.django_db
def test_line_for_the_desk_is_empty_where_no_mailbox_is_configured(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert shown() == ""


@pytest.mark.django_db
@pytest.mark.usefixtures("_mailbox")
def test_line_for_the_desk_says_what_is_wrong_and_escapes_it(django_assert_num_queries):
    MailboxState.objects.create(
        name=configured_mailbox().name, problem="refused <script>", problem_since=timezone.now(), waiting=1
    )
    with django_assert_num_queries(1):
        page = shown()
    assert "Trouble with the mailbox" in page
    assert "refused &lt;script&gt;" in page
    assert "1 mail still lies in it." in page
