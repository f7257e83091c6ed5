from products.models.catalogue import KitPart, Product
from products.models.coverage import ClockChange, CoveredPart, PartVoid, PauseWindow, SerialChange
from products.models.imports import ColumnMapping, ImportProblem, ImportRun
from products.models.invoices import Customer, Invoice, InvoiceLine, SaleCorrection, SoldUnit
from products.models.terms import VoidReason, WarrantyTerms

__all__ = [
    "ClockChange",
    "ColumnMapping",
    "CoveredPart",
    "Customer",
    "ImportProblem",
    "ImportRun",
    "Invoice",
    "InvoiceLine",
    "KitPart",
    "PartVoid",
    "PauseWindow",
    "Product",
    "SaleCorrection",
    "SerialChange",
    "SoldUnit",
    "VoidReason",
    "WarrantyTerms",
]
