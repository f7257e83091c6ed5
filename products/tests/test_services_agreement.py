"""register_invoice with an invoice that is there already: found, completed, or refused where it contradicts."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest

from products.errors import Refused
from products.models import CoveredPart, Customer, Invoice, InvoiceLine, KitPart, SoldUnit, WarrantyTerms
from products.services import CustomerData, InvoiceData, LineData, UnitData, register_invoice, replace_part
from products.tests.factories import KitFactory, ProductFactory, invoice_data, parts_of

pytestmark = pytest.mark.django_db


def full_sale() -> InvoiceData:
    kit = KitFactory(sku="K1", bill=[(ProductFactory(sku="M1"), 2, "singly", "")])
    units = (UnitData("K-1", {"M1": ["M-1", "M-2"]}),)
    return invoice_data(
        LineData(kit.sku, 1, Decimal("499.90"), units),
        shop="eu",
        country="NO",
        delivered_on=dt.date(2025, 3, 9),
    )


def everything() -> list:
    models = (Customer, Invoice, InvoiceLine, SoldUnit, CoveredPart)
    return [list(model.objects.order_by("pk").values()) for model in models]


def test_same_invoice_again_is_found_and_left_as_it_is():
    data = full_sale()
    first, _ = register_invoice(data)
    before = everything()
    again, created = register_invoice(replace(data, number=" INV-2025-1 ", country="no", currency="eur"))
    assert (again, created) == (first, False)
    assert everything() == before


def test_same_invoice_again_is_found_after_a_kit_changed_and_left_the_catalogue():
    data = full_sale()
    first, _ = register_invoice(data)
    KitPart.objects.all().delete()
    assert register_invoice(data) == (first, False)


def test_same_number_in_another_shop_is_another_invoice():
    data = full_sale()
    first, _ = register_invoice(data)
    second, created = register_invoice(replace(data, shop="us"))
    assert created
    assert second != first
    assert second.customer == first.customer


def with_line(data: InvoiceData, **given) -> InvoiceData:
    return replace(data, lines=(replace(data.lines[0], **given),))


def with_unit(data: InvoiceData, unit: UnitData) -> InvoiceData:
    return with_line(data, units=(unit,))


CONTRADICTIONS = {
    "issued_on": lambda data: replace(data, issued_on=dt.date(2025, 3, 4)),
    "currency": lambda data: replace(data, currency="USD"),
    "country": lambda data: replace(data, country="SE"),
    "delivered_on": lambda data: replace(data, delivered_on=dt.date(2025, 3, 10)),
    "customer.email": lambda data: replace(data, customer=CustomerData(email="bob@example.com")),
    "lines": lambda data: replace(data, lines=(*data.lines, LineData("M1"))),
    "lines[0].sku": lambda data: with_line(data, sku="M1", units=()),
    "lines[0].quantity": lambda data: with_line(data, quantity=2),
    "lines[0].unit_price": lambda data: with_line(data, unit_price=Decimal("1")),
    "lines[0].units[0].serial": lambda data: with_unit(data, UnitData("K-2")),
    "lines[0].units[0].part_serials[M1]": lambda data: with_unit(data, UnitData("K-1", {"M1": ["M-1", "M-3"]})),
}


@pytest.mark.parametrize("field", CONTRADICTIONS)
def test_same_number_with_other_contents_is_refused_naming_the_field(field: str):
    data = full_sale()
    register_invoice(data)
    before = everything()
    with pytest.raises(Refused) as refusal:
        register_invoice(CONTRADICTIONS[field](data))
    assert (refusal.value.field, refusal.value.code) == (field, "contradiction")
    assert field in str(refusal.value)
    assert everything() == before


def test_same_invoice_again_fills_in_what_was_not_known():
    data = full_sale()
    bare = replace(with_line(data, units=(), unit_price=None), country="", delivered_on=None)
    register_invoice(bare)
    invoice, created = register_invoice(data)
    invoice.refresh_from_db()
    [unit] = SoldUnit.objects.all()
    assert not created
    assert (str(invoice.country), invoice.delivered_on) == ("NO", dt.date(2025, 3, 9))
    assert (unit.serial, unit.serial_fold, unit.line.unit_price) == ("K-1", "K1", Decimal("499.90"))
    assert [(p.serial, p.serial_fold) for p in parts_of(invoice)] == [("M-1", "M1"), ("M-2", "M2")]
    assert register_invoice(bare) == (invoice, False)


def test_delivery_known_later_starts_the_clock_where_the_terms_say_so(now):
    WarrantyTerms.objects.create(effective_from=dt.date(2025, 1, 1), starts_from="delivery")
    data = replace(full_sale(), delivered_on=None)
    register_invoice(data)
    invoice, _ = register_invoice(replace(data, delivered_on=dt.date(2025, 3, 9)), now=now)
    for part in parts_of(invoice):
        assert (part.starts_on, part.started_by) == (dt.date(2025, 3, 9), "delivery")
        assert part.covered_through == part.base_covered_through == dt.date(2026, 3, 9)
        [change] = part.clock_changes.all()
        assert change.at == now
        assert (change.before["starts_on"], change.after["starts_on"]) == ("2025-03-03", "2025-03-09")


def test_delivery_known_later_moves_no_clock_that_starts_by_invoice():
    data = replace(full_sale(), delivered_on=None)
    register_invoice(data)
    invoice, _ = register_invoice(replace(data, delivered_on=dt.date(2025, 3, 9)))
    assert {part.covered_through for part in parts_of(invoice)} == {dt.date(2026, 3, 3)}


def test_erased_customer_does_not_come_back_with_the_next_import():
    data = full_sale()
    invoice, _ = register_invoice(data)
    Customer.objects.update(email="", name="", country="")
    register_invoice(data)
    assert Customer.objects.get() == invoice.customer
    assert Customer.objects.get().email == ""


def test_same_invoice_again_is_found_after_a_part_was_replaced(now):
    data = full_sale()
    invoice, _ = register_invoice(data)
    part = parts_of(invoice)[0]
    replace_part(part.pk, new_serial="M-9", case_reference="", actor=None, now=now)
    assert register_invoice(data) == (invoice, False)
    assert parts_of(invoice)[0].serial == "M-9"
    with pytest.raises(Refused, match="M-9"):
        register_invoice(with_unit(data, UnitData("K-1", {"M1": ["M-9", "M-2"]})))


def test_first_serial_is_not_written_in_after_a_replacement(now):
    data = full_sale()
    invoice, _ = register_invoice(with_line(data, units=()))
    replace_part(parts_of(invoice)[0].pk, new_serial="M-9", case_reference="", actor=None, now=now)
    with pytest.raises(Refused) as refusal:
        register_invoice(data)
    assert refusal.value.field == "lines[0].units[0].part_serials[M1]"
    assert parts_of(invoice)[0].serial == "M-9"


def test_serials_may_be_written_otherwise_the_second_time():
    data = full_sale()
    first, _ = register_invoice(data)
    assert register_invoice(with_unit(data, UnitData("k 1", {"M1": ["m1", "M2"]}))) == (first, False)
