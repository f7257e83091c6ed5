"""Covered parts with their clocks explained, and everything that ever happened to them. To look at only."""

import datetime as dt
from typing import Any

from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import RangeDateFilter

from products.admin.doing import DoingAdmin
from products.admin.looking import RecordAdmin, RecordInline
from products.admin.sales import InvoiceSearch
from products.admin.verbs import PART_VERBS
from products.explaining import explainable, explained
from products.models import ClockChange, CoveredPart, PartVoid, PauseWindow, SerialChange
from products.queries import find_by_serial

CLOCK_CSS = ("css/tokens.css", "css/components/clock.css", "css/components/clock-steps.css", "css/admin/clock.css")


class PartSearch(InvoiceSearch):
    """By invoice, and by every serial number the part or its unit has or had."""

    part_path = ""

    def found(self, invoices: list[int], search_term: str) -> Q:
        match = find_by_serial(search_term)
        to_part = f"{self.part_path}__" if self.part_path else ""
        return (
            Q(**{f"{to_part}unit__line__invoice__in": invoices})
            | Q(**{f"{self.part_path or 'pk'}__in": [part.pk for part in match.parts]})
            | Q(**{f"{to_part}unit__in": [unit.pk for unit in match.units]})
        )


class OfPartAdmin(PartSearch, RecordAdmin):
    """Something that happened to a part."""

    part_path = "part"
    reads_also: tuple[str, ...] = ()

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("part__product", *self.reads_also)


class PauseInline(RecordInline):
    model = PauseWindow
    fields = ("left_on", "back_on", "source", "certainty", "review_reasons", "reason", "confirmed_by", "confirmed_at")
    reads_also = ("confirmed_by",)
    ordering = ("left_on", "pk")


class SerialInline(RecordInline):
    model = SerialChange
    fields = ("old_serial", "new_serial", "changed_at", "changed_by", "case_reference")
    reads_also = ("changed_by",)
    ordering = ("pk",)


class VoidInline(RecordInline):
    model = PartVoid
    fields = ("reason", "case_reference", "note", "voided_at", "voided_by", "lifted_at", "lifted_by", "lift_reason")
    reads_also = ("reason", "voided_by", "lifted_by", "part__product")
    ordering = ("pk",)


class ChangeInline(RecordInline):
    model = ClockChange
    fields = ("at", "cause", "before", "after", "actor")
    reads_also = ("actor",)
    ordering = ("pk",)


@admin.register(CoveredPart)
class CoveredPartAdmin(PartSearch, DoingAdmin, RecordAdmin):
    verbs = PART_VERBS
    list_display = (
        "label",
        "serial",
        "invoice",
        "category",
        "covered_through",
        "paused_since",
        "voided_at",
        "refunded_on",
    )
    list_filter = (("covered_through", RangeDateFilter),)
    sortable_by = ("covered_through",)
    inlines = (PauseInline, SerialInline, VoidInline, ChangeInline)
    readonly_fields = ("clock", "invoice", "refunded_on")
    fieldsets = (
        (None, {"fields": ("invoice", "unit", "product", "place", "serial", "quantity", "is_lot", "category")}),
        (_("Clock"), {"fields": ("clock", "voided_at", "refunded_on")}),
        (
            _("As stored"),
            {
                "fields": (
                    "terms", "term_months", "starts_on", "started_by", "base_covered_through", "covered_through",
                    "extended_days", "paused_since",
                )
            },
        ),
    )  # fmt: skip

    class Media:
        css = {"all": CLOCK_CSS}

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("product", "unit__line__invoice")  # what a row shows

    @admin.display(description=_("part"))
    def label(self, part: CoveredPart) -> str:
        return part.label

    @admin.display(description=_("invoice"))
    def invoice(self, part: CoveredPart) -> str:
        return part.unit.line.invoice.number

    @admin.display(description=_("refunded on"))
    def refunded_on(self, part: CoveredPart) -> dt.date | None:
        return part.unit.refunded_on

    @admin.display(description=_("why this date"))
    def clock(self, part: CoveredPart) -> SafeString:
        known = explainable(CoveredPart.objects.filter(pk=part.pk)).get()
        context = {"explained": explained(known, timezone.localdate()), "key": part.pk}
        return render_to_string("admin/products/clock.html", context)


@admin.register(PauseWindow)
class PauseWindowAdmin(OfPartAdmin):
    list_display = ("part", "left_on", "back_on", "source", "certainty", "confirmed_by")
    reads_also = ("confirmed_by",)


@admin.register(SerialChange)
class SerialChangeAdmin(OfPartAdmin):
    list_display = ("part", "old_serial", "new_serial", "changed_at", "changed_by", "case_reference")
    reads_also = ("changed_by",)


@admin.register(PartVoid)
class PartVoidAdmin(OfPartAdmin):
    list_display = ("part", "reason", "voided_at", "voided_by", "lifted_at", "case_reference")
    reads_also = ("reason", "voided_by", "lifted_by")


@admin.register(ClockChange)
class ClockChangeAdmin(OfPartAdmin):
    list_display = ("part", "at", "cause", "actor")
    reads_also = ("actor",)
