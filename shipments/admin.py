"""Parcels with their packing lists and scans, the carrier's raw words included. To look at only: a parcel is booked,
corrected and cancelled on the desk, through the services."""

import json
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import RangeDateTimeFilter

from products.admin.looking import RecordAdmin, RecordInline
from shipments.carriers.registry import identify, offered_carriers
from shipments.models import CarrierHealth, PackedPart, PauseProof, RepairShipment, TrackingEvent, TrackingHook
from shipments.services.legs import event_of


class PackedPartInline(RecordInline):
    model = PackedPart
    fields = ("part", "covered_through", "paused_since")
    readonly_fields = ("covered_through", "paused_since")
    reads_also = ("part__product",)
    ordering = ("part__position", "pk")

    @admin.display(description=_("covered through"))
    def covered_through(self, line: PackedPart) -> Any:
        return line.part.covered_through

    @admin.display(description=_("paused since"))
    def paused_since(self, line: PackedPart) -> Any:
        return line.part.paused_since


class TrackingEventInline(RecordInline):
    model = TrackingEvent
    fields = ("occurred_on", "local_time", "kind", "code", "voids", "place", "text", "heard", "heard_at", "payload")
    readonly_fields = ("local_time", "payload")
    ordering = ("occurred_on", "occurred_at", "pk")

    @admin.display(description=_("local time"))
    def local_time(self, event: TrackingEvent) -> str:
        at = event_of(event).occurred_at
        return at.strftime("%H:%M %z") if at else ""

    @admin.display(description=_("as received"))
    def payload(self, event: TrackingEvent) -> str:
        return format_html("<pre>{}</pre>", json.dumps(event.raw, indent=1, ensure_ascii=False))


@admin.register(RepairShipment)
class RepairShipmentAdmin(RecordAdmin):
    list_display = (
        "tracking_number", "carrier_name", "case", "direction", "latest_kind", "latest_event_at", "arrived_at",
        "next_look_at", "look_failures", "cancelled_at",
    )  # fmt: skip
    list_select_related = ("case",)
    list_filter = ("direction", "latest_kind", "carrier", "proposed", ("booked_at", RangeDateTimeFilter))
    search_fields = ("=tracking_number", "=case__reference")
    search_help_text = _("A whole tracking number, however it is written, or the reference of a case.")
    inlines = (PackedPartInline, TrackingEventInline)
    fieldsets = (
        (None, {"fields": ("case", "direction", "carrier", "tracking_number", "whole_product", "proposed")}),
        (_("Booked"), {"fields": ("booked_at", "booked_by", "created_at", "cancelled_at")}),
        (_("Seen"), {"fields": ("latest_kind", "latest_event_at", "arrived_at")}),
        (_("Asked"), {"fields": ("next_look_at", "looked_at", "look_claimed_at", "look_failures", "look_problem")}),
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("case", "booked_by")

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        # A number is searched for as people write it, with its blanks and dashes: those would part the words here.
        number = identify(search_term).normalised
        if number and queryset.filter(tracking_number=number).exists():
            return queryset.filter(tracking_number=number), False
        found: tuple[Any, bool] = super().get_search_results(request, queryset, search_term)
        return found

    @admin.display(description=_("carrier"), ordering="carrier")
    def carrier_name(self, shipment: RepairShipment) -> str:
        carrier = offered_carriers().get(shipment.carrier)
        return carrier.name if carrier else shipment.carrier


@admin.register(TrackingEvent)
class TrackingEventAdmin(RecordAdmin):
    list_display = ("occurred_on", "kind", "code", "place", "shipment", "heard", "heard_at")
    list_filter = ("kind", "heard", ("heard_at", RangeDateTimeFilter))
    search_fields = ("=shipment__tracking_number", "=shipment__case__reference")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("shipment", "recorded_by")


@admin.register(CarrierHealth)
class CarrierHealthAdmin(RecordAdmin):
    list_display = (
        "carrier", "failures", "open_until", "latency_ms", "last_success_at", "last_problem", "last_problem_at",
        "heard_at", "refused_at",
    )  # fmt: skip
    search_fields = ("=carrier",)


@admin.register(TrackingHook)
class TrackingHookAdmin(RecordAdmin):
    list_display = (
        "received_at", "carrier", "proved", "outcome", "events", "unknown_numbers", "times_seen", "problem",
    )  # fmt: skip
    list_filter = ("outcome", "carrier", "proved", ("received_at", RangeDateTimeFilter))
    search_fields = ("=delivery", "=sha256")
    exclude = ("body",)
    readonly_fields = ("as_received",)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).defer("body")

    @admin.display(description=_("as received"))
    def as_received(self, hook: TrackingHook) -> str:
        return format_html("<pre>{}</pre>", bytes(hook.body)[:100_000].decode(errors="replace"))


@admin.register(PauseProof)
class PauseProofAdmin(RecordAdmin):
    list_display = ("began_at", "finished_at", "parts", "different")
