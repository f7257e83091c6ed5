"""Findings, verdicts and the steps of the lifecycle: each says which state of the case it was decided on."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import transaction
from rest_framework import exceptions
from rest_framework.response import Response

from cases.models import Case, ClaimedPart
from cases.services import deciding, judging
from warrantydesk.api.documenting import changes
from warrantydesk.api.preconditions import require_match, tag_of
from warrantydesk.api.shapes import cases as shapes
from warrantydesk.api.views.cases import OfCase, case_data


class OfCaseAsSeen(OfCase):
    """An address that changes a case which may have been changed meanwhile."""

    @contextmanager
    def as_seen(self, reference: str) -> Iterator[Case]:
        """The case, locked, in the state the caller named: nobody comes in between looking and changing."""
        case = self.case_of(reference)
        with transaction.atomic():
            Case.objects.select_for_update().get(pk=case.pk)
            require_match(self.request, case_data(case))
            yield case

    def claim_of(self, case: Case, claim_id: int) -> ClaimedPart:
        rows = case.claimed_parts.select_related("part__product", "cause", "reason")
        found: ClaimedPart = self.one(rows, pk=claim_id)
        return found

    def answer(self, data: Any, case: Case) -> Response:
        return Response(data, headers={"ETag": tag_of(case_data(case))})


class Finding(OfCaseAsSeen):
    scopes = {"POST": "cases:decide"}

    @changes(
        {200: shapes.ClaimOut},
        request=shapes.FindingIn,
        summary="Record what was seen on a claimed part",
        tag_of="the case",
    )
    def post(self, request: Any, reference: str, claim_id: int) -> Response:
        return super().post(request, reference=reference, claim_id=claim_id)

    def write(self, request: Any, reference: str, claim_id: int) -> Response:
        given = self.given(shapes.FindingIn)
        with self.as_seen(reference) as case:
            judging.record_finding(
                self.claim_of(case, claim_id).pk, cause_code=given["cause"] or None,
                defect_found=given["defect_found"], finding=given["finding"], actor=self.actor, now=self.now,
            )  # fmt: skip
            return self.answer(shapes.ClaimOut(self.claim_of(case, claim_id)).data, case)


class Verdict(OfCaseAsSeen):
    scopes = {"POST": "cases:decide"}

    @changes(
        {200: shapes.ClaimOut}, request=shapes.VerdictIn, summary="Decide one claimed part", tag_of="the case"
    )  # fmt: skip
    def post(self, request: Any, reference: str, claim_id: int) -> Response:
        return super().post(request, reference=reference, claim_id=claim_id)

    def write(self, request: Any, reference: str, claim_id: int) -> Response:
        given = self.given(shapes.VerdictIn)
        with self.as_seen(reference) as case:
            judging.decide_part(
                self.claim_of(case, claim_id).pk, verdict=given["verdict"], reason_code=given["reason"],
                resolution=given["resolution"], words=given["words"], goodwill_reason=given["goodwill_reason"],
                actor=self.actor, now=self.now,
            )  # fmt: skip
            return self.answer(shapes.ClaimOut(self.claim_of(case, claim_id)).data, case)


class Transitions(OfCaseAsSeen):
    scopes = {"POST": "cases:write"}

    @changes(
        {200: shapes.CaseOut},
        request=shapes.TransitionIn,
        summary="Take the case along its lifecycle",
        tag_of="the case",
    )
    def post(self, request: Any, reference: str) -> Response:
        return super().post(request, reference=reference)

    def write(self, request: Any, reference: str) -> Response:
        given = self.given(shapes.TransitionIn)
        if given["name"] in ("approve", "deny", "undo") and "cases:decide" not in request.auth.scopes:
            raise exceptions.PermissionDenied("This token lacks the scope cases:decide.", code="scope_missing")
        with self.as_seen(reference) as case:
            verb = getattr(deciding, given["name"])
            moved = verb(case.pk, **_arguments(given), actor=self.actor, now=self.now)
            return self.tagged(case_data(moved))


def _arguments(given: dict[str, Any]) -> dict[str, Any]:
    wanted = {
        "begin_review": ("why",),
        "request_information": ("missing", "words"),
        "reopen": ("why",),
        "withdraw": ("why", "reason", "duplicate_of"),
    }
    return {name: given.get(name, ()) for name in wanted.get(given["name"], ())}
