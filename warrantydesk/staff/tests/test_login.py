"""Signing in and out: who gets in, what a refusal says, and where one lands."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

PASSWORD = "a long enough password"
LOGIN = "/desk/login/"


@pytest.fixture
def rita(person: Callable):
    colleague = person("support", email="rita@positron.example")
    colleague.set_password(PASSWORD)
    colleague.save()
    return colleague


def sign_in(client: Client, **given: str):
    return client.post(LOGIN, {"username": "rita@positron.example", "password": PASSWORD, **given})


@pytest.mark.parametrize("email", ["rita@positron.example", "Rita@Positron.Example", " RITA@positron.example "])
def test_login_opens_the_desk_when_the_address_is_written_so(client: Client, rita, email: str) -> None:
    answer = sign_in(client, username=email)
    assert (answer.status_code, answer["Location"]) == (302, reverse("staff:queue"))


def test_login_goes_on_to_the_page_when_one_was_asked_for(client: Client, rita) -> None:
    assert sign_in(client, next="/desk/parcels/")["Location"] == "/desk/parcels/"


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_login_stays_on_the_desk_when_the_next_page_is_foreign(client: Client, rita, elsewhere: str) -> None:
    assert sign_in(client, next=elsewhere)["Location"] == reverse("staff:queue")


def test_login_says_the_same_when_password_or_address_or_role_are_wrong(client: Client, rita, person: Callable) -> None:
    outsider = person("", email="maker@example.org", is_staff=False)
    outsider.set_password(PASSWORD)
    outsider.save()
    answers = [
        sign_in(client, password="wrong"),
        sign_in(client, username="nobody@positron.example"),
        sign_in(client, username="maker@example.org"),
    ]
    for answer in answers:
        page = answer.content.decode()
        assert "This address and password do not open the desk." in page
        assert PASSWORD not in page
    assert 'value="rita@positron.example"' in answers[0].content.decode()


def test_login_says_so_when_a_field_is_empty(client: Client, rita) -> None:
    assert "are needed" in sign_in(client, password="").content.decode()


def test_login_refuses_when_the_account_was_switched_off(client: Client, rita) -> None:
    rita.is_active = False
    rita.save()
    assert sign_in(client).status_code == 200
    assert "_auth_user_id" not in client.session


def test_sign_out_takes_a_post_when_somebody_leaves(client: Client, rita) -> None:
    sign_in(client)
    assert client.get("/desk/logout/").status_code == 405
    answer = client.post("/desk/logout/")
    assert (answer.status_code, answer["Location"]) == (302, LOGIN)
    assert "_auth_user_id" not in client.session


def test_page_offers_the_way_out_when_somebody_is_logged_in(client: Client, rita) -> None:
    sign_in(client)
    page = client.get("/desk/").content.decode()
    assert '<form method="post" action="/desk/logout/">' in page
