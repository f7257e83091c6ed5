"""What an account may and has, in one query: every page of the desk and of the admin asks for all of it."""

from dataclasses import dataclass
from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Group, Permission
from django.db.models import CharField, QuerySet, Value

from products.written_once import WrittenOnce


@dataclass(frozen=True)
class Standing:
    """`permissions` as `app.codename`, the names of the roles, and the kinds of second factors set up."""

    permissions: frozenset[str]
    roles: frozenset[str]
    factors: frozenset[str]


def standing_of(user: Any) -> Standing:
    """As of now. One query."""
    found: dict[str, set[str]] = {"permission": set(), "role": set(), "factor": set()}
    for kind, name, app in _STANDING.ask(user=user.pk).rows():
        found[kind].add(f"{app}.{name}" if app else name)
    return Standing(*(frozenset(found[kind]) for kind in ("permission", "role", "factor")))


def known_standing(user: Any) -> Standing:
    """As of the first time this very object of an account was asked: Django remembers what somebody may just so."""
    known = getattr(user, "_standing", None)
    if known is None:
        known = user._standing = standing_of(user)
    return known


def _build(user: int) -> QuerySet[Any, Any]:
    words: Any = {"output_field": CharField()}
    nothing = Value("", **words)
    own, of_roles = (
        Permission.objects.filter(**{path: user}).order_by().values_list(
            Value("permission", **words), "codename", "content_type__app_label"
        )
        for path in ("user", "group__user")
    )  # fmt: skip
    roles = Group.objects.filter(user=user).order_by().values_list(Value("role", **words), "name", nothing)
    factors = Authenticator.objects.filter(user_id=user).order_by()
    return own.union(of_roles, roles, factors.values_list(Value("factor", **words), "type", nothing), all=True)


_STANDING = WrittenOnce(_build, user=int)
