"""The trail in the admin: to look at, like every record."""

from django.contrib import admin

from products.admin.looking import RecordAdmin
from warrantydesk.audit.models import AuditEntry


@admin.register(AuditEntry)
class AuditEntryAdmin(RecordAdmin):
    list_display = ("at", "who", "person", "verb", "kind", "object_id", "network")
    list_filter = ("who",)
    fields = ("at", "who", "person", "token", "network", "verb", "kind", "object_id", "facts")
