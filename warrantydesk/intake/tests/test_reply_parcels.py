"""A tracking number in a customer's reply is a proposal to staff, and nothing more."""

import datetime as dt

import pytest

from cases.actors import Actor
from cases.models import OutgoingMail
from cases.tests.factories import StaffFactory
from shipments.models import RepairShipment
from shipments.services import cancel, confirm
from warrantydesk.intake.models import IncomingMail
from warrantydesk.intake.services import receive
from warrantydesk.intake.tests.conftest import NOW
from warrantydesk.intake.tests.mails import mail

pytestmark = pytest.mark.django_db

LATER = NOW + dt.timedelta(hours=1)
UPS = "1Z999AA10123456784"


@pytest.fixture
def case(hinge):
    return receive(mail(), source="a", now=NOW).case


def reply(text: str, number: int = 2, **more) -> IncomingMail:
    ours = OutgoingMail.objects.get(kind="acknowledgement").rfc_message_id
    raw = mail(text, subject="Re: x", message_id=f"<{number}@x>", In_Reply_To=ours, **more)
    return receive(raw, source="b", now=LATER).incoming


ROWS = {
    "by its check digit": (f"I sent it: {UPS}", [("ups", UPS)]),
    "with blanks": ("sent with 1Z 999 AA1 01 2345 6784 today", [("ups", UPS)]),
    "behind a word": (f"tracking number: {UPS}", [("ups", UPS)]),
    "twice": (f"{UPS} and again {UPS}", [("ups", UPS)]),
    "wrong check digit": ("1Z999AA10123456785", []),
    "of no known carrier, behind a word": ("Tracking number: ZX-44815162", [("manual", "ZX44815162")]),
    "of no known carrier": ("the box says ZX44815162", []),
    "a telephone number": ("call me: +49 170 1234567", []),
    "the invoice and the serial": ("invoice INV-2024-00123, serial SN-AB12-9988", []),
    "quoted": (f"thanks\n\n> our parcel to you: {UPS}", []),
    "none": ("thank you", []),
}


@pytest.mark.parametrize(("text", "parcels"), ROWS.values(), ids=ROWS)
def test_number_in_a_reply_is_a_proposed_parcel_to_the_workshop(case, text, parcels):
    assert reply(text).outcome == "reply_added"
    found = RepairShipment.objects.filter(case=case)
    assert [one.tracking_number for one in found] == [number for _carrier, number in parcels]
    if parcels and parcels[0][0] != "manual":
        assert [one.carrier for one in found] == [carrier for carrier, _number in parcels]
    assert {(one.direction, one.proposed, one.next_look_at) for one in found} <= {("to_workshop", True, None)}


def test_number_in_the_subject_counts(case):
    ours = OutgoingMail.objects.get(kind="acknowledgement").rfc_message_id
    receive(mail("see subject", subject=f"Re: sent {UPS}", message_id="<2@x>", In_Reply_To=ours), source="b", now=LATER)
    assert RepairShipment.objects.get().tracking_number == UPS


def test_first_mail_proposes_no_parcel(hinge):
    receive(mail(f"Serial number: SN-AB12-9988, came with {UPS}"), source="a", now=NOW)
    assert not RepairShipment.objects.exists()


def test_number_said_again_is_the_same_parcel_also_after_staff_decided(case):
    staff = {"actor": Actor.staff(StaffFactory(role="support")), "now": LATER}
    reply(UPS, 2)
    reply(UPS, 3)
    parcel = RepairShipment.objects.get()
    confirm(parcel.pk, **staff)
    reply(UPS, 4)
    assert RepairShipment.objects.get().proposed is False
    cancel(parcel.pk, why="none of ours", **staff)
    reply(UPS, 5)
    assert RepairShipment.objects.get().cancelled_at == LATER


def test_strangers_mail_proposes_nothing(case):
    assert reply(UPS, sender="mallory@example.org").outcome == "held"
    assert not RepairShipment.objects.exists()


def test_mail_full_of_numbers_proposes_three_at_most(case):
    reply("tracking numbers: " + ", ".join(f"ZX-4481516{n}" for n in range(9)))
    assert RepairShipment.objects.count() == 3
