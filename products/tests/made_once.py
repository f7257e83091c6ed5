"""A world that all tests of a module look at, made once and taken back after the last of them.

    @pytest.fixture(scope="module", autouse=True)
    def world(django_db_setup, django_db_blocker):
        with made_once(django_db_blocker):
            yield CaseFactory(state="approved").pk

It is there for every test of the module, whichever came before; what it yields is a key, since a row in memory
would remember what the last test did to it. Not for modules with a test that commits.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction
from pytest_django import DjangoDbBlocker


@contextmanager
def made_once(blocker: DjangoDbBlocker) -> Iterator[None]:
    with blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)
