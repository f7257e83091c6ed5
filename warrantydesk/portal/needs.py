"""What a request still lacks, each said so that it can be done, with the form to do it."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from cases.models import Message
from warrantydesk.portal.case_of_customer import CaseOfCustomer
from warrantydesk.portal.forms import CaseForm
from warrantydesk.portal.page_forms import Forms
from warrantydesk.portal.talk import question

# What each missing thing is settled with; two numbers share one form.
SETTLED_WITH = {
    "invoice": "numbers",
    "serial": "numbers",
    "part": "parts",
    "description": "description",
    "evidence": "photos",
}


@dataclass(frozen=True)
class Need:
    """`title` and `text` where the form does not say it all; `form` is None where a message is the only way."""

    verb: str
    form: CaseForm | None
    title: str = ""
    text: str = ""


@dataclass(frozen=True)
class NeedPanel:
    """`question` is what we wrote when we asked; `answered_at` when something came since."""

    needs: list[Need]
    question: Message | None
    answered_at: datetime | None


def need_panel(page: CaseOfCustomer, forms: Forms) -> NeedPanel | None:
    if not page.needs:
        return None
    verbs = dict.fromkeys(SETTLED_WITH[code] for code in page.needs)
    return NeedPanel([_need(page, verb, forms) for verb in verbs], question(page), page.answered_at)


def _need(page: CaseOfCustomer, verb: str, forms: Forms) -> Need:
    if verb == "numbers":
        return Need(verb, forms.of(verb), *_numbers(page))
    if verb == "parts" and not page.unit_parts:
        return Need(verb, None, _("Which part has the problem?"), _("Please name the part in a message below."))
    return Need(verb, forms.of(verb))


def _numbers(page: CaseOfCustomer) -> tuple[str, str]:
    """Its title, and why we ask: what was given and could not be found is shown as it was written."""
    case = page.case
    if {"invoice", "serial"} <= set(page.needs):
        title = _("The invoice number and the serial number")
    else:
        title = _("The invoice number") if "invoice" in page.needs else _("The serial number")
    given = {"invoice": case.invoice_as_given, "serial": case.serial_as_given}
    unmatched = [written for code, written in given.items() if written and code in page.needs]
    if unmatched:
        said = _("We could not find what you sent us (%(numbers)s) among our sales. Please look once more.")
        return title, said % {"numbers": ", ".join(unmatched)}
    return title, _("With it we find your purchase, and the day your warranty began.")
