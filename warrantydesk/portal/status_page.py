"""What the status page shows, put together from one `CaseOfCustomer`: plain values for plain templates."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from cases.models import ClaimedPart, Quote
from warrantydesk.faces.formats import day, money
from warrantydesk.portal.case_of_customer import CaseOfCustomer
from warrantydesk.portal.forms import CaseForm
from warrantydesk.portal.needs import need_panel
from warrantydesk.portal.page_forms import Forms
from warrantydesk.portal.parcels import forms_possible, may_tell_number, parcels_panel, sending_panel
from warrantydesk.portal.parts import parts_panel
from warrantydesk.portal.situation import WORDS, Situation, situation_of
from warrantydesk.portal.steps import steps_of
from warrantydesk.portal.talk import files_panel, talk_panel


@dataclass(frozen=True)
class QuotePanel:
    quote: Quote
    rows: list[dict[str, Any]]
    total: str
    is_open: bool
    answer: str
    answered_at: datetime | None


def status_context(page: CaseOfCustomer, refused: CaseForm | None = None) -> dict[str, Any]:
    forms = Forms(page, refused)
    situation = situation_of(page)
    headline, lead = WORDS[situation]
    need = need_panel(page, forms)
    quote = quote_panel(page)
    sending, may_send = sending_panel(page), may_tell_number(page, situation)
    parcels = parcels_panel(page, forms)
    refused_elsewhere = refused is not None and not _is_on_page(refused, page, need is not None, situation)
    message_form = forms.sent("message")
    if refused is not None and refused_elsewhere:
        message_form = forms.of("message")
        message_form.initial["text"] = _typed(refused)
    return {
        "reference": page.case.reference,
        "case": page.case,
        "headline": headline,
        "lead": lead,
        "steps": steps_of(page, situation),
        "need": need,
        "quote": quote,
        "parts": parts_panel(page),
        "letters": page.letters,
        "parcels": parcels,
        # While it is with us, where it is comes before what was said about it; once it is back that is history.
        "parcels_first": may_send or bool(sending and parcels),
        "sending": sending if may_send else None,
        "talk": talk_panel(page),
        "files": files_panel(page),
        "purchase": purchase_rows(page),
        "manual": manual_of(page),
        "may_appeal": _may_appeal(page),
        "refused": refused,
        "refused_elsewhere": refused_elsewhere,
        "message_form": message_form,
        "tracking_form": forms.of("tracking") if may_send else None,
        "withdraw_form": forms.sent("withdraw") if page.can_withdraw else None,
        "may_withdraw": page.can_withdraw,
        # One thing to do is the first: what we need, else the costs, else a message.
        "is_primary": not need and not (quote and quote.is_open),
    }


def quote_panel(page: CaseOfCustomer) -> QuotePanel | None:
    quote = page.quote
    if quote is None:
        return None
    lines = list(quote.lines.all())
    total = sum((line.amount for line in lines), Decimal(0))
    free = [{"term": _("The covered parts"), "value": _("free of charge")}]
    rows = [{"term": line.description, "value": money(line.amount, quote.currency)} for line in lines]
    said = money(total, quote.currency)
    sums = [{"term": _("Total"), "value": said, "total": True}]
    return QuotePanel(quote, [*free, *rows, *sums], said, page.quote_is_open, quote.answer, quote.answered_at)


def purchase_rows(page: CaseOfCustomer) -> list[dict[str, Any]]:
    """What the customer told us, and what it led to where the purchase is their own."""
    case = page.case
    own = page.owns_invoice
    invoice = case.invoice.number if own and case.invoice else case.invoice_as_given
    serial = (case.unit.serial if own and case.unit else "") or case.serial_as_given
    product = case.unit.line.product.name if own and case.unit else ""
    rows = [
        (_("Case number"), case.reference),
        (_("Received"), day(case.received_at)),
        (_("Product"), product),
        (_("Invoice number"), invoice),
        (_("Serial number"), serial),
    ]
    return [{"term": term, "value": value} for term, value in rows if value]


def manual_of(page: CaseOfCustomer) -> str:
    """The manual of the product they bought, or whose serial number they told us."""
    case = page.case
    if case.unit is None or not (page.owns_invoice or case.serial_as_given):
        return ""
    return case.unit.line.product.manual_link


def _may_appeal(page: CaseOfCustomer) -> bool:
    return any(claim.verdict == ClaimedPart.Verdict.DENIED for claim in page.told_claims)


def _is_on_page(refused: CaseForm, page: CaseOfCustomer, has_need: bool, situation: Situation) -> bool:
    """Whether the form that was refused still has its place on the page, with what was typed in it."""
    if refused.anchor == "need":
        return has_need
    return {
        "message": True,
        "quote": False,  # two buttons: its refusal stands at the head
        "tracking": may_tell_number(page, situation),
        **dict.fromkeys(("correct", "take-back", "receipt"), _parcel_is_shown(refused, page)),
        "withdraw": page.can_withdraw,
    }.get(refused.name, False)


def _parcel_is_shown(refused: CaseForm, page: CaseOfCustomer) -> bool:
    """Whether the parcel a refused form is about still has that form."""
    asked_about = [parcel for parcel in page.parcels if str(parcel.pk) == refused.data.get("parcel")]
    return any(refused.name in forms_possible(parcel) for parcel in asked_about)


def _typed(refused: CaseForm) -> str:
    """The words typed into a form that has lost its place on the page: they go on as a message, should they matter."""
    return next((refused.data[name] for name in ("description", "why") if refused.data.get(name)), "")
