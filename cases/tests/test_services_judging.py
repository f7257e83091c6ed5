"""Findings, and the verdict on each part by itself (policy 3)."""

from __future__ import annotations

import datetime as dt

import pytest
from django.contrib.auth.models import Permission

from cases.actors import Actor
from cases.errors import NotAllowed, NotPossible, Stale
from cases.models import Case, ClaimedPart
from cases.services import deciding, opening
from cases.tests.factories import REVIEWED_AT, CaseFactory, judge, photo, staff
from products import services as products
from products.models import Customer
from products.tests.factories import CoveredPartFactory, CustomerFactory, InvoiceFactory, ProductFactory, parts_of

pytestmark = pytest.mark.django_db
LATER = REVIEWED_AT + dt.timedelta(minutes=5)
LONG_AGO = dt.date(2023, 1, 2)


def claim_of(**given: object) -> ClaimedPart:
    return CaseFactory(**given).claimed_parts.get()


def decide(claim: ClaimedPart, by: Actor, **given: object) -> ClaimedPart:
    return deciding.decide_part(claim.pk, actor=by, now=LATER, **given)  # type: ignore[arg-type]


def find(claim: ClaimedPart, by: Actor, cause: str | None = "none", **given: object) -> ClaimedPart:
    return deciding.record_finding(claim.pk, cause_code=cause, actor=by, now=LATER, **given)  # type: ignore[arg-type]


def test_proposal_is_open_until_the_cause_was_looked_for(reviewer: Actor) -> None:
    claim = claim_of()
    assert deciding.proposal_of(claim).verdict == "open"
    find(claim, reviewer)
    assert deciding.proposal_of(ClaimedPart.objects.get(pk=claim.pk)).verdict == "covered"


def test_proposals_of_answers_for_every_part_with_the_same_number_of_queries(
    reviewer: Actor, django_assert_num_queries: object
) -> None:
    one = CaseFactory()
    many = CaseFactory(parts=parts_of(InvoiceFactory()))
    with django_assert_num_queries(3):  # type: ignore[operator]
        assert len(deciding.proposals_of(Case.objects.get(pk=one.pk))) == 1
    with django_assert_num_queries(3):  # type: ignore[operator]
        assert len(deciding.proposals_of(Case.objects.get(pk=many.pk))) == 5


SERIALS = [
    ("own_serial", "SN-7", "SN-7", True),
    ("written_otherwise", "SN-7", "my printer is sn 7, bought in may", True),
    ("one_of_several", "SN-7", "SN-8, SN-7", True),
    ("another", "SN-7", "SN-8", False),
    ("none", "SN-7", "", False),
    ("part_of_a_longer_one", "SN-7", "SN-77", False),
]


@pytest.mark.parametrize(("serial", "written", "ours"), [row[1:] for row in SERIALS], ids=[row[0] for row in SERIALS])
def test_part_of_another_unit_is_ours_only_with_its_own_serial(
    owner: Customer, serial: str, written: str, ours: bool, reviewer: Actor
) -> None:
    """Two products on one invoice: the one matched, and the one claimed."""
    invoice = InvoiceFactory(customer=owner, products=[ProductFactory(), ProductFactory()], serials=["SN-1", serial])
    matched, claimed = parts_of(invoice)
    case = CaseFactory(customer=owner, part=matched, part_ids=[claimed.pk], serial_as_given=written)
    find(case.claimed_parts.get(), reviewer)
    assert (deciding.proposal_of(case.claimed_parts.get()).reason_code == "not_ours") is not ours


def test_earlier_serial_of_a_chain_counts_as_the_parts_own(owner: Customer, colleague: Actor) -> None:
    invoice = InvoiceFactory(customer=owner, products=[ProductFactory(), ProductFactory()], serials=["SN-1", "OLD-1"])
    matched, claimed = parts_of(invoice)
    for new in ("MID-1", "NEW-1"):
        products.replace_part(claimed.pk, new_serial=new, case_reference="", actor=colleague.user, now=LATER)
    case = CaseFactory(customer=owner, part=matched, part_ids=[claimed.pk], serial_as_given="OLD-1")
    assert deciding.proposal_of(case.claimed_parts.get()).reason_code == ""


