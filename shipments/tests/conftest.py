"""The cast, and the carriers on offer."""

import pytest
from pytest_django import Settings

from cases.actors import Actor
from cases.tests.factories import staff


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


@pytest.fixture
def simulated(settings: Settings) -> None:
    """The simulated carrier is on offer, whatever the settings say."""
    settings.SIMULATED_CARRIER = True
