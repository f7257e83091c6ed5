"""The language of a customer: found when a case is opened, and changed when they choose another one."""

from datetime import datetime

from django.conf import settings
from django.db import transaction

from cases.actors import Actor
from cases.models import Case, CaseEvent
from cases.models.case import OPEN_STATES
from cases.rules.language import nearest, preferred_language
from cases.services._transition import allow, locked_case, record
from products.models import Customer, Invoice
from products.services import keep_language


def our_languages() -> list[str]:
    """The languages the customers' side speaks, that of the desk first."""
    codes = [code for code, _name in settings.LANGUAGES]
    return sorted(codes, key=lambda code: code != settings.LANGUAGE_CODE)


def language_for(customer: Customer, invoice: Invoice | None, spoken: str = "") -> str:
    """The language of a case: what the customer chose, else that of the invoice's country, else what they speak."""
    return preferred_language(customer.language, str(invoice.country) if invoice else "", spoken, our_languages())


@transaction.atomic
def choose_language(case_id: int, *, language: str, actor: Actor, now: datetime) -> Case:
    """The customer reads on in another language: kept with them, with this case, and with all their open ones.

    A language that is none of ours changes nothing. Letters that were written stay as they were told.
    """
    allow(actor, customer=True)
    case = locked_case(case_id)
    chosen = nearest(language, our_languages())
    if not chosen or chosen == case.language == case.customer.language:
        return case
    keep_language(case.customer_id, chosen)
    before, case.language = case.language, chosen
    case.save(update_fields=["language"])
    Case.objects.filter(customer=case.customer_id, state__in=OPEN_STATES).update(language=chosen)
    if before != chosen:
        data = {"from": before, "to": chosen}
        record(case, CaseEvent.Kind.DETAILS, "language_chosen", actor=actor, now=now, data=data)
    return case
