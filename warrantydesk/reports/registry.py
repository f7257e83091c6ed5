"""Every report in one list: the page, the command, the files and the weekly mail all read it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from warrantydesk.reports.asked import BATCH, COUNTRY, DATES, EVERY_FILTER, PART, PRODUCT, Asked
from warrantydesk.reports.figures import (
    decisions,
    exposure,
    intake_quality,
    money,
    overview,
    reliability,
    shipping,
)
from warrantydesk.reports.headlines import Headline, headlines
from warrantydesk.reports.tables import Table


@dataclass(frozen=True)
class Report:
    """`answers` is the question a manager opens it with; `tables` counts it; `headlines` are what stands above them."""

    name: str
    title: Promise
    answers: Promise
    tables: Callable[[Asked], list[Table]]
    filters: tuple[str, ...] = EVERY_FILTER
    headlines: Callable[[Sequence[Table]], list[Headline]] = lambda _tables: []


REPORTS: dict[str, Report] = {
    report.name: report
    for report in (
        Report(
            "overview",
            _("Overview"),
            _("What comes in, what is open, and how long does it take?"),
            overview.tables,
            headlines=headlines,
        ),
        Report(
            "decisions",
            _("Decisions"),
            _("What do we approve and deny, for which reasons, and do we decide alike?"),
            decisions.tables,
        ),
        Report(
            "reliability",
            _("Reliability"),
            _("Which part of which product fails at which age, and does it get worse?"),
            reliability.tables,
            (DATES, PRODUCT, PART, BATCH, COUNTRY),
        ),
        Report(
            "exposure",
            _("Exposure"),
            _("How much warranty is still out there, and what will it bring?"),
            exposure.tables,
            (DATES, PRODUCT, PART, BATCH, COUNTRY),
        ),
        Report(
            "shipping",
            _("Repair and shipping"),
            _("How long are things away, and where does that time go?"),
            shipping.tables,
        ),
        Report(
            "money",
            _("Money"),
            _("What is quoted and accepted, and what do we give for free?"),
            money.tables,
        ),
        Report(
            "intake",
            _("Intake quality"),
            _("How complete are the requests, and what is missing most?"),
            intake_quality.tables,
        ),
    )
}
