"""The access table holds: every address, for every role, by every method; and it names every address there is."""

import logging
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from http.cookies import SimpleCookie
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.utils import timezone

from cases.actors import Actor
from cases.evidence.storage import store_file
from cases.models import Case
from cases.services import uploading
from cases.tests.factories import CaseFactory, StaffFactory
from products.tests.factories import CustomerFactory
from products.tests.made_once import made_once
from shipments import services as parcels
from warrantydesk.intake.services import receive
from warrantydesk.portal.tests.door import let_in
from warrantydesk.staff.verbs import VERBS
from warrantydesk.tests import access_kinds as kinds
from warrantydesk.tests.access_kinds import OUTSIDE, ROLES, STAFF, Row
from warrantydesk.tests.access_table import TABLE
from warrantydesk.tests.access_walk import Address, every_address

# Each test undoes what it did: a role may log off, a case move on. All of them share one world, so one process.
pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("access_table")]

ADDRESSES = every_address()
KEY = "a-key-of-the-browsers-own-choice"
UNKNOWN = ("object_id", "row_id", "case_id", "mail_id", "id", "pause_id")
GROWING = ("viewer", "support", "reviewer", "manager")
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
# The other methods are refused before anybody is known: two roles stand for all.
ASKED_BY_ALL = ("GET", "POST")


def row_of(address: Address) -> Row | None:
    return next((row for row in TABLE if fnmatchcase(address.name, _literal(row.address))), None)


def _literal(pattern: str) -> str:
    """Only `*` stands for anything: the brackets of verbs, and what routes are made of, are meant."""
    return re.sub(r"[\[?]", lambda sign: f"[{sign[0]}]", pattern)


def test_every_address_has_its_row():
    missing = [address for address in ADDRESSES if row_of(address) is None]
    lines = "\n".join(f'    Row("{one.name}", page, VIEWERS),  # {one.route}' for one in missing)
    assert not missing, (
        f"{len(missing)} addresses are not in warrantydesk/tests/access_table.py. Say who may open each, by a line in "
        f"TABLE with its kind (page, verb, of_customer, public, …) and its roles:\n{lines}"
    )


def test_every_row_has_an_address():
    used = {id(row_of(address)) for address in ADDRESSES}
    stale = [row.address for row in TABLE if id(row) not in used]
    assert not stale, f"access_table.py names what is no address (any more), or one that a row above decides: {stale}"


