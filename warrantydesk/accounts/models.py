"""Staff accounts: log-in by e-mail address. Customers have no account."""

from collections.abc import Iterable
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models, transaction
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from products.auditing import put_on_record

# What an account may, told with before and after; of the others the trail names the field and no more.
_RIGHTS = ("is_active", "is_staff", "is_superuser")
_WATCHED = (*_RIGHTS, "email", "name")


class UserManager(BaseUserManager["User"]):
    use_in_migrations = True

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """A staff account. ValueError where the address is empty."""
        if not email:
            raise ValueError("email: an address is needed to log in")
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, **{"is_staff": True, "is_superuser": True, **fields})

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser, PermissionsMixin):
    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=120)
    is_staff = models.BooleanField(_("may open the desk"), default=True)
    is_active = models.BooleanField(_("active"), default=True)
    joined_at = models.DateTimeField(default=timezone.now, editable=False)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        ordering = ("name",)
        constraints = [models.UniqueConstraint(Lower("email"), name="account_email_once_any_case")]

    def __str__(self) -> str:
        return self.name or self.email

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        """As Django answers it, from what is read of the account's whole standing in one query."""
        if not self.is_active or self.is_superuser or obj is not None:
            return super().has_perm(perm, obj)
        return perm in self._permissions

    def has_module_perms(self, app_label: str) -> bool:
        if not self.is_active or self.is_superuser:
            return super().has_module_perms(app_label)
        return any(perm.startswith(f"{app_label}.") for perm in self._permissions)

    def get_all_permissions(self, obj: Any = None) -> set[str]:
        if not self.is_active or self.is_superuser or obj is not None:
            return super().get_all_permissions(obj)
        return set(self._permissions)

    @property
    def _permissions(self) -> frozenset[str]:
        from warrantydesk.accounts.standing import known_standing  # which asks models of apps that are read after this

        return known_standing(self).permissions

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Every door to an account leads through here, so what becomes of one is put on record here."""
        is_new, sets_password = self._state.adding, getattr(self, "_password", None) is not None
        with transaction.atomic():
            before = None if is_new else self._stored(kwargs.get("update_fields"))
            super().save(*args, **kwargs)
            if is_new:
                put_on_record("account.made", "user", self.pk, facts={name: getattr(self, name) for name in _RIGHTS})
            elif before:
                self._record_change(before)
            if sets_password and not is_new:
                put_on_record("account.password_set", "user", self.pk)

    def _stored(self, saved: Iterable[str] | None) -> dict[str, Any] | None:
        """None where nothing is saved that anybody watches: a log-in writes its time, and no more."""
        if saved is not None and not set(saved) & set(_WATCHED):
            return None
        return User.objects.filter(pk=self.pk).values(*_WATCHED).first()

    def _record_change(self, before: dict[str, Any]) -> None:
        changed = [name for name in _WATCHED if before[name] != getattr(self, name)]
        rights = [name for name in changed if name in _RIGHTS]
        facts = {
            "fields": changed,
            "before": {name: before[name] for name in rights},
            "after": {name: getattr(self, name) for name in rights},
        }
        if changed:
            put_on_record("account.changed", "user", self.pk, facts=facts)

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name.split(" ")[0] if self.name else self.email


class DeskSession(models.Model):
    """One browser somebody is signed in with (warrantydesk/accounts/sessions.py). Gone when it is signed out."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="desk_sessions")
    session_key = models.CharField(max_length=40, unique=True)
    since = models.DateTimeField()
    seen_at = models.DateTimeField()
    network = models.CharField(max_length=64, blank=True)
    browser = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [models.Index(name="desk_session_clear_old", fields=["since"])]

    def __str__(self) -> str:
        return f"{self.user} since {self.since:%Y-%m-%d %H:%M}"
