"""Writing mails into the outbox: once for each key, never beyond the caps, and never one that cannot be answered."""

import datetime as dt
from threading import Barrier, Thread

import pytest
from django.db import connection, transaction
from django.test import override_settings

from cases.models import Case, CaseEvent, Message, OutgoingMail
from cases.outbox.caps import fold_address, reached_cap
from cases.outbox.composing import cancel_mail, latest_mail
from cases.outbox.headers import joined_references, message_ids, one_line, own_message_id
from cases.tests.mailroom import NOW, a_case, a_mail, queue

pytestmark = pytest.mark.django_db
Status = OutgoingMail.Status


def test_queue_mail_writes_row_and_message_when_nothing_hinders() -> None:
    case = a_case()
    mail = queue(case)
    assert mail is not None
    assert (mail.status, mail.to_address, mail.not_before) == (Status.QUEUED, "owner@example.com", NOW)
    assert mail.message is not None
    assert (mail.message.direction, mail.message.automatic, mail.message.text) == ("out", True, "Some words.")
    assert OutgoingMail.TOKEN_PLACE in mail.body


def test_queue_mail_returns_the_first_when_the_key_comes_again() -> None:
    case = a_case()
    first = queue(case)
    second = queue(case, context={"words": "Other words."}, now=NOW + dt.timedelta(hours=1))
    assert first == second
    assert (OutgoingMail.objects.count(), Message.objects.filter(direction="out").count()) == (1, 1)


def test_queue_mail_keeps_a_given_message_when_somebody_wrote_it() -> None:
    case = a_case()
    said = Message.objects.create(case=case, direction="out", text="By hand.", at=NOW)
    mail = queue(case, message=said, automatic=False)
    assert mail is not None
    assert mail.message == said
    assert list(Message.objects.filter(direction="out")) == [said]


def test_message_is_dated_when_the_mail_leaves_when_it_can_be_undone() -> None:
    later = NOW + dt.timedelta(seconds=30)
    mail = queue(a_case(), not_before=later)
    assert mail is not None
    assert mail.message is not None
    assert mail.message.at == later


def test_message_id_is_the_same_and_secret_when_made_from_a_key() -> None:
    first = own_message_id("acknowledgement:1")
    assert first == own_message_id("acknowledgement:1")
    assert first != own_message_id("acknowledgement:2")
    assert first.endswith("@positron.example>")
    with override_settings(SECRET_KEY="another"):
        assert own_message_id("acknowledgement:1") != first


def test_cancel_mail_takes_mail_and_words_back_when_it_still_waits() -> None:
    case = a_case()
    mail = queue(case)
    assert mail is not None
    assert cancel_mail(mail)
    assert cancel_mail(mail), "a second time changes nothing"
    mail.refresh_from_db()
    assert mail.status == Status.CANCELLED
    assert not Message.objects.filter(direction="out").exists()


@pytest.mark.parametrize("status", [Status.SENDING, Status.SENT, Status.UNCERTAIN, Status.FAILED])
def test_cancel_mail_refuses_when_the_mail_began_to_leave(status: str) -> None:
    mail = queue(a_case())
    assert mail is not None
    OutgoingMail.objects.update(status=status, sent_at=NOW)
    assert not cancel_mail(mail)
    assert OutgoingMail.objects.get().status == status
    assert Message.objects.filter(direction="out").count() == 1


def test_latest_mail_is_the_newest_of_its_kind_when_there_are_several() -> None:
    case = a_case()
    assert latest_mail(case, "message") is None
    queue(case)
    newer = queue(case, "test:2", now=NOW + dt.timedelta(minutes=1))
    queue(case, "test:3", kind="quote", now=NOW + dt.timedelta(minutes=2))
    assert latest_mail(case, "message") == newer


# ── Caps ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

