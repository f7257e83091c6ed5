"""What every page about a case has: found by reference, address or invoice, through an index, however it is written."""

from typing import Any, ClassVar

from django.db.models import Q
from django.db.models.functions import Lower
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from cases.reference import parse_reference
from products.admin.looking import RecordAdmin
from products.models import Customer
from products.queries import find_invoice


class CaseSearch:
    """`case_path` leads from the model to its case ("" on the case itself)."""

    search_fields = ("=reference", "=customer__email", "=invoice__number")  # what is really asked is below
    search_help_text = _(
        "The reference of a case, the customer's whole address, or an invoice number, in any spelling."
    )
    case_path = "case"

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        written = search_term.strip()
        return (queryset.filter(self.found(written)) if written else queryset), False

    def found(self, written: str) -> Q:
        if reference := parse_reference(written):
            return Q(**{self._to("reference"): reference})
        if "@" in written:
            # Known by then: asked for in a subquery, PostgreSQL expects hundreds and reads every case of a million.
            return Q(**{self._to("customer__in"): list(customers_of(written).values_list("pk", flat=True))})
        return Q(**{self._to("invoice__in"): [invoice.pk for invoice in find_invoice(written)]})

    def _to(self, lookup: str) -> str:
        return f"{self.case_path}__{lookup}" if self.case_path else lookup


def customers_of(address: str) -> Any:
    # The second condition is that of the unique index on the address, or PostgreSQL would not use it.
    return Customer.objects.alias(lowered=Lower("email")).filter(lowered=address.lower()).exclude(email="")


class OfCaseAdmin(CaseSearch, RecordAdmin):
    """Something of a case. `reads_also` names what else a row shows, so that no row needs a query of its own."""

    reads_also: ClassVar[tuple[str, ...]] = ()

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("case", *self.reads_also)


def as_written(words: str) -> str:
    """Words as they were written, with their line breaks, and never as markup."""
    return format_html('<div class="whitespace-pre-wrap break-words">{}</div>', words)
