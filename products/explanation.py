"""Why a clock says what it says: its steps in the order of the calendar, and its one sentence. Pure.

The clock knows days and nothing else. What a person also wants to know - where the start came from, how an absence is
known, what was replaced or voided, and by whom - comes as a `History` of plain words, in which anything may be unknown.
The language is an argument like the day: a `Tongue`, English where none is given.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Literal

from products.telling import ENGLISH, Tongue, pattern

if TYPE_CHECKING:
    from products.coverage import Clock, Pause

StepKind = Literal[
    "start", "term", "base_end", "pause", "open_pause", "ignored_pause", "replaced", "refunded", "voided",
    "void_lifted",
    "received", "covered_through", "if_back",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class ProofFile:
    """A file attached to an absence: `key` is that of its window."""

    key: int
    name: str


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the explanation: `on`/`until` are the days it is about, `days` how many it adds.

    `proof` says how we know, where there is something to say, and `files` are what was attached to it; `rule` is the
    number of the rule in docs/policy.md.
    """

    kind: StepKind
    on: date | None
    until: date | None
    days: int | None
    text: str
    proof: str = ""
    rule: str = ""
    files: tuple[ProofFile, ...] = ()


@dataclass(frozen=True, slots=True)
class Start:
    """What the start was taken from. `delivery_awaited`: the terms start with the delivery, whose day is not known."""

    source: Literal["invoice", "delivery"]
    invoice: str = ""
    delivery_awaited: bool = False


@dataclass(frozen=True, slots=True)
class Proof:
    """How one window of days away is known: in a few words for a drawing, in full, and by the file attached to it."""

    left_on: date
    back_on: date | None
    short: str
    full: str = ""
    file: ProofFile | None = None


@dataclass(frozen=True, slots=True)
class Replacement:
    on: date
    old_serial: str
    new_serial: str
    by: str = ""


@dataclass(frozen=True, slots=True)
class Void:
    """A void, in force where `lifted_on` is None."""

    on: date
    reason: str
    clause: str
    by: str = ""
    lifted_on: date | None = None
    lifted_by: str = ""
    lifted_because: str = ""


@dataclass(frozen=True, slots=True)
class History:
    """Everything known of a part beside its days. `terms_from` is the day its terms came into force."""

    start: Start | None = None
    terms_from: date | None = None
    proofs: Sequence[Proof] = ()
    replacements: Sequence[Replacement] = ()
    voids: Sequence[Void] = ()
    received_on: date | None = None
    refunded_on: date | None = None


NOTHING_KNOWN = History()


def steps(clock: Clock, history: History = NOTHING_KNOWN, tongue: Tongue = ENGLISH) -> list[Step]:
    """Every step from the start to the answer, in the order of the calendar, each one short sentence."""
    teller = _Teller(clock, history, tongue)
    happened = [*teller.pause_steps(), *teller.replacement_steps(), *teller.void_steps()]
    happened += [*teller.refund_step(), *teller.received_step()]
    happened.sort(key=lambda step: step.on or clock.starts_on)
    return [*teller.term_steps(), *happened, teller.last_step()]


def proof_of(clock: Clock, pause: Pause, proofs: Sequence[Proof]) -> list[Proof]:
    """The windows this absence was made of: one run of days may unite several, each with its proof."""
    last = pause.back_on or max(clock.on, pause.left_on)
    fitting = (proof for proof in proofs if pause.left_on <= proof.left_on <= last)
    return sorted(fitting, key=lambda proof: proof.left_on)


