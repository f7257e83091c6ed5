"""Queries written once, and what they give: rows of models, with what was selected beside them."""

import threading
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import QuerySet
from django.db.transaction import TransactionManagementError

from products.models import Customer, Invoice
from products.tests.factories import CustomerFactory, InvoiceFactory
from products.written_once import MOST_SHAPES, WrittenOnce


@pytest.mark.django_db
def test_fetched_gives_models_with_those_beside_them(django_assert_num_queries: Any) -> None:
    query = WrittenOnce(
        lambda numbers: Invoice.objects.filter(number__in=numbers).select_related("customer").order_by("number"),
        numbers=[str],
    )
    one, two = InvoiceFactory(number="A-1"), InvoiceFactory(number="A-2")
    for _once_more in range(2):
        with django_assert_num_queries(1):
            found = query.ask(numbers=["A-2", "A-1"]).fetched()
            assert [invoice.customer.email for invoice in found] == [one.customer.email, two.customer.email]
        assert found == [one, two]
        assert found[0].issued_on == one.issued_on
    assert query.ask(numbers=["A-2"]).fetched() == [two]


@pytest.mark.django_db
def test_fetched_gives_values_as_the_queryset_does() -> None:
    query = WrittenOnce(lambda pk: Invoice.objects.filter(pk=pk).values_list("issued_on", flat=True), pk=int)
    invoice = InvoiceFactory()
    invoice.refresh_from_db()
    assert query.ask(pk=invoice.pk).fetched() == [invoice.issued_on]
    assert query.ask(pk=invoice.pk + 1).fetched() == []


@pytest.mark.django_db
def test_fetched_leaves_out_what_only_orders_the_rows() -> None:
    names = Customer.objects.order_by("email").values_list("name").distinct()
    CustomerFactory(name="Bob", email="a@b.example")
    CustomerFactory(name="Ann", email="b@b.example")
    assert WrittenOnce(lambda: names).ask().fetched() == list(names) == [("Bob",), ("Ann",)]


@pytest.mark.django_db
def test_lists_of_many_lengths_are_asked_and_only_some_kept() -> None:
    query = WrittenOnce(lambda keys: Customer.objects.filter(pk__in=keys).order_by("pk"), keys=[int])
    customer = CustomerFactory()
    for length in range(1, MOST_SHAPES + 4):
        keys = [customer.pk, *range(-length, -1)]
        assert query.ask(keys=keys).fetched() == [customer]
    assert len(query._written) == MOST_SHAPES


@pytest.mark.django_db(transaction=True)
def test_each_thread_asks_over_its_own_connection() -> None:
    query = WrittenOnce(lambda pk: Customer.objects.filter(pk=pk), pk=int)
    customer = CustomerFactory()
    assert query.ask(pk=customer.pk).fetched() == [customer]
    found: list[Any] = []

    def ask() -> None:
        try:
            with transaction.atomic():
                found.extend(query.ask(pk=customer.pk).fetched())
        finally:
            connection.close()

    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()
    assert found == [customer]


@pytest.mark.django_db(transaction=True)
def test_locking_asks_for_a_transaction_each_time() -> None:
    def locked(pk: int) -> QuerySet[Customer]:
        return Customer.objects.select_for_update().filter(pk=pk)

    query = WrittenOnce(locked, pk=int)
    customer = CustomerFactory()
    with transaction.atomic():
        assert query.ask(pk=customer.pk).fetched() == [customer]
    if connection.features.has_select_for_update:
        with pytest.raises(TransactionManagementError):
            query.ask(pk=customer.pk).fetched()
