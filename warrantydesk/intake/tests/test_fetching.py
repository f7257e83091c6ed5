"""The mailbox, read from a real Dovecot: what becomes of mail, of the folders, and of a line that breaks."""

import datetime as dt
import subprocess
import threading
from collections.abc import Iterator
from email import message_from_bytes
from pathlib import Path

import pytest
from django.db import connection
from django.test import override_settings

from cases.models import Case, OutgoingMail
from cases.outbox.sending import send_due
from warrantydesk.intake import fetching, inbox_round
from warrantydesk.intake.fetching import Pass, Taken, fetch_pass
from warrantydesk.intake.keeping import raw_bytes
from warrantydesk.intake.mailbox import Mailbox, configured_mailbox, internal_date
from warrantydesk.intake.mailbox_state import Lease
from warrantydesk.intake.models import IncomingMail, MailboxState
from warrantydesk.intake.tests.dovecot import Dovecot, need_dovecot, read_from
from warrantydesk.intake.tests.mails import mail, picture

pytestmark = [pytest.mark.processes, pytest.mark.django_db]
NOW = dt.datetime(2025, 11, 5, 9, 30, tzinfo=dt.UTC)
LINE_OF_A_GREETING = 2500  # more bytes than the server says before the first message


def fetch(**given) -> Pass:
    address = configured_mailbox()
    assert address is not None
    return fetch_pass(address, **{"clock": lambda: NOW, **given})


def numbered(number: int, **given) -> bytes:
    return mail(
        message_id=f"<m{number}@example.com>",
        subject=f"[Warranty Request] number {number}",
        sender=f"Ada <ada{number}@example.com>",
        **given,
    )


def state() -> MailboxState:
    return MailboxState.objects.get()


def test_mail_becomes_a_case_and_leaves_the_inbox(account, hinge):
    account.deliver(mail(files={"p.jpg": picture()}), at=(NOW - dt.timedelta(minutes=5)).timestamp())
    told: list[Taken] = []
    done = fetch(tell=told.append)
    assert (done.taken, done.left, done.problem, done.is_whole) == (1, 0, "", True)
    assert account.counts() == {"Processed": 1}
    incoming = IncomingMail.objects.get()
    assert (incoming.outcome, incoming.case.invoice) == ("case_opened", hinge)
    assert incoming.source.startswith(f"imap://{account.user}@127.0.0.1/INBOX;UIDVALIDITY=")
    assert raw_bytes(incoming).replace(b"\r\n", b"\n") == account.messages("Processed")[0]
    assert [(one.folder, one.receipt.case) for one in told] == [("Processed", incoming.case)]
    assert OutgoingMail.objects.filter(kind="acknowledgement").count() == 1


def test_acknowledgement_arrives_once_however_often_the_mail_came(account, sink, hinge):
    raw = mail(files={"p.jpg": picture()})
    for _ in range(2):
        account.deliver(raw, at=NOW.timestamp())
        fetch()
        fetch()
        send_due(NOW)
    (envelope,) = sink.taken
    assert envelope.rcpt_tos == ["ada@example.com"]
    answer = message_from_bytes(envelope.content)
    assert (answer["In-Reply-To"], answer["Auto-Submitted"]) == ("<p1@example.com>", "auto-replied")
    assert Case.objects.get().invoice == hinge


def test_mail_is_not_marked_as_seen_and_keeps_its_day(account):
    account.deliver(mail(), at=NOW.timestamp())
    fetch()
    (path,) = (account.maildir / ".Processed").glob("???/*")
    assert "S" not in path.name.partition(":2,")[2]
    assert path.stat().st_mtime == NOW.timestamp()


HELD = {"held": mail(subject="hello"), "quarantined": b"no header\n\nat all\n"}


@pytest.mark.parametrize(("outcome", "raw"), HELD.items(), ids=HELD)
def test_mail_goes_to_the_held_folder_when_it_waits_for_a_person(account, outcome, raw):
    account.deliver(raw)
    assert fetch().problem == ""
    assert account.counts() == {"Held": 1}
    assert IncomingMail.objects.get().outcome == outcome


DAYS = {
    "an hour ago": (NOW - dt.timedelta(hours=1), NOW - dt.timedelta(hours=1)),
    "weeks ago": (NOW - dt.timedelta(days=40), NOW - dt.timedelta(days=40)),
    "in the future": (NOW + dt.timedelta(days=900), NOW),
    "no day at all": (dt.datetime(1970, 1, 2, tzinfo=dt.UTC), NOW),
}


