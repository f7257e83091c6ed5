"""Decisions: what is approved and denied and why, whether reviewers decide alike, and what appeals change."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from warrantydesk.reports import charts, fields
from warrantydesk.reports.asked import Asked
from warrantydesk.reports.counting.subjects import ENDINGS, of_part
from warrantydesk.reports.figures.counted import counted
from warrantydesk.reports.figures.drilling import cases_of
from warrantydesk.reports.figures.names import people, product_names, reason_titles
from warrantydesk.reports.figures.written import fetched
from warrantydesk.reports.models import Appeal, ClaimFigures
from warrantydesk.reports.service_life import likely_share
from warrantydesk.reports.tables import COUNT, PERCENT, TEXT, Column, Row, Table

SMALL = 20  # decisions of one reviewer below which the share is marked as too small to compare
MOST_BARS = 12
COVERED, DENIED = "covered", "denied"
EACH = ClaimFigures.Outcome.EACH


Verdicts = Mapping[tuple[int | None, int, str, int], int]  # product, part, verdict, whether goodwill → parts


def tables(asked: Asked) -> list[Table]:
    verdicts = verdicts_of(asked)
    return [
        by_product(asked, verdicts),
        by_part(asked, verdicts),
        reasons(asked),
        partly(asked),
        reviewers(asked),
        appeals(asked),
        near_expiry(asked),
    ]


def verdicts_of(asked: Asked) -> Verdicts:
    return counted(asked, "verdicts", asked.range, "product", "part", "word", "flag")


def decided(asked: Asked) -> QuerySet[ClaimFigures]:
    """The claimed parts whose standing verdict was given on the chosen days."""
    return asked.claims().filter(decided_on__range=(asked.range.first, asked.range.last))


def by_product(asked: Asked, verdicts: Verdicts) -> Table:
    sums = _together((product, word, good, number) for (product, _part, word, good), number in verdicts.items())
    return _by(asked, sums, "product", code="products", title=_("Verdicts by product"), of=_("Product"))


def by_part(asked: Asked, verdicts: Verdicts) -> Table:
    sums = _together((part, word, good, number) for (_product, part, word, good), number in verdicts.items())
    return _by(asked, sums, "part", code="parts", title=_("Verdicts by part"), of=_("Part"))


def _together(verdicts: Iterable[tuple[Any, str, int, int]]) -> dict[Any, list[int]]:
    """Key, verdict, goodwill and number → key → covered, goodwill, not covered."""
    sums: dict[Any, list[int]] = defaultdict(lambda: [0, 0, 0])
    for key, word, goodwill, number in verdicts:
        if word in (COVERED, DENIED):
            sums[key][2 if word == DENIED else goodwill] += number
    return sums


def _by(asked: Asked, sums: Mapping[Any, list[int]], field: str, *, code: str, title: str, of: str) -> Table:
    names = product_names()
    found = sorted(
        ((names[key], key, numbers) for key, numbers in sums.items()), key=lambda one: (-sum(one[2]), one[0])
    )
    rows = [Row((name, *numbers, sum(numbers), _share(numbers)), str(key)) for name, key, numbers in found]
    whole = [sum(numbers[place] for _name, _key, numbers in found) for place in range(3)]
    kinds = [_("Covered"), _("Goodwill"), _("Not covered")]
    return Table(
        code=code,
        title=title,
        columns=(
            Column(of),
            *(Column(kind, COUNT) for kind in kinds),
            Column(_("All"), COUNT),
            Column(_("Covered, goodwill included"), PERCENT),
        ),
        rows=rows,
        total=Row((_("All"), *whole, sum(whole), _share(whole))),
        chart=fields.shares(kinds, [(name, numbers) for name, _key, numbers in found[:MOST_BARS]]) if rows else None,
        meaning=_(
            "Claimed parts whose verdict was given on these days and still stands, each by itself: a case with three "
            "parts counts three times here. Goodwill is what was covered against the proposal of the rules; it is not "
            "in “covered”."
        ),
        formula=_(
            "share = (covered + goodwill) / all verdicts; day = the desk's day on which the reviewer decided the part"
        ),
        empty=_("No part was decided on these days."),
        cases=lambda key: cases_of(decided(asked).filter(**{field: key}), "figures") if key.isdigit() else None,
    )


def _share(numbers: Sequence[int]) -> float | None:
    covered, goodwill, denied = numbers
    whole = covered + goodwill + denied
    return (covered + goodwill) / whole if whole else None


def reasons(asked: Asked) -> Table:
    titles = reason_titles()
    denied = counted(asked, "denials", asked.range, "word")
    found = sorted(denied.items(), key=lambda one: (-one[1], one[0]))
    whole = sum(number for _code, number in found)
    return Table(
        code="reasons",
        title=_("Reasons of denials"),
        columns=(Column(_("Reason")), Column(_("Parts"), COUNT), Column(_("Of all denials"), PERCENT)),
        rows=[Row((titles.get(code, code), number, number / whole), code) for code, number in found],
        total=Row((_("All"), whole, 1.0)),
        chart=charts.rows([(str(titles.get(code, code)), float(number)) for code, number in found]) if found else None,
        meaning=_(
            "Claimed parts that were denied on these days, by the reason the decision names. Each has exactly one."
        ),
        formula=_("share = denials for this reason / all denials of these days"),
        empty=_("Nothing was denied on these days."),
        cases=lambda key: cases_of(decided(asked).filter(verdict=DENIED, reason=key), "figures"),
    )


def _per_case(rows: QuerySet[ClaimFigures]) -> QuerySet[Any]:
    yes, no = Count("pk", filter=Q(verdict=COVERED)), Count("pk", filter=Q(verdict=DENIED))
    return rows.values("figures").annotate(yes=yes, no=no)


_WHOLE = {"all": Q(no=0), "some": Q(yes__gt=0, no__gt=0), "none": Q(yes=0)}
_OF_ONE = {COVERED: "all", DENIED: "none"}


def _outcomes(asked: Asked) -> dict[str, int]:
    """The cases of each of _WHOLE. Those of which one part tells it are counted by it; the few others are brought
    together."""
    subject = of_part("outcomes") if asked.part else "outcomes"
    numbers = Counter(dict.fromkeys(_WHOLE, 0))
    for word, number in counted(asked, subject, asked.range, "word").items():
        numbers[_OF_ONE.get(word) or word] += number
    others = _per_case(decided(asked).filter(**({"is_twin": True} if asked.part else {"outcome": EACH})))
    found = others.aggregate(**{f"n_{key}": Count("figures", filter=wanted) for key, wanted in _WHOLE.items()})
    return {key: number + found[f"n_{key}"] for key, number in numbers.items()}


def partly(asked: Asked) -> Table:
    names = dict(zip(_WHOLE, (_("Every part covered"), _("Some parts covered"), _("No part covered")), strict=True))
    numbers = list(_outcomes(asked).items())
    whole = sum(number for _key, number in numbers)
    return Table(
        code="partly",
        title=_("Whole and partial approvals"),
        columns=(Column(_("Outcome")), Column(_("Cases"), COUNT), Column(_("Of all"), PERCENT)),
        rows=[Row((names[key], number, number / whole), key) for key, number in numbers] if whole else [],
        total=Row((_("All"), whole, 1.0 if whole else None)),
        chart=charts.rows([(names[key], number) for key, number in numbers]),
        meaning=_("Cases with at least one part decided on these days, by what was decided about those parts."),
        formula=_(
            "some = cases with at least one covered and at least one denied part among those decided on these days"
        ),
        empty=_("No part was decided on these days."),
        cases=lambda key: cases_of(_per_case(decided(asked)).filter(_WHOLE[key]), "figures") if key in _WHOLE else None,
    )


def reviewers(asked: Asked) -> Table:
    """Each reviewer's share beside the one to be expected of the parts they had before them."""
    cells: dict[tuple[Any, Any], list[int]] = defaultdict(lambda: [0, 0])
    by = ("reviewer", "part", "word")
    for (reviewer, part, word), number in counted(asked, "reviewers", asked.range, *by).items():
        cells[reviewer, part][0] += number if word == COVERED else 0
        cells[reviewer, part][1] += number
    usual: dict[Any, list[int]] = defaultdict(lambda: [0, 0])
    for (_reviewer, part), (covered, number) in cells.items():
        usual[part][0] += covered
        usual[part][1] += number
    names = people(reviewer for reviewer, _part in cells)
    rows = [_reviewer_row(key, name, cells, usual) for key, name in sorted(names.items(), key=lambda one: one[1])]
    return Table(
        code="reviewers",
        title=_("Do we decide alike?"),
        columns=(
            Column(_("Reviewer")),
            Column(_("Parts"), COUNT),
            Column(_("Covered"), PERCENT),
            Column(_("At least"), PERCENT),
            Column(_("At most"), PERCENT),
            Column(_("Expected of these parts"), PERCENT),
            Column(_("Differs"), TEXT),
        ),
        rows=rows,
        chart=charts.rows([(row.cells[0], round(100 * row.cells[2], 1)) for row in rows]) if rows else None,
        meaning=_(
            "How much of what each reviewer decided was covered, beside what all reviewers together covered of the "
            "same parts. “Differs” says that the difference is more than chance explains; with few decisions nothing "
            "can be said, and the row is marked. A difference is a reason to talk, not a verdict on anybody."
        ),
        formula=_(
            "limits: 95 % interval of Wilson; expected = Σ over parts of (decisions of the reviewer on the part × "
            "share the whole desk covered of it) / decisions of the reviewer; differs = expected outside the limits, "
            "and at least 20 decisions"
        ),
        empty=_("No part was decided on these days."),
        cases=lambda key: cases_of(decided(asked).filter(reviewer=int(key)), "figures") if key.isdigit() else None,
        wide=True,
    )


