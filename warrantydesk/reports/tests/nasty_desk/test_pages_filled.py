"""The managers' pages over the nasty desk: every table is explained and drawn, every number leads to its cases."""

import re
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from cases.tests.factories import StaffFactory
from warrantydesk.reports.registry import REPORTS
from warrantydesk.reports.tests.nasty import DAYS, product_of

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("nasty_desk"),
    pytest.mark.xdist_group("nasty_desk"),
]
PAGE = reverse("reports:overview")
NAMES = list(REPORTS)
SPAN = {"from": DAYS.first, "to": DAYS.last}


@pytest.fixture
def manager() -> Client:
    client = Client()
    client.force_login(StaffFactory(role="manager"))
    return client


def address(name: str) -> str:
    return reverse("reports:report", args=[name])


@pytest.mark.parametrize("name", NAMES)
def test_page_explains_and_draws_every_table(manager: Client, name: str):
    answer = manager.get(address(name), SPAN)
    text = answer.content.decode()
    tables = [one for one in answer.context["tables"] if one.rows]
    assert tables
    assert text.count('<details class="meaning">') == len(answer.context["tables"])
    assert text.count('class="formula"') == len(answer.context["tables"])
    assert text.count('role="img"') == sum(one.table.chart is not None for one in tables)
    assert "1 Oct 2025 – 7 Dec 2025" in text
    assert 'style="' not in text


@pytest.mark.parametrize("name", NAMES)
def test_every_number_leads_to_its_cases(manager: Client, name: str):
    links = [row.url for one in manager.get(address(name), SPAN).context["tables"] for row in one.rows if row.url]
    assert len(links) > 3, "the nasty desk (nasty.py) has too little that this report counts"
    for link in links[:: max(len(links) // 6, 1)]:
        assert manager.get(link).status_code == 200, link


def test_every_report_is_counted_by_hand_in_a_test_of_its_own():
    counted = "\n".join(path.read_text("utf-8") for path in Path(__file__).parent.glob("test_figures_*.py"))
    modules = {name: report.tables.__module__.rpartition(".")[2] for name, report in REPORTS.items()}
    missing = [name for name, module in modules.items() if not re.search(rf"import .*\b{module}\b", counted)]
    assert missing == [], "count its tables by plain SQL in a test_figures_*.py beside this file"


def test_page_in_german_draws_the_same_places(manager: Client):
    manager.cookies["django_language"] = "de"
    text = manager.get(PAGE, SPAN).content.decode()
    drawing = text[text.index('class="chart-svg') :]
    places = re.findall(r' (?:x|y|width|height)="([^"]*)"', drawing)
    assert len([float(one) for one in places]) > 50  # a comma would be no number of an SVG


@pytest.mark.parametrize("name", NAMES)
def test_a_part_never_sold_gives_a_page(manager: Client, name: str):
    answer = manager.get(address(name), {**SPAN, "part": product_of("Never sold").pk})
    assert answer.status_code == 200
