"""What a search engine meets on the portal: pages it may keep, addresses that are secret, and beyond them nothing."""

import re

import pytest
from django.test import Client
from django.urls import NoReverseMatch, reverse

from cases.tests.factories import CaseFactory
from warrantydesk.portal import urls
from warrantydesk.portal.tests.door import let_in, token_of
from warrantydesk.portal.tests.test_private_link import _expired, _revoked

pytestmark = pytest.mark.django_db
KEPT = {"home", "check", "request", "request_where"}
KEPT_OUT = '<meta name="robots" content="noindex, nofollow">'
WITHIN = {"file_id": 1, "which": "web", "key": "x" * 20, "letter_id": 1, "token": "x" * 32}


def address_of(route) -> str:
    for needed in ((), *([name] for name in WITHIN), ("file_id", "which")):
        try:
            return reverse(f"portal:{route.name}", kwargs={name: WITHIN[name] for name in needed})
        except NoReverseMatch:
            continue
    return reverse(f"portal:{route.name}", kwargs={"name": "product"})


@pytest.mark.parametrize("route", urls.urlpatterns, ids=lambda route: route.name)
def test_engine_may_keep_four_pages_and_meets_no_other_that_says_nothing(route):
    """It comes without a cookie, so what stands behind one it cannot meet: such a page need not ask it to stay away."""
    answer = Client().get(address_of(route))
    page = answer.content.decode()
    if route.name in KEPT:
        assert answer.status_code == 200
        assert KEPT_OUT not in page
    else:
        assert answer.status_code in (302, 404, 405) or KEPT_OUT in page


@pytest.mark.parametrize("path", ["/", "/check/", "/request/", "/request/where/"])
def test_page_that_may_be_kept_says_what_it_is_and_where_it_is_read_in_each_language(path, settings):
    settings.SITE_URL = "https://desk.example/"
    page = Client().get(f"{path}?lang=de&from=a-mail").content.decode()
    assert re.search(r'<meta name="description" content="[^"]{30,}">', page)
    told = dict(re.findall(r'<link rel="alternate" hreflang="([^"]+)" href="([^"]+)">', page))
    spoken = {code: f"https://desk.example{path}?lang={code}" for code, _name in settings.LANGUAGES}
    assert told == {"x-default": f"https://desk.example{path}", **spoken}


@pytest.mark.parametrize("made", [token_of, _expired, _revoked], ids=["living", "expired", "revoked"])
@pytest.mark.parametrize("pressed", [False, True])
def test_address_with_a_token_is_kept_out_and_told_to_nobody(owner, made, pressed):
    client, address = Client(), f"/status/{made(CaseFactory(customer=owner))}/"
    answer = client.post(address) if pressed else client.get(address)
    assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    page = answer.content.decode()
    assert KEPT_OUT in page or answer.status_code == 302
    assert 'rel="alternate"' not in page


def test_page_of_a_case_is_met_by_nobody_without_its_session(owner):
    case = CaseFactory(customer=owner)
    inside = let_in(case).get("/status/")
    assert case.reference in inside.content.decode()
    assert KEPT_OUT not in inside.content.decode()
    stranger = Client().get("/status/")
    assert stranger.status_code == 404
    assert case.reference not in stranger.content.decode()


def test_desk_is_kept_out():
    assert KEPT_OUT in Client().get("/desk/", follow=True).content.decode()
