"""What a customer can do about a parcel of theirs, and what several cases share."""

import datetime as dt

import pytest
from django.utils import timezone

from cases.actors import Actor
from cases.errors import NotAllowed
from cases.models import Case
from cases.tests.factories import CaseFactory, photo, refused_file
from products.errors import Refused
from products.tests.factories import CoveredPartFactory, CustomerFactory
from shipments.models import RepairShipment
from shipments.services import book, cancel, confirm, enter_scan, record_events
from shipments.services.correcting import correct_number, may_be_corrected, take_back
from shipments.services.proofs import KeptProof
from shipments.services.receipts import attach_receipt, receipts_in
from shipments.services.together import book_together
from shipments.tests.factories import NOW, OUT, ShipmentFactory, scan, ups_number

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("approved")]
CUSTOMER = Actor.customer()
BY = {"actor": CUSTOMER, "now": NOW}


@pytest.fixture
def own(case: Case) -> RepairShipment:
    return book(case.pk, direction="to_workshop", carrier="ups", tracking_number=ups_number(), proposed=True, **BY)


# ── Correcting ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_number_is_taken_back_once(own, case):
    take_back(own.pk, **BY)
    own.refresh_from_db()
    assert (own.cancelled_at, own.next_look_at) == (NOW, None)
    assert case.events.get(name="taken_back").data["number"] == own.tracking_number
    with pytest.raises(Refused, match="taken back already"):
        take_back(own.pk, **BY)


def test_confirmed_number_is_taken_back_as_long_as_nobody_scanned_it(own, support):
    confirm(own.pk, actor=support, now=NOW)
    record_events(own.pk, [scan("label", "2025-11-30")], heard="poll", now=NOW)
    assert take_back(own.pk, **BY).cancelled_at


@pytest.mark.parametrize("kind", ["picked_up", "in_transit", "exception", "delivered", "lost"])
def test_number_stays_when_a_carrier_has_scanned_the_parcel(own, support, kind):
    confirm(own.pk, actor=support, now=NOW)
    record_events(own.pk, [scan(kind, "2025-11-30T10:00")], heard="poll", now=NOW)
    for act in (lambda: take_back(own.pk, **BY), lambda: correct(own)):
        with pytest.raises(Refused, match="on its way") as refused:
            act()
        assert refused.value.code == "scanned"
    assert not may_be_corrected(RepairShipment.objects.get(pk=own.pk))


def correct(own: RepairShipment, number: str = "", carrier: str = "ups") -> RepairShipment:
    return correct_number(own.pk, carrier=carrier, tracking_number=number or ups_number(), **BY)


def test_number_stays_when_staff_booked_it(case):
    booked = ShipmentFactory(case=case)
    with pytest.raises(Refused, match="entered it ourselves"):
        take_back(booked.pk, **BY)


def test_number_of_no_parcel_is_refused(db):
    with pytest.raises(Refused, match="no such parcel"):
        take_back(10**9, **BY)


def test_corrected_number_is_a_new_proposal_and_keeps_its_receipts(own, case):
    (receipt,) = attach_receipt(own.pk, files=[photo(1)], handed_in_on=dt.date(2025, 11, 30), **BY)
    number = ups_number()
    right = correct(own, number)
    assert (right.tracking_number, right.proposed, right.cancelled_at) == (number, True, None)
    assert right.pk != own.pk
    (told,) = receipts_in(case.events.all())[right.pk]
    assert (told["evidence"], told["handed_in_on"]) == ([receipt.pk], "2025-11-30")


def test_number_stays_as_it_was_when_the_right_one_is_none(own):
    with pytest.raises(Refused) as refused:
        correct(own, "1Z999AA10123456785")
    assert refused.value.field == "tracking_number"
    own.refresh_from_db()
    assert own.cancelled_at is None


def test_carrier_is_corrected_under_the_same_number(own):
    right = correct(own, own.tracking_number, carrier="manual")
    assert (right.carrier, right.tracking_number, right.cancelled_at) == ("manual", own.tracking_number, None)


def test_same_number_and_carrier_once_more_is_the_same_parcel(own, case):
    attach_receipt(own.pk, files=[photo(1)], **BY)
    assert correct(own, own.tracking_number).pk == own.pk
    assert len(receipts_in(case.events.all())[own.pk]) == 1


def test_looking_is_not_enough_to_take_a_number_back(own, viewer):
    with pytest.raises(NotAllowed):
        take_back(own.pk, actor=viewer, now=NOW)


# ── Receipts ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_receipt_is_evidence_and_belongs_to_its_parcel(own, case):
    rows = attach_receipt(own.pk, files=[photo(1), refused_file()], **BY)
    kept = [row for row in rows if row.is_kept]
    assert len(rows) == 2
    assert receipts_in(case.events.all()) == {
        own.pk: [{"shipment": own.pk, "evidence": [kept[0].pk], "handed_in_on": None}]
    }


