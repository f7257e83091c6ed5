"""What is counted by the day: each subject with the flat rows it counts, and what its keys mean.

The same expressions count the flat rows where somebody narrows a report, and fill the ledger where nobody does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Case, CharField, Count, F, Model, Q, QuerySet, SmallIntegerField, Value, When

from warrantydesk.reports.models import CaseFigures, ClaimFigures, PauseFigures
from warrantydesk.reports.tallies import Tally

ENDINGS = ((None, -1), (0, 7), (8, 30), (31, 90), (91, None))
STANDS_STILL = len(ENDINGS)
COMPLETE, ASKED = 1, 2


@dataclass(frozen=True)
class Subject:
    """`keys` are names of Tally's keys with the expression each is; `number` is what a group comes to."""

    name: str
    model: type[Model]
    day: str
    keys: Mapping[str, Any]
    wanted: Q = field(default_factory=Q)
    number: Any = field(default_factory=lambda: Count("*"))

    def counted(self, rows: QuerySet[Any], by: tuple[str, ...] = Tally.KEYS[1:]) -> QuerySet[Any]:
        """Tuples of the keys `by`, then the number. Keys this subject has not are as the ledger has them."""
        named = {f"k_{key}": self._expression(key) for key in by}
        rows = rows.filter(self.wanted, **{f"{self.day}__isnull": False}).order_by()
        return rows.annotate(**named).values_list(*named).annotate(k_number=self.number)

    def _expression(self, key: str) -> Any:
        if key == "day":
            return F(self.day)
        if key not in self.keys:
            empty: Any = Tally._meta.get_field(key)
            return Value(None if empty.null else empty.get_default(), output_field=empty)
        told = self.keys[key]
        return F(told) if isinstance(told, str) else told


def _bit(condition: Q, value: int) -> Case:
    return Case(When(condition, then=Value(value)), default=Value(0), output_field=SmallIntegerField())


def _missing() -> Any:
    bits: Any = Value(0, output_field=SmallIntegerField())
    for place, code in enumerate(CaseFigures.MISSING):
        bits = bits + _bit(Q(**{f"missing_{code}": True}), 1 << place)
    return bits


def lacks(flag: int, code: str) -> bool:
    """Whether a key of the subject `missing` says that this was missing."""
    return bool(flag & 1 << CaseFigures.MISSING.index(code))


def of_part(name: str) -> str:
    """What a subject is called where its numbers are those of each part."""
    return f"{name}_p"


def _left() -> Case:
    """The place in ENDINGS of how long a claimed part was covered still."""
    spans = [When(days_left__lte=most, then=Value(place)) for place, (_least, most) in enumerate(ENDINGS) if most]
    return Case(
        When(days_left__isnull=True, then=Value(STANDS_STILL)),
        *spans,
        default=Value(STANDS_STILL - 1),
        output_field=SmallIntegerField(),
    )


OF_PRODUCT = {"product": F("product_id")}
OF_DECIDED = {**OF_PRODUCT, "reviewer": F("reviewer_id")}
OF_A_PART = {**OF_DECIDED, "part": F("part_id")}
TOLD_BY_ONE = Q(outcome__in=["all", "some", "none"])
TOLD_BY_ITSELF = Q(is_twin=False, verdict__in=["covered", "denied"])
ENDING = {
    "flag": _left(),
    "word": Case(When(verdict="covered", then=F("verdict")), default=Value(""), output_field=CharField()),
}
AWAY = {**OF_PRODUCT, "flag": F("days")}
UNITS = Count("unit", distinct=True)  # of one day: a unit that was away twice as long came back on two of them
IS_FAILURE = Q(counts=True, months_in_service__isnull=False)
WHOLE_CASES = (
    Subject("received", CaseFigures, "received_on", {"word": "state"}),
    Subject("ended", CaseFigures, "closed_on", {}),
    Subject(
        "intake",
        CaseFigures,
        "received_on",
        {
            "word": "language",
            "other": "source",
            "flag": _bit(Q(complete=True), COMPLETE) + _bit(Q(asked_times__gt=0), ASKED),
        },
    ),
    Subject("missing", CaseFigures, "received_on", {"flag": _missing()}),
)


def _of_part(one: Subject) -> Subject:
    """A case that claims two of a part is one case."""
    keys = {**one.keys, "part": F("claims__part")}
    number = Count("pk", distinct=True)
    return Subject(of_part(one.name), one.model, one.day, keys, Q(claims__isnull=False), number)


OF_CASES = (
    *WHOLE_CASES,
    *map(_of_part, WHOLE_CASES),
    Subject(
        "verdicts",
        ClaimFigures,
        "decided_on",
        {
            "product": F("product_id"),
            "part": F("part_id"),
            "word": "verdict",
            "other": "resolution",
            "flag": _bit(Q(goodwill=True), 1),
        },
    ),
    Subject(
        "reviewers",
        ClaimFigures,
        "decided_on",
        {"reviewer": F("reviewer_id"), "part": F("part_id"), "word": "verdict"},
    ),
    Subject("denials", ClaimFigures, "decided_on", {"word": "reason"}, Q(verdict="denied")),
    Subject(of_part("denials"), ClaimFigures, "decided_on", {**OF_A_PART, "word": "reason"}, Q(verdict="denied")),
    # Cases, each told by one of its parts; of those that claim one part the verdict of that part says it.
    Subject("outcomes", ClaimFigures, "decided_on", {**OF_DECIDED, "word": "outcome"}, TOLD_BY_ONE),
    Subject(of_part("outcomes"), ClaimFigures, "decided_on", {**OF_A_PART, "word": "verdict"}, TOLD_BY_ITSELF),
    Subject("ending", ClaimFigures, "received_on", ENDING),
    Subject(of_part("ending"), ClaimFigures, "received_on", {**ENDING, **OF_PRODUCT, "part": F("part_id")}),
    Subject(
        "failures",
        ClaimFigures,
        "claimed_in",
        {"word": "reason", "other": "resolution", "flag": _bit(~Q(verdict="undecided"), 1)},
        IS_FAILURE,
    ),
)
OF_PAUSES = (
    Subject("away", PauseFigures, "back_on", AWAY, number=UNITS),
    Subject(of_part("away"), PauseFigures, "back_on", {**AWAY, "part": F("part_id")}, number=UNITS),
    Subject("granted", PauseFigures, "back_on", {"flag": "days"}),
    Subject(of_part("granted"), PauseFigures, "back_on", {**AWAY, "part": F("part_id")}),
)
SUBJECTS = {one.name: one for one in (*OF_CASES, *OF_PAUSES)}

__all__ = ["ASKED", "COMPLETE", "ENDINGS", "OF_CASES", "OF_PAUSES", "STANDS_STILL", "SUBJECTS", "Subject", "of_part"]
