"""The list of a RecordAdmin: its pages hang on a row instead of a number, and its table is drawn in one pass.

A page found by its number is reached by reading every row before it: ten seconds in a million. Unfold's own table asks
for the headers anew in every row and runs a template for each: half the time of a page.
"""

from collections.abc import Callable
from html import escape
from typing import Any

from django.contrib.admin.utils import label_for_field, lookup_field
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import FieldDoesNotExist
from django.db.models import DateField, DateTimeField, ForeignKey, Q, QuerySet
from django.http import HttpRequest
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe
from unfold.templatetags.unfold_list import LINK_CLASSES, ROW_CLASSES, result_headers
from unfold.utils import display_for_field, display_for_value

from products.localised import moment

AFTER, BEFORE, LAST = "after", "before", "last"
WAYS = (AFTER, BEFORE, LAST)
MOST_PAGES = 40  # of a list that somebody sorted: its pages are counted off
ROW = (
    '<tbody class="block relative lg:table-row-group{}"><tr class="data-row block border border-base-200 mb-3 relative '
    'rounded-default lg:table-row lg:border-none lg:mb-0 lg:rounded-none dark:border-base-800">{}</tr></tbody>'
)
SHADES = ("", " bg-base-50 dark:bg-white/[.02]")
Shown = Callable[[Any], str]


class RecordList(ChangeList):
    """`previous` and `next` are query strings; None where there is no such page. Filters and searches stay in both."""

    previous: str | None = None
    next: str | None = None

    def get_filters_params(self, params: Any = None) -> Any:
        asked = super().get_filters_params(params)
        return {name: value for name, value in asked.items() if name not in WAYS}

    def get_results(self, request: HttpRequest) -> None:
        """Without a count, and where nobody chose an order without an offset."""
        self.show_full_result_count = self.show_all = self.can_show_all = False
        self.show_admin_actions = True
        self.full_result_count = None
        self.paginator = self.model_admin.get_paginator(request, self.queryset, self.list_per_page)
        self.paginator.template_name = "admin/record_pages.html"
        self.result_count = self.paginator.count
        self.multi_page = True
        self.result_list = self._counted_off() if "o" in self.params else self._from_place(request)

    @property
    def is_plain(self) -> bool:
        """Whether the table below can draw it: nothing to tick, nothing to edit in place."""
        apart = self.is_popup or self.to_field or getattr(self, "formset", None)
        return not apart and "action_checkbox" not in self.list_display

    @property
    def headers(self) -> list[dict[str, Any]]:
        return list(result_headers(self))

    @property
    def rows(self) -> SafeString:
        """The rows of the table; every cell was escaped by its column."""
        columns = [_column(self, place, str(name)) for place, name in enumerate(self.list_display)]
        lines = ("".join([column(row) for column in columns]) for row in self.result_list)
        return mark_safe("\n".join(ROW.format(SHADES[n % 2], line) for n, line in enumerate(lines)))  # noqa: S308 - escaped

    def _counted_off(self) -> list[Any]:
        number = min(max(self.page_num, 1), MOST_PAGES)
        start = (number - 1) * self.list_per_page
        rows = list(self.queryset[start : start + self.list_per_page + 1])
        self.previous = self._page(p=number - 1) if number > 1 else None
        self.next = self._page(p=number + 1) if len(rows) > self.list_per_page and number < MOST_PAGES else None
        return rows[: self.list_per_page]

    def _from_place(self, request: HttpRequest) -> list[Any]:
        given = request.GET
        backwards = LAST in given or BEFORE in given
        at = self._row(given.get(BEFORE) or given.get(AFTER) or "")
        rows: QuerySet[Any] = self.queryset.reverse() if backwards else self.queryset
        found = list(_beyond(rows, at)[: self.list_per_page + 1])
        more, shown = len(found) > self.list_per_page, found[: self.list_per_page]
        if backwards:
            shown.reverse()
        if shown:
            before = more if backwards else at is not None
            after = LAST not in given if backwards else more
            self.previous = self._page(before=shown[0].pk) if before else None
            self.next = self._page(after=shown[-1].pk) if after else None
        return shown

    def _row(self, written: str) -> Any:
        """The row a page hangs on; None where there is none, and then it is the first page."""
        is_key = written.isascii() and written.isdigit() and 0 < int(written) < 2**63
        return self.model._default_manager.filter(pk=written).first() if is_key else None

    def _page(self, **place: Any) -> str:
        return self.get_query_string(place, remove=[*WAYS, "p"])

    @property
    def first_page(self) -> str:
        return self.get_query_string(remove=[*WAYS, "p"])

    @property
    def last_page(self) -> str | None:
        """None where an order was chosen: nobody counts how many pages that makes."""
        return None if "o" in self.params else self._page(last=1)


