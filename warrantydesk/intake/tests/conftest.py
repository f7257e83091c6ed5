import datetime as dt

import pytest

from products.models import Invoice
from products.services import CustomerData, InvoiceData, LineData, UnitData, register_invoice
from products.tests.factories import KitFactory, ProductFactory, default_bill
from warrantydesk.intake.tests.dovecot import account, dovecot, line
from warrantydesk.intake.tests.smtp_sink import sink

__all__ = ["NOW", "account", "dovecot", "line", "sink"]
NOW = dt.datetime(2025, 11, 5, 9, 30, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def _own_files(settings, other_path):
    """A storage of its own for every test: a file left behind belongs to the test that left it."""
    storage = {
        **settings.STORAGES["default"],
        "OPTIONS": {"location": other_path, "base_url": None},
    }
    settings.STORAGES = {**settings.STORAGES, "default": storage}


@pytest.fixture
def hinge() -> Invoice:
    """What the plain mail is about: a hinge sold singly to Ada."""
    product = ProductFactory(name="Door hinge")
    return register_invoice(
        InvoiceData(
            number="INV-2024-00123",
            issued_on=dt.date(2025, 3, 3),
            customer=CustomerData(email="ada@example.com", name="Ada Kunde", country="DE"),
            lines=[LineData(product.sku, units=[UnitData("SN-AB12-9988")])],
        )
    )[0]


@pytest.fixture
def printer() -> Invoice:
    """A printer kit whose motors have serial numbers of their own."""
    bill = default_bill()
    motor = bill[1][0]
    kit = KitFactory(bill=bill, name="Positron PK3 kit")
    return register_invoice(
        InvoiceData(
            number="INV-2025-00812",
            issued_on=dt.date(2025, 3, 3),
            customer=CustomerData(email="ingrid@example.no", name="Ingrid Sørensen", country="NO"),
            lines=[LineData(kit.sku, units=[UnitData("PK3-00417", {motor.sku: ["MX-88213", "MX-88214"]})])],
        )
    )[0]
