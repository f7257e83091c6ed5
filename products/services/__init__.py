"""What may be done with what was sold: the only writers of invoices, serials, voids and clocks.

Each verb is one transaction with its rows locked, leaves a row that says what changed, and raises `Refused` (with
nothing changed) for what the rules do not allow.
"""

from products.services.bills import AddedPart
from products.services.catalogue import Catalogue, load_catalogue
from products.services.changing import change_order
from products.services.checking import ShopsWord
from products.services.clocks import recompute
from products.services.correcting import correct_bill, correct_delivery_date, correct_invoice_date
from products.services.correction import Correction
from products.services.customers import find_or_create_customer, keep_language
from products.services.numbering import record_serials
from products.services.pausing import WindowData, set_pauses
from products.services.refunding import refund_units, take_refund_back
from products.services.replacing import replace_part
from products.services.sale_data import CustomerData, InvoiceData, LineData, UnitData
from products.services.selling import Registered, Registration, register_invoice, register_invoices
from products.services.voiding import lift_void, void_part

__all__ = [
    "AddedPart",
    "Catalogue",
    "Correction",
    "CustomerData",
    "InvoiceData",
    "LineData",
    "Registered",
    "Registration",
    "ShopsWord",
    "UnitData",
    "WindowData",
    "change_order",
    "correct_bill",
    "correct_delivery_date",
    "correct_invoice_date",
    "find_or_create_customer",
    "keep_language",
    "lift_void",
    "load_catalogue",
    "recompute",
    "record_serials",
    "refund_units",
    "register_invoice",
    "register_invoices",
    "replace_part",
    "set_pauses",
    "take_refund_back",
    "void_part",
]
