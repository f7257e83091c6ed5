"""The customer, their browser, and a storage and a mail folder of each test's own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.cache import cache
from pytest_django import Settings

from cases.actors import Actor
from cases.tests.factories import staff
from products.models import Customer
from products.tests.factories import CustomerFactory


@pytest.fixture(autouse=True)
def own_places(settings: Settings, tmp_path: Path) -> Iterator[Path]:
    """Nobody's files, mails and counters but this test's."""
    options = {"location": tmp_path / "files", "base_url": None}
    backend = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": options}
    settings.STORAGES = {**settings.STORAGES, "default": backend}
    settings.EMAIL_BACKEND = "cases.outbox.files.EmailBackend"
    settings.EMAIL_FILE_PATH = tmp_path / "outbox"
    cache.clear()
    yield tmp_path
    cache.clear()


@pytest.fixture
def owner(db: None) -> Customer:
    return CustomerFactory(email="ingrid@example.com", name="Ingrid Sørensen")


@pytest.fixture
def reviewer(db: None) -> Actor:
    return staff("reviewer", email="reviewer@positron.example", name="Mateo Ruiz")
