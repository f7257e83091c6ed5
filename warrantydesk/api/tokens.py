"""Making and knowing tokens. The text of one is told once, when it is made; afterwards only its hash is known."""

import datetime as dt
import hashlib
import secrets
from collections.abc import Sequence
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

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
    token = ApiToken.objects.create(
        user=user, kind=kind, name=name.strip()[:100], token_hash=_hash(text), begins_with=text[:10],
        scopes=sorted(set(scopes)), created_at=now, expires_at=expires_at,
    )  # fmt: skip
    return token, text


def find_token(text: str, now: dt.datetime) -> ApiToken | None:
    """The token with this text, where it is good today and its account is open."""
    live = Q(expires_at__isnull=True) | Q(expires_at__gt=now)
    rows = ApiToken.objects.filter(live, token_hash=_hash(text), revoked_at__isnull=True, user__is_active=True)
    token = rows.select_related("user").first()
    if token is not None and (token.used_at is None or now - token.used_at > NOTED_EVERY):
        ApiToken.objects.filter(pk=token.pk).update(used_at=now)
    return token


def revoke_token(token: ApiToken, now: dt.datetime) -> None:
    ApiToken.objects.filter(pk=token.pk, revoked_at__isnull=True).update(revoked_at=now)


def _hash(text: str) -> str:
    # 256 random bits need no slow hash: there is nothing to guess.
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()
