"""What may be done with what was sold: the only writers of invoices, serials, voids and clocks.

Each verb is one transaction with its rows locked, leaves a row that says what changed, and raises `Refused` (with
nothing changed) for what the rules do not allow.
"""

from products.services.bills import AddedPart
from products.services.catalogue import Catalogue, load_catalogue
from products.services.clocks import recompute
from products.services.correcting import Correction, correct_bill, correct_delivery_date, correct_invoice_date
from products.services.customers import find_or_create_customer
from products.services.pausing import WindowData, set_pauses
from products.services.replacing import replace_part
from products.services.sale_data import CustomerData, InvoiceData, LineData, UnitData
from products.services.selling import register_invoice
from products.services.voiding import lift_void, void_part

__all__ = [
    "AddedPart",
    "Catalogue",
    "Correction",
    "CustomerData",
    "InvoiceData",
    "LineData",
    "UnitData",
    "WindowData",
    "correct_bill",
    "correct_delivery_date",
    "correct_invoice_date",
    "find_or_create_customer",
    "lift_void",
    "load_catalogue",
    "recompute",
    "register_invoice",
    "replace_part",
    "set_pauses",
    "void_part",
]
