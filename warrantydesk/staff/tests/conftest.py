"""The cast of the desk's tests, and a client that can act as each of them."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from cases.tests.factories import StaffFactory

ROLES = ("viewer", "support", "reviewer", "manager", "administrator")


@pytest.fixture
def person(db: None) -> Callable[..., Any]:
    """`person("reviewer")`: a colleague of that role; `person("")` one without any."""

    def make(role: str, **fields: Any) -> Any:
        return StaffFactory(role=role, **fields)

    return make


@pytest.fixture
def desk(person: Callable[..., Any]) -> Callable[..., Client]:
    """`desk("support")`: a client with a colleague of that role logged in, as `client.person`."""

    def log_in(role: str, **fields: Any) -> Client:
        client = Client()
        client.person = person(role, **fields)
        client.force_login(client.person)
        return client

    return log_in
