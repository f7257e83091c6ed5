"""Customers and invoices as they were registered. An invoice is never edited: it starts the clocks of its parts."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.db.models.functions import Lower
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import RangeDateFilter

from products.admin.doing import DoingAdmin
from products.admin.keeping import KeptAdmin
from products.admin.looking import LongList, RecordAdmin, RecordInline
from products.admin.verbs import INVOICE_VERBS, UNIT_VERBS
from products.models import Customer, Invoice, InvoiceLine, SaleCorrection, SoldUnit
from products.queries import find_by_serial, find_invoice


@admin.register(Customer)
class CustomerAdmin(LongList, KeptAdmin):
    list_display = ("name", "email", "country", "language", "time_zone")
    list_display_links = ("name", "email")
    search_fields = ("email",)
    search_help_text = _("The whole e-mail address, in any case.")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Customer], search_term: str
    ) -> tuple[QuerySet[Customer], bool]:
        term = search_term.strip().lower()
        if not term:
            return queryset, False
        # The second condition is that of the unique index on the address, or PostgreSQL would not use it.
        return queryset.alias(lowered=Lower("email")).filter(lowered=term).exclude(email=""), False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # a customer appears with an invoice or a mail

    def has_delete_permission(self, request: HttpRequest, obj: Customer | None = None) -> bool:
        return False  # `erase_customer` knows what has to go with them, and what has to stay


class InvoiceLineInline(RecordInline):
    model = InvoiceLine
    fields = ("position", "product", "quantity", "unit_price")
    reads_also = ("product", "invoice")
    ordering = ("position",)


class CorrectionInline(RecordInline):
    model = SaleCorrection
    fields = ("at", "what", "before", "after", "reason", "actor")
    reads_also = ("actor", "invoice")
    ordering = ("pk",)
    hide_title = True


class InvoiceSearch:
    """Finds by invoice number or serial number, however they are written, through the indexes of `products.queries`."""

    search_fields = ("number",)
    search_help_text = _("An invoice number or a serial number, in any spelling.")
    invoice_path = "invoice"

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        if not search_term.strip():
            return queryset, False
        invoices = [invoice.pk for invoice in find_invoice(search_term)]
        return queryset.filter(self.found(invoices, search_term)), False

    def found(self, invoices: list[int], search_term: str) -> Q:
        return Q(**{f"{self.invoice_path}__in": invoices})


@admin.register(Invoice)
class InvoiceAdmin(InvoiceSearch, DoingAdmin, RecordAdmin):
    verbs = INVOICE_VERBS
    list_display = ("number", "shop", "issued_on", "delivered_on", "customer", "country")
    list_filter = (("issued_on", RangeDateFilter),)
    list_select_related = ("customer",)
    ordering = ("-pk",)
    inlines = (InvoiceLineInline, CorrectionInline)
    fields = ("shop", "number", "customer", "country", "currency", "issued_on", "delivered_on", "created_at", "cover")
    readonly_fields = ("cover",)

    def found(self, invoices: list[int], search_term: str) -> Q:
        match = find_by_serial(search_term)
        by_serial = [*(unit.line.invoice_id for unit in match.units), *(p.unit.line.invoice_id for p in match.parts)]
        return Q(pk__in=[*invoices, *by_serial])

    @admin.display(description=_("covered parts"))
    def cover(self, invoice: Invoice) -> str:
        page = reverse("admin:products_coveredpart_changelist", query={"q": invoice.number})
        return format_html('<a href="{}">{}</a>', page, _("Show the covered parts"))


@admin.register(InvoiceLine)
class InvoiceLineAdmin(InvoiceSearch, RecordAdmin):
    list_display = ("invoice", "position", "product", "quantity", "unit_price")
    list_select_related = ("invoice", "product")


@admin.register(SoldUnit)
class SoldUnitAdmin(InvoiceSearch, DoingAdmin, RecordAdmin):
    verbs = UNIT_VERBS
    list_display = ("product", "number", "serial", "invoice", "refunded_on")
    list_select_related = ("line__invoice", "line__product")
    invoice_path = "line__invoice"

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("line__invoice", "line__product")

    def found(self, invoices: list[int], search_term: str) -> Q:
        match = find_by_serial(search_term)
        units = [*(unit.pk for unit in match.units), *(part.unit_id for part in match.parts)]
        return super().found(invoices, search_term) | Q(pk__in=units)

    @admin.display(description=_("product"))
    def product(self, unit: SoldUnit) -> str:
        return unit.line.product.name

    @admin.display(description=_("invoice"))
    def invoice(self, unit: SoldUnit) -> str:
        return unit.line.invoice.number


@admin.register(SaleCorrection)
class SaleCorrectionAdmin(InvoiceSearch, RecordAdmin):
    list_display = ("invoice", "what", "at", "actor")
    list_select_related = ("invoice", "actor")
