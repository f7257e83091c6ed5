"""What measurements are taken on is data the desk itself could have written."""

import datetime as dt

import pytest
from django.db import connection

from bench import filling
from bench.rows import EVERYTHING, Rows
from cases.models import Case
from cases.reference import parse_reference
from products.clock_check import look_at
from products.identifiers import fold_identifier
from products.models import CoveredPart, Invoice
from products.queries import match_purchase

NOW = dt.datetime(2026, 6, 1, 12, tzinfo=dt.UTC)


@pytest.mark.parametrize("rows", EVERYTHING, ids=lambda rows: rows.model.__name__)
def test_every_column_is_spoken_of_or_has_a_value_by_its_model(rows: Rows):
    fields = {field.attname: field for field in rows.model._meta.concrete_fields}
    assert rows.columns.keys() <= fields.keys()
    for name in fields.keys() - rows.columns.keys() - {"id"}:
        filling._given_by_model(fields[name])


@pytest.fixture
def filled(postgresql: None, db: None) -> None:
    filling._stock()
    filling._load(400, NOW, lambda words: None)


@pytest.mark.usefixtures("filled")
def test_filled_database_keeps_the_promises_of_a_real_one():
    assert CoveredPart.objects.count() == 5 * Case.objects.count() == 2000
    assert {*Case.objects.values_list("state", flat=True)} >= {"returned", "denied", "withdrawn", "approved"}
    assert all(parse_reference(one) == one for one in Case.objects.values_list("reference", flat=True))
    assert all(fold_identifier(one.number) == one.number_fold for one in Invoice.objects.all())
    assert match_purchase(["INV7"], ["BM7"]).parts == [CoveredPart.objects.get(pk=31)]
    assert look_at((1, 2001)) == (2000, [])
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # every key leads somewhere
    for case in Case.objects.all()[:50]:
        moves = list(case.events.filter(kind="transition").order_by("pk").values_list("from_state", "to_state"))
        assert [before for before, _after in moves[1:]] == [after for _before, after in moves[:-1]]
        assert (moves[-1][1] if moves else "submitted") == case.state