def _reviewer_row(key: Any, name: str, cells: dict[Any, list[int]], usual: dict[Any, list[int]]) -> Row:
    own = {part: numbers for (reviewer, part), numbers in cells.items() if reviewer == key}
    covered, number = (sum(numbers[place] for numbers in own.values()) for place in range(2))
    share = covered / number
    low, high = likely_share(share, number)
    expected = sum(numbers[1] * usual[part][0] / usual[part][1] for part, numbers in own.items()) / number
    is_small = number < SMALL
    differs = not is_small and not low <= expected <= high
    told = _("too few to say") if is_small else (_("yes") if differs else _("no"))
    return Row((name, number, share, low, high, expected, told), str(key), small=is_small)


def made(asked: Asked) -> QuerySet[Appeal]:
    return asked.appeals().filter(made_on__range=(asked.range.first, asked.range.last))


def _appealed(asked: Asked) -> QuerySet[Any]:
    return made(asked).values_list("outcome").annotate(number=Count("pk"))


def appeals(asked: Asked) -> Table:
    found = dict(fetched(asked, _appealed))
    whole = sum(found.values())
    names = {str(code): str(name).capitalize() for code, name in Appeal.Outcome.choices}
    rows = (
        [Row((name, found.get(code, 0), found.get(code, 0) / whole), code) for code, name in names.items()]
        if whole
        else []
    )
    return Table(
        code="appeals",
        title=_("Appeals and their outcome"),
        columns=(Column(_("Outcome")), Column(_("Appeals"), COUNT), Column(_("Of all"), PERCENT)),
        rows=rows,
        total=Row((_("All"), whole, 1.0 if whole else None)),
        chart=charts.rows([(name, found.get(code, 0)) for code, name in names.items()]),
        meaning=_(
            "Cases that were opened again on these days after a decision, by what the next decision said about the "
            "parts that had been denied. A case opened again twice counts twice."
        ),
        formula=_(
            "changed = the next decision that was not undone covers at least one of the parts that had been denied"
        ),
        empty=_("Nothing was opened again on these days."),
        cases=lambda key: cases_of(made(asked).filter(outcome=key), "figures"),
    )