def test_part_of_another_invoice_is_not_ours(owner: Customer, reviewer: Actor) -> None:
    case = CaseFactory(customer=owner, part_ids=[CoveredPartFactory(serial="SN-9").pk], serial_as_given="SN-9")
    assert deciding.proposal_of(case.claimed_parts.get()).reason_code == "not_ours"


def test_record_finding_keeps_what_was_seen(reviewer: Actor) -> None:
    claim = find(claim_of(), reviewer, "improper_conditions", finding="Water in the housing.")
    stored = ClaimedPart.objects.get(pk=claim.pk)
    assert (stored.cause_recorded, stored.cause.code, stored.finding) == (  # type: ignore[union-attr]
        True, "improper_conditions", "Water in the housing.",
    )  # fmt: skip
    event = stored.case.events.get(name="finding_recorded")
    assert event.data == {"claim": claim.pk, "cause": "improper_conditions", "defect_found": False}


def test_record_finding_can_be_taken_back(reviewer: Actor) -> None:
    claim = claim_of()
    find(claim, reviewer, "improper_use")
    assert not find(claim, reviewer, None).cause_recorded


@pytest.mark.parametrize("cause", ["motor_disassembled", "wrong_rated_current"])
def test_motor_causes_are_for_motors_only(reviewer: Actor, cause: str) -> None:
    with pytest.raises(NotPossible, match="motors only"):
        find(claim_of(), reviewer, cause)
    with pytest.raises(NotPossible, match="motors only"):
        decide(claim_of(), reviewer, verdict="denied", reason_code=cause)
    motor = claim_of(part=CoveredPartFactory(category="motor"))
    assert find(motor, reviewer, cause).cause.code == cause  # type: ignore[union-attr]


@pytest.mark.parametrize("cause", ["wear", "expired", "gremlins", ""])
def test_record_finding_refuses_what_is_no_cause(reviewer: Actor, cause: str) -> None:
    with pytest.raises(NotPossible, match="one of the causes") as refused:
        find(claim_of(), reviewer, cause)
    assert refused.value.field == "cause_code"


def test_record_finding_refuses_a_defect_without_words_and_the_same_twice(reviewer: Actor) -> None:
    claim = claim_of()
    with pytest.raises(NotPossible, match="Describe the defect"):
        find(claim, reviewer, defect_found=True)
    find(claim, reviewer)
    with pytest.raises(Stale):
        find(claim, reviewer)


def test_decide_part_denies_for_the_reason_proposed(reviewer: Actor) -> None:
    claim = decide(
        claim_of(part=CoveredPartFactory(issued_on=LONG_AGO)), reviewer, verdict="denied", reason_code="expired",
        words="Sorry.",
    )  # fmt: skip
    stored = ClaimedPart.objects.get(pk=claim.pk)
    assert (stored.verdict, stored.reason.code, stored.words) == ("denied", "expired", "Sorry.")  # type: ignore[union-attr]
    assert (stored.decided_by, stored.decided_at) == (reviewer.user, LATER)


def test_decide_part_records_the_cause_it_denies_for(reviewer: Actor) -> None:
    claim = decide(claim_of(), reviewer, verdict="denied", reason_code="lack_of_maintenance")
    assert ClaimedPart.objects.get(pk=claim.pk).cause.code == "lack_of_maintenance"  # type: ignore[union-attr]


UNFOUNDED = [
    ("in_time", {}, "expired"),
    ("ours", {}, "not_ours"),
    ("not_void", {}, "voided"),
    ("no_consumable", {}, "wear"),
    ("complete", {}, "incomplete"),
    ("out_of_time_comes_first", {"issued_on": LONG_AGO}, "improper_use"),
]


@pytest.mark.parametrize(("part", "reason"), [row[1:] for row in UNFOUNDED], ids=[row[0] for row in UNFOUNDED])
def test_decide_part_refuses_a_reason_that_does_not_follow(reviewer: Actor, part: dict, reason: str) -> None:
    claim = claim_of(part=CoveredPartFactory(**part))
    with pytest.raises(NotPossible, match="does not follow from what is recorded"):
        decide(claim, reviewer, verdict="denied", reason_code=reason)
    assert ClaimedPart.objects.get(pk=claim.pk).verdict == "undecided"