def test_receipt_that_cannot_be_kept_leaves_no_row_in_the_timeline(own, case):
    assert [row.is_kept for row in attach_receipt(own.pk, files=[refused_file()], **BY)] == [False]
    assert receipts_in(case.events.all()) == {}


def test_receipt_is_no_scan(own):
    attach_receipt(own.pk, files=[photo(1)], handed_in_on=NOW.date(), **BY)
    assert not own.tracking_events.exists()


@pytest.mark.parametrize(
    ("days", "refused"), [(0, False), (1, False), (2, True)], ids=["today", "tomorrow-somewhere", "not-come"]
)
def test_day_of_handing_in_has_come_somewhere(own, days, refused):
    on = NOW.date() + dt.timedelta(days=days)
    if refused:
        with pytest.raises(Refused, match="not come yet"):
            attach_receipt(own.pk, files=[photo(1)], handed_in_on=on, **BY)
    else:
        assert attach_receipt(own.pk, files=[photo(1)], handed_in_on=on, **BY)


def test_receipt_of_a_parcel_taken_back_is_refused(own, case):
    take_back(own.pk, **BY)
    with pytest.raises(Refused, match="taken back"):
        attach_receipt(own.pk, files=[photo(7)], **BY)
    assert case.evidence.count() == 1


# ── Together ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def two(db) -> list[Case]:
    owner = CustomerFactory()
    return [CaseFactory(customer=owner, part=CoveredPartFactory(customer=owner), state="approved") for _ in range(2)]


def together(case_id: int, others: list[int], support: Actor, number: str = "") -> list[RepairShipment]:
    return book_together(
        case_id, also_for=others, direction="to_workshop", carrier="ups", tracking_number=number or ups_number(),
        actor=support, now=NOW, booked_at=NOW - dt.timedelta(days=30),
    )  # fmt: skip


def test_one_parcel_serves_two_cases_and_both_move_on(two, support):
    first, second = two
    booked = together(first.pk, [second.pk], support)
    assert [one.case_id for one in booked] == [first.pk, second.pk]
    assert len({one.tracking_number for one in booked}) == 1
    for one in booked:
        record_events(one.pk, OUT, heard="webhook", now=NOW)
    for case in two:
        part = case.claimed_parts.get().part
        assert [str(window.left_on) for window in part.pauses.all()] == ["2025-11-12"]
        assert Case.objects.get(pk=case.pk).state == "in_repair"


def test_case_named_twice_or_itself_is_booked_once(two, support):
    first, second = two
    assert len(together(first.pk, [second.pk, second.pk, first.pk], support)) == 2


@pytest.mark.parametrize("other", ["stranger", "unknown"])
def test_nothing_is_booked_when_one_case_is_not_the_customers(two, support, other):
    foreign = CaseFactory(state="approved").pk if other == "stranger" else 10**9
    with pytest.raises(Refused, match="same customer"):
        together(two[0].pk, [two[1].pk, foreign], support)
    assert not RepairShipment.objects.exists()


def test_nothing_is_booked_when_one_case_has_the_number_already(two, support):
    number = ups_number()
    ShipmentFactory(case=two[1], tracking_number=number)
    with pytest.raises(Refused, match="booked for this case already"):
        together(two[0].pk, [two[1].pk], support, number)
    assert RepairShipment.objects.count() == 1


# ── Scans with a paper ───────────────────────────────────────────────────────────────────────────────────────────


def test_scan_keeps_the_paper_that_proves_it(case, support):
    parcel = ShipmentFactory(case=case)
    paper = KeptProof("proof/2025/abc", "slip.pdf", "application/pdf", "0" * 64)
    enter_scan(
        parcel.pk, kind="drop_off", proof="The counter's receipt", proof_file=paper, occurred_on=dt.date(2025, 11, 12),
        actor=support, now=NOW,
    )  # fmt: skip
    kept = parcel.tracking_events.get().raw["proof_file"]
    assert kept == {"key": "proof/2025/abc", "name": "slip.pdf", "type": "application/pdf", "sha256": "0" * 64}


def test_cancelled_parcel_can_be_told_again(own, support, case):
    take_back(own.pk, **BY)
    again = book(
        case.pk, direction="to_workshop", carrier="ups", tracking_number=own.tracking_number, proposed=True, **BY
    )
    assert (again.pk, again.cancelled_at) == (own.pk, None)
    cancel(again.pk, why="Not theirs.", actor=support, now=timezone.now())
    assert not may_be_corrected(RepairShipment.objects.get(pk=own.pk))
