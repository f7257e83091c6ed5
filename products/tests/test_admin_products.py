"""The admin of this storey: every page opens, none asks a query per row, and no record can be edited there."""

import datetime as dt

import pytest
from django.apps import apps
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from products.admin.looking import RecordAdmin
from products.models import (
    ClockChange,
    CoveredPart,
    Customer,
    Invoice,
    InvoiceLine,
    KitPart,
    PartVoid,
    PauseWindow,
    Product,
    SaleCorrection,
    SerialChange,
    SoldUnit,
    VoidReason,
    WarrantyTerms,
    imports,
)
from products.services import WindowData, correct_delivery_date, replace_part, set_pauses, void_part
from products.tests.desk import as_role, page
from products.tests.factories import (
    CoveredPartFactory,
    CustomerFactory,
    InvoiceFactory,
    KitFactory,
    ProductFactory,
    StaffFactory,
    parts_of,
)
from products.tests.manager import manager

pytestmark = pytest.mark.django_db

RECORDS = (
    Invoice,
    InvoiceLine,
    SoldUnit,
    CoveredPart,
    PauseWindow,
    SerialChange,
    PartVoid,
    ClockChange,
    SaleCorrection,
)
MODELS = (Product, KitPart, WarrantyTerms, VoidReason, Customer, *RECORDS)


def happen(part: CoveredPart, times: int, now: dt.datetime) -> None:
    """So many pauses, replacements, voids and clock changes of one part, each by a colleague of its own."""
    for number in range(times):
        colleague = StaffFactory()
        windows = [
            WindowData(
                dt.date(2025, 4, 1 + day), dt.date(2025, 4, 1 + day), "confirmed", reason="x", confirmed_by=colleague
            )
            for day in range(number + 1)
        ]
        set_pauses({part.pk: windows}, source="staff", cause="x", now=now, actor=colleague)
        replace_part(part.pk, new_serial=f"N-{part.pk}-{number}", case_reference="", actor=colleague, now=now)
        if number == 0:
            void_part(part.pk, reason_code="improper_use", case_reference="", actor=colleague, now=now)
        correct_delivery_date(
            part.unit.line.invoice_id, delivered_on=dt.date(2025, 4, 1 + number), reason="x", actor=manager(), now=now
        )
        if number > 0:
            PartVoid.objects.create(
                part=part, reason_id=number, voided_at=now, voided_by=colleague, lifted_at=now, lift_reason="x",
                lifted_by=StaffFactory(),
            )  # fmt: skip


@pytest.fixture
def sold(now) -> CoveredPart:
    """A part of a kit on INV-1 to which everything has happened once."""
    part = parts_of(InvoiceFactory(number="INV-1"))[1]
    happen(part, 1, now)
    part.refresh_from_db()
    return part


def test_every_model_of_this_storey_has_its_pages():
    # Imports have pages of their own on the desk.
    own = {model for model in apps.get_app_config("products").get_models() if model.__module__ != imports.__name__}
    assert own == {*MODELS, Product.parts.through}
    assert all(admin.site.is_registered(model) for model in MODELS)


@pytest.mark.parametrize("model", MODELS)
def test_list_and_detail_page_open(boss: Client, sold: CoveredPart, model: type):
    assert boss.get(page(model, "changelist")).status_code == 200
    assert boss.get(page(model, "change", model.objects.latest("pk").pk)).status_code == 200


@pytest.mark.parametrize("model", [Product, KitPart, WarrantyTerms, VoidReason])
def test_page_to_add_master_data_opens(boss: Client, model: type):
    assert boss.get(page(model, "add")).status_code == 200


# ── queries ──────────────────────────────────────────────────────────────────────────────────────────────────────


