"""A request that is still being written. It belongs to one browser, until its button makes a case of it."""

from datetime import datetime

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from cases.models import Case, FileBasket
from products.models import CoveredPart, SoldUnit


class LinkRequest(models.Model):
    """Somebody asked for a private link: work to be done, and gone once it is. Of an old link only its hash is kept."""

    reference = models.CharField(_("case number as given"), max_length=60, blank=True)
    address = models.EmailField(_("e-mail address as given"), blank=True)
    token_hash = models.CharField(max_length=64, blank=True)
    asked_at = models.DateTimeField(_("asked at"))

    class Meta:
        ordering = ("asked_at", "id")
        verbose_name = _("private link asked for")
        verbose_name_plural = _("private links asked for")

    def __str__(self) -> str:
        return f"link request {self.pk}"


class RequestDraft(models.Model):
    """What was filled in so far, step by step. Sent, it names its case: pressing the button again finds that one.

    `unit` is the product where invoice and serial number together proved it; else it is only what was written.
    """

    created_at = models.DateTimeField(_("begun at"))
    touched_at = models.DateTimeField(_("last changed at"))
    done = models.JSONField(_("steps filled in"), default=list)
    invoice_as_given = models.CharField(_("invoice number as given"), max_length=120, blank=True)
    serial_as_given = models.CharField(_("serial number as given"), max_length=120, blank=True)
    about = models.TextField(_("what it is, where no number was at hand"), blank=True)
    unit = models.ForeignKey(SoldUnit, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    part_ids = models.JSONField(_("parts chosen"), default=list)
    part_words = models.TextField(_("the part in words"), blank=True)
    description = models.TextField(_("what happened"), blank=True)
    since = models.CharField(_("since when"), max_length=120, blank=True)
    name = models.CharField(_("name"), max_length=200, blank=True)
    email = models.EmailField(_("e-mail address"), blank=True)
    basket = models.OneToOneField(FileBasket, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    case = models.ForeignKey(
        Case, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("case")
    )
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)

    class Meta:
        ordering = ("created_at", "id")
        verbose_name = _("request being written")
        verbose_name_plural = _("requests being written")
        indexes = [models.Index(name="draft_clear_old", fields=["touched_at"])]

    def __str__(self) -> str:
        return f"draft {self.pk}"

    def parts(self) -> list[CoveredPart]:
        """The parts chosen, as far as they are parts of the product. One query; none while the product is not known."""
        if self.unit_id is None:
            return []
        rows = CoveredPart.objects.filter(unit=self.unit_id, pk__in=self.part_ids).select_related("product")
        return list(rows.order_by("position"))

    def basket_to_fill(self, now: datetime) -> FileBasket:
        """Where its files wait; made when the first one comes, and then only once."""
        if self.basket is None:
            with transaction.atomic():
                locked = RequestDraft.objects.select_for_update().get(pk=self.pk)
                if locked.basket is None:
                    locked.basket = FileBasket.objects.create(created_at=now)
                    locked.save(update_fields=["basket"])
                self.basket = locked.basket
        return self.basket
