"""A new request, step by step, without an account and without a script."""

from datetime import datetime

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cases.evidence import baskets
from cases.evidence.storage import MB, discard, store_file
from cases.outbox.caps import fold_address
from products.errors import Refused
from warrantydesk.faces.limits import network_of, take
from warrantydesk.languages.reading import chosen_language
from warrantydesk.portal.access import keep_private, pressed_here
from warrantydesk.portal.drafting import begin_draft, discard_draft, draft_of, draft_page, unsent_draft_of
from warrantydesk.portal.models import RequestDraft
from warrantydesk.portal.request_forms import FilesForm, PartForm, SendForm, StepForm
from warrantydesk.portal.request_page import page_context
from warrantydesk.portal.request_steps import BY_NAME, REVIEW, Step, mark_done, may_open, next_step
from warrantydesk.portal.requesting import send_request
from warrantydesk.portal.showing import TOO_MANY, UNPROCESSABLE, show

# Without the basket: an upload of the same browser may be making it right now.
WRITTEN = (
    "touched_at", "done", "invoice_as_given", "serial_as_given", "about", "unit", "part_ids", "part_words",
    "description", "since", "name", "email",
)  # fmt: skip


@csrf_exempt  # it has no cookie to protect yet: the button is what sets it
@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest) -> HttpResponseBase:
    """What one needs, and the button. What was begun before in this browser is offered first."""
    unsent = unsent_draft_of(request)
    if request.method == "POST" and pressed_here(request):
        draft = unsent or begin_draft(request, timezone.now())
        return keep_private(redirect(next_step(draft).url))
    go_on = next_step(unsent) if unsent else None
    known = {"draft": unsent, "go_on": go_on, "megabytes": settings.EVIDENCE_PORTAL_MB}
    return keep_private(show(request, "request/start", known))


@require_safe
def where_to_look(request: HttpRequest) -> HttpResponse:
    """The pictures alone, for whoever comes from a mail."""
    return show(request, "request/where")


@draft_page
def step_page(request: HttpRequest, draft: RequestDraft, now: datetime, name: str) -> HttpResponseBase:
    step = BY_NAME[name]
    if not may_open(draft, step):
        return redirect(next_step(draft).url)
    today = timezone.localdate(now)
    if request.method != "POST":
        return _page(request, step, step.form(draft, today=today), now)
    may_look = name != "product" or take("portal_check", network_of(request), now=now)
    form = step.form(draft, request.POST, request.FILES, today=today, may_look=may_look)
    if isinstance(form, PartForm) and "look" in request.POST:
        return _searched(request, step, form, now)
    if not form.is_valid():
        return _page(request, step, form, now, UNPROCESSABLE)
    if isinstance(form, SendForm):
        return _send(request, step, form, now)
    return _kept(request, step, form, now)


def _page(request: HttpRequest, step: Step, form: StepForm, now: datetime, status: int = 200) -> HttpResponse:
    context = page_context(step, form, now=now, search=request.POST.get("search", "")[:100])
    return show(request, f"request/{step.name}", context, status=status)


def _searched(request: HttpRequest, step: Step, form: PartForm, now: datetime) -> HttpResponse:
    """The list that fits the search, with every tick that was made: this is how it works without a script."""
    form.is_valid()
    form.errors.clear()
    return _page(request, step, form, now)


def _kept(request: HttpRequest, step: Step, form: StepForm, now: datetime) -> HttpResponseBase:
    draft = form.draft
    form.keep()
    if isinstance(form, FilesForm) and form.cleaned_data["photos"]:
        _hold(draft, form, now)
    mark_done(draft, step)
    draft.touched_at = now
    draft.save(update_fields=WRITTEN)
    # Who came to change one thing goes straight back to looking it over.
    following = next_step(draft)
    return redirect(REVIEW.url if following is REVIEW else following.url)


def _hold(draft: RequestDraft, form: FilesForm, now: datetime) -> None:
    """The files that came with the form, put away before any lock is taken (law 4)."""
    limit = settings.EVIDENCE_PORTAL_MB * MB
    photos = form.cleaned_data["photos"]
    stored = [store_file(one.name or "", one.content_type or "", one.file, limit_bytes=limit) for one in photos]
    try:
        baskets.hold_files(draft.basket_to_fill(now).pk, stored, now=now)
    except BaseException:
        discard(stored)
        raise


def _send(request: HttpRequest, step: Step, form: SendForm, now: datetime) -> HttpResponseBase:
    draft = form.draft
    allowed = take("portal_request", network_of(request), now=now)
    if not (allowed and take("portal_request_address", fold_address(draft.email), now=now)):
        form.add_error(
            None,
            _("Many requests came from here just now. Yours is kept: please send it in an hour, or write us a mail."),
        )
        return _page(request, step, form, now, TOO_MANY)
    try:
        send_request(draft, now=now, without_the_rest=form.cleaned_data["without"], language=chosen_language(request))
    except Refused as refused:
        form.refuse(refused)
        return _page(request, step, form, now, UNPROCESSABLE)
    return redirect("portal:request_sent")


@draft_page
def remove_file(request: HttpRequest, draft: RequestDraft, now: datetime, file_id: int) -> HttpResponseBase:
    """Take a file back that is here already."""
    if request.method == "POST" and draft.basket is not None:
        baskets.drop_file(draft.basket, file_id)
    return redirect(BY_NAME["files"].url)


@require_POST
def throw_away(request: HttpRequest) -> HttpResponseBase:
    discard_draft(request)
    return keep_private(redirect(f"{reverse('portal:home')}?done=thrown"))


@require_safe
def sent(request: HttpRequest) -> HttpResponseBase:
    """What was sent last from this browser. It opens no case: the link in the mail does."""
    draft = draft_of(request)
    if draft is None or draft.case is None:
        return keep_private(redirect("portal:request"))
    return keep_private(show(request, "request/sent", {"draft": draft}))
