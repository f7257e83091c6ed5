"""Fixtures of this storey."""

import datetime as dt

import pytest
from django.test import Client

from products.tests.factories import StaffFactory


@pytest.fixture
def now() -> dt.datetime:
    return dt.datetime(2025, 12, 1, 9, 30, tzinfo=dt.UTC)


@pytest.fixture
def boss(client: Client, db: None) -> Client:
    """A superuser: what is refused here is refused to everybody."""
    client.force_login(StaffFactory(is_superuser=True))
    return client
