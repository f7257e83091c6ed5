"""What can be sold: single products and kits, and the bill of materials of each kit."""

import datetime as dt

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField

# Six digits the world shares, and up to six more of the country the goods enter; written with or without dots.
HS_CODE = RegexValidator(r"^\d{4}(\.?\d{2}){1,4}$", _("A customs tariff number has 6 to 12 digits: 8477.90."))


class Product(models.Model):
    """Something with an article number. A kit is sold as one thing and covered as its parts (policy 1.1)."""

    class Kind(models.TextChoices):
        SINGLE = "single", _("single product")
        KIT = "kit", _("kit")

    class Category(models.TextChoices):
        STANDARD = "standard", _("standard")
        MOTOR = "motor", _("motor")
        CONSUMABLE = "consumable", _("consumable")

    sku = models.CharField(_("article number"), max_length=64, unique=True)
    name = models.CharField(_("name"), max_length=200)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.SINGLE)
    category = models.CharField(
        _("category"),
        max_length=12,
        choices=Category,
        default=Category.STANDARD,
        help_text=_("Motors have two void reasons of their own; consumables are not covered for wear."),
    )
    manual_url = models.URLField(
        _("manual"), blank=True, help_text=_("Shown to the customer in mails and on the portal.")
    )
    hs_code = models.CharField(
        _("customs tariff number"),
        max_length=16,
        blank=True,
        validators=[HS_CODE],
        help_text=_("HS code; stands on the packing slip for customs."),
    )
    country_of_origin = CountryField(
        _("country of origin"), blank=True, help_text=_("Where it was made; stands on the packing slip for customs.")
    )
    is_active = models.BooleanField(_("on sale"), default=True)
    parts = models.ManyToManyField(
        "self", through="KitPart", through_fields=("kit", "part"), symmetrical=False, related_name="kits"
    )

    class Meta:
        ordering = ("sku",)
        constraints = [
            models.CheckConstraint(name="product_kind_known", condition=models.Q(kind__in=["single", "kit"])),
            models.CheckConstraint(
                name="product_category_known", condition=models.Q(category__in=["standard", "motor", "consumable"])
            ),
            models.CheckConstraint(
                name="product_kit_has_no_category_of_its_own",
                condition=models.Q(kind="single") | models.Q(category="standard"),
            ),
            models.CheckConstraint(name="product_sku_not_empty", condition=~models.Q(sku="")),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.sku})"

    @property
    def manual_link(self) -> str:
        """The manual as customers may be shown it: "" where it is no page of the web."""
        return self.manual_url if self.manual_url.startswith(("https://", "http://")) else ""


class KitPart(models.Model):
    """One line of a kit's bill of materials: `quantity` of `part` at `place`, each covered by itself or as one lot."""

    class Tracked(models.TextChoices):
        SINGLY = "singly", _("each piece by itself")
        LOT = "lot", _("together, as one lot")

    kit = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="bill_of_materials", verbose_name=_("kit"))
    part = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="used_in", verbose_name=_("part"))
    place = models.CharField(
        _("place"), max_length=120, blank=True, help_text=_("Where it sits, as a customer would say it: X axis.")
    )
    quantity = models.PositiveIntegerField(_("quantity"), default=1)
    tracked = models.CharField(_("tracked"), max_length=8, choices=Tracked, default=Tracked.LOT)
    position = models.PositiveIntegerField(_("order"), default=0)
    from_on = models.DateField(
        _("in the box from"), null=True, blank=True, help_text=_("First day of this revision; empty: since ever.")
    )
    until_on = models.DateField(
        _("in the box until"), null=True, blank=True, help_text=_("Last day, inclusive; empty: still in the box.")
    )

    class Meta:
        ordering = ("kit", "position", "id")
        verbose_name = _("kit part")
        constraints = [
            # Earlier revisions keep their lines: only what is in the box today is there once.
            models.UniqueConstraint(
                name="kit_part_once_per_place",
                fields=["kit", "part", "place"],
                condition=models.Q(until_on__isnull=True),
            ),
            models.CheckConstraint(
                name="kit_part_until_not_before_from",
                condition=models.Q(from_on__isnull=True)
                | models.Q(until_on__isnull=True)
                | models.Q(until_on__gte=models.F("from_on")),
            ),
            models.CheckConstraint(name="kit_part_quantity_positive", condition=models.Q(quantity__gte=1)),
            models.CheckConstraint(name="kit_part_not_itself", condition=~models.Q(kit=models.F("part"))),
            models.CheckConstraint(name="kit_part_tracked_known", condition=models.Q(tracked__in=["singly", "lot"])),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.part} in {self.kit}"

    def is_in_box(self, on: dt.date) -> bool:
        """Whether the kit held this line on that day."""
        return (self.from_on is None or self.from_on <= on) and (self.until_on is None or on <= self.until_on)

    def clean(self) -> None:
        if self.kit_id and self.kit.kind != Product.Kind.KIT:
            raise ValidationError({"kit": _("%(kit)s is sold singly: only a kit has parts.") % {"kit": self.kit}})
        if self.kit_id and self.part_id and contains(self.part_id, self.kit_id):
            raise ValidationError(
                {
                    "part": _("%(part)s contains this kit, directly or through another: a kit cannot contain itself.")
                    % {"part": self.part}
                }
            )


def contains(outer_id: int, inner_id: int) -> bool:
    """Whether product `outer_id` is `inner_id` or has it anywhere in its bill of materials. One query a level."""
    seen: set[int] = set()
    level = {outer_id}
    while level:
        if inner_id in level:
            return True
        seen |= level
        level = set(KitPart.objects.filter(kit_id__in=level).values_list("part_id", flat=True)) - seen
    return False
