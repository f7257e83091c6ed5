"""One's own account: the second factor, and where one is signed in."""

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from warrantydesk.accounts.sessions import end, end_all, sessions_of
from warrantydesk.faces.navigation import desk_response


@require_safe
@login_required
def account(request: HttpRequest) -> HttpResponse:
    user = request.user
    context = {
        "sessions": sessions_of(user),  # type: ignore[arg-type]
        "here": request.session.session_key,
        "roles": sorted(user.groups.values_list("name", flat=True)),
        "has_factor": is_mfa_enabled(user),
        "idle": settings.SESSION_IDLE_MINUTES,
        "hours": settings.SESSION_HOURS,
    }
    return desk_response(request, "accounts/account.html", context, current="account")


@require_POST
@login_required
def end_session(request: HttpRequest, session_id: int) -> HttpResponse:
    """Another one of one's own sessions. Anybody else's is none; this very one is left by signing out."""
    others = sessions_of(request.user).exclude(session_key=request.session.session_key)  # type: ignore[arg-type]
    end(get_object_or_404(others, pk=session_id))
    messages.success(request, _("Signed out there."))
    return HttpResponseRedirect(reverse("account"), status=303)


@require_POST
@login_required
def end_other_sessions(request: HttpRequest) -> HttpResponse:
    ended = end_all(request.user, but=str(request.session.session_key))  # type: ignore[arg-type]
    words = ngettext("%(n)d other session was signed out.", "%(n)d other sessions were signed out.", ended)
    messages.success(request, words % {"n": ended})
    return HttpResponseRedirect(reverse("account"), status=303)
