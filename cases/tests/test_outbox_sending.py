"""Sending: every row ends as sent, failed, waiting or uncertain, whoever dies where, and nothing is sent twice."""

import datetime as dt
from pathlib import Path
from threading import Barrier, Thread

import pytest
from django.db import connection

from cases.errors import NotPossible, Stale
from cases.models import CaseEvent, CaseLink, OutgoingMail
from cases.outbox import files, sending, settling
from cases.tests.mailroom import NOW, a_case, a_mail, queue, written_mails

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mail_folder")]
Status = OutgoingMail.Status
MUCH_LATER = NOW + dt.timedelta(hours=1)


def test_mail_is_sent_when_it_is_due() -> None:
    mail = queue(a_case())
    assert mail is not None
    assert sending.send_one(mail.pk, NOW) == Status.SENT
    mail.refresh_from_db()
    assert (mail.status, mail.sent_at, mail.handed_over_at, mail.attempts) == (Status.SENT, NOW, NOW, 1)
    assert [letter["Message-ID"] for letter in written_mails()] == [mail.rfc_message_id]


def test_mail_waits_when_it_is_not_due_yet() -> None:
    mail = a_mail(a_case(), not_before=NOW + dt.timedelta(seconds=30))
    assert sending.send_one(mail.pk, NOW) is None
    assert sending.send_due(NOW) == 0
    assert written_mails() == []
    assert sending.send_due(NOW + dt.timedelta(seconds=31)) == 1


@pytest.mark.parametrize("status", [Status.SENDING, Status.SENT, Status.FAILED, Status.UNCERTAIN, Status.CANCELLED])
def test_mail_is_left_alone_when_it_does_not_wait(status: str) -> None:
    mail = a_mail(a_case(), status=status, sent_at=NOW, claimed_at=NOW)
    assert sending.send_one(mail.pk, NOW) is None
    assert sending.send_due(NOW) == 0
    assert written_mails() == []


def test_send_due_sends_the_oldest_first_when_there_is_a_limit() -> None:
    case = a_case()
    for n in range(5):
        a_mail(case, key=f"k{n}", not_before=NOW - dt.timedelta(minutes=n))
    assert sending.send_due(NOW, limit=2) == 2
    assert set(OutgoingMail.objects.filter(status=Status.SENT).values_list("key", flat=True)) == {"k4", "k3"}


def test_second_run_sends_nothing_when_the_task_comes_twice() -> None:
    mail = a_mail(a_case())
    assert [sending.send_one(mail.pk, NOW), sending.send_one(mail.pk, NOW)] == [Status.SENT, None]
    assert len(written_mails()) == 1


@pytest.mark.django_db(transaction=True)
def test_mail_is_sent_once_when_two_senders_race() -> None:
    mails = [a_mail(a_case(f"owner{n}@example.com"), key=f"k{n}") for n in range(6)]
    barrier, sent = Barrier(2), []

    def race() -> None:
        try:
            barrier.wait()
            sent.extend(sending.send_one(mail.pk, NOW) for mail in mails)
        finally:
            connection.close()

    threads = [Thread(target=race) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(str, sent)) == ["None"] * 6 + ["sent"] * 6
    assert set(OutgoingMail.objects.values_list("status", "attempts")) == {(Status.SENT, 1)}


def test_mail_fails_for_good_when_no_mail_can_carry_it() -> None:
    mail = a_mail(a_case(), to_address="not an address")
    assert sending.send_one(mail.pk, NOW) == Status.FAILED
    event = CaseEvent.objects.get(kind="mail")
    assert (event.name, event.data["mail_id"]) == ("failed", mail.pk)


# ── Senders that died ────────────────────────────────────────────────────────────────────────────────────────────────

LONG_AGO = NOW - sending.STALE_AFTER - dt.timedelta(minutes=1)
JUST_NOW = NOW - sending.STALE_AFTER + dt.timedelta(minutes=1)


