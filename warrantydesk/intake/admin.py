"""Inspection of incoming mail. What becomes of it is decided on the desk."""

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from products.admin.looking import LongList
from warrantydesk.intake.models import IncomingMail, MailboxState


@admin.register(IncomingMail)
class IncomingMailAdmin(LongList, ModelAdmin):
    list_display = ("received_at", "from_address", "subject", "outcome", "reason", "case", "settled_at")
    list_filter = ("outcome", ("received_at", admin.DateFieldListFilter))
    list_select_related = ("case",)
    search_fields = ("=rfc_message_id", "=from_address", "=case__reference")
    list_filter_submit = False
    ordering = ("-received_at", "-id")
    exclude = ("raw",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: IncomingMail | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: IncomingMail | None = None) -> bool:
        return False


@admin.register(MailboxState)
class MailboxStateAdmin(ModelAdmin):
    list_display = ("name", "succeeded_at", "waiting", "oldest_waiting_at", "fetched", "problem")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: MailboxState | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: MailboxState | None = None) -> bool:
        return False
