"""The case a page of the desk is about."""

from django.http import Http404, HttpRequest
from django.utils import timezone

from cases.models import Case
from warrantydesk.staff.case_on_desk import CaseOnDesk


def case_on_desk(request: HttpRequest, reference: str) -> CaseOnDesk:
    """As this person may see it, now; 404 where there is none for them."""
    try:
        return CaseOnDesk.fetch(request.user, reference, timezone.now())
    except Case.DoesNotExist as missing:
        raise Http404 from missing
