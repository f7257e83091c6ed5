"""The API as another system meets it: doors, sales, cases from opening to decision, and requests done once."""

import datetime as dt
import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cases.models import Case, Evidence
from cases.tests.files import picture
from products.errors import Refused
from products.models import CoveredPart, Invoice
from products.tests.factories import InvoiceFactory, KitFactory, ProductFactory, parts_of
from warrantydesk.api.models import ApiToken, IdempotentRequest
from warrantydesk.api.tests.conftest import Caller, caller_for, colleague
from warrantydesk.api.tokens import make_token, revoke_token

pytestmark = pytest.mark.django_db
SALE = {
    "number": "API-1",
    "shop": "web",
    "issued_on": "2025-03-03",
    "customer": {"email": "ann@example.com", "name": "Ann", "country": "NO"},
    "lines": [{"sku": "KIT", "units": [{"serial": "K-1"}]}],
}


@pytest.fixture
def kit() -> None:
    KitFactory(sku="KIT", bill=[(ProductFactory(sku="MOTOR", motor=True), 2, "singly", "X axis")])


# ── doors ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_token_is_kept_as_a_hash_and_dies_with_its_day_its_account_or_a_word():
    person, now = colleague("viewer"), timezone.now()
    token, text = make_token(person, name="shop", scopes=["invoices:read"], now=now)
    assert text not in json.dumps(ApiToken.objects.values().get(), default=str)
    assert Caller(text).get("invoices/").status_code == 200
    ApiToken.objects.update(expires_at=now - dt.timedelta(seconds=1))
    assert Caller(text).get("invoices/").status_code == 401
    ApiToken.objects.update(expires_at=None)
    person.is_active = False
    person.save()
    assert Caller(text).get("invoices/").status_code == 401
    person.is_active = True
    person.save()
    revoke_token(token, now)
    assert Caller(text).get("invoices/").status_code == 401


def test_token_cannot_be_made_for_what_its_account_may_not_do():
    with pytest.raises(Refused, match="cases:decide"):
        make_token(colleague("support"), name="x", scopes=["cases:decide"], now=timezone.now())


def test_scope_and_permission_are_both_needed(kit):
    narrow, support = caller_for("support", "products:read"), caller_for("support")
    answer = narrow.get("invoices/")
    assert (answer.status_code, answer["Content-Type"]) == (403, "application/problem+json")
    assert answer.json()["code"] == "scope_missing"
    assert support.post("invoices/", SALE).status_code == 201
    person = ApiToken.objects.latest("pk").user
    person.groups.clear()  # what a token may do shrinks with its account
    assert support.get("invoices/").json()["code"] == "permission"


def test_stranger_is_told_to_send_a_token_and_a_log_in_opens_nothing(client):
    answer = Caller().get("invoices/")
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, 'Bearer realm="warrantydesk"')
    client.force_login(colleague("manager"))
    assert client.get("/api/v1/invoices/").status_code == 401


def test_too_many_calls_are_told_when_to_go_on(viewer, settings):
    settings.LIMITS = {"api": (1, 60)}
    assert viewer.get("products/").status_code == 200
    answer = viewer.get("products/")
    assert (answer.status_code, answer["Retry-After"]) == (429, "60")


# ── sales ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_invoice_is_registered_once_and_a_contradiction_is_a_conflict(reviewer, kit):
    first = reviewer.post("invoices/", SALE)
    assert first.status_code == 201
    assert [unit["serial"] for unit in first.json()["lines"][0]["units"]] == ["K-1"]
    assert reviewer.post("invoices/", SALE).status_code == 200
    other = reviewer.post("invoices/", {**SALE, "issued_on": "2025-03-04"})
    assert (other.status_code, other.json()["field"]) == (409, "issued_on")
    assert Invoice.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "status", "where"),
    [
        ({"lines": [{"sku": "NONE"}]}, 422, None),
        ({"lines": []}, 400, "lines"),
        ({"issued_on": "soon"}, 400, "issued_on"),
        ({"customer": {"country": "Atlantis"}}, 400, "customer.country"),
        ({"lines": [{"sku": "KIT", "quantity": 0}]}, 400, "lines[0].quantity"),
        ({"number": "\0"}, 400, "number"),
    ],
)
def test_what_is_wrong_with_an_invoice_is_named(reviewer, kit, change: dict, status: int, where: str | None):
    answer = reviewer.post("invoices/", {**SALE, **change})
    assert answer.status_code == status
    if where:
        assert where in [one["field"] for one in answer.json()["errors"]]
    assert not Invoice.objects.exists()


def test_parts_come_with_their_clocks(viewer):
    part = parts_of(InvoiceFactory(number="INV-1"))[0]
    listed = viewer.get(f"parts/?invoice={part.unit.line.invoice_id}&on=2025-06-01").json()["items"]
    assert len(listed) == 5
    clock = viewer.get(f"parts/{part.pk}/?on=2026-03-04").json()["clock"]
    assert (clock["state"], clock["covered_through"]) == ("expired", "2026-03-03")
    assert clock["sentence"] == "Bought 3 Mar 2025 → covered through 3 Mar 2026."
    assert [step["kind"] for step in clock["steps"]] == ["start", "term", "base_end", "covered_through"]


