"""The clock of a part explained for people: the one function every face calls, so that all of them say the same.

    explained(part, today)                                             staff: everything, with names
    explained(part, today, received_on=day, words=clock_words())       on a case page, in the reader's language
    explained(part, today, audience="customer", untold=case.reference) without names, without a void not yet told

No query where the part comes from `explainable(rows)`; a fixed number for any number of parts.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from django.db.models import Prefetch, QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from products.coverage import Clock, Step
from products.explanation import History, Proof, Replacement, Start, Void
from products.models import CoveredPart, PartVoid, PauseWindow, SerialChange, WarrantyTerms
from products.queries import clock_of
from products.timeline import Drawing, Marks, Words, draw_all
from products.written import written_date, written_span

Audience = Literal["staff", "customer"]

SHORTEST = 12  # characters a tracking number keeps beside a drawing
ENDS = ("left", "back")


@dataclass(frozen=True)
class Explained:
    """A clock with everything known of its part. Steps, sentence and drawings are made when somebody asks for them."""

    clock: Clock
    history: History
    about: str = ""
    words: Words = field(default_factory=Words)

    @cached_property
    def steps(self) -> list[Step]:
        return self.clock.explain(self.history)

    @cached_property
    def sentence(self) -> str:
        """The whole clock in one sentence. Outside English the last covered day alone, in the reader's words."""
        if (get_language() or "en").startswith("en"):
            return self.clock.sentence(self.start_word, self.history)
        if self.clock.covered_through is None:
            since = {"date": _localised(self.clock.paused_since or self.clock.on)}
            return _("The warranty of this part has been paused since %(date)s.") % since
        return _("Covered through %(date)s.") % {"date": _localised(self.clock.covered_through)}

    @cached_property
    def drawings(self) -> Sequence[Drawing]:
        """The drawing in every layout; the page shows the one that fits (`{% clock_drawing %}`)."""
        return draw_all(self.clock, self._marks, self.words)

    @property
    def start_word(self) -> str:
        return "Delivered" if self.history.start and self.history.start.source == "delivery" else "Bought"

    @property
    def void(self) -> Void | None:
        """The void in force, as far as this reader is told."""
        return next((void for void in self.history.voids if void.lifted_on is None), None)

    @property
    def _marks(self) -> Marks:
        return Marks(
            about=self.about,
            received_on=self.history.received_on,
            replacements=[(one.on, one.new_serial) for one in self.history.replacements],
            voided_on=self.void.on if self.void else None,
            void_reason=self.void.reason if self.void else "",
            proofs=_by_day(self.history.proofs),
        )


