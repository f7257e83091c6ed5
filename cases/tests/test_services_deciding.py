"""The decision on a case, the question before it, and the ways back (policy 3 and 5)."""

from __future__ import annotations

import datetime as dt

import pytest
from django.conf import settings

from cases.actors import Actor
from cases.errors import NotAllowed, NotPossible, Stale
from cases.models import Case, ClaimedPart, OutgoingMail
from cases.replay import cases_whose_answer_would_change
from cases.services import deciding, opening
from cases.tests.factories import (
    DECIDED_AT,
    REVIEWED_AT,
    CaseFactory,
    judge,
    judge_all,
    photo,
    staff,
)
from products import services as products
from products.models import Customer, PartVoid, PauseWindow
from products.services import WindowData
from products.tests.factories import CoveredPartFactory, InvoiceFactory, parts_of

pytestmark = pytest.mark.django_db
US = Actor.customer()
AT_ONCE = DECIDED_AT + dt.timedelta(seconds=5)
LATER = DECIDED_AT + dt.timedelta(days=2)


def fresh(case: Case) -> Case:
    return Case.objects.get(pk=case.pk)


def mixed(reviewer: Actor, *, decide: bool = True) -> Case:
    """Two parts: the first covered, the second denied for improper use."""
    case = CaseFactory(parts=parts_of(InvoiceFactory())[:2])
    judge(case.claimed_parts.last(), reviewer, deny="improper_use")  # type: ignore[arg-type]
    judge_all(case, reviewer)
    if decide:
        deciding.approve(case.pk, actor=reviewer, now=DECIDED_AT)
    return fresh(case)


# ── approve and deny ─────────────────────────────────────────────────────────────────────────────────────────────


def test_approve_says_everything_that_is_unmet(reviewer: Actor) -> None:
    case = CaseFactory(parts=parts_of(InvoiceFactory())[:3])
    judge(case.claimed_parts.first(), reviewer, deny="improper_use")  # type: ignore[arg-type]
    with pytest.raises(NotPossible) as refused:
        deciding.approve(case.pk, actor=reviewer, now=LATER)
    assert [one.message for one in refused.value.unmet] == [
        "2 parts are still undecided",
        "No part is decided as covered",
    ]
    assert str(refused.value) == "2 parts are still undecided. No part is decided as covered."


def test_approve_one_of_two_voids_the_other_and_no_third(reviewer: Actor) -> None:
    case = mixed(reviewer)
    covered, denied = case.claimed_parts.order_by("id")
    assert (case.state, case.decided_by, case.decided_at) == ("approved", reviewer.user, DECIDED_AT)
    void = PartVoid.objects.get()
    assert (void.part, void.reason.code, void.case_reference) == (denied.part, "improper_use", case.reference)
    assert (void.voided_by, void.voided_at) == (reviewer.user, DECIDED_AT)
    assert covered.part.voided_at is None
    event = case.events.get(name="approve")
    assert event.data["voided"] == [denied.part_id]
    assert [(told["verdict"], told["reason"], told["resolution"]) for told in event.data["claims"]] == [
        ("covered", "", "repair"), ("denied", "improper_use", ""),
    ]  # fmt: skip


@pytest.mark.parametrize("reason", ["expired", "wear"])
def test_deny_for_what_is_no_void_reason_voids_nothing(reviewer: Actor, reason: str) -> None:
    part = {"expired": {"issued_on": dt.date(2023, 1, 2)}, "wear": {"category": "consumable"}}[reason]
    case = CaseFactory(part=CoveredPartFactory(**part))
    judge_all(case, reviewer, deny=reason)
    assert deciding.deny(case.pk, actor=reviewer, now=DECIDED_AT).state == "denied"
    assert list(PartVoid.objects.all()) == []


def test_decision_is_mailed_once_and_not_before_the_time_to_undo(reviewer: Actor) -> None:
    case = mixed(reviewer)
    mail = OutgoingMail.objects.get(case=case, kind="decision")
    assert mail.not_before == DECIDED_AT + dt.timedelta(seconds=settings.UNDO_SECONDS)
    with pytest.raises(Stale, match="done already"):
        deciding.approve(case.pk, actor=reviewer, now=AT_ONCE)
    assert OutgoingMail.objects.filter(case=case, kind="decision").count() == 1


