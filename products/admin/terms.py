"""The promise and the reasons for denying it, as data the maker edits."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Exists, OuterRef
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from products.admin.keeping import KeptAdmin
from products.models import CoveredPart, VoidReason, WarrantyTerms

FROZEN = _(
    "Parts have been sold under these terms, and a promise once made is kept (policy 1.3): they can be neither changed "
    "nor deleted. To promise something else from now on, add new terms with a later first day."
)


@admin.register(WarrantyTerms)
class WarrantyTermsAdmin(KeptAdmin):
    list_display = ("effective_from", "months", "starts_from", "note", "is_in_use")
    ordering = ("-effective_from",)

    def get_queryset(self, request: HttpRequest) -> Any:
        sold = CoveredPart.objects.filter(terms=OuterRef("pk"))
        return super().get_queryset(request).annotate(sold=Exists(sold))

    @admin.display(description=_("parts sold under them"), boolean=True)
    def is_in_use(self, terms: WarrantyTerms) -> bool:
        return bool(getattr(terms, "sold", False))

    def has_change_permission(self, request: HttpRequest, obj: WarrantyTerms | None = None) -> bool:
        return super().has_change_permission(request, obj) and not _in_use(obj)

    def has_delete_permission(self, request: HttpRequest, obj: WarrantyTerms | None = None) -> bool:
        return super().has_delete_permission(request, obj) and not _in_use(obj)

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> Any:
        if request.method == "GET" and _in_use(self.get_object(request, object_id)):
            messages.info(request, FROZEN)
        return super().change_view(request, object_id, *args, **kwargs)


def _in_use(terms: WarrantyTerms | None) -> bool:
    return terms is not None and CoveredPart.objects.filter(terms=terms).exists()


@admin.register(VoidReason)
class VoidReasonAdmin(KeptAdmin):
    list_display = ("position", "title", "clause", "effect", "motors_only", "code")
    list_display_links = ("title",)
    ordering = ("position",)
    fields = ("title", "text", "clause", "position", "code", "effect", "motors_only")

    def get_readonly_fields(self, request: HttpRequest, obj: VoidReason | None = None) -> tuple[str, ...]:
        # The rules know the reasons by these; the words are the maker's.
        return ("code", "effect", "motors_only") if obj else ()
