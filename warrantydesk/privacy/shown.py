"""The table of kinds in words: for the page of the desk, and for docs/privacy.md."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from warrantydesk.privacy.forgetting import LATE_AFTER
from warrantydesk.privacy.kinds import KINDS, STAYS, Kind
from warrantydesk.privacy.models import Forgetting


def looks(now: datetime) -> list[dict[str, Any]]:
    """Every kind with its period in force, and what the last look through it came to; one query."""
    known = {row.kind: row for row in Forgetting.objects.all()}
    return [
        {"says": kind.says, "code": kind.code, "period": period(kind), "look": look, "is_late": _is_late(look, now)}
        for kind in KINDS
        for look in (known.get(kind.code),)
    ]


def _is_late(look: Forgetting | None, now: datetime) -> bool:
    return look is not None and (look.finished_at is None or now - look.finished_at > LATE_AFTER)


def period(kind: Kind) -> str:
    """`36 months`, `90 days; 14 days`, `for good`."""
    return "; ".join(_number(number, unit) for number, unit in kind.period()) or _("until they end")


def _number(number: int, unit: str) -> str:
    if number == 0:
        return _("for good")
    if unit == "months":
        return ngettext("%(n)d month", "%(n)d months", number) % {"n": number}
    if unit == "days":
        return ngettext("%(n)d day", "%(n)d days", number) % {"n": number}
    return ngettext("%(n)d hour", "%(n)d hours", number) % {"n": number}


BEGINS, ENDS = "<!-- kinds: made by `make docs` -->", "<!-- end of kinds -->"


def with_kinds(page: str) -> str:
    """The page with the table between its marks written anew."""
    head, _begins, rest = page.partition(BEGINS)
    _old, _ends, tail = rest.partition(ENDS)
    return f"{head}{BEGINS}\n{_kinds()}{ENDS}{tail}"


def _kinds() -> str:
    kept = "".join(
        f"| `{kind.code}` | {kind.says} | {', '.join(f'`{name}`' for name in kind.settings) or '–'} | {kind.rule} "
        f"| {_named(kind.tables)} |\n"
        for kind in KINDS
    )
    stays = "".join(f"| {why} | {_named(tables)} |\n" for why, tables in STAYS.items())
    return (
        f"| kind | what | setting | rule | tables |\n|---|---|---|---|---|\n{kept}\n"
        f"What has no period, and why:\n\n| why | tables |\n|---|---|\n{stays}"
    )


def _named(tables: tuple[str, ...]) -> str:
    return ", ".join(f"`{table}`" for table in tables)
