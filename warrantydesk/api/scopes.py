"""What a token may be used for. A scope opens a door for which its person needs the permission anyway."""

from django.utils.translation import gettext_lazy as _

# scope → (permission its person needs, what it is for)
SCOPES = {
    "products:read": ("products.view_product", _("Read the catalogue")),
    "invoices:read": ("products.view_invoice", _("Read invoices, parts and their clocks")),
    "invoices:write": ("products.import_invoices", _("Register invoices and record serial numbers")),
    "cases:read": ("cases.view_case", _("Read cases, their conversation and evidence")),
    "cases:write": ("cases.handle_case", _("Open cases, write, add evidence, move them on")),
    "cases:decide": ("cases.decide_case", _("Record findings and decide")),
    "parcels:read": ("shipments.view_repairshipment", _("Read parcels and their scans")),
    "parcels:write": ("shipments.handle_shipment", _("Book parcels and tell what happened to them")),
    "reports:read": ("cases.see_reports", _("Read the reports of the managers")),
}


def permission_of(scope: str) -> str:
    return SCOPES[scope][0]
