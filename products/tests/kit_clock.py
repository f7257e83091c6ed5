"""The clock of one part bought on 3 March 2025 for twelve months, which most tests ask about."""

from datetime import date

from products.coverage import Clock, clock

START = date(2025, 3, 3)
BASE_END = date(2026, 3, 3)
JUNE = (date(2025, 6, 11), date(2025, 6, 29))


def kit_clock(*pauses: tuple[date, date | None], on: date = date(2025, 9, 1), months: int = 12) -> Clock:
    return clock(START, months, pauses, on)


def end_of(*pauses: tuple[date, date | None]) -> date | None:
    return kit_clock(*pauses).covered_through
