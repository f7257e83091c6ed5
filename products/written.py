"""Dates and spans as an English sentence writes them: "3 Mar 2025", "11–29 Jun 2025". Pure, and deaf to the locale."""

from datetime import date

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def written_date(day: date) -> str:
    """“3 Mar 2025”."""
    return f"{_day_and_month(day)} {day.year}"


def written_span(first: date, last: date) -> str:
    """Both ends, without repeating the month or year they share."""
    if first == last:
        return written_date(last)
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}–{written_date(last)}"
    if first.year == last.year:
        return f"{_day_and_month(first)}–{written_date(last)}"
    return f"{written_date(first)}–{written_date(last)}"


def written_days(count: int) -> str:
    """“1 day”, “19 days”."""
    return "1 day" if count == 1 else f"{count} days"


def _day_and_month(day: date) -> str:
    return f"{day.day} {MONTHS[day.month - 1]}"
