"""Repair, replacement, the quote before them and the way home (policy 4 and 5)."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from cases.actors import Actor
from cases.errors import NotAllowed, NotPossible, Stale
from cases.models import Case, OutgoingMail, Quote
from cases.services import deciding, quoting, repairing
from cases.services.quoting import QuoteLineData
from cases.services.repairing import Proof
from cases.tests.factories import (
    ARRIVED,
    DECIDED_AT,
    DELIVERED,
    NOTHING_SENT,
    TRACKED,
    CaseFactory,
    judge_all,
    quote,
    record_serials,
    staff,
)
from products.errors import Refused
from products.models import ClockChange, PauseWindow
from products.services import WindowData, set_pauses
from products.tests.factories import CoveredPartFactory, InvoiceFactory, parts_of

pytestmark = pytest.mark.django_db
US, DESK = Actor.customer(), Actor.system()
LATER = DECIDED_AT + dt.timedelta(days=2)
LABOUR = QuoteLineData("repair", "Labour", Decimal("35.00"))
PARCEL = QuoteLineData("shipping", "Parcel home", Decimal("7.9"))


def fresh(case: Case) -> Case:
    return Case.objects.get(pk=case.pk)


# ── the quote ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_write_quote_is_in_the_invoices_currency(colleague: Actor) -> None:
    case = CaseFactory(part=CoveredPartFactory(currency="USD"), state="approved")
    written = quoting.write_quote(case.pk, lines=[LABOUR, PARCEL], actor=colleague, now=LATER)
    assert (written.currency, written.created_by) == ("USD", colleague.user)
    assert [(line.kind, line.description, line.amount) for line in written.lines.all()] == [
        ("repair", "Labour", Decimal("35.00")), ("shipping", "Parcel home", Decimal("7.90")),
    ]  # fmt: skip
    assert case.events.get(name="written").data == {"quote": written.pk, "total": "42.90", "currency": "USD"}


def test_write_quote_takes_the_place_of_the_one_before(colleague: Actor) -> None:
    case = CaseFactory(state="approved")
    quote(case, answer="accepted")
    with pytest.raises(Stale):
        quoting.send_quote(case.pk, actor=colleague, now=LATER)
    second = quoting.write_quote(case.pk, lines=[PARCEL], actor=colleague, now=LATER)
    assert quoting.quote_in_force(case) == second
    assert not quoting.quote_is_cleared(case)
    assert Quote.objects.filter(case=case, superseded_at=LATER).count() == 1
    with pytest.raises(Stale, match="says this already"):
        quoting.write_quote(case.pk, lines=[PARCEL], actor=colleague, now=LATER)


BAD_LINES = [
    ("unknown_kind", QuoteLineData("tip", "Tip", Decimal(1)), "lines[1].kind"),  # type: ignore[arg-type]
    ("no_words", QuoteLineData("other", "  ", Decimal(1)), "lines[1].description"),
    ("endless_words", QuoteLineData("other", "x" * 201, Decimal(1)), "lines[1].description"),
    ("negative", QuoteLineData("other", "Discount", Decimal(-1)), "lines[1].amount"),
    ("fractions_of_a_cent", QuoteLineData("other", "Dust", Decimal("0.001")), "lines[1].amount"),
    ("not_a_number", QuoteLineData("other", "Dust", Decimal("NaN")), "lines[1].amount"),
    ("infinite", QuoteLineData("other", "Dust", Decimal("Infinity")), "lines[1].amount"),
    ("more_than_a_column_holds", QuoteLineData("other", "Gold", Decimal("100000000")), "lines[1].amount"),
]


@pytest.mark.parametrize(("line", "field"), [row[1:] for row in BAD_LINES], ids=[row[0] for row in BAD_LINES])
def test_write_quote_names_the_bad_line(colleague: Actor, line: QuoteLineData, field: str) -> None:
    case = CaseFactory(state="approved")
    with pytest.raises(NotPossible) as refused:
        quoting.write_quote(case.pk, lines=[LABOUR, line], actor=colleague, now=LATER)
    assert refused.value.field == field
    assert list(case.quotes.all()) == []


def test_write_quote_needs_the_invoice(colleague: Actor) -> None:
    case = CaseFactory(matched=False, state="evidence_review")
    with pytest.raises(NotPossible, match="Match the purchase first"):
        quoting.write_quote(case.pk, lines=[LABOUR], actor=colleague, now=LATER)


CLEARED = [
    ("nothing_quoted", [], "", True),
    ("a_total_of_zero", [QuoteLineData("shipping", "On us", Decimal(0))], "", True),
    ("no_answer", [LABOUR], "", False),
    ("accepted", [LABOUR], "accepted", True),
    ("declined", [LABOUR], "declined", False),
]


@pytest.mark.parametrize(("lines", "answer", "cleared"), [r[1:] for r in CLEARED], ids=[r[0] for r in CLEARED])
def test_quote_is_cleared_when_it_needs_no_answer_or_was_accepted(
    colleague: Actor, lines: list[QuoteLineData], answer: str, cleared: bool
) -> None:
    case = CaseFactory(state="approved")
    assert quoting.quote_is_cleared(case)
    quoting.write_quote(case.pk, lines=lines, actor=colleague, now=LATER)
    if lines:
        quoting.send_quote(case.pk, actor=colleague, now=LATER)
    if answer:
        quoting.answer_quote(case.pk, answer=answer, through="the portal", actor=US, now=LATER)  # type: ignore[arg-type]
    assert quoting.quote_is_cleared(case) is cleared


def test_answer_quote_counts_once(colleague: Actor) -> None:
    case = CaseFactory(state="approved")
    with pytest.raises(NotPossible, match="no quote to answer"):
        quoting.answer_quote(case.pk, answer="accepted", through="the portal", actor=US, now=LATER)
    quote(case)
    answered = quoting.answer_quote(case.pk, answer="declined", through="a call", actor=colleague, now=LATER)
    assert (answered.answer, answered.answered_through, answered.answered_at) == ("declined", "a call", LATER)
    with pytest.raises(Stale, match="answered already: declined"):
        quoting.answer_quote(case.pk, answer="accepted", through="the portal", actor=US, now=LATER)
    assert [mail.kind for mail in OutgoingMail.objects.filter(case=case).order_by("id")] == ["decision", "quote"]


def test_answer_quote_is_refused_when_the_customer_saw_another_one(colleague: Actor) -> None:
    case = CaseFactory(state="approved")
    quote(case)
    seen = quoting.quote_in_force(case)
    quote(case, "350.00", now=LATER)
    with pytest.raises(Stale, match="replaced by a newer one"):
        quoting.answer_quote(case.pk, answer="accepted", through="the portal", quote_id=seen.pk, actor=US, now=LATER)  # type: ignore[union-attr]


def test_quote_cannot_be_sent_empty_or_before_the_decision(colleague: Actor) -> None:
    case = CaseFactory()
    quoting.write_quote(case.pk, lines=[], actor=colleague, now=LATER)
    with pytest.raises(NotPossible, match="Not possible while the case is under review"):
        quoting.send_quote(case.pk, actor=colleague, now=LATER)
    approved = CaseFactory(state="approved")
    with pytest.raises(NotPossible, match="write its lines first"):
        quoting.send_quote(approved.pk, actor=colleague, now=LATER)


# ── repair ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_no_repair_starts_on_an_unanswered_quote(colleague: Actor) -> None:
    case = CaseFactory(state="approved")
    quote(case)
    with pytest.raises(NotPossible, match="The quote is not answered yet"):
        repairing.start_repair(case.pk, proof=ARRIVED, actor=DESK, now=LATER)
    quoting.answer_quote(case.pk, answer="accepted", through="the portal", actor=US, now=LATER)
    started = repairing.start_repair(case.pk, proof=ARRIVED, actor=DESK, now=LATER)
    event = case.events.get(name="start_repair")
    assert (started.state, event.why) == ("in_repair", "Handed in at the workshop.")
    assert event.data == {"proof": {"kind": "staff", "on": "2025-11-10", "shipments": []}}


NO_PROOF = [
    ("tracked_by_no_parcel", Proof("tracked")),
    ("staff_without_words", Proof("staff", "  ")),
    ("nothing_sent", NOTHING_SENT),
]


@pytest.mark.parametrize("proof", [row[1] for row in NO_PROOF], ids=[row[0] for row in NO_PROOF])
def test_repair_and_return_need_a_proof_that_says_something(proof: Proof) -> None:
    approved, away = CaseFactory(state="approved"), CaseFactory(state="in_repair")
    with pytest.raises(NotPossible, match="No proof that the parcel arrived"):
        repairing.start_repair(approved.pk, proof=proof, actor=DESK, now=LATER)
    with pytest.raises(NotPossible, match="No proof that the parcel reached the customer"):
        repairing.send_back(away.pk, proof=proof, actor=DESK, now=LATER)


def test_send_back_names_the_parcels_that_prove_it() -> None:
    case = CaseFactory(state="in_repair")
    assert repairing.send_back(case.pk, proof=TRACKED, actor=DESK, now=LATER).state == "returned"
    assert case.events.get(name="send_back").data["proof"]["shipments"] == [1]
    with pytest.raises(Stale):
        repairing.send_back(case.pk, proof=TRACKED, actor=DESK, now=LATER)


def test_customer_moves_no_parcel() -> None:
    case = CaseFactory(state="in_repair")
    with pytest.raises(NotAllowed):
        repairing.send_back(case.pk, proof=DELIVERED, actor=US, now=LATER)


def test_reopen_return_takes_the_case_back_into_repair() -> None:
    case = CaseFactory(state="returned")
    again = repairing.reopen_return(case.pk, why="Moved on after the delivery", actor=DESK, now=LATER)
    assert again.state == "in_repair"


# ── replacement ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_replacement_waits_for_the_serial_of_every_single_piece(colleague: Actor) -> None:
    parts = parts_of(InvoiceFactory())
    case = CaseFactory(parts=[parts[1], parts[3]])  # a motor, and a lot of ball bearings
    reviewer = staff("reviewer")
    bearings = case.claimed_parts.get(part=parts[3])
    deciding.record_finding(
        bearings.pk, cause_code="none", defect_found=True, finding="Pitted.", actor=reviewer, now=LATER
    )
    deciding.decide_part(bearings.pk, verdict="covered", resolution="replacement", actor=reviewer, now=LATER)
    judge_all(case, reviewer, resolution="replacement")
    deciding.approve(case.pk, actor=reviewer, now=LATER)
    with pytest.raises(NotPossible) as refused:
        repairing.deliver_replacement(case.pk, proof=DELIVERED, actor=DESK, now=LATER)
    assert [one.message for one in refused.value.unmet] == [
        f"New serial number of the replacement missing: {parts[1].label}"
    ]
    record_serials(case, colleague)
    assert repairing.deliver_replacement(case.pk, proof=DELIVERED, actor=DESK, now=LATER).state == "returned"


def test_record_replacement_leaves_the_clock_alone(colleague: Actor) -> None:
    case = CaseFactory(part=CoveredPartFactory(serial="OLD-1"), state="approved", resolution="replacement")
    claim = case.claimed_parts.get()
    before = (claim.part.starts_on, claim.part.covered_through)
    change = repairing.record_replacement(claim.pk, new_serial="NEW-1", actor=colleague, now=LATER)
    part = case.claimed_parts.get().part
    assert (part.serial, change.old_serial, change.case_reference) == ("NEW-1", "OLD-1", case.reference)
    assert (part.starts_on, part.covered_through) == before
    with pytest.raises(Stale, match="recorded already"):
        repairing.record_replacement(claim.pk, new_serial=" NEW-1 ", actor=colleague, now=LATER)


def test_record_replacement_is_for_parts_to_be_replaced(colleague: Actor) -> None:
    repaired = CaseFactory(state="approved").claimed_parts.get()
    with pytest.raises(NotPossible, match="not to be replaced"):
        repairing.record_replacement(repaired.pk, new_serial="NEW-1", actor=colleague, now=LATER)
    replaced = CaseFactory(state="approved", resolution="replacement").claimed_parts.get()
    with pytest.raises(Refused):
        repairing.record_replacement(replaced.pk, new_serial="", actor=colleague, now=LATER)


def test_replacement_recorded_for_an_earlier_case_does_not_count(colleague: Actor) -> None:
    part = CoveredPartFactory()
    customer = part.unit.line.invoice.customer
    CaseFactory(part=part, customer=customer, state="returned", resolution="replacement")
    again = CaseFactory(part=part, customer=customer, state="approved", resolution="replacement")
    with pytest.raises(NotPossible, match="New serial number"):
        repairing.deliver_replacement(again.pk, proof=DELIVERED, actor=DESK, now=LATER)


# ── home unrepaired ──────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("state", ["approved", "in_repair"])
def test_plan_to_send_it_home_unrepaired_closes_on_delivery(colleague: Actor, state: str) -> None:
    case = CaseFactory(state=state)
    with pytest.raises(NotPossible, match="nobody has said that the product is beyond repair"):
        repairing.plan_unrepaired_return(case.pk, why="Burnt", actor=colleague, now=LATER)
    repairing.plan_unrepaired_return(case.pk, why="Burnt", beyond_repair=True, actor=colleague, now=LATER)
    with pytest.raises(Stale):
        repairing.plan_unrepaired_return(case.pk, why="Burnt", beyond_repair=True, actor=colleague, now=LATER)
    assert repairing.close_on_delivery(case.pk, proof=TRACKED, actor=DESK, now=LATER).state == "returned"
    event = case.events.get(name="return_unrepaired")
    assert (event.why, event.actor_kind) == ("Burnt", "system")


def test_plan_ends_when_it_is_dropped_or_the_quote_is_accepted_after_all(colleague: Actor) -> None:
    case = CaseFactory(state="approved")
    quote(case, answer="declined")
    repairing.plan_unrepaired_return(case.pk, why="Too dear", actor=colleague, now=LATER)
    repairing.drop_unrepaired_return(case.pk, why="A discount", actor=colleague, now=LATER)
    with pytest.raises(Stale):
        repairing.drop_unrepaired_return(case.pk, why="A discount", actor=colleague, now=LATER)
    repairing.plan_unrepaired_return(case.pk, why="Too dear again", actor=colleague, now=LATER)
    quote(case, "5.00", answer="accepted", now=LATER)
    assert repairing.unrepaired_plan(case) is None
    assert repairing.start_repair(case.pk, proof=ARRIVED, actor=DESK, now=LATER).state == "in_repair"


def test_declined_quote_closes_on_delivery_without_a_plan() -> None:
    case = CaseFactory(state="approved")
    quote(case, answer="declined")
    assert repairing.close_on_delivery(case.pk, proof=TRACKED, actor=DESK, now=LATER).state == "returned"
    assert case.events.filter(name="return_unrepaired").exists()


def test_nothing_sent_ends_a_declined_case(colleague: Actor) -> None:
    case = CaseFactory(state="approved")
    quote(case, answer="declined")
    closed = repairing.return_unrepaired(case.pk, why="Kept it", proof=NOTHING_SENT, actor=colleague, now=LATER)
    assert closed.state == "returned"


CLOSED_BY = [
    ("repaired", "in_repair", "repair", "send_back"),
    ("replaced", "approved", "replacement", "deliver_replacement"),
]


@pytest.mark.parametrize(("state", "resolution", "name"), [r[1:] for r in CLOSED_BY], ids=[r[0] for r in CLOSED_BY])
def test_close_on_delivery_finds_the_right_end(colleague: Actor, state: str, resolution: str, name: str) -> None:
    case = CaseFactory(state=state, resolution=resolution)
    if resolution == "replacement":
        record_serials(case, colleague)
    assert repairing.close_on_delivery(case.pk, proof=TRACKED, actor=DESK, now=LATER).state == "returned"
    assert case.events.order_by("id").last().name == name  # type: ignore[union-attr]


# ── parcels and clocks in the timeline ───────────────────────────────────────────────────────────────────────────


def test_note_shipment_is_a_row_and_no_transition() -> None:
    case = CaseFactory(state="denied")
    event = repairing.note_shipment(case.pk, name="booked", data={"shipment": 4}, actor=DESK, now=LATER)
    assert (event.kind, event.name, event.data) == ("shipment", "booked", {"shipment": 4})
    assert fresh(case).changed_at == LATER


def test_tell_clock_takes_changes_as_the_clock_wrote_them_and_mails_once() -> None:
    case = CaseFactory(state="returned")
    part = case.claimed_parts.get().part
    window = WindowData(dt.date(2025, 11, 8), dt.date(2025, 11, 19), PauseWindow.Certainty.VERIFIED)
    set_pauses({part.pk: [window]}, source="tracking", cause="test", now=LATER)
    change = ClockChange.objects.get()
    first = repairing.tell_clock(case.pk, changes=[change], returned=True, actor=DESK, now=LATER)
    told = {"part": part.pk, "label": part.label, "paused_days": 12, "before": "2026-03-03", "after": "2026-03-15"}
    assert (first.kind, first.name, first.data) == ("clock", "returned", {"changes": [told]})
    mails = OutgoingMail.objects.filter(case=case, kind="returned").count()
    again = repairing.tell_clock(case.pk, changes=[change], returned=True, actor=DESK, now=LATER)
    assert again == first
    assert OutgoingMail.objects.filter(case=case, kind="returned").count() == mails


def test_tell_clock_takes_plain_facts_with_dates() -> None:
    case = CaseFactory(state="in_repair")
    change = {"part": 7, "label": "X axis", "paused_days": None, "before": dt.date(2026, 3, 3), "after": None}
    event = repairing.tell_clock(case.pk, changes=[change], returned=False, actor=DESK, now=LATER)
    assert event.name == "moved"
    assert event.data["changes"] == [
        {"part": 7, "label": "X axis", "paused_days": None, "before": "2026-03-03", "after": None}
    ]
