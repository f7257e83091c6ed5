"""What a person can do on a page of the admin that otherwise only shows: each verb a POST form that calls one service.

Nothing here decides: the service does, and its refusal goes back into the form beside what was typed. A verb that
`previews` shows first what it would do, before and after, and does it when that page is confirmed.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.http.request import QueryDict
from django.template.response import TemplateResponse
from django.urls import NoReverseMatch, path, reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from products.errors import NotPermitted, Refused
from products.refusing import RefusingForm
from products.services.correction import Correction
from products.written import written_date

UNPROCESSABLE = 422
FORBIDDEN = 403
CONFIRMED = "confirmed"


class VerbForm(RefusingForm):
    """What a verb needs to be told about `row`. What is missing is the service's to say, wherever it can."""

    def __init__(self, row: Any, data: QueryDict | None = None, *, auto_id: str) -> None:
        super().__init__(data, auto_id=auto_id)
        self.row = row
        self.prepare()

    def prepare(self) -> None:
        """Fields that depend on the row."""


@dataclass(frozen=True)
class Verb:
    """`do(row, form, by)` calls the one service; `by` holds `actor` and `now`, and `dry_run` for one that previews."""

    name: str
    label: Promise
    permission: str
    form: type[VerbForm]
    do: Callable[[Any, Any, Mapping[str, Any]], Any]
    fits: Callable[[Any], bool] = lambda _row: True
    previews: bool = False

    def blank(self, row: Any, data: QueryDict | None = None) -> VerbForm:
        return self.form(row, data, auto_id=f"{self.name}-%s")