def test_mail_goes_back_to_the_queue_when_its_sender_died_before_handing_it_over() -> None:
    mail = a_mail(a_case(), status=Status.SENDING, claimed_at=LONG_AGO, attempts=1)
    CaseLink.objects.create(
        case=mail.case, mail=mail, kind="portal", token_hash="x", address="a@b.example", created_at=NOW, expires_at=NOW
    )
    assert sending.sweep_unfinished(NOW) == 1
    mail.refresh_from_db()
    assert (mail.status, mail.claimed_at) == (Status.QUEUED, None)
    assert not CaseLink.objects.exists(), "nobody can hold a token of a mail that never left"
    assert sending.send_due(NOW) == 1


def test_claim_is_respected_when_it_is_young() -> None:
    a_mail(a_case(), status=Status.SENDING, claimed_at=JUST_NOW, attempts=1)
    assert sending.sweep_unfinished(NOW) == 0
    assert OutgoingMail.objects.get().status == Status.SENDING


def test_mail_is_sent_when_its_file_proves_it() -> None:
    mail = queue(a_case())
    assert mail is not None
    sending.send_one(mail.pk, LONG_AGO + dt.timedelta(hours=1))
    OutgoingMail.objects.update(
        status=Status.SENDING, claimed_at=LONG_AGO, handed_over_at=LONG_AGO, sent_at=None, attempts=1
    )
    assert sending.sweep_unfinished(NOW) == 1
    mail.refresh_from_db()
    assert (mail.status, mail.sent_at) == (Status.SENT, LONG_AGO)
    assert len(written_mails()) == 1


def test_mail_goes_back_to_the_queue_when_its_file_is_missing() -> None:
    mail = a_mail(a_case(), status=Status.SENDING, claimed_at=LONG_AGO, handed_over_at=LONG_AGO, attempts=1)
    assert sending.sweep_unfinished(NOW) == 1
    mail.refresh_from_db()
    assert (mail.status, mail.handed_over_at) == (Status.QUEUED, None)
    assert sending.send_due(NOW) == 1


def test_mail_is_uncertain_when_nobody_can_prove_that_it_left(settings: object) -> None:
    settings.EMAIL_BACKEND = "cases.outbox.smtp.EmailBackend"  # type: ignore[attr-defined]
    mail = a_mail(a_case(), status=Status.SENDING, claimed_at=LONG_AGO, handed_over_at=LONG_AGO, attempts=1)
    assert sending.sweep_unfinished(NOW) == 1
    mail.refresh_from_db()
    assert mail.status == Status.UNCERTAIN
    event = CaseEvent.objects.get(kind="mail", name="uncertain")
    assert (event.case, event.data["mail_id"]) == (mail.case, mail.pk)
    assert sending.send_due(MUCH_LATER) == 0, "it is never sent again by itself"
    assert sending.sweep_unfinished(MUCH_LATER) == 0


def test_sender_taken_for_dead_sends_nothing_when_it_wakes_up() -> None:
    mail = a_mail(a_case())
    slow = sending._claim(mail.pk, LONG_AGO.replace(year=2027))
    assert slow is not None
    OutgoingMail.objects.update(claimed_at=LONG_AGO)
    sending.sweep_unfinished(NOW)
    assert sending._deliver(slow, sending.Line(), NOW) == Status.SENDING
    assert written_mails() == []
    assert sending.send_due(NOW) == 1


def test_mail_is_tried_again_later_when_the_disk_is_full(mail_folder: Path) -> None:
    mail_folder.parent.mkdir(exist_ok=True)
    mail_folder.write_text("a file where the folder should be")
    mail = queue(a_case())
    assert mail is not None
    assert sending.send_one(mail.pk, NOW) == Status.QUEUED
    mail.refresh_from_db()
    assert mail.not_before == NOW + dt.timedelta(minutes=1)
    assert "FileExistsError" in mail.problem
    assert not CaseLink.objects.exists()


@pytest.mark.parametrize(("attempts", "minutes"), [(1, 1), (2, 5), (3, 15), (6, 120), (7, 240), (20, 240)], ids=str)
def test_waits_grow_when_attempts_fail(attempts: int, minutes: int, mail_folder: Path) -> None:
    mail_folder.write_text("")
    mail = a_mail(a_case(), attempts=attempts - 1)
    sending.send_one(mail.pk, NOW)
    mail.refresh_from_db()
    assert (mail.status, mail.not_before) == (Status.QUEUED, NOW + dt.timedelta(minutes=minutes))


