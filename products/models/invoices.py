"""What was sold to whom: customers, invoices, their lines and the units in the box."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField

from products.identifiers import fold_identifier
from products.models.catalogue import Product


class Customer(models.Model):
    """Somebody who bought from us or wrote to us. `email` may be empty: an old invoice without an address."""

    name = models.CharField(_("name"), max_length=200, blank=True)
    email = models.EmailField(_("e-mail address"), blank=True)
    country = CountryField(_("country"), blank=True)
    language = models.CharField(
        _("language"), max_length=10, blank=True, help_text=_("As in the language of letters: en, de, ja.")
    )
    time_zone = models.CharField(_("time zone"), max_length=60, blank=True, help_text=_("If known: Europe/Oslo."))
    address = models.TextField(_("postal address"), blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(Lower("email"), name="customer_email_once_any_case", condition=~models.Q(email="")),
        ]

    def __str__(self) -> str:
        return self.name or self.email or f"customer {self.pk}"


class Invoice(models.Model):
    """An invoice of one of our shops. Its date starts the clock of every part on it (policy 1.2)."""

    shop = models.CharField(_("shop"), max_length=40, blank=True)
    number = models.CharField(_("number"), max_length=60)
    number_fold = models.CharField(max_length=60, editable=False, db_index=True)
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="invoices", verbose_name=_("customer")
    )
    country = CountryField(_("country"), blank=True)
    currency = models.CharField(_("currency"), max_length=3, default="EUR")
    issued_on = models.DateField(_("invoice date"))
    delivered_on = models.DateField(_("delivered on"), null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    # What the shop said last, as a fingerprint: the same file again is recognised without reading a line of it, and
    # does not undo what somebody corrected meanwhile.
    source_print = models.CharField(max_length=64, blank=True, editable=False)
    imported_by = models.ForeignKey(
        "ImportRun", on_delete=models.SET_NULL, null=True, blank=True, related_name="invoices", editable=False
    )

    class Meta:
        ordering = ("-issued_on", "-id")
        constraints = [
            models.UniqueConstraint(name="invoice_number_once_per_shop", fields=["shop", "number"]),
            models.CheckConstraint(name="invoice_number_not_empty", condition=~models.Q(number="")),
            models.CheckConstraint(name="invoice_currency_is_iso", condition=models.Q(currency__regex=r"^[A-Z]{3}$")),
        ]

    def __str__(self) -> str:
        return self.number

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.number_fold = fold_identifier(self.number)
        super().save(*args, **kwargs)


class InvoiceLine(models.Model):
    invoice = models.ForeignKey(Invoice, on_delete=models.CASCADE, related_name="lines", verbose_name=_("invoice"))
    position = models.PositiveIntegerField(_("position"))
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+", verbose_name=_("product"))
    quantity = models.PositiveIntegerField(_("quantity"), default=1)
    unit_price = models.DecimalField(_("price a piece"), max_digits=12, decimal_places=2, null=True, blank=True)

    class Meta:
        ordering = ("invoice", "position")
        verbose_name = _("invoice line")
        constraints = [
            models.UniqueConstraint(name="invoice_line_position_once", fields=["invoice", "position"]),
            models.CheckConstraint(name="invoice_line_quantity_positive", condition=models.Q(quantity__gte=1)),
            models.CheckConstraint(
                name="invoice_line_price_not_negative",
                condition=models.Q(unit_price__isnull=True) | models.Q(unit_price__gte=0),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.invoice} / {self.position}: {self.quantity} × {self.product}"


class SoldUnit(models.Model):
    """One piece of a line as it left us: the kit in its box, or the single product. Its serial is on the box."""

    line = models.ForeignKey(
        InvoiceLine, on_delete=models.CASCADE, related_name="units", verbose_name=_("invoice line")
    )
    number = models.PositiveIntegerField(_("piece"), default=1, help_text=_("1 for the first piece of the line."))
    serial = models.CharField(_("serial number"), max_length=60, blank=True)
    serial_fold = models.CharField(max_length=60, blank=True, editable=False, db_index=True)
    refunded_on = models.DateField(
        _("refunded on"),
        null=True,
        blank=True,
        help_text=_("The cover of every part of it ended with this day; the dates of the clocks stay."),
    )

    class Meta:
        ordering = ("line", "number")
        verbose_name = _("sold unit")
        constraints = [models.UniqueConstraint(name="sold_unit_number_once_per_line", fields=["line", "number"])]

    def __str__(self) -> str:
        return f"{self.line.product.name} {self.serial}".strip()

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.serial_fold = fold_identifier(self.serial)
        super().save(*args, **kwargs)


class SaleCorrection(models.Model):
    """What was registered wrongly was put right: from what to what, by whom and why. Append-only."""

    class What(models.TextChoices):
        INVOICE_DATE = "invoice_date", _("invoice date corrected")
        DELIVERY_DATE = "delivery_date", _("delivery date corrected")
        BILL = "bill", _("bill of materials corrected")
        REFUND = "refund", _("refunded")
        LINES = "lines", _("order changed by the shop")

    invoice = models.ForeignKey(
        Invoice, on_delete=models.CASCADE, related_name="corrections", verbose_name=_("invoice")
    )
    unit = models.ForeignKey(
        SoldUnit, on_delete=models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("sold unit")
    )
    what = models.CharField(_("what"), max_length=20, choices=What)
    before = models.JSONField(_("before"), default=dict)
    after = models.JSONField(_("after"), default=dict)
    reason = models.TextField(_("reason"))
    at = models.DateTimeField(_("at"))
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("by"),
        help_text=_("Empty where the shop itself said so."),
    )

    class Meta:
        ordering = ("invoice", "at", "id")
        verbose_name = _("correction of a sale")
        verbose_name_plural = _("corrections of sales")
        constraints = [
            models.CheckConstraint(name="correction_says_why", condition=~models.Q(reason="")),
            models.CheckConstraint(
                name="correction_what_known",
                condition=models.Q(what__in=["invoice_date", "delivery_date", "bill", "refund", "lines"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.invoice}: {self.get_what_display()}"
