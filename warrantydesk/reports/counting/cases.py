"""The flat rows of some cases, written anew from what is stored about them: seven queries however many there are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo

from django.db import transaction
from django.db.models import Max

from cases.models import Case, CaseEvent, ClaimedPart
from cases.models.case import State
from products.models import ClockChange, PauseWindow
from warrantydesk.reports.counting.ages import Window, first_of_month, months_in_service
from warrantydesk.reports.counting.history import Happened, History, history_of
from warrantydesk.reports.counting.ledgers import Ledgers
from warrantydesk.reports.counting.outcomes import tell_outcomes
from warrantydesk.reports.counting.parcels import parcels_of, quotes_of
from warrantydesk.reports.counting.turns import take_turn
from warrantydesk.reports.models import Appeal, CaseFigures, ClaimFigures, ParcelFigures, QuoteFigures, StageRun
from warrantydesk.reports.stages import REPLY

READ_KINDS = (CaseEvent.Kind.OPENED, CaseEvent.Kind.TRANSITION, CaseEvent.Kind.MESSAGE)
WRITE_AT_ONCE = 2000
Figures = CaseFigures | ClaimFigures | StageRun | Appeal | QuoteFigures | ParcelFigures


@dataclass
class Counted:
    """The rows of some cases, not stored yet."""

    figures: list[CaseFigures]
    claims: list[ClaimFigures]
    runs: list[StageRun]
    appeals: list[Appeal]
    quotes: list[QuoteFigures]
    parcels: list[ParcelFigures]

    def comparable(self) -> dict[int, list[tuple[object, ...]]]:
        """Everything about each case in an order of its own, so that two countings can be held against each other."""
        found: dict[int, list[tuple[object, ...]]] = defaultdict(list)
        rows: list[Figures] = [*self.figures, *self.claims, *self.runs, *self.appeals, *self.quotes, *self.parcels]
        for row in rows:
            found[_case_of(row)].append(_plainly(row))
        return {case: sorted(rows, key=repr) for case, rows in found.items()}


def count_cases(case_ids: Sequence[int], zone: tzinfo) -> None:
    """Write the rows of these cases anew. Running it twice, or beside itself, gives the same rows."""
    with transaction.atomic():
        take_turn()
        counted = counted_anew(case_ids, zone)
        was = ClaimFigures.objects.filter(figures__in=case_ids).values_list("unit", flat=True)
        units = {*was, *(claim.unit for claim in counted.claims)}
        ledgers = Ledgers.of_cases(case_ids, units)
        CaseFigures.objects.filter(pk__in=case_ids).delete()
        CaseFigures.objects.bulk_create(counted.figures, batch_size=WRITE_AT_ONCE)
        ClaimFigures.objects.bulk_create(counted.claims, batch_size=WRITE_AT_ONCE)
        StageRun.objects.bulk_create(counted.runs, batch_size=WRITE_AT_ONCE)
        Appeal.objects.bulk_create(counted.appeals, batch_size=WRITE_AT_ONCE)
        QuoteFigures.objects.bulk_create(counted.quotes, batch_size=WRITE_AT_ONCE)
        ParcelFigures.objects.bulk_create(counted.parcels, batch_size=WRITE_AT_ONCE)
        ledgers.write_difference(Ledgers.of_cases(case_ids, units))


def counted_anew(case_ids: Sequence[int], zone: tzinfo) -> Counted:
    """What the rows of these cases should be. Nothing is stored."""
    histories = _histories(case_ids)
    claims = _claims_by_case(case_ids)
    parts = {claim.part_id for rows in claims.values() for claim in rows}
    windows, moved = _windows_of(parts), _clocks_moved(parts)
    counted = Counted([], [], [], [], [], [])
    rows = (
        Case.objects.filter(pk__in=case_ids)
        .select_related("customer", "invoice__customer", "unit__line")
        .order_by("pk")
    )
    for case in rows:
        history = history_of(case.received_at, histories.get(case.pk, ()))
        figures = _figures(case, history, claims[case.pk], zone)
        figures.seen_at = max(
            [case.changed_at, *(moved[one.part_id] for one in claims[case.pk] if one.part_id in moved)]
        )
        counted.figures.append(figures)
        of_case = [_claim(claim, figures, windows.get(claim.part_id, ()), zone) for claim in claims[case.pk]]
        tell_outcomes(of_case)
        counted.claims += of_case
        counted.runs += _runs(figures, history, zone)
        counted.appeals += [
            Appeal(figures=figures, made_on=_day(one.at, zone), outcome=one.outcome) for one in history.appeals
        ]
    by_case = {one.pk: one for one in counted.figures}
    counted.quotes, counted.parcels = quotes_of(by_case, zone), parcels_of(by_case, counted.claims, zone)
    return counted


def stored(case_ids: Sequence[int]) -> Counted:
    """The rows of these cases as they are stored."""
    return Counted(
        list(CaseFigures.objects.filter(pk__in=case_ids)),
        list(ClaimFigures.objects.filter(figures__in=case_ids)),
        list(StageRun.objects.filter(figures__in=case_ids)),
        list(Appeal.objects.filter(figures__in=case_ids)),
        list(QuoteFigures.objects.filter(figures__in=case_ids)),
        list(ParcelFigures.objects.filter(figures__in=case_ids)),
    )


def _histories(case_ids: Sequence[int]) -> dict[int, list[Happened]]:
    found: dict[int, list[Happened]] = defaultdict(list)
    rows = (
        CaseEvent.objects.filter(case__in=case_ids, kind__in=READ_KINDS)
        .order_by("case_id", "at", "id")
        .values_list("case_id", "at", "kind", "name", "from_state", "to_state", "actor_kind", "data")
    )
    for case_id, *values in rows:
        found[case_id].append(Happened(*values))
    return found


def _claims_by_case(case_ids: Sequence[int]) -> dict[int, list[ClaimedPart]]:
    found: dict[int, list[ClaimedPart]] = defaultdict(list)
    rows = ClaimedPart.objects.filter(case__in=case_ids).select_related("part__unit__line", "reason").order_by("pk")
    for claim in rows.defer("snapshot", "finding", "words"):
        found[claim.case_id].append(claim)
    return found


def _windows_of(part_ids: Iterable[int]) -> dict[int, list[Window]]:
    found: dict[int, list[Window]] = defaultdict(list)
    rows = PauseWindow.objects.filter(part__in=list(part_ids)).order_by("part", "left_on", "pk")
    for part_id, left_on, back_on in rows.values_list("part_id", "left_on", "back_on"):
        found[part_id].append((left_on, back_on))
    return found


def _clocks_moved(part_ids: Iterable[int]) -> dict[int, datetime]:
    rows = ClockChange.objects.filter(part__in=list(part_ids)).order_by()
    return dict(rows.values("part_id").annotate(latest=Max("at")).values_list("part_id", "latest"))


def _figures(case: Case, history: History, claims: Sequence[ClaimedPart], zone: tzinfo) -> CaseFigures:
    replied = history.replied_at
    return CaseFigures(
        case=case,
        received_on=_day(case.received_at, zone),
        state=case.state,
        source=case.source,
        language=case.language,
        product_id=case.unit.line.product_id if case.unit else None,
        country=_country(case),
        sold_in=_sold_in(case, claims),
        reviewer_id=case.decided_by_id,
        replied_on=_day(replied, zone) if replied else None,
        reply_seconds=max(round((replied - case.received_at).total_seconds()), 0) if replied else None,
        closed_on=_day(history.closed_at, zone) if history.closed_at else None,
        complete=not history.missing,
        asked_times=history.asked_times,
        **{f"missing_{code}": code in history.missing for code in CaseFigures.MISSING},
    )


def _country(case: Case) -> str:
    """Where it was sold to: the invoice's country, or its customer's; of a purchase not known yet the sender's."""
    if case.invoice is None:
        return str(case.customer.country)
    return str(case.invoice.country or case.invoice.customer.country)


