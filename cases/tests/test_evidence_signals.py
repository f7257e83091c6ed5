"""What is said beside a picture: in words, of the cases the reader may see, in a fixed number of queries."""

import datetime as dt
from typing import Any

import pytest

from cases.evidence.signals import Signal, earlier_case, same_files, signals_of
from cases.models import Case, Evidence
from cases.tests.factories import RECEIVED_AT, CaseFactory, photo
from products.tests.factories import BOUGHT_ON, CoveredPartFactory, CustomerFactory

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
BOUGHT = dt.datetime.combine(BOUGHT_ON, dt.time(12), dt.UTC)


def _signals(case: Case, **seen: Any) -> list[list[Signal]]:
    files = list(case.evidence.order_by("pk"))
    among = seen.get("among", Case.objects.all())
    elsewhere: dict[str, list[str]] = {}
    for file in same_files(case.pk).filter(case__in=among).order_by("case_id"):
        elsewhere.setdefault(file.sha256, []).append(file.case.reference)
    found = signals_of(files, case=case, elsewhere=elsewhere, earlier=earlier_case(case, among))
    return [found.get(file.pk, []) for file in files]


def _codes(case: Case) -> list[list[str]]:
    return [[signal.code for signal in signals] for signals in _signals(case)]


def _taken(case: Case, *moments: dt.datetime | None, cameras: tuple[str, ...] = ()) -> None:
    for file, moment in zip(case.evidence.order_by("pk"), moments, strict=True):
        Evidence.objects.filter(pk=file.pk).update(captured_at=moment)
    for file, camera in zip(case.evidence.order_by("pk"), cameras, strict=False):
        Evidence.objects.filter(pk=file.pk).update(facts={"camera": camera} if camera else {})


@pytest.mark.parametrize(
    ("moment", "codes"),
    [
        (None, []),
        (BOUGHT - DAY, ["before_purchase"]),
        (BOUGHT, []),
        (BOUGHT + DAY, []),
        (RECEIVED_AT, []),
        (RECEIVED_AT + DAY, []),
        (RECEIVED_AT + 2 * DAY, ["after_receipt"]),
    ],
    ids=["unknown", "before", "that_day", "after", "at_receipt", "a_zone_away", "in_the_future"],
)
def test_signal_is_given_when_the_camera_names_an_odd_day(moment: dt.datetime | None, codes: list[str]) -> None:
    case = CaseFactory()
    _taken(case, moment)
    assert _codes(case) == [codes]


def test_signal_says_how_far_and_that_the_camera_says_so() -> None:
    case = CaseFactory()
    _taken(case, BOUGHT - 12 * DAY)
    ((signal,),) = _signals(case)
    assert signal.sentence.startswith("Taken 12 days before the purchase (")
    assert signal.sentence.endswith("as the camera says.")


def test_purchase_is_not_spoken_of_when_it_is_not_known() -> None:
    case = CaseFactory(matched=False)
    _taken(case, BOUGHT - DAY)
    assert _codes(case) == [[]]


def test_same_file_is_named_with_its_other_cases_when_it_came_before() -> None:
    others = [CaseFactory(files=[photo(1), photo(2)]) for _ in range(2)]
    case = CaseFactory(files=[photo(1), photo(3)])
    same, nothing = _signals(case)
    references = tuple(one.reference for one in others)
    assert same == [Signal("same_file", f"The same file came with {references[0]}, {references[1]}.", references)]
    assert nothing == []


def test_same_file_is_not_told_of_cases_the_reader_may_not_see() -> None:
    CaseFactory(files=[photo(1)])
    case = CaseFactory(files=[photo(1)])
    assert _signals(case, among=Case.objects.none()) == [[]]


@pytest.mark.parametrize(
    ("moment", "codes"), [(-DAY, ["before_earlier_case"]), (DAY, ["after_earlier_case"])], ids=["older", "newer"]
)
def test_earlier_case_of_the_product_is_named_when_there_was_one(moment: dt.timedelta, codes: list[str]) -> None:
    customer = CustomerFactory()
    part = CoveredPartFactory(customer=customer)
    first = CaseFactory(customer=customer, part=part, received_at=RECEIVED_AT - 30 * DAY, files=[photo(1)])
    second = CaseFactory(customer=customer, part=part, files=[photo(2)])
    _taken(second, RECEIVED_AT - 30 * DAY + moment)
    assert _codes(second) == [codes]
    assert _signals(second)[0][0].references == (first.reference,)
    _taken(first, RECEIVED_AT - 31 * DAY)
    assert _codes(first) == [[]], "what came later is no earlier case"


@pytest.mark.parametrize(
    ("cameras", "codes"),
    [
        (("A", "A", "B"), [[], [], ["camera"]]),
        (("A", "A", ""), [[], [], []]),
        (("A", "B", ""), [[], [], []]),
        (("", "", ""), [[], [], []]),
    ],
    ids=["one_differs", "one_is_silent", "nobody_is_usual", "none"],
)
def test_other_camera_is_named_when_most_pictures_are_of_one(cameras: tuple[str, ...], codes: list[list[str]]) -> None:
    case = CaseFactory(files=[photo(1), photo(2), photo(3)])
    _taken(case, None, None, None, cameras=cameras)
    assert _codes(case) == codes


def test_files_that_are_not_kept_have_no_signals() -> None:
    CaseFactory(files=[photo(1)])
    case = CaseFactory(files=[photo(1)])
    case.evidence.update(status="infected", refusal="no")
    assert _signals(case) == [[]]


@pytest.mark.parametrize("many", [1, 6])
def test_signals_ask_nothing_of_the_database_when_there_are_more_files(
    django_assert_num_queries: Any, many: int
) -> None:
    case = Case.objects.select_related("invoice").get(pk=CaseFactory(files=[photo(n) for n in range(many)]).pk)
    _taken(case, *[BOUGHT] * many)
    files = list(case.evidence.all())
    with django_assert_num_queries(0):
        found = signals_of(files, case=case, elsewhere={}, earlier=None)
    assert len(found) == many
