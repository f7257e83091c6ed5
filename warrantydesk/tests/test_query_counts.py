"""How many queries a page may ask, in one reviewed file (query_counts.json); and never more for more rows."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cases.models import Case
from cases.services import talking
from cases.services.assigning import assign
from cases.services.tagging import tag_case
from cases.tests.factories import CaseFactory, photo, quote, staff
from products.tests.factories import InvoiceFactory, KitFactory, parts_of

pytestmark = pytest.mark.django_db

COUNTS: dict[str, int] = json.loads((Path(__file__).parent / "query_counts.json").read_text(encoding="utf-8"))
PAGES: dict[str, Callable[[Case], str]] = {
    "queue": lambda _case: "/desk/?view=all",
    "queue filtered": lambda case: f"/desk/?view=all&product={case.product_id}&tag={case.tags.get().pk}&age=older",
    "queue last page": lambda _case: "/desk/?view=all&sort=due&last=1",
    "queue searched": lambda _case: "/desk/?q=motor",
    "case": lambda case: f"/desk/cases/{case.reference}/",
    "presence": lambda case: f"/desk/cases/{case.reference}/presence/?as_of=1",
    "queue choosing": lambda _case: "/desk/?view=all&choose",
}


def eventful(times: int) -> Case:
    """A case with so many parts, files, messages and tags, looked after by somebody."""
    support, now = staff("support"), timezone.now()
    parts = parts_of(InvoiceFactory(products=[KitFactory()]))[:times]
    case = CaseFactory(parts=parts, files=[photo(number) for number in range(times)])
    for number in range(times):
        talking.add_note(case.pk, text=f"Word {number} about the motor", actor=support, now=now)
        tag_case(case.pk, name=f"Tag {number}", actor=support, now=now)
    assign(case.pk, user=support.user, actor=support, now=now)
    return Case.objects.get(pk=case.pk)


@pytest.fixture
def client() -> Client:
    client = Client()
    client.force_login(staff("reviewer").user)
    return client


def queries_of(client: Client, address: str) -> list[str]:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return [query["sql"] for query in queries]


@pytest.mark.parametrize("page", PAGES)
def test_page_asks_no_more_than_the_reviewed_file_says_and_no_more_for_more_rows(client: Client, page: str) -> None:
    few = eventful(1)
    address = PAGES[page](few)
    queries_of(client, address)  # what is remembered after the first page
    asked = queries_of(client, address)
    assert len(asked) <= COUNTS[page], "\n".join(asked)
    for _ in range(4):
        many = eventful(3)
    quote(CaseFactory(state="approved"))
    assert len(queries_of(client, PAGES[page](many if "case" in page else few))) == len(asked)


def test_reviewed_file_has_every_page_and_no_other() -> None:
    assert set(COUNTS) == set(PAGES)
