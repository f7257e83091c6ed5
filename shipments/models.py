"""The parcels of a repair, what they carry, and what carriers said about them.

A parcel lives beside the state of its case: a denied case's parcel still travels home (policy 2.8).
"""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cases.models import Case
from products.models import CoveredPart


class EventKind(models.TextChoices):
    LABEL = "label", _("label made")
    DROP_OFF = "drop_off", _("handed in")
    PICKED_UP = "picked_up", _("picked up")
    IN_TRANSIT = "in_transit", _("on its way")
    OUT_FOR_DELIVERY = "out_for_delivery", _("out for delivery")
    AVAILABLE_FOR_PICKUP = "available_for_pickup", _("waiting to be collected")
    FAILED_ATTEMPT = "failed_attempt", _("delivery attempted")
    PICKUP_FAILED = "pickup_failed", _("collection attempted")
    DELIVERED = "delivered", _("delivered")
    RETURNED_TO_SENDER = "returned_to_sender", _("going back to its sender")
    EXCEPTION = "exception", _("held up")
    LOST = "lost", _("lost")
    CORRECTION = "correction", _("correction")
    UNKNOWN = "unknown", _("unknown")


class RepairShipment(models.Model):
    class Direction(models.TextChoices):
        TO_WORKSHOP = "to_workshop", _("to the workshop")
        TO_CUSTOMER = "to_customer", _("to the customer")

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="repair_shipments", verbose_name=_("case"))
    direction = models.CharField(_("direction"), max_length=12, choices=Direction)
    carrier = models.CharField(_("carrier"), max_length=30)
    tracking_number = models.CharField(_("tracking number"), max_length=60)
    whole_product = models.BooleanField(_("carries the whole product"), default=False)
    booked_at = models.DateTimeField(
        _("booked at"), help_text=_("When this number became this parcel's: older scans belong to somebody else.")
    )
    booked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    proposed = models.BooleanField(
        _("only proposed"), default=False, help_text=_("Taken from a customer's mail, not yet confirmed.")
    )
    latest_kind = models.CharField(_("last scan"), max_length=24, choices=EventKind, blank=True)
    latest_event_at = models.DateTimeField(_("last scan at"), null=True, blank=True)
    next_look_at = models.DateTimeField(
        _("next look"), null=True, blank=True, help_text=_("Empty: nothing left to ask the carrier.")
    )
    look_claimed_at = models.DateTimeField(null=True, blank=True, editable=False)
    looked_at = models.DateTimeField(_("last look"), null=True, blank=True)
    look_failures = models.PositiveSmallIntegerField(_("failed looks in a row"), default=0)
    look_problem = models.CharField(_("last problem"), max_length=250, blank=True)
    arrived_at = models.DateTimeField(
        _("arrived at"), null=True, blank=True, help_text=_("Final delivery, as far as is known today.")
    )
    cancelled_at = models.DateTimeField(_("cancelled at"), null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("case", "booked_at", "id")
        verbose_name = _("parcel")
        indexes = [
            models.Index(name="shipment_due", fields=["next_look_at", "id"], condition=Q(next_look_at__isnull=False)),
            models.Index(name="shipment_by_number", fields=["tracking_number"]),
        ]
        constraints = [
            models.UniqueConstraint(
                name="shipment_once_per_case", fields=["case", "carrier", "tracking_number", "direction"]
            ),
            models.CheckConstraint(
                name="shipment_direction_known", condition=Q(direction__in=["to_workshop", "to_customer"])
            ),
            models.CheckConstraint(name="shipment_number_not_empty", condition=~Q(tracking_number="")),
        ]
        permissions = [("handle_shipment", "Can book and correct parcels")]

    def __str__(self) -> str:
        return f"{self.carrier} {self.tracking_number}"


class PackedPart(models.Model):
    """One line of a parcel's packing list."""

    shipment = models.ForeignKey(
        RepairShipment, on_delete=models.CASCADE, related_name="packed_parts", verbose_name=_("parcel")
    )
    part = models.ForeignKey(CoveredPart, on_delete=models.PROTECT, related_name="packed", verbose_name=_("part"))

    class Meta:
        ordering = ("shipment", "part")
        verbose_name = _("packed part")
        constraints = [models.UniqueConstraint(name="packed_once_per_parcel", fields=["shipment", "part"])]

    def __str__(self) -> str:
        return f"{self.part} in {self.shipment}"


class TrackingEvent(models.Model):
    """One scan as the carrier reported it. Append-only; polls and webhooks of the same fact are one row.

    `occurred_on` is the local calendar date at the place of the scan and decides the day; `occurred_at` is the instant,
    empty where the carrier gave a date only.
    """

    class Heard(models.TextChoices):
        POLL = "poll", _("asked the carrier")
        WEBHOOK = "webhook", _("told by the carrier")
        STAFF = "staff", _("entered by staff")

    shipment = models.ForeignKey(
        RepairShipment, on_delete=models.CASCADE, related_name="tracking_events", verbose_name=_("parcel")
    )
    fact = models.CharField(max_length=64, editable=False)
    kind = models.CharField(_("kind"), max_length=24, choices=EventKind)
    code = models.CharField(_("carrier's code"), max_length=80, blank=True)
    voids = models.CharField(_("takes back"), max_length=80, blank=True)
    occurred_at = models.DateTimeField(_("at"), null=True, blank=True)
    occurred_on = models.DateField(_("on (local date)"))
    utc_offset_minutes = models.SmallIntegerField(null=True, blank=True)
    place = models.CharField(_("place"), max_length=200, blank=True)
    text = models.CharField(_("carrier's words"), max_length=500, blank=True)
    raw = models.JSONField(_("as received"), default=dict, blank=True)
    heard = models.CharField(_("heard by"), max_length=10, choices=Heard)
    heard_at = models.DateTimeField(_("heard at"))
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ("shipment", "occurred_on", "occurred_at", "id")
        verbose_name = _("tracking event")
        constraints = [
            models.UniqueConstraint(name="tracking_fact_once_per_parcel", fields=["shipment", "fact"]),
            models.CheckConstraint(name="tracking_kind_known", condition=Q(kind__in=EventKind.values)),
            models.CheckConstraint(
                name="tracking_staff_has_person", condition=~Q(heard="staff") | Q(recorded_by__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.occurred_on}"
