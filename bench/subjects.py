"""The pages measured, each with its floor and what is asked of it (issue 12's table)."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import quote

from bench.busy_case import busy_case
from bench.serving import FLOOR
from cases.models import Case, CaseLink
from shipments.models import RepairShipment
from warrantydesk.reports.registry import REPORTS
from warrantydesk.staff.filters import AGES
from warrantydesk.staff.paging import Place
from warrantydesk.staff.saved_views import VIEWS

ONE, ROWS, TOKEN, SQL = "one select", "25 rows", "token", "raw SQL"


@dataclass
class Subject:
    """`session`: whose. `plus`: an exact number may take the floor and so many times the one-select view on top;
    `depth`: held against the first page as well."""

    name: str
    path: str
    floor: str
    times: float
    queries: int | None = None
    session: str = "manager"
    plus: float = 0
    first: str = ""


def floors() -> dict[str, Subject]:
    key = Case.objects.latest("pk").pk
    return {
        ONE: Subject("floor: " + ONE, f"{FLOOR}one/{key}/", "", 0, session=""),
        ROWS: Subject("floor: " + ROWS, f"{FLOOR}rows/", "", 0),
        TOKEN: Subject("floor: " + TOKEN, f"{FLOOR}token/bench-{_ordinary().pk}/", "", 0, session=""),
    }


def subjects(fetch: Callable[[str, str], str]) -> Iterator[Subject]:
    """`fetch(path, session)` gives a page's text: some addresses stand only on a page."""
    yield from _queue()
    yield from _search()
    case = busy_case()
    yield Subject("case page, busy", f"/desk/cases/{case.reference}/", ROWS, 6, 20)
    yield Subject("case page, ordinary", f"/desk/cases/{_ordinary().reference}/", ROWS, 6, 20)
    yield Subject("status page, ordinary", "/status/", TOKEN, 3, 8, session="customer")
    yield Subject("status page, busy", "/status/", TOKEN, 3, 8, session="busy customer")
    yield from _admin(fetch)
    yield from (
        Subject(f"report: {name}", "/desk/reports/" if name == "overview" else f"/desk/reports/{name}/", SQL, 1.5)
        for name in REPORTS
    )


def link_of(session: str) -> CaseLink:
    case = busy_case() if session.startswith("busy") else _ordinary()
    return CaseLink.objects.filter(case=case, kind="portal").latest("pk")


def _ordinary() -> Case:
    return Case.objects.filter(state="in_repair", reference__lt="WD-BENCHN").latest("pk")


def _queue() -> Iterator[Subject]:
    def page(name: str, asked: str, **more: str) -> Subject:
        return Subject(f"queue: {name}", f"/desk/?{asked}", ROWS, 2, 8, **more)

    first = "queue: view all"
    yield from (page(f"view {code}", f"view={code}") for code in VIEWS)
    yield page("all, last page", "view=all&last=1", first=first)
    middle = Case.objects.order_by("pk")[Case.objects.count() // 2]
    yield page("all, middle", f"view=all&after={quote(str(Place(middle.changed_at, middle.pk)))}", first=first)
    case = _ordinary()
    part = case.claimed_parts.select_related("part").first().part
    for name, value in (
        ("state", "returned"), ("product", case.product_id), ("part", part.product_id), ("country", "DE"),
        ("assignee", case.assignee_id), ("assignee", "nobody"), ("tag", 1),
    ):  # fmt: skip
        yield page(f"filter {name}={value if isinstance(value, str) else 'n'}", f"view=all&{name}={value}")
    yield from (page(f"filter age={code}", f"view=all&age={code}") for code in AGES)
    yield from (page(f"sort {code}", f"view=all&sort={code}") for code in ("unchanged", "due", "oldest", "newest"))


def _search() -> Iterator[Subject]:
    case = _ordinary()
    parcel = RepairShipment.objects.exclude(tracking_number__startswith="1ZBUSY").latest("pk")
    for name, written, exact in (
        ("reference", case.reference, True), ("e-mail", case.customer.email, True), ("serial", f"BM{case.pk}", True),
        ("tracking number", parcel.tracking_number, True), ("a word", "clogs", False),
        ("a phrase", "Under extrusion since last week", False), ("a word nobody wrote", "qxzvjk", False),
        ("a name", "Tanaka", False),
    ):  # fmt: skip
        path = f"/desk/?q={quote(written)}"
        yield Subject(f"search: {name}", path, ROWS, 3, None, plus=2 if exact else 0)


def _admin(fetch: Callable[[str, str], str]) -> Iterator[Subject]:
    case = _ordinary()
    for name, path, words in (
        ("cases", "/admin/cases/case/", case.reference), ("parts", "/admin/products/coveredpart/", f"BM{case.pk}"),
        ("events", "/admin/cases/caseevent/", case.reference),
    ):  # fmt: skip
        yield Subject(f"admin {name}: first page", path, ROWS, 4, session="administrator")
        last = _last_page(fetch(path, "administrator"))
        if last:
            yield Subject(f"admin {name}: last page", path + last, ROWS, 4, session="administrator")
        yield Subject(f"admin {name}: search", f"{path}?q={words}", ROWS, 4, session="administrator")


def _last_page(page: str) -> str:
    """The furthest page the list itself offers."""
    offered = re.findall(r'href="(\?[^"]*)"', page.replace("&amp;", "&"))
    if by_word := [one for one in offered if re.search(r"[?&](last|p=last)", one)]:
        return by_word[0]
    numbered = [(int(found[1]), one) for one in offered if (found := re.search(r"[?&]p=(\d+)", one))]
    return max(numbered)[1] if numbered else ""
