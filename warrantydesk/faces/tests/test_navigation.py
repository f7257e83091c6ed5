"""The side of the desk: every face speaks for itself, and each person sees only where they may go."""

import pytest
from django.test import RequestFactory
from django.urls import reverse

from cases.tests.factories import StaffFactory
from warrantydesk.faces import navigation
from warrantydesk.faces.navigation import Group, Item, desk_nav, register

pytestmark = pytest.mark.django_db


@pytest.fixture
def registry(monkeypatch):
    """An empty registry of this test's own."""
    monkeypatch.setattr(navigation, "_providers", {})


def side(role: str, current: str = "") -> list[Group]:
    request = RequestFactory().get("/desk/")
    request.user = StaffFactory(role=role)
    return desk_nav(request, current)


def link(label: str) -> Item:
    return Item(label=label, url=f"/{label}/", count=None, current=False)


def test_groups_of_one_title_become_one_in_the_order_of_their_places(registry):
    register(lambda user, current: [Group(title="Work", items=[link("late")])], place=30)
    register(lambda user, current: [Group(title="", items=[link("first")])], place=10)
    early = [Group(title="Work", items=[link("early")]), Group(title="None", items=[])]
    register(lambda user, current: early, place=20)
    found = [(group["title"], [item["label"] for item in group["items"]]) for group in side("viewer")]
    assert found == [("", ["first"]), ("Work", ["early", "late"])]


def test_provider_that_registers_twice_speaks_once(registry):
    def provider(user, current):
        return [Group(title="", items=[link("one")])]

    register(provider, place=1)
    register(provider, place=2)
    assert len(side("viewer")[0]["items"]) == 1


def test_provider_is_told_who_looks_at_which_page(registry):
    told = []
    register(lambda user, current: told.append((user.email, current)) or [], place=1)
    assert side("support", "mail") == []
    assert [current for _email, current in told] == ["mail"]


QUEUE, MAIL, PARCELS = "/desk/?view=", reverse("intake:mail"), "/desk/parcels/?show="
REPORTS, ADMIN = reverse("reports:overview"), reverse("admin:index")


@pytest.mark.parametrize(
    ("role", "places"),
    [
        ("", set()),
        ("viewer", {QUEUE, MAIL, PARCELS}),
        ("support", {QUEUE, MAIL, PARCELS}),
        ("reviewer", {QUEUE, MAIL, PARCELS}),
        ("manager", {QUEUE, MAIL, PARCELS, REPORTS}),
        ("administrator", {QUEUE, MAIL, PARCELS, ADMIN}),
    ],
)
def test_role_sees_the_pages_it_may_open_and_not_the_others(role: str, places: set[str]):
    urls = [item["url"] for group in side(role) for item in group["items"]]
    assert {
        place for place in (QUEUE, MAIL, PARCELS, REPORTS, ADMIN) for url in urls if url.startswith(place)
    } == places


def test_page_shown_is_marked_and_no_other():
    marked = [item["url"] for group in side("manager", "mail") for item in group["items"] if item["current"]]
    assert marked == [MAIL]
