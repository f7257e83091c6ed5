"""The demo's cases: each one lived through day by day with the real services, up to the state it is to be found in."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random
from typing import Literal
from zoneinfo import ZoneInfo

from cases.actors import Actor
from cases.evidence.processing import process_waiting
from cases.evidence.storage import MB, store_file
from cases.models import Case, ClaimedPart, Quote
from cases.outbox.sending import send_due
from cases.services import deciding, opening, quoting, repairing, talking
from products.models import CoveredPart, Invoice, VoidReason
from shipments.carriers.simulated import new_number
from shipments.polling import look_at_one
from shipments.services import book
from warrantydesk.accounts.models import User
from warrantydesk.demo.faults import FAULTS
from warrantydesk.demo.people import COUNTRIES
from warrantydesk.demo.photos import photo

Staff = dict[str, list[User]]
Resolution = Literal["repair", "replacement"]
Answer = Literal["accepted", "declined", ""]
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)


@dataclass
class Story:
    """One case and its present: `at` moves forward with every step, and never past `end`."""

    staff: Staff
    random: Random
    at: dt.datetime
    end: dt.datetime
    case: Case = field(init=False)

    def later(self, least: dt.timedelta, most: dt.timedelta | None = None) -> dt.datetime:
        """Let some time pass; what was due meanwhile (mails, looks at parcels) happens."""
        spread = (most or least * 2) - least
        self.at = min(self.at + least + spread * self.random.random(), self.end)
        send_due(self.at, 50)
        return self.at

    def travel(self, days: int) -> None:
        """Days pass while parcels move: the carrier is asked once a day."""
        for _ in range(days):
            self.later(DAY, DAY)
            # Only this story's parcels: the others live in a present of their own.
            for shipment in self.case.repair_shipments.filter(arrived_at__isnull=True):
                look_at_one(shipment.pk, self.at)

    @property
    def reviewer(self) -> Actor:
        return Actor.staff(self.random.choice(self.staff["reviewer"]))

    @property
    def supporter(self) -> Actor:
        return Actor.staff(self.random.choice(self.staff["support"]))


# ── Opening ──────────────────────────────────────────────────────────────────────────────────────────────────────


def open_story(story: Story, invoice: Invoice, parts: Sequence[CoveredPart], *, photos: int, lacking: str = "") -> Case:
    """The customer's request: about these parts, with so many photos, without what is `lacking`."""
    customer = invoice.customer
    language = customer.language if customer.language in FAULTS["standard"] else "en"
    subject, words = FAULTS[parts[0].category][language]
    zone = ZoneInfo(COUNTRIES[str(customer.country)][1])
    files = [
        store_file(f"IMG_{story.random.randint(1000, 9999)}.jpg", "image/jpeg", picture, limit_bytes=25 * MB)
        for picture in (photo(parts[0].label, story.at.astimezone(zone) - HOUR, story.random) for _ in range(photos))
    ]
    new = opening.NewCase(
        customer_id=customer.pk,
        source=story.random.choice(("mail", "mail", "mail", "portal")),
        subject=subject,
        description="" if lacking == "description" else words,
        received_at=story.at,
        language=language,
        invoice_as_given=invoice.number,
        serial_as_given="" if lacking == "serial" else parts[0].unit.serial,
        invoice_id=invoice.pk,
        unit_id=None if lacking == "serial" else parts[0].unit_id,
        part_ids=() if lacking in ("part", "serial") else [part.pk for part in parts],
        sender_name=customer.name,
        sender_address=customer.email,
    )
    story.case = opening.open_case(new, files=files, actor=Actor.customer(), now=story.at)
    process_waiting(story.at, 50)
    return story.case


# ── Deciding ─────────────────────────────────────────────────────────────────────────────────────────────────────


def claims_of(story: Story) -> list[ClaimedPart]:
    return list(story.case.claimed_parts.select_related("part"))


def take_on(story: Story) -> Actor:
    """Somebody takes the case on and looks at it."""
    reviewer = story.reviewer
    talking.assign(story.case.pk, user=reviewer.user, actor=reviewer, now=story.later(HOUR, 30 * HOUR))
    if story.random.random() < 0.3:
        talking.add_note(
            story.case.pk,
            text="Same sound as batch 2506. Compared with the reference photos.",
            actor=reviewer,
            now=story.at,
        )
    return reviewer


