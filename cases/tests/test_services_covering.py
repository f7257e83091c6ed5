"""When cover ends, as the queue keeps it beside the case: always what the clocks of the claimed parts say."""

import datetime as dt

import pytest

from cases.actors import Actor
from cases.models import Case
from cases.services import claiming
from cases.services.covering import differing, follow_clocks
from cases.tests.factories import REVIEWED_AT, CaseFactory, staff
from products.models import ClockChange, CoveredPart
from products.services import WindowData, set_pauses
from products.tests.factories import InvoiceFactory, KitFactory, parts_of

pytestmark = pytest.mark.django_db
NOW = REVIEWED_AT + dt.timedelta(days=40)


@pytest.fixture
def colleague() -> Actor:
    return staff("support")


@pytest.fixture
def parts() -> list[CoveredPart]:
    return parts_of(InvoiceFactory(products=[KitFactory()]))


def away(part: CoveredPart, back_on: dt.date | None) -> None:
    window = WindowData(left_on=dt.date(2025, 6, 1), back_on=back_on, certainty="provisional", proof={})
    set_pauses({part.pk: [window]}, source="tracking", cause="test", now=NOW)


def ends(case: Case) -> dt.date | None:
    return Case.objects.values_list("cover_ends_on", flat=True).get(pk=case.pk)


def test_end_of_cover_is_the_earliest_of_the_parts_claimed(parts: list[CoveredPart], colleague: Actor) -> None:
    long, short = parts[:2]
    away(long, dt.date(2025, 6, 20))
    case = CaseFactory(parts=[long])
    assert ends(case) == CoveredPart.objects.get(pk=long.pk).covered_through
    claiming.claim_parts(case.pk, part_ids=[short.pk], actor=colleague, now=REVIEWED_AT)
    assert ends(case) == short.covered_through
    claiming.drop_claim(case.pk, part_id=short.pk, actor=colleague, now=REVIEWED_AT)
    assert ends(case) == CoveredPart.objects.get(pk=long.pk).covered_through
    assert not differing().exists()


def test_cover_that_was_over_when_the_request_came_ends_no_more(parts: list[CoveredPart]) -> None:
    case = CaseFactory(parts=parts[:1], received_at=dt.datetime(2029, 1, 1, tzinfo=dt.UTC))
    assert ends(case) is None
    assert not differing().exists()


def test_case_hears_of_a_clock_that_moved_without_it(parts: list[CoveredPart]) -> None:
    case, other = CaseFactory(parts=parts[:1]), CaseFactory(parts=parts[1:2])
    away(parts[0], None)
    assert [one.pk for one in differing()] == [case.pk]
    assert follow_clocks(NOW) == 1
    assert ends(case) is None
    assert ends(other) == parts[1].covered_through
    assert follow_clocks(NOW) == 0


def test_round_looks_back_no_further_than_a_day(parts: list[CoveredPart]) -> None:
    case = CaseFactory(parts=parts[:1])
    away(parts[0], None)
    assert ClockChange.objects.filter(part=parts[0]).exists()
    assert follow_clocks(NOW + dt.timedelta(days=2)) == 0
    assert [one.pk for one in differing()] == [case.pk]
