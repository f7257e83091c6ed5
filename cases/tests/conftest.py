"""The small cast of every test here: the owner, the colleague, the outsider, and who decides."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from celery import current_app as app
from pytest_django import Settings

from cases.actors import Actor
from cases.tests.decoded import decoded_once  # noqa: F401 - a fixture
from cases.tests.factories import staff
from cases.tests.shelf import s3_server, shelf  # noqa: F401 - fixtures
from products.models import Customer
from products.tests.factories import CustomerFactory


@pytest.fixture
def owner(db: None) -> Customer:
    """The customer whose case it is."""
    return CustomerFactory(email="owner@example.com", name="Owner")


@pytest.fixture
def colleague(db: None) -> Actor:
    """Support: handles cases, decides none."""
    return staff("support", email="colleague@positron.example")


@pytest.fixture
def reviewer(db: None) -> Actor:
    """Decides, and may grant goodwill."""
    return staff("reviewer", email="reviewer@positron.example")


@pytest.fixture
def outsider(db: None) -> Actor:
    """An account without any role."""
    return staff("", email="outsider@elsewhere.example")


@pytest.fixture
def mail_folder(settings: Settings, tmp_path: Path) -> Path:
    """Where mail of the embedded desk goes, in a test of its own."""
    settings.EMAIL_BACKEND = "cases.outbox.files.EmailBackend"
    settings.EMAIL_FILE_PATH = tmp_path / "outbox"
    return tmp_path / "outbox"


@pytest.fixture
def storage(settings: Settings, tmp_path: Path) -> Path:
    """A storage of this test's own; the folder its files lie in."""
    options = {"location": tmp_path / "files", "base_url": None}
    backend = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": options}
    settings.STORAGES = {**settings.STORAGES, "default": backend}
    return tmp_path / "files"


@pytest.fixture
def eager_tasks(mail_folder: Path, storage: Path) -> Iterator[None]:
    """For tests that commit: tasks run at once, in place, and no message reaches the broker of a desk."""
    app.conf.task_always_eager = True
    yield
    app.conf.task_always_eager = False
