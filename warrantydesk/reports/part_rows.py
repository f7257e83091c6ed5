"""What the reports count from of covered parts themselves, whatever case there is about them: the pauses that ended,
and the parts sold alike. Written by `reports.counting`, like all flat rows (`reports.models`)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from products.models import Product


class PauseFigures(models.Model):
    """A pause that ended, with what was sold: days away, both ends included."""

    # No foreign key: a pause that is taken back must leave its row until the counting takes it out of the ledger too.
    window = models.BigIntegerField(primary_key=True)
    covered_part = models.BigIntegerField()
    unit = models.BigIntegerField()
    part = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="+", db_index=False)
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="+", db_index=False)
    country = models.CharField(_("country"), max_length=2, blank=True)
    sold_in = models.DateField(_("month of sale"))
    left_on = models.DateField(_("left on"))
    back_on = models.DateField(_("back on"))
    days = models.PositiveIntegerField(_("days away"))

    class Meta:
        verbose_name = _("figures of a pause")
        verbose_name_plural = _("figures of pauses")
        indexes = [
            models.Index(name="pause_by_day", fields=["back_on"]),
            models.Index(name="pause_by_unit", fields=["unit"]),
        ]

    def __str__(self) -> str:
        return f"{self.left_on} - {self.back_on}"


class PartCohort(models.Model):
    """How many covered parts of one block of the table are alike: what, sold where and when, covered until when.

    A block is a stretch of keys of CoveredPart, so that what changed is recounted without reading all the rest.
    """

    block = models.PositiveIntegerField()
    part = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="+")
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="+")
    country = models.CharField(max_length=2, blank=True)
    sold_in = models.DateField()
    term_months = models.PositiveSmallIntegerField()
    covered_in = models.DateField(null=True, help_text=_("The month of the last covered day; empty while away."))
    paused_days = models.PositiveIntegerField(default=0)
    voided = models.BooleanField(default=False)
    parts = models.PositiveIntegerField()
    units = models.PositiveIntegerField(help_text=_("Of these parts, those that are the first of their sold unit."))

    class Meta:
        verbose_name = _("parts sold alike")
        verbose_name_plural = _("parts sold alike")
        indexes = [
            models.Index(name="cohort_by_block", fields=["block"]),
            models.Index(name="cohort_by_part", fields=["part", "sold_in"]),
        ]

    def __str__(self) -> str:
        return f"{self.part_id} {self.sold_in}: {self.parts}"
