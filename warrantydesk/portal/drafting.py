"""The request that this browser is writing: begun by a button, found by its session, thrown away when it is old."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from cases.services.uploading import drop_basket
from warrantydesk.languages.reading import asked_language, keep_in_session
from warrantydesk.portal.access import keep_private
from warrantydesk.portal.models import RequestDraft

SESSION_KEY = "request"
DraftView = Callable[..., HttpResponseBase]


def begin_draft(request: HttpRequest, now: datetime) -> RequestDraft:
    """A fresh one, bound to this browser. This is where its one cookie comes from."""
    draft = RequestDraft.objects.create(created_at=now, touched_at=now)
    request.session.cycle_key()
    request.session[SESSION_KEY] = draft.pk
    if asked_language(request):
        keep_in_session(request, asked_language(request))
    return draft


def draft_of(request: HttpRequest) -> RequestDraft | None:
    """What this browser is writing, or has sent last; None where it never began, or too long ago."""
    known = request.session.get(SESSION_KEY)
    if not isinstance(known, int):
        return None
    drafts = RequestDraft.objects.select_related("unit__line__product", "unit__line__invoice", "basket", "case")
    return drafts.filter(pk=known).first()


def unsent_draft_of(request: HttpRequest) -> RequestDraft | None:
    draft = draft_of(request)
    return draft if draft and draft.sent_at is None else None


def draft_page(view: DraftView) -> DraftView:
    """A step of the request. Without one this browser is led to where it begins; a sent one to where it says so."""

    @wraps(view)
    def with_draft(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        draft = draft_of(request)
        if draft is None:
            return keep_private(redirect("portal:request"))
        if draft.sent_at is not None:
            return keep_private(redirect("portal:request_sent"))
        return keep_private(view(request, draft, timezone.now(), *args, **kwargs))

    return require_http_methods(["GET", "HEAD", "POST"])(with_draft)


def draft_address(*methods: str) -> Callable[[DraftView], DraftView]:
    """An address that programs on these pages talk to. 404 without an unsent request in this browser."""

    def behind_the_door(view: DraftView) -> DraftView:
        @wraps(view)
        def with_draft(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            draft = draft_of(request)
            if draft is None or draft.sent_at is not None:
                raise Http404("There is no request being written.")
            return keep_private(view(request, draft, timezone.now(), *args, **kwargs))

        return require_http_methods(methods)(with_draft)

    return behind_the_door


def discard_draft(request: HttpRequest) -> None:
    """Throw it away with its files; a sent one is only forgotten by this browser: the case has taken it over."""
    draft = draft_of(request)
    request.session.pop(SESSION_KEY, None)
    if draft is not None and draft.sent_at is None:
        _drop(draft)


def old_drafts(now: datetime) -> QuerySet[RequestDraft]:
    """What nobody has touched for DRAFT_KEEP_DAYS, sent or not."""
    oldest = now - timedelta(days=settings.DRAFT_KEEP_DAYS)
    return RequestDraft.objects.filter(touched_at__lt=oldest).order_by("pk")


def drop_drafts(drafts: Iterable[RequestDraft]) -> int:
    """Throw these away with their files; how many."""
    dropped = list(drafts)
    for draft in dropped:
        _drop(draft)
    return len(dropped)


def _drop(draft: RequestDraft) -> None:
    basket = draft.basket
    draft.delete()
    if basket is not None:
        drop_basket(basket)
