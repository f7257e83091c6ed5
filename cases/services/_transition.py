"""The one locked path every change of a case takes (law 1): lock → rule → transition → save → event → notify.

Every verb is `@transaction.atomic`, so a refusal half-way leaves nothing behind.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, NoReturn, Required, TypedDict, Unpack, cast

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from structlog.contextvars import bind_contextvars

from cases import notifications
from cases.actors import Actor
from cases.errors import NotAllowed, NotPossible, Stale
from cases.models import Case, CaseEvent, ClaimedPart
from cases.models.case import State
from cases.rules.lifecycle import DECIDE, HANDLE, TRANSITIONS, CaseFacts, Given, Unmet, unmet, wrong_state
from cases.services._facts import facts_of
from cases.services._known import known
from cases.services._proposing import claim_of
from cases.services._response import follow_response_clock
from products.auditing import Who, put_on_record
from products.models import Invoice
from products.storing import insert, update
from products.written_once import WrittenOnce

log = logging.getLogger(__name__)


_BESIDE_A_CASE = ("customer", "invoice__customer", "unit__line", "decided_by")


def locked_case(case_id: int, *, beside: Sequence[str] = _BESIDE_A_CASE) -> Case:
    """The case, locked until the transaction ends, freshly read. Case.DoesNotExist where there is none.

    `beside` names the rows read with it, where a verb seldom needs them all.
    """
    found: list[Case] = _locked_with(tuple(beside)).ask(case_id=case_id).fetched()
    if not found:
        raise Case.DoesNotExist(f"no case {case_id}")
    [case] = found
    bind_contextvars(case=case.reference)  # whatever is logged from here on is about it
    return case


@cache
def _locked_with(beside: tuple[str, ...]) -> WrittenOnce:
    # Only the case itself is locked: invoice and unit may be missing, and PostgreSQL locks no missing row.
    cases = Case.objects.select_for_update(of=("self",)).select_related(*beside).order_by()
    return WrittenOnce(lambda case_id: cases.filter(pk=case_id), case_id=int)


def locked_claim(claim_id: int) -> tuple[Case, ClaimedPart]:
    """The claimed part with its case, the case locked. ClaimedPart.DoesNotExist where there is none."""
    found = _CASE_OF.ask(claim=claim_id).rows()
    if not found:
        raise ClaimedPart.DoesNotExist(f"no claimed part {claim_id}")
    case = locked_case(found[0][0])
    return case, claim_of(case, claim_id)


def allow(actor: Actor, permission: str = HANDLE, *, customer: bool = False) -> None:
    """NotAllowed unless the actor holds the permission, or is the customer where `customer` may do it too."""
    if not (customer and actor.kind == "customer"):
        actor.require(permission)


def forbid_own_purchase(case: Case, actor: Actor) -> None:
    """Nobody decides a case about their own purchase: neither as its sender nor as the holder of an invoice."""
    if actor.user is None:
        return
    own = actor.user.email.casefold()
    if own and own in {email.casefold() for email in _buyers(case)}:
        raise NotAllowed(
            _("This is a case about your own purchase: somebody else has to decide it."), code="own_purchase"
        )


def _buyers(case: Case) -> list[str]:
    claims = known(case, "claimed_parts")
    if claims is not None:
        holders = [claim.part.unit.line.invoice.customer.email for claim in claims]
    else:
        holders = [email for (email,) in _HOLDERS.ask(case=case.pk).rows()]
    invoice = [case.invoice.customer.email] if case.invoice else []
    return [case.customer.email, *invoice, *holders]


def _holders(case: int) -> QuerySet[Invoice, Any]:
    return Invoice.objects.filter(lines__units__parts__claims__case=case).order_by().values_list("customer__email")


_HOLDERS = WrittenOnce(_holders, keep_plan=True, case=int)
_CASE_OF = WrittenOnce(
    lambda claim: ClaimedPart.objects.filter(pk=claim).order_by().values_list("case_id"), keep_plan=True, claim=int
)


def require_state(case: Case, states: Sequence[State], *, doing: str) -> None:
    """NotPossible, said and logged, unless the case is in one of `states`."""
    if case.state not in states:
        refuse(case, doing, (wrong_state(case.state, states),))


def refuse(case: Case, doing: str, reasons: Sequence[Unmet]) -> NoReturn:
    """Log a refusal (no personal data) and raise it: NotAllowed, Stale or NotPossible with everything unmet."""
    codes = [reason.code for reason in reasons]
    log.warning("refused: case=%s doing=%s codes=%s", case.reference, doing, ",".join(codes))
    if codes == ["who"]:
        raise NotAllowed(reasons[0].message + ".", code="who")
    rule = TRANSITIONS.get(doing)
    if rule is not None and codes == ["state"] and case.state == rule.target:
        raise Stale(
            _("This has been done already: the case is %(state)s.") % {"state": case.get_state_display()}, unmet=reasons
        )
    raise NotPossible(unmet=reasons)


def check(
    case: Case, name: str, *, actor: Actor, now: datetime, given: Given | None = None, facts: CaseFacts | None = None
) -> None:
    """Whether transition `name` may happen now, by this actor, with what was given; raises a refusal if not.

    `facts` where they have been read in this transaction, after the lock.
    """
    rule = TRANSITIONS[name]
    allow(actor, rule.permission, customer="customer" in rule.who)
    if rule.permission == DECIDE:
        forbid_own_purchase(case, actor)
    reasons = unmet(name, facts or facts_of(case, actor=actor, now=now, given=given), actor.kind)
    if reasons:
        refuse(case, name, reasons)


def move(
    case: Case,
    name: str,
    *,
    actor: Actor,
    now: datetime,
    why: str = "",
    given: Given | None = None,
    facts: CaseFacts | None = None,
    data: Mapping[str, Any] | None = None,
    changes: Mapping[str, Any] | None = None,
    effects: Callable[[], Mapping[str, Any]] | None = None,
) -> Case:
    """Take a locked case through transition `name`.

    `changes` are fields of the case saved along with its state; `effects` runs once the rule allows it, before the
    event is written, and what it returns joins the event's data.
    """
    check(case, name, actor=actor, now=now, given=given, facts=facts)
    from_state = _turned(case, name)
    save(case, now, state=None, **(changes or {}))
    told = {**(data or {}), **(effects() if effects else {})}
    event = record(
        case,
        CaseEvent.Kind.TRANSITION,
        name,
        actor=actor,
        now=now,
        why=why,
        data=told,
        from_state=from_state,
        to_state=case.state,
    )
    notifications.notify(event)
    return case


def save(case: Case, now: datetime, **changes: Any) -> None:
    """Write these fields and the time of the change. `state=None` writes the state the machine has set."""
    for field, value in changes.items():
        if field != "state":
            setattr(case, field, value)
    case.changed_at = now
    written = {name: getattr(case, name) for name in (*changes, "changed_at")}
    if not update(Case, written, id=case.pk):
        raise Case.DoesNotExist(f"no case {case.pk}")


class Told(TypedDict, total=False):
    """What a row of the timeline tells beside its kind and name. `data` holds ids and codes only (the table in
    `cases.services`)."""

    actor: Required[Actor]
    now: Required[datetime]
    why: str
    data: Mapping[str, Any] | None
    from_state: str
    to_state: str


def record(case: Case, kind: str, name: str, **told: Unpack[Told]) -> CaseEvent:
    """Write one row of the timeline; the audit and the response clock follow."""
    event = event_row(case, kind, name, **told)
    insert([event])
    put_event_on_record(event)
    follow_response_clock(case, event)
    return event


def event_row(case: Case, kind: str, name: str, **told: Unpack[Told]) -> CaseEvent:
    """A row of the timeline as `record` writes it, not stored yet."""
    actor = told["actor"]
    return CaseEvent(
        case=case,
        at=told["now"],
        kind=kind,
        name=name,
        from_state=told.get("from_state", ""),
        to_state=told.get("to_state", ""),
        actor_kind=actor.kind,
        actor=actor.user,
        why=told.get("why", "").strip(),
        data=dict(told.get("data") or {}),
    )


# What is put on record whoever did it: an answer that binds, and files that go.
_OF_CONSEQUENCE = {(CaseEvent.Kind.QUOTE, "answered"), (CaseEvent.Kind.EVIDENCE, "erased")}


def put_event_on_record(event: CaseEvent) -> None:
    """Whatever staff do, every transition, and what binds. That a review begins by itself is nobody's decision."""
    is_step = event.kind == CaseEvent.Kind.TRANSITION
    by_itself = event.actor_kind == "system" and event.name == "begin_review"
    if event.actor_kind != "staff" and (event.kind, event.name) not in _OF_CONSEQUENCE and (not is_step or by_itself):
        return
    states = {"from": event.from_state, "to": event.to_state} if is_step else {}
    verb = f"{'case' if is_step else event.kind}.{event.name}"
    who = cast("Who", event.actor_kind)
    put_on_record(verb, "case", event.case_id, who=who, person=event.actor_id, facts={**event.data, **states})


