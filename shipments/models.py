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
    # Derived (shipments/services/staying.py): asked for it, the database would try every parcel that ever arrived.
    here_since = models.DateTimeField(
        _("in the workshop since"),
        null=True,
        blank=True,
        editable=False,
        help_text=_("Empty where it never arrived here, no clock stands still for it, or something has left since."),
    )
    review_reasons = models.JSONField(
        _("to look at"), default=list, blank=True, help_text=_("What of its scans a person should look at.")
    )
    settle_at = models.DateTimeField(
        _("counts anew at"), null=True, blank=True, help_text=_("A scan from the future: from then on it is used.")
    )
    cancelled_at = models.DateTimeField(_("cancelled at"), null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("case", "booked_at", "id")
        verbose_name = _("parcel")
        indexes = [
            models.Index(
                name="shipment_due",
                fields=["carrier", "next_look_at", "id"],
                condition=Q(next_look_at__isnull=False, look_claimed_at__isnull=True),
            ),
            models.Index(
                name="shipment_claimed", fields=["look_claimed_at"], condition=Q(look_claimed_at__isnull=False)
            ),
            models.Index(name="shipment_ripens", fields=["settle_at"], condition=Q(settle_at__isnull=False)),
            models.Index(name="shipment_by_number", fields=["tracking_number"]),
            models.Index(
                name="shipment_open_by_way",
                fields=["direction", "latest_event_at", "id"],
                condition=Q(arrived_at__isnull=True, cancelled_at__isnull=True),
            ),
            models.Index(
                name="shipment_open_proposed", fields=["id"], condition=Q(proposed=True, cancelled_at__isnull=True)
            ),
            models.Index(
                name="shipment_in_workshop", fields=["here_since", "id"], condition=Q(here_since__isnull=False)
            ),
            # One for each reason of `parcels_needing_review`: the side of every page counts them.
            models.Index(
                name="shipment_review_scans",
                fields=["id"],
                condition=~Q(review_reasons=[]) & Q(cancelled_at__isnull=True),
            ),
            models.Index(
                name="shipment_review_astray",
                fields=["id"],
                condition=Q(latest_kind__in=("lost", "returned_to_sender"), cancelled_at__isnull=True),
            ),
            models.Index(
                name="shipment_review_failing",
                fields=["id"],
                condition=Q(look_failures__gte=5, cancelled_at__isnull=True),
            ),
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


class CarrierHealth(models.Model):
    """How a carrier answers: one row a carrier, written by whoever asks it.

    After some failed looks in a row the circuit opens: nobody asks before `open_until`, then one look tries. A
    carrier that says "later" is believed in the same way.
    """

    carrier = models.CharField(_("carrier"), max_length=30, unique=True)
    failures = models.PositiveIntegerField(_("failed looks in a row"), default=0)
    openings = models.PositiveSmallIntegerField(
        default=0, editable=False, help_text=_("How often in a row it was found still failing: the pauses grow.")
    )
    open_until = models.DateTimeField(_("not asked before"), null=True, blank=True)
    latency_ms = models.PositiveIntegerField(_("typical answer, ms"), null=True, blank=True)
    last_success_at = models.DateTimeField(_("last answer"), null=True, blank=True)
    last_problem = models.CharField(_("last problem"), max_length=250, blank=True)
    last_problem_at = models.DateTimeField(_("last problem at"), null=True, blank=True)
    heard_at = models.DateTimeField(_("last webhook"), null=True, blank=True)
    refused_at = models.DateTimeField(
        _("last refused webhook"), null=True, blank=True, help_text=_("Its signature did not fit: is the secret right?")
    )

    class Meta:
        ordering = ("carrier",)
        verbose_name = _("carrier's health")
        verbose_name_plural = _("carriers' health")

    def __str__(self) -> str:
        return self.carrier


class CarrierTurn(models.Model):
    """The right to ask a carrier, held by one process at a time and lost when it is not renewed.

    A carrier has few places, so that calls at once stay within what it allows whatever number of workers there is.
    """

    carrier = models.CharField(max_length=30)
    place = models.PositiveSmallIntegerField()
    holder = models.CharField(max_length=40, blank=True)
    held_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("carrier", "place")
        verbose_name = _("turn at a carrier")
        verbose_name_plural = _("turns at carriers")
        constraints = [models.UniqueConstraint(name="carrier_turn_place_once", fields=["carrier", "place"])]

    def __str__(self) -> str:
        return f"{self.carrier} {self.place}"


class TrackingHook(models.Model):
    """What a carrier sent by itself, its signature checked, as it came. A row without an outcome is work to be done."""

    class Outcome(models.TextChoices):
        WAITING = "", _("waiting")
        RECORDED = "recorded", _("recorded")
        HINT = "hint", _("taken as a hint to ask")
        NOTHING = "nothing", _("nothing in it")
        UNKNOWN = "unknown", _("no such parcel here")
        FAILED = "failed", _("could not be taken in")

    carrier = models.CharField(_("carrier"), max_length=30)
    sha256 = models.CharField(max_length=64, editable=False)
    proved = models.BooleanField(
        _("signed"), help_text=_("The signature covers the words; otherwise they are a hint to ask the carrier.")
    )
    body = models.BinaryField(_("as received"))
    delivery = models.CharField(_("carrier's id of the call"), max_length=200, blank=True)
    received_at = models.DateTimeField(_("received at"))
    times_seen = models.PositiveIntegerField(_("times received"), default=1)
    claimed_at = models.DateTimeField(null=True, blank=True, editable=False)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome, blank=True)
    read_at = models.DateTimeField(_("read at"), null=True, blank=True)
    events = models.PositiveIntegerField(_("scans"), default=0)
    unknown_numbers = models.JSONField(_("numbers not known here"), default=list, blank=True)
    problem = models.CharField(_("problem"), max_length=250, blank=True)

    class Meta:
        ordering = ("-received_at", "-id")
        verbose_name = _("carrier's webhook")
        indexes = [
            models.Index(name="hook_waiting", fields=["id"], condition=Q(outcome="")),
            models.Index(name="hook_by_outcome", fields=["outcome", "received_at"]),
        ]
        constraints = [models.UniqueConstraint(name="hook_once", fields=["carrier", "sha256"])]

    def __str__(self) -> str:
        return f"{self.carrier} {self.received_at:%Y-%m-%d %H:%M}"


class PauseProof(models.Model):
    """One night's proof that the stored pauses are those the scans prove: how many parts, and which were not."""

    began_at = models.DateTimeField(_("begun at"))
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)
    parts = models.PositiveIntegerField(_("parts"), default=0)
    different = models.PositiveIntegerField(_("parts that differ"), default=0)
    examples = models.JSONField(_("of these"), default=list, blank=True)

    class Meta:
        ordering = ("-began_at", "-id")
        verbose_name = _("proof of the pauses")
        verbose_name_plural = _("proofs of the pauses")

    def __str__(self) -> str:
        return f"{self.began_at:%Y-%m-%d} {self.different}"
