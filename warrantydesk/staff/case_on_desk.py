"""One case as the desk holds it: everything its page and its forms ask for, each fetched once, when it is asked for.

Queries: a fixed number, however many parts, files, messages, parcels and events the case has.
"""

from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import OuterRef, QuerySet, Subquery
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
    Tag,
)
from cases.models.case import State
from cases.queries import cases_visible_to
from cases.reference import parse_reference
from cases.services.claiming import EDITABLE
from cases.services.next_steps import Step, transitions_for
from cases.services.opening import missing_of
from cases.services.repairing import unrepaired_plan
from products.models import CoveredPart, VoidReason
from products.queries import parts_of_unit
from products.written_once import WrittenOnce
from shipments.models import RepairShipment
from warrantydesk.staff import case_rows
from warrantydesk.staff.case_beside import Beside, Report, beside_case
from warrantydesk.staff.case_rows import MOST_RELATED, Related, Scan

MOST_SIBLINGS = 20
OVER = (State.RETURNED, State.WITHDRAWN)
_REASONS = WrittenOnce(lambda: VoidReason.objects.order_by("position"), keep_plan=True)


def fetch_case(user: Any, reference: str) -> Case:
    """The case with the people and the purchase it hangs on. Case.DoesNotExist where this person may see none."""
    # What is no reference finds nothing, rather than going to the database as it is: it may hold a NUL.
    written = parse_reference(reference)
    found = case_rows.case_of(written) if written and not cases_visible_to(user).query.is_empty() else None
    if found is None:
        raise Case.DoesNotExist
    return found


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

    def file_url(self, pk: int, which: str) -> str:
        """Where a file of the case is seen. Nothing is looked up but the way to all of them, once."""
        return f"{self._files_url}{pk}/{which}/"

    @cached_property
    def _files_url(self) -> str:
        return reverse("staff:file", args=[self.case.reference, 0, "web"]).removesuffix("0/web/")

    @cached_property
    def today(self) -> date:
        return timezone.localdate(self.now)

    @cached_property
    def claims(self) -> list[ClaimedPart]:
        """The claimed parts with all that moves their clocks."""
        return case_rows.claims_of(self.case, lambda: self.reasons)

    @cached_property
    def unit_parts(self) -> list[CoveredPart]:
        """Every part of the sold unit, in its own order; none while no unit is matched."""
        return list(parts_of_unit(self.case.unit_id)) if self.case.unit_id else []

    @cached_property
    def unclaimed_parts(self) -> list[CoveredPart]:
        claimed = {claim.part_id for claim in self.claims}
        return [part for part in self.unit_parts if part.pk not in claimed]

    @property
    def may_claim_more(self) -> bool:
        """Whether its product has parts that could still be claimed. No query."""
        return self.case.state in EDITABLE and self.case.has_unclaimed  # type: ignore[attr-defined]

    @cached_property
    def reasons(self) -> list[VoidReason]:
        return _REASONS.ask().fetched()

    @cached_property
    def evidence(self) -> list[Evidence]:
        return case_rows.evidence_of(self.case)

    @cached_property
    def files_by_message(self) -> dict[int | None, list[Evidence]]:
        return case_rows.by("message_id", self.evidence)

    @cached_property
    def senders(self) -> dict[int, str]:
        """Who sent the messages that brought files, where they said so."""
        named = Message.objects.filter(evidence__case=self.case.pk).order_by().distinct()
        return {pk: name or address for pk, name, address in named.values_list("pk", "sender_name", "sender_address")}

    @cached_property
    def messages(self) -> list[Message]:
        """The whole conversation."""
        return case_rows.messages_of(self.case)

    @cached_property
    def latest_messages(self) -> tuple[list[Message], int]:
        """The end of the conversation, and how many messages it has in all."""
        return case_rows.latest_messages_of(self.case)

    @cached_property
    def mails_by_message(self) -> dict[int | None, list[OutgoingMail]]:
        """Under None those the desk wrote by itself, which no message of the conversation stands for."""
        return case_rows.by("message_id", case_rows.mails_of(self.case))

    @cached_property
    def events(self) -> list[CaseEvent]:
        return case_rows.events_of(self.case)

    @cached_property
    def parcels(self) -> list[RepairShipment]:
        return case_rows.parcels_of(self.case)

    @cached_property
    def scans(self) -> dict[int, list[Scan]]:
        return case_rows.scans_of(self.case) if self.parcels else {}

    @property
    def repair_reports(self) -> dict[int, Report]:
        """The latest word of the workshop about each claimed part, by the id of the claim."""
        return self.beside.reports if self.case.state in (State.IN_REPAIR, State.RETURNED) else {}

    @cached_property
    def sibling_cases(self) -> list[Related]:
        """Other cases of the same customer that a parcel of this one may serve too. Those that are over need none."""
        others = self.related_cases
        if len(others) == MOST_RELATED:
            cases = cases_visible_to(self.user).filter(customer=self.case.customer_id).exclude(pk=self.case.pk)
            open_ones = cases.exclude(state__in=OVER).order_by("-received_at")[:MOST_SIBLINGS]
            others = [Related(*row) for row in open_ones.values_list(*Related._fields)]
        ours = [one for one in others if one.customer_id == self.case.customer_id and one.state not in OVER]
        return ours[:MOST_SIBLINGS]

    @cached_property
    def related_cases(self) -> list[Related]:
        """So many of them that nearly everybody's are all."""
        return case_rows.related_to(self.case)

    @cached_property
    def beside(self) -> Beside:
        return beside_case(self.case.pk)

    @cached_property
    def quote(self) -> Quote | None:
        return case_rows.quote_of(self.case)

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

    @cached_property
    def all_tags(self) -> dict[int, str]:
        """Every tag there is; those of the case stand beside it."""
        return dict(Tag.objects.values_list("pk", "name"))

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
