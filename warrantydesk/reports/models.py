"""What the reports count from: one flat row a case, a claimed part, a stage, an appeal, and the parts sold by month.

All of it is derived: `reports.counting` writes it from the rows of the storeys below, again and again, and can prove
that what is stored is what a recount gives (`manage.py count_figures --check`). Nothing else may write here.
"""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from cases.models import Case, ClaimedPart, Quote
from products.models import Product
from shipments.models import RepairShipment
from warrantydesk.reports import kept  # noqa: F401 - its tables are this app's too, like those of tallies
from warrantydesk.reports.part_rows import PartCohort, PauseFigures
from warrantydesk.reports.tallies import BUCKET


class CaseFigures(models.Model):
    """What the reports need to know of one case. Days are the desk's own."""

    MISSING = ("invoice", "serial", "part", "description", "evidence")

    case = models.OneToOneField(Case, on_delete=models.CASCADE, primary_key=True, related_name="figures")
    seen_at = models.DateTimeField(help_text=_("The latest change of the case, or of a clock of its parts."))
    received_on = models.DateField(_("received on"))
    state = models.CharField(_("state"), max_length=20)
    source = models.CharField(_("came by"), max_length=10)
    language = models.CharField(_("language"), max_length=10)
    product = models.ForeignKey(Product, on_delete=models.CASCADE, null=True, related_name="+", db_index=False)
    country = models.CharField(_("country"), max_length=2, blank=True)
    sold_in = models.DateField(_("month of sale"), null=True, help_text=_("The first day of that month."))
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="+", db_index=False
    )
    replied_on = models.DateField(null=True)
    reply_seconds = models.BigIntegerField(_("until a person first answered"), null=True)
    closed_on = models.DateField(_("closed on"), null=True)
    missing_invoice = models.BooleanField(default=False)
    missing_serial = models.BooleanField(default=False)
    missing_part = models.BooleanField(default=False)
    missing_description = models.BooleanField(default=False)
    missing_evidence = models.BooleanField(default=False)
    complete = models.BooleanField(_("complete at first"), default=False)
    asked_times = models.PositiveSmallIntegerField(_("times asked for more"), default=0)

    class Meta:
        verbose_name = _("figures of a case")
        verbose_name_plural = _("figures of cases")
        indexes = [
            models.Index(name="figures_by_receipt", fields=["received_on", "state"]),
            models.Index(name="figures_by_end", fields=["closed_on"], condition=Q(closed_on__isnull=False)),
            models.Index(name="figures_by_reply", fields=["replied_on"], condition=Q(replied_on__isnull=False)),
            models.Index(name="figures_open", fields=["state"], condition=Q(closed_on__isnull=True)),
            # A narrowed overview reads these alone, and no row of the table.
            models.Index(name="figures_by_country", fields=["country", "received_on", "state", "closed_on"]),
            models.Index(name="figures_by_product", fields=["product", "received_on", "state", "closed_on"]),
            models.Index(name="figures_by_reviewer", fields=["reviewer", "received_on", "state", "closed_on"]),
            models.Index(name="figures_by_batch", fields=["sold_in", "received_on", "state", "closed_on"]),
        ]

    def __str__(self) -> str:
        return str(self.case_id)

    @property
    def narrowing(self) -> dict[str, Any]:
        """What a report can be narrowed by, as the runs and the parcels of this case have it, too."""
        return {name: getattr(self, name) for name in ("product_id", "country", "sold_in", "reviewer_id")}


