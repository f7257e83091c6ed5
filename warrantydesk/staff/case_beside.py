"""What only tells something beside a case: earlier verdicts on its parts, the same file elsewhere, a parcel shared with
another case, the contents of parcels, tags, pictures sent along, the workshop's reports. One query for all of it."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import BigIntegerField, CharField, DateTimeField, QuerySet, Value
from django.db.models.functions import Coalesce, NullIf

from cases.evidence.signals import same_files
from cases.models import Case, ClaimedPart, Evidence, RepairReport
from products.written_once import WrittenOnce
from shipments.models import PackedPart, RepairShipment

MOST_ELSEWHERE = 50  # other cases named for files, and for parcels


class Before(NamedTuple):
    """What another case made of a part of this one."""

    reference: str
    received_at: datetime
    verdict: str
    resolution: str

    @property
    def outcome(self) -> str:
        return str(ClaimedPart.Resolution(self.resolution).label) if self.resolution else ""


class Report(NamedTuple):
    """What the workshop said of a part."""

    test: str
    measured: str
    found: str
    done: str
    reported_by: str
    reported_at: datetime

    @property
    def outcome(self) -> str:
        return str(RepairReport.Test(self.test).label)


@dataclass
class Beside:
    """`reports` the latest by the claim; `before` by the part, newest first; `same_files` by fingerprint, `shared` by
    (carrier, number, direction) as the references of other cases; `packed` by the parcel, as labels; `enclosed` by the
    message, as keys of files."""

    before: dict[int, list[Before]] = field(default_factory=lambda: defaultdict(list))
    same_files: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    shared: dict[tuple[str, str, str], list[str]] = field(default_factory=lambda: defaultdict(list))
    packed: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))
    tags: dict[int, str] = field(default_factory=dict)
    reports: dict[int, Report] = field(default_factory=dict)
    enclosed: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))


def beside_case(case_id: int) -> Beside:
    found = Beside()
    for kind, about, number, one, two, three, four, five, at in sorted(_BESIDE.ask(case=case_id).rows(), key=_in_order):
        if kind == "before":
            found.before[about].insert(0, Before(one, at, two, three))
        elif kind == "same" and two not in found.same_files[one]:
            found.same_files[one].append(two)
        elif kind == "shared":
            found.shared[two, three, four].append(one)
        elif kind == "packed":
            found.packed[about].append(f"{two}: {one}" if two else one)
        elif kind == "tag":
            found.tags[about] = one
        elif kind == "report":
            found.reports[about] = Report(one, two, three, four, five, at)
        elif kind == "enclosed":
            found.enclosed[about].append(number)
    return found


def _in_order(row: tuple[Any, ...]) -> tuple[Any, ...]:
    kind, about, number, one, *_more, at = row
    return kind, at.timestamp() if at else 0, about, number, one


def _beside(case: int) -> Any:
    first, *others = (_as_beside(kind, rows, **columns) for kind, rows, columns in _beside_rows(case))
    return first.union(*others, all=True)


def _beside_rows(case: int) -> Iterator[tuple[str, Any, dict[str, Any]]]:
    """What is told beside a case: its kind, its rows, and which of their columns tell it."""
    claims, parcels = ClaimedPart.objects, RepairShipment.objects
    claimed = claims.filter(case=case).values("part")
    yield "before", claims.filter(part__in=claimed).exclude(case=case), {
        "about": "part_id", "number": "pk", "one": "case__reference", "two": "verdict", "three": "resolution",
        "at": "case__received_at",
    }  # fmt: skip
    same = _some(same_files(case))
    yield "same", same, {"about": "case_id", "one": "sha256", "two": "case__reference"}
    numbers = parcels.filter(case=case).values("tracking_number")
    shared = _some(parcels.filter(tracking_number__in=numbers, cancelled_at=None).exclude(case=case))
    yield "shared", shared, {
        "one": "case__reference", "two": "carrier", "three": "tracking_number", "four": "direction",
    }  # fmt: skip
    yield "packed", PackedPart.objects.filter(shipment__case=case), {
        "about": "shipment_id", "number": "part_id", "one": "part__product__name", "two": "part__place",
    }  # fmt: skip
    yield "report", RepairReport.objects.filter(claim__case=case), {
        "about": "claim_id", "number": "pk", "one": "test", "two": "measured", "three": "found", "four": "done",
        "five": Coalesce(NullIf("reported_by__name", Value("")), "reported_by__email", output_field=CharField()),
        "at": "reported_at",
    }  # fmt: skip
    tags: Any = Case.tags.through._default_manager.filter(case=case)
    yield "tag", tags, {"about": "tag_id", "one": "tag__name"}
    enclosed: Any = Evidence.sent_with.through._default_manager.filter(evidence__case=case)
    yield "enclosed", enclosed, {"about": "message_id", "number": "evidence_id"}


def _some(rows: QuerySet[Any]) -> QuerySet[Any]:
    """The newest MOST_ELSEWHERE of them, as a part of a union: SQLite knows no limit within one."""
    newest = rows.order_by("-pk")
    if connection.features.supports_slicing_ordering_in_compound:
        return newest[:MOST_ELSEWHERE]
    return rows.model._default_manager.filter(pk__in=newest.values("pk")[:MOST_ELSEWHERE]).order_by()


def _as_beside(kind: str, rows: Any, **columns: Any) -> Any:
    """The columns of `beside_case`. What a kind lacks takes the type of the first one, which has a time."""
    text, number, moment = CharField(), BigIntegerField(), DateTimeField()
    lacking = {
        "about": Value(0, output_field=number), "number": Value(0, output_field=number),
        **{name: Value("", output_field=text) for name in ("one", "two", "three", "four", "five")},
        "at": Value(None, output_field=moment),
    }  # fmt: skip
    told = (columns.get(name, nothing) for name, nothing in lacking.items())
    unordered = rows if rows.query.is_sliced else rows.order_by()
    return unordered.values_list(Value(kind, output_field=text), *told)


_BESIDE = WrittenOnce(_beside, keep_plan=True, case=int)
