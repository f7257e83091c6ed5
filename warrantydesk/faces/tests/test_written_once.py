"""Queries written once: the values of the moment stand where the stand-ins stood."""

import datetime as dt

import pytest

from products.models import Invoice
from products.tests.factories import CustomerFactory, InvoiceFactory
from products.written_once import WrittenOnce
from warrantydesk.faces.counting import bounded_counts, first_rows

pytestmark = pytest.mark.django_db
DAY, NOON = dt.date(2025, 3, 3), dt.datetime(2025, 3, 3, 12, tzinfo=dt.UTC)


def test_query_is_written_once_and_asked_with_other_values_each_time() -> None:
    written = []

    def invoices(customer: int, day: dt.date, at: dt.datetime) -> object:
        written.append(customer)
        return first_rows(Invoice.objects.filter(customer=customer, issued_on__gte=day, created_at__gt=at))

    query = WrittenOnce(invoices, customer=int, day=dt.date, at=dt.datetime)
    ada, bob = CustomerFactory(), CustomerFactory()
    invoice = InvoiceFactory(customer=ada, issued_on=DAY)
    Invoice.objects.update(created_at=NOON)
    before, after = NOON - dt.timedelta(seconds=1), NOON + dt.timedelta(seconds=1)
    assert query.ask(customer=ada.pk, day=DAY, at=before).rows() == [(invoice.pk,)]
    counts = bounded_counts(
        [
            query.ask(customer=ada.pk, day=DAY, at=before),
            query.ask(customer=bob.pk, day=DAY, at=before),
            query.ask(customer=ada.pk, day=DAY + dt.timedelta(days=1), at=before),
            query.ask(customer=ada.pk, day=DAY, at=after),
            Invoice.objects.all(),
        ]
    )
    assert counts == [1, 0, 0, 0, 1]
    assert len(written) == 1
