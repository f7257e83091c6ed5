"""Cases: opened with evidence, read, commented; everything through the services the desk itself uses."""

import json
from typing import Any

from rest_framework import exceptions
from rest_framework.response import Response

from cases.evidence.storage import StoredFile, discard, store_uploads
from cases.models import Case
from cases.queries import cases_visible_to
from cases.reference import parse_reference
from cases.services import talking
from cases.services.opening import NewCase, missing_of, open_case
from products.models import CoveredPart
from products.queries import match_purchase
from products.services import CustomerData, find_or_create_customer
from warrantydesk.api.documenting import reads, writes
from warrantydesk.api.paging import PageQuery
from warrantydesk.api.shapes import cases as shapes
from warrantydesk.api.shapes.fields import listed
from warrantydesk.api.views.base import TAKES_FILES, Writing


class OfCase(Writing):
    """An address below a case the token's account may see."""

    def case_of(self, reference: str) -> Case:
        written = parse_reference(reference) or reference
        rows = cases_visible_to(self.request.user).select_related("customer")
        found: Case = self.one(rows, reference=written)
        return found


class Cases(OfCase):
    parser_classes = TAKES_FILES
    scopes = {"GET": "cases:read", "POST": "cases:write"}

    @reads(listed(shapes.CaseRow), query=shapes.CaseFilter, summary="Cases")
    def get(self, request: Any) -> Response:
        query = self.asked(shapes.CaseFilter)
        rows = cases_visible_to(request.user).select_related("customer")
        if "state" in query:
            rows = rows.filter(state=query["state"])
        if "email" in query:
            rows = rows.filter(customer__email=query["email"].lower())
        if "invoice" in query:
            rows = rows.filter(invoice_id=query["invoice"])
        if "changed_from" in query:
            rows = rows.filter(changed_at__gte=query["changed_from"])
        return self.page(rows, query, shapes.CaseRow)

    @writes(
        {201: shapes.CaseOut},
        request={"application/json": shapes.CaseIn, "multipart/form-data": shapes.CaseWithFilesIn},
        summary="Open a case, with evidence where it is a form",
    )
    def post(self, request: Any) -> Response:
        return super().post(request)

    def write(self, request: Any) -> Response:
        given, uploads = _case_and_files(request)
        files = store_uploads(uploads)
        try:
            case = self._opened(given, files)
        except Exception:
            discard(files)
            raise
        return self.tagged(case_data(case), 201)

    def _opened(self, given: dict[str, Any], files: list[StoredFile]) -> Case:
        customer = find_or_create_customer(CustomerData(**given["customer"]))
        found = match_purchase([given["invoice_number"]], [given["serial_number"]])
        wanted = set(given.get("part_ids", ()))
        known = set(CoveredPart.objects.filter(pk__in=wanted).values_list("pk", flat=True))
        if wanted - known:
            raise exceptions.ValidationError({"part_ids": [f"There is no part {min(wanted - known)}."]})
        new = NewCase(
            customer_id=customer.pk,
            source="api",
            subject=given["subject"],
            description=given["description"],
            received_at=self.now,
            language=given["customer"].get("language") or customer.language or "en",
            invoice_as_given=given["invoice_number"],
            serial_as_given=given["serial_number"],
            invoice_id=found.invoice.pk if found.invoice else None,
            unit_id=found.unit.pk if found.unit else None,
            part_ids=tuple(sorted(known | {part.pk for part in found.parts})),
            proposed_part_ids=tuple(part.pk for part in found.proposed if part.pk not in known),
        )
        return open_case(new, files=files, actor=self.actor, now=self.now, acknowledge=given["acknowledge"])


class OneCase(OfCase):
    scopes = {"GET": "cases:read"}
    http_method_names = ("get", "head", "options")

    @reads(shapes.CaseOut, summary="A case with its claimed parts and what is missing")
    def get(self, request: Any, reference: str) -> Response:
        return self.tagged(case_data(self.case_of(reference)))