def asked_for(asked: Asked) -> QuerySet[ClaimFigures]:
    return asked.claims().filter(received_on__range=(asked.range.first, asked.range.last))


def near_expiry(asked: Asked) -> Table:
    spans = {f"{place}": _left(least, most) for place, (least, most) in enumerate(ENDINGS)}
    spans["away"] = Q(days_left=None)
    found = counted(asked, "ending", asked.range, "flag", "word")
    names = [
        _("after the last covered day"), _("in the last week"), _("8–30 days left"), _("31–90 days left"),
        _("over 90 days left"), _("away now, the clock stands still"),
    ]  # fmt: skip
    numbers = [
        (name, key, found.get((place, ""), 0) + found.get((place, COVERED), 0), found.get((place, COVERED), 0))
        for place, (name, key) in enumerate(zip(names, spans, strict=True))
    ]
    whole = sum(number for _name, _key, number, _yes in numbers)
    return Table(
        code="ending",
        title=_("Claims near the end of cover"),
        columns=(
            Column(_("Cover left at the request")),
            Column(_("Parts"), COUNT),
            Column(_("Of these covered"), COUNT),
        ),
        rows=[Row((name, number, yes), key) for name, key, number, yes in numbers] if whole else [],
        total=Row((_("All"), whole, sum(yes for *_rest, yes in numbers))),
        chart=charts.rows([(name, number) for name, _key, number, _yes in numbers]),
        meaning=_(
            "Claimed parts of the requests of these days, by how long they were covered still on the customer's day of "
            "the request. The last covered day itself has 0 days left and is in cover."
        ),
        formula=_("days left = covered through, as it stands today − day of the request"),
        empty=_("No part was claimed on these days."),
        cases=lambda key: cases_of(asked_for(asked).filter(spans[key]), "figures") if key in spans else None,
        wide=True,
    )


def _left(least: int | None, most: int | None) -> Q:
    wanted = Q(days_left__isnull=False)
    if least is not None:
        wanted &= Q(days_left__gte=least)
    return wanted & Q(days_left__lte=most) if most is not None else wanted
