"""The one table: every measurement is a row of it, told the same way, printed together and kept in bench/RESULTS.md."""

import json
import os
import platform
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
KEPT, PAGE = HERE / "results.json", HERE / "RESULTS.md"
GROWING, MOST_GROWTH = ("queue:", "search:", "case page", "status page"), 1.3
HEAD = ("what", "size", "figure", "ratio", "asked for", "queries", "MB", "met")


@dataclass(frozen=True)
class Row:
    """`part` groups rows. `size`: cases, parts or parcels. `ratio` is to the floor named in `asked`; None where the
    target is no ratio. `met` None: nothing was asked for."""

    part: str
    what: str
    size: int
    figure: str
    ratio: float | None = None
    asked: str = ""
    queries: str = ""
    megabytes: float | None = None
    met: bool | None = None

    @property
    def key(self) -> str:
        return f"{self.part}|{self.what}|{self.size}"

    @property
    def cells(self) -> tuple[str, ...]:
        return (
            self.what,
            f"{self.size:,}" if self.size else "",
            self.figure,
            "" if self.ratio is None else f"{self.ratio:.2f}",
            self.asked,
            self.queries,
            "" if self.megabytes is None else f"{self.megabytes:.0f}",
            {None: "", True: "yes", False: "**no**"}[self.met],
        )


def tell(row: Row) -> None:
    """For the benches that run in processes of their own: whoever called them finds the row in BENCH_ROWS."""
    if path := os.environ.get("BENCH_ROWS"):
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(row)) + "\n")


def told(path: Path) -> list[Row]:
    if not path.exists():
        return []
    return [Row(**json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]


def printed(rows: Iterable[Row]) -> str:
    """The table for a terminal."""
    lines = [HEAD, *(row.cells for row in rows)]
    widths = [max(len(line[place]) for line in lines) for place in range(len(HEAD))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )


def keep(rows: Iterable[Row], load: str) -> None:
    """Put these rows in the place of earlier ones of the same key, and write the page anew."""
    kept = json.loads(KEPT.read_text(encoding="utf-8")) if KEPT.exists() else {"rows": {}}
    kept["rows"].update({row.key: asdict(row) for row in rows})
    kept["machine"] = f"{machine()}; {load}"
    KEPT.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    PAGE.write_text(page(kept), encoding="utf-8")


def page(kept: dict) -> str:
    rows = [Row(**row) for row in kept["rows"].values()]
    rows += grown(rows)
    parts = list(dict.fromkeys(row.part for row in rows))
    lines = [
        "# Results",
        "",
        "Written by `make bench`; what each row measures and against what stands in the files of this folder.",
        "",
        f"Machine: {kept['machine']}.",
    ]
    notes = HERE / "NOTES.md"
    for part in parts:
        mine = sorted((row for row in rows if row.part == part), key=lambda row: row.size)
        lines += ["", f"## {part}", "", f"| {' | '.join(HEAD)} |", "|---|---:|---|---:|---|---:|---:|---|"]
        lines += [f"| {' | '.join(cell.replace('|', '/') for cell in row.cells)} |" for row in mine]
    if notes.exists():
        lines += ["", notes.read_text(encoding="utf-8").rstrip()]
    return "\n".join(lines) + "\n"


def grown(rows: list[Row]) -> list[Row]:
    """What was measured at several sizes: the ratio to the floor of its run, that of the largest over the smallest."""
    by_name: dict[str, list[Row]] = {}
    for row in rows:
        if row.part == "Pages" and row.ratio and row.what.startswith(GROWING):
            by_name.setdefault(row.what, []).append(row)
    answer = []
    for what, mine in by_name.items():
        small, large = min(mine, key=lambda row: row.size), max(mine, key=lambda row: row.size)
        if small.size < large.size:
            by = large.ratio / small.ratio
            figure = f"from {small.ratio:.2f} at {small.size:,} to {large.ratio:.2f}"
            answer.append(Row("Growth", what, large.size, figure, by, f"≤ {MOST_GROWTH} ×", met=by <= MOST_GROWTH))
    return answer


def machine() -> str:
    """By kind, never by name: cores, memory, versions."""
    import django
    from django.db import connection

    words = [f"{os.cpu_count()} cores"]
    if Path("/proc/meminfo").exists():
        kilobytes = int(Path("/proc/meminfo").read_text(encoding="ascii").split()[1])
        words.append(f"{kilobytes / 1024**2:.0f} GB of memory")
    words += [f"Python {platform.python_version()}", f"Django {django.get_version()}"]
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SHOW server_version")
            words.append(f"PostgreSQL {cursor.fetchone()[0].split()[0]}")
    return ", ".join(words)
