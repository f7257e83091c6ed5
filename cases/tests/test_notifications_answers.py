"""The decision, and the way home, in words."""

import datetime as dt
from typing import Any

import pytest

from cases.actors import Actor
from cases.models import Case, Message, OutgoingMail
from cases.models.case import State
from cases.services import deciding, repairing
from cases.tests.factories import (
    DECIDED_AT,
    DELIVERED,
    NOTHING_SENT,
    CaseFactory,
    judge,
)
from products.models import CoveredPart, Product
from products.services import WindowData, set_pauses
from products.tests.factories import CoveredPartFactory, InvoiceFactory

pytestmark = pytest.mark.django_db
LATER = DECIDED_AT + dt.timedelta(days=20)
DESK = Actor.system()


def _mail(kind: str, case: Case | None = None) -> OutgoingMail:
    mails = OutgoingMail.objects.filter(kind=kind)
    return mails.get(case=case) if case else mails.get()


def _paused(case: Case, *windows: tuple[str, str | None], parts: list[CoveredPart] | None = None) -> None:
    """Give the claimed parts (or these) exactly these pauses."""
    parts = parts or [claim.part for claim in case.claimed_parts.all()]
    day = dt.date.fromisoformat
    rows = [
        WindowData(day(left), day(back) if back else None, "verified" if back else "provisional")
        for left, back in windows
    ]
    set_pauses({part.pk: rows for part in parts}, source="tracking", cause="test", now=LATER)


# ── Decision ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_decision_answers_part_by_part_when_some_are_covered(reviewer: Actor) -> None:
    invoice = InvoiceFactory()
    parts = list(CoveredPart.objects.filter(unit__line__invoice=invoice).order_by("position")[:3])
    case = CaseFactory(customer=invoice.customer, parts=parts)
    first, second, third = case.claimed_parts.order_by("pk")
    judge(first, reviewer)
    judge(second, reviewer, resolution="replacement")
    judge(third, reviewer, deny="motor_disassembled", words="The housing was open.")
    deciding.approve(case.pk, actor=reviewer, now=DECIDED_AT)
    mail = _mail("decision")
    assert "A part of it is covered by the warranty, a part is not." in mail.body
    assert f"{parts[0].label} – covered. We repair it." in mail.body
    assert f"{parts[1].label} – covered. You get a replacement, free of charge." in mail.body
    assert (
        f"{parts[2].label} – not covered.\nMotor taken apart (clause 5(a) of the warranty): Taking a stepper"
        in mail.body
    )
    assert "The housing was open." in mail.body
    clock = "Its warranty: Bought 3 Mar 2025 → covered through 3 Mar 2026."
    assert mail.body.count(clock) == 2, "nothing is promised of the part that is void now"
    assert "before any work begins we send you what they would cost" in mail.body
    assert "If you see it differently, reply to this mail" in mail.body
    assert "Statutory rights you may have" in mail.body


def test_denial_says_how_to_appeal_when_nothing_is_covered() -> None:
    case = CaseFactory(state=State.DENIED)
    body = _mail("decision", case).body
    assert "The warranty does not cover it; here is why." in body
    assert "Improper use, maintenance or operation (clause 4(b) of the warranty):" in body
    assert "A person will look at it again." in body
    assert "Statutory rights" in body
    assert "What happens next: " not in body


def test_approval_says_where_the_repair_travels_to_and_how_to_pack_it(settings: Any) -> None:
    settings.MAKER_NAME, settings.WORKSHOP_ADDRESS = "Positron", ["Werkstraße 7", "12345 Berlin"]
    case = CaseFactory(state=State.APPROVED)
    mail = _mail("decision", case)
    assert f"Positron\nWerkstraße 7\n12345 Berlin\n{case.reference}\n" in mail.body
    assert "No loose batteries" in mail.body
    assert f"You find the packing slip on your private page: {OutgoingMail.LINK_PLACE}" in mail.body
    assert mail.message is not None
    assert "private page: " not in mail.message.text, "what the conversation shows names no place of a link"


def test_approval_of_a_replacement_asks_for_no_parcel() -> None:
    body = _mail("decision", CaseFactory(state=State.APPROVED, resolution="replacement")).body
    assert "we make your replacement ready and write to you" in body
    assert "packing slip" not in body


def test_goodwill_and_findings_stay_among_us_when_the_decision_is_told(reviewer: Actor) -> None:
    case = CaseFactory(part=CoveredPartFactory(category=Product.Category.CONSUMABLE))
    claim = case.claimed_parts.get()
    judge(claim, reviewer, goodwill_reason="An old friend of ours")
    deciding.approve(case.pk, actor=reviewer, now=DECIDED_AT)
    body = _mail("decision").body
    assert "Good news: your warranty request is approved." in body
    assert "friend" not in body
    assert "goodwill" not in body.lower()


def test_decision_waits_when_it_can_be_undone(reviewer: Actor) -> None:
    case = CaseFactory(state=State.APPROVED, reviewer=reviewer)
    mail = _mail("decision")
    assert mail.not_before == DECIDED_AT + dt.timedelta(seconds=30)
    assert not mail.automatic
    deciding.undo(case.pk, actor=reviewer, now=DECIDED_AT + dt.timedelta(seconds=10))
    mail.refresh_from_db()
    assert mail.status == OutgoingMail.Status.CANCELLED
    assert not Message.objects.filter(direction="out", case=case).exists(), "nobody was told"


