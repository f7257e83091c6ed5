"""The clock of a part explained for people: the one function every face calls, so that all of them say the same.

    explained(part, today)                                             staff: everything, with names
    explained(part, today, received_on=day, words=clock_words())       on a case page
    explained(part, today, audience=audience_of(part, customer), …)    what the sender of a case may read

Everything is said in the language that is active while it is asked for. No query where the part comes from
`explainable(rows)`; a fixed number for any number of parts.
"""

import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from html import escape
from typing import Any, Literal

from django.db.models import Prefetch, QuerySet
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from products import localised
from products.coverage import Clock, Step
from products.explanation import NOTHING_KNOWN, History, Proof, ProofFile, Replacement, Start, Void
from products.models import CoveredPart, PartVoid, PauseWindow, SerialChange, WarrantyTerms
from products.one_sentence import StartWord
from products.queries import clock_of
from products.timeline import Drawing, Marks, Words, draw_all
from products.timeline.written import written
from products.tongues import active_tongue, clock_words

# An outsider sent a case about what somebody else bought: they are told the cover, and nothing else (policy 3).
Audience = Literal["staff", "customer", "outsider"]

ABOUT, NAME = "\ue000: ", "\ue001"  # of Unicode's private use: nobody writes them
SHORTEST = 12  # characters a tracking number keeps beside a drawing
ENDS = ("left", "back")


@dataclass(frozen=True)
class Explained:
    """A clock with everything known of its part. Steps, sentence and drawings are made when somebody asks for them."""

    clock: Clock
    history: History
    about: str = ""
    words: Words = field(default_factory=clock_words)
    audience: Audience = "staff"
    ended: bool = False  # void, as far as this reader is told

    @cached_property
    def steps(self) -> list[Step]:
        """None for an outsider: every step but the last is about the purchase, and the last counts the days won."""
        return [] if self.audience == "outsider" else self.clock.explain(self.history, active_tongue())

    @cached_property
    def sentence(self) -> str:
        """The whole clock in one sentence; for an outsider the cover alone."""
        if self.audience != "outsider":
            return self.clock.sentence(self.start_word, self.history, active_tongue())
        return self._cover_alone

    @cached_property
    def drawings(self) -> Sequence[Drawing]:
        """The drawing in every layout; the page shows the one that fits (`{% clock_drawing %}`)."""
        if self.audience == "outsider":
            return ()
        drawn = _drawn(self.clock, self.marks, self.words, get_language())
        return [drawing.told_of(self.about) for drawing in drawn]

    def svgs(self, name: str) -> list[str]:
        """The drawings as SVG elements, for a page on which `name` stands for this one alone."""
        if self.audience == "outsider":
            return []
        about = f"{escape(self.about)}: " if self.about else ""
        drawn = _svgs(self.clock, self.marks, self.words, get_language())
        return [svg.replace(ABOUT, about).replace(NAME, name) for svg in drawn]

    @property
    def _cover_alone(self) -> str:
        if self.void:
            return _("The warranty of this part ended on %(date)s.") % {"date": localised.day(self.void.on)}
        if self.ended:
            return _("The warranty of this part has ended.")
        through = {"date": localised.day(self.clock.covered_through_if_back)}
        if self.clock.covered_through is not None:
            return _("Covered through %(date)s.") % through
        return _("While this part is away, its warranty is paused. If it is back today: through %(date)s.") % through

    @property
    def start_word(self) -> StartWord:
        return "Delivered" if self.history.start and self.history.start.source == "delivery" else "Bought"

    @property
    def void(self) -> Void | None:
        """The void in force, as far as this reader is told."""
        return next((void for void in self.history.voids if void.lifted_on is None), None)

    @property
    def marks(self) -> Marks:
        return Marks(
            received_on=self.history.received_on,
            replacements=[(one.on, one.new_serial) for one in self.history.replacements],
            voided_on=self.void.on if self.void else None,
            void_reason=self.void.reason if self.void else "",
            refunded_on=self.history.refunded_on,
            proofs=_by_day(self.history.proofs),
        )


@lru_cache(maxsize=64)
def _drawn(clock: Clock, marks: Marks, words: Words, _language: str | None) -> tuple[Drawing, ...]:
    """The parts of a kit mostly share one clock, and a page of a case is read again after every step."""
    return draw_all(clock, marks, words)


