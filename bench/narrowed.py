"""Every report page with every kind of filter, alone and in pairs, held against its own SQL of the same run.

    python -m bench narrowed --database postgres://…/wd_bench [--requests 5] [--only "report: overview"] [--keep]

Worst first. Each filter is taken at its heaviest: the part nearly every case is about, the product, the country, the
month of sale and the reviewer with the most. Needs a database filled by `python -m bench fill`, as `bench.pages` does.
"""

import argparse
import os
from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations
from typing import Any
from urllib.parse import urlencode

from bench import pages
from bench.table import Row


def main(arguments: list[str]) -> int:
    asked = _arguments(arguments)
    return pages.run(asked, lambda _fetch: subjects(), _worst_first)


def _arguments(given: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench narrowed", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    parser.add_argument("--database", default=os.environ.get("DATABASE_URL", ""))
    parser.add_argument("--redis", default="", help="by default one of its own is started")
    parser.add_argument("--requests", type=int, default=5, help="of each page")
    parser.add_argument("--only", default="", help="only the pages whose name begins so")
    parser.add_argument("--keep", action="store_true", help="write the rows to bench/RESULTS.md")
    asked = parser.parse_args(given)
    asked.load, asked.mixed = os.getloadavg()[0], 0
    return asked


def subjects() -> Iterator[Any]:
    from bench.subjects import SQL, Subject
    from warrantydesk.reports.registry import REPORTS

    filters, days = heaviest(), spans()
    for name, report in REPORTS.items():
        known = {key: value for key, value in filters.items() if key in report.filters}
        chosen = [(key,) for key in known] + list(combinations(known, 2))
        questions = [(" and ".join(keys), {key: known[key] for key in keys}) for keys in chosen]
        questions += [(words, dict(span)) for words, span in days.items()]
        questions += [(f"two years, {key}", {**days["two years"], key: known[key]}) for key in known]
        for words, query in questions:
            yield Subject(f"report: {name}, {words}", f"/desk/reports/{name}/?{urlencode(query)}", SQL, 1.5)


def heaviest() -> dict[str, Any]:
    """What of each filter the most claimed parts are of."""
    from django.db.models import Count

    from warrantydesk.reports.models import ClaimFigures

    def most(field: str) -> Any:
        rows = ClaimFigures.objects.filter(**{f"{field}__isnull": False}).order_by()
        return rows.values_list(field).annotate(n=Count("pk")).order_by("-n")[0][0]

    found = {key: most(key) for key in ("product", "part", "country", "reviewer")}
    return {**found, "batch": f"{most('sold_in'):%Y-%m}"}


def spans() -> dict[str, dict[str, Any]]:
    """Days beside the usual twelve weeks."""
    from datetime import timedelta

    from django.utils import timezone

    today = timezone.localdate()
    return {
        "two years": {"from": today - timedelta(days=730), "to": today},
        "one day": {"from": today - timedelta(days=7), "to": today - timedelta(days=7)},
    }


def _worst_first(rows: list[Row]) -> list[Row]:
    """By what a reader waits; a table of their own."""
    mine = [replace(row, part="Reports with filters") for row in rows if row.what.startswith("report")]
    return sorted(mine, key=lambda row: -_milliseconds(row))


def _milliseconds(row: Row) -> float:
    try:
        return float(row.figure.partition(" ms")[0])
    except ValueError:
        return float("inf")  # did not answer
