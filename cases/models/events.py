"""The one timeline of a case: history, audit trail, statistics and the trigger of outgoing mail in one."""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from cases.models.case import Case


class CaseEvent(models.Model):
    """Something that happened to a case: who, when, from where to where, and why. Append-only."""

    class Kind(models.TextChoices):
        OPENED = "opened", _("opened")
        TRANSITION = "transition", _("moved on")
        REFUSED = "refused", _("refused")
        DETAILS = "details", _("details changed")
        PART = "part", _("claimed part")
        VERDICT = "verdict", _("verdict")
        EVIDENCE = "evidence", _("evidence")
        MESSAGE = "message", _("message")
        MAIL = "mail", _("mail")
        QUOTE = "quote", _("quote")
        ASSIGNED = "assigned", _("assigned")
        SHIPMENT = "shipment", _("shipment")
        CLOCK = "clock", _("warranty clock")

    class Actor(models.TextChoices):
        STAFF = "staff", _("staff")
        CUSTOMER = "customer", _("customer")
        SYSTEM = "system", _("the desk itself")

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="events", verbose_name=_("case"))
    at = models.DateTimeField(_("at"))
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    name = models.CharField(_("what"), max_length=60, help_text=_("The transition, or what happened, as a code."))
    from_state = models.CharField(_("from"), max_length=20, blank=True)
    to_state = models.CharField(_("to"), max_length=20, blank=True)
    actor_kind = models.CharField(_("by"), max_length=10, choices=Actor)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("person"),
    )
    why = models.TextField(_("why"), blank=True)
    data = models.JSONField(_("details"), default=dict, blank=True)

    class Meta:
        ordering = ("case", "at", "id")
        verbose_name = _("event")
        indexes = [models.Index(name="event_timeline", fields=["case", "at", "id"])]
        constraints = [
            models.CheckConstraint(
                name="event_staff_has_person", condition=~models.Q(actor_kind="staff") | models.Q(actor__isnull=False)
            ),
            models.CheckConstraint(
                name="event_transition_has_states",
                condition=~models.Q(kind="transition") | (~models.Q(from_state="") & ~models.Q(to_state="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case} {self.name}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            raise TypeError("An event is never changed: write another one.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise TypeError("An event is never deleted.")
