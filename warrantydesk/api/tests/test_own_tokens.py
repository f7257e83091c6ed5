"""Tokens people make for their own programs, and those administrators make for services."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from warrantydesk.api.models import ApiToken
from warrantydesk.api.tests.conftest import Caller, colleague

pytestmark = pytest.mark.django_db
MAKE = reverse("make_own_token")
ADD = reverse("admin:api_apitoken_add")


def test_own_token_is_told_once_works_and_is_ended_by_nobody_else(client):
    client.force_login(colleague("viewer"))
    made = client.post(MAKE, {"name": "Weekly list", "scopes": ["cases:read"], "days": "30"})
    assert (made.status_code, "no-store" in made["Cache-Control"]) == (201, True)
    [text] = re.findall(r"wd_[\w-]{40,}", made.text)
    call, token = Caller(text), ApiToken.objects.get()
    assert (token.kind, token.scopes, (token.expires_at - token.created_at).days) == ("personal", ["cases:read"], 30)
    assert call.get("cases/").status_code == 200
    page = client.get(reverse("own_tokens")).text
    assert "Weekly list" in page
    assert text not in page
    ends = reverse("end_own_token", args=[token.pk])
    other = Client()
    other.force_login(colleague("manager"))
    assert other.post(ends).status_code == 404
    assert "Weekly list" not in other.get(reverse("own_tokens")).text
    assert client.post(ends).status_code == 303
    assert call.get("cases/").status_code == 401


def test_own_token_goes_no_further_than_its_person(client):
    client.force_login(colleague("viewer"))
    refused = client.post(MAKE, {"name": "x", "scopes": ["cases:decide"], "days": ""})
    assert refused.status_code == 422
    assert "cases:decide" not in re.findall(r'value="([\w:]+)"', refused.text)
    assert not ApiToken.objects.exists()


def test_administrator_makes_a_service_token_but_none_in_the_name_of_a_person(client):
    client.force_login(colleague("administrator"))
    given = {"name": "Shop", "email": "shop@positron.example", "role": "support", "scopes": ["invoices:write"]}
    told = client.post(ADD, given, follow=True)
    [text] = set(re.findall(r"wd_[\w-]{40,}", told.text))
    token = ApiToken.objects.get()
    assert (token.kind, token.user.has_usable_password()) == ("service", False)
    assert Caller(text).post("invoices/", {}).status_code == 400  # let in, and told what is missing
    person = colleague("manager")
    person.set_password("a long enough password")
    person.save()
    for change, said in (
        ({"email": person.email}, "account of a person"),
        ({"role": "manager"}, "another role"),
        ({"scopes": ["cases:decide"]}, "may not do"),
    ):
        assert said in client.post(ADD, {**given, **change}).text
    assert ApiToken.objects.count() == 1