class DoingAdmin:
    """Mixed into a RecordAdmin: `verbs` in the order they are offered."""

    verbs: tuple[Verb, ...] = ()
    change_form_outer_before_template = "admin/products/verbs.html"

    def get_urls(self) -> list[Any]:
        view = self._after_login(self.admin_site.admin_view(self.do_view))  # type: ignore[attr-defined]
        return [path("<int:row_id>/do/<str:name>/", view, name=self._address("do")), *super().get_urls()]  # type: ignore[misc]

    def _address(self, what: str) -> str:
        meta = self.model._meta  # type: ignore[attr-defined]
        return f"{meta.app_label}_{meta.model_name}_{what}"

    def _page_of(self, row_id: int) -> str:
        return reverse(f"admin:{self._address('change')}", args=[row_id])

    def _after_login(self, view: Any) -> Any:
        def guarded(request: HttpRequest, row_id: int, name: str) -> HttpResponse:
            if not self.admin_site.has_permission(request):  # type: ignore[attr-defined]
                # The log-in leads back to the page: this address takes nothing but a POST.
                return redirect_to_login(self._page_of(row_id), reverse("admin:login"))
            return view(request, row_id=row_id, name=name)

        return guarded

    def do_view(self, request: HttpRequest, row_id: int, name: str) -> HttpResponse:
        """One verb, by POST. Done leads back to the page; refused shows the page with what was typed."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        row = self.get_object(request, str(row_id))  # type: ignore[attr-defined]
        verb = next((one for one in self.verbs if one.name == name), None)
        if row is None or verb is None:
            raise Http404
        if not (self.has_view_permission(request, row) and request.user.has_perm(verb.permission)):  # type: ignore[attr-defined]
            raise PermissionDenied
        form = verb.blank(row, request.POST)
        if not form.is_valid():
            return self._refused(request, row, verb, form, UNPROCESSABLE)
        return self._carry_out(request, row, verb, form)

    def _carry_out(self, request: HttpRequest, row: Any, verb: Verb, form: VerbForm) -> HttpResponse:
        looks_first = verb.previews and CONFIRMED not in request.POST
        by: dict[str, Any] = {"actor": request.user, "now": timezone.now()}
        try:
            done = verb.do(row, form, {**by, "dry_run": looks_first} if verb.previews else by)
        except Refused as refused:
            form.refuse(refused)
            status = FORBIDDEN if isinstance(refused, NotPermitted) else UNPROCESSABLE
            return self._refused(request, row, verb, form, status)
        if looks_first:
            return self._preview(request, row, verb, done)
        messages.success(request, _("%(row)s: %(verb)s – done.") % {"row": row, "verb": verb.label})
        if isinstance(done, Correction) and done.changes:
            _point_to_replay(request, done)
        return HttpResponseRedirect(self._page_of(row.pk), status=303)

    def _preview(self, request: HttpRequest, row: Any, verb: Verb, correction: Correction) -> HttpResponse:
        typed = [(name, value) for name, values in request.POST.lists() for value in values]
        context = {
            **self.admin_site.each_context(request),  # type: ignore[attr-defined]
            "title": f"{row}: {verb.label}",
            "row": row,
            "verb": verb,
            "url": reverse(f"admin:{self._address('do')}", args=[row.pk, verb.name]),
            "page": self._page_of(row.pk),
            "typed": [pair for pair in typed if pair[0] != "csrfmiddlewaretoken"],
            "confirmed": CONFIRMED,
            "correction": correction,
            "reason": request.POST.get("reason", ""),
            "lines": [line for change in correction.changes for line in lines_of(change)],
            "unmoved": correction.parts - len(correction.changes),
            "opts": self.model._meta,  # type: ignore[attr-defined]
        }
        return TemplateResponse(request, "admin/products/preview.html", context)

    def _refused(self, request: HttpRequest, row: Any, verb: Verb, form: VerbForm, status: int) -> HttpResponse:
        for error in form.non_field_errors() or [_("Nothing was done yet: look at the form again.")]:
            messages.error(request, f"{verb.label}: {error}")
        # The page is only looked at: sent on as a POST, it would be taken for an edit of the record.
        looking = copy(request)
        looking.method = "GET"
        response: HttpResponse = self.change_view(looking, str(row.pk), extra_context={"refused": (verb.name, form)})
        response.status_code = status
        return response

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        context = {**(extra_context or {})}
        row = self.get_object(request, object_id)  # type: ignore[attr-defined]
        if row is not None and self.has_view_permission(request, row):  # type: ignore[attr-defined]
            context["verbs"] = list(self._offered(request, row, context.get("refused", ("", None))))
        return super().change_view(request, object_id, form_url, context)  # type: ignore[misc]

    def _offered(self, request: HttpRequest, row: Any, refused: tuple[str, VerbForm | None]) -> Any:
        for verb in self.verbs:
            if not request.user.has_perm(verb.permission) or not (verb.fits(row) or verb.name == refused[0]):
                continue
            yield {
                "verb": verb,
                "url": reverse(f"admin:{self._address('do')}", args=[row.pk, verb.name]),
                "form": refused[1] if verb.name == refused[0] else verb.blank(row),
                "open": verb.name == refused[0],
            }


WORDS = {
    "starts_on": gettext_lazy("starts on"),
    "started_by": gettext_lazy("start taken from"),
    "term_months": gettext_lazy("months"),
    "base_covered_through": gettext_lazy("covered through, without pauses"),
    "covered_through": gettext_lazy("covered through"),
    "extended_days": gettext_lazy("days won by pauses"),
    "paused_since": gettext_lazy("paused since"),
    "quantity": gettext_lazy("pieces"),
}


def lines_of(change: Any) -> list[dict[str, Any]]:
    """A changed part as lines of a table: what was said before and what is said after, only where they differ."""
    before, after = change.before or {}, change.after or {}
    names = [name for name in WORDS if before.get(name) != after.get(name)]
    return [
        {
            "label": change.label if place == 0 else "",
            "rows": len(names),
            "what": WORDS[name],
            "before": _written(before.get(name)),
            "after": _written(after.get(name)),
            "added": change.before is None,
            "removed": change.after is None,
        }
        for place, name in enumerate(names)
    ]


def _written(said: object) -> object:
    """A day as people write it; anything else as it is."""
    try:
        return written_date(dt.date.fromisoformat(said)) if isinstance(said, str) else said
    except ValueError:
        return said


def _point_to_replay(request: HttpRequest, correction: Correction) -> None:
    """The way to the decisions this correction may have overtaken; by address only, they belong to a storey above."""
    if correction.record is None or not request.user.has_perm("cases.decide_case"):
        return
    try:
        address = reverse("staff:replay", query={"invoice": correction.record.invoice.number})
    except NoReverseMatch:
        return
    words = _("Look whether a decision would be another one today.")
    messages.info(request, format_html('<a href="{}">{}</a>', address, words))
