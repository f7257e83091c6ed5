"""One case as its customer may see it, everything fetched once. What is not theirs is left out here, not in templates.

Queries: a fixed number, however many parts, messages, files and parcels the case has (`case_rows`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property

from django.conf import settings
from django.utils import timezone

from cases.actors import Actor
from cases.claims_told import claims_told
from cases.models import Case, CaseEvent, ClaimedPart, DecisionLetter, Evidence, Message, OutgoingMail, Quote
from cases.models.case import State
from cases.outbox.caps import fold_address
from cases.rules.lifecycle import MATERIAL, TRANSITIONS, QuoteStanding
from cases.services._facts import decision_mails, lacking
from cases.services.quoting import ANSWERABLE, quote_standing
from cases.services.repairing import unrepaired_plan
from products.models import CoveredPart
from products.queries import parts_of_unit
from shipments.carriers.base import Carrier
from shipments.carriers.registry import offered_carriers
from shipments.models import RepairShipment
from warrantydesk.portal.case_rows import events_of, files_of, messages_of, parcels_of, quote_of

WORKING = (State.APPROVED, State.IN_REPAIR)


@dataclass
class CaseOfCustomer:
    case: Case
    now: datetime

    @property
    def actor(self) -> Actor:
        return Actor.customer()

    @cached_property
    def today(self) -> date:
        return timezone.localdate(self.now)

    @cached_property
    def events(self) -> list[CaseEvent]:
        return events_of(self.case)

    def last_event(self, *names: str) -> CaseEvent | None:
        """The latest event of one of these names, None where there is none."""
        return next((event for event in reversed(self.events) if event.name in names), None)

    # ── What may be told ─────────────────────────────────────────────────────────────────────────────────────────

    @cached_property
    def decision_is_told(self) -> bool:
        """Whether the decision in force can no longer be undone: its mail has left, or the case has moved on."""
        if self.case.decided_at is None:
            return False
        if self.case.state not in TRANSITIONS["undo"].sources:
            return True
        if getattr(self.case, "answer_has_left", False):  # read with the link that let the customer in
            return True
        if self._decision_mails:
            return any(mail.status != OutgoingMail.Status.QUEUED for mail in self._decision_mails)
        # Nobody to write to: the time to think again is the same without a mail.
        return self.now > self.case.decided_at + timedelta(seconds=settings.UNDO_SECONDS)

    @cached_property
    def _decision_mails(self) -> Sequence[OutgoingMail]:
        return decision_mails(self.case)

    @cached_property
    def shown_state(self) -> str:
        """The state of the case; while its decision can still be undone, that of a case being looked at."""
        if self.case.decided_at is not None and not self.decision_is_told:
            return State.EVIDENCE_REVIEW
        return self.case.state

    def is_told(self, claim: ClaimedPart) -> bool:
        """Whether the verdict on this part belongs to a decision the customer was told. A draft never does."""
        sealed = claim.snapshot.get("decided_at")
        if not sealed:
            return False
        return self.decision_is_told or datetime.fromisoformat(sealed) != self._decided_at

    @property
    def _decided_at(self) -> datetime | None:
        return self.case.decided_at.astimezone(UTC) if self.case.decided_at else None

    @cached_property
    def all_claims(self) -> list[ClaimedPart]:
        return claims_told(self.case)

    @cached_property
    def claims(self) -> list[ClaimedPart]:
        """The parts the request is about, without the guesses nobody has confirmed."""
        return [claim for claim in self.all_claims if claim.confirmed]

    @cached_property
    def told_claims(self) -> list[ClaimedPart]:
        return [claim for claim in self.claims if self.is_told(claim)]

    def bought_by_customer(self, part: CoveredPart) -> bool:
        """Whether the customer of the case is the one who bought the part. Of anybody else's purchase nothing is told
        beyond the cover of the part itself (policy 3)."""
        return part.unit.line.invoice.customer_id == self.case.customer_id

    @property
    def owns_invoice(self) -> bool:
        return self.case.invoice is not None and self.case.invoice.customer_id == self.case.customer_id

    @cached_property
    def letters(self) -> list[DecisionLetter]:
        """The answers they were told, as letters, newest first. One that can still be undone is none yet. What they
        say is fetched when it is read."""
        letters = reversed(self.case.letters.all())
        return [one for one in letters if self.decision_is_told or one.decided_at != self.case.decided_at]

    # ── What is missing ──────────────────────────────────────────────────────────────────────────────────────────

    @cached_property
    def needs(self) -> list[str]:
        """What the request waits for, in the order of the policy: what is not there, and what we asked for."""
        if self.case.state != State.SUBMITTED:
            return []
        part_is_sure = bool(self.all_claims) and len(self.claims) == len(self.all_claims)
        has_files = any(file.is_kept for file, _shown_with in self.all_files)
        wanted = {*lacking(self.case, part_is_sure=part_is_sure, evidence=has_files), *self._asked}
        return [code for code in MATERIAL if code in wanted]

    @property
    def _asked(self) -> list[str]:
        return self.case.information_missing if self.case.information_asked_at else []

    @cached_property
    def answered_at(self) -> datetime | None:
        """When the customer last wrote or sent something after being asked, while the request still waits."""
        since = self.case.information_asked_at or self.case.received_at
        moments = [*(message.at for message in self.own_messages), *(file.received_at for file in self.files)]
        return max((moment for moment in moments if moment > since), default=None)

    @cached_property
    def unit_parts(self) -> list[CoveredPart]:
        """The parts of the product, to choose from; none while we do not know the product."""
        return list(parts_of_unit(self.case.unit_id)) if self.case.unit_id else []

    # ── Messages and files ───────────────────────────────────────────────────────────────────────────────────────

    @cached_property
    def messages(self) -> list[Message]:
        """Both ways, oldest first. Notes are ours alone, and so is a decision that can still be undone."""
        messages = messages_of(self.case)
        if self.case.decided_at is None or self.decision_is_told:
            return messages
        untold = {mail.message_id for mail in self._decision_mails}
        return [message for message in messages if message.pk not in untold]

    @cached_property
    def own_messages(self) -> list[Message]:
        return [message for message in self.messages if self.is_own(message)]

    def is_own(self, message: Message) -> bool:
        """Whether the customer wrote it. Staff may put somebody else's mail with a case: that one is not theirs."""
        if message.direction != Message.Direction.IN:
            return False
        sender = message.sender_address
        return not sender or fold_address(sender) == fold_address(self.case.customer.email)

    @cached_property
    def files(self) -> list[Evidence]:
        """The files the customer sent, refused ones included: none of another sender's, none that staff added."""
        own = {message.pk for message in self.own_messages}
        by_staff = self._added_by_staff
        rows = [row for row, _shown_with in self.all_files]
        return [
            row for row in rows if (row.message_id in own if row.message_id is not None else row.pk not in by_staff)
        ]

    @cached_property
    def all_files(self) -> list[tuple[Evidence, set[int]]]:
        return files_of(self.case)

    @cached_property
    def enclosed(self) -> list[Evidence]:
        """The files we showed with a message of ours, whoever had sent them."""
        return [file for message in self.messages for file in self.enclosed_with(message)]

    def enclosed_with(self, message: Message) -> list[Evidence]:
        """The files this message of ours showed, as far as they may go out."""
        shown = [file for file, shown_with in self.all_files if message.pk in shown_with]
        return [file for file in shown if file.is_kept and file.may_go_to_customer]

    @property
    def _added_by_staff(self) -> set[int]:
        by_staff = (
            event.data
            for event in self.events
            if event.kind == CaseEvent.Kind.EVIDENCE and event.actor_kind == CaseEvent.Actor.STAFF
        )
        return {pk for data in by_staff for pk in [*data.get("evidence", []), *data.get("refused", [])]}

    # ── Quote and parcels ────────────────────────────────────────────────────────────────────────────────────────

    @cached_property
    def quote(self) -> Quote | None:
        """The quote that was sent, once the decision it belongs to is told."""
        if not self.told_claims or self.shown_state == State.EVIDENCE_REVIEW:
            return None
        return self._quote if self._quote and self._quote.sent_at else None

    @cached_property
    def _quote(self) -> Quote | None:
        return quote_of(self.case)

    @cached_property
    def quote_standing(self) -> QuoteStanding:
        _known_from_now_on = self._quote
        return quote_standing(self.case)

    @property
    def quote_is_open(self) -> bool:
        """Whether the customer can answer it now."""
        return self.quote is not None and self.case.state in ANSWERABLE and self.quote_standing == "unanswered"

    @cached_property
    def goes_home_unrepaired(self) -> bool:
        if self.shown_state not in WORKING:
            return False
        _known_from_now_on = self.events
        return self.quote_standing == "declined" or unrepaired_plan(self.case) is not None

    @cached_property
    def parcels(self) -> list[RepairShipment]:
        """In the order they were booked, proposed ones included, without those that were none of this case's."""
        return parcels_of(self.case)

    @cached_property
    def carriers(self) -> dict[str, Carrier]:
        """Every carrier on offer, by its code: to make them takes longer than to name one."""
        return offered_carriers()

    def latest_parcel(self, direction: str) -> RepairShipment | None:
        return next((one for one in reversed(self.parcels) if one.direction == direction and not one.proposed), None)

    @property
    def latest_to_us(self) -> RepairShipment | None:
        """The newest parcel to the workshop, a proposed one included."""
        to_us = [one for one in self.parcels if one.direction == RepairShipment.Direction.TO_WORKSHOP]
        return to_us[-1] if to_us else None

    @property
    def can_withdraw(self) -> bool:
        return self.case.state in TRANSITIONS["withdraw"].sources

    @property
    def has_repairs(self) -> bool:
        return any(claim.resolution == ClaimedPart.Resolution.REPAIR for claim in self.told_claims)
