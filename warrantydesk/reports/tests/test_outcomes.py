"""What one decided part says for all those of its case, and which parts a parcel lists."""

import datetime as dt

import pytest

from warrantydesk.reports.counting.outcomes import tell_outcomes
from warrantydesk.reports.counting.parcels import MOST_LISTED, listed_parts
from warrantydesk.reports.models import ClaimFigures

DAY = dt.date(2026, 3, 2)


def claim(verdict: str, **of: object) -> ClaimFigures:
    decided = {"decided_on": DAY, "reviewer_id": 1} if verdict != "undecided" else {}
    return ClaimFigures(**{"verdict": verdict, "part_id": 1, "product_id": 9, "sold_in": DAY, **decided, **of})


YES, NO, OPEN = "covered", "denied", "undecided"
TABLE = {
    "nothing": ([], []),
    "undecided": ([claim(OPEN)], [("", False)]),
    "one covered": ([claim(YES)], [("all", False)]),
    "one denied": ([claim(NO)], [("none", False)]),
    "all covered": ([claim(YES), claim(YES, part_id=2)], [("all", False), ("", False)]),
    "some covered": ([claim(NO), claim(YES, part_id=2)], [("some", False), ("", False)]),
    "none covered": ([claim(NO), claim(NO, part_id=2)], [("none", False), ("", False)]),
    "first undecided": ([claim(OPEN), claim(YES, part_id=2)], [("", False), ("all", False)]),
    "twins": ([claim(NO), claim(YES)], [("some", True), ("", True)]),
    "twin undecided": ([claim(OPEN), claim(YES)], [("", False), ("all", False)]),
    "two days": ([claim(YES), claim(YES, part_id=2, decided_on=DAY.replace(day=3))], [("each", False)] * 2),
    "two reviewers": ([claim(YES), claim(YES, part_id=2, reviewer_id=2)], [("each", False)] * 2),
    "two products": ([claim(YES), claim(YES, part_id=2, product_id=8)], [("each", False)] * 2),
    "two months of sale": ([claim(YES), claim(YES, part_id=2, sold_in=DAY.replace(month=4))], [("each", False)] * 2),
    "a verdict nobody knows": ([claim(YES), claim("later", part_id=2)], [("each", False)] * 2),
}


@pytest.mark.parametrize(("claims", "expected"), TABLE.values(), ids=TABLE)
def test_outcome_is_told_by_the_first_decided_part_or_by_each(claims, expected):
    tell_outcomes(claims)
    assert [(one.outcome, one.is_twin) for one in claims] == expected


@pytest.mark.parametrize(
    ("parts", "told"),
    [
        ((), " "),
        ((7,), " 7 "),
        ((12, 7), " 7 12 "),
        (range(10**6, 10**6 + MOST_LISTED // 8 - 1), None),
        (range(10**9, 10**9 + 99), ""),
    ],
)
def test_parts_are_listed_between_spaces_as_long_as_there_is_room(parts, told):
    expected = " " + " ".join(map(str, sorted(parts))) + " " if told is None else told
    assert listed_parts(parts) == expected
