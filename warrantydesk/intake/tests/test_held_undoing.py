"""What a person did with a held mail can be taken back, and its history stays."""

import datetime as dt

import pytest

from cases.actors import Actor
from cases.errors import NotAllowed
from cases.models import Case, OutgoingMail
from cases.outbox.sending import send_due
from cases.services.opening import describe
from cases.services.talking import add_note, write_to_customer
from cases.tests.factories import CaseFactory, StaffFactory
from products.errors import Refused
from shipments.models import RepairShipment
from warrantydesk.intake.models import IncomingMail
from warrantydesk.intake.services import receive
from warrantydesk.intake.settling import attach_to_case, dismiss, make_case
from warrantydesk.intake.tests.conftest import NOW
from warrantydesk.intake.tests.mails import mail, picture
from warrantydesk.intake.undoing import take_back

pytestmark = pytest.mark.django_db

LATER = NOW + dt.timedelta(hours=1)


@pytest.fixture(autouse=True)
def _own_outbox(settings, tmp_path):
    settings.EMAIL_BACKEND = "cases.outbox.files.EmailBackend"
    settings.EMAIL_FILE_PATH = tmp_path / "outbox"


@pytest.fixture
def by() -> dict:
    return {"actor": Actor.staff(StaffFactory(role="support")), "now": LATER}


def held(text: str = "The fan rattles.", **more) -> IncomingMail:
    more = {"subject": "hello", "message_id": "<h@x>", "files": {"fan.jpg": picture()}, **more}
    incoming = receive(mail(text, **more), source="a", now=NOW).incoming
    assert incoming.outcome == "held"
    return incoming


def names(incoming: IncomingMail) -> list[str]:
    return [line["name"] for line in incoming.details["history"]]


def test_case_made_from_a_mail_is_withdrawn_in_silence_and_the_mail_waits_again(by):
    incoming = held()
    case = make_case(incoming.pk, **by)
    again = take_back(incoming.pk, **by)
    case = Case.objects.get(pk=case.pk)
    assert (again.outcome, again.settled_at, again.case, again.message) == ("held", None, None, None)
    assert names(again) == ["case_opened", "taken_back"]
    assert case.state == "withdrawn"
    assert [event.name for event in case.events.all()][-2:] == ["withdraw", "held_mail_taken_back"]
    # Nobody is told: the acknowledgement had not left yet, and no mail about the withdrawal is written.
    assert list(OutgoingMail.objects.values_list("kind", "status")) == [("acknowledgement", "cancelled")]
    assert (case.messages.filter(direction="in").count(), case.evidence.count()) == (1, 1)


def test_mail_taken_back_can_become_a_case_again(by):
    incoming = held()
    first = make_case(incoming.pk, **by)
    take_back(incoming.pk, **by)
    second = make_case(incoming.pk, **by)
    assert second.pk != first.pk
    incoming.refresh_from_db()
    assert (incoming.outcome, incoming.case) == ("case_opened", second)
    assert names(incoming) == ["case_opened", "taken_back", "case_opened"]
    take_back(incoming.pk, **by)
    assert set(Case.objects.values_list("state", flat=True)) == {"withdrawn"}


def test_acknowledgement_that_has_left_stays_sent(by):
    case = make_case(held().pk, **by)
    send_due(LATER + dt.timedelta(minutes=1))
    take_back(IncomingMail.objects.get().pk, **by)
    assert OutgoingMail.objects.get(case=case).status == "sent"
    assert Case.objects.get().state == "withdrawn"


WORK = {
    "written to": lambda case, by: write_to_customer(case.pk, text="Which fan?", **by),
    "noted": lambda case, by: add_note(case.pk, text="Known fault.", **by),
    "answered": lambda case, by: receive(
        mail("A photo", message_id="<r@x>", subject="Re: x",
             In_Reply_To=OutgoingMail.objects.get(kind="acknowledgement").rfc_message_id),
        source="b", now=LATER,
    ),
}  # fmt: skip


