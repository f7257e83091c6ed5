"""No line to PostgreSQL compiles what it is asked."""

from types import SimpleNamespace
from unittest.mock import MagicMock

import pytest
from django.db import connection

from products.plain_plans import leave_uncompiled


@pytest.mark.django_db
def test_line_in_use_compiles_nothing():
    with connection.cursor() as cursor:
        told = [("off",)]
        if connection.vendor == "postgresql":
            told = cursor.execute("SHOW jit").fetchall()
    assert told == [("off",)]


@pytest.mark.parametrize(("vendor", "said"), [("postgresql", ["SET jit = off"]), ("sqlite", [])])
def test_only_postgresql_is_told(vendor: str, said: list[str]):
    cursor = MagicMock()
    cursor.__enter__.return_value = cursor
    leave_uncompiled(SimpleNamespace(vendor=vendor, cursor=lambda: cursor))
    assert [call.args[0] for call in cursor.execute.call_args_list] == said
