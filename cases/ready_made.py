"""Ready-made words and lines for one case: which are offered, and what stands in their places."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Q

from cases.models import CannedReply, Case, QuoteTemplate
from cases.rules.filling import fill


def offered_replies(case: Case) -> list[CannedReply]:
    """Those in the customer's language, and those for every language. One query."""
    spoken = case.language.lower()
    wanted = Q(language__in=("", spoken, spoken.split("-")[0]))
    return list(CannedReply.objects.filter(wanted, is_active=True).order_by("title", "-language"))


def filled_reply(case: Case, reply: CannedReply) -> str:
    """The words of a reply with the facts of the case. Nothing of another holder's purchase is told (policy 3)."""
    own = case.invoice is not None and case.invoice.customer_id == case.customer_id
    claims = case.claimed_parts.filter(confirmed=True).select_related("part__product").order_by("pk")
    values = {
        "name": case.customer.name,
        "reference": case.reference,
        "product": case.unit.line.product.name if own and case.unit else "",
        "serial": (case.unit.serial if own and case.unit else "") or case.serial_as_given,
        "parts": ", ".join(claim.part.label for claim in claims) if own else "",
    }
    return fill(reply.text, values)


def offered_templates(currency: str, product_ids: Collection[int]) -> list[QuoteTemplate]:
    """Templates in this currency, for one of these products or for any; those for a product first. Two queries."""
    fitting = Q(product=None) | Q(product__in=product_ids)
    rows = QuoteTemplate.objects.filter(fitting, currency=currency, is_active=True).prefetch_related("lines")
    return sorted(rows, key=lambda one: (one.product_id is None, one.name))
