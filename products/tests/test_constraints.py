"""Whatever the code does, the database refuses rows that cannot be: one bad row for each constraint."""

import datetime as dt
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, models, transaction

from products.models import (
    ColumnMapping,
    CoveredPart,
    Customer,
    ImportRun,
    Invoice,
    InvoiceLine,
    KitPart,
    PartVoid,
    PauseWindow,
    SaleCorrection,
    SoldUnit,
    VoidReason,
    WarrantyTerms,
)
from products.tests.factories import BOUGHT_ON, CoveredPartFactory, KitFactory, ProductFactory, StaffFactory

pytestmark = pytest.mark.django_db
EARLIER = BOUGHT_ON - dt.timedelta(days=1)


@pytest.fixture
def sold() -> SimpleNamespace:
    """A part with everything around it, for bad rows to lean on."""
    part = CoveredPartFactory(number="INV-1", serial="S-1")
    return SimpleNamespace(
        part=part,
        unit=part.unit,
        line=part.unit.line,
        invoice=part.unit.line.invoice,
        kit=KitFactory(bill=[(part.product, 1, "lot", "")]),
        person=StaffFactory(),
        reason=VoidReason.objects.get(code="improper_use"),
        now=dt.datetime(2025, 12, 1, tzinfo=dt.UTC),
    )


def part_with(**columns) -> Callable:
    return lambda sold: CoveredPart.objects.filter(pk=sold.part.pk).update(**columns)


def pause_with(**columns) -> Callable:
    whole = {"left_on": BOUGHT_ON, "back_on": BOUGHT_ON, "source": "tracking", "certainty": "provisional", **columns}
    return lambda sold: PauseWindow.objects.create(part=sold.part, **whole)


def staff_pause_with(**columns) -> Callable:
    whole = {"source": "staff", "certainty": "confirmed", "reason": "by hand", **columns}
    return lambda sold: pause_with(**{"confirmed_by": sold.person, "confirmed_at": sold.now, **whole})(sold)


def correction_with(**columns) -> Callable:
    whole = {"what": "bill", "reason": "typing error", **columns}
    return lambda sold: SaleCorrection.objects.create(invoice=sold.invoice, at=sold.now, actor=sold.person, **whole)


def void_with(times: int = 1, **columns) -> Callable:
    def add(sold: SimpleNamespace) -> None:
        for _time in range(times):
            PartVoid.objects.create(part=sold.part, reason=sold.reason, voided_at=sold.now, **columns)

    return add


def twice(row: Callable) -> Callable:
    return lambda sold: [row(sold), row(sold)]


def import_with(**columns) -> Callable:
    whole = {"kind": "invoices", "name": "sales.csv", **columns}
    return lambda sold: ImportRun.objects.create(created_at=sold.now, **whole)


def mapping_of(sold: SimpleNamespace) -> ColumnMapping:
    return ColumnMapping.objects.create(kind="invoices", header_print="same", used_at=sold.now)


