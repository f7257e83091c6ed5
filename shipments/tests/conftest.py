"""The cast, and the carriers on offer."""

from collections.abc import Iterator

import pytest
from pytest_django import DjangoDbBlocker, Settings

from cases.actors import Actor
from cases.models import Case
from cases.tests.factories import CaseFactory, staff
from products.tests.made_once import made_once


@pytest.fixture
def support(db: None) -> Actor:
    return staff("support", email="support@positron.example")


@pytest.fixture
def reviewer(db: None) -> Actor:
    return staff("reviewer", email="reviewer@positron.example")


@pytest.fixture
def viewer(db: None) -> Actor:
    """May look, may book nothing."""
    return staff("viewer", email="viewer@positron.example")


@pytest.fixture(scope="module")
def approved(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[int]:
    """The key of an approved case that all tests of a module find (`pytestmark`): made once, as each left it unmade."""
    with made_once(django_db_blocker):
        yield CaseFactory(state="approved").pk


@pytest.fixture
def case(db: None, approved: int) -> Case:
    return Case.objects.get(pk=approved)


@pytest.fixture
def simulated(settings: Settings) -> None:
    """The simulated carrier is on offer, whatever the settings say."""
    settings.SIMULATED_CARRIER = True
