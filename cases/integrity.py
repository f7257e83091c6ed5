"""The invariants of the claim, read from the rows: what no verb can break, a hand in the database can."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from cases.models import Case, CaseEvent, ClaimedPart
from cases.models.case import State
from cases.rules.lifecycle import TRANSITIONS
from cases.services.covering import differing
from products.models import ClockChange, PartVoid, VoidReason

# A case that did not hear of a moved clock at once does so with the next round.
HEARD_WITHIN = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Problem:
    """`reference` is the case, `code` for programs, `message` a sentence."""

    reference: str
    code: str
    message: str


def problems() -> Iterator[Problem]:
    """Everything that does not add up, case by case; nothing where all is well. Constant memory, few queries."""
    yield from _states_without_their_event()
    yield from _unknown_steps()
    yield from _broken_chains()
    yield from _decisions()
    yield from _verdicts()
    yield from _voids()
    yield from _kept_for_lists()


def _transitions(case: OuterRef | F) -> QuerySet[CaseEvent]:
    return CaseEvent.objects.filter(case=case, kind=CaseEvent.Kind.TRANSITION)


def _told(cases: QuerySet[Case], code: str, message: str) -> Iterator[Problem]:
    for reference in cases.order_by("id").values_list("reference", flat=True).iterator():
        yield Problem(reference, code, message)


def _states_without_their_event() -> Iterator[Problem]:
    """The state is where the last transition led; a case that never moved is submitted."""
    last = _transitions(OuterRef("pk")).order_by("-id").values("to_state")[:1]
    cases = Case.objects.annotate(led_to=Subquery(last))
    moved = Q(led_to__isnull=False) & ~Q(state=F("led_to"))
    never = Q(led_to__isnull=True) & ~Q(state=State.SUBMITTED)
    yield from _told(cases.filter(moved | never), "state_without_event", "The state is not where the last event led.")


def _unknown_steps() -> Iterator[Problem]:
    """Every transition of the timeline is one of the policy's table, from and to where that table says."""
    known = Q()
    for rule in TRANSITIONS.values():
        known |= Q(name=rule.name, from_state__in=rule.sources, to_state=rule.target)
    events = CaseEvent.objects.filter(kind=CaseEvent.Kind.TRANSITION).exclude(known)
    for reference, name in events.order_by("id").values_list("case__reference", "name").iterator():
        yield Problem(reference, "unknown_transition", f"The policy knows no such transition: {name}.")


def _broken_chains() -> Iterator[Problem]:
    """Each transition begins where the one before it ended, the first at `submitted`."""
    before = _transitions(OuterRef("case")).filter(id__lt=OuterRef("id")).order_by("-id").values("to_state")[:1]
    events = CaseEvent.objects.filter(kind=CaseEvent.Kind.TRANSITION).annotate(came_from=Subquery(before))
    first = Q(came_from__isnull=True) & ~Q(from_state=State.SUBMITTED)
    broken = events.filter(first | (Q(came_from__isnull=False) & ~Q(from_state=F("came_from"))))
    for reference, name in broken.order_by("id").values_list("case__reference", "name").iterator():
        yield Problem(reference, "broken_chain", f"“{name}” does not begin where the transition before it ended.")


def _decisions() -> Iterator[Problem]:
    decided_states = (State.APPROVED, State.DENIED, State.IN_REPAIR, State.RETURNED)
    decision = _transitions(OuterRef("pk")).filter(name__in=("approve", "deny"), at=OuterRef("decided_at"))
    yield from _told(
        Case.objects.filter(decided_at__isnull=False).exclude(Exists(decision)),
        "decision_without_event",
        "A decision has no row in the timeline.",
    )
    yield from _told(
        Case.objects.filter(state__in=decided_states, decided_at__isnull=True),
        "decision_without_person",
        "The case is decided, and nobody is named who did.",
    )


def _verdicts() -> Iterator[Problem]:
    claims = ClaimedPart.objects.filter(case=OuterRef("pk"))
    covered, undecided = claims.filter(verdict="covered"), claims.filter(verdict="undecided")
    working = Case.objects.filter(state__in=(State.APPROVED, State.IN_REPAIR, State.RETURNED))
    yield from _told(
        working.exclude(Exists(covered)), "approved_without_part", "The case is approved, and no part is covered."
    )
    yield from _told(
        Case.objects.filter(Exists(covered), state=State.DENIED),
        "denied_with_covered_part",
        "The case is denied, and a part of it is covered.",
    )
    decided = Case.objects.filter(decided_at__isnull=False)
    yield from _told(
        decided.filter(Exists(undecided)), "decided_with_open_part", "The case is decided, and a part of it is not."
    )
    yield from _told(
        decided.filter(Exists(claims.filter(snapshot={}))),
        "decision_without_snapshot",
        "What was known at the decision is not kept.",
    )


def _voids() -> Iterator[Problem]:
    """A denial for a void reason, once told, has voided its part (policy 3.4)."""
    void = PartVoid.objects.filter(part=OuterRef("part"), case_reference=OuterRef("case__reference"))
    claims = ClaimedPart.objects.filter(
        case__decided_at__isnull=False, verdict="denied", reason__effect=VoidReason.Effect.VOID
    ).exclude(Exists(void))
    for reference in claims.order_by("id").values_list("case__reference", flat=True).iterator():
        yield Problem(
            reference, "denial_without_void", "A part was denied for a reason that voids it, and is not void."
        )


def _kept_for_lists() -> Iterator[Problem]:
    """What the queue filters by is what the rows it is copied from say."""
    heard = timezone.now() - HEARD_WITHIN
    moved = ClockChange.objects.filter(part__claims__case=OuterRef("pk"), at__gte=heard)
    yield from _told(
        differing().exclude(Exists(moved)),
        "cover_end_differs",
        "The end of cover kept for the queue is not what the clocks say.",
    )
    claims = ClaimedPart.objects.filter(Q(product=None) | ~Q(product=F("part__product")))
    for reference in claims.order_by("id").values_list("case__reference", flat=True).iterator():
        yield Problem(reference, "claim_product_differs", "The product kept with a claim is not its part's.")
