"""The customer's pages: the start page, the private link, and the case behind it."""

from datetime import datetime
from typing import get_args

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cases.errors import Stale
from cases.links import find_link
from cases.models import CaseLink
from cases.serving import Which, file_response
from products.auditing import put_on_record
from products.errors import Refused
from shipments.packing_slip import packing_slip as make_packing_slip
from warrantydesk.faces.letter import Answer, letter_response
from warrantydesk.faces.packing_slip import packing_slip_response
from warrantydesk.languages.reading import carried, chosen_language
from warrantydesk.portal.access import (
    customer_page,
    customer_verb,
    end_session,
    get_case_for_customer,
    keep_private,
    language_of,
    open_session,
    pressed_here,
)
from warrantydesk.portal.case_of_customer import CaseOfCustomer
from warrantydesk.portal.closed_door import closed_door
from warrantydesk.portal.drafting import unsent_draft_of
from warrantydesk.portal.forms import CaseForm, LinkForm
from warrantydesk.portal.link_requests import ask_for_link, ask_for_renewal, may_ask
from warrantydesk.portal.my_data import data_of, person_rows
from warrantydesk.portal.page_forms import Forms
from warrantydesk.portal.parcels import sending_panel
from warrantydesk.portal.showing import TOO_MANY, UNPROCESSABLE, show
from warrantydesk.portal.status_page import status_context
from warrantydesk.portal.verbs import VERBS, Done, refusal_in_words

DONE = {
    "left": gettext_lazy("You are logged off. The link in your mail lets you in again."),
    "closed": gettext_lazy("No private link to your request works any more. You can have a new one sent below."),
    "thrown": gettext_lazy("What you had written is thrown away. Nothing of it was sent."),
}


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    return _home(request, LinkForm())


def _home(request: HttpRequest, form: LinkForm, status: int = 200) -> HttpResponse:
    known = {
        "form": form,
        "is_inside": get_case_for_customer(request) is not None,
        "draft": unsent_draft_of(request),
        "done": DONE.get(request.GET.get("done", "")),
        "megabytes": settings.EVIDENCE_MAIL_MB,
    }
    return show(request, "home", known, status=status)


@csrf_exempt  # it has no cookie to protect, and asks for nothing but a mail to an address we know already
@require_POST
def ask_link(request: HttpRequest) -> HttpResponseBase:
    """The same answer for a case there is and for one there is not."""
    form = LinkForm(request.POST)
    if not form.is_valid():
        return _home(request, form, UNPROCESSABLE)
    now = timezone.now()
    if not may_ask(request, now, form.cleaned_data["email"]):
        form.add_error(None, _("You have asked often just now. Please wait an hour, or write to us."))
        return _home(request, form, TOO_MANY)
    ask_for_link(form.cleaned_data["reference"], form.cleaned_data["email"], now)
    return redirect(reverse("portal:link_asked") + carried(request))


@require_safe
def link_asked(request: HttpRequest) -> HttpResponse:
    return show(request, "link_asked")


@csrf_exempt  # its page sets no cookie and sends no referrer; `pressed_here` stands in for both
@require_http_methods(["GET", "HEAD", "POST"])
def open_link(request: HttpRequest, token: str) -> HttpResponseBase:
    """A GET changes nothing and tells nothing: programs that look into mails open every link. The button lets in."""
    if request.method != "POST" or not pressed_here(request):
        response: HttpResponseBase = _button(request, token)
    else:
        response = _opened(request, token)
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"  # also where the answer has no head to say it in
    return keep_private(response)


def _button(request: HttpRequest, token: str) -> HttpResponse:
    """In the language of the mail the link stood in, unless the reader chose another; whoever has no living link reads
    the same page in their browser's."""
    link = None if chosen_language(request) else find_link(CaseLink.Kind.PORTAL, token, timezone.now())
    language = language_of(link.case.language) if link else translation.get_language()
    with translation.override(language):
        response = show(request, "open")
    response.headers["Content-Language"] = str(language)
    return response


def _opened(request: HttpRequest, token: str) -> HttpResponseBase:
    now = timezone.now()
    if "renew" in request.POST:
        return _renewed(request, token, now)
    link = find_link(CaseLink.Kind.PORTAL, token, now)
    if link is None:
        return closed_door(request, renew=True)
    open_session(request, link, now)
    return redirect("portal:status")


