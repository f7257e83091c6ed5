"""One cell of a foreign table: days, amounts and counts however a spreadsheet wrote them, and doubt said aloud."""

import datetime as dt
from decimal import Decimal

import pytest

from products.importing.cells import CellError, as_amount, as_count, as_day

MARCH = dt.date(2025, 3, 31)


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2025-03-31", MARCH),
        ("2025-03-31 23:58:07 +0100", MARCH),  # as the shop's own calendar has it, never the server's
        ("2025-03-31T23:58:07-05:00", MARCH),
        ("31.03.2025", MARCH),
        ("31. 3. 2025", MARCH),
        ("31/03/2025", MARCH),
        ("03/31/2025", MARCH),
        ("3/3/2025", dt.date(2025, 3, 3)),
        ("45747", MARCH),  # a day as a spreadsheet counts them
        ("45747.5", MARCH),
        ("", None),
    ],
)
def test_day_is_read_however_it_is_written(written: str, day: dt.date | None):
    assert as_day(written) == day


@pytest.mark.parametrize("written", ["03/04/2025", "2025-02-30", "31.31.2025", "soon", "12", "99999999999999"])
def test_day_that_may_be_another_or_none_is_refused(written: str):
    with pytest.raises(CellError, match=r"day|date"):
        as_day(written)


@pytest.mark.parametrize(
    ("written", "amount"),
    [
        ("1299", "1299.00"), ("1299.5", "1299.50"), ("1.299,00", "1299.00"), ("1,299.00", "1299.00"),
        ("1.299", "1299.00"), ("€ 12,90", "12.90"), ("-3.00", "-3.00"),
    ],
)  # fmt: skip
def test_amount_is_read_with_either_mark(written: str, amount: str):
    assert as_amount(written) == Decimal(amount)


@pytest.mark.parametrize("written", ["a lot", "1-2-3", "--"])
def test_amount_that_is_none_is_refused(written: str):
    with pytest.raises(CellError):
        as_amount(written)


@pytest.mark.parametrize(("written", "count"), [("", 1), ("3", 3), ("3.0", 3), ("3,00", 3)])
def test_count(written: str, count: int):
    assert as_count(written) == count


@pytest.mark.parametrize("written", ["3.5", "three", "-1", "1" * 12, "²"])
def test_count_that_is_none_is_refused(written: str):
    with pytest.raises(CellError):
        as_count(written)
