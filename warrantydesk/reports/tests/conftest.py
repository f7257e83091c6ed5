"""The nasty desk, built once a module inside a transaction that is taken back at its end."""

from collections.abc import Iterator

import pytest

from products.tests.made_once import made_once
from warrantydesk.reports.counting.rounds import count_everything
from warrantydesk.reports.tests.nasty import build


@pytest.fixture
def mail_folder(settings, tmp_path):
    settings.EMAIL_BACKEND = "cases.outbox.files.EmailBackend"
    settings.EMAIL_FILE_PATH = tmp_path / "outbox"


@pytest.fixture(scope="module")
def nasty_desk(django_db_setup, django_db_blocker) -> Iterator[None]:
    with made_once(django_db_blocker):
        build()
        list(count_everything())
        yield
