"""`make bench`: every measurement, one after another, and ONE table of them; written to bench/RESULTS.md with --keep.

    python -m bench --database postgres://…/desk_bench [--sizes 10000,100000,1000000] [--quick] [--keep] [--skip NAME,…]

The database named and others beside it (its name and a word) are made where they are absent: the pages' are filled once
and reused, those of the other benches are dropped when they are done. A bench that fails is told and does not stop the
others. Interrupted, `--go-on` measures what is not measured yet and prints all of it.
"""

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

from bench.table import grown, keep, printed, told

ROOT = Path(__file__).resolve().parent.parent
# name: arguments, and those of a quick run. Each has a database of its own.
OTHERS = {
    "clocks": ([], ["--parts", "40000"]),
    "intake": (["--mails", "100"], ["--mails", "20", "--rounds", "2"]),
    "outbox": (["--mails", "5000"], ["--mails", "500"]),
    "parcels": (["--parcels", "100000"], ["--parcels", "2000"]),
    "orders": (["--orders", "10000"], ["--orders", "500"]),
    "link_answers": (["2000"], ["200"]),
}
STAYS = ("clocks",)  # dear to fill, and read only


def main(arguments: list[str]) -> int:
    asked = _arguments(arguments)
    if not asked.database:
        print("Name a PostgreSQL database of its own: make bench DATABASE_URL=postgres://…/desk_bench", file=sys.stderr)
        return 2
    load = os.getloadavg()[0]
    folder = Path(os.environ.get("DATA_DIR") or ROOT / "var") / "bench"
    if not asked.go_on:
        shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    codes = [_once(folder / name, measure) for name, measure in _parts(asked)]
    rows = [row for name, _measure in _parts(asked) for row in told(folder / name) or told(folder / f"{name}.failed")]
    print(printed([*rows, *grown(rows)]))
    if asked.keep:
        os.environ["DATABASE_URL"] = asked.database
        import bench.django_ready  # noqa: F401 - sets Django up

        keep(rows, f"load before the run {load:.1f}")
    return 1 if any(codes) else 0


def _arguments(given: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    parser.add_argument("--database", default=os.environ.get("DATABASE_URL", ""))
    parser.add_argument("--sizes", default="10000,100000,1000000", help="cases; the largest has the database named")
    parser.add_argument("--quick", action="store_true", help="10,000 cases only, and little of everything")
    parser.add_argument("--keep", action="store_true", help="write bench/RESULTS.md")
    parser.add_argument("--go-on", action="store_true", help="what an interrupted run has measured is not done again")
    parser.add_argument("--skip", default="", help=f"of pages, {', '.join(OTHERS)}")
    asked = parser.parse_args(given)
    asked.sizes = [10_000] if asked.quick else sorted(int(size) for size in asked.sizes.split(","))
    asked.skip = asked.skip.split(",")
    return asked


def _parts(asked: argparse.Namespace) -> Iterator[tuple[str, Callable[[], int]]]:
    """Each with the name of the file that keeps its rows."""
    if "pages" not in asked.skip:
        yield from ((f"pages {size}", partial(_pages, asked, size)) for size in asked.sizes)
    yield from ((name, partial(_other, asked, name)) for name in OTHERS if name not in asked.skip)
    if "intake" not in asked.skip:
        yield f"intake inside {asked.sizes[-1]}", partial(_intake_inside, asked)


def _once(rows: Path, measure: Callable[[], int]) -> int:
    """Rows are in their place once they are all there."""
    if rows.exists():
        return 0
    under_way, failed = rows.with_suffix(".part"), rows.with_suffix(".failed")
    for old in (under_way, failed):
        old.unlink(missing_ok=True)
    os.environ["BENCH_ROWS"] = str(under_way)
    code = measure()
    if under_way.exists():
        under_way.rename(rows if code == 0 else failed)
    return code


def _pages(asked: argparse.Namespace, size: int) -> int:
    whole = _is_whole(asked, size)
    quick = ["--quick"] if asked.quick else []
    mixed = [] if whole or quick else ["--mixed", "0"]
    return _in_filled(asked, size, "bench", ["pages", *quick, *mixed])


def _intake_inside(asked: argparse.Namespace) -> int:
    arguments, quick = OTHERS["intake"]
    return _in_filled(asked, asked.sizes[-1], "bench.intake", ["--inside", *(quick if asked.quick else arguments)])


def _in_filled(asked: argparse.Namespace, size: int, module: str, arguments: list[str]) -> int:
    address = asked.database if _is_whole(asked, size) else _beside(asked.database, str(size))
    with _database(address, stays=True) as database:
        return _run("bench", ["fill", "--cases", str(size)], database) or _run(module, arguments, database)


def _is_whole(asked: argparse.Namespace, size: int) -> bool:
    return size == asked.sizes[-1] and not asked.quick


def _other(asked: argparse.Namespace, name: str) -> int:
    arguments, quick = OTHERS[name]
    with _database(_beside(asked.database, name), stays=name in STAYS and not asked.quick) as database:
        return _run(f"bench.{name}", quick if asked.quick else arguments, database)


def _run(module: str, arguments: list[str], database: str) -> int:
    print(f"== {module} {' '.join(arguments)}", file=sys.stderr, flush=True)
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments], cwd=ROOT, env={**os.environ, "DATABASE_URL": database}, check=False
    )
    if done.returncode:
        print(f"== {module} ended with {done.returncode}", file=sys.stderr)
    return done.returncode


def _beside(database: str, word: str) -> str:
    parts = urlsplit(database)
    return parts._replace(path=f"{parts.path}_{word}").geturl()


@contextmanager
def _database(address: str, *, stays: bool) -> Iterator[str]:
    parts = urlsplit(address)
    name = parts.path[1:]
    server = parts._replace(path="/postgres").geturl()
    with psycopg.connect(server, autocommit=True) as connection:
        there = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
        if there and not stays:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
        if not there or not stays:
            connection.execute(f'CREATE DATABASE "{name}"')
    yield address
    if not stays:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
