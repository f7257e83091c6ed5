"""From rows to the facts of one claimed part, and from them to its proposal (policy 3)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, cast

from django.db.models import Q, QuerySet

from cases.models import Case, CaseEvent, ClaimedPart, Evidence
from cases.rows_of_case import rows_of_case
from cases.rules.eligibility import ClaimFacts, Proposal, propose
from cases.services._known import known
from cases.services._timeline import ARRIVED_EVIDENCE, ARRIVED_MESSAGE, came_since, last_question
from products import queries as products
from products.coverage import Clock
from products.identifiers import fold_identifier
from products.joined import Many, apart, joined
from products.models import CoveredPart, PauseWindow, SerialChange
from products.written_once import WrittenOnce

DESCRIBED = Q(kind=CaseEvent.Kind.DETAILS, name="described")
_BESIDE = ("part__product", "part__unit__line__invoice__customer", "part__terms", "cause", "reason")
_CLOCKS = (
    Many(PauseWindow, "pauses", ["left_on", "back_on", "source", "certainty"], holder="part", order=["left_on"]),
    Many(SerialChange, "serial_changes", ["old_serial_fold", "changed_at"], holder="part", order=["changed_at"]),
)


def claims_of(case: Case) -> list[ClaimedPart]:
    """The claimed parts with all that a proposal reads, in one query."""
    return apart(rows_of_case(case, _ALL), *_CLOCKS)


def claim_of(case: Case, claim_id: int) -> ClaimedPart:
    """One of them. ClaimedPart.DoesNotExist where the case has none such."""
    found: list[ClaimedPart] = apart(rows_of_case(case, _ONE, claim=claim_id), *_CLOCKS)
    if not found:
        raise ClaimedPart.DoesNotExist(f"{case.reference} has no claimed part {claim_id}")
    return found[0]


def _all(case: int, **only: int) -> QuerySet[ClaimedPart]:
    rows = ClaimedPart.objects.filter(case=case, **only)
    return joined(rows.select_related(*_BESIDE).order_by("pk"), *_CLOCKS)


_ALL = WrittenOnce(_all, keep_plan=True, case=int)
_ONE = WrittenOnce(lambda case, claim: _all(case, pk=claim), keep_plan=True, case=int, claim=int)


def _claims(case: Case) -> Iterable[ClaimedPart]:
    claims: Iterable[ClaimedPart] | None = known(case, "claimed_parts")
    return claims_of(case) if claims is None else claims


def proposals_of(case: Case, claims: Iterable[ClaimedPart] | None = None) -> dict[int, Proposal]:
    """The proposal for every claimed part, by the id of the claim. `claims` where `claims_of` was read already."""
    lacking = _Lacking(case)
    asked = _claims(case) if claims is None else claims
    return {claim.id: propose(_facts(case, claim, lacking)) for claim in asked}


def proposal_of(claim: ClaimedPart) -> Proposal:
    """The proposal for one claimed part, as the facts stand now."""
    return propose(_facts(claim.case, claim, _Lacking(claim.case)))


def overtaken_labels(case: Case) -> Iterator[str]:
    """Parts whose verdict no longer follows from the facts: something arrived or moved after they were decided.

    Parts of an earlier decision (they hold its snapshot) are settled and not asked again.
    """
    lacking = _Lacking(case)
    for claim in _claims(case):
        if claim.verdict == ClaimedPart.Verdict.UNDECIDED or claim.snapshot:
            continue
        if not agrees(claim, propose(_facts(case, claim, lacking))):
            yield claim.part.label


def agrees(claim: ClaimedPart, proposal: Proposal) -> bool:
    """Whether a verdict follows from the proposal. Goodwill stands beside it and agrees with anything."""
    if claim.verdict == ClaimedPart.Verdict.COVERED:
        return claim.is_goodwill or proposal.verdict == "covered"
    return claim.reason is not None and proposal.reason_code == claim.reason.code


def has_files(case: Case) -> bool:
    """Whether anything that was sent is kept."""
    files = known(case, "evidence")
    return bool(_FILES.ask(case=case.pk).rows()) if files is None else any(file.is_kept for file in files)


def _any_file(case: int) -> QuerySet[Evidence, Any]:
    return Evidence.objects.filter(case=case, status__in=Evidence.KEPT).order_by().values_list("pk")[:1]


_FILES = WrittenOnce(_any_file, keep_plan=True, case=int)


def clock_on_submission(case: Case, part: CoveredPart) -> Clock:
    """The clock of the part as of the day the request reached us (policy 1.10)."""
    return products.clock_of(part, case.submitted_on)


class _Lacking:
    """What the whole case lacks, read once for all its parts.

    `still` is the description and the evidence (policy 3.6); what was asked for again counts as missing until
    something of the kind arrives.
    """

    def __init__(self, case: Case) -> None:
        self._question = last_question(case)
        self.asked = tuple(case.information_missing) if self._question else ()
        described = bool(case.description.strip()) and self._answered(case, "description", ARRIVED_MESSAGE | DESCRIBED)
        shown = has_files(case)
        shown = shown and self._answered(case, "evidence", ARRIVED_EVIDENCE)
        self.still = (*(() if described else ("description",)), *(() if shown else ("evidence",)))

    def _answered(self, case: Case, code: str, arrived: Q) -> bool:
        if self._question is None or code not in self.asked:
            return True
        return came_since(case, self._question, arrived)


def _facts(case: Case, claim: ClaimedPart, lacking: _Lacking) -> ClaimFacts:
    part = claim.part
    clock = clock_on_submission(case, part)
    return ClaimFacts(
        category=cast("Any", part.category),
        invoice_known=case.invoice_id is not None,
        on_invoice=part.unit.line.invoice_id == case.invoice_id,
        serial_belongs=serial_belongs(case, part),
        submitted_on=case.submitted_on,
        state_on_submission=clock.state,
        covered_through=clock.covered_through,
        is_voided=part.is_voided,
        cause_recorded=claim.cause_recorded,
        cause=claim.cause.code if claim.cause else None,
        defect_found=claim.defect_found,
        still_missing=lacking.still,
        asked_for=lacking.asked,
        refunded_on=part.unit.refunded_on,
    )


def serial_belongs(case: Case, part: CoveredPart) -> bool:
    """Whether the serial number of the request is this product's: matched to its unit, or written as its own.

    Any number of a chain of replacements counts (policy 1.7), and several numbers may be written in one field.
    """
    if part.unit_id == case.unit_id:
        return True
    known = {part.serial_fold, part.unit.serial_fold, *(change.old_serial_fold for change in part.serial_changes.all())}
    return bool((known - {""}) & set(_written_serials(case.serial_as_given)))


def _written_serials(written: str) -> Iterator[str]:
    """Every run of words, folded: a number may be written with spaces, and several numbers beside each other."""
    words = re.split(r"[\s,;/|+&]+", written)[:40]
    for start in range(len(words)):
        for end in range(start + 1, min(start + 5, len(words) + 1)):
            yield fold_identifier("".join(words[start:end]))
