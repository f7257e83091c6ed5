"""How the desk works: when it is open, who is away, who gets which product, and what people keep about cases.

None of it has anything to do with the warranty clock.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField

from cases.rules.opening_hours import read_hours
from cases.rules.response_clock import Targets
from cases.rules.working_hours import DeskHours
from products.models import Product

if TYPE_CHECKING:
    from datetime import date

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def check_hours(written: str) -> None:
    try:
        read_hours(written)
    except ValueError as problem:
        raise ValidationError(str(problem), code="hours") from None


def check_zone(name: str) -> None:
    if name not in available_timezones():
        raise ValidationError(_("There is no time zone of this name: write it like Europe/Oslo."), code="zone")


def _hours_field(label: Any) -> models.CharField[str, str]:
    return models.CharField(label, max_length=120, blank=True, validators=[check_hours])


class DeskCalendar(models.Model):
    """The working time of one desk, and what it promises in it. The default one serves whom no other serves."""

    name = models.CharField(_("name"), max_length=80, unique=True)
    is_default = models.BooleanField(_("for everybody else"), default=False)
    countries = CountryField(
        _("countries"), multiple=True, blank=True, help_text=_("Customers of these countries are served by this desk.")
    )
    time_zone = models.CharField(_("time zone"), max_length=60, validators=[check_zone])
    monday = _hours_field(_("Monday"))
    tuesday = _hours_field(_("Tuesday"))
    wednesday = _hours_field(_("Wednesday"))
    thursday = _hours_field(_("Thursday"))
    friday = _hours_field(_("Friday"))
    saturday = _hours_field(_("Saturday"))
    sunday = _hours_field(_("Sunday"))
    first_reply_hours = models.DecimalField(
        _("first reply within"),
        max_digits=6,
        decimal_places=2,
        default=8,
        validators=[MinValueValidator(0)],
        help_text=_("Working hours until a person has answered."),
    )
    decision_hours = models.DecimalField(
        _("decision within"),
        max_digits=6,
        decimal_places=2,
        default=24,
        validators=[MinValueValidator(0)],
        help_text=_("Working hours until the claim is decided. They stand still while the customer is asked."),
    )

    class Meta:
        ordering = ("-is_default", "name")
        verbose_name = _("desk calendar")
        constraints = [
            models.UniqueConstraint(name="calendar_one_default", fields=["is_default"], condition=Q(is_default=True)),
            models.CheckConstraint(
                name="calendar_targets_not_negative", condition=Q(first_reply_hours__gte=0, decision_hours__gte=0)
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        if not any(getattr(self, day).strip() for day in DAYS):
            raise ValidationError(_("This desk would never open: give at least one day its hours."), code="never_open")

    @property
    def hours(self) -> DeskHours:
        week = tuple(read_hours(getattr(self, day)) for day in DAYS)
        return DeskHours(ZoneInfo(self.time_zone), week, self.days_off)

    @cached_property
    def days_off(self) -> frozenset[date]:
        """Its holidays. Whoever has read them with the calendar sets them."""
        return frozenset(self.holidays.values_list("on", flat=True))

    @property
    def targets(self) -> Targets:
        return Targets(timedelta(hours=float(self.first_reply_hours)), timedelta(hours=float(self.decision_hours)))


class Holiday(models.Model):
    calendar = models.ForeignKey(
        DeskCalendar, on_delete=models.CASCADE, related_name="holidays", verbose_name=_("desk calendar")
    )
    on = models.DateField(_("day"))
    name = models.CharField(_("name"), max_length=80, blank=True)

    class Meta:
        ordering = ("calendar", "on")
        verbose_name = _("holiday")
        constraints = [models.UniqueConstraint(name="holiday_once_per_calendar", fields=["calendar", "on"])]

    def __str__(self) -> str:
        return f"{self.on:%Y-%m-%d} {self.name}".strip()


class Tag(models.Model):
    """A word the desk sorts its cases by. No rule reads it, and no customer."""

    name = models.CharField(_("name"), max_length=40)

    class Meta:
        ordering = ("name",)
        verbose_name = _("tag")
        constraints = [
            models.UniqueConstraint(Lower("name"), name="tag_once_any_case"),
            models.CheckConstraint(name="tag_not_empty", condition=~Q(name="")),
        ]

    def __str__(self) -> str:
        return self.name


class QueueView(models.Model):
    """A view of the queue somebody made: the address of its filters (`asked`, a query string) under a name."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", verbose_name=_("owner")
    )
    name = models.CharField(_("name"), max_length=60)
    asked = models.CharField(_("filters"), max_length=500, blank=True)

    class Meta:
        ordering = ("name", "id")
        verbose_name = _("own view of the queue")
        constraints = [
            models.UniqueConstraint(Lower("name"), F("owner"), name="queue_view_name_once_per_owner"),
            models.CheckConstraint(name="queue_view_has_name", condition=~Q(name="")),
        ]

    def __str__(self) -> str:
        return self.name


class Absence(models.Model):
    """Days on which a colleague is away: nothing new is given to them, and what they have is seen by the others.

    With a deputy who is there, what would come to them goes to the deputy.
    """

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", verbose_name=_("person")
    )
    first_on = models.DateField(_("first day away"))
    last_on = models.DateField(_("last day away"))
    deputy = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name=_("deputy"),
    )
    note = models.CharField(_("note"), max_length=120, blank=True)

    class Meta:
        ordering = ("first_on", "id")
        verbose_name = _("absence")
        indexes = [models.Index(name="absence_on_a_day", fields=["last_on", "first_on"])]
        constraints = [
            models.CheckConstraint(name="absence_ends_after_it_begins", condition=Q(last_on__gte=F("first_on")))
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.first_on} – {self.last_on}"

    def covers(self, day: date) -> bool:
        return self.first_on <= day <= self.last_on


class AssignmentRule(models.Model):
    """Who looks after cases about a product. Several people share it: the least busy of those who are there gets it."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="+", verbose_name=_("product"))
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", verbose_name=_("person")
    )

    class Meta:
        ordering = ("product", "id")
        verbose_name = _("assignment rule")
        constraints = [models.UniqueConstraint(name="assignment_rule_once", fields=["product", "person"])]

    def __str__(self) -> str:
        return f"{self.product}: {self.person}"
