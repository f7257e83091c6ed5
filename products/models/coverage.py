"""Each part with its own clock (policy 1), and everything that ever happened to that clock.

Only `products.services` writes the clock fields; `manage.py check_clocks` proves that stored equals recomputed.
"""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from products.identifiers import fold_identifier
from products.models.catalogue import Product
from products.models.invoices import SoldUnit
from products.models.terms import VoidReason, WarrantyTerms


class CoveredPart(models.Model):
    """One part of one sold unit: a piece tracked singly, or a lot. Category and terms are frozen at sale."""

    # Found by its unit through the unique constraint on unit and position; a second index would only cost.
    unit = models.ForeignKey(
        SoldUnit, on_delete=models.CASCADE, db_index=False, related_name="parts", verbose_name=_("sold unit")
    )
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+", verbose_name=_("part"))
    place = models.CharField(_("place in the product"), max_length=250, blank=True)
    position = models.PositiveIntegerField(_("order"), default=0)
    quantity = models.PositiveIntegerField(_("pieces"), default=1, help_text=_("More than one for a lot."))
    category = models.CharField(_("category at sale"), max_length=12, choices=Product.Category)
    is_lot = models.BooleanField(_("lot"), default=False)
    serial = models.CharField(_("current serial number"), max_length=60, blank=True)
    serial_fold = models.CharField(max_length=60, blank=True, editable=False)

    # Nobody looks for the parts of some terms, and of millions of parts nearly all have the same.
    terms = models.ForeignKey(
        WarrantyTerms, on_delete=models.PROTECT, db_index=False, related_name="+", verbose_name=_("terms")
    )
    term_months = models.PositiveSmallIntegerField(_("months, as sold"))
    starts_on = models.DateField(_("starts on"))
    started_by = models.CharField(_("start taken from"), max_length=10, choices=WarrantyTerms.StartsFrom)
    base_covered_through = models.DateField(_("covered through, without pauses"))
    covered_through = models.DateField(
        _("covered through"),
        null=True,
        blank=True,
        help_text=_("Empty while the part is away: the clock stands still."),
    )
    extended_days = models.PositiveIntegerField(_("days won by pauses"), null=True, blank=True, default=0)
    paused_since = models.DateField(_("paused since"), null=True, blank=True)
    voided_at = models.DateTimeField(_("voided at"), null=True, blank=True)

    class Meta:
        ordering = ("unit", "position", "id")
        verbose_name = _("covered part")
        indexes = [
            models.Index(name="part_find_by_serial", fields=["serial_fold"], condition=~Q(serial_fold="")),
            models.Index(name="part_near_end_of_cover", fields=["covered_through"]),
        ]
        constraints = [
            models.UniqueConstraint(name="part_position_once_per_unit", fields=["unit", "position"]),
            models.CheckConstraint(name="part_quantity_positive", condition=Q(quantity__gte=1)),
            models.CheckConstraint(name="part_term_positive", condition=Q(term_months__gte=1)),
            models.CheckConstraint(
                name="part_category_known", condition=Q(category__in=["standard", "motor", "consumable"])
            ),
            models.CheckConstraint(name="part_started_by_known", condition=Q(started_by__in=["invoice", "delivery"])),
            models.CheckConstraint(
                name="part_base_not_before_start", condition=Q(base_covered_through__gte=F("starts_on"))
            ),
            models.CheckConstraint(
                name="part_cover_never_shortened",
                condition=Q(covered_through__isnull=True) | Q(covered_through__gte=F("base_covered_through")),
            ),
            # Frozen and dated exclude each other: while a part is away nobody knows the last day (policy 1.6).
            models.CheckConstraint(
                name="part_frozen_or_dated",
                condition=Q(covered_through__isnull=True, extended_days__isnull=True, paused_since__isnull=False)
                | Q(covered_through__isnull=False, extended_days__isnull=False, paused_since__isnull=True),
            ),
        ]
        permissions = [("confirm_pause", "Can confirm or correct a pause, with proof")]

    def __str__(self) -> str:
        return f"{self.label} {self.serial}".strip()

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.serial_fold = fold_identifier(self.serial)
        super().save(*args, **kwargs)

    @property
    def label(self) -> str:
        """The part as a person would name it: its place in the product, then its name."""
        return f"{self.place}: {self.product.name}" if self.place else self.product.name

    @property
    def is_voided(self) -> bool:
        return self.voided_at is not None


