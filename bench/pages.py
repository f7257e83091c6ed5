"""The pages, held against floors in the same run: p50 and p95 of at least 100 requests, queries, and memory.

    python -m bench pages --database postgres://…/wd_bench [--quick] [--keep] [--redis redis://…]

Needs a database filled by `python -m bench fill`; brings its schema and the counted figures up to date first, and adds
one busy case and a session. Pages and floors take turns within every round, so a machine that drifts drifts for both. A
page that takes long is asked less often than 100 times: how often stands beside it.
"""

import argparse
import os
import random
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench import server as serving_of
from bench.table import Row, keep, printed, tell

if TYPE_CHECKING:
    from bench.subjects import Subject

    Fetch = Callable[[str, str], str]
    Subjects = Callable[[Fetch], Iterator[Subject]]

SECONDS_A_PAGE = 20  # no page gets more than this of the run
MOST_MEGABYTES, FLAT_MEGABYTES = 150, 8


def main(arguments: list[str]) -> int:
    return run(_arguments(arguments), _table, list)


def _table(fetch: "Fetch") -> "Iterator[Subject]":
    from bench.subjects import subjects

    return subjects(fetch)


def run(asked: argparse.Namespace, subjects: "Subjects", ordered: Callable[[list[Row]], list[Row]]) -> int:
    """Measure these subjects, print and keep their rows. The subjects are made once there is a desk to ask."""
    if not asked.database:
        sys.exit("Name a filled PostgreSQL database: --database postgres://…, or DATABASE_URL.")
    with tempfile.TemporaryDirectory(prefix="warrantydesk-bench-") as name:
        folder, port = Path(name), serving_of.free_port()
        with serving_of.redis_for(folder, asked.redis) as redis:
            os.environ.update(serving_of.environment(folder, asked.database, redis, port))
            rows = ordered(list(measure(folder, port, asked, subjects)))
    if not os.environ.get("BENCH_ROWS"):
        print(printed(rows))
    for row in rows:
        tell(row)
    if asked.keep:
        keep(rows, f"load before the run {asked.load:.1f}")
    return 0