def cover(story: Story, reviewer: Actor, claim: ClaimedPart, resolution: Resolution) -> None:
    is_consumable = claim.part.category == "consumable"
    deciding.record_finding(
        claim.pk,
        cause_code="none",
        defect_found=is_consumable,
        finding="Inclusion in the material, seen under the lens." if is_consumable else "",
        actor=reviewer,
        now=story.later(HOUR / 6, HOUR / 2),
    )
    deciding.decide_part(claim.pk, verdict="covered", resolution=resolution, actor=reviewer, now=story.at)


def refuse(story: Story, reviewer: Actor, claim: ClaimedPart, cause: str) -> None:
    """Deny by what the facts say; where they speak for the part, `cause` is what the reviewer saw."""
    proposal = deciding.proposal_of(claim)
    if proposal.verdict == "denied":
        reason = proposal.reason_code
    else:
        reason = cause
        deciding.record_finding(
            claim.pk,
            cause_code=cause,
            finding="Seen on the second photo.",
            actor=reviewer,
            now=story.later(HOUR / 6, HOUR / 2),
        )
    deciding.decide_part(claim.pk, verdict="denied", reason_code=reason, actor=reviewer, now=story.at)


def a_cause_for(part: CoveredPart, random: Random) -> str:
    causes = VoidReason.objects.filter(effect=VoidReason.Effect.VOID)
    if part.category != "motor":
        causes = causes.filter(motors_only=False)
    return random.choice(list(causes.values_list("code", flat=True)))


def approve(story: Story, resolution: Resolution) -> Actor:
    """Approve the case: its first part is covered, and of several parts one may be denied."""
    reviewer = take_on(story)
    first, *others = claims_of(story)
    cover(story, reviewer, first, resolution)
    for claim in others:
        if deciding.proposal_of(claim).verdict != "denied" and story.random.random() < 0.7:
            cover(story, reviewer, claim, resolution)
        else:
            refuse(story, reviewer, claim, a_cause_for(claim.part, story.random))
    deciding.approve(story.case.pk, actor=reviewer, now=story.at)
    story.later(HOUR / 30, HOUR / 20)
    return reviewer


def quote(story: Story, answer: Answer) -> None:
    """Repair service and shipping, which the warranty does not pay; answered, or not yet ("")."""
    supporter = story.supporter
    lines = [
        quoting.QuoteLineData("repair", "Repair service", Decimal(story.random.randint(25, 60))),
        quoting.QuoteLineData("shipping", "Return shipping", Decimal(story.random.randint(9, 40)) + Decimal("0.50")),
    ]
    quoting.write_quote(story.case.pk, lines=lines, actor=supporter, now=story.at)
    quoting.send_quote(story.case.pk, actor=supporter, now=story.at)
    if answer:
        quoting.answer_quote(
            story.case.pk,
            answer=answer,
            through=Quote.PORTAL,
            actor=Actor.customer(),
            now=story.later(5 * HOUR, 40 * HOUR),
        )


# ── Parcels ──────────────────────────────────────────────────────────────────────────────────────────────────────


def send(story: Story, direction: str, days: int) -> None:
    book(
        story.case.pk,
        direction=direction,
        carrier="simulated",
        tracking_number=new_number(days, story.random),
        whole_product=story.random.random() < 0.4,
        booked_at=story.at,
        actor=story.supporter,
        now=story.at,
    )


def to_the_workshop(story: Story, days: int | None = None) -> None:
    story.later(8 * HOUR, 60 * HOUR)
    send(story, "to_workshop", days or story.random.randint(2, 5))
    story.travel(days or 8)


def home_again(story: Story, days: int | None = None) -> None:
    story.later(20 * HOUR, 90 * HOUR)
    send(story, "to_customer", days or story.random.randint(2, 5))
    story.travel(days or 8)


def record_new_serials(story: Story) -> None:
    for claim in claims_of(story):
        if claim.resolution == ClaimedPart.Resolution.REPLACEMENT and not claim.part.is_lot:
            serial = f"RP-{story.random.randint(100, 999)}-{story.random.randint(1000, 9999)}"
            repairing.record_replacement(claim.pk, new_serial=serial, actor=story.supporter, now=story.at)


# ── The endings ──────────────────────────────────────────────────────────────────────────────────────────────────


def is_incomplete(story: Story, invoice: Invoice, parts: Sequence[CoveredPart]) -> None:
    lacking = story.random.choice(("serial", "part", "description", "evidence"))
    open_story(story, invoice, parts, photos=0 if lacking == "evidence" else 1, lacking=lacking)