@pytest.mark.parametrize("work", WORK.values(), ids=WORK)
def test_case_somebody_worked_on_is_not_withdrawn_behind_their_back(by, work):
    incoming = held()
    case = make_case(incoming.pk, **by)
    work(case, by)
    before = IncomingMail.objects.values().get(pk=incoming.pk)
    with pytest.raises(Refused, match="worked on this case"):
        take_back(incoming.pk, **by)
    assert IncomingMail.objects.values().get(pk=incoming.pk) == before
    assert Case.objects.get(pk=case.pk).state != "withdrawn"


def test_details_put_right_do_not_keep_a_case(by):
    incoming = held()
    case = make_case(incoming.pk, **by)
    describe(case.pk, description="Better said.", **by)
    take_back(incoming.pk, **by)
    assert Case.objects.get(pk=case.pk).state == "withdrawn"


def test_attached_mail_leaves_the_conversation_and_stays_as_a_note(by):
    case = CaseFactory()
    incoming = held()
    attach_to_case(incoming.pk, case.pk, **by)
    fan = case.evidence.get(name="fan.jpg")
    again = take_back(incoming.pk, **by)
    assert (again.outcome, again.case, again.message) == ("held", None, None)
    assert case.messages.get(text="The fan rattles.").direction == "note"
    assert case.evidence.filter(name="fan.jpg").count() == 0
    event = case.events.get(name="taken_out")
    assert (event.data["files"], event.actor) == ([fan.pk], by["actor"].user)
    attach_to_case(incoming.pk, case.pk, **by)
    assert sorted(case.messages.filter(text="The fan rattles.").values_list("direction", flat=True)) == ["in", "note"]
    assert case.evidence.filter(name="fan.jpg").count() == 1


def test_mail_goes_back_beside_the_case_it_seemed_to_belong_to(by, hinge):
    seemed = receive(mail(), source="a", now=NOW).case
    incoming = held(sender="Ada Kunde <ada@example.com>")
    assert incoming.case == seemed
    attach_to_case(incoming.pk, CaseFactory().pk, **by)
    again = take_back(incoming.pk, **by)
    assert (again.case, again.why) == (seemed, "ambiguous")


def test_same_photo_that_was_there_before_stays(by):
    case = CaseFactory()
    first, second = held(message_id="<1@x>"), held(message_id="<2@x>")
    attach_to_case(first.pk, case.pk, **by)
    attach_to_case(second.pk, case.pk, **by)
    take_back(second.pk, **by)
    assert case.evidence.get(name="fan.jpg").message == IncomingMail.objects.get(pk=first.pk).message


def test_parcel_the_mail_proposed_goes_with_it(by):
    case = CaseFactory()
    incoming = held("Sent it today, tracking number 1Z999AA10123456784")
    attach_to_case(incoming.pk, case.pk, **by)
    assert RepairShipment.objects.get().proposed
    take_back(incoming.pk, **by)
    assert RepairShipment.objects.get().cancelled_at == LATER


@pytest.mark.parametrize("verb", ["make", "attach", "dismiss"])
def test_taking_back_twice_does_nothing_the_second_time(by, verb):
    incoming = held()
    if verb == "make":
        make_case(incoming.pk, **by)
    elif verb == "attach":
        attach_to_case(incoming.pk, CaseFactory().pk, **by)
    else:
        dismiss(incoming.pk, why="Spam.", **by)
    take_back(incoming.pk, **by)
    before = IncomingMail.objects.values().get(pk=incoming.pk)
    with pytest.raises(Refused, match="nothing to take back"):
        take_back(incoming.pk, **by)
    assert IncomingMail.objects.values().get(pk=incoming.pk) == before


def test_what_the_desk_did_by_itself_is_not_taken_back_here(by, hinge):
    incoming = receive(mail(), source="a", now=NOW).incoming
    with pytest.raises(Refused, match="nothing to take back"):
        take_back(incoming.pk, **by)


def test_taking_back_asks_for_the_permission():
    incoming = held()
    with pytest.raises(NotAllowed):
        take_back(incoming.pk, actor=Actor.staff(StaffFactory(role="viewer")), now=LATER)
