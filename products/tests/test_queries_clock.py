"""clock_of and parts_of_unit."""

import datetime as dt

import pytest

from products.models import CoveredPart
from products.queries import clock_of, parts_of_unit
from products.services import WindowData, set_pauses
from products.tests.factories import CoveredPartFactory, InvoiceFactory, StaffFactory, parts_of

pytestmark = pytest.mark.django_db


def test_clock_of_a_part_counts_the_windows_of_both_sources(now):
    part = CoveredPartFactory()
    tracked = WindowData(dt.date(2025, 6, 11), dt.date(2025, 6, 29), "verified")
    staff = WindowData(dt.date(2025, 8, 1), None, "confirmed", reason="by hand", confirmed_by=StaffFactory())
    set_pauses({part.pk: [tracked]}, source="tracking", cause="x", now=now)
    set_pauses({part.pk: [staff]}, source="staff", cause="x", now=now)
    clock = clock_of(part, dt.date(2025, 8, 3))
    assert (clock.state, clock.covered_through, clock.paused_since) == ("paused", None, dt.date(2025, 8, 1))
    assert clock.covered_through_if_back == dt.date(2026, 3, 25)


def test_clock_of_a_part_asks_nothing_when_pauses_are_there_already(django_assert_num_queries):
    InvoiceFactory()
    parts = list(CoveredPart.objects.prefetch_related("pauses"))
    with django_assert_num_queries(0):
        assert {clock_of(part, dt.date(2025, 8, 3)).state for part in parts} == {"covered"}


def test_parts_of_a_unit_come_in_order_with_their_products(django_assert_num_queries):
    unit = parts_of(InvoiceFactory())[0].unit
    InvoiceFactory()
    with django_assert_num_queries(1):
        labels = [part.label for part in parts_of_unit(unit)]
    assert labels == ["Frame", "X axis: Stepper motor", "Y axis: Stepper motor", "Ball bearings", "Screws"]
