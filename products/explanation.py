"""Why a clock says what it says: its steps in the order of the calendar, and its one sentence. Pure.

The clock knows days and nothing else. What a person also wants to know - where the start came from, how an absence is
known, what was replaced or voided, and by whom - comes as a `History` of plain words, in which anything may be unknown.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Literal

from products.written import written_date, written_days, written_months, written_span

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
MOST_IN_A_SENTENCE = 3  # pauses named one by one


def steps(clock: Clock, history: History = NOTHING_KNOWN) -> list[Step]:
    """Every step from the start to the answer, in the order of the calendar, each one short sentence."""
    happened = [*_pause_steps(clock, history), *_replacement_steps(history), *_void_steps(history)]
    happened += [*_refund_step(history), *_received_step(clock, history)]
    happened.sort(key=lambda step: step.on or clock.starts_on)
    return [*_term_steps(clock, history), *happened, _last_step(clock)]


def sentence(clock: Clock, start_word: str, history: History = NOTHING_KNOWN) -> str:
    """The whole clock in one sentence."""
    bought = f"{start_word} {written_date(clock.starts_on)}"
    through = f"covered through {written_date(clock.covered_through_if_back)}"
    if clock.covered_through is None:
        through += f" if it is back today ({written_date(clock.on)})"
    if clock.pauses:
        bought += f" → {written_date(clock.base_covered_through)}; {_pauses_in_words(clock, history)}"
    return f"{bought} → {through}{_ended_in_words(history)}."


def proof_of(clock: Clock, pause: Pause, proofs: Sequence[Proof]) -> list[Proof]:
    """The windows this absence was made of: one run of days may unite several, each with its proof."""
    last = pause.back_on or max(clock.on, pause.left_on)
    fitting = (proof for proof in proofs if pause.left_on <= proof.left_on <= last)
    return sorted(fitting, key=lambda proof: proof.left_on)


def _term_steps(clock: Clock, history: History) -> list[Step]:
    start, base = clock.starts_on, clock.base_covered_through
    # 29 Feb and the 31st: the reader would otherwise look for a day that month does not have.
    which = "the day with the same number" if base.day == start.day else "the last day of that month"
    until = f"Without pauses that is through {written_date(base)}, {which}."
    in_force = f", by the terms in force since {written_date(history.terms_from)}" if history.terms_from else ""
    return [
        Step("start", start, None, None, _start_words(start, history.start), _invoice(history.start), "1.2"),
        Step("term", start, base, None, f"It lasts {written_months(clock.term_months)}{in_force}.", "", "1.3"),
        Step("base_end", base, None, None, until, "", "1.4"),
    ]


def _start_words(day: date, start: Start | None) -> str:
    begins = f"The warranty starts on {written_date(day)}"
    if start is None:
        return f"{begins}."
    if start.source == "delivery":
        return f"{begins}, the day of delivery."
    awaited = ": it would start with the delivery, whose day is not known" if start.delivery_awaited else ""
    return f"{begins}, the date of the invoice{awaited}."


def _invoice(start: Start | None) -> str:
    return f"invoice {start.invoice}" if start and start.invoice else ""


def _pause_steps(clock: Clock, history: History) -> list[Step]:
    counted = set(clock.pauses)
    return [
        _counted_step(clock, pause, history) if pause in counted else _ignored_step(clock, pause, history)
        for pause in (*clock.pauses, *clock.ignored)
    ]


def _counted_step(clock: Clock, pause: Pause, history: History) -> Step:
    days, proof, files = clock.days_of(pause), _proof_in_full(clock, pause, history), _files(clock, pause, history)
    if pause.back_on is None:
        text = f"Away since {written_date(pause.left_on)}: the clock stands still."
        return Step("open_pause", pause.left_on, None, days, text, proof, "1.6", files)
    count = written_days(days)
    counts = f"{count}." if pause.left_on > clock.starts_on else f"{count} after the start."
    text = f"Away {written_span(pause.left_on, pause.back_on)}: {counts}"
    return Step("pause", pause.left_on, pause.back_on, days, text, proof, "1.5", files)


def _ignored_step(clock: Clock, pause: Pause, history: History) -> Step:
    left_on, back_on = pause
    away = written_span(left_on, back_on) if back_on else f"since {written_date(left_on)}"
    if left_on <= clock.starts_on:
        why = "no later than the start: adds nothing"
    else:
        why = "after the last covered day: revives nothing"
    proof, files = _proof_in_full(clock, pause, history), _files(clock, pause, history)
    return Step("ignored_pause", left_on, back_on, 0, f"Away {away}, {why}.", proof, "1.5", files)


def _proof_in_full(clock: Clock, pause: Pause, history: History) -> str:
    """Each window with its own days where the absence is made of several."""
    proofs = proof_of(clock, pause, history.proofs)
    if len(proofs) == 1:
        return proofs[0].full or proofs[0].short
    return "; ".join(f"{_days_of_proof(proof)}: {proof.full or proof.short}" for proof in proofs)


def _files(clock: Clock, pause: Pause, history: History) -> tuple[ProofFile, ...]:
    return tuple(proof.file for proof in proof_of(clock, pause, history.proofs) if proof.file)


def _days_of_proof(proof: Proof) -> str:
    if proof.back_on is None:
        return f"since {written_date(proof.left_on)}"
    return written_span(proof.left_on, proof.back_on)


def _replacement_steps(history: History) -> Iterator[Step]:
    for one in history.replacements:
        serials = f" ({one.old_serial or 'no number'} → {one.new_serial})" if one.new_serial else ""
        text = f"Replaced on {written_date(one.on)}{serials}: the clock goes on as it was."
        yield Step("replaced", one.on, None, None, text, one.by, "1.7")


def _void_steps(history: History) -> Iterator[Step]:
    for void in history.voids:
        clause = f" under clause {void.clause}" if void.clause else ""
        text = f"Void since {written_date(void.on)}{clause} “{void.reason}”: the dates stay."
        if void.lifted_on is not None:
            text = f"Voided on {written_date(void.on)}{clause} “{void.reason}”: lifted again."
        yield Step("voided", void.on, void.lifted_on, None, text, void.by, "1.8")
        if void.lifted_on is not None:
            because = f": {void.lifted_because.rstrip('.')}" if void.lifted_because else ""
            lifted = f"The void was lifted on {written_date(void.lifted_on)}{because}."
            yield Step("void_lifted", void.lifted_on, None, None, lifted, void.lifted_by, "1.8")


def _refund_step(history: History) -> Iterator[Step]:
    if history.refunded_on is not None:
        text = f"The purchase was refunded on {written_date(history.refunded_on)}: not covered since; the dates stay."
        yield Step("refunded", history.refunded_on, None, None, text, "", "")


_ON_RECEIPT = {
    "upcoming": "before the warranty began",
    "covered": "in time",
    "paused": "in time, while it was away",
    "expired": "after the last covered day",
}


def _received_step(clock: Clock, history: History) -> Iterator[Step]:
    if history.received_on is not None:
        day = history.received_on
        text = f"The request reached us on {written_date(day)}: {_ON_RECEIPT[clock.state_on(day)]}."
        yield Step("received", day, None, None, text, "", "1.10")


def _last_step(clock: Clock) -> Step:
    end = clock.covered_through_if_back
    won = (end - clock.base_covered_through).days
    text = f"Covered through {written_date(end)}"
    if clock.covered_through is None:
        return Step("if_back", end, clock.on, won, f"{text} if it is back today ({written_date(clock.on)}).", "", "1.6")
    more = f", {written_days(won)} more" if won else ""
    return Step("covered_through", end, None, won, f"{text}{more}.", "", "1.4")


def _pauses_in_words(clock: Clock, history: History) -> str:
    closed = [pause for pause in clock.pauses if pause.back_on]
    words = []
    if closed:
        total = written_days(sum(map(clock.days_of, closed)))
        words.append(f"paused {total} ({_closed_in_words(clock, closed, history)})")
    if clock.paused_since:
        since = _with_proof(clock, clock.pauses[-1], history)
        words.append(f"paused since {written_date(clock.paused_since)}{f' ({since})' if since else ''}")
    return ", ".join(words)


def _closed_in_words(clock: Clock, closed: Sequence[Pause], history: History) -> str:
    """Each pause with its proof; of many only how often and between which days: the steps have them one by one."""
    if len(closed) > MOST_IN_A_SENTENCE:
        return f"{len(closed)} times, {written_span(closed[0].left_on, closed[-1].back_on or closed[-1].left_on)}"
    spans = [_span_in_words(clock, pause, history) for pause in closed]
    # A span with its proof holds commas of its own.
    return ("; " if any("," in span for span in spans) else ", ").join(spans)


def _span_in_words(clock: Clock, pause: Pause, history: History) -> str:
    span, proof = clock.span_of(pause), _with_proof(clock, pause, history)
    days = written_span(*span) if span else written_date(pause.left_on)
    return f"{days}, {proof}" if proof else days


def _with_proof(clock: Clock, pause: Pause, history: History) -> str:
    return " and ".join(dict.fromkeys(proof.short for proof in proof_of(clock, pause, history.proofs) if proof.short))


def _ended_in_words(history: History) -> str:
    if history.refunded_on is not None:
        return f", but not covered since the refund on {written_date(history.refunded_on)}"
    void = next((void for void in history.voids if void.lifted_on is None), None)
    if void is None:
        return ""
    return f", but void since {written_date(void.on)}" + (f" (clause {void.clause})" if void.clause else "")
