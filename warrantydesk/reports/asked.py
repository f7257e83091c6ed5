"""What somebody asked a report for: the days, and which of the cases, claims and parts are meant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Any
from urllib.parse import urlencode

from django.db.models import CharField, Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat

from warrantydesk.reports.models import (
    Appeal,
    CaseFigures,
    ClaimFigures,
    ParcelFigures,
    PartCohort,
    PauseFigures,
    QuoteFigures,
    StageRun,
)
from warrantydesk.reports.ranges import Range
from warrantydesk.reports.tallies import SoldTally

DATES, PRODUCT, PART, BATCH, COUNTRY, REVIEWER = "dates", "product", "part", "batch", "country", "reviewer"
EVERY_FILTER = (DATES, PRODUCT, PART, BATCH, COUNTRY, REVIEWER)
FIELDS = {
    PRODUCT: "product",
    BATCH: "sold_in",
    COUNTRY: "country",
    REVIEWER: "reviewer",
}  # as the counted rows have them


@dataclass(frozen=True, slots=True)
class Asked:
    """The days in the desk's own zone, and the filters: keys, the first day of a month of sale, a country code."""

    range: Range
    now: datetime
    zone: tzinfo
    product: int | None = None
    part: int | None = None
    batch: date | None = None
    country: str = ""
    reviewer: int | None = None

    @property
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()

    @property
    def filters(self) -> dict[str, Any]:
        """What narrows the report beside its days, by the names of the filters."""
        told = {
            PRODUCT: self.product,
            PART: self.part,
            BATCH: self.batch,
            COUNTRY: self.country,
            REVIEWER: self.reviewer,
        }
        return {name: value for name, value in told.items() if value}

    @property
    def filters_of_parts(self) -> dict[str, Any]:
        """The filters of what has no case: of a part that was sold, and of its pauses, there is no reviewer."""
        return {name: value for name, value in self.filters.items() if name != REVIEWER}

    @property
    def is_narrowed(self) -> bool:
        return bool(self.filters)

    def cases(self) -> QuerySet[CaseFigures]:
        """The cases that pass the filters, of any day."""
        rows = CaseFigures.objects.filter(**self._narrowed("")).order_by()
        return rows.filter(self._claims_part("pk")) if self.part else rows

    def claims(self) -> QuerySet[ClaimFigures]:
        rows = ClaimFigures.objects.filter(**self._narrowed("")).order_by()
        return rows.filter(part=self.part) if self.part else rows

    def runs(self) -> QuerySet[StageRun]:
        rows = StageRun.objects.filter(**self._narrowed("")).order_by()
        return rows.filter(self._claims_part("figures")) if self.part else rows

    def appeals(self) -> QuerySet[Appeal]:
        rows = Appeal.objects.filter(**self._narrowed("figures__")).order_by()
        return rows.filter(self._claims_part("figures")) if self.part else rows

    def pauses(self) -> QuerySet[PauseFigures]:
        """The pauses of the parts that pass the filters; a reviewer narrows none."""
        rows = PauseFigures.objects.filter(**self._narrowed("", self.filters_of_parts)).order_by()
        return rows.filter(part=self.part) if self.part else rows

    def quotes(self) -> QuerySet[QuoteFigures]:
        rows = QuoteFigures.objects.filter(**self._narrowed("figures__")).order_by()
        return rows.filter(self._claims_part("figures")) if self.part else rows

    def parcels(self, *, all_listed: bool = False) -> QuerySet[ParcelFigures]:
        """`all_listed`: whoever asks knows that every parcel tells its parts, so that no claim need be looked at."""
        rows = ParcelFigures.objects.filter(**self._narrowed("")).order_by()
        if not self.part:
            return rows
        # Said by the database: a number inside of words would stay the same in SQL that is written once.
        listed = Concat(Value(" "), Cast(Value(self.part), CharField()), Value(" "))
        found = Q(parts__contains=listed)
        return rows.filter(found if all_listed else found | Q(self._claims_part("figures"), parts=""))

    def sold(self) -> QuerySet[SoldTally]:
        """The same parts from the ledger: without their days away."""
        rows = SoldTally.objects.filter(**self._narrowed("", self.filters_of_parts)).order_by()
        return rows.filter(part=self.part) if self.part else rows

    def cohorts(self) -> QuerySet[PartCohort]:
        """The parts sold that pass the filters; a reviewer narrows no sale."""
        rows = PartCohort.objects.filter(**self._narrowed("", self.filters_of_parts)).order_by()
        return rows.filter(part=self.part) if self.part else rows

    def by_case(self, rows: QuerySet[Any], way: str = "case") -> QuerySet[Any]:
        """Rows of other tables that hang on a case by `way` (empty: the cases), narrowed like the cases themselves."""
        rows = rows.filter(**self._narrowed(f"{way}__figures__" if way else "figures__")).order_by()
        return rows.filter(self._claims_part(way or "pk")) if self.part else rows

    def query(self) -> str:
        """The filters as they stand in an address."""
        written = {BATCH: f"{self.batch:%Y-%m}"} if self.batch else {}
        return urlencode({"from": self.range.first, "to": self.range.last, **self.filters, **written})

    def _narrowed(self, way: str, filters: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Of a part there is more than one on a case: each of the rows says by itself how it is narrowed by one."""
        return {
            f"{way}{FIELDS[name]}": value
            for name, value in (self.filters if filters is None else filters).items()
            if name in FIELDS
        }

    def _claims_part(self, outer: str) -> Exists:
        return Exists(ClaimFigures.objects.filter(figures=OuterRef(outer), part=self.part))