class StageRun(models.Model):
    """One time that one case went through a stage (`reports.stages`), ended on `ended_on`.

    What a report can be narrowed by is that of its case: medians need all runs at once, and no look at each case.
    """

    figures = models.ForeignKey(CaseFigures, on_delete=models.CASCADE, related_name="runs")
    stage = models.CharField(_("stage"), max_length=12)
    ended_on = models.DateField(_("ended on"))
    seconds = models.BigIntegerField(_("seconds"))
    product = models.ForeignKey(Product, on_delete=models.CASCADE, null=True, related_name="+", db_index=False)
    country = models.CharField(_("country"), max_length=2, blank=True, default="", db_default="")
    sold_in = models.DateField(_("month of sale"), null=True)
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="+", db_index=False
    )

    class Meta:
        verbose_name = _("run of a stage")
        verbose_name_plural = _("runs of stages")
        indexes = [
            models.Index(name="run_by_end", fields=["ended_on", "stage", "seconds"]),
            # Of those that took alike long, the ones of some weeks, without a look at all the others.
            # With what they are narrowed by, so that those of one part or reviewer are found in the index alone.
            models.Index(
                "stage",
                F("seconds") / BUCKET,
                "ended_on",
                "seconds",
                name="run_by_length",
                include=["figures", "product", "country", "reviewer"],
            ),
            models.Index(name="run_by_country", fields=["country", "ended_on", "stage", "seconds"]),
            models.Index(name="run_by_product", fields=["product", "ended_on", "stage", "seconds"]),
            models.Index(name="run_by_reviewer", fields=["reviewer", "ended_on", "stage", "seconds"]),
            models.Index(name="run_by_batch", fields=["sold_in", "ended_on", "stage", "seconds"]),
        ]
        constraints = [models.CheckConstraint(name="run_not_backwards", condition=Q(seconds__gte=0))]

    def __str__(self) -> str:
        return f"{self.stage} {self.ended_on}"


class Appeal(models.Model):
    """A case that was opened again after its decision, and what became of the parts that had been denied."""

    class Outcome(models.TextChoices):
        WAITING = "waiting", _("not decided yet")
        UPHELD = "upheld", _("denied again")
        CHANGED = "changed", _("at least one part covered after all")

    figures = models.ForeignKey(CaseFigures, on_delete=models.CASCADE, related_name="appeals")
    made_on = models.DateField(_("reopened on"))
    outcome = models.CharField(_("outcome"), max_length=8, choices=Outcome)

    class Meta:
        verbose_name = _("appeal")
        indexes = [models.Index(name="appeal_by_day", fields=["made_on"])]

    def __str__(self) -> str:
        return f"{self.made_on} {self.outcome}"


class ClaimFigures(models.Model):
    """What the reports need to know of one claimed part.

    `months_in_service` counts the changes of month from the start of the cover to the claim, the days it was away taken
    out, and is 1 at least; None for a claim from before the start. `days_left` is how long it was covered still on the
    day of the request, negative after its end, None while the clock stood still. `outcome` is told by one decided part
    for all those of its case (`counting.outcomes`).
    """

    class Outcome(models.TextChoices):
        ALL = "all", _("every part covered")
        SOME = "some", _("some parts covered")
        NONE = "none", _("no part covered")
        EACH = "each", _("to be counted with the others of its case")

    # A claim that is taken back leaves its row until the counting takes it out of the ledgers too.
    claim = models.OneToOneField(
        ClaimedPart, on_delete=models.DO_NOTHING, db_constraint=False, primary_key=True, related_name="figures"
    )
    figures = models.ForeignKey(CaseFigures, on_delete=models.CASCADE, related_name="claims")
    received_on = models.DateField(_("received on"))
    covered_part = models.BigIntegerField()
    unit = models.BigIntegerField()
    part = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="+", db_index=False)
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="+")
    country = models.CharField(_("country"), max_length=2, blank=True)
    sold_in = models.DateField(_("month of sale"))
    claimed_in = models.DateField(_("month of the claim"))
    term_months = models.PositiveSmallIntegerField()
    paused_days = models.PositiveIntegerField(default=0)
    months_in_service = models.PositiveSmallIntegerField(_("months in service"), null=True)
    days_left = models.IntegerField(_("days of cover left"), null=True)
    counts = models.BooleanField(
        _("counts as a failure"), help_text=_("Off while only guessed, and where the case was withdrawn.")
    )
    verdict = models.CharField(_("verdict"), max_length=10)
    resolution = models.CharField(_("resolution"), max_length=12, blank=True)
    goodwill = models.BooleanField(_("goodwill"), default=False)
    reason = models.CharField(_("reason"), max_length=40, blank=True)
    reviewer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="+")
    decided_on = models.DateField(_("decided on"), null=True)
    outcome = models.CharField(max_length=4, blank=True, default="", db_default="", choices=Outcome)
    is_twin = models.BooleanField(
        default=False, db_default=False, help_text=_("Its case has another decided claim of the same part.")
    )

    class Meta:
        verbose_name = _("figures of a claimed part")
        verbose_name_plural = _("figures of claimed parts")
        indexes = [
            models.Index(name="claim_by_decision", fields=["decided_on"], condition=Q(decided_on__isnull=False)),
            models.Index(name="claim_by_receipt", fields=["received_on"]),
            # A tenth of all there is and more: it is counted from these alone.
            models.Index(
                name="claim_by_country",
                fields=["country", "decided_on"],
                include=["product", "part", "reviewer", "verdict", "resolution", "goodwill", "reason", "outcome"],
            ),
            models.Index(
                name="claim_asked_by_country",
                fields=["country", "received_on"],
                include=["product", "part", "days_left", "verdict"],
            ),
            models.Index(name="claim_told_by_each", fields=["decided_on"], condition=Q(outcome="each")),
            models.Index(name="claim_twins", fields=["part", "decided_on"], condition=Q(is_twin=True)),
            models.Index(name="claim_by_unit", fields=["unit"]),
            # Whether a case claims a part, and which cases do.
            models.Index(name="claim_of_part", fields=["part", "figures"]),
            models.Index(
                name="claim_by_part", fields=["part", "sold_in", "months_in_service"], condition=Q(counts=True)
            ),
        ]

    def __str__(self) -> str:
        return str(self.claim_id)


