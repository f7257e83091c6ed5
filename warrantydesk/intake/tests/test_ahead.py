"""A message kept while another becomes a case: in order, committed, and what goes wrong is told where it is asked."""

import threading

import pytest
from django.core.files.storage import default_storage
from django.db import connection, transaction

from cases.models import Case, OutgoingMail
from warrantydesk.intake import ahead, services
from warrantydesk.intake.ahead import beginning_ahead
from warrantydesk.intake.models import IncomingMail
from warrantydesk.intake.tests.conftest import NOW
from warrantydesk.intake.tests.mails import mail, picture
from warrantydesk.tests.processes import wait_for

pytestmark = pytest.mark.django_db(transaction=True)


def letter(number: int) -> bytes:
    return mail(
        message_id=f"<m{number}@example.com>",
        sender=f"Ada <ada{number}@example.com>",
        files={"p.jpg": picture()},
    )


def test_each_becomes_a_case_in_the_order_they_came(hinge):
    letters = [letter(number) for number in range(5)]
    with beginning_ahead() as begin:
        begun = services.one_behind(begin(raw, source="a", now=NOW) for raw in [*letters, letters[0]])
        receipts = [services.finish(one.result(), NOW) for one in begun]
    assert [receipt.outcome for receipt in receipts] == ["case_opened"] * 5 + ["duplicate"]
    assert [receipt.incoming.pk for receipt in receipts[:5]] == sorted(
        IncomingMail.objects.values_list("pk", flat=True)
    )
    assert Case.objects.count() == OutgoingMail.objects.filter(kind="acknowledgement").count() == 5


def test_message_is_committed_before_anything_else_is_done_with_it(hinge):
    with beginning_ahead() as begin:
        begun = begin(letter(1), source="a", now=NOW).result()
        row = IncomingMail.objects.get(pk=begun.incoming.pk)
        assert default_storage.exists(row.raw.name)
        assert (row.outcome, row.claimed_at) == ("", NOW)
        begun.let_go()


def test_what_goes_wrong_is_told_by_its_result_and_the_next_is_kept(hinge, monkeypatch):
    whole, bad = letter(1), letter(2)

    def broken(raw, **told):
        if raw == bad:
            raise OSError("no space left")
        return services.begin(raw, **told)

    monkeypatch.setattr(ahead, "begin", broken)
    with beginning_ahead() as begin:
        first, second = (begin(raw, source="a", now=NOW) for raw in (bad, whole))
        with pytest.raises(OSError, match="no space left"):
            first.result()
        assert services.finish(second.result(), NOW).outcome == "case_opened"


def test_another_thread_keeps_where_the_database_takes_two_writers_and_its_connection_is_closed(monkeypatch):
    threads = []
    monkeypatch.setattr(ahead, "begin", lambda *_raw, **_told: threads.append((threading.current_thread(), _pid())))
    with beginning_ahead() as begin:
        begin(b"").result()
    [(thread, pid)] = threads
    assert (thread is threading.current_thread()) == (connection.vendor == "sqlite")
    if connection.vendor == "postgresql":
        assert pid != _pid()
        wait_for("the connection of the thread to be closed", lambda: not _is_connected(pid))
    assert not thread.is_alive() or thread is threading.current_thread()


def _pid() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()" if connection.vendor == "postgresql" else "SELECT 0")
        return cursor.fetchone()[0]


def _is_connected(pid: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_stat_activity WHERE pid = %s", [pid])
        return cursor.fetchone() is not None


def test_within_a_transaction_it_is_done_here_and_now(hinge):
    with transaction.atomic(), beginning_ahead() as begin:
        begun = begin(letter(1), source="a", now=NOW)
        assert IncomingMail.objects.filter(pk=begun.result().incoming.pk).exists()
        begun.result().let_go()
