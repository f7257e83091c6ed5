"""The warranty clock of one part (policy 1.3-1.6 and 1.9): dates in, a `Clock` and its explanation out. Pure.

Days are counted as ordinals, windows are merged once and walked once: sorting is the dearest step, and no day is
ever visited by itself. A clock is recomputed for every part of every product ever sold, so nothing here is lazy or
clever beyond that.
"""

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, NamedTuple

from products.explanation import NOTHING_KNOWN, History, Step, StepKind, steps
from products.fields import FieldError
from products.one_sentence import StartWord, sentence
from products.telling import ENGLISH, Tongue

__all__ = [
    "Clock", "ClockError", "ClockFields", "History", "Pause", "State", "Step", "StepKind", "add_months", "clock",
    "clock_fields",
]  # fmt: skip

State = Literal["upcoming", "covered", "paused", "expired"]

# The stored columns of a part: base_covered_through, covered_through, extended_days, paused_since.
ClockFields = tuple[date, date | None, int | None, date | None]

# One stretch of days as ordinals, both ends inside: a bare tuple, because a million clocks make several million.
Run = tuple[int, int]

LAST_DAY = date.max.toordinal()
STILL_AWAY = LAST_DAY + 1  # sorts after every real day, so an open window swallows whatever begins inside it


class ClockError(FieldError):
    """A clock was asked for with dates that cannot be: `field` names the argument, `what` says why."""


class Pause(NamedTuple):
    """Days out of the customer's hands. Both ends count; `back_on` None means still away (policy 1.5)."""

    left_on: date
    back_on: date | None


class Walk(NamedTuple):
    """What walking the runs in order found: the last covered day, which runs moved it, and which did not."""

    end: int
    counted: list[Run]
    ignored: list[Run]
    frozen_since: int | None


@dataclass(frozen=True, slots=True)
class Clock:
    """Until when one part is covered, as of `on`.

    `covered_through` and `extended_days` are None while the part is away and its clock stands still (policy 1.6);
    `paused_since` is then the first day of that absence, otherwise None.
    `covered_through_if_back` answers "and if it came back on `on`?"; it equals `covered_through` when nothing is open.
    It never leaves the calendar: past the year 9999 it stays on its last day.

    `pauses` is the union of the windows given: disjoint, in order, neighbours joined, and only those that moved the
    end or froze it. A pause that began before the start keeps its true `left_on`; `span_of` tells which days counted.
    `ignored` holds the rest of that union: away only up to the start, or leaving after the last covered day.
    """

    starts_on: date
    term_months: int
    on: date
    state: State
    base_covered_through: date
    covered_through: date | None
    extended_days: int | None
    paused_since: date | None
    covered_through_if_back: date
    pauses: tuple[Pause, ...]
    ignored: tuple[Pause, ...]

    def span_of(self, pause: Pause) -> tuple[date, date] | None:
        """First and last day this pause counts, or None if it counts none. An open pause counts through `on`."""
        if pause not in self.pauses:
            return None
        first = max(pause.left_on.toordinal(), self.starts_on.toordinal() + 1)
        last = (pause.back_on or max(self.on, pause.left_on)).toordinal()
        return (date.fromordinal(first), date.fromordinal(last)) if first <= last else None

    def days_of(self, pause: Pause) -> int:
        """How many days this pause adds; for an open one, the days it would add if it ended on `on`."""
        span = self.span_of(pause)
        return (span[1] - span[0]).days + 1 if span else 0

    def state_on(self, day: date) -> State:
        """The state on any day (policy 1.9): all windows count, and the day only selects."""
        if day < self.starts_on:
            return "upcoming"
        if self.covered_through is not None and day > self.covered_through:
            return "expired"
        away = any(left <= day and (back is None or day <= back) for left, back in (*self.pauses, *self.ignored))
        return "paused" if away else "covered"

    def explain(self, history: History = NOTHING_KNOWN, tongue: Tongue = ENGLISH) -> list[Step]:
        """Every step from the start to the answer, in the order of the calendar, each one short sentence.

        `history` is what else is known of the part: the source of the start, proofs, replacements, voids.
        """
        return steps(self, history, tongue)

    def sentence(
        self, start_word: StartWord = "Bought", history: History = NOTHING_KNOWN, tongue: Tongue = ENGLISH
    ) -> str:
        """The whole clock in one sentence. `start_word` is "Delivered" where the term starts from the delivery."""
        return sentence(self, start_word, history, tongue)


def add_months(start: date, months: int) -> date:
    """The last covered day of a term of so many months: inclusive, added once (policy 1.4; 1182/71 Art. 3).

    The same-numbered day, or the last day of that month where there is none. ClockError below one month, and where
    the term would leave the calendar.
    """
    if months < 1:
        raise ClockError("term_months", "must be at least 1")
    years, month = divmod(start.month - 1 + months, 12)
    if start.year + years > date.max.year:
        raise ClockError("term_months", f"the term runs past the year {date.max.year}")
    year, month = start.year + years, month + 1
    return date(year, month, min(start.day, monthrange(year, month)[1]))