@lru_cache(maxsize=64)
def _svgs(clock: Clock, marks: Marks, words: Words, language: str | None) -> tuple[str, ...]:
    """With ABOUT and NAME in the place of what is another for each part."""
    drawn = _drawn(clock, marks, words, language)
    return tuple(written(one.told_of(ABOUT[0]), f"hatch-{NAME}-{one.layout}") for one in drawn)


def explained(
    part: CoveredPart,
    on: dt.date,
    *,
    received_on: dt.date | None = None,
    words: Words | None = None,
    audience: Audience = "staff",
    untold: str = "",
    own_parcels: Collection[int] = (),
) -> Explained:
    """The clock of `part` as of `on`, with everything that happened to it.

    `received_on` is the submission day of the case it is looked at for. A customer reads neither names nor what staff
    wrote for each other, nor the number of a parcel that is none of `own_parcels`: it may be somebody else's. A void
    that came with the case `untold` is kept back until its decision has been told, and one that was lifted for good.
    """
    reader = _Reader(audience, untold, frozenset(own_parcels))
    ended = part.unit.refunded_on is not None or any(
        reader.is_told(void) and void.lifted_at is None for void in part.voids.all()
    )
    history = NOTHING_KNOWN if audience == "outsider" else reader.history_of(part, received_on)
    return Explained(clock_of(part, on), history, part.label, words or clock_words(), audience, ended)


def audience_of(part: CoveredPart, customer_id: int) -> Audience:
    """What the sender of a case is to the part: its buyer, or an outsider."""
    return "customer" if part.unit.line.invoice.customer_id == customer_id else "outsider"


def explainable(parts: QuerySet[CoveredPart]) -> QuerySet[CoveredPart]:
    """The parts with all that `explained` reads: three queries more, however many parts."""
    return parts.select_related("product", "terms", "unit__line__invoice").prefetch_related(*explaining_prefetches())


def explaining_prefetches(to_part: str = "") -> list[Any]:
    """For the prefetches of something that leads to parts: `explaining_prefetches("part__")`."""
    return [
        Prefetch(f"{to_part}pauses", PauseWindow.objects.select_related("confirmed_by")),
        Prefetch(f"{to_part}serial_changes", SerialChange.objects.select_related("changed_by")),
        Prefetch(f"{to_part}voids", PartVoid.objects.select_related("reason", "voided_by", "lifted_by")),
    ]