class Messages(OfCase):
    scopes = {"GET": "cases:read", "POST": "cases:write"}

    @reads(listed(shapes.MessageOut), query=PageQuery, summary="The conversation, notes among ourselves included")
    def get(self, request: Any, reference: str) -> Response:
        query = self.asked(PageQuery)
        return self.page(self.case_of(reference).messages.all(), query, shapes.MessageOut)

    @writes(
        {201: shapes.MessageOut}, request=shapes.MessageIn, summary="Write a note, to the customer, or what they said"
    )
    def post(self, request: Any, reference: str) -> Response:
        return super().post(request, reference=reference)

    def write(self, request: Any, reference: str) -> Response:
        given, case = self.given(shapes.MessageIn), self.case_of(reference)
        how = {"text": given["text"], "actor": self.actor, "now": self.now}
        if given["kind"] == "note":
            message = talking.add_note(case.pk, **how)
        elif given["kind"] == "to_customer":
            message = talking.write_to_customer(case.pk, **how)
        else:
            message = talking.receive_message(case.pk, sender_address=case.customer.email, **how)
        return Response(shapes.MessageOut(message).data, status=201)


class EvidenceOfCase(OfCase):
    parser_classes = TAKES_FILES
    scopes = {"GET": "cases:read", "POST": "cases:write"}

    @reads(listed(shapes.EvidenceOut), query=PageQuery, summary="The evidence, refused files included")
    def get(self, request: Any, reference: str) -> Response:
        query = self.asked(PageQuery)
        return self.page(self.case_of(reference).evidence.all(), query, shapes.EvidenceOut)

    @writes(
        {201: listed(shapes.EvidenceOut)},
        request={"multipart/form-data": shapes.EvidenceIn},
        summary="Add evidence the customer sent",
    )
    def post(self, request: Any, reference: str) -> Response:
        return super().post(request, reference=reference)

    def write(self, request: Any, reference: str) -> Response:
        case, uploads = self.case_of(reference), request.FILES.getlist("evidence")
        if not uploads:
            raise exceptions.ValidationError({"evidence": ["Send at least one file as form data."]})
        files = store_uploads(uploads)
        words = str(request.data.get("text") or "Evidence added by another system.")[:20_000].replace("\0", "")
        try:
            message = talking.receive_message(
                case.pk, text=words, sender_address=case.customer.email, files=files, actor=self.actor, now=self.now
            )
        except Exception:
            discard(files)
            raise
        rows = message.evidence.order_by("pk")
        return Response({"items": shapes.EvidenceOut(rows, many=True).data, "next": None}, status=201)


class EventsOfCase(OfCase):
    scopes = {"GET": "cases:read"}
    http_method_names = ("get", "head", "options")

    @reads(listed(shapes.EventOut), query=PageQuery, summary="The timeline")
    def get(self, request: Any, reference: str) -> Response:
        return self.page(self.case_of(reference).events.all(), self.asked(PageQuery), shapes.EventOut)


def case_data(case: Case) -> dict[str, Any]:
    case = Case.objects.select_related("customer").prefetch_related(
        "claimed_parts__part__product", "claimed_parts__cause", "claimed_parts__reason"
    ).get(pk=case.pk)  # fmt: skip
    case.missing = missing_of(case)  # type: ignore[attr-defined]
    return dict(shapes.CaseOut(case).data)


def _case_and_files(request: Any) -> tuple[dict[str, Any], list[Any]]:
    """A case as JSON, or as a form with the JSON in a field of it and the files beside."""
    body, uploads = request.data, []
    if (request.content_type or "").startswith("multipart/"):
        uploads = request.FILES.getlist("evidence")
        try:
            body = json.loads(str(request.data.get("case", "")))
        except (ValueError, RecursionError):
            raise exceptions.ValidationError({"case": ["This field holds the case as JSON."]}) from None
    shape = shapes.CaseIn(data=body)
    shape.is_valid(raise_exception=True)
    return dict(shape.validated_data), uploads
