"""Products, and the bill of materials of each kit. What was sold before keeps the bill it was sold with."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelect
from django.db.models import ForeignKey, URLField
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from import_export import resources
from import_export.admin import ExportMixin
from unfold.admin import TabularInline
from unfold.contrib.import_export.forms import ExportForm

from products.admin.keeping import KeptAdmin
from products.models import KitPart, Product


class ProductResource(resources.ModelResource):
    class Meta:
        model = Product
        fields = ("sku", "name", "kind", "category", "manual_url", "hs_code", "country_of_origin", "is_active")


class KitPartResource(resources.ModelResource):
    class Meta:
        model = KitPart
        fields = ("kit__sku", "part__sku", "place", "quantity", "tracked", "position")


class CatalogueAdmin(ExportMixin, KeptAdmin):
    """Who may look at the catalogue may also take it along as a file."""

    export_form_class = ExportForm

    def has_export_permission(self, request: HttpRequest) -> bool:
        return bool(self.has_view_permission(request))


class PartPicker(AutocompleteSelect):
    """A search field for a part that knows the names of the parts on the page, read once for all its rows."""

    def __init__(self, field: "ForeignKey[Any, Any]", admin_site: admin.AdminSite, names: dict[str, str]) -> None:
        super().__init__(field, admin_site)
        self.names = names

    def optgroups(self, name: str, value: Sequence[str], attr: Any = None) -> list[Any]:
        chosen = value[0] if value else ""
        if chosen not in self.names:
            return super().optgroups(name, value, attr)
        return [(None, [self.create_option(name, chosen, self.names[chosen], True, 0)], 0)]


class KitPartInline(TabularInline):
    model = KitPart
    fk_name = "kit"
    fields = ("position", "part", "place", "quantity", "tracked")
    autocomplete_fields = ("part",)
    ordering = ("position", "pk")
    extra = 0
    verbose_name = _("part of the bill of materials")
    verbose_name_plural = _("bill of materials")

    def get_formset(self, request: HttpRequest, obj: Product | None = None, **kwargs: Any) -> Any:
        self._names = {str(line.part_id): str(line.part) for line in self.get_queryset(request).filter(kit=obj)}
        return super().get_formset(request, obj, **kwargs)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("kit", "part")

    def formfield_for_foreignkey(self, db_field: "ForeignKey[Any, Any]", request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "part":
            kwargs["widget"] = PartPicker(db_field, self.admin_site, self._names)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


@admin.register(Product)
class ProductAdmin(CatalogueAdmin):
    resource_classes = (ProductResource,)
    list_display = ("sku", "name", "kind", "category", "is_active")
    list_filter = ("kind", "category", "is_active")
    search_fields = ("sku", "name")
    ordering = ("sku",)
    fields = ("sku", "name", "kind", "category", "manual_url", "hs_code", "country_of_origin", "is_active")
    formfield_overrides = {URLField: {"assume_scheme": "https"}}

    def get_readonly_fields(self, request: HttpRequest, obj: Product | None = None) -> tuple[str, ...]:
        # Single or kit decides what its units were taken apart into: another kind is another product.
        return ("kind",) if obj else ()

    def get_inlines(self, request: HttpRequest, obj: Product | None) -> list[type[TabularInline]]:
        return [KitPartInline] if obj and obj.kind == Product.Kind.KIT else []


@admin.register(KitPart)
class KitPartAdmin(CatalogueAdmin):
    resource_classes = (KitPartResource,)
    list_display = ("kit", "position", "part", "place", "quantity", "tracked")
    list_filter = ("tracked",)
    list_select_related = ("kit", "part")
    search_fields = ("kit__sku", "part__sku", "place")
    search_help_text = _("Article number of the kit or the part, or a place.")
    autocomplete_fields = ("kit", "part")
    ordering = ("kit__sku", "position", "pk")
