"""The conversation of a case, and who looks after it."""

from __future__ import annotations

import datetime as dt

import pytest

from cases.actors import Actor
from cases.errors import NotAllowed, NotPossible, Stale
from cases.models import Absence, Case, Message, OutgoingMail
from cases.services import talking
from cases.tests.factories import RECEIVED_AT, REVIEWED_AT, CaseFactory, photo, refused_file, staff

pytestmark = pytest.mark.django_db
US = Actor.customer()
NOW = RECEIVED_AT + dt.timedelta(days=1)
MUCH_LATER = NOW + dt.timedelta(minutes=2)


def test_write_to_customer_says_it_once(colleague: Actor) -> None:
    case = CaseFactory()
    said = talking.write_to_customer(case.pk, text=" We look at it. ", actor=colleague, now=NOW)
    assert (said.direction, said.text, said.author, said.automatic) == ("out", "We look at it.", colleague.user, False)
    assert [mail.kind for mail in OutgoingMail.objects.filter(case=case)] == ["message"]
    with pytest.raises(Stale, match="have this message already"):
        talking.write_to_customer(case.pk, text="We look at it.", actor=colleague, now=NOW)
    assert Case.objects.get(pk=case.pk).changed_at == NOW


def test_same_words_are_said_again_when_time_has_passed_or_another_says_them(colleague: Actor) -> None:
    case = CaseFactory()
    for actor, now in ((colleague, NOW), (staff("support"), NOW), (colleague, MUCH_LATER)):
        talking.write_to_customer(case.pk, text="Thank you.", actor=actor, now=now)
    assert case.messages.filter(direction="out").count() == 3


def test_add_note_stays_among_ourselves(colleague: Actor) -> None:
    case = CaseFactory()
    note = talking.add_note(case.pk, text="Looks burnt.", actor=colleague, now=NOW)
    assert note.direction == "note"
    assert list(OutgoingMail.objects.filter(case=case)) == []


@pytest.mark.parametrize("verb", [talking.write_to_customer, talking.add_note])
def test_writing_needs_words_and_the_permission(colleague: Actor, outsider: Actor, verb: object) -> None:
    case = CaseFactory()
    with pytest.raises(NotPossible, match="Write something first"):
        verb(case.pk, text="  ", actor=colleague, now=NOW)  # type: ignore[operator]
    for actor in (outsider, US):
        with pytest.raises(NotAllowed):
            verb(case.pk, text="Hello", actor=actor, now=NOW)  # type: ignore[operator]
    assert Message.objects.filter(case=case).count() == 1


@pytest.mark.parametrize("state", ["submitted", "approved", "denied", "returned", "withdrawn"])
def test_receive_message_keeps_what_was_said_in_every_state(state: str) -> None:
    case = CaseFactory(state=state)
    message = talking.receive_message(
        case.pk, text="And now?", sender_name="Owner", sender_address="owner@example.com", subject="Re: it",
        files=[photo(7), refused_file()], in_reply_to="<a@example.com>", actor=US, now=NOW,
    )  # fmt: skip
    assert (message.direction, message.text, message.sender_address) == ("in", "And now?", "owner@example.com")
    assert [row.status for row in message.evidence.order_by("id")] == ["pending", "refused"]


def test_receive_message_keeps_a_mail_without_words() -> None:
    case = CaseFactory()
    assert talking.receive_message(case.pk, text="", in_reply_to="<a@example.com>", actor=US, now=NOW).text == ""


def test_receive_message_takes_a_form_sent_twice_once_and_two_mails_as_two() -> None:
    case = CaseFactory()
    talking.receive_message(case.pk, text="Hello?", actor=US, now=NOW)
    with pytest.raises(Stale):
        talking.receive_message(case.pk, text="Hello?", actor=US, now=NOW)
    talking.receive_message(case.pk, text="Hello?", in_reply_to="<b@example.com>", actor=US, now=NOW)
    talking.receive_message(case.pk, text="Hello?", actor=US, now=MUCH_LATER)
    assert case.messages.filter(text="Hello?").count() == 3


def test_assign_gives_the_case_to_somebody_who_may_handle_it(colleague: Actor, outsider: Actor) -> None:
    case = CaseFactory()
    assert talking.assign(case.pk, user=colleague.user, actor=colleague, now=NOW).assignee == colleague.user
    with pytest.raises(Stale):
        talking.assign(case.pk, user=colleague.user, actor=colleague, now=NOW)
    with pytest.raises(NotPossible, match="may not handle cases"):
        talking.assign(case.pk, user=outsider.user, actor=colleague, now=NOW)
    assert talking.assign(case.pk, user=None, actor=colleague, now=NOW).assignee is None
    assert [event.data["user"] for event in case.events.filter(name="assigned").order_by("id")] == [
        colleague.user.pk, None,  # type: ignore[union-attr]
    ]  # fmt: skip


def test_assign_refuses_an_account_that_was_closed(colleague: Actor) -> None:
    gone = staff("support", is_active=False)
    with pytest.raises(NotPossible, match="may not handle cases"):
        talking.assign(CaseFactory().pk, user=gone.user, actor=colleague, now=NOW)


@pytest.mark.parametrize(
    ("first", "last", "stays"),
    [("2025-11-01", "2025-11-05", False), ("2025-11-05", "2025-11-20", False), ("2025-11-06", "2025-11-20", True),
     ("2025-10-01", "2025-11-04", True)],
    ids=["last day away", "first day away", "leaves tomorrow", "back since today"],
)  # fmt: skip
def test_answer_of_the_customer_waits_for_everybody_while_its_owner_is_away(
    colleague: Actor, first: str, last: str, stays: bool
) -> None:
    case = CaseFactory()
    talking.assign(case.pk, user=colleague.user, actor=colleague, now=REVIEWED_AT)
    Absence.objects.create(person=colleague.user, first_on=first, last_on=last)
    talking.receive_message(case.pk, text="Any news?", actor=Actor.customer(), now=REVIEWED_AT)
    case.refresh_from_db(fields=["assignee"])
    assert case.assignee == (colleague.user if stays else None)
    handed_on = case.events.filter(kind="assigned", actor_kind="system")
    assert [event.data for event in handed_on] == ([] if stays else [{"user": None, "message": None}])
    assert stays or f"{colleague.user} is away through" in handed_on.get().why
