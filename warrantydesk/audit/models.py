"""Entries of the trail, and the seals that chain them. Neither is ever changed or deleted: triggers of the database see
to it (migration 0001), for every door.

The tables are not `managed`: so that `flush`, which empties every table, leaves them alone. People and objects are
plain numbers and no foreign keys: an entry outlives what it speaks of.
"""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _


class AppendOnly(models.Model):
    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("The audit trail is never changed: write another entry.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise TypeError("The audit trail is never deleted.")


class AuditEntry(AppendOnly):
    """One thing somebody did. `at` is the clock's own time of the writing, whatever time the deed was told to have."""

    class Who(models.TextChoices):
        STAFF = "staff", _("staff")
        TOKEN = "token", _("a token of the API")
        CUSTOMER = "customer", _("the case's customer")
        SYSTEM = "system", _("the desk itself")
        NOBODY = "nobody", _("somebody unknown")

    at = models.DateTimeField(_("at"))
    who = models.CharField(_("by"), max_length=10, choices=Who)
    person = models.BigIntegerField(_("account"), null=True)
    token = models.BigIntegerField(_("token"), null=True)
    network = models.CharField(_("from"), max_length=64, blank=True, help_text=_("Of staff alone."))
    verb = models.CharField(_("what"), max_length=60)
    kind = models.CharField(_("kind of object"), max_length=40)
    object_id = models.BigIntegerField(_("object"), null=True)
    facts = models.JSONField(_("facts"), default=dict)

    class Meta:
        managed = False
        ordering = ("-at", "-id")
        verbose_name = _("entry of the audit trail")
        verbose_name_plural = _("audit trail")
        indexes = [
            models.Index(name="audit_by_time", fields=["at", "id"]),
            models.Index(name="audit_by_person", fields=["person", "at", "id"]),
            models.Index(name="audit_by_verb", fields=["verb", "at", "id"]),
            models.Index(name="audit_by_object", fields=["kind", "object_id", "at", "id"]),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.verb}"


class AuditSeal(AppendOnly):
    """The place of one entry in the chain: its hash is over the entry and the hash before it."""

    position = models.BigIntegerField(primary_key=True)
    entry = models.OneToOneField(AuditEntry, on_delete=models.DO_NOTHING, db_constraint=False, related_name="seal")
    hash = models.CharField(max_length=64)

    class Meta:
        managed = False
        ordering = ("position",)
        verbose_name = _("seal of the audit trail")

    def __str__(self) -> str:
        return f"{self.position} {self.hash[:12]}"