MINUTES = dt.timedelta(minutes=1)
TO = "victim@example.com"
CAPS = [
    # id, mails already written (address, minutes before), the cap that is reached
    ("nothing_yet", [], ""),
    ("two_today", [(TO, 600), (TO, 300)], ""),
    ("three_today", [(TO, 900), (TO, 600), (TO, 300)], "address"),
    ("three_of_which_one_yesterday", [(TO, 1441), (TO, 600), (TO, 300)], ""),
    ("three_under_other_tags", [("Victim+a@example.com", 9), ("victim+b@EXAMPLE.com", 8), (TO, 7)], "address"),
    ("three_to_others", [("a@example.com", 900), ("b@example.com", 600), ("c@example.com", 300)], ""),
    ("domain_full", [(f"n{n}@example.com", 59) for n in range(30)], "domain"),
    ("domain_full_before_the_hour", [(f"n{n}@example.com", 61) for n in range(30)], ""),
    ("domain_full_elsewhere", [(f"n{n}@notexample.com", 59) for n in range(30)], ""),
    ("everything_full", [(f"n@d{n}.example", 59) for n in range(600)], "hour"),
]


@pytest.mark.parametrize(("before", "reached"), [row[1:] for row in CAPS], ids=[row[0] for row in CAPS])
def test_cap_is_reached_when_so_many_were_written(before: list[tuple[str, int]], reached: str) -> None:
    OutgoingMail.objects.bulk_create(
        OutgoingMail(
            key=f"k{n}",
            kind="acknowledgement",
            to_address=address,
            rfc_message_id=f"<{n}@x>",
            created_at=NOW - minutes * MINUTES,
            not_before=NOW,
        )
        for n, (address, minutes) in enumerate(before)
    )
    assert reached_cap(TO, NOW) == reached


def test_capped_mail_leaves_an_event_and_no_message_when_the_cap_is_reached() -> None:
    case = a_case(TO)
    for n in range(3):
        assert queue(case, f"test:{n}") is not None
    assert queue(case, "test:4") is None
    event = CaseEvent.objects.get(kind="mail", name="capped")
    assert (event.case, event.data) == (case, {"mail": "message", "to": TO, "cap": "address"})
    assert Message.objects.filter(direction="out").count() == 3


def test_mail_by_staff_is_neither_counted_nor_held_when_the_cap_is_reached() -> None:
    case = a_case(TO)
    for n in range(5):
        assert queue(case, f"staff:{n}", automatic=False) is not None
    assert [queue(case, f"auto:{n}") is not None for n in range(4)] == [True, True, True, False]
    assert queue(case, "staff:6", automatic=False) is not None


@pytest.mark.parametrize(
    ("address", "name"),
    [("", "no_address"), ("warranty@positron.example", "own_address"), ("Warranty+x1@Positron.example", "own_address")],
)
def test_no_mail_is_written_when_it_could_only_come_back(address: str, name: str) -> None:
    case = a_case()
    case.customer.email = address
    case.customer.save()
    assert queue(case, automatic=False) is None
    assert CaseEvent.objects.get(kind="mail").name == name


@pytest.mark.parametrize(
    ("address", "folded"),
    [
        ("Jane@Example.COM", "jane@example.com"),
        ("jane+warranty@example.com", "jane@example.com"),
        ("j.a.n.e+x@gmail.com", "jane@gmail.com"),
        ("jane@googlemail.com", "jane@gmail.com"),
        ("j.ane@example.com", "j.ane@example.com"),
        ("+odd@example.com", "+odd@example.com"),
        ("ｊane@example.com", "jane@example.com"),
        ("jane@bücher.example", "jane@xn--bcher-kva.example"),
        ("jane@XN--BCHER-KVA.example", "jane@xn--bcher-kva.example"),
        ("jane@xn--.example", "jane@xn--.example"),
        (f"jane@{'a' * 70}.example", f"jane@{'a' * 70}.example"),
    ],
)
def test_fold_address_names_the_mailbox_when_addresses_are_written_in_many_ways(address: str, folded: str) -> None:
    assert fold_address(address) == folded


