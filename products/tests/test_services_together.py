"""What must hold whatever is asked, in any order, and by several at once."""

import datetime as dt
import itertools
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from products.clock_check import differing_clocks
from products.integrity import problems
from products.models import CoveredPart
from products.services import WindowData, replace_part, set_pauses
from products.tests.factories import CoveredPartFactory, ProductFactory, StaffFactory

DAYS = st.integers(min_value=0, max_value=40).map(lambda number: dt.date(2026, 2, 10) + dt.timedelta(days=number))


@st.composite
def windows(draw) -> list[WindowData]:
    """Closed windows of any overlap around the last covered day, and at most one that is still open."""
    pairs = draw(st.lists(st.tuples(DAYS, DAYS), max_size=5))
    found = [WindowData(min(pair), max(pair), draw(st.sampled_from(["provisional", "verified"]))) for pair in pairs]
    if draw(st.booleans()):
        found.append(WindowData(draw(DAYS), None, "provisional"))
    return draw(st.permutations(found))


@pytest.mark.django_db
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(windows(), min_size=1, max_size=4))
def test_windows_and_clock_follow_any_sequence_of_windows(now, steps):
    part = CoveredPartFactory(product=ProductFactory())
    for wanted in steps:
        set_pauses({part.pk: wanted}, source="tracking", cause="x", now=now)
        rows = part.pauses.values_list("left_on", "back_on", "certainty")
        assert sorted(map(str, rows)) == sorted({str((w.left_on, w.back_on, w.certainty)) for w in wanted})
        assert not [found for chunk in differing_clocks() for found in chunk.differences if found.part_id == part.pk]
    moves = [(change.before, change.after) for change in part.clock_changes.order_by("pk")]
    assert all(before != after for before, after in moves)
    assert all(left[1] == right[0] for left, right in itertools.pairwise(moves))


@pytest.mark.django_db(transaction=True)
def test_writers_at_once_lose_nothing(now):
    part, colleague = CoveredPartFactory(serial="S-0"), StaffFactory()

    def pause(source: str, number: int) -> None:
        left_on = dt.date(2025, 4, 1) if source == "tracking" else dt.date(2025, 8, 1)
        back_on = left_on + dt.timedelta(days=number)
        window = WindowData(left_on, back_on, "confirmed", reason="by hand", confirmed_by=colleague)
        set_pauses({part.pk: [window]}, source=source, cause="x", now=now)

    def replace(number: int) -> None:
        replace_part(part.pk, new_serial=f"S-{number}", case_reference="", actor=None, now=now)

    def work(writer: int) -> None:
        try:
            for number in range(1, 6):
                if writer < 2:
                    pause(("tracking", "staff")[writer], number)
                else:
                    replace(10 * writer + number)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    part = CoveredPart.objects.get(pk=part.pk)
    assert part.extended_days == 12
    assert part.serial_changes.count() == 10
    assert list(problems()) == []