def test_decision_keeps_what_was_known(reviewer: Actor) -> None:
    part = CoveredPartFactory()
    window = WindowData(dt.date(2025, 6, 11), dt.date(2025, 6, 29), PauseWindow.Certainty.VERIFIED)
    products.set_pauses({part.pk: [window]}, source="tracking", cause="test", now=REVIEWED_AT)
    case = CaseFactory(part=part, files=[photo(1), photo(2)], reviewer=reviewer, state="approved")
    known = case.claimed_parts.get().snapshot
    assert known["submitted_on"] == case.submitted_on.isoformat()
    assert known["terms"] == {
        "effective_from": "2015-01-01", "months": 12, "starts_on": "2025-03-03", "started_by": "invoice",
    }  # fmt: skip
    assert known["clock"] == {
        "on": case.submitted_on.isoformat(), "state": "covered", "base_covered_through": "2026-03-03",
        "covered_through": "2026-03-22", "extended_days": 19, "paused_since": None,
    }  # fmt: skip
    assert known["pauses"] == [
        {"left_on": "2025-06-11", "back_on": "2025-06-29", "source": "tracking", "certainty": "verified"}
    ]
    assert [one["sha256"] for one in known["evidence"]] == [photo(1).sha256, photo(2).sha256]
    assert (known["proposal"]["verdict"], known["finding"]["cause_recorded"]) == ("covered", True)


def test_verdict_overtaken_by_new_facts_has_to_be_decided_again(reviewer: Actor) -> None:
    case = CaseFactory(state="submitted")
    deciding.begin_review(case.pk, why="No answer", actor=reviewer, now=LATER)
    judge_all(case, reviewer, deny="incomplete", now=LATER)
    opening.add_evidence(case.pk, files=[photo(2)], actor=US, now=LATER)
    with pytest.raises(NotPossible, match="Something changed after the verdict, decide again") as refused:
        deciding.deny(case.pk, actor=reviewer, now=LATER)
    assert [one.code for one in refused.value.unmet] == ["overtaken"]
    deciding.clear_verdict(case.claimed_parts.get().pk, actor=reviewer, now=LATER)
    judge_all(case, reviewer, now=LATER)
    assert deciding.approve(case.pk, actor=reviewer, now=LATER).state == "approved"


def test_later_correction_lists_the_decision_and_changes_none(reviewer: Actor) -> None:
    late = CaseFactory(part=CoveredPartFactory(issued_on=dt.date(2024, 11, 1)))
    judge_all(late, reviewer, deny="expired")
    deciding.deny(late.pk, actor=reviewer, now=DECIDED_AT)
    other = mixed(reviewer)
    claim = late.claimed_parts.get()
    assert list(cases_whose_answer_would_change()) == []
    window = WindowData(dt.date(2025, 6, 11), dt.date(2025, 6, 29), PauseWindow.Certainty.VERIFIED)
    products.set_pauses({claim.part_id: [window]}, source="tracking", cause="late scan", now=LATER)
    found = list(cases_whose_answer_would_change())
    assert [(one.case, one.claim, one.answered.reason_code, one.would_answer.verdict) for one in found] == [
        (late, claim, "expired", "open")
    ]
    assert list(cases_whose_answer_would_change([other.claimed_parts.first().part_id])) == []  # type: ignore[union-attr]
    assert fresh(late).state == "denied"


def test_later_correction_lists_a_part_covered_that_was_out_of_time(reviewer: Actor) -> None:
    part = CoveredPartFactory(issued_on=dt.date(2024, 11, 1))
    window = WindowData(dt.date(2025, 6, 11), dt.date(2025, 6, 29), PauseWindow.Certainty.VERIFIED)
    products.set_pauses({part.pk: [window]}, source="tracking", cause="scan", now=REVIEWED_AT)
    case = CaseFactory(part=part, state="approved", reviewer=reviewer)
    products.set_pauses({part.pk: []}, source="tracking", cause="another parcel", now=LATER)
    assert [one.case for one in cases_whose_answer_would_change([part.pk])] == [case]


# ── request_information, begin_review ────────────────────────────────────────────────────────────────────────────


