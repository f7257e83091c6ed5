"""What the warranty does not pay: repair service and shipping, quoted before work starts (policy 4)."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cases.models.case import Case
from cases.models.messages import Message


class Quote(models.Model):
    """One quote of a case. At most one is in force; an earlier one is `superseded_at`."""

    class Answer(models.TextChoices):
        NONE = "", _("no answer yet")
        ACCEPTED = "accepted", _("accepted")
        DECLINED = "declined", _("declined")

    PORTAL = "portal"  # answered through the customer's page; otherwise in a person's words: telephone, fair …

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="quotes", verbose_name=_("case"))
    currency = models.CharField(_("currency"), max_length=3)
    created_at = models.DateTimeField(_("made at"))
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)
    answer = models.CharField(_("answer"), max_length=10, choices=Answer, blank=True)
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True)
    answered_through = models.CharField(_("answered through"), max_length=200, blank=True)
    answered_in = models.ForeignKey(
        Message, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("answered in")
    )
    superseded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("case", "created_at", "id")
        constraints = [
            models.UniqueConstraint(
                name="quote_one_in_force_per_case", fields=["case"], condition=Q(superseded_at__isnull=True)
            ),
            models.CheckConstraint(name="quote_answer_known", condition=Q(answer__in=["", "accepted", "declined"])),
            models.CheckConstraint(
                name="quote_answer_has_time",
                condition=Q(answer="", answered_at__isnull=True) | (~Q(answer="") & Q(answered_at__isnull=False)),
            ),
            models.CheckConstraint(name="quote_currency_is_iso", condition=Q(currency__regex=r"^[A-Z]{3}$")),
        ]

    def __str__(self) -> str:
        return f"{self.case}: {self.currency}"


class QuoteLine(models.Model):
    class Kind(models.TextChoices):
        REPAIR = "repair", _("repair service")
        SHIPPING = "shipping", _("shipping")
        OTHER = "other", _("other")

    quote = models.ForeignKey(Quote, on_delete=models.CASCADE, related_name="lines", verbose_name=_("quote"))
    position = models.PositiveSmallIntegerField(default=0)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    description = models.CharField(_("description"), max_length=200)
    amount = models.DecimalField(_("amount"), max_digits=10, decimal_places=2)

    class Meta:
        ordering = ("quote", "position", "id")
        verbose_name = _("quote line")
        constraints = [
            models.CheckConstraint(name="quote_line_amount_not_negative", condition=Q(amount__gte=0)),
            models.CheckConstraint(name="quote_line_kind_known", condition=Q(kind__in=["repair", "shipping", "other"])),
        ]

    def __str__(self) -> str:
        return f"{self.description}: {self.amount}"
