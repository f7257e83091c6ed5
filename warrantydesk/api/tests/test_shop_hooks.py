"""/hooks/shopify/: proved over the very bytes, kept once, and the order is as it was told last, in whatever order."""

import base64
import datetime as dt
import hashlib
import hmac
import itertools
import json

import pytest
from django.test import Client
from django.utils import timezone

from products.models import Invoice, SaleCorrection, SoldUnit
from products.tests.factories import ProductFactory
from warrantydesk.api.models import ShopHook
from warrantydesk.api.shop.keeping import old_hooks, read_hooks

pytestmark = pytest.mark.django_db
NEW, OLD = "new-secret", "old-secret"
ORDER = {
    "id": 501, "name": "#1001", "email": "Ann@Example.com", "currency": "EUR", "financial_status": "paid",
    "processed_at": "2025-03-03T23:30:00+01:00", "updated_at": "2025-03-03T23:30:05+01:00",
    "customer_locale": "de-DE", "shipping_address": {"name": "Ann", "country_code": "DE", "city": "Ulm"},
    "line_items": [
        {"id": 1, "sku": "BOARD", "quantity": 2, "price": "19.90",
         "properties": [{"name": "Serial number", "value": "B-1, B-2"}]},
        {"id": 2, "sku": "", "title": "Gift card", "quantity": 1, "requires_shipping": False, "price": "10.00"},
    ],
}  # fmt: skip
REFUND = {
    "id": 9, "order_id": 501, "created_at": "2025-04-01T10:00:00+02:00",
    "refund_line_items": [{"line_item_id": 1, "quantity": 1}],
}  # fmt: skip
PARCEL = {
    "id": 7, "order_id": 501, "status": "success", "shipment_status": "delivered",
    "updated_at": "2025-03-07T08:00:00+01:00",
}  # fmt: skip
LATER = {**ORDER, "updated_at": "2025-03-05T00:00:00+01:00", "line_items": [{**ORDER["line_items"][0], "quantity": 3}]}


@pytest.fixture(autouse=True)
def secrets(settings) -> None:
    settings.SHOPIFY_WEBHOOK_SECRETS = [NEW, OLD]
    ProductFactory(sku="BOARD")


def post(topic: str, said: object, secret: str = NEW, signature: str | None = None) -> int:
    body = said if isinstance(said, bytes) else json.dumps(said).encode()
    digest = base64.b64encode(hmac.digest(secret.encode(), body, hashlib.sha256)).decode()
    headers = {"X-Shopify-Hmac-Sha256": digest if signature is None else signature, "X-Shopify-Topic": topic}
    return Client().post("/hooks/shopify/", body, content_type="application/json", headers=headers).status_code


def take_in() -> None:
    while read_hooks(timezone.now()):
        pass


def test_paid_order_becomes_an_invoice_of_the_shops_own_day():
    assert post("orders/paid", ORDER) == 200
    take_in()
    invoice = Invoice.objects.get()
    assert (invoice.shop, invoice.number, str(invoice.issued_on)) == ("shopify", "#1001", "2025-03-03")
    assert invoice.customer.email == "ann@example.com"
    assert list(SoldUnit.objects.order_by("number").values_list("serial", flat=True)) == ["B-1", "B-2"]


@pytest.mark.parametrize("calls", list(itertools.permutations(["paid", "later", "refund", "parcel"]))[::5])
def test_whatever_order_the_calls_arrive_in_the_invoice_is_the_same(calls):
    said = {
        "paid": ("orders/paid", ORDER), "later": ("orders/updated", LATER), "refund": ("refunds/create", REFUND),
        "parcel": ("fulfillments/update", PARCEL),
    }  # fmt: skip
    for name in calls:
        post(*said[name])
        take_in()
    post(*said[calls[0]])
    take_in()
    invoice = Invoice.objects.get()
    assert (invoice.lines.get().quantity, str(invoice.delivered_on)) == (3, "2025-03-07")
    assert [str(day) for day in SoldUnit.objects.exclude(refunded_on=None).values_list("refunded_on", flat=True)] == [
        "2025-04-01"
    ]
    assert not ShopHook.objects.exclude(outcome__in=("taken", "nothing")).exists()


def test_old_call_sent_again_after_its_row_was_forgotten_undoes_nothing():
    """Calls are forgotten once taken in, but not the newest word on an order, nor what was told about it since."""
    said = [("orders/paid", ORDER), ("orders/updated", LATER), ("refunds/create", REFUND), ("app/uninstalled", {})]
    for call in said:
        post(*call)
        take_in()
    old_hooks(timezone.now() + dt.timedelta(days=91)).delete()
    assert set(ShopHook.objects.values_list("topic", flat=True)) == {"orders/updated", "refunds/create"}
    post("orders/paid", {**ORDER, "note": "the same order, in other bytes"})
    take_in()
    assert Invoice.objects.get().lines.get().quantity == 3
    assert SoldUnit.objects.exclude(refunded_on=None).count() == 1


def test_same_call_again_is_counted_and_changes_nothing():
    for _time in range(3):
        assert post("orders/paid", ORDER) == 200
        take_in()
    assert ShopHook.objects.get().times_seen == 3
    assert not SaleCorrection.objects.exists()


@pytest.mark.parametrize(
    ("secret", "signature", "status"),
    [(OLD, None, 200), ("wrong", None, 401), (NEW, "", 401), (NEW, "ÿ" * 44, 401), (NEW, "AAAA", 401)],
)
def test_signature_decides_with_the_new_secret_and_the_old(secret: str, signature: str | None, status: int):
    assert post("orders/paid", ORDER, secret, signature) == status
    assert ShopHook.objects.count() == (status == 200)


def test_without_a_secret_there_is_no_such_address(settings):
    settings.SHOPIFY_WEBHOOK_SECRETS = []
    assert post("orders/paid", ORDER, signature="") == 404


@pytest.mark.parametrize(
    ("topic", "said", "outcome"),
    [
        ("orders/paid", b"\xff not json", "nothing"),
        ("orders/paid", {"id": 1, "line_items": 5}, "failed"),
        ("orders/paid", {**ORDER, "financial_status": "pending"}, "nothing"),
        ("orders/paid", {**ORDER, "line_items": [{"id": 1, "sku": "NONE", "quantity": 1}]}, "failed"),
        ("refunds/create", REFUND, "nothing"),
        ("themes/publish", {"id": 1}, "nothing"),
        ("orders/paid", [1], "nothing"),
    ],
)
def test_what_cannot_be_taken_in_is_kept_with_its_reason(topic: str, said: object, outcome: str):
    assert post(topic, said) == 200
    take_in()
    hook = ShopHook.objects.get()
    assert (hook.outcome, bool(hook.problem)) == (outcome, outcome == "failed")
    assert not Invoice.objects.exists()
