"""From the link in the mail to the page of the case, and every way in which the door stays closed."""

import datetime as dt

import pytest
from django.test import Client
from django.utils import timezone

from cases.links import revoke_links
from cases.models import Case, CaseEvent, CaseLink
from cases.tests.factories import CaseFactory, staff
from products.tests.factories import CustomerFactory
from warrantydesk.portal.tests.door import let_in, session_of, text_of, token_of

pytestmark = pytest.mark.django_db
CLOSED = "This link does not open anything any more"


@pytest.fixture
def case(owner):
    return CaseFactory(customer=owner)


def test_opening_the_link_changes_nothing_and_sets_no_cookie(case):
    token, client = token_of(case), Client()
    before = (CaseEvent.objects.count(), CaseLink.objects.values().get())
    response = client.get(f"/status/{token}/")
    assert response.status_code == 200
    assert "Open my request" in text_of(response)
    assert not response.cookies
    assert (CaseEvent.objects.count(), CaseLink.objects.values().get()) == before


def test_page_of_the_link_sends_no_referrer_and_is_kept_nowhere(case):
    response = Client().get(f"/status/{token_of(case)}/")
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert '<meta name="referrer" content="no-referrer">' in response.content.decode()
    assert response.headers["Cache-Control"] == "private, no-store"


def test_page_of_the_link_says_the_same_whether_there_is_a_case_or_not(case):
    known = Client().get(f"/status/{token_of(case)}/")
    unknown = Client().get("/status/" + "x" * 32 + "/")
    assert known.content == unknown.content
    assert known.status_code == unknown.status_code == 200


def test_button_leads_to_the_case_without_a_token_in_its_address(case):
    client = Client()
    response = client.post(f"/status/{token_of(case)}/")
    assert response.status_code == 302
    assert response.headers["Location"] == "/status/"
    page = client.get("/status/")
    assert page.status_code == 200
    assert case.reference in text_of(page)
    assert page.headers["Cache-Control"] == "private, no-store"


def test_button_works_where_cross_site_protection_is_on(case):
    client = Client(enforce_csrf_checks=True)
    # A page without a referrer sends "null" as its origin.
    response = client.post(f"/status/{token_of(case)}/", headers={"origin": "null", "sec-fetch-site": "same-origin"})
    assert response.headers["Location"] == "/status/"


def test_button_of_a_foreign_page_lets_nobody_in(case):
    client = Client()
    response = client.post(f"/status/{token_of(case)}/", headers={"sec-fetch-site": "cross-site"})
    assert response.status_code == 200
    assert not response.cookies
    assert client.get("/status/").status_code == 404


def test_session_key_is_rotated_by_the_button(case):
    client = let_in(case)
    before = session_of(client)
    let_in(case, client)
    assert session_of(client) != before


def test_link_without_its_last_slash_is_the_same_link(case):
    assert Client().get(f"/status/{token_of(case)}").status_code == 200
    assert Client().post(f"/status/{token_of(case)}").headers["Location"] == "/status/"


def _expired(case):
    return token_of(case, now=timezone.now() - dt.timedelta(days=40))


def _revoked(case):
    token = token_of(case)
    revoke_links(case, timezone.now())
    return token


def _sent_elsewhere(case):
    token = token_of(case)
    case.customer.email = "new@example.com"
    case.customer.save()
    return token


def _reply_token(case):
    from cases.links import mint

    return mint(case, CaseLink.Kind.REPLY, case.customer.email, None, timezone.now())


@pytest.mark.parametrize(
    "spoilt",
    [lambda case: "y" * 32, _expired, _revoked, _sent_elsewhere, _reply_token],
    ids=["unknown", "expired", "revoked", "address changed", "reply token"],
)
def test_button_answers_the_same_whatever_is_wrong_with_the_link(case, spoilt):
    client = Client()
    response = client.post(f"/status/{spoilt(case)}/")
    unknown = Client().post("/status/" + "z" * 32 + "/")
    assert response.status_code == 404
    assert response.content == unknown.content
    assert CLOSED in text_of(response)
    assert "Send me my link" in text_of(response)
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert not response.cookies
    assert client.get("/status/").status_code == 404


@pytest.mark.parametrize(
    "end",
    [
        lambda case: revoke_links(case, timezone.now()),
        lambda case: CaseLink.objects.update(expires_at=timezone.now()),
        _sent_elsewhere,
        lambda case: CaseLink.objects.all().delete(),
    ],
    ids=["revoked", "expired", "address changed", "link gone"],
)
def test_session_ends_with_its_link(case, end):
    client = let_in(case)
    assert client.get("/status/").status_code == 200
    end(case)
    response = client.get("/status/")
    assert response.status_code == 404
    assert CLOSED in text_of(response)
    assert case.reference not in text_of(response)


def test_session_of_one_case_never_opens_another(case):
    other = CaseFactory(customer=CustomerFactory(name="Somebody Else"))
    client = let_in(case)
    session = client.session
    session["portal"] = {**session["portal"], "case": other.pk}
    session.save()
    response = client.get("/status/")
    assert response.status_code == 404
    assert other.reference not in text_of(response)


@pytest.mark.parametrize("left", [None, "words", 7, [], {}, {"case": 1, "link": None}], ids=repr)
def test_session_that_says_nothing_sensible_opens_nothing(case, left):
    client = let_in(case)
    session = client.session
    session["portal"] = left
    session.save()
    assert client.get("/status/").status_code == 404


def test_second_link_leads_the_browser_to_the_other_case(case):
    other = CaseFactory(customer=CustomerFactory())
    client = let_in(other, let_in(case))
    words = text_of(client.get("/status/"))
    assert other.reference in words
    assert case.reference not in words


def test_log_off_closes_the_case(case):
    client = let_in(case)
    before = session_of(client)
    left = client.post("/status/leave/")
    assert left.headers["Location"] == "/?done=left"
    assert "You are logged off." in text_of(client.get("/?done=left"))
    assert client.cookies["sessionid"].value == ""
    assert client.get("/status/").status_code == 404
    client.cookies["sessionid"] = before
    assert client.get("/status/").status_code == 404


def test_log_off_leaves_a_colleague_signed_in_to_the_desk(case):
    client = Client()
    client.force_login(staff("support").user)
    let_in(case, client)
    client.post("/status/leave/")
    assert client.get("/status/").status_code == 404
    assert "_auth_user_id" in client.session


def test_page_and_log_off_need_no_account_and_no_staff(case):
    assert "_auth_user_id" not in let_in(case).session


@pytest.mark.parametrize(
    "name", ["message", "photos", "numbers", "description", "parts", "quote", "tracking", "withdraw"]
)
def test_verb_without_a_session_answers_with_the_closed_door(case, name):
    response = Client().post(f"/status/{name}/", {"text": "hello", "sure": "on"})
    assert response.status_code == 404
    assert CLOSED in text_of(response)
    assert case.events.filter(name="received").count() == 0


@pytest.mark.parametrize("name", ["message", "withdraw", "quote"])
def test_verb_opened_by_its_address_leads_back_to_the_page(case, name):
    assert let_in(case).get(f"/status/{name}/").headers["Location"] == "/status/"


@pytest.mark.parametrize("name", ["message", "withdraw"])
def test_verb_needs_the_form_of_our_own_page(case, name):
    client = Client(enforce_csrf_checks=True)
    let_in(case, client)
    response = client.post(f"/status/{name}/", {"text": "hello", "sure": "on"})
    assert response.status_code == 403
    assert Case.objects.get(pk=case.pk).state == "evidence_review"
