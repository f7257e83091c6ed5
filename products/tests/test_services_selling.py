"""register_invoice: what a sale is taken apart into, and what is frozen that day (policy 1.1-1.4)."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from products.errors import Refused
from products.identifiers import fold_identifier
from products.models import CoveredPart, Customer, Invoice, KitPart, Product, SoldUnit, WarrantyTerms
from products.services import CustomerData, LineData, UnitData, load_catalogue, register_invoice
from products.tests.factories import (
    BOUGHT_ON,
    CoveredPartFactory,
    CustomerFactory,
    InvoiceFactory,
    KitFactory,
    ProductFactory,
    invoice_data,
    parts_of,
)

pytestmark = pytest.mark.django_db


# ── what it becomes ──────────────────────────────────────────────────────────────────────────────────────────────


def test_rule_1_1_single_product_becomes_one_part_with_the_serial_on_its_box():
    product = ProductFactory(category="motor")
    invoice, created = register_invoice(invoice_data(LineData(product.sku, units=(UnitData("SN-AB 12"),))))
    [part] = parts_of(invoice)
    assert created
    assert (part.product, part.category, part.quantity, part.is_lot) == (product, "motor", 1, False)
    assert (part.serial, part.unit.serial) == ("SN-AB 12", "SN-AB 12")
    assert (part.starts_on, part.started_by) == (BOUGHT_ON, "invoice")
    assert part.base_covered_through == part.covered_through == dt.date(2026, 3, 3)
    assert (part.extended_days, part.paused_since, part.voided_at) == (0, None, None)


def test_rule_1_1_kit_becomes_its_parts_in_order_pieces_singly_and_lots_together():
    motor, screw = ProductFactory(motor=True), ProductFactory(consumable=True)
    kit = KitFactory(bill=[(motor, 2, "singly", "Z axis"), (screw, 80, "lot", "")])
    parts = parts_of(InvoiceFactory(products=[kit]))
    assert [(p.position, p.product, p.place, p.quantity, p.is_lot, p.category) for p in parts] == [
        (1, motor, "Z axis", 1, False, "motor"),
        (2, motor, "Z axis", 1, False, "motor"),
        (3, screw, "", 80, True, "consumable"),
    ]


def test_kit_in_a_kit_multiplies_quantities_and_joins_places():
    motor, screw = ProductFactory(motor=True), ProductFactory(consumable=True)
    axis = KitFactory(name="Axis module", bill=[(motor, 1, "singly", "motor"), (screw, 10, "lot", "")])
    printer = KitFactory(bill=[(axis, 2, "lot", "Z axis"), (axis, 1, "lot", "")])
    parts = parts_of(InvoiceFactory(products=[printer]))
    assert [(p.place, p.quantity) for p in parts] == [
        ("Z axis / motor", 1),
        ("Z axis / motor", 1),
        ("Z axis", 20),
        ("Axis module / motor", 1),
        ("Axis module", 10),
    ]


def test_place_too_long_for_its_column_keeps_its_innermost_end():
    motor = ProductFactory()
    kit = KitFactory(bill=[(motor, 1, "singly", "motor" + "m" * 100)])
    for name in "ab":
        kit = KitFactory(bill=[(kit, 1, "lot", name * 100)])
    [part] = parts_of(InvoiceFactory(products=[kit]))
    assert len(part.place) == 250
    assert part.place.startswith("…")
    assert part.place.endswith(" / motor" + "m" * 100)


def test_line_of_several_makes_a_unit_of_each_and_unknown_serials_stay_empty():
    kit = KitFactory(bill=[(ProductFactory(sku="M1"), 2, "singly", "")])
    units = (UnitData("K-1", {"M1": ["M-11", "M-12"]}), UnitData("K-2", {"M1": ["M-21"]}))
    invoice, _ = register_invoice(invoice_data(LineData(kit.sku, 3, Decimal("499.90"), units)))
    found = SoldUnit.objects.filter(line__invoice=invoice).order_by("number")
    assert [(u.number, u.serial, [p.serial for p in u.parts.order_by("position")]) for u in found] == [
        (1, "K-1", ["M-11", "M-12"]),
        (2, "K-2", ["M-21", ""]),
        (3, "", ["", ""]),
    ]


def test_numbers_are_folded_although_rows_are_written_in_bulk():
    part = CoveredPartFactory(serial="sn-io 7", number="inv-O1")
    assert part.serial_fold == part.unit.serial_fold == fold_identifier("SN107")
    assert part.unit.line.invoice.number_fold == fold_identifier("INV01")


def test_rule_1_1_what_was_sold_stays_when_the_catalogue_changes_afterwards():
    screw = ProductFactory(consumable=True)
    kit = KitFactory(bill=[(screw, 10, "lot", "")])
    invoice = InvoiceFactory(products=[kit])
    Product.objects.filter(pk=screw.pk).update(category="standard")
    KitPart.objects.filter(kit=kit).update(quantity=99)
    [part] = parts_of(invoice)
    assert (part.category, part.quantity) == ("consumable", 10)


# ── terms and start ──────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("issued_on", "months"),
    [
        pytest.param(dt.date(2025, 6, 30), 12, id="day before the new terms"),
        pytest.param(dt.date(2025, 7, 1), 24, id="first day of the new terms"),
        pytest.param(dt.date(2030, 1, 1), 36, id="the latest of all"),
    ],
)
def test_rule_1_3_part_freezes_the_terms_in_force_on_the_invoice_date(issued_on: dt.date, months: int):
    WarrantyTerms.objects.create(effective_from=dt.date(2026, 1, 1), months=36)
    WarrantyTerms.objects.create(effective_from=dt.date(2025, 7, 1), months=24)
    part = CoveredPartFactory(issued_on=issued_on)
    assert part.term_months == part.terms.months == months


def test_rule_1_3_terms_changed_after_the_sale_change_no_part():
    part = CoveredPartFactory()
    WarrantyTerms.objects.create(effective_from=part.starts_on, months=1)
    part.refresh_from_db()
    assert (part.term_months, part.covered_through) == (12, dt.date(2026, 3, 3))


def test_sale_before_the_first_terms_is_refused():
    with pytest.raises(Refused, match="no warranty terms") as refusal:
        register_invoice(invoice_data(issued_on=dt.date(2014, 12, 31)))
    assert refusal.value.field == "issued_on"
    assert not Invoice.objects.exists()


@pytest.mark.parametrize(
    ("starts_from", "delivered_on", "starts_on", "started_by"),
    [
        pytest.param("invoice", dt.date(2025, 3, 9), BOUGHT_ON, "invoice", id="terms say invoice"),
        pytest.param("delivery", dt.date(2025, 3, 9), dt.date(2025, 3, 9), "delivery", id="terms say delivery"),
        pytest.param("delivery", None, BOUGHT_ON, "invoice", id="delivery not known"),
    ],
)
def test_rule_1_2_start_follows_the_terms(starts_from, delivered_on, starts_on, started_by):
    WarrantyTerms.objects.create(effective_from=dt.date(2025, 1, 1), starts_from=starts_from)
    part = CoveredPartFactory(delivered_on=delivered_on)
    assert (part.starts_on, part.started_by) == (starts_on, started_by)


# ── what is refused ──────────────────────────────────────────────────────────────────────────────────────────────


def line(**given) -> dict:
    return {"lines": (LineData(**{"sku": "P1", **given}),)}


BAD_SALES = [
    ({"number": "  "}, "number"),
    ({"number": "---"}, "number"),
    ({"number": "N" * 61}, "number"),
    ({"number": "IN\x00V"}, "number"),
    ({"shop": "s" * 41}, "shop"),
    ({"country": "XX"}, "country"),
    ({"currency": "EURO"}, "currency"),
    ({"currency": "€€€"}, "currency"),
    ({"lines": ()}, "lines"),
    (line(sku="NOPE"), "lines[0].sku"),
    (line(quantity=0), "lines[0].quantity"),
    (line(quantity=-1), "lines[0].quantity"),
    (line(quantity=2_000_000_000), "lines"),
    (line(unit_price=Decimal("-0.01")), "lines[0].unit_price"),
    (line(unit_price=Decimal("0.001")), "lines[0].unit_price"),
    (line(units=(UnitData("A"), UnitData("B"))), "lines[0].units"),
    (line(units=(UnitData("S" * 61),)), "lines[0].units[0].serial"),
    (line(units=(UnitData("ﷺ" * 20),)), "lines[0].units[0].serial"),
    (line(units=(UnitData("n\x07"),)), "lines[0].units[0].serial"),
    (line(units=(UnitData("—"),)), "lines[0].units[0].serial"),
    (line(units=(UnitData("A", {"P2": ["B"]}),)), "lines[0].units[0].part_serials"),
    (line(units=(UnitData("A", {"P1": ["B", "C"]}),)), "lines[0].units[0].part_serials"),
    ({"customer": CustomerData(email="no address")}, "customer.email"),
    ({"customer": CustomerData(email="a@b.c", country="Norway")}, "customer.country"),
    ({"customer": CustomerData(email="a@b.c", time_zone="Mars/Olympus")}, "customer.time_zone"),
    ({"customer": CustomerData(email="a@b.c", time_zone="../../etc/passwd")}, "customer.time_zone"),
    ({"customer": CustomerData(email="a@b.c", name="\ud800")}, "customer.name"),
]


@pytest.mark.parametrize(
    ("given", "field"), BAD_SALES, ids=[f"{number}-{field}" for number, (_given, field) in enumerate(BAD_SALES)]
)
def test_sale_that_cannot_be_kept_is_refused_naming_the_field(given: dict, field: str):
    ProductFactory(sku="P1")
    with pytest.raises(Refused) as refusal:
        register_invoice(invoice_data(**{"lines": (LineData("P1"),), **given}))
    assert refusal.value.field == field
    assert str(refusal.value)
    assert not Invoice.objects.exists()
    assert not Customer.objects.exists()
    assert not CoveredPart.objects.exists()


def kit_of_itself() -> Product:
    kit = KitFactory(bill=())
    between = KitFactory(bill=[(kit, 1, "lot", "")])
    KitPart.objects.create(kit=kit, part=between)
    return kit


def deep_kit() -> Product:
    kit = KitFactory(bill=[(ProductFactory(), 1, "lot", "")])
    for _level in range(25):
        kit = KitFactory(bill=[(kit, 1, "lot", "")])
    return kit


def wide_kit(quantity: int, tracked: str) -> Product:
    kit = KitFactory(bill=[(ProductFactory(), quantity, tracked, "")])
    for _level in range(2):
        kit = KitFactory(bill=[(kit, quantity, "lot", "")])
    return kit


@pytest.mark.parametrize(
    ("make", "code"),
    [
        pytest.param(kit_of_itself, "kit_cycle", id="contains itself"),
        pytest.param(deep_kit, "kit_too_deep", id="nested too deeply"),
        pytest.param(lambda: KitFactory(bill=()), "kit_empty", id="no parts"),
        pytest.param(lambda: KitFactory(bill=[(KitFactory(bill=()), 1, "lot", "")]), "kit_empty", id="no parts inside"),
        pytest.param(lambda: wide_kit(200, "singly"), "too_many_parts", id="eight million parts"),
        pytest.param(lambda: wide_kit(2_000, "lot"), "too_many", id="a lot of too many pieces"),
    ],
)
def test_kit_that_cannot_be_taken_apart_is_refused(make, code: str):
    with pytest.raises(Refused) as refusal:
        register_invoice(invoice_data(LineData(make().sku)))
    assert refusal.value.code == code
    assert not Invoice.objects.exists()


# ── many parts, many writers ─────────────────────────────────────────────────────────────────────────────────────


def queries_for(pieces: int, quantity: int) -> int:
    kit = KitFactory(bill=[(ProductFactory(), pieces, "singly", "")])
    data = invoice_data(LineData(kit.sku, quantity), number=f"N{pieces}x{quantity}")
    with CaptureQueriesContext(connection) as queries:
        register_invoice(data)
    return len(queries)


def test_queries_do_not_grow_with_the_number_of_parts():
    CustomerFactory(email="ann@example.com", name="Ann", country="NO")
    assert queries_for(2, 1) == queries_for(10, 3) <= 20


def test_catalogue_read_once_saves_reading_it_for_each_invoice():
    kit = KitFactory()
    catalogue = load_catalogue()
    with CaptureQueriesContext(connection) as queries:
        register_invoice(invoice_data(LineData(kit.sku)), catalogue=catalogue)
    assert not [query for query in queries if '"products_kitpart"' in query["sql"]]


@pytest.mark.django_db(transaction=True)
def test_same_invoice_from_several_sides_at_once_is_registered_once():
    data = invoice_data(LineData(KitFactory().sku))

    def register(_number: int) -> bool:
        try:
            return register_invoice(data)[1]
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        created = list(pool.map(register, range(4)))
    assert sorted(created) == [False, False, False, True]
    assert Invoice.objects.count() == Customer.objects.count() == 1
    assert CoveredPart.objects.count() == 5