def _beyond(rows: QuerySet[Any], at: Any) -> QuerySet[Any]:
    """The rows that follow `at` in their order: one of `-pk`, or of a column that is never null, and then `-pk`."""
    if at is None:
        return rows
    first, *then = (str(one) for one in rows.query.order_by)
    descending = first.startswith("-") != (not rows.query.standard_ordering)
    way, name = ("lt" if descending else "gt"), first.removeprefix("-")
    if not then:
        return rows.filter(**{f"{name}__{way}": at.pk})
    value = getattr(at, name)
    # The first condition alone is what an index walks along; the second splits rows of the same value.
    rows = rows.filter(**{f"{name}__{way}e": value})
    return rows.filter(Q(**{f"{name}__{way}": value}) | Q(**{f"pk__{way}": at.pk}))


def _column(cl: RecordList, place: int, name: str) -> Shown:
    """How a row's cell of this column is drawn."""
    field = _field(cl, name)
    shown = _of_method(cl, name) if field is None else _of_field(cl, field)
    is_link = name in (cl.list_display_links or ())
    is_short = isinstance(field, DateField) or (is_link and field is not None)
    classes = [f"field-{name}", *ROW_CLASSES, *(["whitespace-nowrap"] if is_short else [])]
    label = label_for_field(name, cl.model, model_admin=cl.model_admin)
    tag = "th" if is_link and place == 0 else "td"
    opening = f'<{tag} class="{escape(" ".join(classes))}" data-label="{escape(str(label))}">'
    if not is_link:
        return lambda row: f"{opening}{shown(row)}</{tag}>"
    kept, look = f"?{cl.preserved_filters}" if cl.preserved_filters else "", " ".join(LINK_CLASSES)
    return lambda row: (
        f'{opening}<a href="{escape(cl.url_for_result(row) + kept)}" class="{look}">{shown(row)}</a></{tag}>'
    )


def _field(cl: RecordList, name: str) -> Any:
    """The field of that name that is shown as such; None for a method, and for the key that Django made."""
    try:
        field = cl.lookup_opts.get_field(name)
    except FieldDoesNotExist:
        return None
    return None if field.auto_created else field


def _of_field(cl: RecordList, field: Any) -> Shown:
    nothing, name = escape(str(cl.model_admin.get_empty_value_display())), field.name
    if isinstance(field, ForeignKey):
        return lambda row: nothing if (value := getattr(row, name)) is None else escape(str(value))
    if field.flatchoices:
        words = {value: escape(str(label)) for value, label in field.flatchoices}
        return lambda row: words.get(getattr(row, name), nothing)
    if isinstance(field, DateTimeField):
        return lambda row: escape(moment(getattr(row, name))) or nothing
    return lambda row: conditional_escape(display_for_field(getattr(row, name), field, nothing))


def _of_method(cl: RecordList, name: str) -> Shown:
    def shown(row: Any) -> str:
        _field_none, method, value = lookup_field(name, row, cl.model_admin)
        nothing = getattr(method, "empty_value_display", cl.model_admin.get_empty_value_display())
        return conditional_escape(display_for_value(value, nothing, getattr(method, "boolean", False)))

    return shown
