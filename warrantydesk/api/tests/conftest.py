"""Tokens for every role, and a caller that speaks JSON."""

import json
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone

from products.tests.factories import StaffFactory
from warrantydesk.api.scopes import SCOPES, permission_of
from warrantydesk.api.tokens import make_token


class Caller:
    """`call.get("invoices/")`, `call.post("invoices/", {...}, key="…")`."""

    def __init__(self, token: str = "") -> None:
        self.client, self.token = Client(), token

    def _headers(self, key: str = "", **more: str) -> dict[str, str]:
        said = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        return {**said, **({"Idempotency-Key": key} if key else {}), **more}

    def get(self, path: str, **headers: str) -> Any:
        return self.client.get(f"/api/v1/{path}", headers=self._headers(**headers))

    def post(self, path: str, body: Any = None, key: str = "", form: dict | None = None, seen: str = "") -> Any:
        """`seen` is the state it is decided on: an ETag, or *."""
        headers = self._headers(key, **({"If-Match": seen} if seen else {}))
        if form is not None:
            return self.client.post(f"/api/v1/{path}", form, headers=headers)
        return self.client.post(f"/api/v1/{path}", json.dumps(body), content_type="application/json", headers=headers)


def colleague(role: str) -> Any:
    person = StaffFactory()
    person.groups.add(Group.objects.get(name=role))
    return person


def caller_for(role: str, *scopes: str) -> Caller:
    person = colleague(role)
    wanted = scopes or [scope for scope in SCOPES if person.has_perm(permission_of(scope))]
    return Caller(make_token(person, name="test", scopes=wanted, now=timezone.now())[1])


@pytest.fixture
def reviewer(db: None) -> Caller:
    return caller_for("reviewer")


@pytest.fixture
def viewer(db: None) -> Caller:
    return caller_for("viewer")
