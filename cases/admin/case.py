"""The page of a case: everything that is known of it, and every transition that leads on from where it is."""

from copy import copy
from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import RangeDateTimeFilter

from cases.actors import Actor
from cases.admin.looking import CaseSearch
from cases.admin.transitions import SERVICES, TransitionForm, do_transition
from cases.errors import NotAllowed
from cases.models import Case, CaseEvent, ClaimedPart, Evidence, Message, OutgoingMail, Quote
from cases.rules.lifecycle import TRANSITIONS
from cases.services.next_steps import LABELS, transitions_for
from products.admin.looking import RecordAdmin, RecordInline
from products.errors import Refused

UNPROCESSABLE = 422


class OfCaseInline(RecordInline):
    """A row is named after its case, which it would look up by itself."""

    hide_title = True

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("case", *self.reads_also)


class ClaimedPartInline(OfCaseInline):
    model = ClaimedPart
    fields = ("part", "confirmed", "cause", "verdict", "reason", "resolution", "goodwill_reason", "decided_by")
    reads_also = ("part__product", "cause", "reason", "decided_by")
    ordering = ("pk",)


class EvidenceInline(OfCaseInline):
    model = Evidence
    fields = ("name", "content_type", "size", "status", "refusal", "received_at")
    ordering = ("pk",)


class QuoteInline(OfCaseInline):
    model = Quote
    fields = ("currency", "created_at", "created_by", "sent_at", "answer", "answered_at", "superseded_at")
    reads_also = ("created_by",)
    ordering = ("pk",)


class MessageInline(OfCaseInline):
    model = Message
    fields = ("at", "direction", "author", "sender_name", "text")
    reads_also = ("author",)
    ordering = ("at", "pk")


class MailInline(OfCaseInline):
    model = OutgoingMail
    fields = ("created_at", "kind", "to_address", "status", "sent_at", "problem")
    ordering = ("pk",)


class EventInline(OfCaseInline):
    model = CaseEvent
    fields = ("at", "kind", "name", "from_state", "to_state", "actor_kind", "actor", "why")
    reads_also = ("actor",)
    ordering = ("at", "pk")


@admin.register(Case)
class CaseAdmin(CaseSearch, RecordAdmin):
    list_display = ("reference", "state", "customer", "subject", "submitted_on", "assignee", "changed_at")
    list_select_related = ("customer", "assignee")
    list_filter = ("state", ("changed_at", RangeDateTimeFilter))
    ordering = ("-changed_at", "-pk")
    case_path = ""
    inlines = (ClaimedPartInline, EvidenceInline, QuoteInline, MessageInline, MailInline, EventInline)
    # Outside the page's own form: a transition is a form of its own.
    change_form_outer_before_template = "admin/cases/case/transitions.html"
    fieldsets = (
        (
            None,
            {"fields": ("reference", "state", "source", "customer", "assignee", "follows", "subject", "description")},
        ),
        (
            gettext_lazy("Purchase"),
            {"fields": ("invoice_as_given", "serial_as_given", "invoice", "unit")},
        ),
        (
            gettext_lazy("Times"),
            {
                "fields": (
                    "received_at", "submitted_on", "submitted_zone", "submitted_zone_found", "decided_at", "decided_by",
                    "changed_at",
                )
            },
        ),
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> Any:
        """The list joins what it shows (`list_select_related`), the page of a case all that it names."""
        cases = super().get_queryset(request)
        match = request.resolver_match
        if match and match.url_name == "cases_case_changelist":
            return cases.defer("description", "information_missing")
        return cases.select_related(
            "customer", "assignee", "decided_by", "follows", "invoice__customer", "unit__line__product"
        )

    # ── transitions ─────────────────────────────────────────────────────────────────────────────────────────────

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.transition_view)
        ours = path("<int:case_id>/transition/<str:name>/", self._after_login(view), name="cases_case_transition")
        return [ours, *super().get_urls()]

    def _after_login(self, view: Any) -> Any:
        def guarded(request: HttpRequest, case_id: int, name: str) -> HttpResponse:
            if not self.admin_site.has_permission(request):
                # The log-in leads back to the case: this address takes nothing but a POST.
                return redirect_to_login(_page_of(case_id), reverse("admin:login"))
            return view(request, case_id=case_id, name=name)

        return guarded

    def transition_view(self, request: HttpRequest, case_id: int, name: str) -> HttpResponse:
        """One transition, by POST. Done leads back to the page; refused shows it with what was typed."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        case = self.get_object(request, str(case_id))
        if name not in SERVICES or case is None or not self.has_view_permission(request, case):
            raise Http404
        now, actor = timezone.now(), Actor.staff(request.user)  # type: ignore[arg-type]  # nobody else gets here
        form = TransitionForm(name, request.POST, today=timezone.localdate(now))
        is_filled_in = form.is_valid()
        try:
            actor.require(TRANSITIONS[name].permission)  # what the form lacks is told to those who may
            if not is_filled_in:
                return self._refused(request, case, name, form, UNPROCESSABLE)
            do_transition(case.pk, form, name, actor=actor, now=now)
        except Refused as refused:
            form.refuse(refused)
            status = 403 if isinstance(refused, NotAllowed) else UNPROCESSABLE
            return self._refused(request, case, name, form, status)
        messages.success(request, _("%(case)s: %(step)s – done.") % {"case": case, "step": LABELS[name]})
        return HttpResponseRedirect(_page_of(case.pk), status=303)

    def _refused(self, request: HttpRequest, case: Case, name: str, form: TransitionForm, status: int) -> HttpResponse:
        for error in form.non_field_errors() or [_("Nothing was done yet: look at the form again.")]:
            messages.error(request, f"{LABELS[name]}: {error}")
        # The page is only looked at: sent on as a POST, it would be taken for an edit of the case.
        looking = copy(request)
        looking.method = "GET"
        response = self.change_view(looking, str(case.pk), extra_context={"refused": form, "refused_name": name})
        response.status_code = status
        return response

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        context = {**(extra_context or {})}
        case = self.get_object(request, object_id)
        if case is not None and self.has_view_permission(request, case):
            context["steps"] = steps_of(case, request, timezone.now(), context)
        return super().change_view(request, object_id, form_url, context)


def steps_of(case: Case, request: HttpRequest, now: datetime, context: dict[str, Any]) -> list[dict[str, Any]]:
    """Every transition from here with its form; the one that was refused with what was typed into it."""
    today, refused = timezone.localdate(now), context.get("refused_name")
    actor = Actor.staff(request.user)  # type: ignore[arg-type]  # the admin is for staff
    return [
        {
            "step": step,
            "url": reverse("admin:cases_case_transition", args=[case.pk, step.name]),
            "form": context["refused"] if step.name == refused else TransitionForm(step.name, today=today),
            "open": step.name == refused,
        }
        for step in transitions_for(case, actor, now)
    ]


def _page_of(case_id: int) -> str:
    return reverse("admin:cases_case_change", args=[case_id])