def _arguments(given: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench pages", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    parser.add_argument("--database", default=os.environ.get("DATABASE_URL", ""))
    parser.add_argument("--redis", default="", help="by default one of its own is started")
    parser.add_argument("--requests", type=int, default=100, help="of each page")
    parser.add_argument("--mixed", type=int, default=10_000, help="requests before the worker's memory is looked at")
    parser.add_argument("--only", default="", help="only the pages whose name begins so")
    parser.add_argument("--quick", action="store_true", help="20 requests of each page, 1,000 mixed ones")
    parser.add_argument("--keep", action="store_true", help="write the rows to bench/RESULTS.md")
    asked = parser.parse_args(given)
    asked.load = os.getloadavg()[0]
    if asked.quick:
        asked.requests, asked.mixed = 20, 1000
    return asked


def measure(folder: Path, port: int, asked: argparse.Namespace, subjects: "Subjects") -> Iterator[Row]:
    cookies = _prepare()
    with serving_of.serving(folder, port) as server:
        reader = serving_of.Reader(port, cookies)
        from bench.subjects import floors

        pages = [one for one in subjects(lambda path, who: reader.get(path, who).body.decode())
                 if one.name.startswith(asked.only)]  # fmt: skip
        run = Run(server, reader, pages, floors(), asked)
        run.warm_up()
        run.go_round()
        yield from run.rows()
        if asked.mixed:
            yield from mixed(server, cookies, run, asked)


def _size() -> int:
    """To the nearest thousand: the busy case is no part of the fill."""
    from cases.models import Case

    return round(Case.objects.count(), -3)


def _prepare() -> dict[str, str]:
    from django.core.management import call_command
    from django.db import connection

    import bench.django_ready  # noqa: F401 - sets Django up
    from bench.people import sessions

    if connection.vendor != "postgresql":
        sys.exit("The database must be PostgreSQL.")
    _tell("schema and static files")
    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    _tell("the figures of the reports")
    call_command("count_figures", stdout=sys.stderr)
    _tidy(connection)
    return sessions()


def _tidy(connection: Any) -> None:
    """What a migration or a count has just written anew is tidied first: plans made before it are wrong."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT quote_ident(relname) FROM pg_stat_user_tables WHERE n_dead_tup + n_mod_since_analyze > 10000"
        )
        for (table,) in cursor.fetchall():
            _tell(f"vacuum {table}")
            cursor.execute(f"VACUUM ANALYZE {table}")


class Run:
    def __init__(self, server: serving_of.Server, reader: serving_of.Reader, pages: "list[Subject]",
                 floors: "dict[str, Subject]", asked: argparse.Namespace) -> None:  # fmt: skip
        self.server, self.reader, self.pages, self.floors, self.asked = server, reader, pages, floors, asked
        self.times: dict[str, list[float]] = {one.name: [] for one in (*pages, *floors.values())}
        self.cpu: dict[str, list[float]] = {name: [] for name in self.times}
        self.queries: dict[str, int] = {}
        self.wanted: dict[str, int] = {}
        self.sql: dict[str, list[str]] = {}
        self.raw: dict[str, list[float]] = {}
        self.broken: dict[str, str] = {}
        self.size = _size()

    def warm_up(self) -> None:
        """Every thread of the server connects, every page is compiled; a page that does not answer is left out."""
        for _ in range(12):
            self._floors()
        for page in self.pages:
            headers = {"X-Bench-Sql": "1"} if page.floor == "raw SQL" else {}
            first = self.reader.get(page.path, page.session, **headers)
            if headers and first.status == 200:
                self.sql[page.name], self.raw[page.name] = self.server.figures_sql(), []
            again = self.reader.get(page.path, page.session)
            if again.status not in (200, 302):
                self.broken[page.name] = f"answered {again.status}"
            self.queries[page.name] = again.queries
            slow = max(again.seconds, 0.001)
            self.wanted[page.name] = max(5, min(self.asked.requests, int(SECONDS_A_PAGE / slow)))
            _tell(f"{page.name}: {1000 * again.seconds:.0f} ms, {again.queries} queries")
        for times in (*self.times.values(), *self.cpu.values()):
            times.clear()

    def go_round(self) -> None:
        from django.db import connection

        import bench.django_ready  # noqa: F401 - sets Django up

        order, chance, most = list(self.pages), random.Random(1), self.asked.requests
        connection.ensure_connection()
        for turn in range(most):
            chance.shuffle(order)
            for place, page in enumerate(order):
                if page.name in self.broken:
                    continue
                wanted = self.wanted[page.name]
                if turn * wanted // most != (turn + 1) * wanted // most:
                    self._take(page)
                    self._replay(page, connection)
                if place % 12 == 0:
                    self._floors()
            if turn % 10 == 9:
                _tell(f"round {turn + 1} of {most}")

    def _floors(self) -> None:
        for floor in self.floors.values():
            self._take(floor)

    def _take(self, page: "Subject") -> None:
        answer = self.reader.get(page.path, page.session)
        if answer.status not in (200, 302):
            self.broken[page.name] = f"answered {answer.status}"
            return
        self.times[page.name].append(answer.seconds)
        self.cpu[page.name].append(answer.cpu_ms)
        self.queries[page.name] = max(answer.queries, self.queries.get(page.name, 0))

    def _replay(self, page: "Subject", connection: object) -> None:
        """The statements of a report, one after another on an open line, rows fetched and thrown away."""
        if not self.sql.get(page.name):
            return
        began = time.perf_counter()
        with connection.connection.cursor() as cursor:  # psycopg itself
            for statement in self.sql[page.name]:
                cursor.execute(statement)
                cursor.fetchall()
        self.raw[page.name].append(time.perf_counter() - began)

    def rows(self) -> Iterator[Row]:
        from bench.judging import row_of

        for page in (*self.floors.values(), *self.pages):
            yield row_of(page, self)


def mixed(server: serving_of.Server, cookies: dict[str, str], run: Run, asked: argparse.Namespace) -> Iterator[Row]:
    """So many requests of all pages from four readers at once: what the worker holds, and whether it grows."""
    pages = [one for one in run.pages if one.name not in run.broken]
    quick = [one for one in pages if statistics.median(run.times[one.name]) < 0.25]
    plan = [*(quick[n % len(quick)] for n in range(asked.mixed)), *(one for one in pages if one not in quick)]
    random.Random(2).shuffle(plan)
    held, wrong = [server.megabytes()], Counter()
    readers = [serving_of.Reader(server.port, cookies) for _ in range(4)]
    share = -(-len(plan) // 10)
    with ThreadPoolExecutor(len(readers)) as pool:
        for tenth in range(10):
            part = plan[tenth * share : (tenth + 1) * share]
            for failed in pool.map(_read, readers, [part[n :: len(readers)] for n in range(len(readers))]):
                wrong.update(failed)
            held.append(server.megabytes())
            _tell(f"mixed requests: {(tenth + 1) * share:,}, {held[-1]:.0f} MB")
    most, grew = server.megabytes("VmHWM"), held[-1] - held[5]
    if wrong:
        _tell(f"answers that were none: {dict(wrong)}\n{server.said()}")
    figure = f"{held[0]:.0f} MB before, {held[5]:.0f} half-way, {held[-1]:.0f} at the end; {wrong.total()} failed"
    met = most <= MOST_MEGABYTES and grew <= FLAT_MEGABYTES and not wrong
    what, asked_for = f"web worker after {asked.mixed:,} mixed requests", f"≤ {MOST_MEGABYTES} MB, flat"
    yield Row("Pages", what, run.size, figure, None, asked_for, "", most, met)


def _read(reader: serving_of.Reader, pages: "list[Subject]") -> list[str]:
    """The names of pages that did not answer."""
    return [page.name for page in pages if reader.get(page.path, page.session).status not in (200, 302)]


def _tell(words: str) -> None:
    print(f"{time.strftime('%H:%M:%S')}  {words}", file=sys.stderr, flush=True)
