"""What strangers write stays words: in titles, names, file names, descriptions, parcels."""

from collections.abc import Callable

import pytest
from django.urls import reverse
from django.utils import timezone

from cases.actors import Actor
from cases.services import talking
from cases.tests.factories import CaseFactory, photo, refused_file
from products.tests.factories import CustomerFactory
from shipments import services as parcels
from warrantydesk.staff.tests.driver import Driver

SCRIPT = "<script>alert('x')</script>"
BREAKOUT = '"><img src=x onerror=alert(1)>'
TEMPLATE = "{{ 7|add:7 }}{% load x %}"
HOSTILE = [SCRIPT, BREAKOUT, TEMPLATE]


@pytest.fixture
def drive(desk: Callable) -> Driver:
    customer = CustomerFactory(name=f"{SCRIPT}{BREAKOUT}", email="x@example.com")
    files = [photo(1, name=f"{BREAKOUT}.jpg"), refused_file(f"{SCRIPT}.exe")]
    case = CaseFactory(
        customer=customer,
        subject=f"{SCRIPT} {BREAKOUT} {TEMPLATE}",
        description=f"{SCRIPT}\n{TEMPLATE}",
        files=files,
        sender_name=BREAKOUT,
    )
    client = desk("reviewer", name=f"R {SCRIPT}")
    reviewer = Actor.staff(client.person)
    now = timezone.now()
    talking.add_note(case.pk, text=f"{SCRIPT}{BREAKOUT}", actor=reviewer, now=now)
    parcel = parcels.book(
        case.pk, direction="to_workshop", carrier="manual", tracking_number="ABC123", actor=reviewer, now=now
    )
    parcels.enter_scan(
        parcel.pk, kind="delivered", proof=SCRIPT, place=BREAKOUT, occurred_at=now, actor=reviewer, now=now
    )
    return Driver(client, case)


def assert_harmless(page: str) -> None:
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert 'onerror=alert(1)">' not in page
    assert "1414" not in page


def test_case_page_shows_words_when_they_are_markup(drive: Driver) -> None:
    page = drive.look()
    assert_harmless(page)
    assert "&lt;script&gt;" in page
    assert "{{ 7|add:7 }}" in page


def test_queue_shows_words_when_they_are_markup(drive: Driver) -> None:
    page = drive.client.get(reverse("staff:queue"), {"view": "all"}).content.decode()
    assert_harmless(page)
    assert "&lt;script&gt;" in page


@pytest.mark.parametrize("words", HOSTILE)
def test_search_shows_words_when_they_are_markup(drive: Driver, words: str) -> None:
    assert_harmless(drive.client.get(reverse("staff:queue"), {"q": words}).content.decode())


def test_board_shows_words_when_they_are_markup(drive: Driver) -> None:
    for board in ("travelling", "silent", "review"):
        assert_harmless(drive.client.get(reverse("staff:parcels"), {"show": board}).content.decode())


@pytest.mark.parametrize("words", HOSTILE)
def test_refused_form_shows_words_when_they_are_markup(drive: Driver, words: str) -> None:
    answer = drive.post("start_repair", on=words, text=words)
    assert answer.status_code == 422
    assert_harmless(answer.content.decode())
