"""Things to test with: products, kits, customers, invoices and the covered parts that came out of them.

Invoices go through `register_invoice`, so a test never meets a part the desk itself could not have made.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import factory
from django.conf import settings
from factory.django import DjangoModelFactory

from products.models import CoveredPart, Customer, Invoice, KitPart, Product
from products.services import CustomerData, InvoiceData, LineData, UnitData, register_invoice

BOUGHT_ON = dt.date(2025, 3, 3)  # as in the worked table of the policy: covered through 2026-03-03


class StaffFactory(DjangoModelFactory):
    """A colleague who may open the desk, with no permission beyond that."""

    class Meta:
        model = settings.AUTH_USER_MODEL

    email = factory.Sequence(lambda n: f"colleague{n}@positron.example")
    name = factory.Sequence(lambda n: f"Colleague {n}")


class ProductFactory(DjangoModelFactory):
    class Meta:
        model = Product

    sku = factory.Sequence(lambda n: f"PART-{n}")
    name = factory.Sequence(lambda n: f"Part {n}")

    class Params:
        motor = factory.Trait(category=Product.Category.MOTOR, name="Stepper motor")
        consumable = factory.Trait(category=Product.Category.CONSUMABLE, name="Screws")


class KitFactory(DjangoModelFactory):
    """A printer kit of five covered parts: a frame, a motor each for X and Y, bearings and screws as lots.

    `bill=[(product, quantity, "singly" | "lot", place), …]` gives another bill of materials, `bill=()` an empty one.
    """

    class Meta:
        model = Product
        skip_postgeneration_save = True

    sku = factory.Sequence(lambda n: f"KIT-{n}")
    name = factory.Sequence(lambda n: f"Printer kit {n}")
    kind = Product.Kind.KIT

    @factory.post_generation
    def bill(self: Any, create: bool, lines: Sequence[tuple] | None, **_kwargs: Any) -> None:
        if not create:
            return
        if lines is None:
            lines = default_bill()
        for position, (part, quantity, tracked, place) in enumerate(lines):
            KitPart.objects.create(
                kit=self, part=part, quantity=quantity, tracked=tracked, place=place, position=position
            )


def default_bill() -> list[tuple]:
    motor = ProductFactory(motor=True)
    return [
        (ProductFactory(name="Frame"), 1, "singly", ""),
        (motor, 1, "singly", "X axis"),
        (motor, 1, "singly", "Y axis"),
        (ProductFactory(name="Ball bearings", category="consumable"), 12, "lot", ""),
        (ProductFactory(consumable=True), 80, "lot", ""),
    ]


class CustomerFactory(DjangoModelFactory):
    class Meta:
        model = Customer

    email = factory.Sequence(lambda n: f"maker{n}@example.com")
    name = factory.Sequence(lambda n: f"Maker {n}")
    country = "DE"
    language = "en"


class InvoiceFactory(DjangoModelFactory):
    """A registered invoice: `products` (a kit by default), one unit of each, `serials` for those units in order.

    `lines=[LineData, …]` says it exactly instead; `customer` is a Customer with an address, or CustomerData.
    """

    class Meta:
        model = Invoice

    number = factory.Sequence(lambda n: f"INV-2025-{n:05}")
    issued_on = BOUGHT_ON
    customer = factory.SubFactory(CustomerFactory)

    @classmethod
    def _create(cls, model_class: type[Invoice], *args: Any, **given: Any) -> Invoice:
        products, serials = given.pop("products", None), given.pop("serials", ())
        if "lines" not in given:
            given["lines"] = lines_of(products or [KitFactory()], serials)
        given["customer"] = customer_data(given["customer"])
        invoice, created = register_invoice(InvoiceData(**given))
        assert created, f"invoice {invoice.number} was registered before"
        return invoice


def invoice_data(*lines: LineData, **given: Any) -> InvoiceData:
    """A sale not yet registered: INV-2025-1 to ann@example.com, of one new product if no line is given."""
    whole = {
        "number": "INV-2025-1",
        "issued_on": BOUGHT_ON,
        "customer": CustomerData(email="ann@example.com", name="Ann", country="NO"),
        "lines": lines or (LineData(ProductFactory().sku),),
    }
    return InvoiceData(**{**whole, **given})


def lines_of(products: Sequence[Product], serials: Sequence[str] = ()) -> list[LineData]:
    known = [*serials, *[""] * len(products)]
    return [LineData(product.sku, units=(UnitData(serial),)) for product, serial in zip(products, known, strict=False)]


def customer_data(customer: Customer | CustomerData) -> CustomerData:
    if isinstance(customer, CustomerData):
        return customer
    return CustomerData(email=customer.email, name=customer.name, country=str(customer.country))


class CoveredPartFactory(DjangoModelFactory):
    """A product sold singly on its own invoice, as its one covered part.

    `product` or `category` chooses what, `serial` is on its box, and `number`, `issued_on`, `customer`, … are the
    invoice's.
    """

    class Meta:
        model = CoveredPart

    @classmethod
    def _create(cls, model_class: type[CoveredPart], *args: Any, **given: Any) -> CoveredPart:
        category, serial = given.pop("category", Product.Category.STANDARD), given.pop("serial", "")
        product = given.pop("product", None) or ProductFactory(category=category)
        invoice = InvoiceFactory(products=[product], serials=[serial], **given)
        return CoveredPart.objects.select_related("product", "unit__line__invoice").get(unit__line__invoice=invoice)


def parts_of(invoice: Invoice) -> list[CoveredPart]:
    """All covered parts of an invoice, in order."""
    rows = CoveredPart.objects.filter(unit__line__invoice=invoice).select_related("product", "unit")
    return list(rows.order_by("unit__line__position", "unit__number", "position"))