def queries_of(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


@pytest.mark.parametrize("model", MODELS)
def test_list_asks_no_query_per_row(boss: Client, sold: CoveredPart, now, model: type):
    address = page(model, "changelist")
    queries_of(boss, address)  # content types and the like are remembered after the first page
    few = queries_of(boss, address)
    for _number in range(4):
        happen(parts_of(InvoiceFactory())[0], 2, now)
        WarrantyTerms.objects.create(effective_from=dt.date(2030, 1, 1 + _number))
    assert queries_of(boss, address) == few


@pytest.mark.parametrize("model", RECORDS)
def test_list_of_records_never_counts_them_all(boss: Client, sold: CoveredPart, model: type):
    with CaptureQueriesContext(connection) as queries:
        answer = boss.get(page(model, "changelist"))
    assert answer.context["cl"].result_list
    assert not [query for query in queries if "COUNT(" in query["sql"]]
    assert boss.get(page(model, "changelist", p="2")).status_code == 200


@pytest.fixture
def many_lines(db: None, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The keys of the lines of invoices, newest first, on pages of two."""
    monkeypatch.setattr(RecordAdmin, "list_per_page", 2)
    for _number in range(5):
        InvoiceFactory()
    return list(InvoiceLine.objects.order_by("-pk").values_list("pk", flat=True))


@pytest.mark.parametrize(("start", "way"), [({}, "next"), ({"last": "1"}, "previous")])
def test_pages_of_records_hold_every_row_once(boss: Client, many_lines: list[int], start: dict[str, str], way: str):
    address, seen = page(InvoiceLine, "changelist", **start), []
    while address:
        listed = boss.get(address).context["cl"]
        keys = [row.pk for row in listed.result_list]
        seen = [*seen, *keys] if way == "next" else [*keys, *seen]
        link = getattr(listed, way)
        address = link and page(InvoiceLine, "changelist") + link
    assert len(many_lines) > 2
    assert seen == many_lines


def test_page_of_records_reads_none_before_it(boss: Client, many_lines: list[int]):
    """No OFFSET, whichever page: it is what takes ten seconds in a million rows."""
    with CaptureQueriesContext(connection) as queries:
        for place in ({}, {"after": many_lines[1]}, {"before": many_lines[-1]}, {"last": "1"}, {"p": "400000"}):
            assert boss.get(page(InvoiceLine, "changelist", **place)).status_code == 200
    assert not [query for query in queries if "OFFSET" in query["sql"]]


@pytest.mark.parametrize("place", ["x", "-1", "0", "9" * 30, "1 OR 1=1"])
def test_page_of_records_is_the_first_when_its_place_is_made_up(boss: Client, many_lines: list[int], place: str):
    listed = boss.get(page(InvoiceLine, "changelist", after=place)).context["cl"]
    assert [row.pk for row in listed.result_list] == many_lines[:2]


def test_list_of_records_shows_what_was_written_as_text(boss: Client):
    line = InvoiceFactory().lines.get()
    Customer.objects.filter(invoices=line.invoice).update(name="<b>Ada</b>")
    written = boss.get(page(Invoice, "changelist")).content.decode()
    assert "&lt;b&gt;Ada&lt;/b&gt;" in written
    assert "<b>Ada</b>" not in written
    assert f'href="{page(Invoice, "change", line.invoice_id)}"' in written


def test_page_of_a_part_asks_no_query_per_event(boss: Client, sold: CoveredPart, now):
    other = parts_of(InvoiceFactory())[1]
    happen(other, 5, now)
    queries_of(boss, page(CoveredPart, "change", sold.pk))
    assert queries_of(boss, page(CoveredPart, "change", other.pk)) == queries_of(
        boss, page(CoveredPart, "change", sold.pk)
    )


def test_page_of_a_kit_asks_no_query_per_part(boss: Client):
    small = KitFactory(bill=[(ProductFactory(), 1, "lot", "")])
    large = KitFactory(bill=[(ProductFactory(), 1, "lot", "") for _number in range(8)])
    queries_of(boss, page(Product, "change", small.pk))
    assert queries_of(boss, page(Product, "change", large.pk)) == queries_of(boss, page(Product, "change", small.pk))


def test_page_of_an_invoice_asks_no_query_per_line(boss: Client):
    small, large = InvoiceFactory(), InvoiceFactory(products=[ProductFactory() for _number in range(6)])
    queries_of(boss, page(Invoice, "change", small.pk))
    assert queries_of(boss, page(Invoice, "change", large.pk)) == queries_of(boss, page(Invoice, "change", small.pk))


# ── finding ──────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("model", RECORDS)
@pytest.mark.parametrize("written", ["inv 1", "INV-1"])
def test_record_is_found_by_its_invoice(boss: Client, sold: CoveredPart, now, model: type, written: str):
    happen(CoveredPartFactory(number="INV-2"), 1, now)
    found = boss.get(page(model, "changelist", q=written)).context["cl"].queryset
    assert found.count() == {Invoice: 1, InvoiceLine: 1, SoldUnit: 1, CoveredPart: 5}.get(model, 1)
    assert model.objects.count() > found.count()


@pytest.mark.parametrize("model", [model for model in RECORDS if model not in (InvoiceLine, SaleCorrection)])
@pytest.mark.parametrize("serial", ["a 1", "B-2", "c3"])
def test_record_is_found_by_any_serial_of_the_chain(boss: Client, sold: CoveredPart, now, model: type, serial: str):
    part = CoveredPartFactory(serial="A-1")
    for number in ("B-2", "C-3"):
        replace_part(part.pk, new_serial=number, case_reference="", actor=None, now=now)
    window = WindowData(dt.date(2025, 4, 1), dt.date(2025, 4, 2), "verified")
    set_pauses({part.pk: [window]}, source="tracking", cause="x", now=now)
    void_part(part.pk, reason_code="improper_use", case_reference="", actor=None, now=now)
    found = boss.get(page(model, "changelist", q=serial)).context["cl"].queryset
    assert 1 <= found.count() < model.objects.count()


def test_customer_is_found_by_the_whole_address(boss: Client):
    ann = CustomerFactory(email="Ann@example.com")
    CustomerFactory(email="ann@example.org")
    assert list(boss.get(page(Customer, "changelist", q=" ANN@example.COM ")).context["cl"].queryset) == [ann]


# ── nobody edits a record ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("model", RECORDS)
def test_record_cannot_be_added_changed_or_deleted_by_anybody(boss: Client, sold: CoveredPart, model: type):
    row = model.objects.latest("pk")
    before = list(model.objects.order_by("pk").values())
    assert boss.get(page(model, "add")).status_code == 403
    assert boss.post(page(model, "add"), {}).status_code == 403
    assert boss.post(page(model, "change", row.pk), {}).status_code == 403
    assert boss.post(page(model, "delete", row.pk), {"post": "yes"}).status_code == 403
    boss.post(page(model, "changelist"), {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"})
    assert list(model.objects.order_by("pk").values()) == before


def test_customer_cannot_be_added_or_deleted_here(boss: Client):
    ann = CustomerFactory()
    assert boss.get(page(Customer, "add")).status_code == 403
    assert boss.post(page(Customer, "delete", ann.pk), {"post": "yes"}).status_code == 403


@pytest.mark.parametrize("model", MODELS)
def test_viewer_sees_the_lists_and_an_outsider_does_not(sold: CoveredPart, model: type):
    nobody = Client()
    nobody.force_login(StaffFactory())
    assert as_role("viewer").get(page(model, "changelist")).status_code == 200
    assert nobody.get(page(model, "changelist")).status_code == 403


@pytest.mark.parametrize("role", ["viewer", "support", "reviewer", "manager"])
def test_master_data_is_not_for_this_role_to_change(role: str):
    product, client = ProductFactory(), as_role(role)
    assert client.post(page(Product, "change", product.pk), {"sku": "X"}).status_code == 403
    assert client.get(page(Product, "add")).status_code == 403


# ── the clock, explained ─────────────────────────────────────────────────────────────────────────────────────────


def test_page_of_a_part_explains_its_clock(boss: Client, now):
    part = CoveredPartFactory()
    window = WindowData(dt.date(2025, 6, 11), dt.date(2025, 6, 29), "verified")
    set_pauses({part.pk: [window]}, source="tracking", cause="x", now=now)
    text = boss.get(page(CoveredPart, "change", part.pk)).content.decode()
    paused = "3 Mar 2026; paused 19 days (11–29 Jun 2025, verified) → covered through 22 Mar 2026"
    assert f"Bought 3 Mar 2025 → {paused}." in text
    assert "It lasts 12 months, by the terms in force since" in text
    assert text.count('<svg class="clock-svg') == 3
