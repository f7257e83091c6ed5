"""A case with rows of every kind, and the admin's pages of them."""

from typing import Any

from django.test import Client
from django.urls import reverse

from cases.links import mint
from cases.models import (
    Case,
    CaseEvent,
    CaseLink,
    ClaimedPart,
    DecisionLetter,
    Evidence,
    EvidenceUpload,
    Message,
    OutgoingMail,
    Quote,
    QuoteLine,
    RepairReport,
    UploadedPiece,
    UsedPart,
)
from cases.services import talking
from cases.tests.factories import REVIEWED_AT, CaseFactory, StaffFactory, photo, quote, staff
from products.tests.factories import ProductFactory

MODELS = (
    *(Case, ClaimedPart, Evidence, EvidenceUpload, UploadedPiece, Quote, QuoteLine),
    *(Message, OutgoingMail, CaseLink, CaseEvent, DecisionLetter, RepairReport, UsedPart),
)
OF_CLAIM = dict.fromkeys((RepairReport, UsedPart), "claim__case")
CASE = dict.fromkeys(MODELS, "case") | {QuoteLine: "quote__case", UploadedPiece: "upload__case"} | OF_CLAIM


def page(model: type, view: str, *arguments: object, **query: str) -> str:
    return reverse(f"admin:cases_{model._meta.model_name}_{view}", args=arguments, query=query or None)


def client_of(person: Any, **options: Any) -> Client:
    client = Client(**options)
    client.force_login(person)
    return client


def eventful_case(times: int = 1, **given: Any) -> Case:
    """An approved case with so many rows of every kind, each by colleagues of its own."""
    files = [photo(number) for number in range(times)]
    case = CaseFactory(state="approved", files=files, **given)
    for number in range(times):
        quote(case, f"{35 + number}.00")
        talking.write_to_customer(case.pk, text=f"Word {number}", actor=staff("support"), now=REVIEWED_AT)
        talking.assign(case.pk, user=StaffFactory(), actor=staff("support"), now=REVIEWED_AT)
        mail = case.outgoing_mails.latest("pk")
        mint(case, CaseLink.Kind.PORTAL, case.customer.email, mail, REVIEWED_AT)
        begun = {"created_at": REVIEWED_AT, "touched_at": REVIEWED_AT}
        key = f"{case.pk}-{number}"
        upload = EvidenceUpload.objects.create(case=case, key_hash=key, folder="x", name="a.mov", size=9, **begun)
        UploadedPiece.objects.create(upload=upload, offset=0, size=1, key=key)
        work_on(case.claimed_parts.get(), f"S-{key}")
    return Case.objects.get(pk=case.pk)


def work_on(claim: ClaimedPart, serial: str) -> None:
    by, spare = StaffFactory(), ProductFactory()
    RepairReport.objects.create(claim=claim, found="Worn", test="passed", reported_by=by, reported_at=REVIEWED_AT)
    UsedPart.objects.create(
        claim=claim, product=spare, serial=serial, serial_fold=serial, used_by=by, used_at=REVIEWED_AT
    )
