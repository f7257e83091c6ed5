"""Counts of the side: many in one query, none beyond a hundred; and a cache that may be down."""

import pytest
from redis.exceptions import ConnectionError as RedisIsDown

from products.models import Customer
from products.tests.factories import CustomerFactory
from warrantydesk.faces import counting, remembering
from warrantydesk.faces.counting import bounded_counts, count_in_words, remembered_counts

pytestmark = pytest.mark.django_db


def test_counts_come_in_one_query_and_stop_at_the_most(django_assert_num_queries, monkeypatch) -> None:
    monkeypatch.setattr(counting, "MOST", 3)
    names = ["Ada", "Bob", "Bob", "Bob", "Bob"]
    for name in names:
        CustomerFactory(name=name)
    everybody = Customer.objects.all()
    with django_assert_num_queries(1):
        counts = bounded_counts([everybody.filter(name="Ada"), everybody.filter(name="Bob"), everybody.none()])
    assert counts == [1, 3, 0]
    assert [count_in_words(count) for count in counts] == ["1", "2+", "0"]
    assert bounded_counts([]) == []


def test_count_is_remembered_for_a_while() -> None:
    CustomerFactory()
    assert remembered_counts("customers", lambda: [Customer.objects.all()]) == [1]
    CustomerFactory()
    assert remembered_counts("customers", lambda: [Customer.objects.all()]) == [1]


def test_count_is_counted_when_the_cache_is_down(monkeypatch, caplog) -> None:
    class Down:
        def get(self, _key: str) -> None:
            raise RedisIsDown("refused")

        def set(self, *_args: object) -> None:
            raise RedisIsDown("refused")

    monkeypatch.setattr(remembering, "cache", Down())
    CustomerFactory()
    assert remembered_counts("customers", lambda: [Customer.objects.all()]) == [1]
    assert "the cache does not answer" in caplog.text
