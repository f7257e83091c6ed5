"""Queries written once: the values of the moment stand where the stand-ins stood."""

import datetime as dt

import pytest
from django.db.models import Q

from products.models import Customer, Invoice
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


def test_words_are_asked_whole_and_as_patterns_whatever_is_in_them() -> None:
    query = WrittenOnce(
        lambda whole, part: first_rows(
            Customer.objects.filter(Q(name=whole) | Q(name__icontains=part) | Q(email__istartswith=part))
        ),
        whole=str,
        part=str,
    )
    odd, plain = CustomerFactory(name="100%_\\x'", email="ada@x.example"), CustomerFactory(name="100 x", email="b@x.y")

    def found(whole: str, part: str) -> set[int]:
        return {pk for (pk,) in query.ask(whole=whole, part=part).rows()}

    assert found("100 x", "zzz") == {plain.pk}
    assert found("zzz", "0%_\\X'") == {odd.pk}
    assert found("zzz", "%") == {odd.pk}
    assert found("zzz", "ADA@") == {odd.pk}
    assert found("%", "100") == {odd.pk, plain.pk}


def test_rows_are_read_as_their_fields_read_them() -> None:
    InvoiceFactory(issued_on=DAY)
    Invoice.objects.update(created_at=NOON)
    query = WrittenOnce(
        lambda on: Invoice.objects.filter(issued_on=on).values_list("issued_on", "created_at"), on=dt.date
    )
    assert query.ask(on=DAY).rows() == [(DAY, NOON)]
