"""Who does something to a case: a person of the staff, the customer, or the desk itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from django.utils.translation import gettext_lazy as _

from cases.errors import NotAllowed

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser

    User = Any  # settings.AUTH_USER_MODEL belongs to a storey above: only its `has_perm` and `email` are used here

Kind = Literal["staff", "customer", "system"]


@dataclass(frozen=True, slots=True)
class Actor:
    """Make one with `Actor.staff(user)`, `Actor.customer()` or `Actor.system()`. Only staff have a `user`."""

    kind: Kind
    user: User | None = None

    @classmethod
    def staff(cls, user: AbstractBaseUser) -> Actor:
        return cls("staff", user)

    @classmethod
    def customer(cls) -> Actor:
        return cls("customer")

    @classmethod
    def system(cls) -> Actor:
        return cls("system")

    def may(self, permission: str) -> bool:
        """Whether this actor holds `permission` ("cases.handle_case"). The desk itself may; a customer never does."""
        if self.kind == "staff":
            return self.user is not None and bool(self.user.has_perm(permission))
        return self.kind == "system"

    def require(self, permission: str) -> None:
        """NotAllowed where this actor does not hold `permission`."""
        if not self.may(permission):
            raise NotAllowed(
                _("Your account may not do this. Ask a manager for the permission if you need it."), code=permission
            )
