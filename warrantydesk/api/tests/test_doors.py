"""Every address of the API: which scope opens it by which method, and that nothing else does. A new one needs a row."""

import pytest
from django.urls import reverse

from warrantydesk.api.scopes import SCOPES
from warrantydesk.api.tests.conftest import Caller, caller_for
from warrantydesk.api.urls import urlpatterns

PUBLIC = {"openapi", "docs"}
# name → method → scope
TABLE = {
    "products": {"GET": "products:read"},
    "product": {"GET": "products:read"},
    "invoices": {"GET": "invoices:read", "POST": "invoices:write"},
    "invoice": {"GET": "invoices:read"},
    "serials": {"POST": "invoices:write"},
    "parts": {"GET": "invoices:read"},
    "part": {"GET": "invoices:read"},
    "cases": {"GET": "cases:read", "POST": "cases:write"},
    "case": {"GET": "cases:read"},
    "messages": {"GET": "cases:read", "POST": "cases:write"},
    "evidence": {"GET": "cases:read", "POST": "cases:write"},
    "events": {"GET": "cases:read"},
    "transitions": {"POST": "cases:write"},
    "finding": {"POST": "cases:decide"},
    "verdict": {"POST": "cases:decide"},
    "parcels": {"GET": "parcels:read", "POST": "parcels:write"},
    "parcel": {"GET": "parcels:read"},
    "scans": {"GET": "parcels:read", "POST": "parcels:write"},
    "reports": {"GET": "reports:read"},
    "report": {"GET": "reports:read"},
}
ARGUMENTS = {"reference": "WD-AAAA-A", "name": "overview"}
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def address(name: str) -> str:
    [pattern] = [one for one in urlpatterns if one.name == name]
    return reverse(f"api:{name}", kwargs={one: ARGUMENTS.get(one, 1) for one in pattern.pattern.converters})


def test_every_address_has_its_row():
    assert {pattern.name for pattern in urlpatterns} == TABLE.keys() | PUBLIC


@pytest.mark.django_db
def test_nothing_opens_without_a_token_or_without_its_scope(settings):
    settings.LIMITS = {"api": (10_000, 60), "api_stranger": (10_000, 60)}
    stranger = Caller()
    callers = {scope: caller_for("manager", *(SCOPES.keys() - {scope})) for scope in SCOPES}
    found: dict[str, list[str]] = {}
    for name, rows in TABLE.items():
        for method in METHODS:
            ask = {"content_type": "application/json", "data": "{}"} if method != "GET" else {}
            if stranger.client.generic(method, address(name), **ask).status_code != 401:
                found.setdefault(name, []).append(f"{method} without a token")
            caller = callers[rows.get(method, "products:read")]
            head = {"Authorization": f"Bearer {caller.token}"}
            status = caller.client.generic(method, address(name), headers=head, **ask).status_code
            if status != (403 if method in rows else 405):
                found.setdefault(name, []).append(f"{method} without its scope: {status}")
    assert found == {}


@pytest.mark.django_db
def test_documentation_is_for_everybody(client):
    for name in PUBLIC:
        assert client.get(address(name)).status_code == 200
        assert client.post(address(name)).status_code == 405
