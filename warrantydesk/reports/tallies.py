"""What the flat rows come to, counted beforehand: many that are alike as one row with their number.

A ledger: whoever changes flat rows adds rows that take away what was and add what is, in the same transaction, so that
two of them never wait for each other. The number of anything is the sum of its rows; `reports.counting.ledgers` writes
them and proves that the sums are those of the flat rows, `reports.counting.folding` makes one row of many every night.
"""

from typing import ClassVar

from django.db import models
from django.db.models import Q

BUCKET = 2 * 3600  # seconds: runs that took alike long; fine enough that few of a week share one


class Tally(models.Model):
    """So many of one `subject` on one day. What the keys mean stands with each subject in `counting.subjects`."""

    KEYS: ClassVar = ("subject", "day", "product", "part", "reviewer", "word", "other", "flag")

    subject = models.CharField(max_length=10)
    day = models.DateField()
    product = models.BigIntegerField(null=True)
    part = models.BigIntegerField(null=True)
    reviewer = models.BigIntegerField(null=True)
    word = models.CharField(max_length=40, blank=True)
    other = models.CharField(max_length=40, blank=True)
    flag = models.SmallIntegerField(default=0)
    number = models.BigIntegerField()

    class Meta:
        indexes = [
            models.Index(name="tally_by_day", fields=["subject", "day"]),
            models.Index(name="tally_by_part", fields=["part", "subject", "day"], condition=Q(part__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.subject} {self.day}: {self.number}"


class Failures(models.Model):
    """So many claims that count as failures, alike in age; without a part: so many cases of whole units."""

    claimed_in = models.DateField()
    product = models.BigIntegerField()
    part = models.BigIntegerField(null=True)
    sold_in = models.DateField()
    term_months = models.PositiveSmallIntegerField()
    months_in_service = models.PositiveSmallIntegerField()
    number = models.BigIntegerField()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.claimed_in}: {self.number}"


class FailureTally(Failures):
    KEYS: ClassVar = ("claimed_in", "product", "part", "sold_in", "term_months", "months_in_service")

    class Meta:
        indexes = [models.Index(name="failures_by_month", fields=["claimed_in"])]


class CountryFailureTally(Failures):
    """The same in each country by itself. By itself, so that whoever asks for all of them reads a tenth of the rows."""

    KEYS: ClassVar = ("country", *FailureTally.KEYS)

    country = models.CharField(max_length=2, blank=True)

    class Meta:
        indexes = [models.Index(name="failures_by_country", fields=["country", "claimed_in"])]


class Histories(models.Model):
    """So many parts (without a part: whole units) sold alike whose claims that count as failures are the same.

    `history` is each claim's month of service and month of the calendar, as `4@2026-03 9@2026-08`.
    """

    product = models.BigIntegerField()
    part = models.BigIntegerField(null=True)
    sold_in = models.DateField()
    term_months = models.PositiveSmallIntegerField()
    paused_days = models.PositiveIntegerField()
    history = models.TextField()
    number = models.BigIntegerField()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.history}: {self.number}"


class HistoryTally(Histories):
    KEYS: ClassVar = ("product", "part", "sold_in", "term_months", "paused_days", "history")

    class Meta:
        indexes = [models.Index(name="history_by_product", fields=["product", "part"])]


class CountryHistoryTally(Histories):
    """The same of the claims of each country by itself."""

    KEYS: ClassVar = ("country", *HistoryTally.KEYS)

    country = models.CharField(max_length=2, blank=True)

    class Meta:
        indexes = [models.Index(name="history_by_country", fields=["country", "product", "part"])]


class RunTally(models.Model):
    """So many runs of a stage that ended in one week and took alike long: of all cases, and once more of those that
    claim each `part`. `seconds` is the sum of their lengths, of all cases only."""

    KEYS: ClassVar = ("part", "stage", "monday", "bucket")

    part = models.BigIntegerField(null=True)
    stage = models.CharField(max_length=12)
    monday = models.DateField()
    bucket = models.PositiveIntegerField()
    number = models.BigIntegerField()
    seconds = models.BigIntegerField(default=0)

    class Meta:
        indexes = [models.Index(name="run_tally_by_part", fields=["part", "monday", "stage"])]

    def __str__(self) -> str:
        return f"{self.stage} {self.monday}: {self.number}"


class NarrowedRunTally(models.Model):
    """The same of the cases of one product, country or reviewer, and of those that claim one part: `of` says which
    (`of_filter`). By itself, so that whoever asks for all of them reads none of it."""

    KEYS: ClassVar = ("of", "stage", "monday", "bucket")

    of = models.CharField(max_length=24)
    stage = models.CharField(max_length=12)
    monday = models.DateField()
    bucket = models.PositiveIntegerField()
    number = models.BigIntegerField()
    seconds = models.BigIntegerField()

    class Meta:
        indexes = [
            models.Index(
                name="run_tally_narrowed", fields=["of", "monday", "stage"], include=["bucket", "number", "seconds"]
            )
        ]

    def __str__(self) -> str:
        return f"{self.of} {self.stage} {self.monday}: {self.number}"


def of_filter(name: str, value: object) -> str:
    """What the runs of one choice of a filter are called in the ledger."""
    return f"{name} {value}"


class Spreads(models.Model):
    """The middle and the ninth tenth of a stage's week. Good as long as number and seconds are those of the ledger."""

    stage = models.CharField(max_length=12)
    monday = models.DateField()
    number = models.BigIntegerField()
    seconds = models.BigIntegerField()
    median = models.FloatField()
    ninth = models.FloatField()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.stage} {self.monday}: {self.median}"


class WeekSpread(Spreads):
    class Meta:
        constraints = [models.UniqueConstraint(name="week_spread_once", fields=["stage", "monday"])]


class NarrowedWeekSpread(Spreads):
    """The same of the runs that NarrowedRunTally has by themselves."""

    of = models.CharField(max_length=24)

    class Meta:
        constraints = [models.UniqueConstraint(name="narrowed_week_once", fields=["of", "monday", "stage"])]


class SoldTally(models.Model):
    """Parts sold alike, whatever block they are in: `PartCohort` without its blocks and without the days away."""

    KEYS: ClassVar = ("part", "product", "country", "sold_in", "term_months", "covered_in", "voided")

    part = models.BigIntegerField()
    product = models.BigIntegerField()
    country = models.CharField(max_length=2, blank=True)
    sold_in = models.DateField()
    term_months = models.PositiveSmallIntegerField()
    covered_in = models.DateField(null=True)
    voided = models.BooleanField(default=False)
    parts = models.BigIntegerField()
    units = models.BigIntegerField()
    paused_parts = models.BigIntegerField()
    paused_days = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(name="sold_by_part", fields=["part", "sold_in"])]

    def __str__(self) -> str:
        return f"{self.part} {self.sold_in}: {self.parts}"
