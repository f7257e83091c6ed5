"""What we hold about a customer and this request of theirs, as they may see it (and take along)."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from warrantydesk.portal.case_of_customer import CaseOfCustomer


def person_rows(page: CaseOfCustomer) -> list[dict[str, Any]]:
    """The person and the request, for the page."""
    customer, case = page.case.customer, page.case
    rows = [
        (_("Name"), customer.name),
        (_("E-mail address"), customer.email),
        (_("Country"), customer.get_country_display() if customer.country else ""),
        (_("Postal address"), customer.address),
        (_("Language"), dict(settings.LANGUAGES).get(case.language, case.language)),
        (_("Time zone"), customer.time_zone),
        (_("Case number"), case.reference),
        (_("Invoice number as you wrote it"), case.invoice_as_given),
        (_("Serial number as you wrote it"), case.serial_as_given),
    ]
    return [{"term": term, "value": value} for term, value in rows if value]


def data_of(page: CaseOfCustomer) -> dict[str, Any]:
    """Everything of it that is the customer's to read, in the words of our own tables: for machines, not translated.

    What belongs to this request and no more: its link may have been handed on, to whoever sends the parcel, say. What
    we hold beside it under the same address is told to that address alone (`export_customer`, warrantydesk/privacy).
    """
    customer, case = page.case.customer, page.case
    return {
        "person": {
            "name": customer.name,
            "email": customer.email,
            "country": str(customer.country),
            "address": customer.address,
            "language": customer.language,
            "time_zone": customer.time_zone,
        },
        "request": {
            "reference": case.reference,
            "state": page.shown_state,
            "received_at": _at(case.received_at),
            "submitted_on": case.submitted_on.isoformat(),
            "language": case.language,
            "invoice_as_given": case.invoice_as_given,
            "serial_as_given": case.serial_as_given,
            "subject": case.subject,
            "description": case.description,
        },
        "parts": [_part(page, claim) for claim in page.claims],
        "quote": _quote(page),
        "answers": [{"at": _at(one.decided_at), "language": one.language, **one.content} for one in page.letters],
        "messages": [
            {"at": _at(one.at), "from": "you" if page.is_own(one) else "us", "subject": one.subject, "text": one.text}
            for one in page.messages
            if page.is_own(one) or one.direction == one.Direction.OUT
        ],
        "files": [
            {
                "name": file.name,
                "bytes": file.size,
                "type": file.content_type,
                "sha256": file.sha256,
                "received_at": _at(file.received_at),
                "not_kept_because": file.refusal,
            }
            for file in page.files
        ],
        "parcels": [
            {"direction": parcel.direction, "carrier": parcel.carrier, "number": parcel.tracking_number}
            for parcel in page.parcels
        ],
    }


def _part(page: CaseOfCustomer, claim: Any) -> dict[str, Any]:
    told = page.is_told(claim)
    return {
        "part": claim.part.label,
        "serial": claim.part.serial if page.bought_by_customer(claim.part) else "",
        "answer": claim.verdict if told else "",
        "reason": claim.reason.title if told and claim.reason else "",
    }


def _quote(page: CaseOfCustomer) -> dict[str, Any] | None:
    if page.quote is None:
        return None
    lines = [{"what": line.description, "amount": str(line.amount)} for line in page.quote.lines.all()]
    return {"currency": page.quote.currency, "lines": lines, "answer": page.quote.answer}


def _at(moment: datetime) -> str:
    return moment.isoformat()
