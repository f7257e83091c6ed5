"""What the workshop did to a part: what was found, what was done, what was built in, and whether it runs again."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cases.models.case import ClaimedPart
from products.models import Product


class RepairReport(models.Model):
    """One turn at the bench. Append-only: a second turn is a second report, and the last one says how it stands."""

    class Test(models.TextChoices):
        PASSED = "passed", _("passed")
        FAILED = "failed", _("failed")
        NONE = "none", _("not tested")

    claim = models.ForeignKey(
        ClaimedPart, on_delete=models.CASCADE, related_name="repair_reports", verbose_name=_("claimed part")
    )
    found = models.TextField(_("found"), max_length=4000)
    done = models.TextField(_("done"), max_length=4000, blank=True)
    test = models.CharField(_("test"), max_length=6, choices=Test)
    measured = models.CharField(_("measured"), max_length=250, blank=True)
    reported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("reported by")
    )
    reported_at = models.DateTimeField(_("reported at"))

    class Meta:
        ordering = ("claim", "id")
        verbose_name = _("repair report")
        constraints = [
            models.CheckConstraint(name="repair_report_test_known", condition=Q(test__in=["passed", "failed", "none"])),
            models.CheckConstraint(name="repair_report_found_something", condition=~Q(found="")),
        ]

    def __str__(self) -> str:
        return f"{self.claim_id}: {self.get_test_display()}"


class UsedPart(models.Model):
    """A spare part built in during a repair. With a serial number it is one piece, used once."""

    claim = models.ForeignKey(
        ClaimedPart, on_delete=models.CASCADE, related_name="used_parts", verbose_name=_("claimed part")
    )
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+", verbose_name=_("spare part"))
    quantity = models.PositiveSmallIntegerField(_("pieces"), default=1)
    serial = models.CharField(_("serial number"), max_length=120, blank=True)
    serial_fold = models.CharField(max_length=120, blank=True, editable=False)
    used_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("built in by")
    )
    used_at = models.DateTimeField(_("built in at"))

    class Meta:
        ordering = ("claim", "id")
        verbose_name = _("part used")
        verbose_name_plural = _("parts used")
        constraints = [
            models.UniqueConstraint(
                name="used_part_once", fields=["product", "serial_fold"], condition=~Q(serial_fold="")
            ),
            models.CheckConstraint(name="used_part_quantity_positive", condition=Q(quantity__gte=1)),
            models.CheckConstraint(name="used_part_serial_is_one_piece", condition=Q(serial="") | Q(quantity=1)),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.product_id}"