def test_pages_follow_the_key_and_end(viewer):
    for _number in range(5):
        ProductFactory()
    seen, path = [], "products/?limit=2&kind=single"
    while path:
        page = viewer.get(path).json()
        seen += [row["id"] for row in page["items"]]
        path = page["next"].partition("/api/v1/")[2] if page["next"] else ""
    assert len(seen) == len(set(seen)) == 5


def test_answer_is_not_sent_again_while_it_is_as_before(viewer):
    first = viewer.get("products/")
    assert viewer.get("products/", **{"If-None-Match": first["ETag"]}).status_code == 304
    ProductFactory()
    assert viewer.get("products/", **{"If-None-Match": first["ETag"]}).status_code == 200


def test_number_of_queries_does_not_grow_with_the_rows(viewer):
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert viewer.get("parts/?limit=200").status_code == 200
        return len(captured)

    InvoiceFactory(number="INV-1")
    viewer.get("parts/")  # the limit counts its first use with more statements
    before = queries()
    InvoiceFactory(number="INV-2", products=[KitFactory() for _number in range(3)])
    assert queries() == before


# ── done once ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_request_under_a_key_is_done_once_and_answered_alike(reviewer, kit):
    first = reviewer.post("invoices/", SALE, key="k1")
    again = reviewer.post("invoices/", SALE, key="k1")
    assert (first.status_code, again.status_code, again["Idempotent-Replayed"]) == (201, 201, "true")
    assert again.json() == first.json()
    other = reviewer.post("invoices/", {**SALE, "number": "API-2"}, key="k1")
    assert (other.status_code, other.json()["code"]) == (422, "key_reused")
    IdempotentRequest.objects.update(status=None)
    assert reviewer.post("invoices/", SALE, key="k1").json()["code"] == "in_progress"


def test_refused_request_may_be_put_right_under_its_key(reviewer, kit):
    assert reviewer.post("invoices/", {**SALE, "lines": [{"sku": "NONE"}]}, key="k").status_code == 422
    assert reviewer.post("invoices/", SALE, key="k").status_code == 201


# ── cases ────────────────────────────────────────────────────────────────────────────────────────────────────────


def a_request(**given) -> dict:
    whole = {
        "customer": {"email": "ann@example.com", "name": "Ann"}, "subject": "Motor", "description": "It hums.",
        "invoice_number": "API-1", "serial_number": "K-1", **given,
    }  # fmt: skip
    return {"case": json.dumps(whole), "evidence": [SimpleUploadedFile("motor.jpg", picture(), "image/jpeg")]}


def test_case_from_opening_to_decision(reviewer, kit):
    lately = timezone.localdate() - dt.timedelta(days=40)
    reviewer.post("invoices/", {**SALE, "issued_on": str(lately)})
    part = CoveredPart.objects.order_by("pk").first()
    opened = reviewer.post("cases/", form=a_request(part_ids=[part.pk]), key="case-1")
    assert opened.status_code == 201, opened.content
    case = opened.json()
    assert (case["state"], case["missing"], case["source"]) == ("evidence_review", [], "api")
    assert reviewer.post("cases/", form=a_request(part_ids=[part.pk]), key="case-1").json() == case
    assert Case.objects.count() == Evidence.objects.count() == 1
    path, claim = f"cases/{case['reference']}/", case["claimed_parts"][0]["id"]
    note = reviewer.post(f"{path}messages/", {"kind": "note", "text": "Heard it on the video."})
    assert (note.status_code, note.json()["direction"]) == (201, "note")
    early = reviewer.post(f"{path}transitions/", {"name": "approve"}, seen="*")
    assert (early.status_code, bool(early.json()["unmet"])) == (422, True)
    found = reviewer.post(f"{path}parts/{claim}/finding/", {"cause": "none"}, seen=reviewer.get(path)["ETag"])
    assert found.status_code == 200, found.content
    verdict = {"verdict": "covered", "resolution": "replacement"}
    decided = reviewer.post(f"{path}parts/{claim}/verdict/", verdict, seen=found["ETag"])
    assert decided.json().get("verdict") == "covered", decided.content
    approved = reviewer.post(f"{path}transitions/", {"name": "approve"}, seen=decided["ETag"])
    assert (approved.status_code, approved.json().get("state")) == (200, "approved"), approved.content
    assert "approve" in [event["name"] for event in reviewer.get(f"{path}events/").json()["items"]]
    assert [file["name"] for file in reviewer.get(f"{path}evidence/").json()["items"]] == ["motor.jpg"]


def test_support_cannot_decide_and_a_stranger_to_cases_sees_none(kit):
    support = caller_for("support")
    support.post("invoices/", SALE)
    case = support.post("cases/", form=a_request()).json()
    claims = support.post(f"cases/{case['reference']}/transitions/", {"name": "deny"})
    assert (claims.status_code, claims.json()["code"]) == (403, "scope_missing")
    sales_only = caller_for("viewer", "invoices:read")
    assert sales_only.get(f"cases/{case['reference']}/").status_code == 403
    assert support.get("cases/WD-NONE-1/").status_code == 404


def test_documentation_is_a_page_without_script_or_foreign_request(client):
    page = client.get("/api/v1/docs/")
    assert page.status_code == 200
    assert b"/api/v1/cases/{reference}/transitions/" in page.content
    assert b"http://" not in page.content.replace(b"http://www.w3.org", b"")
    assert client.get("/api/v1/openapi.json").json()["openapi"].startswith("3.1")