class QuoteFigures(models.Model):
    """A quote that was sent and that no later one took the place of, with its total."""

    quote = models.OneToOneField(Quote, on_delete=models.CASCADE, primary_key=True, related_name="+")
    figures = models.ForeignKey(CaseFigures, on_delete=models.CASCADE, related_name="quotes")
    sent_on = models.DateField(_("sent on"))
    currency = models.CharField(_("currency"), max_length=3)
    answer = models.CharField(_("answer"), max_length=10, blank=True)
    product = models.ForeignKey(Product, on_delete=models.CASCADE, null=True, related_name="+", db_index=False)
    total = models.DecimalField(_("total"), max_digits=14, decimal_places=2)

    class Meta:
        verbose_name = _("figures of a quote")
        verbose_name_plural = _("figures of quotes")
        indexes = [models.Index(name="quote_by_day", fields=["sent_on"])]

    def __str__(self) -> str:
        return f"{self.quote_id}: {self.total} {self.currency}"


class ParcelFigures(models.Model):
    """A parcel that arrived, and the seconds since the first scan that moved it; None where nobody saw it move.

    What a report can be narrowed by is that of its case, as with the runs. `parts` are the keys of the parts that its
    case claims, each between two spaces; empty where they are more than have room.
    """

    shipment = models.OneToOneField(RepairShipment, on_delete=models.CASCADE, primary_key=True, related_name="+")
    figures = models.ForeignKey(CaseFigures, on_delete=models.CASCADE, related_name="parcels")
    carrier = models.CharField(_("carrier"), max_length=30)
    direction = models.CharField(_("direction"), max_length=12)
    country = models.CharField(_("country"), max_length=2, blank=True)
    arrived_on = models.DateField(_("arrived on"))
    seconds = models.BigIntegerField(_("seconds"), null=True)
    product = models.ForeignKey(Product, on_delete=models.CASCADE, null=True, related_name="+", db_index=False)
    sold_in = models.DateField(_("month of sale"), null=True)
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="+", db_index=False
    )
    parts = models.CharField(max_length=200, blank=True, default="", db_default="")

    class Meta:
        verbose_name = _("figures of a parcel")
        verbose_name_plural = _("figures of parcels")
        indexes = [
            models.Index(name="parcel_by_day", fields=["arrived_on"]),
            # Of many parcels the middles are found in the order of this one, however they are narrowed.
            models.Index(
                name="parcel_by_transit",
                fields=["carrier", "direction", "country", "seconds", "arrived_on"],
                include=["product", "sold_in", "reviewer", "parts"],
            ),
            models.Index(name="parcel_not_listed", fields=["shipment"], condition=Q(parts="")),
        ]

    def __str__(self) -> str:
        return f"{self.carrier} {self.arrived_on}"


class CountingMark(models.Model):
    """How far the counting came: what changed before `counted_to` is in, and so is every key to `last_key`."""

    name = models.CharField(max_length=20, unique=True)
    counted_to = models.DateTimeField(null=True)
    last_key = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return self.name


__all__ = [
    "Appeal", "CaseFigures", "ClaimFigures", "CountingMark", "ParcelFigures", "PartCohort", "PauseFigures",
    "QuoteFigures", "StageRun",
]  # fmt: skip
