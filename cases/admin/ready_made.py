"""What the maker keeps ready: canned replies, templates of quotes, the line about statutory rights."""

from typing import Any

from django.contrib import admin
from django.db.models import Count
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from import_export import resources
from import_export.admin import ImportExportMixin
from unfold.admin import TabularInline
from unfold.contrib.import_export.forms import ExportForm, ImportForm

from cases.admin.template_sheets import QuoteTemplateResource
from cases.models import CannedReply, QuoteTemplate, QuoteTemplateLine, RightsNotice
from products.admin.keeping import KeptAdmin


class CannedReplyResource(resources.ModelResource):
    class Meta:
        model = CannedReply
        import_id_fields = ("title", "language")
        fields = ("title", "language", "text", "is_active")
        clean_model_instances = True  # a reply with a place that does not exist is refused here too


class RightsNoticeResource(resources.ModelResource):
    class Meta:
        model = RightsNotice
        import_id_fields = ("language",)
        fields = ("language", "text")
        clean_model_instances = True


class ReadyMadeAdmin(ImportExportMixin, KeptAdmin):
    """Who may change them may bring them as a file, who may look may take them along as one."""

    import_form_class = ImportForm
    export_form_class = ExportForm

    def has_import_permission(self, request: HttpRequest) -> bool:
        return bool(self.has_add_permission(request) and self.has_change_permission(request))

    def has_export_permission(self, request: HttpRequest) -> bool:
        return bool(self.has_view_permission(request))


@admin.register(CannedReply)
class CannedReplyAdmin(ReadyMadeAdmin):
    resource_classes = (CannedReplyResource,)
    list_display = ("title", "language", "is_active")
    list_filter = ("language", "is_active")
    search_fields = ("title", "text")
    fields = ("title", "language", "text", "is_active")


@admin.register(RightsNotice)
class RightsNoticeAdmin(ReadyMadeAdmin):
    resource_classes = (RightsNoticeResource,)
    list_display = ("language", "text")
    search_fields = ("language", "text")


class QuoteTemplateLineInline(TabularInline):
    model = QuoteTemplateLine
    fields = ("position", "kind", "description", "amount")
    ordering = ("position", "pk")
    extra = 0
    min_num = 1
    hide_title = True


@admin.register(QuoteTemplate)
class QuoteTemplateAdmin(ReadyMadeAdmin):
    resource_classes = (QuoteTemplateResource,)
    list_display = ("name", "product", "currency", "lines_written", "is_active")
    list_filter = ("currency", "is_active")
    list_select_related = ("product",)
    search_fields = ("name", "product__sku", "product__name")
    autocomplete_fields = ("product",)
    fields = ("name", "product", "currency", "is_active")
    inlines = (QuoteTemplateLineInline,)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).annotate(line_count=Count("lines"))

    @admin.display(description=_("lines"))
    def lines_written(self, template: QuoteTemplate) -> int:
        return int(getattr(template, "line_count", 0))
