"""The promise (how long, from when) and the reasons a claim can be refused for, both as data."""

from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _


class WarrantyTerms(models.Model):
    """Terms in force from a day on. A part freezes the terms of its invoice date and keeps them (policy 1.3)."""

    class StartsFrom(models.TextChoices):
        INVOICE = "invoice", _("the invoice date")
        DELIVERY = "delivery", _("the delivery date, where known")

    effective_from = models.DateField(_("in force from"), unique=True)
    months = models.PositiveSmallIntegerField(_("months"), default=12, validators=[MinValueValidator(1)])
    starts_from = models.CharField(_("starts from"), max_length=10, choices=StartsFrom, default=StartsFrom.INVOICE)
    note = models.CharField(_("note"), max_length=200, blank=True)

    class Meta:
        ordering = ("effective_from",)
        verbose_name = _("warranty terms")
        verbose_name_plural = _("warranty terms")
        constraints = [
            models.CheckConstraint(name="terms_months_positive", condition=models.Q(months__gte=1)),
            models.CheckConstraint(
                name="terms_starts_from_known", condition=models.Q(starts_from__in=["invoice", "delivery"])
            ),
        ]

    def __str__(self) -> str:
        return f"{self.months} months, from {self.effective_from}"


class VoidReason(models.Model):
    """A reason for denying a claimed part (policy 3), with the clause it rests on, restated and editable.

    `effect` says what the reason does: `void` ends the cover of that part, `exclusion` leaves the cover alone (wear),
    `condition` is a condition of any claim that failed (not ours, out of time, already void, incomplete).
    """

    class Effect(models.TextChoices):
        VOID = "void", _("voids the part")
        EXCLUSION = "exclusion", _("excluded, cover goes on")
        CONDITION = "condition", _("a condition is not met")

    code = models.SlugField(_("code"), max_length=40, unique=True)
    effect = models.CharField(_("effect"), max_length=10, choices=Effect)
    motors_only = models.BooleanField(_("motors only"), default=False)
    clause = models.CharField(_("clause"), max_length=20)
    title = models.CharField(_("title"), max_length=120)
    text = models.TextField(_("clause, in our words"), help_text=_("Quoted to the customer in the decision."))
    position = models.PositiveSmallIntegerField(_("order"), default=0)

    class Meta:
        ordering = ("position",)
        verbose_name = _("denial reason")
        constraints = [
            models.CheckConstraint(
                name="void_reason_effect_known", condition=models.Q(effect__in=["void", "exclusion", "condition"])
            ),
            models.CheckConstraint(
                name="void_reason_motors_only_voids", condition=models.Q(motors_only=False) | models.Q(effect="void")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} (clause {self.clause})"