@dataclass(frozen=True)
class _Reader:
    """Who is told. Staff also read names, reasons, notes and files; a void of the case `untold` is not told yet."""

    audience: Audience
    untold: str
    own_parcels: frozenset[int]

    @property
    def is_staff(self) -> bool:
        return self.audience == "staff"

    def history_of(self, part: CoveredPart, received_on: dt.date | None) -> History:
        return History(
            start=_start(part),
            terms_from=part.terms.effective_from,
            proofs=[self._proof(window) for window in part.pauses.all()],
            replacements=[self._replacement(change) for change in part.serial_changes.all()],
            voids=[self._void(void) for void in part.voids.all() if self.is_told(void)],
            received_on=received_on,
            refunded_on=part.unit.refunded_on,
        )

    def is_told(self, void: PartVoid) -> bool:
        """A customer never hears of a void that was lifted: it may have come and gone before they were told."""
        if void.lifted_at is not None:
            return self.is_staff
        return not (self.untold and void.case_reference == self.untold)

    def _proof(self, window: PauseWindow) -> Proof:
        return Proof(
            left_on=window.left_on,
            back_on=window.back_on,
            short=active_tongue().comma.join([*self._parcels(window, SHORTEST)[-1:], self._certainty(window)]),
            full="; ".join(self._proof_in_full(window)),
            file=_file(window) if self.is_staff else None,
        )

    def _proof_in_full(self, window: PauseWindow) -> Iterator[str]:
        parcels = " / ".join(self._parcels(window))
        known = active_tongue().comma.join(text for text in (parcels, self._certainty(window)) if text)
        yield known + self._by(window.confirmed_by)
        if not self.is_staff:
            return
        for text in (str(window.proof.get("words") or ""), window.reason):
            if text:
                yield text.strip().rstrip(".")
        for overruled in window.proof.get("overruled", ()):
            yield _("stands instead of %(days)s, as tracking has it") % {"days": _tracked_days(overruled)}
        if window.review_reasons:
            reasons = ", ".join(str(reason).replace("_", " ") for reason in window.review_reasons)
            yield _("to be looked at: %(reasons)s") % {"reasons": reasons}

    def _parcels(self, window: PauseWindow, most: int = 0) -> list[str]:
        """The parcels that prove its ends, each once: carrier and number, as the storey of the parcels wrote them."""
        told = [end for end in ENDS if self.is_staff or window.proof.get(end) in self.own_parcels]
        named = [window.proof.get(f"{end}_by") for end in told]
        return list(dict.fromkeys(_cut(text, most) for text in named if isinstance(text, str) and text))

    def _certainty(self, window: PauseWindow) -> str:
        return (_for_staff() if self.is_staff else _for_customers()).get(window.certainty, window.certainty)

    def _replacement(self, change: SerialChange) -> Replacement:
        by = self._by(change.changed_by, change.case_reference)
        return Replacement(_day(change.changed_at), change.old_serial, change.new_serial, by.strip())

    def _void(self, void: PartVoid) -> Void:
        return Void(
            on=_day(void.voided_at),
            reason=_(void.reason.title) if void.reason.title else "",
            clause=void.reason.clause,
            by=self._by(void.voided_by, void.case_reference).strip(),
            lifted_on=_day(void.lifted_at) if void.lifted_at else None,
            lifted_by=self._by(void.lifted_by).strip(),
            lifted_because=void.lift_reason,
        )

    def _by(self, person: Any, case_reference: str = "") -> str:
        """` by Ann, case WD-7F3K-2`, or nothing for who may not read it."""
        who = _("by %(person)s") % {"person": person} if person else ""
        case = _("case %(case)s") % {"case": case_reference} if case_reference else ""
        said = ", ".join(text for text in (who, case) if text)
        return f" {said}" if said and self.is_staff else ""


def _for_staff() -> dict[str, str]:
    return {"provisional": _("provisional"), "verified": _("verified"), "confirmed": _("confirmed")}


def _for_customers() -> dict[str, str]:
    return {
        "provisional": _("being confirmed"),
        "verified": _("proved by tracking"),
        "confirmed": _("confirmed by us"),
    }


def _file(window: PauseWindow) -> ProofFile | None:
    if not window.proof_file:
        return None
    known = window.proof.get("file")
    name = known.get("name") if isinstance(known, dict) else ""
    return ProofFile(window.pk, str(name or _("file attached")))


def _start(part: CoveredPart) -> Start:
    by_delivery = part.started_by == WarrantyTerms.StartsFrom.DELIVERY
    return Start(
        source="delivery" if by_delivery else "invoice",
        invoice=part.unit.line.invoice.number,
        delivery_awaited=not by_delivery and part.terms.starts_from == WarrantyTerms.StartsFrom.DELIVERY,
    )


def _cut(text: str, most: int) -> str:
    """`DHL 00340434161…`: a number needs as much room as a drawing has."""
    carrier, _space, number = text.rpartition(" ")
    if most and len(number) > most:
        number = f"{number[: most - 1]}…"
    return f"{carrier} {number}".strip()


def _tracked_days(known: dict[str, Any]) -> str:
    left_on, back_on = known.get("left_on"), known.get("back_on")
    if not left_on:
        return "?"
    if not back_on:
        return _("since %(date)s") % {"date": localised.day(dt.date.fromisoformat(left_on))}
    return active_tongue().span(dt.date.fromisoformat(left_on), dt.date.fromisoformat(back_on))


def _by_day(proofs: Sequence[Proof]) -> dict[dt.date, str]:
    """Tracking and staff may both speak of an absence that began on the same day."""
    texts: dict[dt.date, str] = {}
    for proof in proofs:
        before = texts.get(proof.left_on)
        texts[proof.left_on] = f"{before} / {proof.short}" if before else proof.short
    return texts


def _day(at: dt.datetime) -> dt.date:
    return timezone.localdate(at)