class World:
    """One case with everything an address can be about, one of somebody else, and one visitor of each role."""

    def __init__(self) -> None:
        now = timezone.now()
        file = store_file("receipt.pdf", "application/pdf", b"%PDF-1.4\n%%EOF", limit_bytes=1000)
        self.case = CaseFactory(customer=CustomerFactory(email="ingrid@example.com"), acknowledge=True, files=[file])
        self.other = CaseFactory(customer=CustomerFactory(email="somebody@example.com"))
        self.people = {role: StaffFactory(role="" if role == "nobody" else role) for role in STAFF}
        self.parcel = parcels.book(
            self.case.pk, direction="to_workshop", carrier="manual", tracking_number="ABC12345",
            actor=Actor.staff(self.people["support"]), now=self.case.changed_at,
        )  # fmt: skip
        uploading.begin_upload(
            self.case.pk,
            key=KEY,
            name="a.jpg",
            claimed_type="image/jpeg",
            size=100_000,
            actor=Actor.customer(),
            now=now,
        )
        receive(b"From: x@example.com\nSubject: hello\nMessage-ID: <a@b>\n\nHello", source="test", now=now)
        self.cookies = {role: self._cookies(role) for role in ROLES}
        self._clients = {role: Client() for role in ROLES}
        self.known = self._known()

    def _cookies(self, role: str) -> str:
        client = Client()
        if role in STAFF:
            client.force_login(self.people[role])
        elif role == "customer":
            let_in(self.case, client)
        return client.cookies.output(header="", sep=";")

    def client(self, role: str) -> Client:
        """The browser of that role, as if it had just come in."""
        client = self._clients[role]
        client.cookies = SimpleCookie(self.cookies[role])
        return client

    def _known(self) -> dict[str, object]:
        mail = apps.get_model("intake.IncomingMail").objects.get()
        return {
            "reference": self.case.reference, "case_id": self.case.pk, "file_id": self.case.evidence.get().pk,
            "which": "original", "mail_id": mail.pk, "key": KEY, "url": "no/such/page/", "app_label": "cases",
            "content_type_id": 1, "scan_id": 1, "pause_id": 1, "id": self.people["viewer"].pk,
        }  # fmt: skip

    def url(self, address: Address, row: Row, **other: object) -> str:
        return address.url(
            {**dict.fromkeys(address.parts, 1), **self.known, **self._about(address), **row.args, **other}
        )

    def unknown(self, address: Address, row: Row) -> str:
        """The same address about something that is not there."""
        if not address.parts:
            return self.url(address, row) + ("?no-such-field=1" if address.name.endswith("_changelist") else "")
        known = {"reference": "WD-2222-2", **dict.fromkeys(UNKNOWN, 999_999_999)}
        return self.url(address, row, **{part: known[part] for part in address.parts if part in known})

    def _about(self, address: Address) -> dict[str, object]:
        """The thing of this case that a verb is about, and the record that a page of the admin shows."""
        found: dict[str, object] = {}
        name = address.name.partition(":")[2].partition("[")[0]
        if address.name.startswith("staff:") and name in VERBS and VERBS[name].about:
            things: dict[str, Any] = {
                "claim": self.case.claimed_parts, "parcel": self.case.repair_shipments,
                "mail": self.case.outgoing_mails, "file": self.case.evidence,
            }  # fmt: skip
            thing = things[VERBS[name].about].first() if VERBS[name].about in things else None
            found["about_id"] = thing.pk if thing else 1
        if {"object_id", "row_id"} & set(address.parts):
            of = [
                one for one in admin.site._registry if f"/{one._meta.label_lower.replace('.', '/')}/" in address.route
            ]
            record = of[0]._default_manager.first() if of else None
            found["object_id"] = found["row_id"] = record.pk if record else 1
        return found


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: Any) -> Iterator[World]:
    """Made once for the whole module, and taken back after it."""
    with made_once(django_db_blocker):
        yield World()


@pytest.fixture(autouse=True)
def _refusals_are_no_news(monkeypatch: pytest.MonkeyPatch) -> None:
    """Thousands of requests are refused here as they should be: none is written down with its traceback."""
    monkeypatch.setattr(logging.getLogger("django.request"), "disabled", True)


def outcome(answer: HttpResponse, row: Row, method: str) -> str:
    """What an answer amounts to, in the words of the table."""
    status, to = answer.status_code, answer.headers.get("Location", "")
    if status in row.opens:
        return "opens"
    if status == 302 and re.match(r"(/desk/login/|/admin/login/)\?next=", to):
        return "login"
    if status in (301, 302) and method in kinds.SAFE and row.kind is kinds.customer_verb:
        return "elsewhere"
    names = {401: "no token", 403: "forbidden", 404: "closed", 405: "no method"}
    return names.get(status, "opens" if status in (200, 204, 302, 303, 422) else f"status {status}")


def agrees(answer: HttpResponse, row: Row, role: str, method: str, really: bool) -> bool:
    wanted, came = row.kind(row, role, method), outcome(answer, row, method)
    if wanted == "no door":  # no page of ours: refused, or on to where everybody may go
        return answer.status_code in (302, 405)
    if wanted == "its own affair":
        return answer.status_code < 500
    if wanted == "opens":
        return came == "opens" or (came == "closed" and not really)
    if wanted == "forbidden" and answer.headers.get("Location") == "/admin/":
        return True  # the admin's word for a record that is not there, before it looks at who asks
    if answer.status_code in row.opens:
        # Where a row counts 404 as let in, the same 404 is what keeps others out.
        return {"closed": 404, "forbidden": 403, "login": 302, "no method": 405}.get(wanted) == answer.status_code
    return came == wanted


