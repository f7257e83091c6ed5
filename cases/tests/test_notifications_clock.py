"""The clock in the mails: the words of every other face, and of somebody else's purchase the cover alone (policy 3)."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.actors import Actor
from cases.models import Case, OutgoingMail
from cases.models.case import State
from cases.services import deciding, repairing
from cases.tests.factories import DECIDED_AT, DELIVERED, CaseFactory, judge_all
from products.models import CoveredPart
from products.services import WindowData, set_pauses, void_part
from products.tests.factories import (
    CoveredPartFactory,
    CustomerFactory,
    InvoiceFactory,
    KitFactory,
    ProductFactory,
    parts_of,
)

pytestmark = pytest.mark.django_db
LATER = DECIDED_AT + dt.timedelta(days=20)
IN_APRIL = dt.datetime(2026, 4, 5, 12, tzinfo=dt.UTC)
DESK = Actor.system()
BUYERS = {"left": 7, "back": 8, "left_by": "DHL 00340434161094042557", "back_by": "DHL 00340434161094042557"}
SECRETS = ("Bought", "3 Mar 2025", "3 Mar 2026", "paused", "DHL", "0034043", "INV-SECRET", "11–29 Jun", "19 days")


def _paused(parts: list[CoveredPart], left: str, back: str | None, proof: dict | None = None) -> None:
    day = dt.date.fromisoformat
    window = WindowData(
        day(left), day(back) if back else None, "verified" if back else "provisional", proof=proof or {}
    )
    set_pauses({part.pk: [window] for part in parts}, source="tracking", cause="test", now=LATER)


def _body(kind: str) -> str:
    """What the mail says of the case itself, above its foot."""
    return OutgoingMail.objects.get(kind=kind).body.split("————")[0]


def _case(part: CoveredPart, *, own: bool, state: str = State.EVIDENCE_REVIEW, **more) -> Case:
    customer = part.unit.line.invoice.customer if own else CustomerFactory(email="sender@example.com")
    return CaseFactory(customer=customer, part=part, state=state, **more)


@pytest.fixture
def part() -> CoveredPart:
    """Bought on 3 March 2025, and away from 11 to 29 June in a case of its buyer."""
    part = CoveredPartFactory(number="INV-SECRET")
    _paused([part], "2025-06-11", "2025-06-29", BUYERS)
    return part


def _decided(case: Case, reviewer: Actor, now: dt.datetime = DECIDED_AT, **verdict) -> str:
    judge_all(case, reviewer, now=now, **verdict)
    (deciding.deny if "deny" in verdict else deciding.approve)(case.pk, actor=reviewer, now=now)
    return _body("decision")


def test_decision_tells_the_buyer_the_whole_clock_in_one_sentence(part: CoveredPart, reviewer: Actor) -> None:
    pause = "paused 19 days (11–29 Jun 2025, proved by tracking)"
    told = f"Its warranty: Bought 3 Mar 2025 → 3 Mar 2026; {pause} → covered through 22 Mar 2026."
    body = _decided(_case(part, own=True), reviewer)
    assert told in body
    assert "0034043" not in body  # the parcel of another case


def test_decision_names_the_parcels_of_its_own_case(part: CoveredPart, reviewer: Actor) -> None:
    case = _case(part, own=True)
    for shipment in (7, 8):
        data = {"shipment": shipment, "number": "x", "carrier": "dhl"}
        repairing.note_shipment(case.pk, name="booked", data=data, actor=DESK, now=DECIDED_AT)
    assert "(11–29 Jun 2025, DHL 00340434161…, proved by tracking)" in _decided(case, reviewer)


def test_decision_tells_another_sender_the_cover_and_nothing_of_the_buyer(part: CoveredPart, reviewer: Actor) -> None:
    body = _decided(_case(part, own=False), reviewer)
    assert "Its warranty: Covered through 22 Mar 2026." in body
    assert not [secret for secret in SECRETS if secret in body]


def test_denial_for_its_day_says_how_the_day_is_counted(part: CoveredPart, reviewer: Actor) -> None:
    case = _case(part, own=True, received_at=IN_APRIL)
    steps = _decided(case, reviewer, deny="expired", now=IN_APRIL).split("How it is counted:")[1]
    assert [line.strip() for line in steps.split("\n\n")[0].split("\n") if line.strip()] == [
        "• The warranty starts on 3 Mar 2025, the date of the invoice.",
        "• It lasts 12 months, by the terms in force since 1 Jan 2015.",
        "• Without pauses that is through 3 Mar 2026, the day with the same number.",
        "• Away 11–29 Jun 2025: 19 days.",
        "• The request reached us on 5 Apr 2026: after the last covered day.",
        "• Covered through 22 Mar 2026, 19 days more.",
    ]


def test_denial_for_its_day_counts_nothing_for_another_sender(part: CoveredPart, reviewer: Actor) -> None:
    case = _case(part, own=False, received_at=IN_APRIL)
    body = _decided(case, reviewer, deny="expired", now=IN_APRIL)
    assert "How it is counted" not in body
    assert not [secret for secret in SECRETS if secret in body]


def test_return_tells_another_sender_this_trip_and_nothing_of_the_buyer(part: CoveredPart) -> None:
    case = _case(part, own=False, state=State.IN_REPAIR)
    day = dt.date
    trips = [
        WindowData(day(2025, 6, 11), day(2025, 6, 29), "verified", proof=BUYERS),
        WindowData(day(2025, 11, 8), day(2025, 11, 19), "verified"),
    ]
    set_pauses({part.pk: trips}, source="tracking", cause="test", now=LATER)
    repairing.send_back(case.pk, proof=DELIVERED, actor=DESK, now=LATER)
    body = _body("returned")
    assert "Your warranty was paused for 12 days and now runs through 3 Apr 2026." in body
    assert not [secret for secret in SECRETS if secret in body.replace("was paused", "")]


def test_clock_that_runs_again_without_a_delivery_is_not_called_one(part: CoveredPart) -> None:
    """Staff may end an absence by their word: a parcel that was lost never comes home."""
    case = _case(part, own=True, state=State.APPROVED)
    repairing.tell_clock(case.pk, changes=[], returned=True, actor=DESK, now=LATER)
    mail = OutgoingMail.objects.get(kind="returned")
    assert mail.subject == f"{case.reference}: your warranty runs again"
    assert "The days your product was away are known, and its warranty clock runs again." in mail.body
    assert "Your warranty was paused for 19 days and now runs through 22 Mar 2026." in mail.body
    assert "delivered" not in mail.body


def test_clock_of_a_void_part_is_no_news(part: CoveredPart) -> None:
    case = _case(part, own=True, state=State.APPROVED)
    void_part(part.pk, reason_code="improper_use", case_reference="", actor=None, now=LATER)
    repairing.tell_clock(case.pk, changes=[], returned=True, actor=DESK, now=LATER)
    assert not OutgoingMail.objects.filter(kind="returned").exists()


def test_queries_of_a_return_do_not_grow_with_its_parts(reviewer: Actor) -> None:
    asked = []
    for count in (2, 12):
        bill = [(ProductFactory(), 1, "singly", f"place {number}") for number in range(count)]
        parts = parts_of(InvoiceFactory(products=[KitFactory(bill=bill)]))
        _paused(parts, "2025-06-11", "2025-06-29", BUYERS)
        case = CaseFactory(customer=parts[0].unit.line.invoice.customer, parts=parts, state=State.IN_REPAIR)
        with CaptureQueriesContext(connection) as queries:
            repairing.send_back(case.pk, proof=DELIVERED, actor=DESK, now=LATER)
        asked.append(len(queries))
    assert asked[0] == asked[1]
