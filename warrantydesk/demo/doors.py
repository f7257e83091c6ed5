"""The demo's front page: three doors without a password, a short tour, and a parcel one can push along.

Only where DEMO is on, which `make run` sees to, and only for a browser on this very machine: the doors open the demo's
own accounts to whoever knocks.
"""

import ipaddress
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.views.decorators.http import require_POST, require_safe

from cases.errors import Refused
from cases.links import mint, portal_url
from cases.models import Case, CaseLink
from products.explaining import explained
from products.queries import clock_of
from shipments.models import TrackingEvent
from warrantydesk.accounts.models import User
from warrantydesk.demo import journey

BACKEND = "django.contrib.auth.backends.ModelBackend"
DOORS = {"reviewer": "staff:queue", "manager": "reports:overview"}


@require_safe
def front(request: HttpRequest) -> HttpResponse:
    with translation.override("en"):
        return render(request, "demo/front.html", {"at_home": _is_at_home(request), **_journey_so_far()})


@require_POST
def enter(request: HttpRequest, door: str) -> HttpResponse:
    """In as the demo's reviewer or manager, or to the private link of a customer. 404 from any other machine."""
    _only_at_home(request)
    if door == "customer":
        return _enter_as_customer(request)
    people = User.objects.filter(groups__name=door, email__endswith="@desk.example", is_active=True)
    user = people.order_by("id").first()
    if user is None or door not in DOORS:
        raise Http404
    login(request, user, backend=BACKEND)
    return redirect(DOORS[door])


@require_POST
def go_on(request: HttpRequest) -> HttpResponse:
    """The parcel's next station; a new journey where there is none on its way."""
    _only_at_home(request)
    now, case = timezone.now(), journey.case_on_tour()
    try:
        if case is None or journey.is_over(case):
            case = journey.begin(now)
            messages.success(request, f"{case.reference} is approved, and its parcel is booked. Now push it along.")
        else:
            for event in journey.step(case.pk, now)[-1:]:
                messages.success(request, f"{event.place}: {event.text.removeprefix('[simulated] ')}.")
    except (Refused, journey.NothingLeftError) as refusal:
        messages.error(
            request,
            str(refusal) or "Every sale of the demo has its case by now. Remove the folder var and run it again.",
        )
    return redirect(reverse("demo:front") + "#parcel")


def _journey_so_far() -> dict[str, Any]:
    case = journey.case_on_tour()
    if case is None:
        return {"case": None}
    claim = case.claimed_parts.select_related("part").get()
    today = timezone.localdate()
    return {
        "case": case,
        "part": claim.part,
        "explained": explained(claim.part, today),
        "state": clock_of(claim.part, today).state,
        "over": journey.is_over(case),
        "scans": TrackingEvent.objects.filter(shipment__case=case).select_related("shipment").order_by("occurred_at"),
    }


def _enter_as_customer(request: HttpRequest) -> HttpResponse:
    case = journey.case_on_tour() or Case.objects.select_related("customer").order_by("id").last()
    if case is None:
        raise Http404
    token = mint(case, CaseLink.Kind.PORTAL, case.customer.email, None, timezone.now())
    return redirect(portal_url(token).removeprefix(settings.SITE_URL))


def _only_at_home(request: HttpRequest) -> None:
    if not _is_at_home(request):
        raise Http404


def _is_at_home(request: HttpRequest) -> bool:
    """Asked by a browser on this machine, not through a proxy that would speak for anybody."""
    if "X-Forwarded-For" in request.headers or "Forwarded" in request.headers:
        return False
    try:
        return ipaddress.ip_address(request.META["REMOTE_ADDR"]).is_loopback
    except ValueError:
        return False
