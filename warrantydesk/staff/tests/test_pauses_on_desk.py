"""Days that staff state on the case page: with a reason, with a proof that is attached, beside what tracking says."""

import datetime as dt
import html
import re
from collections.abc import Callable

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from pytest_django import Settings

from cases.models import CaseEvent, OutgoingMail
from cases.tests.factories import CaseFactory
from products.models import CoveredPart, PauseWindow
from products.tests.factories import InvoiceFactory, parts_of
from shipments.models import TrackingEvent
from shipments.tests.factories import BACK, OUT, ShipmentFactory, scan
from warrantydesk.staff.tests.driver import Driver

LEFT, BACK_ON = "2025-06-11", "2025-06-29"
STATED = {"left_on": LEFT, "back_on": BACK_ON, "reason": "Handed over at the fair"}
SLIP = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer <<>>\n%%EOF\n"
PROGRAM = b"MZ\x90\x00 a program"


@pytest.fixture(autouse=True)
def _storage_of_its_own(settings: Settings) -> None:
    settings.STORAGES = {**settings.STORAGES, "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"}}


def slip(content: bytes = SLIP, name: str = "Lieferschein 7.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="application/pdf")


def kept() -> list[str]:
    """The proofs in the storage."""
    if not default_storage.exists("proof"):
        return []
    years, _ = default_storage.listdir("proof")
    return [name for year in years for name in default_storage.listdir(f"proof/{year}")[1]]


@pytest.fixture
def drive(desk: Callable) -> Driver:
    return Driver(desk("reviewer"), CaseFactory())


def claim_of(drive: Driver):
    return drive.case.claimed_parts.get()


def refused(drive: Driver, **data: object) -> str:
    answer = drive.post("confirm_pause", claim_of(drive), **data)
    assert answer.status_code == 422
    assert not PauseWindow.objects.exists()
    return answer.content.decode()


def test_attached_proof_is_linked_where_the_days_are_explained_and_can_be_fetched(drive: Driver) -> None:
    assert 'enctype="multipart/form-data"' in drive.look(f"confirm_pause-{claim_of(drive).pk}")
    drive.does("confirm_pause", claim_of(drive), **STATED, proof="Slip 7", proof_file=slip())
    window = PauseWindow.objects.get()
    assert (window.proof["words"], window.proof["file"]["name"]) == ("Slip 7", "Lieferschein 7.pdf")
    address = f"/desk/pauses/{window.pk}/proof/"
    linked = rf'class="clock-step-proof">[^<]*Slip 7[^<]*<a href="{address}">Lieferschein 7.pdf</a>'
    assert re.search(linked, drive.look(f"why-{claim_of(drive).pk}"))
    assert b"".join(drive.client.get(address).streaming_content) == SLIP


@pytest.mark.parametrize(
    ("given", "words"),
    [({"proof": "Slip 7"}, "Slip 7"), ({"proof_file": slip}, "Lieferschein 7.pdf")],
    ids=["in words", "attached"],
)
def test_proof_is_given_in_words_or_attached(drive: Driver, given: dict, words: str) -> None:
    given = {name: value() if callable(value) else value for name, value in given.items()}
    drive.does("confirm_pause", claim_of(drive), **STATED, **given)
    assert words in drive.look(f"why-{claim_of(drive).pk}")


def test_days_without_any_proof_are_refused_beside_the_field(drive: Driver) -> None:
    page = refused(drive, **STATED)
    assert "attach what proves the days" in page
    assert f'id="confirm-pause-{claim_of(drive).pk}-proof_error"' in page


@pytest.mark.parametrize(
    ("content", "said"),
    [(PROGRAM, "attach a picture or a PDF"), (b"", "The submitted file is empty")],
    ids=["a program", "nothing"],
)
def test_refused_file_says_why_beside_the_field_and_what_was_typed_is_kept(drive: Driver, content, said: str) -> None:
    page = refused(drive, **{**STATED, "reason": "Zwölf <Boxkämpfer>"}, proof="Slip & 7", proof_file=slip(content))
    beside = page.split(f'id="confirm-pause-{claim_of(drive).pk}-proof_file_error"')[1][:400]
    assert said in beside
    for typed in (LEFT, BACK_ON, html.escape("Zwölf <Boxkämpfer>"), html.escape("Slip & 7")):
        assert typed in page
    assert kept() == []


@pytest.mark.parametrize(
    ("changed", "field", "said"),
    [
        ({"left_on": "2999-01-01", "back_on": ""}, "left_on", "lies in the future"),
        ({"back_on": "2025-06-01"}, "back_on", "before the day it left"),
        ({"left_on": ""}, "left_on", "This field is required."),
    ],
    ids=["by the service", "by the clock", "by the form"],
)
def test_file_is_not_kept_and_asked_for_again_when_the_days_are_refused(drive, changed, field, said) -> None:
    page = refused(drive, **STATED | changed, proof="Slip 7", proof_file=slip())
    assert said in page.split(f'id="confirm-pause-{claim_of(drive).pk}-{field}_error"')[1][:400]
    assert "Choose the file once more" in page
    assert kept() == []


def test_corrected_days_keep_the_file_that_proves_them(drive: Driver) -> None:
    drive.does("confirm_pause", claim_of(drive), **STATED, proof_file=slip())
    drive.does("confirm_pause", claim_of(drive), **STATED | {"back_on": "2025-06-30"}, proof="The slip says the 30th")
    window = PauseWindow.objects.get()
    assert (window.back_on, window.proof["file"]["name"]) == (dt.date(2025, 6, 30), "Lieferschein 7.pdf")
    assert drive.client.get(f"/desk/pauses/{window.pk}/proof/")["Content-Type"] == "application/pdf"


@pytest.mark.parametrize("role", ["viewer", "support"])
def test_form_is_offered_to_nobody_without_the_permission(desk: Callable, role: str) -> None:
    drive = Driver(desk(role), CaseFactory())
    claim = claim_of(drive)
    assert not drive.offers("confirm_pause", claim)
    assert drive.url("confirm_pause", claim) not in drive.look(f"confirm_pause-{claim.pk}")
    answer = drive.post("confirm_pause", claim_of(drive), **STATED, proof_file=slip())
    assert answer.status_code == 403
    assert kept() == []


# ── Beside and instead of what tracking says ─────────────────────────────────────────────────────────────────────


@pytest.fixture
def tracked(desk: Callable) -> Driver:
    """12 to 24 November 2025, both ends tracked."""
    case = CaseFactory(state="approved")
    ShipmentFactory(case=case, events=OUT)
    ShipmentFactory(case=case, direction="to_customer", events=BACK)
    return Driver(desk("reviewer"), case)


def extended(drive: Driver) -> int | None:
    return CoveredPart.objects.get(pk=claim_of(drive).part_id).extended_days


def test_correction_of_tracked_days_leaves_what_tracking_has_beside_it(tracked: Driver) -> None:
    wrong = {"left_on": "2025-11-12", "back_on": "2025-11-20", "reason": "Signed on the 20th", "proof_file": slip()}
    tracked.does("confirm_pause", claim_of(tracked), **wrong, instead_of=["2025-11-12"])
    assert extended(tracked) == 9
    page = tracked.look(f"confirm_pause-{claim_of(tracked).pk}", f"why-{claim_of(tracked).pk}")
    assert "stands instead of 12–24 Nov 2025, as tracking has it" in page
    assert TrackingEvent.objects.count() == len(OUT) + len(BACK)
    assert "12–24 Nov 2025, as it does already" in page  # so that a correction can be corrected


def test_corrected_correction_still_stands_instead_of_tracking(tracked: Driver) -> None:
    for day, days in (("2025-11-20", 9), ("2025-11-21", 10)):
        said = {"left_on": "2025-11-12", "back_on": day, "reason": "Signed", "proof": "Slip"}
        tracked.does("confirm_pause", claim_of(tracked), **said, instead_of=["2025-11-12"])
        assert extended(tracked) == days


def test_lost_parcel_to_the_workshop_is_closed_and_the_case_is_told(desk: Callable) -> None:
    case = CaseFactory(state="approved")
    ShipmentFactory(case=case, events=[OUT[0], scan("lost", "2025-11-15T08:00")])
    drive = Driver(desk("reviewer"), case)
    assert extended(drive) is None
    said = {"left_on": "2025-11-12", "back_on": "2025-11-30", "reason": "Lost, paid out", "proof_file": slip()}
    drive.does("confirm_pause", claim_of(drive), **said, instead_of=["2025-11-12"])
    assert extended(drive) == 19
    told = CaseEvent.objects.get(case=case, kind="clock", name="returned")
    assert told.actor == drive.client.person
    body = OutgoingMail.objects.get(case=case, kind="returned").body
    assert "Your warranty was paused for 19 days and now runs through 22 Mar 2026." in body
    assert "delivered" not in body


def test_whole_product_is_stated_and_taken_back_at_once(desk: Callable) -> None:
    parts = parts_of(InvoiceFactory())
    drive = Driver(desk("reviewer"), CaseFactory(parts=parts[:1]))
    drive.does("confirm_pause", claim_of(drive), **STATED, proof="Slip 7", whole_product="on")
    assert PauseWindow.objects.count() == len(parts)
    drive.does("withdraw_pause", claim_of(drive), left_on=LEFT, reason="Another printer", whole_product="on")
    assert not PauseWindow.objects.exists()
    names = list(CaseEvent.objects.filter(kind="clock").values_list("name", flat=True))
    assert names == ["moved", "moved"]
    assert not OutgoingMail.objects.filter(kind="returned").exists()
