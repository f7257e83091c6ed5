"""Decided cases that the clocks of today would answer otherwise. To look at; whoever may, reopens one on its page."""

from itertools import islice

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from cases.replay import Replayed, cases_whose_answer_would_change
from cases.rules.replaying import Answer
from products.models import VoidReason
from products.queries import find_invoice, parts_of_invoices
from warrantydesk.faces.navigation import desk_response
from warrantydesk.staff.access import DECIDE_CASES, desk_page

MOST = 200


@desk_page(DECIDE_CASES)
def replay(request: HttpRequest) -> HttpResponse:
    """All of them, or with `?invoice=` those about parts of that invoice, as the page after a correction links to."""
    number = request.GET.get("invoice", "").strip()
    invoices = find_invoice(number) if number else []
    part_ids = parts_of_invoices(invoices) if number else None
    shown = list(islice(cases_whose_answer_would_change(part_ids), MOST + 1))
    titles = dict(VoidReason.objects.values_list("code", "title"))
    context = {
        "rows": [_row(one, titles) for one in shown[:MOST]],
        "is_cut": len(shown) > MOST,
        "number": number,
        "unknown": bool(number) and not invoices,
    }
    return desk_response(request, "staff/replay.html", context, current="replay")


def _row(one: Replayed, titles: dict[str, str]) -> dict[str, object]:
    return {
        "one": one,
        "answered": _words(one.answered, titles),
        "would_answer": _words(one.would_answer, titles),
    }


def _words(answer: Answer, titles: dict[str, str]) -> str:
    if answer.verdict == "denied":
        return _("Not covered: %(reason)s") % {"reason": _(titles.get(answer.reason_code, answer.reason_code)).lower()}
    return _("Covered") if answer.verdict == "covered" else _("Open: nobody has looked for the cause yet")
