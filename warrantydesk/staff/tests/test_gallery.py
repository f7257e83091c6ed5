"""The evidence on the case page: what is seen of each file, what is told of it, and what can be said about it."""

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from cases.actors import Actor
from cases.evidence.processing import process_waiting
from cases.evidence.storage import store_file
from cases.models import Case, Evidence
from cases.services.opening import add_evidence
from cases.tests import files
from cases.tests.factories import CaseFactory, refused_file
from products.tests.factories import CustomerFactory, InvoiceFactory, parts_of
from warrantydesk.staff.tests.driver import Driver

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_files(settings: Any, tmp_path: Any) -> None:
    options = {"location": tmp_path / "files", "base_url": None}
    backend = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": options}
    settings.STORAGES = {**settings.STORAGES, "default": backend}


def shot(name: str = "IMG_1.jpg", **told: Any) -> Any:
    content = files.picture(exif=files.exif(**told)) if told else files.picture()
    return store_file(name, "image/jpeg", content, limit_bytes=10**7)


@pytest.fixture
def case() -> Case:
    customer = CustomerFactory(name="Ingrid Sørensen", email="ingrid@example.com")
    parts = parts_of(InvoiceFactory(customer=customer, issued_on=dt.date(2025, 6, 2)))[:1]
    taken = {"make": "Fairphone", "model": "FP5", "taken": "2025:05:28 23:30:00", "offset": "+02:00"}
    given = [shot(**taken), refused_file("setup.exe")]
    case = CaseFactory(customer=customer, parts=parts, files=given)
    process_waiting(timezone.now(), 10)
    return case


@pytest.fixture
def drive(case: Case, desk: Callable) -> Driver:
    return Driver(desk("support"), case)


def file_of(case: Case) -> Evidence:
    return case.evidence.exclude(status="refused").get()


def words(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", page))


def test_page_loads_thumbnails_only(drive: Driver) -> None:
    images = re.findall(r'<img[^>]* src="([^"]+)"', drive.look())
    assert images
    assert all(address.endswith("/thumbnail/") for address in images)


def test_file_is_told_of_as_far_as_it_is_known(drive: Driver, case: Case) -> None:
    page = words(drive.look(f"file-{file_of(case).pk}"))
    for told in (
        "Taken 28 May 2025",
        "Bought 2 Jun 2025 (taken 5 days before)",
        "Camera Fairphone FP5",
        "From Ingrid Sørensen",
        "JPEG, 64 × 48",
        f"Fingerprint {file_of(case).sha256[:12]}",
    ):
        assert told in page, told
    assert "setup.exe" in page
    assert "This kind of file is not taken." in page


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"status": "pending", "web": "", "thumbnail": ""}, "Not looked at yet"),
        ({"status": "failed", "web": "", "thumbnail": "", "facts": {"problem": "It broke."}}, "Problem It broke."),
        ({"scan": "waiting"}, "Virus scan waiting for the virus scanner"),
        ({"trouble": "changed"}, "Storage the file is not the one that came"),
        ({"captured_at": None}, "Taken the file does not say"),
    ],
    ids=["pending", "failed", "not_scanned", "changed", "no_date"],
)
def test_file_says_what_is_the_matter(drive: Driver, case: Case, fields: dict[str, Any], said: str) -> None:
    Evidence.objects.filter(pk=file_of(case).pk).update(**fields)
    assert said in words(drive.look(f"file-{file_of(case).pk}"))


def test_everything_is_said_through_the_page(drive: Driver, case: Case) -> None:
    file = file_of(case)
    drive.does("mark_fault", file, shows="yes")
    drive.does("note_picture", file, text="The left bearing <b>rattles</b>.")
    drive.does("turn_picture", file, rotation=90)
    file.refresh_from_db()
    assert (file.shows_fault, file.note, file.rotation) == (True, "The left bearing <b>rattles</b>.", 90)
    page = drive.look(f"file-{file.pk}")
    assert "is-turned-90" in page
    assert "&lt;b&gt;rattles" in page
    assert "A file is marked: it shows the fault" in page
    Evidence.objects.filter(pk=file.pk).update(status="failed")
    drive.does("look_again", file)
    drive.does("mark_fault", file, shows="no")
    assert not Evidence.objects.get(pk=file.pk).shows_fault


@pytest.mark.parametrize(
    ("verb", "data"),
    [
        ("mark_fault", {"shows": "perhaps"}),
        ("mark_fault", {}),
        ("turn_picture", {"rotation": "45"}),
        ("turn_picture", {"rotation": "NaN"}),
        ("note_picture", {"text": "x" * 2001}),
        ("look_again", {}),
    ],
)
def test_refusal_is_shown_when_it_cannot_be_done(drive: Driver, case: Case, verb: str, data: dict[str, Any]) -> None:
    answer = drive.post(verb, file_of(case), **data)
    assert answer.status_code == 422
    assert "was not done" in answer.content.decode()


def test_signal_leads_to_the_case_it_names(drive: Driver, case: Case) -> None:
    other = CaseFactory(files=[shot("copy.jpg", make="Fairphone", model="FP5")])
    Evidence.objects.filter(case=other).update(sha256=file_of(case).sha256)
    page = drive.look(f"file-{file_of(case).pk}")
    assert "Worth a second look" in page
    assert page.count(f'<a href="/desk/cases/{other.reference}/" class="mono">{other.reference}</a>') >= 2


def test_viewer_sees_the_picture_and_no_verb(case: Case, desk: Callable) -> None:
    page = Driver(desk("viewer"), case).look(f"file-{file_of(case).pk}")
    assert "Camera" in page
    assert "/mark-fault/" not in page


def test_picture_that_shows_the_fault_comes_first(drive: Driver, case: Case) -> None:
    later = added(case, "IMG_2.jpg")
    order = re.findall(r'data-shot="image"[^>]*data-name="([^"]+)"', drive.look())
    assert order == ["IMG_1.jpg", "IMG_2.jpg"]
    drive.does("mark_fault", later, shows="yes")
    assert re.findall(r'data-shot="image"[^>]*data-name="([^"]+)"', drive.look()) == ["IMG_2.jpg", "IMG_1.jpg"]


def added(case: Case, name: str, actor: Actor | None = None) -> Evidence:
    """One more file, added by `actor` (the customer), looked at."""
    taken = shot(name, model=name)
    row = add_evidence(case.pk, files=[taken], actor=actor or Actor.customer(), now=timezone.now())[0]
    process_waiting(timezone.now(), 10)
    return Evidence.objects.get(pk=row.pk)


def test_message_is_refused_when_its_picture_is_of_another_case(drive: Driver) -> None:
    other = added(CaseFactory(), "IMG_9.jpg")
    answer = drive.post("write_to_customer", text="This one?", enclosed=[other.pk])
    assert answer.status_code == 422
    assert not drive.case.messages.filter(direction="out").exists()
