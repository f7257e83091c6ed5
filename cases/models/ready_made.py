"""What is written again and again, kept ready: answers to customers, and the lines of a quote."""

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cases.models.quote import QuoteLine
from cases.rules.filling import listed, unknown_places
from products.models import Product

language_code = RegexValidator(r"^[a-z]{2,3}(-[a-z0-9]{2,8})?$", _("A language code in small letters: en, de, pt-br."))


class CannedReply(models.Model):
    """Words for a reply, with places such as {name} that are filled with facts of the case (`cases.rules.filling`)."""

    title = models.CharField(_("title"), max_length=100)
    language = models.CharField(
        _("language"),
        max_length=10,
        blank=True,
        validators=[language_code],
        help_text=_("Its code, such as en or pt-br. Empty: offered for customers of every language."),
    )
    text = models.TextField(
        _("text"), max_length=5000, help_text=_("Places to be filled: {name} {reference} {product} {parts} {serial}.")
    )
    is_active = models.BooleanField(_("offered"), default=True)

    class Meta:
        ordering = ("title", "language")
        verbose_name = _("canned reply")
        verbose_name_plural = _("canned replies")
        constraints = [
            models.UniqueConstraint(name="canned_reply_title_once_per_language", fields=["title", "language"])
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.language})" if self.language else self.title

    def clean(self) -> None:
        if unknown := unknown_places(self.text):
            said = _("There is no place %(unknown)s. The places are %(known)s.")
            raise ValidationError({"text": said % {"unknown": listed(unknown), "known": listed()}})


class QuoteTemplate(models.Model):
    """Lines of a quote for a product, or for any, in one currency: a quote is in the currency of its invoice."""

    name = models.CharField(_("name"), max_length=100)
    product = models.ForeignKey(
        Product,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("product"),
        help_text=_("The kit or the part it is about. Empty: offered for every product."),
    )
    currency = models.CharField(
        _("currency"), max_length=3, validators=[RegexValidator(r"^[A-Z]{3}$", _("Three capital letters: EUR."))]
    )
    is_active = models.BooleanField(_("offered"), default=True)

    class Meta:
        ordering = ("name", "currency", "id")
        verbose_name = _("quote template")
        constraints = [
            models.CheckConstraint(name="quote_template_currency_is_iso", condition=Q(currency__regex=r"^[A-Z]{3}$"))
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.currency})"


class QuoteTemplateLine(models.Model):
    template = models.ForeignKey(
        QuoteTemplate, on_delete=models.CASCADE, related_name="lines", verbose_name=_("quote template")
    )
    position = models.PositiveSmallIntegerField(_("order"), default=0)
    kind = models.CharField(_("kind"), max_length=10, choices=QuoteLine.Kind)
    description = models.CharField(_("description"), max_length=200)
    amount = models.DecimalField(_("amount"), max_digits=10, decimal_places=2, validators=[MinValueValidator(0)])

    class Meta:
        ordering = ("template", "position", "id")
        verbose_name = _("line of a quote template")
        verbose_name_plural = _("lines of quote templates")
        constraints = [
            models.CheckConstraint(name="quote_template_line_not_negative", condition=Q(amount__gte=0)),
            models.CheckConstraint(
                name="quote_template_line_kind_known", condition=Q(kind__in=["repair", "shipping", "other"])
            ),
        ]

    def __str__(self) -> str:
        return f"{self.description}: {self.amount}"