def _sold_in(case: Case, claims: Sequence[ClaimedPart]) -> date | None:
    if claims:
        return first_of_month(claims[0].part.starts_on)
    return first_of_month(case.invoice.issued_on) if case.invoice else None


def _claim(claim: ClaimedPart, figures: CaseFigures, windows: Sequence[Window], zone: tzinfo) -> ClaimFigures:
    part, case = claim.part, figures.case
    through = part.covered_through
    return ClaimFigures(
        claim=claim,
        figures=figures,
        received_on=figures.received_on,
        covered_part=part.pk,
        unit=part.unit_id,
        part_id=part.product_id,
        product_id=part.unit.line.product_id,
        country=figures.country,
        sold_in=first_of_month(part.starts_on),
        claimed_in=first_of_month(case.submitted_on),
        term_months=part.term_months,
        paused_days=part.extended_days or 0,
        months_in_service=months_in_service(part.starts_on, windows, case.submitted_on),
        days_left=(through - case.submitted_on).days if through else None,
        counts=claim.confirmed and case.state != State.WITHDRAWN,
        verdict=claim.verdict,
        resolution=claim.resolution,
        goodwill=claim.is_goodwill,
        reason=claim.reason.code if claim.reason else "",
        reviewer_id=claim.decided_by_id,
        decided_on=_day(claim.decided_at, zone) if claim.decided_at else None,
    )


def _runs(figures: CaseFigures, history: History, zone: tzinfo) -> Iterator[StageRun]:
    of = figures.narrowing
    for run in history.runs:
        seconds = round((run.end - run.begin).total_seconds())
        yield StageRun(figures=figures, stage=run.stage, ended_on=_day(run.end, zone), seconds=seconds, **of)
    if figures.replied_on and figures.reply_seconds is not None:
        yield StageRun(figures=figures, stage=REPLY, ended_on=figures.replied_on, seconds=figures.reply_seconds, **of)


def _day(at: datetime, zone: tzinfo) -> date:
    return at.astimezone(zone).date()


def _case_of(row: Figures) -> int:
    return row.pk if isinstance(row, CaseFigures) else row.figures_id


def _plainly(row: Figures) -> tuple[object, ...]:
    names = [field.attname for field in row._meta.concrete_fields if field.attname != "id"]
    return (type(row).__name__, *(getattr(row, name) for name in names))