class _Teller:
    """One clock told step by step in one language."""

    def __init__(self, clock: Clock, history: History, tongue: Tongue) -> None:
        self.clock, self.history, self.tongue = clock, history, tongue
        self.say, self.day = tongue.say, tongue.day

    def term_steps(self) -> list[Step]:
        start, base = self.clock.starts_on, self.clock.base_covered_through
        return [
            Step("start", start, None, None, self._start_words(), self._invoice(), "1.2"),
            Step("term", start, base, None, self._term_words(), "", "1.3"),
            Step("base_end", base, None, None, self._base_words(), "", "1.4"),
        ]

    def _start_words(self) -> str:
        start, words = self.history.start, self.say("The warranty starts on {day}.")
        if start and start.source == "delivery":
            words = self.say("The warranty starts on {day}, the day of delivery.")
        elif start and start.delivery_awaited:
            words = self.say(
                "The warranty starts on {day}, the date of the invoice: it would start with the delivery, "
                "whose day is not known."
            )
        elif start:
            words = self.say("The warranty starts on {day}, the date of the invoice.")
        return words.format(day=self.day(self.clock.starts_on))

    def _invoice(self) -> str:
        start = self.history.start
        return self.say("invoice {number}").format(number=start.invoice) if start and start.invoice else ""

    def _term_words(self) -> str:
        months, since = self.tongue.months(self.clock.term_months), self.history.terms_from
        if since is None:
            return self.say("It lasts {months}.").format(months=months)
        return self.say("It lasts {months}, by the terms in force since {day}.").format(
            months=months, day=self.day(since)
        )

    def _base_words(self) -> str:
        start, base = self.clock.starts_on, self.clock.base_covered_through
        words = self.say("Without pauses that is through {day}, the day with the same number.")
        if base.day != start.day:
            # 29 Feb and the 31st: the reader would otherwise look for a day that month does not have.
            words = self.say("Without pauses that is through {day}, the last day of that month.")
        return words.format(day=self.day(base))

    def pause_steps(self) -> list[Step]:
        counted = set(self.clock.pauses)
        return [
            self._counted_step(pause) if pause in counted else self._ignored_step(pause)
            for pause in (*self.clock.pauses, *self.clock.ignored)
        ]

    def _counted_step(self, pause: Pause) -> Step:
        days, proof, files = self.clock.days_of(pause), self._proof_in_full(pause), self._files(pause)
        if pause.back_on is None:
            text = self.say("Away since {day}: the clock stands still.").format(day=self.day(pause.left_on))
            return Step("open_pause", pause.left_on, None, days, text, proof, "1.6", files)
        words = self.say("Away {span}: {days}.")
        if pause.left_on <= self.clock.starts_on:
            words = self.say("Away {span}: {days} after the start.")
        text = words.format(span=self.tongue.span(pause.left_on, pause.back_on), days=self.tongue.days(days))
        return Step("pause", pause.left_on, pause.back_on, days, text, proof, "1.5", files)

    def _ignored_step(self, pause: Pause) -> Step:
        left_on, back_on = pause
        early = left_on <= self.clock.starts_on
        if back_on is None:
            words = self.say("Away since {day}, after the last covered day: revives nothing.")
            text = words.format(day=self.day(left_on))
        elif early:
            text = self._span_words(self.say("Away {span}, no later than the start: adds nothing."), left_on, back_on)
        else:
            words = self.say("Away {span}, after the last covered day: revives nothing.")
            text = self._span_words(words, left_on, back_on)
        proof, files = self._proof_in_full(pause), self._files(pause)
        return Step("ignored_pause", left_on, back_on, 0, text, proof, "1.5", files)

    def _span_words(self, words: str, first: date, last: date) -> str:
        return words.format(span=self.tongue.span(first, last))

    def _proof_in_full(self, pause: Pause) -> str:
        """Each window with its own days where the absence is made of several."""
        proofs = proof_of(self.clock, pause, self.history.proofs)
        if len(proofs) == 1:
            return proofs[0].full or proofs[0].short
        return self.tongue.semicolon.join(self._one_of_several(proof) for proof in proofs)

    def _one_of_several(self, proof: Proof) -> str:
        known = proof.full or proof.short
        if proof.back_on is None:
            return self.say("since {day}: {proof}").format(day=self.day(proof.left_on), proof=known)
        span = self.tongue.span(proof.left_on, proof.back_on)
        return self.say("{span}: {proof}").format(span=span, proof=known)

    def _files(self, pause: Pause) -> tuple[ProofFile, ...]:
        return tuple(proof.file for proof in proof_of(self.clock, pause, self.history.proofs) if proof.file)

    def replacement_steps(self) -> Iterator[Step]:
        for one in self.history.replacements:
            words = self.say("Replaced on {day}: the clock goes on as it was.")
            if one.new_serial and one.old_serial:
                words = self.say("Replaced on {day} ({old} → {new}): the clock goes on as it was.")
            elif one.new_serial:
                words = self.say("Replaced on {day} (no number → {new}): the clock goes on as it was.")
            text = words.format(day=self.day(one.on), old=one.old_serial, new=one.new_serial)
            yield Step("replaced", one.on, None, None, text, one.by, "1.7")

    def void_steps(self) -> Iterator[Step]:
        for void in self.history.voids:
            yield Step("voided", void.on, void.lifted_on, None, self._void_words(void), void.by, "1.8")
            if void.lifted_on is not None:
                words = self.say("The void was lifted on {day}.")
                if void.lifted_because:
                    words = self.say("The void was lifted on {day}: {because}.")
                text = words.format(day=self.day(void.lifted_on), because=void.lifted_because.rstrip("."))
                yield Step("void_lifted", void.lifted_on, None, None, text, void.lifted_by, "1.8")

    def _void_words(self, void: Void) -> str:
        if void.lifted_on is None and void.clause:
            words = self.say("Void since {day} under clause {clause} “{reason}”: the dates stay.")
        elif void.lifted_on is None:
            words = self.say("Void since {day} “{reason}”: the dates stay.")
        elif void.clause:
            words = self.say("Voided on {day} under clause {clause} “{reason}”: lifted again.")
        else:
            words = self.say("Voided on {day} “{reason}”: lifted again.")
        return words.format(day=self.day(void.on), clause=void.clause, reason=void.reason)

    def refund_step(self) -> Iterator[Step]:
        day = self.history.refunded_on
        if day is not None:
            words = self.say("The purchase was refunded on {day}: not covered since; the dates stay.")
            yield Step("refunded", day, None, None, words.format(day=self.day(day)), "", "")

    def received_step(self) -> Iterator[Step]:
        day = self.history.received_on
        if day is not None:
            text = self.say(_ON_RECEIPT[self.clock.state_on(day)]).format(day=self.day(day))
            yield Step("received", day, None, None, text, "", "1.10")

    def last_step(self) -> Step:
        clock, end = self.clock, self.clock.covered_through_if_back
        won = (end - clock.base_covered_through).days
        if clock.covered_through is None:
            words = self.say("Covered through {day} if it is back today ({today}).")
            text = words.format(day=self.day(end), today=self.day(clock.on))
            return Step("if_back", end, clock.on, won, text, "", "1.6")
        words = self.say("Covered through {day}.")
        if won:
            words = self.say("Covered through {day}, {days} more.")
        text = words.format(day=self.day(end), days=self.tongue.days(won))
        return Step("covered_through", end, None, won, text, "", "1.4")


_ON_RECEIPT = {
    "upcoming": pattern("The request reached us on {day}: before the warranty began."),
    "covered": pattern("The request reached us on {day}: in time."),
    "paused": pattern("The request reached us on {day}: in time, while it was away."),
    "expired": pattern("The request reached us on {day}: after the last covered day."),
}
