"""What an account may and has, read along with it: every page of the desk and of the admin asks for all of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.db.models import CharField, F, Func, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Concat

from products.written_once import WrittenOnce

BETWEEN = "\x1f"  # in the name of no permission, role or factor


@dataclass(frozen=True)
class Standing:
    """`permissions` as `app.codename`, the names of the roles, and the kinds of second factors set up."""

    permissions: frozenset[str]
    roles: frozenset[str]
    factors: frozenset[str]


def standing_of(user: Any) -> Standing:
    """As of now. One query."""
    found = account_with_standing(user.pk)
    return known_standing(found) if found is not None else Standing(frozenset(), frozenset(), frozenset())


def known_standing(user: Any) -> Standing:
    """As of the first time this very object of an account was asked: Django remembers what somebody may just so."""
    known = getattr(user, "_standing", None)
    if known is None:
        known = user._standing = standing_of(user)
    return known


def account_with_standing(user: int) -> Any:
    """The account, knowing its standing; None where there is none. One query."""
    found = next(iter(_ACCOUNT.ask(user=user).fetched()), None)
    if found is not None:
        own, of_roles, roles, factors = (frozenset(_apart(found, name)) for name in _COLUMNS)
        found._standing = Standing(own | of_roles, roles, factors)
    return found


_COLUMNS = ("own_permissions", "permissions_of_roles", "role_names", "factor_types")


def _apart(account: Any, column: str) -> Iterator[str]:
    """The names in one column; it is no part of the account."""
    return filter(None, (account.__dict__.pop(column) or "").split(BETWEEN))


class _Joined(Func):
    """All names of a column in one text."""

    function = "STRING_AGG"
    output_field = CharField()

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        return self.as_sql(compiler, connection, function="GROUP_CONCAT", **extra)


def _build(user: int) -> QuerySet[Any]:
    account = OuterRef("pk")
    permission = Concat("content_type__app_label", Value("."), "codename", output_field=CharField())
    columns = {
        "own_permissions": (Permission.objects.filter(user=account), permission),
        "permissions_of_roles": (Permission.objects.filter(group__user=account), permission),
        "role_names": (Group.objects.filter(user=account), F("name")),
        "factor_types": (Authenticator.objects.filter(user=account), F("type")),
    }
    joined = {name: Subquery(_all_in_one(rows, names)) for name, (rows, names) in columns.items()}
    return get_user_model().objects.filter(pk=user).annotate(**joined)


def _all_in_one(rows: QuerySet[Any], names: Any) -> Any:
    return rows.order_by().annotate(all_names=_Joined(names, Value(BETWEEN))).values("all_names")


_ACCOUNT = WrittenOnce(_build, keep_plan=True, user=int)
