"""Where somebody is signed in: since when, from where, for how long at most, and how to end it from elsewhere."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.contrib.sessions.backends.db import SessionStore
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from products.auditing import put_on_record
from warrantydesk.accounts.models import DeskSession, User
from warrantydesk.faces.limits import network_of

KEY = "desk"
# How often a session in use writes that it is.
NOTED_EVERY = timedelta(minutes=1)


def begin(sender: Any, request: HttpRequest, user: User, **_kwargs: Any) -> None:
    """Django's signal of a log-in: the session is on the list from now on."""
    now = timezone.now()
    request.session[KEY] = {"since": now.isoformat(), "seen": now.isoformat()}
    DeskSession.objects.update_or_create(
        session_key=str(request.session.session_key),
        defaults={
            "user": user,
            "since": now,
            "seen_at": now,
            "network": network_of(request),
            "browser": request.headers.get("User-Agent", "")[:200],
        },
    )


def end(session: DeskSession) -> None:
    """Sign this session out, wherever it is; its next request is a stranger's."""
    SessionStore(session_key=session.session_key).delete()
    session.delete()
    put_on_record("account.session_ended", "user", session.user_id)


def end_all(user: User, *, but: str = "") -> int:
    """Sign out every session of an account, except the one with the key `but`; how many."""
    ended = list(sessions_of(user).exclude(session_key=but))
    for session in ended:
        end(session)
    return len(ended)


def sessions_of(user: User) -> QuerySet[DeskSession]:
    return DeskSession.objects.filter(user=user).order_by("-seen_at")


def old_sessions(now: datetime) -> QuerySet[DeskSession]:
    """Sessions that no timeout would let live."""
    oldest = now - timedelta(hours=settings.SESSION_HOURS)
    return DeskSession.objects.filter(since__lt=oldest).order_by("pk")


def keep_time(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: a session ends after SESSION_IDLE_MINUTES without a request, and SESSION_HOURS after the log-in."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated:
            return get_response(request)
        now, kept = timezone.now(), request.session.get(KEY)
        if not isinstance(kept, dict):
            begin(None, request, request.user)
        elif _is_over(kept, now):
            return _ended(request)
        elif now - datetime.fromisoformat(kept["seen"]) > NOTED_EVERY:
            request.session[KEY] = {**kept, "seen": now.isoformat()}
            DeskSession.objects.filter(session_key=request.session.session_key).update(seen_at=now)
        return get_response(request)

    return middleware


def _is_over(kept: dict[str, str], now: datetime) -> bool:
    idle = now - datetime.fromisoformat(kept["seen"]) > timedelta(minutes=settings.SESSION_IDLE_MINUTES)
    return idle or now - datetime.fromisoformat(kept["since"]) > timedelta(hours=settings.SESSION_HOURS)


def _ended(request: HttpRequest) -> HttpResponse:
    DeskSession.objects.filter(session_key=request.session.session_key).delete()
    logout(request)
    messages.info(request, _("You were signed out, as nothing had happened for long. Sign in to go on."))
    page = request.get_full_path() if request.method in ("GET", "HEAD") else reverse("staff:queue")
    return redirect_to_login(page)
