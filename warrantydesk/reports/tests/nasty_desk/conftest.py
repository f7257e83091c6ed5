"""The nasty desk is built once for all modules of this folder, in a transaction that is taken back after the last one.

Nothing stands in this folder but what looks at it: the desk is there for as long as tests of the folder follow each
other, and they do, in one process (the group they share).
"""

from collections.abc import Iterator

import pytest
from pytest_django import DjangoDbBlocker

from products.tests.made_once import made_once
from warrantydesk.reports.counting.rounds import count_everything
from warrantydesk.reports.tests.nasty import build


@pytest.fixture(scope="package")
def nasty_desk(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    with made_once(django_db_blocker):
        build()
        list(count_everything())
        yield
