"""The demo's front page: three doors on this machine, and a parcel whose pause opens, closes and moves the date."""

import datetime as dt
from random import Random

import pytest
from django.contrib.auth import get_user
from django.contrib.auth.models import Group
from django.utils import timezone

from cases.tests.factories import CaseFactory
from products.models import CoveredPart
from warrantydesk.accounts.models import User
from warrantydesk.demo import journey, sales
from warrantydesk.demo.people import COUNTRIES

pytestmark = pytest.mark.django_db


@pytest.fixture
def people():
    for role, name in sales.STAFF:
        user = User.objects.create_user(f"{role}@desk.example", None, name=name)
        user.groups.add(Group.objects.get(name=role))


@pytest.fixture
def sold(people):
    """One kit, sold to somebody in the demo's manner."""
    sales.stock_catalogue()
    person = next(one for one in sales.make_customers(len(COUNTRIES), Random(1)) if one.language == "en")
    number = 0
    while not CoveredPart.objects.filter(category="motor").exists():
        number += 1
        sales.sell([person], 1, timezone.localdate() - dt.timedelta(days=60), Random(number))


@pytest.mark.parametrize(
    ("door", "leads_to"), [("reviewer", "/desk/"), ("manager", "/desk/reports/"), ("customer", "/status/")]
)
def test_door_opens_without_a_password_on_this_machine(client, people, door, leads_to):
    CaseFactory()
    response = client.post(f"/demo/enter/{door}/")
    assert (response.status_code, response.url.startswith(leads_to)) == (302, True), response.url
    signed_in = get_user(client)
    assert signed_in.groups.filter(name=door).exists() == (door != "customer")
    assert client.get(response.url).status_code == 200


@pytest.mark.parametrize("door", ["administrator", "support", "nobody"])
def test_there_is_no_door_for_others(client, people, door):
    assert client.post(f"/demo/enter/{door}/").status_code == 404
    assert not get_user(client).is_authenticated


@pytest.mark.parametrize("asked_by", [{"REMOTE_ADDR": "192.0.2.7"}, {"HTTP_X_FORWARDED_FOR": "127.0.0.1"}])
@pytest.mark.parametrize("address", ["enter/reviewer/", "enter/customer/", "parcel/"])
def test_doors_stay_shut_for_other_machines(client, people, address, asked_by):
    CaseFactory()
    assert client.post(f"/demo/{address}", **asked_by).status_code == 404
    page = client.get("/demo/", **asked_by).content.decode()
    assert "<form" not in page
    assert "/desk/login/" in page


def test_parcel_pauses_the_clock_and_moves_the_date_by_the_days_away(client, sold):
    assert client.post("/demo/parcel/").status_code == 302
    case = journey.case_on_tour()
    part = case.claimed_parts.get().part
    promised, states = part.covered_through, []
    while not journey.is_over(case) and len(states) < 20:
        client.post("/demo/parcel/")
        case = journey.case_on_tour()
        part = CoveredPart.objects.get(pk=part.pk)
        states.append((part.covered_through, part.pauses.count()))
    assert states[0] == (None, 1), "collected: the clock stands still"
    pause = part.pauses.get()
    assert part.covered_through == promised + ((pause.back_on - pause.left_on) + dt.timedelta(days=1))
    assert len(states) == 6
    page = client.get("/demo/").content.decode()
    assert "Send another one" in page
    assert "delivered" in page


def test_journey_says_so_when_nothing_is_left_to_send(client, people):
    response = client.post("/demo/parcel/", follow=True)
    assert "Every sale of the demo has its case by now." in response.content.decode()
