"""Ready-made words into a form: the case page comes back with the form filled further, and nothing is sent or kept.

They are posts because what was typed so far goes with them: it comes back, with the ready-made words behind it.
"""

from django.http import Http404, HttpRequest, HttpResponse

from cases.models import QuoteTemplate
from cases.ready_made import filled_reply
from warrantydesk.faces.navigation import desk_response
from warrantydesk.staff.access import HANDLE_CASES, desk_verb
from warrantydesk.staff.case_on_desk import CaseOnDesk
from warrantydesk.staff.case_page import CasePage, context_of
from warrantydesk.staff.forms.base import VerbForm
from warrantydesk.staff.forms.quote import MOST_LINES, QuoteForm
from warrantydesk.staff.forms.talk import ReplyForm
from warrantydesk.staff.verbs import VERBS
from warrantydesk.staff.views.on_desk import case_on_desk


@desk_verb(HANDLE_CASES)
def fill_reply(request: HttpRequest, reference: str) -> HttpResponse:
    """The reply with a canned one behind what was typed. 404 for one that is not offered here."""
    on_desk, data = case_on_desk(request, reference), request.POST.copy()
    form = VERBS["write_to_customer"].form_for(on_desk)
    offered = form.canned if isinstance(form, ReplyForm) else []
    chosen = next((one for one in offered if str(one.pk) == data.get("canned")), None)
    if chosen is None:
        raise Http404("There is no such reply.")
    typed = data.get("text", "").rstrip()
    words = filled_reply(on_desk.case, chosen)
    data["text"] = f"{typed}\n\n{words}" if typed else words
    return _page(request, on_desk, VERBS["write_to_customer"].form_for(on_desk, None, data))


@desk_verb(HANDLE_CASES)
def fill_quote(request: HttpRequest, reference: str) -> HttpResponse:
    """The quote with the lines of a template behind those that were typed. 404 for one that is not offered here."""
    on_desk, data = case_on_desk(request, reference), request.POST.copy()
    form = VERBS["write_quote"].form_for(on_desk)
    offered = form.templates if isinstance(form, QuoteForm) else []
    chosen = next((one for one in offered if str(one.pk) == data.get("template")), None)
    if chosen is None:
        raise Http404("There is no such template.")
    lines = [*_typed(data), *_lines(chosen)]
    data["lines-TOTAL_FORMS"], data["lines-INITIAL_FORMS"] = str(len(lines)), "0"
    for number, line in enumerate(lines):
        for name, value in line.items():
            data[f"lines-{number}-{name}"] = value
    return _page(request, on_desk, VERBS["write_quote"].form_for(on_desk, None, data))


def _typed(data: dict[str, str]) -> list[dict[str, str]]:
    """The lines in which something was typed: a kind alone is none."""
    total = data.get("lines-TOTAL_FORMS", "")
    numbers = range(min(int(total), MOST_LINES) if total.isascii() and total.isdigit() else 0)
    names = ("kind", "description", "amount")
    lines = [{name: data.get(f"lines-{number}-{name}", "") for name in names} for number in numbers]
    return [line for line in lines if line["description"].strip() or line["amount"].strip()]


def _lines(template: QuoteTemplate) -> list[dict[str, str]]:
    return [
        {"kind": line.kind, "description": line.description, "amount": str(line.amount)}
        for line in template.lines.all()
    ]


def _page(request: HttpRequest, on_desk: CaseOnDesk, form: VerbForm) -> HttpResponse:
    """The case page with this form open. It was not sent, so nothing was refused either."""
    context = {**context_of(CasePage(on_desk, form)), "refused": None, "refused_in_place": False}
    return desk_response(request, "staff/case/page.html", context)
