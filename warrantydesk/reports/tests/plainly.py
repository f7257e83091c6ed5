"""Plain SQL beside the reports: the base tables read by hand, so that no line of the reports proves itself."""

import datetime as dt

from django.db import connection

from warrantydesk.reports.tests.nasty import ZONE

TRANSITIONS = (
    "SELECT case_id, at, name, to_state FROM cases_caseevent WHERE kind = 'transition' ORDER BY case_id, at, id"
)


def plainly(sql: str, *values: object) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()


def moment(stored: dt.datetime | str) -> dt.datetime:
    at = dt.datetime.fromisoformat(stored) if isinstance(stored, str) else stored
    return at if at.tzinfo else at.replace(tzinfo=dt.UTC)


def desk_day(stored: dt.datetime | str) -> dt.date:
    return moment(stored).astimezone(ZONE).date()


def as_date(stored: dt.date | str) -> dt.date:
    return dt.date.fromisoformat(stored) if isinstance(stored, str) else stored


def month_of(stored: dt.date | str) -> dt.date:
    return as_date(stored).replace(day=1)


def monday_of(day: dt.date) -> dt.date:
    return day - dt.timedelta(days=day.weekday())


def countries() -> dict[int, str]:
    """Case → where its product was sold to, or where its sender lives while nobody knows what was sold."""
    sql = (
        "SELECT c.id, CASE WHEN c.invoice_id IS NULL THEN s.country ELSE COALESCE(NULLIF(i.country, ''), b.country) "
        "END FROM cases_case c JOIN products_customer s ON s.id = c.customer_id LEFT JOIN products_invoice i ON "
        "i.id = c.invoice_id LEFT JOIN products_customer b ON b.id = i.customer_id"
    )
    return dict(plainly(sql))