def test_mail_fails_when_five_days_of_trying_are_over(mail_folder: Path) -> None:
    mail_folder.write_text("")
    mail = a_mail(a_case(), attempts=35)
    assert sending.send_one(mail.pk, NOW) == Status.FAILED
    assert CaseEvent.objects.get(kind="mail").name == "failed"


# ── What a person decides ────────────────────────────────────────────────────────────────────────────────────────────


def test_uncertain_mail_leaves_again_when_a_person_says_so(colleague) -> None:  # type: ignore[no-untyped-def]
    mail = a_mail(a_case(), status=Status.UNCERTAIN, claimed_at=LONG_AGO, handed_over_at=LONG_AGO, attempts=36)
    settling.send_again(mail.pk, actor=colleague, now=NOW)
    assert sending.send_due(NOW) == 1
    assert [letter["Message-ID"] for letter in written_mails()] == [mail.rfc_message_id]
    assert CaseEvent.objects.get(kind="mail").name == "sent_again"


def test_uncertain_mail_counts_as_sent_when_a_person_knows(colleague) -> None:  # type: ignore[no-untyped-def]
    mail = a_mail(a_case(), status=Status.UNCERTAIN, handed_over_at=LONG_AGO)
    assert settling.take_as_sent(mail.pk, actor=colleague, now=NOW).sent_at == LONG_AGO
    assert OutgoingMail.objects.get().status == Status.SENT


@pytest.mark.parametrize(
    ("status", "refusal"),
    [(Status.QUEUED, Stale), (Status.SENDING, Stale), (Status.SENT, Stale), (Status.CANCELLED, NotPossible)],
)
def test_sending_again_is_refused_when_there_is_no_doubt(status, refusal, colleague) -> None:  # type: ignore[no-untyped-def]
    mail = a_mail(a_case(), status=status, sent_at=NOW)
    with pytest.raises(refusal):
        settling.send_again(mail.pk, actor=colleague, now=NOW)


def test_bounce_is_noted_once_when_a_mail_comes_back_twice() -> None:
    mail = a_mail(a_case(), status=Status.SENT, sent_at=NOW)
    assert settling.note_bounce(mail.rfc_message_id, reason="550 no such user", now=NOW) == mail
    assert settling.note_bounce(mail.rfc_message_id, reason="again", now=NOW) is None
    assert settling.note_bounce("<of.somebody@else.example>", reason="", now=NOW) is None
    mail.refresh_from_db()
    assert (mail.bounced_at, mail.bounce_reason) == (NOW, "550 no such user")
    assert CaseEvent.objects.filter(kind="mail", name="bounced").count() == 1


# ── The file backend ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_same_mail_twice_is_one_file_when_the_backend_is_files(mail_folder: Path) -> None:
    from django.core.mail import EmailMessage

    backend = files.EmailBackend()
    letters = [EmailMessage(f"{n}", "words", to=["a@b.example"], headers={"Message-ID": "<1@x>"}) for n in range(2)]
    assert [backend.send_messages([letter]) for letter in letters] == [1, 1]
    assert [letter["Subject"] for letter in written_mails()] == ["0"]
    assert [path.name for path in mail_folder.iterdir()] == ["1@x.eml"], "no drafts are left behind"
    assert backend.has_mail("<1@x>")
    assert not backend.has_mail("<2@x>")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("<../../etc/passwd@x>", "<.._.._etc_passwd@x>"),
        ("<a/b@x>", "<a_b@x>"),
        (f"<{'a' * 400}@x>", f"<{'a' * 401}@x>"),
    ],
)
def test_file_name_is_harmless_and_its_own_when_ids_are_hostile(first: str, second: str) -> None:
    names = {files.file_name(first), files.file_name(second)}
    assert len(names) == 2
    assert all("/" not in name and not name.startswith(".") and len(name) < 200 for name in names)