def test_request_information_tells_the_customer_and_stops_the_clock(colleague: Actor) -> None:
    case = CaseFactory()
    after = deciding.request_information(
        case.pk, missing=["evidence", "description"], words="Please film it.", actor=colleague, now=REVIEWED_AT
    )
    assert (after.state, after.information_asked_at) == ("submitted", REVIEWED_AT)
    assert after.information_missing == ["description", "evidence"]
    said = case.messages.get(direction="out")
    assert (said.text, said.author) == ("Please film it.", colleague.user)
    assert OutgoingMail.objects.get(case=case).kind == "information_request"


@pytest.mark.parametrize("missing", [["receipt"], ["evidence", "receipt"]])
def test_request_information_refuses_what_is_not_on_the_list(colleague: Actor, missing: list[str]) -> None:
    with pytest.raises(NotPossible, match="from the list") as refused:
        deciding.request_information(CaseFactory().pk, missing=missing, actor=colleague, now=REVIEWED_AT)
    assert refused.value.field == "missing"


def test_request_information_refuses_to_ask_for_nothing(colleague: Actor) -> None:
    case = CaseFactory()
    with pytest.raises(NotPossible, match="Say what is missing"):
        deciding.request_information(case.pk, missing=[], words="Hm?", actor=colleague, now=REVIEWED_AT)
    assert case.messages.filter(direction="out").count() == 0


def test_begin_review_by_hand_needs_a_reason_and_notes_what_was_missing(colleague: Actor) -> None:
    case = CaseFactory(files=())
    with pytest.raises(NotPossible, match="A reason is needed"):
        deciding.begin_review(case.pk, actor=colleague, now=REVIEWED_AT)
    deciding.begin_review(case.pk, why="Seen at the fair", actor=colleague, now=REVIEWED_AT)
    event = case.events.get(name="begin_review")
    assert (event.why, event.data, event.actor) == ("Seen at the fair", {"missing": ["evidence"]}, colleague.user)


# ── undo ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_undo_makes_the_decision_as_if_it_had_not_been(reviewer: Actor) -> None:
    case = mixed(reviewer)
    after = deciding.undo(case.pk, actor=reviewer, now=AT_ONCE)
    assert (after.state, after.decided_at, after.decided_by) == ("evidence_review", None, None)
    assert OutgoingMail.objects.get(case=case, kind="decision").status == "cancelled"
    void = PartVoid.objects.get()
    assert (void.lifted_at, void.lifted_by) == (AT_ONCE, reviewer.user)
    assert case.reference in void.lift_reason
    assert void.part.voided_at is None
    # The verdicts stay as a draft, without the snapshot of a decision that was not made.
    assert list(case.claimed_parts.order_by("id").values_list("verdict", "snapshot")) == [
        ("covered", {}), ("denied", {}),
    ]  # fmt: skip
    again = deciding.approve(case.pk, actor=reviewer, now=LATER)
    assert again.state == "approved"
    assert PartVoid.objects.filter(lifted_at__isnull=True).count() == 1


def test_undo_is_for_the_one_who_decided(reviewer: Actor) -> None:
    case, other = mixed(reviewer), staff("manager")
    with pytest.raises(NotPossible, match="Only the person who decided"):
        deciding.undo(case.pk, actor=other, now=AT_ONCE)
    assert fresh(case).state == "approved"


@pytest.mark.parametrize("status", ["sending", "sent", "failed", "uncertain"])
def test_undo_is_too_late_when_the_mail_has_left(reviewer: Actor, status: str) -> None:
    case = mixed(reviewer)
    OutgoingMail.objects.filter(case=case, kind="decision").update(status=status, sent_at=AT_ONCE)
    with pytest.raises(NotPossible, match="already left") as refused:
        deciding.undo(case.pk, actor=reviewer, now=AT_ONCE)
    assert [one.code for one in refused.value.unmet] == ["mail_left"]
    assert PartVoid.objects.get().lifted_at is None


def test_undo_is_possible_as_long_as_the_mail_waits(reviewer: Actor) -> None:
    """A worker that is down does not end the time to undo: what counts is that the mail has not left."""
    case = mixed(reviewer)
    assert deciding.undo(case.pk, actor=reviewer, now=LATER).state == "evidence_review"