def test_decide_part_covers_what_is_proposed(reviewer: Actor) -> None:
    claim = claim_of()
    find(claim, reviewer)
    decided = decide(claim, reviewer, verdict="covered", resolution="replacement")
    assert (decided.verdict, decided.resolution, decided.is_goodwill) == ("covered", "replacement", False)


REFUSED = [
    ("no_such_verdict", {"verdict": "maybe"}, "Choose covered or not covered"),
    ("no_reason", {"verdict": "denied"}, "Choose the reason"),
    ("unknown_reason", {"verdict": "denied", "reason_code": "bad_mood"}, "Choose the reason"),
    ("no_resolution", {"verdict": "covered"}, "Choose repair or replacement"),
    ("needless_goodwill", {"verdict": "covered", "resolution": "repair", "goodwill_reason": "Nice"}, "not goodwill"),
]


@pytest.mark.parametrize(("given", "words"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_decide_part_refuses_half_a_verdict(reviewer: Actor, given: dict, words: str) -> None:
    claim = claim_of()
    find(claim, reviewer)
    with pytest.raises(NotPossible, match=words):
        decide(claim, reviewer, **given)
    assert ClaimedPart.objects.get(pk=claim.pk).verdict == "undecided"


def test_decide_part_refuses_a_guess(owner: Customer, reviewer: Actor) -> None:
    part = CoveredPartFactory(customer=owner)
    case = CaseFactory(customer=owner, part=part, part_ids=[], proposed_part_ids=[part.pk], state="evidence_review")
    with pytest.raises(NotPossible, match="confirm it first"):
        decide(case.claimed_parts.get(), reviewer, verdict="denied", reason_code="improper_use")


def test_decide_part_refuses_to_cover_before_the_cause_was_looked_for(reviewer: Actor) -> None:
    with pytest.raises(NotPossible, match="Nobody has recorded the cause yet"):
        decide(claim_of(), reviewer, verdict="covered", resolution="repair", goodwill_reason="A fair")


def test_decide_part_is_refused_twice_and_leaves_the_first(reviewer: Actor) -> None:
    claim = claim_of()
    decide(claim, reviewer, verdict="denied", reason_code="improper_use")
    with pytest.raises(Stale, match="decided already"):
        decide(claim, reviewer, verdict="denied", reason_code="external_factors")
    with pytest.raises(Stale, match="decided already"):
        find(claim, reviewer)
    assert ClaimedPart.objects.get(pk=claim.pk).reason.code == "improper_use"  # type: ignore[union-attr]


def test_clear_verdict_leaves_the_finding(reviewer: Actor) -> None:
    claim = claim_of()
    decide(claim, reviewer, verdict="denied", reason_code="improper_use")
    cleared = deciding.clear_verdict(claim.pk, actor=reviewer, now=LATER)
    assert (cleared.verdict, cleared.reason, cleared.decided_at) == ("undecided", None, None)
    assert cleared.cause.code == "improper_use"  # type: ignore[union-attr]
    with pytest.raises(Stale):
        deciding.clear_verdict(claim.pk, actor=reviewer, now=LATER)


# ── goodwill ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_covering_against_the_proposal_is_goodwill_with_a_reason(reviewer: Actor) -> None:
    claim = claim_of(part=CoveredPartFactory(issued_on=LONG_AGO))
    with pytest.raises(NotPossible, match="is goodwill, and needs a written reason") as refused:
        decide(claim, reviewer, verdict="covered", resolution="repair")
    assert refused.value.field == "goodwill_reason"
    covered = decide(claim, reviewer, verdict="covered", resolution="repair", goodwill_reason="A loyal customer")
    assert covered.is_goodwill
    assert claim.case.events.get(name="decided").data["goodwill"] is True


def test_goodwill_has_its_own_permission(reviewer: Actor) -> None:
    strict = staff("support")
    strict.user.user_permissions.add(Permission.objects.get(codename="decide_case"))  # type: ignore[union-attr]
    claim = claim_of(part=CoveredPartFactory(issued_on=LONG_AGO))
    with pytest.raises(NotAllowed):
        decide(claim, strict, verdict="covered", resolution="repair", goodwill_reason="A loyal customer")
    assert decide(claim, strict, verdict="denied", reason_code="expired").verdict == "denied"


def test_consumable_is_covered_when_a_defect_is_recorded(reviewer: Actor) -> None:
    claim = claim_of(part=CoveredPartFactory(category="consumable"))
    find(claim, reviewer)
    with pytest.raises(NotPossible, match="no defect is recorded"):
        decide(claim, reviewer, verdict="covered", resolution="replacement")
    find(claim, reviewer, defect_found=True, finding="Cast with a hole.")
    assert not decide(claim, reviewer, verdict="covered", resolution="replacement").is_goodwill


def test_incomplete_is_a_reason_only_after_a_question_without_an_answer(reviewer: Actor) -> None:
    case = CaseFactory(files=())
    deciding.begin_review(case.pk, why="Looks clear", actor=reviewer, now=LATER)
    claim = case.claimed_parts.get()
    with pytest.raises(NotPossible, match="not asked for yet: evidence"):
        decide(claim, reviewer, verdict="denied", reason_code="incomplete")
    deciding.request_information(case.pk, missing=["evidence"], words="", actor=reviewer, now=LATER)
    deciding.begin_review(case.pk, why="No answer in a month", actor=reviewer, now=LATER)
    assert decide(claim, reviewer, verdict="denied", reason_code="incomplete").verdict == "denied"


def test_evidence_asked_for_again_counts_as_missing_until_it_arrives(reviewer: Actor) -> None:
    case = CaseFactory(state="submitted")  # there is a photo, and a sharper one was asked for
    deciding.begin_review(case.pk, why="No answer", actor=reviewer, now=LATER)
    claim = case.claimed_parts.get()
    assert deciding.proposal_of(claim).reason_code == "incomplete"
    opening.add_evidence(case.pk, files=[photo(2)], actor=Actor.customer(), now=LATER)
    find(claim, reviewer)
    assert deciding.proposal_of(case.claimed_parts.get()).verdict == "covered"


# ── who ──────────────────────────────────────────────────────────────────────────────────────────────────────────

WHO = [("support", "support"), ("viewer", "viewer"), ("administrator", "administrator"), ("no_role", "")]


@pytest.mark.parametrize("role", [row[1] for row in WHO], ids=[row[0] for row in WHO])
def test_nobody_without_the_permission_decides(role: str) -> None:
    claim, actor = claim_of(), staff(role)
    for act in (
        lambda: find(claim, actor),
        lambda: decide(claim, actor, verdict="denied", reason_code="improper_use"),
        lambda: deciding.clear_verdict(claim.pk, actor=actor, now=LATER),
    ):
        with pytest.raises(NotAllowed):
            act()


@pytest.mark.parametrize("actor", [Actor.system(), Actor.customer()], ids=["the_desk_itself", "the_customer"])
def test_only_a_person_of_the_staff_decides(actor: Actor) -> None:
    claim = claim_of()
    with pytest.raises(NotAllowed):
        find(claim, actor)
    with pytest.raises(NotAllowed):
        decide(claim, actor, verdict="denied", reason_code="improper_use")


@pytest.mark.parametrize("mine", ["customer", "invoice", "part"])
def test_nobody_decides_about_their_own_purchase(owner: Customer, mine: str) -> None:
    me = staff("manager", email="ich@example.org")
    myself = CustomerFactory(email="Ich@Example.ORG")
    mine_part = CoveredPartFactory(customer=myself)
    if mine == "customer":
        case = CaseFactory(customer=myself, part=CoveredPartFactory(customer=owner))
    elif mine == "invoice":
        case = CaseFactory(customer=owner, part=mine_part)
    else:
        case = CaseFactory(customer=owner, part=CoveredPartFactory(customer=owner))
        opening.claim_parts(case.pk, part_ids=[mine_part.pk], actor=me, now=LATER)
    claim = case.claimed_parts.first()
    assert claim is not None
    with pytest.raises(NotAllowed, match="your own purchase"):
        judge(claim, me)
    with pytest.raises(NotAllowed, match="your own purchase"):
        deciding.deny(case.pk, actor=me, now=LATER)
