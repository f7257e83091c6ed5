"""Plans that PostgreSQL keeps: for which statements, on which lines, and what becomes of them when a column changes."""

from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from django.db import NotSupportedError, connection, transaction
from django.test.utils import CaptureQueriesContext

from products import kept_plans
from products.kept_plans import KeptStatement, answer
from products.models import Customer
from products.tests.factories import CustomerFactory
from products.written_once import WrittenOnce

OFTEN = 7  # more often than it takes until a plan is kept (DATABASE_PREPARED in settings/database.py)


def _by_key() -> WrittenOnce:
    return WrittenOnce(lambda pk: Customer.objects.filter(pk=pk, language="en"), keep_plan=True, pk=int)


def _kept() -> list[str]:
    return [row[0] for row in connection.connection.execute("SELECT statement FROM pg_prepared_statements").fetchall()]


def test_statement_holds_whatever_is_the_same_each_time() -> None:
    at = datetime(2026, 3, 2, 12, 5, tzinfo=UTC)
    params = ["it's 100%", object, 7, at, object]
    kept = KeptStatement("%s LIKE 'a%%' AND %s %s %s %s", params, lambda param: param is object)
    text = "'it''s 100%%' LIKE 'a%%' AND %s 7 '2026-03-02 12:05:00+00:00'::timestamptz %s"
    assert kept.sql == text


@pytest.mark.django_db
def test_answers_are_the_same_kept_or_not() -> None:
    query, customer = _by_key(), CustomerFactory(language="en")
    for _time in range(OFTEN):
        assert query.ask(pk=customer.pk).fetched() == [customer]
        assert query.ask(pk=2**40).fetched() == []
        assert query.ask(pk=customer.pk).rows()[0][0] == customer.pk


@pytest.mark.django_db
def test_one_plan_serves_numbers_of_every_size(postgresql: None) -> None:
    query = _by_key()
    for _time in range(OFTEN):
        for number in (1, 2**20, 2**40):
            query.ask(pk=number).fetched()
    (statement,) = _kept()
    assert "'en'" in statement
    assert statement.count("$") == 1


@pytest.mark.django_db
def test_what_was_asked_is_told_though_its_plan_was_kept(postgresql: None) -> None:
    query = _by_key()
    with CaptureQueriesContext(connection) as asked:
        for number in range(OFTEN):
            query.ask(pk=number).fetched()
    assert [f'"products_customer"."id" = {number})' in one["sql"] for number, one in enumerate(asked)] == [True] * OFTEN


@pytest.mark.django_db
def test_nothing_is_kept_where_nobody_asked_for_it(postgresql: None) -> None:
    query = WrittenOnce(lambda pk: Customer.objects.filter(pk=pk), pk=int)
    for number in range(OFTEN):
        query.ask(pk=number).fetched()
        Customer.objects.filter(pk=number).first()
    assert _kept() == []


@pytest.mark.django_db
def test_nothing_is_kept_when_it_is_switched_off(postgresql: None, monkeypatch: pytest.MonkeyPatch) -> None:
    query = _by_key()
    monkeypatch.setattr(connection.connection, "prepare_threshold", None)
    for number in range(OFTEN):
        query.ask(pk=number).fetched()
    assert _kept() == []


@pytest.mark.django_db
def test_nothing_is_kept_behind_a_pooler(postgresql: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its lines lead to another server process for each transaction, and carry the number of none."""
    kept_plans._leads_straight.clear()
    monkeypatch.setattr(psycopg.ConnectionInfo, "backend_pid", property(lambda _self: 1))
    query, customer = _by_key(), CustomerFactory(language="en")
    for _time in range(OFTEN):
        assert query.ask(pk=customer.pk).fetched() == [customer]
    assert _kept() == []
    kept_plans._leads_straight.clear()


@pytest.fixture
def changed_type(postgresql: None) -> Any:
    """A table a migration reaches over a line of its own, as it does in production."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE kept_plans_words (word varchar(5))")
        cursor.execute("INSERT INTO kept_plans_words VALUES ('one')")
    yield lambda: _elsewhere("ALTER TABLE kept_plans_words ALTER COLUMN word TYPE text")
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE kept_plans_words")


def _elsewhere(sql: str) -> None:
    line = connection.get_new_connection(connection.get_connection_params())
    line.execute(sql)
    line.commit()
    line.close()


def _words() -> list[tuple[Any, ...]]:
    sql = "SELECT word FROM kept_plans_words"
    return answer("default", sql, (), lambda: (sql, ()))


@pytest.mark.django_db(transaction=True)
def test_plan_is_made_anew_after_a_migration_has_changed_a_type(changed_type: Any) -> None:
    for _time in range(OFTEN):
        assert _words() == [("one",)]
    changed_type()
    for _time in range(OFTEN):
        assert _words() == [("one",)]
    assert "kept_plans_words" in "".join(_kept())


@pytest.mark.django_db(transaction=True)
def test_transaction_that_met_the_change_is_lost_and_the_next_is_not(changed_type: Any) -> None:
    for _time in range(OFTEN):
        _words()
    changed_type()
    with pytest.raises(NotSupportedError, match="cached plan"), transaction.atomic():
        _words()
    with transaction.atomic():
        assert _words() == [("one",)]
