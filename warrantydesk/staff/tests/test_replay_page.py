"""The page of decisions overtaken: which answer was given, which it would be today, and the way to the case."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.urls import reverse

from cases.actors import Actor
from cases.models import Case
from cases.services import deciding
from cases.tests.factories import DECIDED_AT, CaseFactory, judge_all
from products.services import WindowData, set_pauses
from products.tests.factories import CoveredPartFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def overtaken(person: Callable) -> Case:
    """Denied as late; then a repair in the summer became known."""
    part = CoveredPartFactory(issued_on=dt.date(2024, 11, 1), number="INV-7")
    case = CaseFactory(part=part)
    reviewer = Actor.staff(person("reviewer", email="decider@positron.example"))
    deciding.record_finding(case.claimed_parts.get().pk, cause_code="none", actor=reviewer, now=DECIDED_AT)
    judge_all(case, reviewer, deny="expired")
    deciding.deny(case.pk, actor=reviewer, now=DECIDED_AT)
    window = WindowData(dt.date(2025, 6, 11), dt.date(2025, 6, 29), "verified")
    set_pauses({part.pk: [window]}, source="tracking", cause="late scan", now=DECIDED_AT)
    return case


def test_page_lists_both_answers_and_leads_to_the_case(desk: Callable, overtaken: Case) -> None:
    text = desk("reviewer").get(reverse("staff:replay")).content.decode()
    assert reverse("staff:case", args=[overtaken.reference]) in text
    assert "Not covered:" in text
    assert "<b>Covered</b>" in text
    assert Case.objects.get(pk=overtaken.pk).state == "denied"


@pytest.mark.parametrize(
    ("written", "words"),
    [("inv 7", "About parts of invoice"), ("INV-8", "Every decision still holds"), ("NOPE", "No such invoice")],
)
def test_page_can_be_asked_about_one_invoice(desk: Callable, overtaken: Case, written: str, words: str) -> None:
    CoveredPartFactory(number="INV-8")
    text = desk("reviewer").get(reverse("staff:replay"), {"invoice": written}).content.decode()
    assert words in text
    assert (overtaken.reference in text) == (written == "inv 7")


@pytest.mark.parametrize("role", ["", "viewer", "support", "administrator"])
def test_page_is_for_those_who_decide(desk: Callable, role: str) -> None:
    assert desk(role).get(reverse("staff:replay")).status_code == 403


def test_page_is_on_the_side_of_those_who_may_open_it(desk: Callable) -> None:
    address = f'href="{reverse("staff:replay")}"'
    assert address in desk("manager").get(reverse("staff:queue")).content.decode()
    assert address not in desk("support").get(reverse("staff:queue")).content.decode()


def test_page_only_shows(desk: Callable) -> None:
    assert desk("manager").post(reverse("staff:replay")).status_code == 405
