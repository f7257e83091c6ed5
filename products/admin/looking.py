"""Admin pages that only show: records of what happened are nobody's to edit (house law 7)."""

from typing import Any

from django.contrib.admin import ShowFacets
from django.http import HttpRequest
from unfold.admin import ModelAdmin, TabularInline
from unfold.paginator import InfinitePaginator

from products.admin.listing import RecordList


class NobodyEdits:
    """No door in: neither add, change nor delete, whatever permission somebody has."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class LongList:
    """Mixed into the admin of a table of millions of rows: newest first, its pages turned from a row, never counted."""

    ordering: tuple[str, ...] = ("-pk",)
    paginator = InfinitePaginator
    change_list_template = "admin/record_list.html"
    show_full_result_count = False
    show_facets = ShowFacets.NEVER
    sortable_by: tuple[str, ...] = ()  # a click would sort millions of rows; only columns with an index may
    list_filter_submit = True
    list_per_page = 25

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[RecordList]:
        return RecordList


class RecordAdmin(NobodyEdits, LongList, ModelAdmin):
    """A table of records: to look at only."""


class RecordInline(NobodyEdits, TabularInline):
    """`reads_also` names the foreign keys each row shows, so that no row needs a query of its own."""

    extra = 0
    reads_also: tuple[str, ...] = ()

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related(*self.reads_also)
