"""What the decided parts of one case come to, told by one of them, so that nobody has to bring them together again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from cases.models import ClaimedPart
from warrantydesk.reports.models import ClaimFigures

Outcome = ClaimFigures.Outcome
ALIKE = ("decided_on", "reviewer_id", "product_id", "country", "sold_in")  # the days and what a report is narrowed by
COVERED, DENIED = ClaimedPart.Verdict.COVERED, ClaimedPart.Verdict.DENIED


def tell_outcomes(claims: Sequence[ClaimFigures]) -> None:
    """Write `outcome` and `is_twin` of the claims of one case, in the order of their keys.

    Where all that were decided are alike in what can be chosen of a report, any report has all of them or none, and
    the first speaks for them. Where they are not, each is `EACH`, and whoever counts brings them together.
    """
    decided = [one for one in claims if one.decided_on]
    parts = Counter(one.part_id for one in decided)
    outcome = outcome_of(decided)
    for one in decided:
        one.outcome = outcome if outcome == Outcome.EACH or one is decided[0] else ""
        one.is_twin = parts[one.part_id] > 1


def outcome_of(decided: Sequence[ClaimFigures]) -> str:
    verdicts = {one.verdict for one in decided}
    if len({tuple(getattr(one, name) for name in ALIKE) for one in decided}) > 1 or verdicts - {COVERED, DENIED}:
        return Outcome.EACH
    if len(verdicts) > 1:
        return Outcome.SOME
    return Outcome.ALL if COVERED in verdicts else Outcome.NONE
