"""How the desk works: its hours and holidays, who gets which product, who is away, and the tags there are."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline

from cases.models import Absence, AssignmentRule, DeskCalendar, Holiday, Tag
from cases.models.desk import DAYS
from cases.tasks import recount_response_clocks
from cases.waking import wake
from products.admin.keeping import KeptAdmin


class HolidayInline(TabularInline):
    model = Holiday
    extra = 0
    ordering = ("-on",)


@admin.register(DeskCalendar)
class DeskCalendarAdmin(KeptAdmin):
    """Once saved, the response clocks of all open cases are counted anew, in the background."""

    list_display = ("name", "is_default", "time_zone", "first_reply_hours", "decision_hours")
    search_fields = ("name",)
    inlines = (HolidayInline,)
    fieldsets = (
        (None, {"fields": ("name", "is_default", "countries", "time_zone")}),
        (
            _("Hours"),
            {
                "fields": DAYS,
                "description": _("Write 09:00-17:00, or 09:00-12:00, 13:00-17:00; leave a day off empty."),
            },
        ),
        (_("Targets, in working hours"), {"fields": ("first_reply_hours", "decision_hours")}),
    )

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        wake(recount_response_clocks)

    def delete_model(self, request: HttpRequest, obj: DeskCalendar) -> None:
        super().delete_model(request, obj)
        wake(recount_response_clocks)

    def has_delete_permission(self, request: HttpRequest, obj: DeskCalendar | None = None) -> bool:
        """The default one stays: without it a case of another country would have no response clock."""
        return super().has_delete_permission(request, obj) and not (obj is not None and obj.is_default)


@admin.register(Tag)
class TagAdmin(KeptAdmin):
    search_fields = ("name",)


@admin.register(AssignmentRule)
class AssignmentRuleAdmin(KeptAdmin):
    list_display = ("product", "person")
    list_select_related = ("product", "person")
    list_filter = ("person",)
    autocomplete_fields = ("product", "person")


@admin.register(Absence)
class AbsenceAdmin(KeptAdmin):
    list_display = ("person", "first_on", "last_on", "deputy", "note")
    list_select_related = ("person", "deputy")
    list_filter = ("person",)
    autocomplete_fields = ("person", "deputy")
