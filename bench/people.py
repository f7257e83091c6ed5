"""Who reads the pages: a manager and an administrator with second factors, and two customers behind their links."""

from allauth.mfa.models import Authenticator
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client
from django.utils import timezone

from bench.subjects import link_of
from warrantydesk.accounts.models import User
from warrantydesk.portal.access import SESSION_KEY

ADMINISTRATOR = "measuring@desk.example"


def sessions() -> dict[str, str]:
    """The session cookie of each."""
    manager = User.objects.filter(groups__name="manager", is_active=True).earliest("pk")
    administrator = User.objects.filter(email=ADMINISTRATOR).first() or User.objects.create_superuser(ADMINISTRATOR)
    staff = {"manager": _desk(manager), "administrator": _desk(administrator)}
    return {**staff, **{who: _portal(who) for who in ("customer", "busy customer")}}


def _desk(user: User) -> str:
    Authenticator.objects.get_or_create(user=user, type=Authenticator.Type.TOTP, defaults={"data": {"secret": "none"}})
    client = Client()
    client.force_login(user)
    return client.cookies["sessionid"].value


def _portal(who: str) -> str:
    link, session = link_of(who), SessionStore()
    session[SESSION_KEY] = {"case": link.case_id, "link": link.pk, "since": timezone.now().isoformat()}
    session.create()
    return str(session.session_key)