def was_asked(story: Story, invoice: Invoice, parts: Sequence[CoveredPart]) -> None:
    open_story(story, invoice, parts, photos=1)
    supporter = story.supporter
    words = "Could you send us a video in which the noise can be heard, please? The photo alone does not show it."
    deciding.request_information(
        story.case.pk, missing=["evidence"], words=words, actor=supporter, now=story.later(3 * HOUR, 20 * HOUR)
    )


def waits_for_review(story: Story, invoice: Invoice, parts: Sequence[CoveredPart]) -> None:
    open_story(story, invoice, parts, photos=story.random.randint(1, 5))
    if story.random.random() < 0.6:
        reviewer = take_on(story)
        first, *others = claims_of(story)
        if others and deciding.proposal_of(first).verdict != "denied":
            cover(story, reviewer, first, "repair")


def is_denied(story: Story, invoice: Invoice, parts: Sequence[CoveredPart]) -> None:
    open_story(story, invoice, parts, photos=story.random.randint(1, 3))
    reviewer = take_on(story)
    for claim in claims_of(story):
        refuse(story, reviewer, claim, a_cause_for(claim.part, story.random))
    deciding.deny(story.case.pk, actor=reviewer, now=story.at)
    story.later(HOUR)


def is_approved(story: Story, invoice: Invoice, parts: Sequence[CoveredPart]) -> None:
    open_story(story, invoice, parts, photos=story.random.randint(1, 4))
    resolutions: tuple[Resolution, ...] = ("repair", "repair", "replacement")
    approve(story, story.random.choice(resolutions))
    if story.random.random() < 0.5:
        answers: tuple[Answer, ...] = ("", "accepted")
        quote(story, story.random.choice(answers))


def travels_to_us(story: Story, invoice: Invoice, parts: Sequence[CoveredPart]) -> None:
    open_story(story, invoice, parts, photos=2)
    approve(story, "repair")
    to_the_workshop(story, days=6)


def is_in_repair(story: Story, invoice: Invoice, parts: Sequence[CoveredPart]) -> None:
    open_story(story, invoice, parts, photos=2)
    approve(story, "repair")
    quote(story, "accepted")
    to_the_workshop(story)


def is_repaired(story: Story, invoice: Invoice, parts: Sequence[CoveredPart]) -> None:
    is_in_repair(story, invoice, parts)
    home_again(story)


def is_replaced(story: Story, invoice: Invoice, parts: Sequence[CoveredPart]) -> None:
    open_story(story, invoice, parts, photos=2)
    approve(story, "replacement")
    record_new_serials(story)
    home_again(story)


def comes_home_unrepaired(story: Story, invoice: Invoice, parts: Sequence[CoveredPart]) -> None:
    open_story(story, invoice, parts, photos=1)
    approve(story, "repair")
    quote(story, "declined")
    repairing.return_unrepaired(
        story.case.pk,
        why="The customer prefers to repair it at home.",
        proof=repairing.Proof("nothing_sent", "The printer never left the customer."),
        actor=story.supporter,
        now=story.later(HOUR),
    )


def is_withdrawn(story: Story, invoice: Invoice, parts: Sequence[CoveredPart]) -> None:
    open_story(story, invoice, parts, photos=1)
    deciding.withdraw(
        story.case.pk,
        why="It was the spool after all.",
        reason="withdrawn",
        actor=Actor.customer(),
        now=story.later(DAY),
    )


Ending = Callable[[Story, Invoice, Sequence[CoveredPart]], None]

# ending, share of all cases, days ago (least, most), whether the part is to be in cover on that day
ENDINGS: tuple[tuple[Ending, int, tuple[int, int], bool], ...] = (
    (is_incomplete, 14, (0, 9), True),
    (was_asked, 8, (2, 9), True),
    (waits_for_review, 26, (0, 6), True),
    (is_denied, 10, (8, 300), False),
    (is_denied, 12, (8, 300), True),
    (is_approved, 12, (4, 12), True),
    (travels_to_us, 10, (7, 9), True),
    (is_in_repair, 14, (15, 20), True),
    (is_repaired, 24, (45, 320), True),
    (is_replaced, 10, (30, 300), True),
    (comes_home_unrepaired, 4, (20, 200), True),
    (is_withdrawn, 6, (5, 200), True),
)
