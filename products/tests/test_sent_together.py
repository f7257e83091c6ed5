"""Statements in one message: stored as they would be one by one, before whatever is asked next, or not at all."""

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from products.models import Customer, Product
from products.sent_together import give_keys, sent_together
from products.storing import insert, update
from products.tests.factories import ProductFactory
from products.written_once import WrittenOnce

pytestmark = pytest.mark.django_db


def people(*names: str) -> list[Customer]:
    return [Customer(email=f"{name}@example.com", name=f"{name} “%s”; --") for name in names]


def test_rows_are_there_for_whatever_is_asked_next_and_one_message_takes_both(django_assert_num_queries: Any) -> None:
    [ada, bob] = rows = people("ada", "bob")
    with transaction.atomic(), sent_together():
        give_keys(rows)
        with django_assert_num_queries(1 if connection.vendor == "postgresql" else 3):
            insert([ada])
            insert([bob])
            assert list(Customer.objects.order_by("pk")) == rows
    assert not ada._state.adding
    assert dict(Customer.objects.values_list("pk", "name")) == {row.pk: row.name for row in rows}


def test_rows_are_there_when_it_ends_though_nothing_was_asked() -> None:
    rows = people("ada", "bob", "carol")
    with transaction.atomic(), sent_together():
        give_keys(rows)
        for row in rows:
            insert([row])
    assert list(Customer.objects.order_by("pk")) == rows


def test_answer_is_that_of_the_statement_itself() -> None:
    [ada, bob] = rows = people("ada", "bob")
    with transaction.atomic(), sent_together():
        give_keys(rows)
        insert(rows)
        assert update(Customer, {"name": "Ada K. 100 %"}, id=ada.pk) == 1
        assert update(Customer, {"name": "Nobody"}, id=ada.pk, name="Somebody") == 0
    assert dict(Customer.objects.values_list("pk", "name")) == {ada.pk: "Ada K. 100 %", bob.pk: bob.name}


def test_keys_are_in_order_and_those_of_each_table_and_taken_from_nobody() -> None:
    rows: list[Any] = [*people("ada", "bob"), ProductFactory.build(sku="A-1"), *people("carol")]
    with transaction.atomic(), sent_together():
        give_keys(rows)
        for row in rows:
            insert([row])
    assert list(Customer.objects.order_by("pk").values_list("email", flat=True)) == [
        "ada@example.com",
        "bob@example.com",
        "carol@example.com",
    ]
    assert Product.objects.get().pk == rows[2].pk
    assert Customer.objects.create(email="dora@example.com").pk > rows[-1].pk


def test_nothing_is_stored_when_it_breaks_off() -> None:
    rows = people("ada", "bob")

    def break_off() -> None:
        with transaction.atomic(), sent_together():
            give_keys(rows)
            insert(rows)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        break_off()
    assert not Customer.objects.exists()


def test_row_that_is_there_already_undoes_what_was_sent_with_it() -> None:
    Customer.objects.create(email="ada@example.com")
    rows = people("bob", "ada")

    def store() -> None:
        with transaction.atomic(), sent_together():
            give_keys(rows)
            insert(rows[:1])
            insert(rows[1:])

    with pytest.raises(IntegrityError):
        store()
    assert [customer.email for customer in Customer.objects.all()] == ["ada@example.com"]


def test_row_with_its_key_still_tells_that_it_is_there_already() -> None:
    Customer.objects.create(email="ada@example.com", name="Ada")
    again = people("ada")
    with transaction.atomic(), sent_together():
        give_keys(again)
        assert not insert(again, unless_there=True)
    assert Customer.objects.get().name == "Ada"


def test_within_another_it_is_part_of_it(django_assert_num_queries: Any) -> None:
    [ada, bob] = rows = people("ada", "bob")
    with transaction.atomic(), sent_together():
        give_keys(rows)
        with django_assert_num_queries(0 if connection.vendor == "postgresql" else 2):
            insert([ada])
            with sent_together():
                insert([bob])
    assert Customer.objects.count() == 2


def test_outside_of_it_rows_get_their_keys_as_they_are_stored(django_assert_num_queries: Any) -> None:
    rows = people("ada")
    with django_assert_num_queries(0):
        give_keys(rows)
    assert rows[0].pk is None
    insert(rows)
    assert rows[0].pk == Customer.objects.get().pk


def test_statement_whose_plan_is_kept_takes_the_others_with_it_unprepared() -> None:
    query = WrittenOnce(lambda name: Customer.objects.filter(name=name), keep_plan=True, name=str)
    for number in range(9):
        [row] = people(f"ada{number}")
        with transaction.atomic(), sent_together():
            give_keys([row])
            insert([row])
            assert query.ask(name=row.name).fetched() == [row]
            assert query.ask(name=row.name).fetched() == [row]
