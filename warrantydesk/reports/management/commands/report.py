"""Every report of the managers' pages, for the terminal and for other programs."""

import sys
from argparse import ArgumentParser
from collections.abc import Callable
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.http import QueryDict
from django.utils import timezone

from products.management.progress import Progress
from warrantydesk.faces.paper import NoPaper
from warrantydesk.reports.answer import Answer, Told, answered
from warrantydesk.reports.asked import EVERY_FILTER
from warrantydesk.reports.counting.rounds import count_changed
from warrantydesk.reports.exports.csv_file import csv_lines
from warrantydesk.reports.exports.pdf_file import report_pdf
from warrantydesk.reports.exports.text_files import json_lines, text_lines
from warrantydesk.reports.exports.xlsx_file import write_xlsx
from warrantydesk.reports.forms import AskedForm
from warrantydesk.reports.registry import REPORTS

USAGE = 2
FILTERS = EVERY_FILTER[1:]


class Command(BaseCommand):
    help = "Prints a report: overview, decisions, reliability, exposure, shipping, money, intake."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help=", ".join(REPORTS))
        parser.add_argument("--from", dest="from", help="the first day, as 2026-03-31")
        parser.add_argument("--to", help="the last day (today)")
        parser.add_argument("--product", help="article number of the product sold")
        parser.add_argument("--part", help="article number of the part")
        parser.add_argument("--batch", help="month of sale, as 2026-03")
        parser.add_argument("--country", help="two letters")
        parser.add_argument("--reviewer", help="e-mail address")
        parser.add_argument("--format", choices=("table", "csv", "json", "xlsx", "pdf"), default="table")

    def handle(self, *_args: Any, name: str, format: str, **options: Any) -> None:  # noqa: A002 - named by the contract
        if name not in REPORTS:
            raise CommandError(f"There is no report {name!r}: {', '.join(REPORTS)}.", returncode=USAGE)
        for _step in count_changed():
            pass
        answer = self._answer(name, options)
        bar = Progress(self.stderr, answer.rows, "rows")
        self._write(answer, format, bar.add)
        bar.end()

    def _answer(self, name: str, options: dict[str, Any]) -> Answer:
        report, now, zone = REPORTS[name], timezone.now(), timezone.get_default_timezone()
        form = AskedForm(_query(options), now.astimezone(zone).date(), report.filters)
        if form.is_bound and not form.is_valid():
            said = "; ".join(f"--{field}: {error}" for field, errors in form.errors.items() for error in errors)
            raise CommandError(said, returncode=USAGE)
        unread = [f"--{field}" for field in FILTERS if options.get(field) and field not in report.filters]
        if unread:
            raise CommandError(f"{', '.join(unread)}: the report {name} knows no such filter.", returncode=USAGE)
        return answered(report, form.asked(now, zone))

    def _write(self, answer: Answer, kind: str, told: Told) -> None:
        writers: dict[str, Callable[..., Any]] = {"table": text_lines, "csv": csv_lines, "json": json_lines}
        if kind in writers:
            for line in writers[kind](answer, told):
                self.stdout.write(line, ending="")
        elif kind == "xlsx":
            write_xlsx(answer, sys.stdout.buffer, told)
        else:
            try:
                sys.stdout.buffer.write(report_pdf([answer]))
            except NoPaper as missing:
                raise CommandError(f"No PDF can be written here: {missing}.", returncode=1) from None


def _query(options: dict[str, Any]) -> QueryDict:
    """The options as the page's own query; article numbers and addresses become the keys it knows."""
    from django.contrib.auth import get_user_model

    from products.models import Product

    query = QueryDict(mutable=True)
    for field in ("from", "to", "batch", "country"):
        if options.get(field):
            query[field] = options[field]
    for field, rows, named in (
        ("product", Product.objects, "sku"), ("part", Product.objects, "sku"),
        ("reviewer", get_user_model().objects, "email"),
    ):  # fmt: skip
        if options.get(field):
            key = rows.filter(**{named: options[field]}).values_list("pk", flat=True).first()
            query[field] = str(key or 0)  # no such row: the form says so
    return query
