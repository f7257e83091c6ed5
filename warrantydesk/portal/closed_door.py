"""What whoever has no way in sees: the same page for a link that is unknown, too old, revoked or sent elsewhere."""

from django.http import HttpRequest, HttpResponse

from warrantydesk.portal.forms import LinkForm
from warrantydesk.portal.showing import NOT_FOUND, show


def closed_door(request: HttpRequest, *, renew: bool = False, status: int = NOT_FOUND) -> HttpResponse:
    """404, without a word on which of the reasons it is, and with the way to a new link.

    `renew`: the page stands at the address of a link, so one button is enough to ask for another.
    """
    known = {"form": LinkForm(), "renew": renew, "too_often": status != NOT_FOUND}
    return show(request, "closed", known, status=status)