BAD_ROWS: list[tuple[str, Callable]] = [
    ("correction_says_why", correction_with(reason="")),
    ("correction_what_known", correction_with(what="mood")),
    ("import_kind_known", import_with(kind="dreams")),
    ("import_status_known", import_with(status="lost")),
    ("mapping_once_per_header", twice(mapping_of)),
    (
        "kit_part_until_not_before_from",
        lambda sold: KitPart.objects.filter(kit=sold.kit).update(from_on=BOUGHT_ON, until_on=EARLIER),
    ),
    ("product_kind_known", lambda sold: ProductFactory(kind="bundle")),
    ("product_category_known", lambda sold: ProductFactory(category="glass")),
    ("product_kit_has_no_category_of_its_own", lambda sold: ProductFactory(kind="kit", category="motor")),
    ("product_sku_not_empty", lambda sold: ProductFactory(sku="")),
    ("kit_part_once_per_place", lambda sold: KitPart.objects.create(kit=sold.kit, part=sold.part.product)),
    (
        "kit_part_quantity_positive",
        lambda sold: KitPart.objects.create(kit=sold.kit, part=ProductFactory(), quantity=0),
    ),
    ("kit_part_not_itself", lambda sold: KitPart.objects.create(kit=sold.kit, part=sold.kit)),
    ("kit_part_tracked_known", lambda sold: KitPart.objects.filter(kit=sold.kit).update(tracked="maybe")),
    ("terms_months_positive", lambda sold: WarrantyTerms.objects.create(effective_from=BOUGHT_ON, months=0)),
    (
        "terms_starts_from_known",
        lambda sold: WarrantyTerms.objects.create(effective_from=BOUGHT_ON, starts_from="birth"),
    ),
    ("void_reason_effect_known", lambda sold: VoidReason.objects.filter(code="wear").update(effect="maybe")),
    ("void_reason_motors_only_voids", lambda sold: VoidReason.objects.filter(code="wear").update(motors_only=True)),
    (
        "customer_email_once_any_case",
        lambda sold: Customer.objects.create(email=sold.invoice.customer.email.upper()),
    ),
    (
        "invoice_number_once_per_shop",
        lambda sold: Invoice.objects.create(number="INV-1", issued_on=BOUGHT_ON, customer=sold.invoice.customer),
    ),
    ("invoice_number_not_empty", lambda sold: Invoice.objects.filter(pk=sold.invoice.pk).update(number="")),
    ("invoice_currency_is_iso", lambda sold: Invoice.objects.filter(pk=sold.invoice.pk).update(currency="eur")),
    ("invoice_currency_is_iso", lambda sold: Invoice.objects.filter(pk=sold.invoice.pk).update(currency="EU")),
    (
        "invoice_line_position_once",
        lambda sold: InvoiceLine.objects.create(invoice=sold.invoice, position=1, product=sold.part.product),
    ),
    ("invoice_line_quantity_positive", lambda sold: InvoiceLine.objects.filter(pk=sold.line.pk).update(quantity=0)),
    ("invoice_line_price_not_negative", lambda sold: InvoiceLine.objects.filter(pk=sold.line.pk).update(unit_price=-1)),
    ("sold_unit_number_once_per_line", lambda sold: SoldUnit.objects.create(line=sold.line, number=1)),
    ("part_position_once_per_unit", lambda sold: CoveredPart.objects.bulk_create([clone(sold.part)])),
    ("part_quantity_positive", part_with(quantity=0)),
    ("part_term_positive", part_with(term_months=0)),
    ("part_category_known", part_with(category="glass")),
    ("part_started_by_known", part_with(started_by="birth")),
    ("part_base_not_before_start", part_with(base_covered_through=EARLIER)),
    ("part_cover_never_shortened", part_with(covered_through=dt.date(2026, 3, 2))),
    ("part_frozen_or_dated", part_with(covered_through=None, extended_days=None)),
    ("part_frozen_or_dated", part_with(paused_since=BOUGHT_ON)),
    ("part_frozen_or_dated", part_with(extended_days=None)),
    ("pause_back_not_before_left", pause_with(back_on=EARLIER)),
    ("pause_certainty_known", pause_with(certainty="sure")),
    ("pause_source_known", staff_pause_with(source="rumour")),
    ("pause_open_is_provisional", pause_with(back_on=None, certainty="verified")),
    ("pause_by_staff_says_why", staff_pause_with(reason="")),
    ("pause_by_staff_says_why", staff_pause_with(confirmed_by=None)),
    ("pause_by_staff_says_why", staff_pause_with(confirmed_at=None)),
    ("pause_one_open_per_part_and_source", twice(pause_with(back_on=None))),
    ("void_one_in_force_per_part", void_with(times=2)),
    ("void_lifted_with_reason", void_with(lifted_at=dt.datetime(2025, 12, 2, tzinfo=dt.UTC))),
]


def clone(part: CoveredPart) -> CoveredPart:
    copy = CoveredPart.objects.get(pk=part.pk)
    copy.pk = None
    return copy


@pytest.mark.parametrize(
    ("name", "write"), BAD_ROWS, ids=[f"{number}-{name}" for number, (name, _write) in enumerate(BAD_ROWS)]
)
def test_database_refuses_a_row_that_cannot_be(sold: SimpleNamespace, name: str, write: Callable):
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        write(sold)
    assert names_of(name) in str(refusal.value)


def names_of(name: str) -> str:
    """What the database calls the constraint: SQLite names the columns of a plain unique one instead."""
    constraint = constraints()[name]
    is_plain_unique = isinstance(constraint, models.UniqueConstraint) and constraint.fields
    if connection.vendor != "sqlite" or not is_plain_unique:
        return name
    model = next(model for model in own_models() if constraint in model._meta.constraints)
    columns = [model._meta.get_field(field).column for field in constraint.fields]
    return ", ".join(f"{model._meta.db_table}.{column}" for column in columns)


def own_models() -> list[type[models.Model]]:
    return list(apps.get_app_config("products").get_models())


def constraints() -> dict[str, models.BaseConstraint]:
    return {constraint.name: constraint for model in own_models() for constraint in model._meta.constraints}


def test_every_constraint_of_this_storey_has_a_bad_row():
    assert {name for name, _write in BAD_ROWS} == set(constraints())


def test_lifted_voids_and_closed_pauses_may_be_many(sold: SimpleNamespace):
    lifted = {"lifted_at": sold.now, "lift_reason": "mistake"}
    void_with(times=2, **lifted)(sold)
    void_with()(sold)
    twice(pause_with())(sold)
    assert (PartVoid.objects.count(), PauseWindow.objects.count()) == (3, 2)


def test_customers_without_an_address_may_be_many():
    Customer.objects.create(name="Ann")
    Customer.objects.create(name="Bob")
    assert Customer.objects.filter(email="").count() == 2