@pytest.mark.parametrize(("given", "counts"), DAYS.values(), ids=DAYS)
def test_submission_is_judged_by_when_our_server_received_it(account, given, counts):
    account.deliver(mail(Date="Mon, 03 Mar 2031 10:00:00 +0000"), at=given.timestamp())
    fetch()
    incoming = IncomingMail.objects.get()
    assert (incoming.received_at, incoming.kept_at) == (counts, NOW)
    assert incoming.case.received_at == counts
    assert incoming.case.submitted_on == (counts - dt.timedelta(hours=12)).date()


DATES = [
    (b'1 (INTERNALDATE " 3-Mar-2025 10:15:00 +0100" UID 1)', dt.datetime(2025, 3, 3, 9, 15, tzinfo=dt.UTC)),
    (b'1 (INTERNALDATE "31-Dec-2025 23:59:60 -0930" UID 1)', None),
    (b'1 (INTERNALDATE "30-Feb-2025 10:15:00 +0100" UID 1)', None),
    (b'1 (INTERNALDATE "03-Xyz-2025 10:15:00 +0100" UID 1)', None),
    (b'1 (INTERNALDATE "01-Jan-0001 00:00:00 +2300" UID 1)', None),
    (b'1 (INTERNALDATE "03-mar-2025 10:15:00 +9900" UID 1)', dt.datetime(2025, 3, 3, 10, 15, tzinfo=dt.UTC)),
    (b"1 (UID 1)", None),
]


@pytest.mark.parametrize(("line", "instant"), DATES, ids=lambda value: str(value)[:40])
def test_day_of_the_server_is_an_instant_or_nothing(line, instant):
    assert internal_date(line) == instant


def test_the_same_mail_three_times_is_one_case_and_one_acknowledgement(account):
    for hop in range(3):
        account.deliver(f"Received: from hop{hop}\n".encode() + mail())
    assert fetch().taken == 3
    assert account.counts() == {"Processed": 3}
    assert (Case.objects.count(), OutgoingMail.objects.count()) == (1, 1)
    assert IncomingMail.objects.get().times_seen == 3


def test_the_same_message_id_with_another_body_is_another_mail(account):
    account.deliver(mail())
    account.deliver(mail("Something else broke, too: the left door.\n"))
    fetch()
    assert IncomingMail.objects.count() == 2


def test_pass_goes_on_when_the_server_counts_anew(account):
    for number in range(4):
        account.deliver(numbered(number))
    assert fetch(until=NOW).taken == 0, "out of time before the first"
    before = state().uidvalidity
    account.forget_uids()
    (account.maildir / "dovecot-uidlist").write_text("3 V77 N900 G00000000000000000000000000000001\n")
    assert fetch().taken == 4
    assert state().uidvalidity == 77 != before
    assert account.counts() == {"Processed": 4}
    assert Case.objects.count() == 4


def test_large_inbox_is_read_in_batches_and_goes_on_where_it_stopped(account, settings):
    settings.IMAP_BATCH = 4
    for number in range(11):
        account.deliver(numbered(number))
    ticks = iter(range(10**6))
    done = fetch(clock=lambda: NOW + dt.timedelta(seconds=next(ticks)), until=NOW + dt.timedelta(seconds=40))
    assert 0 < done.taken < 11
    assert not done.is_whole
    assert done.problem == ""
    assert fetch().taken == 11 - done.taken
    assert account.counts() == {"Processed": 11}
    assert (state().fetched, state().waiting) == (11, 0)


def test_nothing_is_lost_when_the_line_is_cut_in_the_middle_of_a_message(account, line):
    raw = mail(files={"p.jpg": bytes(200_000)})
    account.deliver(raw)
    line(cut_after=LINE_OF_A_GREETING + 100_000)
    done = fetch()
    assert (done.taken, done.is_whole) == (0, False)
    assert "UID 1" in done.problem
    assert account.counts() == {"INBOX": 1}
    assert not IncomingMail.objects.exists(), "half a message is none"
    assert fetch().taken == 1
    assert IncomingMail.objects.get().size > len(raw)
    assert state().problem == ""


@pytest.mark.parametrize("cut_after", range(1, 4000, 331))
def test_everything_arrives_once_wherever_the_line_is_cut(account, line, cut_after):
    for number in range(3):
        account.deliver(numbered(number))
    line(cut_after=cut_after)
    fetch()
    assert fetch().problem == ""
    assert account.counts() == {"Processed": 3}
    assert (IncomingMail.objects.count(), Case.objects.count(), OutgoingMail.objects.count()) == (3, 3, 3)


def test_message_that_breaks_the_line_comes_last_the_next_time(account, line):
    for number in range(3):
        account.deliver(numbered(number, files={"p.jpg": bytes(100_000)} if number == 0 else None))
    line(cut_after=LINE_OF_A_GREETING + 50_000)
    fetch()
    assert state().stumbled_uids == [1]
    told: list[Taken] = []
    fetch(tell=told.append)
    assert [one.source.rpartition("=")[2] for one in told] == ["2", "3", "1"]
    assert state().stumbled_uids == []