def _renewed(request: HttpRequest, token: str, now: datetime) -> HttpResponseBase:
    """A new link for an old one, by mail. The same answer for every token there could be."""
    if not may_ask(request, now):
        return closed_door(request, renew=True, status=TOO_MANY)
    ask_for_renewal(token, now)
    return redirect("portal:link_asked")


@customer_page
def status(request: HttpRequest, page: CaseOfCustomer) -> HttpResponse:
    return show(request, "status", status_context(page))


@customer_verb
def do_verb(request: HttpRequest, page: CaseOfCustomer, name: str) -> HttpResponseBase:
    verb = VERBS[name]
    form = verb.form_for(page, request.POST, request.FILES)
    if not form.is_valid():
        return _refused(request, page, form)
    try:
        done = verb.carry_out(page, form)
    except Stale as stale:
        # What was asked for has happened already: the page shows it, and nothing typed is lost.
        messages.info(request, refusal_in_words(stale))
    except Refused as refused:
        form.refuse(refused, refusal_in_words(refused))
        return _refused(request, page, form)
    else:
        if get_case_for_customer(request, page.now) is None:
            return _closed_by_customer(request)
        _tell(request, done)
    return redirect(f"{reverse('portal:status')}#{verb.anchor}")


def _closed_by_customer(request: HttpRequest) -> HttpResponseBase:
    """They ended every link, and with it the way this browser came in."""
    end_session(request)
    return redirect(f"{reverse('portal:home')}?done=closed")


def _refused(request: HttpRequest, page: CaseOfCustomer, form: CaseForm) -> HttpResponse:
    """The page once more, read afresh, with the form as it was sent."""
    fresh = get_case_for_customer(request, page.now)
    again = CaseOfCustomer(fresh or page.case, page.now)
    return show(request, "status", status_context(again, form), status=UNPROCESSABLE)


def _tell(request: HttpRequest, done: Done) -> None:
    if done.said:
        messages.success(request, str(done.said))
    for name, reason in done.refused:
        messages.warning(request, _("“%(name)s” was not kept. %(reason)s") % {"name": name, "reason": _(reason)})


@customer_page
def case_file(request: HttpRequest, page: CaseOfCustomer, file_id: int, which: str) -> HttpResponseBase:
    """One of the customer's own files, or one we showed them. 404 for any other, like for one that never was."""
    file = next((one for one in [*page.files, *page.enclosed] if one.pk == file_id), None)
    if file is None or which not in get_args(Which):
        raise Http404("There is no such file.")
    return file_response(file, which, request)  # type: ignore[arg-type]


@customer_page
def my_data(request: HttpRequest, page: CaseOfCustomer) -> HttpResponse:
    """All we hold about this request and its sender, in words; `?as=file` is the same to keep, as JSON."""
    data = data_of(page)
    if request.GET.get("as") == "file":
        put_on_record("export.my_data", "case", page.case.pk, who="customer")
        response = JsonResponse(data, json_dumps_params={"ensure_ascii": False, "indent": 1})
        response.headers["Content-Disposition"] = f'attachment; filename="{page.case.reference}-my-data.json"'
        return response
    known = {"reference": page.case.reference, "data": data, "rows": person_rows(page)}
    return show(request, "my_data", {**known, "erase_form": Forms(page).of("erase")})


@customer_page
def packing_slip(request: HttpRequest, page: CaseOfCustomer) -> HttpResponse:
    """To print and put into the parcel. 404 before the approval is told, and where nothing is to travel to us."""
    slip = make_packing_slip(page.case, page.now) if sending_panel(page) else None
    return packing_slip_response(request, slip, back=f"{reverse('portal:status')}#send")


@customer_page
def letter(request: HttpRequest, page: CaseOfCustomer, letter_id: int) -> HttpResponse:
    """An answer they were told, to keep or to print. 404 for any other."""
    found = next((one for one in page.letters if one.pk == letter_id), None)
    if found is None:
        raise Http404("There is no such letter.")
    found.case = page.case
    return letter_response(request, Answer.kept(found), back=f"{reverse('portal:status')}#letters")


@require_POST
def leave(request: HttpRequest) -> HttpResponseBase:
    end_session(request)
    # Said by the address: a message would wait in a session, and whoever logs off keeps no cookie.
    return keep_private(redirect(f"{reverse('portal:home')}?done=left"))
