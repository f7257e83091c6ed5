"""What a drawing of the clock says: the labels at the rail, the numbered list under it, and the sentence for ears."""

from datetime import date

from products.coverage import Clock, Pause
from products.timeline.kinds import Marks, Words
from products.timeline.labels import Block, Line
from products.timeline.rail import Rail, ignored_shown, shown_span


def listed(clock: Clock) -> list[Pause]:
    """The pauses that are over, in order: written at the rail while they are few, numbered when they are many."""
    return [pause for pause in clock.pauses if pause.back_on]


def event_blocks(
    clock: Clock, marks: Marks, words: Words, rail: Rail, *, numbered: bool, lettered: bool
) -> list[Block]:
    """Above the rail: what happened."""
    pauses = [
        Block(_middle(clock, rail, pause), _sign(str(place)) if numbered else _pause_lines(clock, marks, words, pause))
        for place, pause in enumerate(listed(clock), start=1)
    ]
    replaced = [
        Block(rail.middle(on.toordinal()), _sign(letter(place)) if lettered else _replaced_lines(words, on, serial))
        for place, (on, serial) in enumerate(marks.replacements)
    ]
    return pauses + _open_pause(clock, marks, words, rail) + _mark_blocks(marks, words, rail) + replaced


def _sign(sign: str) -> tuple[Line, ...]:
    return (Line(sign, strong=True),)


