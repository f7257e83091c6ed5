"""The board of parcels in a real browser: every tab, narrow and wide, by keyboard, light and dark."""

import datetime as dt

import pytest
from django.utils import timezone

from cases.actors import Actor
from cases.models import Case
from cases.tests.factories import CaseFactory, StaffFactory
from products.tests.factories import CoveredPartFactory, CustomerFactory
from shipments.models import CarrierHealth
from shipments.services import book
from shipments.tests.factories import ShipmentFactory, scan, ups_number
from warrantydesk.tests.browser import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NAMES = [("Ingrid Sørensen", "NO"), ("佐藤 由美子", "JP"), ("Maximiliane Wolkenstein-Trostburg", "DE"), ("Ana", "BR")]


def ago(days: float) -> dt.datetime:
    return timezone.now() - dt.timedelta(days=days)


def parcel(number: int, *scans: tuple[str, float], direction: str = "to_workshop", case: Case | None = None):
    name, country = NAMES[number % len(NAMES)]
    owner = CustomerFactory(name=name, country=country)
    case = case or CaseFactory(customer=owner, part=CoveredPartFactory(customer=owner), state="approved")
    return ShipmentFactory(
        case=case, direction=direction, booked_at=ago(60), now=timezone.now(),
        events=[scan(kind, ago(days).isoformat(), place="Bergen") for kind, days in scans],
    )  # fmt: skip


@pytest.fixture
def full(visitor: Visitor) -> Visitor:
    visitor.log_in(StaffFactory(role="reviewer", name="Rita Reviewer"))
    parcel(0, ("picked_up", 2))
    parcel(1, ("picked_up", 14))
    parcel(2, ("in_transit", 3), ("exception", 1))
    parcel(3, ("picked_up", 9), ("delivered", 4))
    parcel(0, ("picked_up", 5), direction="to_customer")
    parcel(1, ("picked_up", 20), ("lost", 3))
    parcel(2)
    waiting = CaseFactory(state="approved")
    book(
        waiting.pk, direction="to_workshop", carrier="ups", tracking_number=ups_number(), proposed=True,
        actor=Actor.customer(), now=timezone.now(),
    )  # fmt: skip
    return visitor


def test_board_looks_right_and_is_accessible(full: Visitor) -> None:
    for tab in ("incoming", "review", "exception"):
        full.open(f"/desk/parcels/?show={tab}")
        full.photograph(f"desk-parcels-{tab}")
    full.expect_accessible()
    full.resize(390)
    full.expect_accessible()


def test_tabs_and_filters_work_and_nothing_found_says_so(full: Visitor) -> None:
    page = full.page
    full.open("/desk/parcels/")
    page.get_by_role("navigation", name="Parcels").get_by_role("link", name="Silent").click()
    page.get_by_text("somebody has to ask").first.wait_for()
    page.wait_for_load_state()  # its words are there before its script, which sends the filters
    page.get_by_label("Country of the customer").select_option("NO")
    page.get_by_text("No parcel of this tab fits").wait_for()
    page.get_by_role("link", name="Show the whole tab").click()
    page.get_by_text("佐藤 由美子").wait_for()
    page.wait_for_load_state()
    page.keyboard.press("/")
    page.keyboard.type("no such parcel 1234567")
    page.keyboard.press("Enter")
    page.get_by_text("No parcel fits").wait_for()
    full.photograph("desk-parcels-not-found")


def test_carriers_look_right(full: Visitor, settings) -> None:
    settings.SIMULATED_CARRIER = True
    CarrierHealth.objects.create(
        carrier="simulated", failures=5, openings=1, open_until=timezone.now() + dt.timedelta(minutes=5),
        last_success_at=ago(0.1), latency_ms=120, last_problem="500 Internal Server Error", last_problem_at=ago(0),
    )  # fmt: skip
    full.open("/desk/parcels/carriers/")
    full.expect_accessible()
    full.photograph("desk-carriers")


def test_lost_parcel_on_the_case_page_looks_right(full: Visitor) -> None:
    lost = parcel(1, ("picked_up", 20), ("lost", 3))
    full.open(f"/desk/cases/{lost.case.reference}/")
    full.page.get_by_text("Let the clock run again").first.click()
    full.page.wait_for_selector("summary:has-text('Let the clock run again')")
    full.expect_accessible()
    full.photograph("desk-case-lost-parcel")
