"""What was known when a part was decided, kept with the decision (policy 3): a later correction changes none of it."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import Any

from cases.models import Case, ClaimedPart, Evidence
from cases.rules.eligibility import Proposal
from cases.services._proposing import claims_of, clock_on_submission, proposals_of
from products.coverage import Clock
from products.models import CoveredPart


def seal(case: Case, now: datetime) -> list[ClaimedPart]:
    """Write the snapshot of every part decided since the last decision, and give those claims back."""
    claims = [claim for claim in claims_of(case) if not claim.snapshot]
    proposals = proposals_of(case, claims)
    evidence = _fingerprints(case)
    for claim in claims:
        claim.snapshot = {
            "decided_at": _instant(now),
            "submitted_on": case.submitted_on.isoformat(),
            "zone": case.submitted_zone,
            "terms": _terms(claim.part),
            "clock": _clock(clock_on_submission(case, claim.part)),
            "pauses": _pauses(claim.part),
            "voided": claim.part.is_voided,
            "evidence": evidence,
            "proposal": _proposal(proposals[claim.pk]),
            "finding": {
                "cause_recorded": claim.cause_recorded,
                "cause": claim.cause.code if claim.cause else None,
                "defect_found": claim.defect_found,
            },
        }
        claim.save(update_fields=["snapshot"])
    return claims


def sealed_by(case: Case, decided_at: datetime | None) -> list[ClaimedPart]:
    """The claimed parts whose snapshot that decision wrote."""
    if decided_at is None:
        return []
    return [claim for claim in claims_of(case) if claim.snapshot.get("decided_at") == _instant(decided_at)]


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()


def _terms(part: CoveredPart) -> dict[str, Any]:
    return {
        "effective_from": part.terms.effective_from.isoformat(),
        "months": part.term_months,
        "starts_on": part.starts_on.isoformat(),
        "started_by": part.started_by,
    }


def _clock(clock: Clock) -> dict[str, Any]:
    return {
        "on": clock.on.isoformat(),
        "state": clock.state,
        "base_covered_through": clock.base_covered_through.isoformat(),
        "covered_through": _iso(clock.covered_through),
        "extended_days": clock.extended_days,
        "paused_since": _iso(clock.paused_since),
    }


def _pauses(part: CoveredPart) -> list[dict[str, Any]]:
    return [
        {
            "left_on": pause.left_on.isoformat(),
            "back_on": _iso(pause.back_on),
            "source": pause.source,
            "certainty": pause.certainty,
        }
        for pause in part.pauses.all()
    ]


def _fingerprints(case: Case) -> list[dict[str, Any]]:
    kept = case.evidence.filter(status__in=Evidence.KEPT).order_by("id")
    return [{"id": pk, "sha256": sha256} for pk, sha256 in kept.values_list("id", "sha256")]


def _proposal(proposal: Proposal) -> dict[str, Any]:
    return {
        "verdict": proposal.verdict,
        "reason_code": proposal.reason_code,
        "sentence": proposal.sentence,
        "because": [asdict(step) for step in proposal.because],
    }


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
