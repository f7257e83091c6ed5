"""Until when am I covered? With invoice number and serial number anybody who has both may know, and no name is told."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from warrantydesk.faces.limits import network_of, take
from warrantydesk.portal.access import keep_private, pressed_here
from warrantydesk.portal.checking import checked
from warrantydesk.portal.purchases import read_numbers
from warrantydesk.portal.request_forms import CheckForm
from warrantydesk.portal.showing import TOO_MANY, UNPROCESSABLE, show


@csrf_exempt  # it has no cookie to protect, and changes nothing
@require_http_methods(["GET", "HEAD", "POST"])
def check(request: HttpRequest) -> HttpResponseBase:
    """The numbers travel in a POST, so that they stand in no address and in no log."""
    if request.method != "POST" or not pressed_here(request):
        return _page(request, CheckForm())
    form = CheckForm(request.POST)
    if not form.is_valid():
        return _page(request, form, UNPROCESSABLE)
    now = timezone.now()
    if not take("portal_check", network_of(request), now=now):
        form.add_error(None, _("You have looked often just now. Please wait an hour, or write to us."))
        return _page(request, form, TOO_MANY)
    unit = read_numbers(form.cleaned_data["invoice"], form.cleaned_data["serial"]).unit
    if unit is None:
        # The same words whichever of the two it is: neither number alone is to be found out here.
        form.add_error("serial", _("We find no purchase with this invoice number and this serial number together."))
        return _page(request, form, UNPROCESSABLE)
    told = checked(unit, timezone.localdate(now), now)
    return keep_private(show(request, "check/answer", {"checked": told}))


def _page(request: HttpRequest, form: CheckForm, status: int = 200) -> HttpResponseBase:
    return keep_private(show(request, "check/ask", {"form": form}, status=status))
