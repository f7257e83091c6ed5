"""The clock against a walk that visits every single day, and the laws that hold for any windows whatever."""

import random
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from products.coverage import clock, clock_fields

DAY = timedelta(days=1)
RANDOM_CASES = 20_000

Pauses = list[tuple[date, date | None]]


def months_later(start: date, months: int) -> date:
    """The day of that number so many months on, going back until such a day exists."""
    month_count = start.year * 12 + start.month - 1 + months
    for day in range(start.day, 0, -1):
        try:
            return date(month_count // 12, month_count % 12 + 1, day)
        except ValueError:
            continue
    raise AssertionError("every month has a first day")


def walk(start: date, months: int, pauses: Pauses, on: date) -> tuple[date | None, int | None, str]:
    """Policy 1.5, 1.6 and 1.9 taken at their word: live one day after the other until N of them were not paused."""
    base = months_later(start, months)
    to_live = (base - start).days
    # Beyond the last date in sight nothing changes any more: whoever is away then stays away for good.
    horizon = max([base, on, *(left for left, _ in pauses), *(back for _, back in pauses if back)])
    horizon += timedelta(days=to_live + 1)
    away = {left.toordinal() + n for left, back in pauses for n in range(((back or horizon) - left).days + 1)}
    day, lived = start, 0
    while lived < to_live and day < horizon:
        day += DAY
        lived += day.toordinal() not in away
    end = day if lived == to_live else None
    if on < start:
        state = "upcoming"
    elif end is not None and on > end:
        state = "expired"
    else:
        state = "paused" if on.toordinal() in away else "covered"
    return end, (end - base).days if end else None, state


def closed_on(pauses: Pauses, on: date) -> Pauses:
    return [(left, back if back else max(left, on)) for left, back in pauses]


def assert_agrees(start: date, months: int, pauses: Pauses, on: date) -> None:
    answer = clock(start, months, pauses, on)
    expected = walk(start, months, pauses, on)
    assert (answer.covered_through, answer.extended_days, answer.state) == expected, (start, months, pauses, on)
    assert answer.covered_through_if_back == walk(start, months, closed_on(pauses, on), on)[0]
    assert (answer.paused_since is None) == (expected[0] is not None)
    # What millions are checked with says the same, and so does the clock asked about another day.
    base = answer.base_covered_through
    assert clock_fields(start, base, pauses) == (base, *expected[:2], answer.paused_since)
    assert answer.state_on(on) == expected[2]
    assert clock(start, months, pauses, start).state_on(on) == expected[2]


starts = st.dates(date(1999, 1, 1), date(2032, 12, 31))
terms = st.integers(1, 14)


@st.composite
def cases(draw) -> tuple[date, int, Pauses, date]:
    """A clock whose windows crowd the places where rules meet: around the start, the base end, and each other."""
    start, months = draw(starts), draw(terms)
    base = months_later(start, months)
    anchors: list[date] = [start, base]
    pauses: Pauses = []
    for _ in range(draw(st.integers(0, 6))):
        left = draw(st.sampled_from(anchors)) + draw(st.integers(-25, 25)) * DAY
        back = left + draw(st.integers(0, 30)) * DAY
        pauses.append((left, None if draw(st.integers(0, 5)) == 0 else back))
        anchors += [left, back, base + (back - left)]
    on = draw(st.sampled_from(anchors)) + draw(st.integers(-2, 2)) * DAY
    return start, months, pauses, on


def days_to_ask(start: date, months: int, pauses: Pauses, on: date) -> list[date]:
    """Ten days on which a clock is asked: those where its rules meet."""
    base = months_later(start, months)
    edges = [day for window in pauses for day in window if day][:3]
    spare = [base + 30 * DAY, base + 60 * DAY, base + 90 * DAY][len(edges) :]
    return [on, *edges, *spare, *(start + n * DAY for n in (-1, 0, 1)), *(base + n * DAY for n in (-1, 0, 1))]


# 2,000 histories asked on ten days each: 20,000 clocks.
@settings(max_examples=2_000, deadline=None)
@given(cases())
def test_clock_agrees_with_the_day_by_day_walk(case: tuple[date, int, Pauses, date]):
    start, months, pauses, _ = case
    for on in days_to_ask(*case):
        assert_agrees(start, months, pauses, on)


@pytest.mark.parametrize("seed", range(4))
def test_clock_agrees_with_the_day_by_day_walk_on_many_random_cases(seed: int):
    dice = random.Random(seed)
    for _ in range(RANDOM_CASES // 4):
        start = date(2000, 1, 1) + dice.randrange(12_000) * DAY
        months = dice.choice((1, 1, 2, 3, 6, 12, 12, 13))
        length = months * 31
        pauses: Pauses = []
        for _ in range(dice.randrange(6)):
            left = start + dice.randrange(-40, length + 60) * DAY
            pauses.append((left, None if dice.random() < 0.1 else left + dice.choice((0, 1, 7, 30)) * DAY))
        assert_agrees(start, months, pauses, start + dice.randrange(-10, length + 120) * DAY)


@settings(max_examples=500, deadline=None)
@given(cases(), st.randoms(use_true_random=False))
def test_clock_is_the_same_in_any_order_and_with_any_repetition(case, dice: random.Random):
    start, months, pauses, on = case
    shuffled = pauses + [window for window in pauses if dice.random() < 0.5]
    dice.shuffle(shuffled)
    assert clock(start, months, shuffled, on) == clock(start, months, pauses, on)


@settings(max_examples=500, deadline=None)
@given(cases(), st.integers(-400, 800), st.integers(0, 60), st.booleans())
def test_clock_never_loses_cover_by_another_window(case, offset: int, length: int, is_open: bool):
    start, months, pauses, on = case
    left = start + offset * DAY
    before = clock(start, months, pauses, on)
    after = clock(start, months, [*pauses, (left, None if is_open else left + length * DAY)], on)
    if before.covered_through is None:
        assert after.covered_through is None
    elif after.covered_through is not None:
        assert after.covered_through >= before.covered_through


@settings(max_examples=500, deadline=None)
@given(cases())
def test_clock_adds_exactly_the_days_its_pauses_count(case):
    answer = clock(*case)
    assume(answer.covered_through is not None)
    assert sum(map(answer.days_of, answer.pauses)) == answer.extended_days


@settings(max_examples=500, deadline=None)
@given(cases(), st.data())
def test_clock_unites_windows_and_never_sums_them(case, data):
    start, months, pauses, on = case
    wide = [(left, back) for left, back in pauses if back and back > left]
    assume(wide)
    left, back = data.draw(st.sampled_from(wide))
    cut = left + data.draw(st.integers(0, (back - left).days - 1)) * DAY
    halves = [window for window in pauses if window != (left, back)] + [(left, cut), (cut + DAY, back)]
    assert clock(start, months, halves, on) == clock(start, months, pauses, on)


@settings(max_examples=300, deadline=None)
@given(cases())
def test_clock_keeps_every_given_day_in_one_disjoint_union(case):
    start, months, pauses, on = case
    answer = clock(start, months, pauses, on)
    union = sorted([*answer.pauses, *answer.ignored], key=lambda pause: pause.left_on)
    for earlier, later in pairwise(union):
        assert earlier.back_on is not None
        assert earlier.back_on + DAY < later.left_on
    for left, back in pauses:
        assert any(p.left_on <= left and (p.back_on is None or (back and back <= p.back_on)) for p in union)
