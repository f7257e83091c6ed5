"""The tables of docs/policy.md, so that the page and the code cannot drift apart."""

from datetime import date
from pathlib import Path

POLICY_PAGE = Path(__file__).resolve().parents[2] / "docs" / "policy.md"


def rows_under(heading: str) -> list[dict[str, str]]:
    """The rows of the first table below a heading of the policy page, by column name. LookupError if there is none."""
    lines = POLICY_PAGE.read_text(encoding="utf-8").splitlines()
    below = lines[lines.index(heading) + 1 :] if heading in lines else []
    start = next((i for i, line in enumerate(below) if line.startswith("|")), None)
    if start is None:
        raise LookupError(f"docs/policy.md has no table under {heading!r}")
    names, _rule, *rows = [_cells(line) for line in _while_table(below[start:])]
    return [dict(zip(names, row, strict=True)) for row in rows]


def as_windows(text: str) -> list[tuple[date, date | None]]:
    """ "2025-06-11..2025-06-29, 2025-07-01.." as pairs; "none" is no window."""
    if text == "none":
        return []
    pairs = [window.strip().split("..") for window in text.split(",")]
    return [(date.fromisoformat(left), date.fromisoformat(back) if back else None) for left, back in pairs]


def _while_table(lines: list[str]) -> list[str]:
    end = next((i for i, line in enumerate(lines) if not line.startswith("|")), len(lines))
    return lines[:end]


def _cells(line: str) -> list[str]:
    return [cell.strip().strip("`") for cell in line.strip().strip("|").split("|")]
