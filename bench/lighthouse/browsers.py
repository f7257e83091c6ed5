"""The browsers that look at the portal from inside: their session cookies, each in its language."""

from datetime import datetime
from typing import Any

from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone

from cases.links import mint
from cases.models import Case, CaseLink
from products.models import SoldUnit
from warrantydesk.languages.reading import SESSION_KEY as LANGUAGE
from warrantydesk.portal import access, drafting
from warrantydesk.portal.models import RequestDraft


def customer(language: str) -> str:
    """Behind the link of a case whose parcel is with us; each language has a case of its own."""
    told = Case.objects.filter(state="in_repair").order_by("pk")
    case = told.exclude(language="ja").last() if language == "ja" else told.first()
    assert case is not None, "the demo has no case in repair"
    Case.objects.filter(pk=case.pk).update(language=language)
    now = timezone.now()
    mint(case, CaseLink.Kind.PORTAL, case.customer.email, None, now)
    link = CaseLink.objects.filter(case=case).latest("pk")
    return _kept({access.SESSION_KEY: {"case": case.pk, "link": link.pk, "since": now.isoformat()}}, language)


def writer(language: str, now: datetime | None = None) -> str:
    """In front of the first step of a new request."""
    at = now or timezone.now()
    return _kept({drafting.SESSION_KEY: RequestDraft.objects.create(created_at=at, touched_at=at).pk}, language)


def numbers_of_a_purchase() -> tuple[str, str]:
    unit = SoldUnit.objects.exclude(serial="").select_related("line__invoice").earliest("pk")
    return unit.line.invoice.number, unit.serial


def _kept(known: dict[str, Any], language: str) -> str:
    session = SessionStore()
    session.update({**known, LANGUAGE: language})
    session.create()
    return str(session.session_key)