def explained(
    part: CoveredPart,
    on: dt.date,
    *,
    received_on: dt.date | None = None,
    words: Words | None = None,
    audience: Audience = "staff",
    untold: str = "",
) -> Explained:
    """The clock of `part` as of `on`, with everything that happened to it.

    `received_on` is the submission day of the case it is looked at for. A customer reads neither names nor what staff
    wrote for each other; a void that came with the case `untold` is kept back until its decision has been told.
    """
    reader = _Reader(audience == "staff", untold)
    return Explained(clock_of(part, on), reader.history_of(part, received_on), part.label, words or Words())


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
    """Who is told: `sees_names` also reads reasons and notes; a void of the case `untold` is not told yet."""

    sees_names: bool
    untold: str

    def history_of(self, part: CoveredPart, received_on: dt.date | None) -> History:
        return History(
            start=_start(part),
            terms_from=part.terms.effective_from,
            proofs=[self._proof(window) for window in part.pauses.all()],
            replacements=[self._replacement(change) for change in part.serial_changes.all()],
            voids=[self._void(void) for void in part.voids.all() if not (self._is_untold(void))],
            received_on=received_on,
        )

    def _is_untold(self, void: PartVoid) -> bool:
        return bool(self.untold) and void.case_reference == self.untold and void.lifted_at is None

    def _proof(self, window: PauseWindow) -> Proof:
        return Proof(
            left_on=window.left_on,
            back_on=window.back_on,
            short=", ".join([*_parcels(window, SHORTEST)[-1:], _certainty(window)]),
            full="; ".join(self._proof_in_full(window)),
        )

    def _proof_in_full(self, window: PauseWindow) -> Iterator[str]:
        yield ", ".join([" / ".join(_parcels(window)), _certainty(window)]).removeprefix(", ") + self._by(
            window.confirmed_by
        )
        if not self.sees_names:
            return
        for text in (str(window.proof.get("words") or ""), window.reason):
            if text:
                yield text
        if window.proof_file:
            yield _("file attached")
        for known in window.proof.get("overruled", ()):
            yield _("stands instead of %(days)s, as tracking has it") % {"days": _tracked_days(known)}
        if window.review_reasons:
            reasons = ", ".join(str(reason).replace("_", " ") for reason in window.review_reasons)
            yield _("to be looked at: %(reasons)s") % {"reasons": reasons}

    def _replacement(self, change: SerialChange) -> Replacement:
        by = self._by(change.changed_by, change.case_reference)
        return Replacement(_day(change.changed_at), change.old_serial, change.new_serial, by.strip())

    def _void(self, void: PartVoid) -> Void:
        return Void(
            on=_day(void.voided_at),
            reason=_(void.reason.title),
            clause=void.reason.clause,
            by=self._by(void.voided_by, void.case_reference).strip(),
            lifted_on=_day(void.lifted_at) if void.lifted_at else None,
            lifted_by=self._by(void.lifted_by).strip(),
            lifted_because=void.lift_reason if self.sees_names else "",
        )

    def _by(self, person: Any, case_reference: str = "") -> str:
        """` by Ann, case WD-7F3K-2`, or nothing for who may not read it."""
        who = _("by %(person)s") % {"person": person} if person else ""
        case = _("case %(case)s") % {"case": case_reference} if case_reference else ""
        said = ", ".join(text for text in (who, case) if text)
        return f" {said}" if said and self.sees_names else ""


def _start(part: CoveredPart) -> Start:
    by_delivery = part.started_by == WarrantyTerms.StartsFrom.DELIVERY
    return Start(
        source="delivery" if by_delivery else "invoice",
        invoice=part.unit.line.invoice.number,
        delivery_awaited=not by_delivery and part.terms.starts_from == WarrantyTerms.StartsFrom.DELIVERY,
    )


def _parcels(window: PauseWindow, most: int = 0) -> list[str]:
    """The parcels that prove its ends, each once: carrier and number, as the storey of the parcels wrote them down."""
    named = [window.proof.get(f"{end}_by") for end in ENDS]
    return list(dict.fromkeys(_cut(text, most) for text in named if isinstance(text, str) and text))


def _cut(text: str, most: int) -> str:
    """`DHL 00340434161…`: a number needs as much room as a drawing has."""
    carrier, _space, number = text.rpartition(" ")
    if most and len(number) > most:
        number = f"{number[: most - 1]}…"
    return f"{carrier} {number}".strip()


def _certainty(window: PauseWindow) -> str:
    return {"provisional": _("provisional"), "verified": _("verified"), "confirmed": _("confirmed")}.get(
        window.certainty, window.certainty
    )


def _tracked_days(known: dict[str, Any]) -> str:
    left_on, back_on = known.get("left_on"), known.get("back_on")
    if not left_on:
        return "?"
    if not back_on:
        return f"since {written_date(dt.date.fromisoformat(left_on))}"
    return written_span(dt.date.fromisoformat(left_on), dt.date.fromisoformat(back_on))


def _by_day(proofs: Sequence[Proof]) -> dict[dt.date, str]:
    """Tracking and staff may both speak of an absence that began on the same day."""
    texts: dict[dt.date, str] = {}
    for proof in proofs:
        before = texts.get(proof.left_on)
        texts[proof.left_on] = f"{before} / {proof.short}" if before else proof.short
    return texts


def _day(at: dt.datetime) -> dt.date:
    return timezone.localdate(at)


def _localised(day: dt.date) -> str:
    return date_format(day, "DATE_FORMAT")