PAGES = [one for one in ADDRESSES if "!" not in one.name]


@pytest.mark.parametrize("address", PAGES, ids=lambda one: one.name)
def test_table_holds(world: World, address: Address):
    row = row_of(address)
    assert row, "no row"
    wrong, page, nothing_there = [], world.url(address, row), world.unknown(address, row)
    for method, role, really in asked(address, row):
        url = page if really else nothing_there
        with transaction.atomic():
            answer = world.client(role).generic(method, url)
            transaction.set_rollback(True)
        if answer.streaming:
            list(answer.streaming_content)  # or the file stays open
        came = outcome(answer, row, method)
        if not agrees(answer, row, role, method, really):
            wrong.append(f"{method} {url} as {role}: {row.kind(row, role, method)} wanted, {came} came")
    assert not wrong, "\n".join(wrong)


def asked(address: Address, row: Row) -> Iterator[tuple[str, str, bool]]:
    """Every method and role, as (method, role, whether the page itself is opened).

    Roles grow from one to the next (test_roles.py), so of those that grow the last one kept out and the first one let
    in speak for all. The first one let in opens the page itself; of others it is enough to see that the door lets them
    go on to something that is not there, which costs a hundredth.
    """
    of_admin = address.name.startswith(("admin:", "/admin/"))
    for method in METHODS[:2] if of_admin else METHODS:  # the admin takes every method for GET or for POST
        opened = False
        for role in _speaking(row, method) if method in ASKED_BY_ALL else ("stranger", "manager"):
            opens = role in STAFF and row.kind(row, role, method) == "opens"
            yield method, role, not (opens and opened)
            opened = opened or opens


def _speaking(row: Row, method: str) -> list[str]:
    kept_out = [role for role in GROWING if row.kind(row, role, method) != "opens"]
    let_in = [role for role in GROWING if row.kind(row, role, method) == "opens"]
    if kept_out + let_in != list(GROWING):
        return list(ROLES)
    return [*OUTSIDE, "nobody", *kept_out[-1:], *let_in[:1], "administrator"]


@pytest.mark.parametrize("address", [one for one in ADDRESSES if "!" in one.name], ids=lambda one: one.name)
def test_action_is_offered_to_those_of_the_table(world: World, address: Address):
    row, (model, name) = row_of(address), address.name.removeprefix("admin:").split("!")
    assert row, "no row"
    of_model = next(one for one in admin.site._registry.values() if one.opts.label_lower.replace(".", "_") == model)
    offered = []
    for role in ROLES:
        request = RequestFactory().get("/admin/")
        request.user = AnonymousUser() if role in OUTSIDE else world.people[role]
        if name in of_model.get_actions(request) and of_model.has_view_permission(request):
            offered.append(role)
    assert offered == [role for role in ROLES if row.kind(row, role, "POST") == "opens"]


# ── What is somebody else's does not exist ───────────────────────────────────────────────────────────────────────────

# Those of the API answer 401 before they look for anything: no token, no case.
OF_A_CASE = [one for one in PAGES if "reference" in one.parts and not one.name.startswith("api:")]


@pytest.mark.parametrize("address", OF_A_CASE, ids=lambda one: one.name)
def test_address_is_unknown_when_the_case_is(world: World, address: Address):
    """The case is none; or it is another one than the part, parcel, file or mail belongs to."""
    row, client = row_of(address), world.client("manager")
    assert row, "no row"
    method = "POST" if row.kind(row, "manager", "GET") == "no method" else "GET"
    assert client.generic(method, world.url(address, row, reference="WD-2222-2")).status_code == 404
    if len(address.parts) > 1:
        other = world.url(address, row, reference=world.other.reference)
        assert client.generic(method, other).status_code == 404


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/status/files/{file_id}/original/"), ("HEAD", "/status/uploads/{key}/")]
)
def test_customer_finds_nothing_of_somebody_elses_case(world: World, method: str, path: str):
    outsider = let_in(Case.objects.get(pk=world.other.pk))
    assert outsider.generic(method, path.format(**world.known)).status_code == 404