def letter(place: int) -> str:
    """a, b, … z, aa, ab, …: no chain of replacements is too long."""
    return (letter(place // 26 - 1) if place >= 26 else "") + chr(ord("a") + place % 26)


def _replaced_lines(words: Words, on: date, serial: str) -> tuple[Line, ...]:
    return (Line(f"{words.replaced} {serial}".strip(), strong=True), Line(words.day(on)))


def _middle(clock: Clock, rail: Rail, pause: Pause) -> float:
    first, last = shown_span(clock, pause) or (clock.starts_on, clock.starts_on)
    return (rail.x(first.toordinal()) + rail.x(last.toordinal() + 1)) / 2


def _pause_lines(clock: Clock, marks: Marks, words: Words, pause: Pause) -> tuple[Line, ...]:
    days = words.paused.format(days=words.days(clock.days_of(pause)))
    proof = proof_of(clock, marks, pause)
    lines = [Line(days, strong=True), Line(words.span(*(clock.span_of(pause) or (pause.left_on, pause.left_on))))]
    return tuple([*lines, Line(proof)] if proof else lines)


def _open_pause(clock: Clock, marks: Marks, words: Words, rail: Rail) -> list[Block]:
    blocks = []
    for pause in clock.pauses:
        if pause.back_on is None:
            proof = proof_of(clock, marks, pause)
            lines = [Line(words.paused_since), Line(words.day(pause.left_on), strong=True)]
            blocks.append(Block(_middle(clock, rail, pause), tuple([*lines, Line(proof)] if proof else lines)))
    return blocks


def _mark_blocks(marks: Marks, words: Words, rail: Rail) -> list[Block]:
    blocks = []
    if marks.received_on:
        lines = (Line(words.received, strong=True), Line(words.day(marks.received_on)))
        blocks.append(Block(rail.middle(marks.received_on.toordinal()), lines, "end"))
    if marks.voided_on:
        voided = [Line(f"{words.voided} {words.day(marks.voided_on)}", strong=True)]
        reason = [Line(marks.void_reason)] if marks.void_reason else []
        blocks.append(Block(rail.middle(marks.voided_on.toordinal()), (*voided, *reason)))
    if marks.refunded_on:
        refunded = (Line(f"{words.refunded} {words.day(marks.refunded_on)}", strong=True),)
        blocks.append(Block(rail.middle(marks.refunded_on.toordinal()), refunded))
    return blocks


def date_blocks(clock: Clock, marks: Marks, words: Words, rail: Rail) -> list[Block]:
    """Below the rail: the clock's own dates."""
    start, end = clock.starts_on, clock.covered_through_if_back
    bought = (Line(words.day(start)), Line(start_word(clock, words)))
    return [
        Block(rail.x(start.toordinal()), bought, "start"),
        Block(rail.x(end.toordinal() + 1), _end_lines(clock, marks, words), "end"),
    ]


def today_block(clock: Clock, words: Words, rail: Rail) -> Block:
    """Today, on whichever side there is room to say it."""
    return Block(rail.middle(clock.on.toordinal()), (Line(words.today),), optional=True)


def _end_lines(clock: Clock, marks: Marks, words: Words) -> tuple[Line, ...]:
    end, base = clock.covered_through_if_back, clock.base_covered_through
    # Of a void or refunded part the eye finds that first: its last day is only kept.
    lines = [Line(end_word(clock, marks, words)), Line(words.day(end), strong=marks.kept_through is None)]
    if end > base:
        lines.append(Line(words.won.format(day=words.day(base), days=words.days((end - base).days))))
    return tuple(lines)


def start_word(clock: Clock, words: Words) -> str:
    return words.starts if clock.state == "upcoming" else words.bought


def end_word(clock: Clock, marks: Marks, words: Words) -> str:
    if marks.voided_on:
        return words.if_not_void
    if marks.refunded_on:
        return words.if_not_refunded
    return words.if_back if clock.covered_through is None else words.covered_through


def proof_of(clock: Clock, marks: Marks, pause: Pause) -> str:
    """How this absence is known; one run of days may have been made of several, each with its proof."""
    last = pause.back_on or max(clock.on, pause.left_on)
    return ", ".join(
        dict.fromkeys(text for day, text in sorted(marks.proofs.items()) if pause.left_on <= day <= last and text)
    )


def pause_in_full(clock: Clock, marks: Marks, words: Words, pause: Pause) -> str:
    """A pause in one line: paused 19 days, 11–29 Jun 2025 · DHL 00340…, verified."""
    proof = proof_of(clock, marks, pause)
    return _pause_words(clock, words, pause) + (f" · {proof}" if proof else "")


# What stands at the rail, what it stands for, and the rest of the line.
Entry = tuple[str, str, str]


def pause_entries(clock: Clock, marks: Marks, words: Words) -> list[Entry]:
    """The pauses as a numbered list, which needs no "paused": their days and dates, and their proofs."""
    return [
        (str(place), _days_and_span(clock, words, pause), proof_of(clock, marks, pause))
        for place, pause in enumerate(listed(clock), start=1)
    ]


def _days_and_span(clock: Clock, words: Words, pause: Pause) -> str:
    first, last = clock.span_of(pause) or (pause.left_on, pause.left_on)
    return f"{words.days(clock.days_of(pause))}, {words.span(first, last)}"


def replaced_entries(marks: Marks, words: Words) -> list[Entry]:
    return [
        (letter(place), words.day(on), f"{words.replaced} {serial}".strip())
        for place, (on, serial) in enumerate(marks.replacements)
    ]


def _pause_words(clock: Clock, words: Words, pause: Pause) -> str:
    if pause in clock.ignored:
        return f"{words.ignored}: {words.span(pause.left_on, pause.back_on or max(clock.on, pause.left_on))}"
    if pause.back_on is None:
        return f"{words.paused_since} {words.day(pause.left_on)}"
    first, last = clock.span_of(pause) or (pause.left_on, pause.back_on)
    return f"{words.paused.format(days=words.days(clock.days_of(pause)))}, {words.span(first, last)}"


def all_titles(clock: Clock, marks: Marks, words: Words) -> dict[Pause, str]:
    """For each absence its full words, for tooltips and the numbered list."""
    return {pause: pause_in_full(clock, marks, words, pause) for pause in (*clock.pauses, *clock.ignored)}


def sentence_for_ears(clock: Clock, marks: Marks, words: Words, rail: Rail) -> str:
    """The drawing as one sentence, in the order of what matters: what, from when, what happened, until when."""
    said = [f"{start_word(clock, words)} {words.day(clock.starts_on)}"]
    said += [pause_in_full(clock, marks, words, pause) for pause in (*clock.pauses, *ignored_shown(clock, rail))]
    said += _marks_in_words(marks, words)
    said.append(f"{end_word(clock, marks, words)} {words.day(clock.covered_through_if_back)}")
    return f"{marks.about}: {'; '.join(said)}" if marks.about else "; ".join(said)


def _marks_in_words(marks: Marks, words: Words) -> list[str]:
    happened: list[tuple[date, str]] = [(on, f"{words.replaced} {serial}".strip()) for on, serial in marks.replacements]
    if marks.received_on:
        happened.append((marks.received_on, words.received))
    if marks.voided_on:
        happened.append(
            (marks.voided_on, f"{words.voided} ({marks.void_reason})" if marks.void_reason else words.voided)
        )
    if marks.refunded_on:
        happened.append((marks.refunded_on, words.refunded))
    return [f"{what} {words.day(on)}" for on, what in sorted(happened)]