@pytest.mark.parametrize(
    ("spellings", "reached"),
    [
        (["j.ane@gmail.com", "jane+x@googlemail.com", "ja.ne@googlemail.com"], "address"),
        (["jane@gmail.com", "jane@googlemail.com", "john@googlemail.com"], ""),
        ([f"n{n}@{'googlemail' if n % 2 else 'gmail'}.com" for n in range(30)], "domain"),
    ],
    ids=["one-mailbox-by-two-names", "another-mailbox", "one-domain-by-two-names"],
)
def test_cap_counts_a_domain_by_all_its_names(spellings: list[str], reached: str) -> None:
    OutgoingMail.objects.bulk_create(
        OutgoingMail(
            key=f"k{n}", kind="acknowledgement", to_address=address, rfc_message_id=f"<{n}@x>",
            created_at=NOW - 5 * MINUTES, not_before=NOW,
        )
        for n, address in enumerate(spellings)
    )  # fmt: skip
    assert reached_cap("jane@gmail.com", NOW) == reached


def _in_threads(count: int, work) -> list:  # type: ignore[no-untyped-def]
    """Run `work(n)` in so many threads that start together; what each returned."""
    barrier, answers = Barrier(count), [None] * count

    def run(n: int) -> None:
        try:
            barrier.wait()
            answers[n] = work(n)
        finally:
            connection.close()

    threads = [Thread(target=run, args=(n,)) for n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


@pytest.mark.django_db(transaction=True)
def test_only_one_gets_the_last_place_when_two_mails_are_written_at_once(eager_tasks: None) -> None:
    case = a_case(TO)
    for n in range(2):
        a_mail(case, key=f"before:{n}", automatic=True)

    def write(n: int) -> OutgoingMail | None:
        with transaction.atomic():
            return queue(Case.objects.get(pk=case.pk), f"test:{n}")

    mails = _in_threads(2, write)
    assert sum(mail is not None for mail in mails) == 1
    assert CaseEvent.objects.filter(kind="mail", name="capped").count() == 1


@pytest.mark.django_db(transaction=True)
def test_one_mail_is_written_when_two_threads_bring_the_same_key(eager_tasks: None) -> None:
    case = a_case()

    def write(n: int) -> OutgoingMail | None:
        with transaction.atomic():
            return queue(Case.objects.get(pk=case.pk), "test:same")

    first, second = _in_threads(2, write)
    assert first == second
    assert (OutgoingMail.objects.count(), Message.objects.filter(direction="out").count()) == (1, 1)


# ── Headers ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("written", "line"),
    [
        ("plain", "plain"),
        ("Jane\r\nBcc: all@example.com", "Jane Bcc: all@example.com"),
        ("a\u2028b\u2029c\x0bd\x00e\x85f", "a b c d e f"),
        ("\u202egpj.exe", "gpj.exe"),
        ("  much   room  ", "much room"),
        ("x" * 300, "x" * 250),
    ],
)
def test_one_line_is_one_harmless_line_when_text_is_hostile(written: str, line: str) -> None:
    assert one_line(written, 250) == line


@pytest.mark.parametrize(
    ("header", "ids"),
    [
        ("<a@x> <b@y>", ["<a@x>", "<b@y>"]),
        ("<a@x><a@x>", ["<a@x>"]),
        ("no id at all", []),
        ("<a@x>\r\nBcc: <victim@example.com>", ["<a@x>", "<victim@example.com>"]),
        ("<a b@x>", []),
        (f"<{'a' * 300}@x>", []),
        ("<ünï@x>", []),
    ],
)
def test_message_ids_takes_only_ids_when_the_header_holds_more(header: str, ids: list[str]) -> None:
    assert message_ids(header) == ids


def test_references_keep_the_first_and_the_newest_when_a_thread_is_long() -> None:
    ids = [f"<{n}@x>" for n in range(30)]
    kept = joined_references(" ".join(ids)).split()
    assert kept[0] == "<0@x>"
    assert kept[-1] == "<29@x>"
    assert len(kept) == 12


def test_mails_of_a_case_refer_to_each_other_when_there_are_several() -> None:
    case = a_case()
    first = queue(case, in_reply_to="<question@example.com>", references="<start@example.com>")
    second = queue(case, "test:2", now=NOW + dt.timedelta(minutes=1))
    assert first is not None
    assert second is not None
    assert first.in_reply_to == "<question@example.com>"
    assert first.references == "<start@example.com> <question@example.com>"
    assert second.in_reply_to == ""
    assert second.references == f"<start@example.com> <question@example.com> {first.rfc_message_id}"