# ── Coming home ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_return_says_how_long_the_clock_stood_when_the_product_is_back() -> None:
    case = CaseFactory(state=State.IN_REPAIR)
    _paused(case, ("2025-11-08", "2025-11-19"))
    repairing.send_back(case.pk, proof=DELIVERED, actor=DESK, now=LATER)
    mail = _mail("returned")
    assert mail.subject == f"{case.reference}: your product is back with you"
    assert "Your warranty was paused for 12 days and now runs through 15 Mar 2026." in mail.body
    pause = "paused 12 days (8–19 Nov 2025, proved by tracking)"
    assert f"Bought 3 Mar 2025 → 3 Mar 2026; {pause} → covered through 15 Mar 2026." in mail.body


def test_one_return_is_one_mail_when_two_events_tell_of_it() -> None:
    case = CaseFactory(state=State.IN_REPAIR)
    _paused(case, ("2025-11-08", "2025-11-19"))
    repairing.send_back(case.pk, proof=DELIVERED, actor=DESK, now=LATER)
    part = case.claimed_parts.get().part
    change = {"part": part.pk, "label": part.label, "paused_days": 12, "before": None, "after": "2026-03-15"}
    repairing.tell_clock(case.pk, changes=[change], returned=True, actor=DESK, now=LATER)
    assert OutgoingMail.objects.filter(kind="returned").count() == 1


def test_customer_is_told_again_when_the_dates_changed_after_the_return() -> None:
    case = CaseFactory(state=State.IN_REPAIR)
    _paused(case, ("2025-11-08", "2025-11-19"))
    repairing.send_back(case.pk, proof=DELIVERED, actor=DESK, now=LATER)
    _paused(case, ("2025-11-07", "2025-11-19"))
    repairing.tell_clock(case.pk, changes=[], returned=True, actor=DESK, now=LATER + dt.timedelta(days=1))
    bodies = list(OutgoingMail.objects.filter(kind="returned").order_by("pk").values_list("body", flat=True))
    assert ["12 days and now runs through 15 Mar" in bodies[0], "13 days and now runs through 16 Mar" in bodies[1]] == [
        True,
        True,
    ]


def test_only_this_trip_is_counted_when_there_was_one_before() -> None:
    case = CaseFactory(state=State.IN_REPAIR)
    _paused(case, ("2025-06-11", "2025-06-29"), ("2025-11-08", "2025-11-08"))
    repairing.send_back(case.pk, proof=DELIVERED, actor=DESK, now=LATER)
    assert "Your warranty was paused for 1 day and now runs through 23 Mar 2026." in _mail("returned").body


def test_parts_that_travelled_along_are_told_when_the_whole_product_went() -> None:
    invoice = InvoiceFactory()
    parts = list(CoveredPart.objects.filter(unit__line__invoice=invoice).order_by("position"))
    case = CaseFactory(customer=invoice.customer, part=parts[0], state=State.IN_REPAIR)
    _paused(case, ("2025-11-08", "2025-11-19"), parts=parts[:3])
    repairing.send_back(case.pk, proof=DELIVERED, actor=DESK, now=LATER)
    body = _mail("returned").body
    assert body.count("Your warranty was paused for 12 days") == 1
    assert ", ".join(part.label for part in parts[:3]) in body
    assert parts[3].label not in body


def test_clock_is_said_to_stand_when_the_way_home_is_not_proved_yet() -> None:
    case = CaseFactory(state=State.IN_REPAIR)
    _paused(case, ("2025-11-08", None))
    repairing.send_back(case.pk, proof=DELIVERED, actor=DESK, now=LATER)
    body = _mail("returned").body
    assert "Your warranty was paused for" not in body
    assert "paused since 8 Nov 2025" in body


def test_replacement_keeps_its_clock_when_it_arrives() -> None:
    case = CaseFactory(state=State.RETURNED, resolution="replacement")
    mail = _mail("returned", case)
    assert mail.subject.endswith("your replacement has arrived")
    assert "It takes over the place of the part it replaces, and the warranty of that part." in mail.body
    assert "covered through 3 Mar 2026" in mail.body


@pytest.mark.parametrize(
    ("proof", "words"),
    [(DELIVERED, "It was not repaired."), (NOTHING_SENT, "nothing was sent, so your case is closed")],
    ids=["sent_home", "never_sent"],
)
def test_unrepaired_return_says_so_when_it_ends(proof: Any, words: str, colleague: Actor) -> None:
    case = CaseFactory(state=State.APPROVED)
    repairing.return_unrepaired(case.pk, proof=proof, why="Too worn.", beyond_repair=True, actor=colleague, now=LATER)
    assert words in _mail("returned").body


def test_each_return_is_told_when_the_first_was_not_final() -> None:
    case = CaseFactory(state=State.RETURNED)
    repairing.reopen_return(case.pk, why="It moved on.", actor=DESK, now=LATER)
    repairing.send_back(case.pk, proof=DELIVERED, actor=DESK, now=LATER)
    assert OutgoingMail.objects.filter(kind="returned").count() == 2
