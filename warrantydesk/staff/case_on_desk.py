"""One case as the desk holds it: everything its page and its forms ask for, each fetched once.

Queries: a fixed number, however many parts, files, messages, parcels and events the case has.
"""

from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Exists, OuterRef, Prefetch, QuerySet
from django.utils import timezone

from cases.actors import Actor
from cases.models import Case, CaseEvent, ClaimedPart, Evidence, Message, OutgoingMail, Quote, Tag
from cases.models.case import State
from cases.queries import cases_visible_to
from cases.reference import parse_reference
from cases.services.next_steps import Step, transitions_for
from cases.services.opening import missing_of
from cases.services.quoting import quote_in_force
from cases.services.repairing import unrepaired_plan
from products.explaining import explaining_prefetches
from products.models import CoveredPart, VoidReason
from shipments.models import PackedPart, RepairShipment


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

    @property
    def today(self) -> date:
        return timezone.localdate(self.now)

    @cached_property
    def claims(self) -> list[ClaimedPart]:
        """The claimed parts with all that moves their clocks. Each knows this very case, so no rule asks again."""
        claims = list(
            self.case.claimed_parts.select_related(
                "part__product", "part__terms", "part__unit__line__invoice", "cause", "reason", "decided_by"
            )
            .prefetch_related(*explaining_prefetches("part__"))
            .order_by("pk")
        )
        for claim in claims:
            claim.case = self.case
        return claims

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
        return list(self.case.evidence.select_related("message").order_by("received_at", "pk"))

    @cached_property
    def messages(self) -> list[Message]:
        mails = Prefetch("outgoing_mails", OutgoingMail.objects.order_by("pk"))
        return list(
            self.case.messages.select_related("author")
            .prefetch_related("evidence", "enclosures", mails)
            .order_by("at", "pk")
        )

    @cached_property
    def automatic_mails(self) -> list[OutgoingMail]:
        """Mails the desk wrote by itself, which no message of the conversation stands for."""
        return list(self.case.outgoing_mails.filter(message=None).order_by("created_at", "pk"))

    @cached_property
    def events(self) -> list[CaseEvent]:
        return list(self.case.events.select_related("actor").order_by("-at", "-pk"))

    @cached_property
    def parcels(self) -> list[RepairShipment]:
        packed = Prefetch("packed_parts", PackedPart.objects.select_related("part__product"))
        return list(
            self.case.repair_shipments.select_related("booked_by")
            .prefetch_related(packed, "tracking_events__recorded_by")
            .order_by("booked_at", "pk")
        )

    @cached_property
    def sibling_cases(self) -> list[Case]:
        """Other cases of the same customer that a parcel of this one may serve too. Those that are over need none."""
        over = (State.RETURNED, State.WITHDRAWN)
        others = cases_visible_to(self.user).filter(customer=self.case.customer_id).exclude(pk=self.case.pk)
        return list(others.exclude(state__in=over).order_by("-received_at")[:20])

    @cached_property
    def quote(self) -> Quote | None:
        return quote_in_force(self.case)

    @cached_property
    def missing(self) -> list[str]:
        return missing_of(self.case)

    @cached_property
    def steps(self) -> list[Step]:
        return transitions_for(self.case, self.actor, self.now)

    @cached_property
    def goes_home_unrepaired(self) -> bool:
        return unrepaired_plan(self.case) is not None

    @cached_property
    def tags(self) -> list[Tag]:
        """Every tag there is: those the case carries are marked `is_on`."""
        on = self.case.tags.through.objects.filter(tag=OuterRef("pk"), case=self.case.pk)
        return list(Tag.objects.annotate(is_on=Exists(on)))

    @cached_property
    def colleagues(self) -> QuerySet[Any]:
        return get_user_model().objects.filter(is_active=True, is_staff=True).order_by("name")

    @cached_property
    def currency(self) -> str:
        return self.case.invoice.currency if self.case.invoice else "EUR"