HIDDEN = {
    "no MOVE": (b"MOVE",),
    "no MOVE, no UIDPLUS": (b"MOVE", b"UIDPLUS"),
    "nothing": (b"MOVE", b"UIDPLUS", b"IDLE", b"NAMESPACE", b"SASL-IR"),
}


@pytest.mark.parametrize("hidden", HIDDEN.values(), ids=HIDDEN)
def test_mail_is_moved_when_the_server_can_do_little(account, line, hidden):
    for number in range(3):
        account.deliver(numbered(number))
    said = line(hide=hidden).said
    assert fetch().problem == ""
    assert account.counts() == {"Processed": 3}
    assert b"UID MOVE" not in said
    assert (b"UID EXPUNGE" in said) == (b"UIDPLUS" not in hidden)


def test_mail_others_marked_as_deleted_is_kept_before_it_is_expunged(account, line):
    account.deliver(numbered(1))
    account.deliver(numbered(2), flags="T")
    line(hide=(b"MOVE", b"UIDPLUS"))
    fetch()
    assert IncomingMail.objects.count() == 2
    assert account.counts() == {"Processed": 2}


def test_message_that_vanished_is_nobodys_trouble(account, monkeypatch):
    for number in range(3):
        account.deliver(numbered(number))
    look = Mailbox.look

    def look_and_lose(box, first, last):
        found = look(box, first, last)
        for path in account.maildir.glob("???/*2.M*"):  # another client takes the second one
            path.unlink()
        return found

    monkeypatch.setattr(Mailbox, "look", look_and_lose)
    done = fetch()
    assert (done.taken, done.left, done.problem) == (2, 0, "")


def test_message_stays_and_is_told_of_when_it_cannot_be_moved(account):
    for number in range(3):
        account.deliver(numbered(number))
    fetch(until=NOW)
    processed = account.maildir / ".Processed"
    processed.chmod(0o500)
    told: list[Taken] = []
    done = fetch(tell=told.append)
    assert (done.taken, done.left) == (0, 3)
    assert "cannot be taken out of the inbox" in done.problem
    assert all(one.problem for one in told)
    assert Case.objects.count() == 3, "kept and read all the same"
    assert (state().waiting, state().problem_since) == (3, NOW)
    processed.chmod(0o700)
    later = NOW + dt.timedelta(hours=1)
    assert fetch(clock=lambda: later).problem == ""
    assert (account.counts(), Case.objects.count(), state().waiting) == ({"Processed": 3}, 3, 0)


@pytest.fixture
def _broken_storage(settings, tmp_path):
    (tmp_path / "a-file").write_text("in the way")
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path / "a-file"},
        },
    }


@pytest.mark.parametrize(
    "many", [pytest.param(5, id="in the midst of a batch"), pytest.param(3, id="at the end of a batch")]
)
@pytest.mark.usefixtures("_broken_storage")
def test_pass_gives_up_and_moves_nothing_when_mail_cannot_be_stored(account, many):
    for number in range(many):
        account.deliver(numbered(number))
    done = fetch()
    assert (done.taken, done.left) == (0, 2)
    assert done.problem.startswith("mail cannot be stored")
    assert account.counts() == {"INBOX": many}
    assert not IncomingMail.objects.exists()


def test_mail_that_cannot_be_read_now_is_kept_and_moved(account, monkeypatch):
    def broken(*_given):
        raise OSError("the storage went away")

    account.deliver(mail())
    monkeypatch.setattr(inbox_round, "finish", broken)
    told: list[Taken] = []
    assert fetch(tell=told.append).taken == 1
    assert told[0].receipt is None
    assert account.counts() == {"Processed": 1}
    assert IncomingMail.objects.get().outcome == "", "the sweep's work"


def test_only_the_beginning_is_stored_of_a_mail_that_is_too_large(account, settings, monkeypatch):
    settings.IMAP_MAX_MB = 1
    monkeypatch.setattr(inbox_round, "BEGINNING", 5_000)
    account.deliver(mail("x" * 70 + "\n" + ("y" * 70 + "\n") * 20_000))
    assert fetch().problem == ""
    incoming = IncomingMail.objects.get()
    assert incoming.size > 1_400_000
    assert len(raw_bytes(incoming)) == 5_000
    assert incoming.outcome == "quarantined"
    assert "only its beginning was stored" in incoming.reason
    assert account.counts() == {"Held": 1}
    assert len(account.messages("Held")[0]) > 1_400_000


