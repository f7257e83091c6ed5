"""Making and knowing tokens. The text of one is told once, when it is made; afterwards only its hash is known."""

import datetime as dt
import hashlib
import secrets
from collections.abc import Sequence
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from products.auditing import put_on_record
from products.errors import NotPermitted, Refused
from warrantydesk.api.models import ApiToken
from warrantydesk.api.scopes import SCOPES, permission_of

PREFIX = "wd_"
NOTED_EVERY = dt.timedelta(minutes=1)  # when it was last used is good to the minute


def make_token(
    user: Any,
    *,
    name: str,
    scopes: Sequence[str],
    now: dt.datetime,
    kind: str = ApiToken.Kind.PERSONAL,
    expires_at: dt.datetime | None = None,
) -> tuple[ApiToken, str]:
    """The token's row and its text. Refused for a scope there is not, or that the account could not use."""
    unknown = [scope for scope in scopes if scope not in SCOPES]
    if unknown or not scopes:
        raise Refused(
            _("Choose at least one scope out of: %(scopes)s.") % {"scopes": ", ".join(SCOPES)},
            field="scopes",
            code="scope_unknown",
        )
    for scope in scopes:
        if not user.has_perm(permission_of(scope)):
            raise NotPermitted(
                _("%(account)s may not do what %(scope)s is for.") % {"account": user, "scope": scope},
                field="scopes",
                code=permission_of(scope),
            )
    if not name.strip():
        raise Refused(_("Say what the token is for."), field="name", code="name_missing")
    text = PREFIX + secrets.token_urlsafe(32)
    with transaction.atomic():
        token = ApiToken.objects.create(
            user=user, kind=kind, name=name.strip()[:100], token_hash=_hash(text), begins_with=text[:10],
            scopes=sorted(set(scopes)), created_at=now, expires_at=expires_at,
        )  # fmt: skip
        put_on_record("token.made", "token", token.pk, facts={"user": user.pk, "kind": kind, "scopes": token.scopes})
    return token, text


def make_service_token(
    *,
    name: str,
    email: str,
    role: str,
    scopes: Sequence[str],
    now: dt.datetime,
    expires_at: dt.datetime | None = None,
) -> tuple[ApiToken, str]:
    """A token of an account nobody logs in with; the account is made, with this role, where there is none.

    Refused for the account of a person, which nobody else may speak for, and for one that has another role.
    """
    with transaction.atomic():
        user = _service_account(email, name, role)
        return make_token(user, name=name, scopes=scopes, now=now, kind=ApiToken.Kind.SERVICE, expires_at=expires_at)


def _service_account(email: str, name: str, role: str) -> Any:
    group = Group.objects.filter(name=role).first()
    if group is None:
        raise Refused(_("There is no role %(role)s.") % {"role": role}, field="role", code="role_unknown")
    accounts: Any = get_user_model().objects
    user = accounts.filter(email=email.strip().lower()).first()
    if user is None:
        user = accounts.create_user(email, None, name=name)
        user.groups.add(group)
    elif user.is_superuser or user.has_usable_password():
        raise Refused(
            _("%(account)s is the account of a person: they make tokens of their own.") % {"account": user},
            field="email",
            code="account_of_person",
        )
    elif not user.groups.filter(pk=group.pk).exists():
        words = _("%(account)s has another role: give it this one among the accounts, or take another address.")
        raise Refused(words % {"account": user}, field="role", code="role_other")
    return user


def live_tokens_of(user: Any) -> QuerySet[ApiToken]:
    """A person's own tokens that were not ended; those whose day has passed too."""
    return ApiToken.objects.filter(user=user, revoked_at__isnull=True)


def find_token(text: str, now: dt.datetime) -> ApiToken | None:
    """The token with this text, where it is good today and its account is open."""
    live = Q(expires_at__isnull=True) | Q(expires_at__gt=now)
    rows = ApiToken.objects.filter(live, token_hash=_hash(text), revoked_at__isnull=True, user__is_active=True)
    token = rows.select_related("user").first()
    if token is not None and (token.used_at is None or now - token.used_at > NOTED_EVERY):
        ApiToken.objects.filter(pk=token.pk).update(used_at=now)
    return token


def revoke_token(token: ApiToken, now: dt.datetime) -> None:
    with transaction.atomic():
        if ApiToken.objects.filter(pk=token.pk, revoked_at__isnull=True).update(revoked_at=now):
            put_on_record("token.revoked", "token", token.pk, facts={"user": token.user_id})


def _hash(text: str) -> str:
    # 256 random bits need no slow hash: there is nothing to guess.
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()
