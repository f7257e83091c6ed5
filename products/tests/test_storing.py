"""Rows stored by one statement: as `save` stores them, and never twice. Rows changed, where they are as expected."""

import datetime as dt
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from products.models import Customer, Invoice
from products.storing import MOST_AT_ONCE, insert, update
from products.tests.factories import InvoiceFactory

pytestmark = pytest.mark.django_db


def stored(customer: Customer) -> dict[str, Any]:
    row = Customer.objects.filter(pk=customer.pk).values().get()
    return {name: value for name, value in row.items() if name not in ("id", "email", "created_at")}


def test_insert_stores_what_save_stores() -> None:
    said = {"name": "Ada “%s”", "country": "DE", "language": "de", "time_zone": "", "address": "1\n2"}
    by_save, by_insert = Customer(email="a@example.com", **said), Customer(email="b@example.com", **said)
    by_save.save()
    assert insert([by_insert])
    assert stored(by_insert) == stored(by_save)
    assert not by_insert._state.adding
    by_insert.name = "Bob"
    by_insert.save()  # the row it has, not a second one
    assert Customer.objects.count() == 2


def test_insert_gives_each_of_several_rows_its_own_key(django_assert_num_queries: Any) -> None:
    rows = [Customer(email=f"{name}@example.com") for name in ("carol", "ada", "bob")]
    with django_assert_num_queries(1):
        assert insert(rows)
    assert {row.pk: row.email for row in rows} == dict(Customer.objects.values_list("pk", "email"))


def test_insert_takes_any_number_of_rows(django_assert_num_queries: Any) -> None:
    rows = [Customer(email=f"c{number}@example.com") for number in range(MOST_AT_ONCE + 1)]
    with django_assert_num_queries(2):
        assert insert(rows)
    assert {row.pk: row.email for row in rows} == dict(Customer.objects.values_list("pk", "email"))


def test_insert_of_nothing_asks_nothing(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        assert insert([])


def test_insert_tells_when_the_row_is_there_and_the_transaction_goes_on() -> None:
    Customer.objects.create(email="ada@example.com", name="Ada")
    with transaction.atomic():
        again = Customer(email="ada@example.com", name="Another")
        assert not insert([again], unless_there=True)
        assert again.pk is None
        assert Customer.objects.get().name == "Ada"


def test_insert_refuses_what_is_there_already() -> None:
    Customer.objects.create(email="ada@example.com")
    with pytest.raises(IntegrityError), transaction.atomic():
        insert([Customer(email="ada@example.com")])


def test_update_changes_only_what_is_as_expected(django_assert_num_queries: Any) -> None:
    ada = Customer.objects.create(email="ada@example.com", name="Ada", address="1")
    bob = Customer.objects.create(email="bob@example.com", name="Bob", address="1")
    with django_assert_num_queries(1):
        assert update(Customer, {"name": "Ada K.", "language": "de"}, id=ada.pk, address="1") == 1
    assert update(Customer, {"name": "Nobody"}, id=ada.pk, address="2") == 0
    assert update(Customer, {"address": "3"}, address="1") == 2
    assert list(Customer.objects.order_by("pk").values_list("pk", "name", "language", "address")) == [
        (ada.pk, "Ada K.", "de", "3"),
        (bob.pk, "Bob", "", "3"),
    ]


def test_update_takes_a_row_for_a_foreign_key_and_nothing_for_null() -> None:
    ada, bob = Customer.objects.create(email="ada@example.com"), Customer.objects.create(email="bob@example.com")
    invoice = InvoiceFactory(customer=ada, delivered_on=dt.date(2025, 1, 1))
    assert update(Invoice, {"customer": bob, "delivered_on": None}, id=invoice.pk) == 1
    invoice.refresh_from_db()
    assert (invoice.customer, invoice.delivered_on) == (bob, None)