def test_folders_are_found_when_the_server_wants_a_prefix(settings):
    need_dovecot()
    server = Dovecot(prefix="INBOX.")
    try:
        account = server.account()
        read_from(settings, account)
        settings.IMAP_PROCESSED = "Desk/Größe"
        account.deliver(mail())
        told: list[Taken] = []
        assert fetch(tell=told.append).problem == ""
        assert told[0].folder == "INBOX.Desk.Größe"
        assert fetch().problem == "", "found again"
    finally:
        server.stop()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory) -> Path:
    """A certificate of our own for 127.0.0.1, with its key, that nobody trusts by itself."""
    folder = tmp_path_factory.mktemp("certificate")
    path = folder / "both.pem"
    subprocess.run(
        [
            "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "3650", "-subj", "/CN=127.0.0.1",
            "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", folder / "key.pem", "-out", folder / "cert.pem",
        ],
        check=True, capture_output=True,
    )  # fmt: skip
    path.write_bytes((folder / "cert.pem").read_bytes() + (folder / "key.pem").read_bytes())
    return path


@pytest.fixture(scope="module")
def secured(certificate) -> Iterator[Dovecot]:
    need_dovecot()
    server = Dovecot(certificate=certificate)
    yield server
    server.stop()


@pytest.mark.parametrize("tls", ["tls", "starttls"])
def test_line_is_secured_and_the_certificate_is_looked_at(secured, certificate, settings, monkeypatch, tls):
    account = secured.account()
    account.deliver(mail())
    read_from(settings, account)
    settings.IMAP_TLS, settings.IMAP_PORT = tls, secured.tls_port if tls == "tls" else secured.port
    assert "its certificate is not trusted" in fetch().problem
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    assert fetch().problem == ""
    assert account.counts() == {"Processed": 1}


def test_wrong_password_is_said_and_the_wait_grows(account, settings):
    settings.IMAP_PASSWORD = "wrong"
    waits = []
    for _ in range(3):
        done = fetch()
        waits.append(state().not_before - NOW)
    assert f"does not let {account.user} in" in done.problem
    assert waits == [dt.timedelta(seconds=30), dt.timedelta(seconds=60), dt.timedelta(seconds=120)]
    assert (state().failures, state().problem_since, state().succeeded_at) == (3, NOW, None)


def test_server_that_is_away_is_said(account, settings):
    settings.IMAP_PORT = 1
    assert "127.0.0.1:1 cannot be reached: Connection refused" in fetch().problem


def test_second_poller_does_nothing_while_the_first_is_at_it(account):
    account.deliver(numbered(1))
    inside: list[Pass] = []
    fetch(tell=lambda taken: inside.append(fetch()))
    assert [one.busy for one in inside] == [True]
    assert Case.objects.count() == 1


def test_mailbox_is_free_again_when_its_poller_fell_silent(account):
    account.deliver(numbered(1))
    later = NOW + dt.timedelta(seconds=301)
    inside: list[Pass] = []
    done = fetch(tell=lambda taken: inside.append(fetch(clock=lambda: later)))
    assert not inside[0].busy
    assert (done.busy, done.is_whole) == (False, False), "it sees that another took over, and stops"
    assert state().lease_until is None


@pytest.mark.django_db(transaction=True)
def test_two_pollers_at_once_open_one_case_for_each_mail(account, monkeypatch):
    """The lease taken away: even then nothing happens twice."""
    for number in range(12):
        account.deliver(numbered(number))
    monkeypatch.setattr(fetching, "take_lease", unbound_lease)
    results: list[Pass] = []

    def poll():
        try:
            results.append(fetch())
        finally:
            connection.close()

    pollers = [threading.Thread(target=poll) for _ in range(2)]
    for poller in pollers:
        poller.start()
    for poller in pollers:
        poller.join(60)
    assert len(results) == 2
    assert account.counts().get("INBOX") is None
    acknowledged = OutgoingMail.objects.filter(kind="acknowledgement").values_list("case_id", flat=True)
    assert (IncomingMail.objects.count(), Case.objects.count(), len(set(acknowledged))) == (12, 12, 12)
    assert len(acknowledged) == 12
    kept = {message_from_bytes(raw)["Message-ID"] for raw in account.messages("Processed")}
    assert kept == {f"<m{number}@example.com>" for number in range(12)}


def unbound_lease(name, now):
    """A lease that everybody gets, each of its own."""
    row = MailboxState.objects.create(name=f"{name}-{threading.get_ident()}", lease_holder="x")
    return Lease(row, "x")


def test_nothing_is_polled_when_no_mailbox_is_configured():
    from warrantydesk.intake.tasks import fetch_mail

    with override_settings(IMAP_HOST=""):
        assert configured_mailbox() is None
        fetch_mail()
    assert not MailboxState.objects.exists()
