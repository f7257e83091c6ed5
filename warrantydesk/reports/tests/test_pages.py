"""The managers' pages: who may open them, what they say, the way to the cases, and what happens on a bad question."""

import datetime as dt
import json
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cases.tests.factories import CaseFactory, StaffFactory
from warrantydesk.reports.counting.rounds import count_changed
from warrantydesk.reports.registry import REPORTS

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mail_folder")]
PAGE = reverse("reports:overview")
NAMES = list(REPORTS)
COUNTS: dict[str, int] = json.loads((Path(__file__).parent / "query_counts.json").read_text(encoding="utf-8"))


def as_role(role: str) -> Client:
    client = Client()
    client.force_login(StaffFactory(role=role))
    return client


@pytest.fixture
def manager() -> Client:
    return as_role("manager")


def address(name: str) -> str:
    return reverse("reports:report", args=[name])


def addresses() -> list[str]:
    return [PAGE, *map(address, NAMES), reverse("reports:cases", args=["overview", "states", "submitted"])]


@pytest.mark.parametrize("page", addresses())
def test_reports_are_the_managers_own(page: str):
    assert Client().get(page)["Location"] == f"{reverse('login')}?next={page}"
    for role in ("", "viewer", "support", "reviewer", "administrator"):
        assert as_role(role).get(page).status_code == 403
    client = as_role("manager")
    assert client.get(page).status_code == 200
    assert client.post(page).status_code == 405


def test_side_leads_to_the_reports_those_who_may_see_them(manager: Client):
    def links(client: Client) -> list[str]:
        groups = client.get(reverse("staff:queue")).context["nav"]
        return [item["url"] for group in groups for item in group["items"]]

    assert PAGE in links(manager)
    assert PAGE not in links(as_role("reviewer"))


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ({"from": "2026-02-30", "to": "2026-03-01"}, "There is no such day"),
        ({"product": "999999"}, "There is no such choice"),
        ({"batch": "2026-13"}, "There is no such month"),
        ({"country": "Nowhere"}, "There is no such choice"),
        ({"from": "2025-03-01", "to": "2025-02-01"}, "The last day lies before the first one"),
        ({"from": '"><script>alert(1)</script>'}, "There is no such day"),
    ],
)
def test_page_says_what_is_wrong_and_shows_the_usual_days(manager: Client, query: dict[str, str], says: str):
    answer = manager.get(PAGE, query)
    text = answer.content.decode()
    assert answer.status_code == 200
    assert says in text
    assert "the unfiltered report of the latest 12 weeks" in text
    assert "<script>alert" not in text


@pytest.mark.parametrize("name", NAMES)
def test_page_without_anything_says_so_and_leads_on(manager: Client, name: str):
    assert "The figures come with the first request" in manager.get(address(name)).content.decode()
    text = manager.get(address(name), {"to": "2025-03-01"}).content.decode()
    assert "There is nothing to count" in text
    assert '<svg class="chart-svg' not in text


@pytest.mark.parametrize(
    "path",
    [
        "nothing/",
        "overview/cases/nothing/x/",
        "overview/cases/weeks/no-day/",
        "decisions/cases/partly/half/",
        "reliability/cases/life/x/",
    ],
)
def test_what_there_is_not_is_not_found(manager: Client, path: str):
    assert manager.get(f"{PAGE}{path}").status_code == 404


def test_cases_come_fifty_at_a_time_and_only_those_asked_for(manager: Client):
    now = timezone.now()
    for _number in range(3):
        CaseFactory(received_at=now)
    CaseFactory(received_at=now - dt.timedelta(days=400))
    list(count_changed())
    page = manager.get(reverse("reports:cases", args=["overview", "states", "evidence_review"]))
    assert (page.context["number"], len(page.context["rows"])) == (3, 3)
    oldest = page.context["page"].cases[-1].pk
    older = manager.get(reverse("reports:cases", args=["overview", "states", "evidence_review"]), {"before": oldest})
    assert older.status_code == 200
    assert older.context["rows"] == []


@pytest.mark.parametrize("name", NAMES)
def test_page_asks_no_more_than_the_reviewed_file_says_and_no_more_for_more_cases(manager: Client, name: str):
    def asked() -> list[str]:
        list(count_changed())
        with CaptureQueriesContext(connection) as queries:
            assert manager.get(address(name)).status_code == 200
        return [one["sql"] for one in queries]

    for _number in range(4):
        CaseFactory(state="denied")
    few = asked()
    assert len(few) <= COUNTS.get(name, 0), "\n".join([f"{len(few)} queries; query_counts.json beside this file", *few])
    for _number in range(2):
        CaseFactory(state="denied")
    assert len(asked()) <= len(few)


def test_reviewed_file_has_every_report_and_no_other():
    assert list(COUNTS) == NAMES, "query_counts.json beside this file: how many queries a page may ask, in this order"
