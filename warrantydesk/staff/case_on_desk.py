"""One case as the desk holds it: everything its page and its forms ask for, each fetched once.

Queries: a fixed number, however many parts, files, messages, parcels and events the case has.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet, Subquery, prefetch_related_objects
from django.urls import reverse
from django.utils import timezone

from cases.actors import Actor
from cases.models import (
    Absence,
    Case,
    CaseEvent,
    ClaimedPart,
    Evidence,
    Message,
    OutgoingMail,
    Quote,
    RepairReport,
    Tag,
)
from cases.models.case import State
from cases.queries import cases_visible_to
from cases.reference import parse_reference
from cases.services.next_steps import Step, transitions_for
from cases.services.opening import missing_of
from cases.services.quoting import quote_in_force
from cases.services.repairing import unrepaired_plan
from products.explaining import explaining_prefetches
from products.models import CoveredPart, VoidReason
from shipments.models import PackedPart, RepairShipment, TrackingEvent

MOST_RELATED, MOST_SIBLINGS = 60, 20


def fetch_case(user: Any, reference: str) -> Case:
    """The case with the people and the purchase it hangs on. Case.DoesNotExist where this person may see none."""
    return (
        cases_visible_to(user)
        .select_related(
            "customer",
            "invoice__customer",
            "unit__line__product",
            "unit__line__invoice",
            "assignee",
            "decided_by",
            "follows",
        )
        # What is no reference finds nothing, rather than going to the database as it is: it may hold a NUL.
        .get(reference=parse_reference(reference) or "")
    )


@dataclass
class CaseOnDesk:
    case: Case
    user: Any
    now: datetime

    @classmethod
    def fetch(cls, user: Any, reference: str, now: datetime) -> "CaseOnDesk":
        return cls(fetch_case(user, reference), user, now)

    @property
    def actor(self) -> Actor:
        return Actor.staff(self.user)

    @cached_property
    def page_url(self) -> str:
        return reverse("staff:case", args=[self.case.reference])

    @property
    def today(self) -> date:
        return timezone.localdate(self.now)

    @cached_property
    def claims(self) -> list[ClaimedPart]:
        """The claimed parts with all that moves their clocks."""
        relations = ("part__product", "part__terms", "part__unit__line__invoice__customer")
        claims = ClaimedPart.objects.select_related(*relations, "cause", "reason", "decided_by").order_by("pk")
        return self._fetched("claimed_parts", claims.prefetch_related(*explaining_prefetches("part__")))

    @cached_property
    def unit_parts(self) -> list[CoveredPart]:
        """Every part of the sold unit, in its own order; none while no unit is matched."""
        if self.case.unit_id is None:
            return []
        return list(CoveredPart.objects.filter(unit=self.case.unit_id).select_related("product").order_by("position"))

    @cached_property
    def unclaimed_parts(self) -> list[CoveredPart]:
        claimed = {claim.part_id for claim in self.claims}
        return [part for part in self.unit_parts if part.pk not in claimed]

    @cached_property
    def reasons(self) -> list[VoidReason]:
        return list(VoidReason.objects.order_by("position"))

    @cached_property
    def evidence(self) -> list[Evidence]:
        return self._fetched("evidence", Evidence.objects.select_related("message").order_by("received_at", "pk"))

    @cached_property
    def files_by_message(self) -> dict[int | None, list[Evidence]]:
        return _grouped(self.evidence)

    @cached_property
    def messages(self) -> list[Message]:
        """Those we sent come with the pictures sent along; nobody else's have any."""
        messages = self._fetched("messages", Message.objects.select_related("author").order_by("at", "pk"))
        prefetch_related_objects([one for one in messages if one.direction == Message.Direction.OUT], "enclosures")
        return messages

    @cached_property
    def mails_by_message(self) -> dict[int | None, list[OutgoingMail]]:
        """Under None those the desk wrote by itself, which no message of the conversation stands for."""
        return _grouped(self._fetched("outgoing_mails", OutgoingMail.objects.order_by("pk")))

    @cached_property
    def events(self) -> list[CaseEvent]:
        return self._fetched("events", CaseEvent.objects.select_related("actor").order_by("-at", "-pk"))

    @cached_property
    def parcels(self) -> list[RepairShipment]:
        packed = Prefetch("packed_parts", PackedPart.objects.select_related("part__product"))
        scans = Prefetch("tracking_events", TrackingEvent.objects.select_related("recorded_by"))
        parcels = RepairShipment.objects.select_related("booked_by").prefetch_related(packed, scans)
        return self._fetched("repair_shipments", parcels.order_by("booked_at", "pk"))

    @cached_property
    def repair_reports(self) -> dict[int, RepairReport]:
        """The latest word of the workshop about each claimed part, by the id of the claim."""
        if self.case.state not in (State.IN_REPAIR, State.RETURNED):
            return {}
        reports = RepairReport.objects.filter(claim__case=self.case).select_related("reported_by").order_by("pk")
        return {report.claim_id: report for report in reports}

    @cached_property
    def sibling_cases(self) -> list[Case]:
        """Other cases of the same customer that a parcel of this one may serve too. Those that are over need none."""
        over = (State.RETURNED, State.WITHDRAWN)
        if len(self.related_cases) < MOST_RELATED:
            ours = [one for one in self.related_cases if one.customer_id == self.case.customer_id]
            return [one for one in ours if one.state not in over][:MOST_SIBLINGS]
        others = cases_visible_to(self.user).filter(customer=self.case.customer_id).exclude(pk=self.case.pk)
        return list(others.exclude(state__in=over).order_by("-received_at")[:MOST_SIBLINGS])

    @cached_property
    def related_cases(self) -> list[Case]:
        """Other cases of this unit, of this customer, and those one fault came back in; the newest first, so many of
        them that nearly everybody's are all."""
        case = self.case
        related = Q(customer=case.customer_id) | Q(follows=case.pk)
        if case.unit_id:
            related |= Q(unit=case.unit_id)
        if case.follows_id:
            related |= Q(pk=case.follows_id)
        others = cases_visible_to(self.user).filter(related).exclude(pk=case.pk)
        return list(others.order_by("-received_at", "-pk")[:MOST_RELATED])

    @cached_property
    def quote(self) -> Quote | None:
        quotes = Quote.objects.prefetch_related("lines").order_by("created_at", "pk")
        self._fetched("quotes", quotes)
        return quote_in_force(self.case)

    @cached_property
    def missing(self) -> list[str]:
        return missing_of(self._with_rows)

    @cached_property
    def steps(self) -> list[Step]:
        return transitions_for(self._with_rows, self.actor, self.now)

    @cached_property
    def goes_home_unrepaired(self) -> bool:
        return unrepaired_plan(self._with_rows) is not None

    @cached_property
    def _with_rows(self) -> Case:
        """The case with everything its rules read: what the page shows anyway is not read a second time."""
        _read = (self.claims, self.evidence, self.events, self.mails_by_message, self.quote)
        return self.case

    def _fetched(self, relation: str, rows: QuerySet[Any]) -> list[Any]:
        """The rows of a relation, which the case then carries: each knows this very case, and no rule asks again."""
        prefetch_related_objects([self.case], Prefetch(relation, queryset=rows))
        return list(getattr(self.case, relation).all())

    @cached_property
    def tags(self) -> list[Tag]:
        """Every tag there is: those the case carries are marked `is_on`."""
        on = self.case.tags.through.objects.filter(tag=OuterRef("pk"), case=self.case.pk)
        return list(Tag.objects.annotate(is_on=Exists(on)))

    @cached_property
    def colleagues(self) -> QuerySet[Any]:
        """Each with `away_until`, the last day of the absence they are away for today; None who is there."""
        away = Absence.objects.filter(person=OuterRef("pk"), first_on__lte=self.today, last_on__gte=self.today)
        until = Subquery(away.order_by("-last_on").values("last_on")[:1])
        people = get_user_model().objects.filter(is_active=True, is_staff=True)
        return people.annotate(away_until=until).order_by("name")

    @cached_property
    def currency(self) -> str:
        return self.case.invoice.currency if self.case.invoice else "EUR"


def _grouped(rows: Iterable[Any]) -> dict[int | None, list[Any]]:
    """By the message they belong to."""
    found: dict[int | None, list[Any]] = {}
    for row in rows:
        found.setdefault(row.message_id, []).append(row)
    return found