class PauseWindow(models.Model):
    """Days on which a part was out of the customer's hands, both ends included. `back_on` empty: still away."""

    class Certainty(models.TextChoices):
        PROVISIONAL = "provisional", _("provisional")
        VERIFIED = "verified", _("verified by tracking")
        CONFIRMED = "confirmed", _("confirmed by staff")

    class Source(models.TextChoices):
        TRACKING = "tracking", _("tracking")
        STAFF = "staff", _("staff")

    part = models.ForeignKey(CoveredPart, on_delete=models.CASCADE, related_name="pauses", verbose_name=_("part"))
    left_on = models.DateField(_("left on"))
    back_on = models.DateField(_("back on"), null=True, blank=True)
    source = models.CharField(_("source"), max_length=10, choices=Source)
    certainty = models.CharField(_("certainty"), max_length=12, choices=Certainty)
    review_reasons = models.JSONField(_("to be reviewed because"), default=list, blank=True)
    proof = models.JSONField(
        _("proof"), default=dict, blank=True, help_text=_("Parcels and scans that prove the two days.")
    )
    proof_file = models.FileField(_("attached proof"), upload_to="proof/", max_length=200, blank=True)
    reason = models.TextField(_("reason"), blank=True)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    confirmed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("part", "left_on", "id")
        verbose_name = _("pause")
        indexes = [
            models.Index(
                name="pause_to_review",
                fields=["part"],
                condition=Q(source="tracking", certainty="provisional") & ~Q(review_reasons=[]),
            )
        ]
        constraints = [
            models.CheckConstraint(
                name="pause_back_not_before_left", condition=Q(back_on__isnull=True) | Q(back_on__gte=F("left_on"))
            ),
            models.CheckConstraint(
                name="pause_certainty_known", condition=Q(certainty__in=["provisional", "verified", "confirmed"])
            ),
            models.CheckConstraint(name="pause_source_known", condition=Q(source__in=["tracking", "staff"])),
            models.CheckConstraint(
                name="pause_open_is_provisional", condition=Q(back_on__isnull=False) | ~Q(certainty="verified")
            ),
            models.CheckConstraint(
                name="pause_by_staff_says_why",
                condition=Q(source="tracking")
                | (Q(confirmed_by__isnull=False, confirmed_at__isnull=False) & ~Q(reason="")),
            ),
            models.UniqueConstraint(
                name="pause_one_open_per_part_and_source", fields=["part", "source"], condition=Q(back_on__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.left_on} to {self.back_on or '…'}"


class SerialChange(models.Model):
    """A free replacement took over the place and the clock of a part; both serials stay known (policy 1.7)."""

    part = models.ForeignKey(
        CoveredPart, on_delete=models.CASCADE, related_name="serial_changes", verbose_name=_("part")
    )
    old_serial = models.CharField(_("old serial number"), max_length=60, blank=True)
    old_serial_fold = models.CharField(max_length=60, blank=True, editable=False)
    new_serial = models.CharField(_("new serial number"), max_length=60, blank=True)
    changed_at = models.DateTimeField(_("changed at"))
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    case_reference = models.CharField(_("case"), max_length=20, blank=True)

    class Meta:
        ordering = ("part", "changed_at", "id")
        verbose_name = _("replacement")
        indexes = [
            models.Index(name="serial_find_in_chain", fields=["old_serial_fold"], condition=~Q(old_serial_fold=""))
        ]

    def __str__(self) -> str:
        return f"{self.old_serial or '—'} → {self.new_serial or '—'}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.old_serial_fold = fold_identifier(self.old_serial)
        super().save(*args, **kwargs)


class PartVoid(models.Model):
    """The cover of one part ended for a reason of the policy (1.8). Lifting it needs a reason too; dates are kept."""

    part = models.ForeignKey(CoveredPart, on_delete=models.CASCADE, related_name="voids", verbose_name=_("part"))
    reason = models.ForeignKey(VoidReason, on_delete=models.PROTECT, related_name="+", verbose_name=_("reason"))
    case_reference = models.CharField(_("case"), max_length=20, blank=True)
    note = models.TextField(_("note"), blank=True)
    voided_at = models.DateTimeField(_("voided at"))
    voided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    lifted_at = models.DateTimeField(_("lifted at"), null=True, blank=True)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    lift_reason = models.TextField(_("lifted because"), blank=True)

    class Meta:
        ordering = ("part", "voided_at")
        verbose_name = _("void")
        constraints = [
            models.UniqueConstraint(
                name="void_one_in_force_per_part", fields=["part"], condition=Q(lifted_at__isnull=True)
            ),
            models.CheckConstraint(
                name="void_lifted_with_reason", condition=Q(lifted_at__isnull=True) | ~Q(lift_reason="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.part}: {self.reason}"


class ClockChange(models.Model):
    """A stored last day moved: from what to what, and what moved it. Append-only."""

    part = models.ForeignKey(
        CoveredPart, on_delete=models.CASCADE, related_name="clock_changes", verbose_name=_("part")
    )
    at = models.DateTimeField(_("at"))
    cause = models.CharField(_("cause"), max_length=200)
    before = models.JSONField(_("before"), default=dict)
    after = models.JSONField(_("after"), default=dict)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ("part", "at", "id")
        verbose_name = _("change of the clock")
        verbose_name_plural = _("changes of the clock")

    def __str__(self) -> str:
        return f"{self.before.get('covered_through')} → {self.after.get('covered_through')}"