def clock(starts_on: date, term_months: int, pauses: Iterable[tuple[date, date | None]], on: date) -> Clock:
    """The clock of one part, judged on the day `on`, from windows of days away in any order and any overlap.

    Raises ClockError for a term below one month, a return before the departure, an instant where a local date
    belongs, and cover that would leave the calendar.
    """
    base = add_months(_local_date(starts_on, "starts_on"), term_months)
    start, today = starts_on.toordinal(), _local_date(on, "on").toordinal()
    windows = _checked(pauses)
    runs = _union(windows)
    walk = _walk(start, base.toordinal(), runs)
    frozen = walk.frozen_since is not None
    if walk.end > LAST_DAY and not frozen:
        raise _beyond_the_calendar()
    end = None if frozen else date.fromordinal(walk.end)
    return Clock(
        starts_on=starts_on,
        term_months=term_months,
        on=on,
        state=_state(today, start, walk, runs),
        base_covered_through=base,
        covered_through=end,
        extended_days=None if end is None else walk.end - base.toordinal(),
        paused_since=None if walk.frozen_since is None else date.fromordinal(walk.frozen_since),
        covered_through_if_back=end or _end_if_back(start, base.toordinal(), windows, today),
        pauses=_as_pauses(walk.counted),
        ignored=_as_pauses(walk.ignored),
    )


def clock_fields(starts_on: date, base: date, pauses: Iterable[tuple[date, date | None]]) -> ClockFields:
    """What is stored of a clock, without making one: for checking millions. `base` is `add_months` of the start.

    The dates come from date columns, so no instant is looked for. ClockError as of `clock`.
    """
    last_base = base.toordinal()
    end, _counted, _ignored, frozen_since = _walk(starts_on.toordinal(), last_base, _union(_as_runs(pauses)))
    if frozen_since is not None:
        return base, None, None, date.fromordinal(frozen_since)
    if end == last_base:
        return base, base, 0, None
    if end > LAST_DAY:
        raise _beyond_the_calendar()
    return base, date.fromordinal(end), end - last_base, None


def _beyond_the_calendar() -> ClockError:
    return ClockError("pauses", f"the cover runs past the year {date.max.year}")


def _as_runs(pauses: Iterable[tuple[date, date | None]]) -> list[Run]:
    runs = []
    for left_on, back_on in pauses:
        first, last = left_on.toordinal(), STILL_AWAY if back_on is None else back_on.toordinal()
        if last < first:
            raise ClockError("pauses", f"back on {back_on} before left on {left_on}")
        runs.append((first, last))
    return runs


def _local_date(value: date, field: str) -> date:
    # A datetime is a date to Python and to mypy, but its day depends on a zone: the caller must choose it.
    if isinstance(value, datetime):
        raise ClockError(field, "a local date is needed, not an instant")
    return value


def _checked(pauses: Iterable[tuple[date, date | None]]) -> list[Run]:
    windows = []
    for place, (left_on, back_on) in enumerate(pauses):
        if isinstance(left_on, datetime) or isinstance(back_on, datetime):
            raise ClockError(f"pauses[{place}]", "local dates are needed, not instants")
        first = left_on.toordinal()
        last = STILL_AWAY if back_on is None else back_on.toordinal()
        if last < first:
            raise ClockError(f"pauses[{place}]", f"back on {back_on} before left on {left_on}")
        windows.append((first, last))
    return windows


def _union(windows: list[Run]) -> list[Run]:
    """Disjoint runs in order. Neighbouring days join too: a set of days then has exactly one way to be written."""
    runs: list[Run] = []
    for first, last in sorted(windows):
        if runs and first <= runs[-1][1] + 1:
            if last > runs[-1][1]:
                runs[-1] = (runs[-1][0], last)
        else:
            runs.append((first, last))
    return runs


def _walk(start: int, base: int, runs: list[Run]) -> Walk:
    """Move the end by each run that begins inside the cover won so far (policy 1.5), and stop at one without end."""
    end = base
    counted: list[Run] = []
    ignored: list[Run] = []
    for place, run in enumerate(runs):
        first, last = run
        if first > end:
            # Everything from here on begins after the last covered day and revives nothing.
            return Walk(end, counted, ignored + runs[place:], None)
        if last == STILL_AWAY:
            counted.append(run)
            return Walk(end, counted, ignored, first)
        days = last - max(first, start + 1) + 1
        if days > 0:
            end += days
            counted.append(run)
        else:
            ignored.append(run)
    return Walk(end, counted, ignored, None)


def _state(today: int, start: int, walk: Walk, runs: list[Run]) -> State:
    """Policy 1.9, in its order: the day selects the state and nothing else."""
    if today < start:
        return "upcoming"
    if today > walk.end and walk.frozen_since is None:
        return "expired"
    return "paused" if any(first <= today <= last for first, last in runs) else "covered"


def _end_if_back(start: int, base: int, windows: list[Run], today: int) -> date:
    """The last covered day if whatever is away came back today; one that leaves only later, on the day it leaves."""
    closed = [(first, max(first, today)) if last == STILL_AWAY else (first, last) for first, last in windows]
    return date.fromordinal(min(_walk(start, base, _union(closed)).end, LAST_DAY))


def _as_pauses(runs: list[Run]) -> tuple[Pause, ...]:
    day = date.fromordinal
    return tuple([Pause(day(first), None if last == STILL_AWAY else day(last)) for first, last in runs])
