"""The answer to a request on paper: as PDF, or as the same page for the browser's printer. For customers and staff."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from cases.models import Case, DecisionLetter
from products.kept_clock import drawings_of
from products.timeline import NARROW, WIDE
from warrantydesk.faces.clock_words import clock_words
from warrantydesk.faces.paper import paper_response

TEMPLATE = "cases/letter.html"
SHEETS = ("css/tokens.css", "css/base.css", "css/document.css", "css/pages/letter.css")


@dataclass(frozen=True)
class Answer:
    """A letter to be set: one that was kept, or the draft of one that would be."""

    case: Case
    content: Mapping[str, Any]
    language: str
    at: datetime
    is_draft: bool = False

    @classmethod
    def kept(cls, letter: DecisionLetter) -> "Answer":
        return cls(letter.case, letter.content, letter.language, letter.decided_at)

    @property
    def file_name(self) -> str:
        return f"{self.case.reference}-answer-{self.at:%Y-%m-%d}.pdf"


def letter_response(request: HttpRequest, answer: Answer, *, back: str) -> HttpResponse:
    """The letter in its customer's language. `back` is where its reader came from."""
    page = partial(_page, request, answer, screen=_screen_words(back))
    return paper_response(request, page, SHEETS, name=answer.file_name)


def _page(request: HttpRequest, answer: Answer, **context: Any) -> str:
    with translation.override(answer.language):
        parts = [{**part, "clock_drawn": _drawn(part)} for part in answer.content["answers"]]
        known = {
            "answer": answer,
            "said": answer.content,
            "parts": parts,
            "case": answer.case,
            "customer": answer.case.customer,
            "address": [line.strip() for line in answer.case.customer.address.splitlines() if line.strip()],
            "maker": settings.MAKER_NAME,
            "maker_lines": settings.WORKSHOP_ADDRESS,
            "sheets": SHEETS,
            **context,
        }
        return render_to_string(TEMPLATE, known, request)


def _drawn(part: Mapping[str, Any]) -> dict[str, Any]:
    """For paper and wide screens, and for a phone: the style sheet shows the one that can be read."""
    drawings = {one.layout: one for one in drawings_of(part["drawing"], clock_words())}
    return {"wide": drawings.get(WIDE.name), "narrow": drawings.get(NARROW.name)}


def _screen_words(back: str) -> dict[str, str]:
    """What stands around the letter on a screen, in the language of whoever looks at it: not that of the letter."""
    return {
        "language": translation.get_language() or "en",
        "back": back,
        "back_word": _("Back"),
        "print": _("Print this page with your browser (Ctrl+P, or Share → Print on a phone)."),
        "no_pdf": _(
            "A PDF cannot be made just now. This is the same page: print it with your browser (Ctrl+P, or Share → "
            "Print on a phone)."
        ),
        "draft": _("A draft: the customer has not been told. This is what the letter would say now."),
    }