def test_undo_loses_against_a_mail_that_leaves_at_this_very_moment(
    reviewer: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rule saw a waiting mail; before it could be held back, the sender took it."""
    case = mixed(reviewer)
    real = deciding.cancel_mail

    def sender_is_quicker(mail: OutgoingMail) -> bool:
        OutgoingMail.objects.filter(pk=mail.pk).update(status="sending")
        return real(mail)

    monkeypatch.setattr(deciding, "cancel_mail", sender_is_quicker)
    with pytest.raises(NotPossible, match="has just left"):
        deciding.undo(case.pk, actor=reviewer, now=AT_ONCE)
    assert fresh(case).state == "approved"
    assert PartVoid.objects.get().lifted_at is None


@pytest.mark.parametrize(
    ("seconds", "possible"), [(0, True), (30, True), (31, False)], ids=["at_once", "at_the_end", "over"]
)
def test_undo_has_the_same_time_when_there_is_nobody_to_write_to(
    owner: Customer, reviewer: Actor, seconds: int, possible: bool
) -> None:
    case = CaseFactory(customer=owner)
    Customer.objects.filter(pk=owner.pk).update(email="")
    judge_all(case, reviewer)
    deciding.approve(case.pk, actor=reviewer, now=DECIDED_AT)
    assert list(OutgoingMail.objects.filter(case=case, kind="decision")) == []
    now = DECIDED_AT + dt.timedelta(seconds=seconds)
    if possible:
        assert deciding.undo(case.pk, actor=reviewer, now=now).state == "evidence_review"
    else:
        with pytest.raises(NotPossible, match="already left"):
            deciding.undo(case.pk, actor=reviewer, now=now)


def test_undo_twice_is_told_so(reviewer: Actor) -> None:
    case = mixed(reviewer)
    deciding.undo(case.pk, actor=reviewer, now=AT_ONCE)
    with pytest.raises(Stale):
        deciding.undo(case.pk, actor=reviewer, now=AT_ONCE)


# ── reopen ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_reopen_clears_the_denied_parts_and_leaves_the_covered_ones(reviewer: Actor, colleague: Actor) -> None:
    case = mixed(reviewer)
    before = case.claimed_parts.order_by("id").values().first()
    after = deciding.reopen(case.pk, why="The photo shows the other motor", actor=colleague, now=LATER)
    covered, denied = after.claimed_parts.order_by("id")
    assert (after.state, after.decided_at) == ("evidence_review", None)
    assert after.claimed_parts.order_by("id").values().first() == before
    assert (denied.verdict, denied.reason, denied.snapshot, denied.words) == ("undecided", None, {}, "")
    void = PartVoid.objects.get()
    assert (void.lift_reason, void.lifted_by) == ("The photo shows the other motor", colleague.user)
    assert after.events.get(name="reopen").data == {"cleared": [denied.pk], "lifted": [denied.part_id]}
    with pytest.raises(NotPossible, match="earlier decision"):
        deciding.clear_verdict(covered.pk, actor=reviewer, now=LATER)


def test_reopened_case_is_decided_again_and_keeps_the_first_snapshot(reviewer: Actor) -> None:
    case = mixed(reviewer)
    first = case.claimed_parts.order_by("id").first()
    deciding.reopen(case.pk, why="Appeal", actor=reviewer, now=LATER)
    judge(case.claimed_parts.order_by("id").last(), reviewer, now=LATER)  # type: ignore[arg-type]
    again = deciding.approve(case.pk, actor=reviewer, now=LATER)
    assert again.state == "approved"
    assert ClaimedPart.objects.get(pk=first.pk).snapshot == first.snapshot  # type: ignore[union-attr]
    assert [told["verdict"] for told in case.events.filter(name="approve").last().data["claims"]] == ["covered"]  # type: ignore[union-attr]


def test_undo_after_an_appeal_leaves_the_first_decision_on_a_part(reviewer: Actor) -> None:
    case = mixed(reviewer)
    first = case.claimed_parts.order_by("id").first()
    deciding.reopen(case.pk, why="Appeal", actor=reviewer, now=LATER)
    judge(case.claimed_parts.order_by("id").last(), reviewer, now=LATER)  # type: ignore[arg-type]
    deciding.approve(case.pk, actor=reviewer, now=LATER)
    deciding.undo(case.pk, actor=reviewer, now=LATER)
    snapshots = list(case.claimed_parts.order_by("id").values_list("snapshot", flat=True))
    assert snapshots == [first.snapshot, {}]  # type: ignore[union-attr]


def test_reopen_with_new_evidence_needs_no_words(reviewer: Actor, colleague: Actor) -> None:
    case = CaseFactory(state="denied", reviewer=reviewer)
    with pytest.raises(NotPossible, match="new evidence or a reason"):
        deciding.reopen(case.pk, actor=colleague, now=LATER)
    opening.add_evidence(case.pk, files=[photo(2)], actor=US, now=LATER)
    assert deciding.reopen(case.pk, actor=colleague, now=LATER).state == "evidence_review"
    assert PartVoid.objects.get().lift_reason


def test_reopen_is_only_for_denied_parts(reviewer: Actor, colleague: Actor) -> None:
    case = CaseFactory(state="approved", reviewer=reviewer)
    with pytest.raises(NotPossible, match="nothing to appeal"):
        deciding.reopen(case.pk, why="More, please", actor=colleague, now=LATER)


def test_reopen_lifts_no_void_of_another_case(reviewer: Actor) -> None:
    part = CoveredPartFactory()
    CaseFactory(part=part, customer=part.unit.line.invoice.customer, state="denied", reviewer=reviewer)
    second = CaseFactory(part=part, customer=part.unit.line.invoice.customer)
    judge_all(second, reviewer, deny="voided")
    deciding.deny(second.pk, actor=reviewer, now=LATER)
    deciding.reopen(second.pk, why="Appeal", actor=reviewer, now=LATER)
    assert PartVoid.objects.get().lifted_at is None


# ── withdraw ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_withdraw_by_the_customer_needs_no_more(owner: Customer) -> None:
    case = CaseFactory(customer=owner)
    assert deciding.withdraw(case.pk, actor=US, now=LATER).state == "withdrawn"
    assert case.events.get(name="withdraw").data == {"reason": "withdrawn", "duplicate_of": ""}
    with pytest.raises(Stale):
        deciding.withdraw(case.pk, actor=US, now=LATER)


def test_withdraw_by_support_says_why(colleague: Actor) -> None:
    case = CaseFactory()
    with pytest.raises(NotPossible, match="A reason is needed"):
        deciding.withdraw(case.pk, actor=colleague, now=LATER)
    with pytest.raises(NotPossible, match="one of the reasons"):
        deciding.withdraw(case.pk, reason="boring", actor=colleague, now=LATER)  # type: ignore[arg-type]
    assert deciding.withdraw(case.pk, reason="not_a_request", actor=colleague, now=LATER).state == "withdrawn"


def test_withdraw_a_duplicate_names_the_other_case(colleague: Actor) -> None:
    first, second = CaseFactory(), CaseFactory()
    for written in ("", "WD-2222-3", second.reference):
        with pytest.raises(NotPossible, match="other case"):
            deciding.withdraw(second.pk, reason="duplicate", duplicate_of=written, actor=colleague, now=LATER)
    written = first.reference.lower().replace("-", " ")
    deciding.withdraw(second.pk, reason="duplicate", duplicate_of=written, actor=colleague, now=LATER)
    assert second.events.get(name="withdraw").data["duplicate_of"] == first.reference


# ── who ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("verb", [deciding.approve, deciding.deny, deciding.undo])
def test_support_cannot_decide(colleague: Actor, reviewer: Actor, verb: object) -> None:
    case = mixed(reviewer, decide=False)
    with pytest.raises(NotAllowed):
        verb(case.pk, actor=colleague, now=LATER)  # type: ignore[operator]


@pytest.mark.parametrize("actor", [Actor.system(), Actor.customer()], ids=["the_desk_itself", "the_customer"])
@pytest.mark.parametrize("verb", [deciding.approve, deciding.deny])
def test_nobody_but_staff_decides(reviewer: Actor, actor: Actor, verb: object) -> None:
    case = mixed(reviewer, decide=False)
    with pytest.raises(NotAllowed):
        verb(case.pk, actor=actor, now=LATER)  # type: ignore[operator]
    assert fresh(case).state == "evidence_review"


def test_outsider_can_do_nothing(outsider: Actor) -> None:
    case = CaseFactory(files=())
    for act in (
        lambda: deciding.begin_review(case.pk, why="x", actor=outsider, now=LATER),
        lambda: deciding.withdraw(case.pk, why="x", actor=outsider, now=LATER),
        lambda: opening.describe(case.pk, description="x", actor=outsider, now=LATER),
        lambda: opening.add_evidence(case.pk, files=[photo(5)], actor=outsider, now=LATER),
    ):
        with pytest.raises(NotAllowed):
            act()
    assert fresh(case).state == "submitted"