def tell(
    case: Case,
    kind: str,
    name: str,
    *,
    actor: Actor,
    now: datetime,
    why: str = "",
    data: Mapping[str, Any] | None = None,
    in_reply_to: str = "",
    known: Mapping[str, Any] | None = None,
) -> CaseEvent:
    """Record what happened beside the states, mark the case as changed, and let the mails follow. `known`: what they
    tell of that was written a moment ago."""
    save(case, now)
    event = record(case, kind, name, actor=actor, now=now, why=why, data=data)
    notifications.notify(event, in_reply_to=in_reply_to, extra=known)
    return event


def begin_review_if_complete(case: Case, now: datetime) -> None:
    """The automatic start of the review: complete, and after a question only when something new arrived (policy 5)."""
    if case.state != State.SUBMITTED:
        return
    system = Actor.system()
    known = facts_of(case, actor=system, now=now)
    if not unmet("begin_review", known, system.kind):
        move(case, "begin_review", actor=system, now=now, facts=known)


def review_begun(case: Case, now: datetime, facts: CaseFacts) -> list[CaseEvent]:
    """`begin_review_if_complete` for a case that is about to be stored: its state, and the row that tells of it."""
    system = Actor.system()
    if unmet("begin_review", facts, system.kind):
        return []
    moved = {"from_state": _turned(case, "begin_review"), "to_state": case.state}
    return [event_row(case, CaseEvent.Kind.TRANSITION, "begin_review", actor=system, now=now, **moved)]


def _turned(case: Case, name: str) -> str:
    """Turn the machine; the state the case was in before."""
    before: str = case.state
    getattr(case, name)()
    return before
