"""Sending files from a phone: over a line that breaks, after a reload, with everything that can be refused."""

import hashlib
from pathlib import Path
from random import Random
from time import monotonic
from typing import Any

import pytest
from django.core.files.storage import default_storage

from cases.models import Case, Evidence, EvidenceUpload
from cases.tests.factories import CaseFactory
from cases.tests.files import video
from products.tests.factories import CustomerFactory
from warrantydesk.portal.tests.door import picture, program, send_mails, token_of
from warrantydesk.tests.browser import PATIENCE, Visitor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
MB = 1024 * 1024
CLIP = video() + Random(3).randbytes(9 * MB)
FIELD = "#form-message [data-upload] .upload-area input"
LINE = "#form-message .upload-item"
PHONE = (390,)


@pytest.fixture
def case() -> Case:
    return CaseFactory(customer=CustomerFactory(email="ingrid@example.com", name="Ingrid Sørensen"))


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    made = {
        "clip.mp4": CLIP,
        "IMG_2291.jpg": picture().read(),
        "IMG_2292.jpg": picture(number=2).read(),
        "setup und Handbuch der ganzen Maschine, letzte Fassung.exe": program().read(),
        "leer.jpg": b"",
    }
    for name, content in made.items():
        (tmp_path / name).write_bytes(content)
    return {name: tmp_path / name for name in made}


@pytest.fixture
def phone(visitor: Visitor, case: Case) -> Visitor:
    return let_in(visitor, case)


def let_in(visitor: Visitor, case: Case) -> Visitor:
    send_mails(case)
    visitor.resize(390)
    visitor.open(f"/status/{token_of(case)}/")
    visitor.page.get_by_role("button", name="Open my request").click()
    visitor.page.wait_for_url("**/status/")
    return visitor


def choose(visitor: Visitor, *paths: Path) -> None:
    visitor.page.set_input_files(FIELD, [str(path) for path in paths])


def press_send(visitor: Visitor) -> None:
    visitor.page.get_by_role("button", name="Send the message").click()


def said(visitor: Visitor, words: str) -> Any:
    return visitor.page.locator(LINE).filter(has_text=words)


def break_line(visitor: Visitor, *, after: int) -> None:
    """The line breaks at the piece after `after` of them went through, and stays broken."""
    gone = []

    def through(route: Any) -> None:
        if route.request.method != "PATCH":
            route.continue_()
        elif len(gone) < after:
            gone.append(route)
            route.continue_()
        else:
            visitor.page.context.set_offline(True)
            route.abort("internetdisconnected")

    visitor.expected += ["ERR_INTERNET_DISCONNECTED", "Failed to load resource"]
    visitor.page.route("**/status/uploads/**", through)


def break_off(visitor: Visitor) -> None:
    """Pages come again, and no piece gets through: what was lost waits, whenever it is tried."""
    visitor.page.unroute("**/status/uploads/**")
    visitor.page.route("**/status/uploads/**", lambda route: route.abort("internetdisconnected"))
    visitor.page.context.set_offline(False)


def mend_line(visitor: Visitor) -> None:
    visitor.page.unroute("**/status/uploads/**")
    visitor.page.context.set_offline(False)


def bytes_of(row: Evidence) -> bytes:
    with default_storage.open(row.original.name, "rb") as file:
        return file.read()


def test_video_arrives_whole_when_the_line_breaks_on_the_way(
    phone: Visitor, case: Case, files: dict[str, Path]
) -> None:
    break_line(phone, after=1)
    phone.page.get_by_label("Your message").fill("You hear it at 0:12.")
    choose(phone, files["clip.mp4"], files["IMG_2291.jpg"])
    press_send(phone)
    said(phone, "The line was lost. We go on from 44 % as soon as it is back.").wait_for()
    assert EvidenceUpload.objects.get().received == 4 * MB
    assert phone.page.locator("#form-message [data-upload-live]").inner_text().startswith("The line was lost.")
    phone.photograph("portal-upload-lost", PHONE)
    mend_line(phone)
    phone.page.get_by_text("Your message is with us.").wait_for()
    row = case.evidence.get(name="clip.mp4")
    assert hashlib.sha256(bytes_of(row)).hexdigest() == hashlib.sha256(CLIP).hexdigest() == row.sha256
    message = case.messages.get(text="You hear it at 0:12.")
    assert [file.name for file in message.evidence.order_by("pk")] == ["clip.mp4", "IMG_2291.jpg"]


def test_video_goes_on_where_it_was_when_the_page_was_loaded_again(
    phone: Visitor, case: Case, files: dict[str, Path]
) -> None:
    break_line(phone, after=1)
    choose(phone, files["clip.mp4"])
    press_send(phone)
    said(phone, "The line was lost.").wait_for()
    break_off(phone)
    phone.page.on("dialog", lambda dialog: dialog.accept())
    phone.page.reload()
    phone.page.unroute("**/status/uploads/**")
    phone.page.locator("#form-message").get_by_text("Not sent whole yet: clip.mp4.").wait_for()
    phone.photograph("portal-upload-remembered", PHONE)
    choose(phone, files["clip.mp4"])
    said(phone, "We have 44 % of it already and go on from there.").wait_for()
    press_send(phone)
    phone.page.get_by_text("1 file is with us.").wait_for()
    assert EvidenceUpload.objects.count() == 1
    assert bytes_of(case.evidence.get(name="clip.mp4")) == CLIP
    assert phone.page.evaluate("() => Object.keys(localStorage)") == []


def test_files_are_taken_refused_and_taken_back(phone: Visitor, case: Case, files: dict[str, Path]) -> None:
    page = phone.page
    phone.photograph("portal-upload-empty", PHONE)
    phone.expected.append("413")
    refused, empty = list(files)[3], "leer.jpg"
    choose(phone, files[refused], files[empty], files["IMG_2291.jpg"])
    page.get_by_role("button", name="Take IMG_2291.jpg off the list").click()
    assert page.locator(LINE).count() == 2
    phone.photograph("portal-upload-chosen", PHONE)
    press_send(phone)
    said(phone, "It arrived empty. Please send it once more.").wait_for()
    said(phone, "It is a program, and we never open programs.").wait_for()
    phone.photograph("portal-upload-refused", PHONE)
    phone.expect_accessible()
    # Nothing of it is with us, so the page stays as it is, and other files can be chosen.
    assert set(case.evidence.filter(status="refused").values_list("name", flat=True)) == {refused, empty}
    choose(phone, files["IMG_2291.jpg"], files["IMG_2292.jpg"])
    press_send(phone)
    page.get_by_text("2 files are with us.").wait_for()
    phone.photograph("portal-upload-done", PHONE)
    assert case.evidence.filter(name__startswith="IMG_229").count() == 2


def test_files_are_sent_when_only_the_keyboard_is_used(phone: Visitor, case: Case, files: dict[str, Path]) -> None:
    page = phone.page
    page.locator("#form-message textarea").focus()
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.activeElement.type") == "file"
    choose(phone, files["IMG_2291.jpg"], files["IMG_2292.jpg"])
    page.get_by_role("button", name="Take IMG_2292.jpg off the list").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Send the message").focus()
    page.keyboard.press("Enter")
    page.get_by_text("1 file is with us.").wait_for()
    assert not case.evidence.filter(name="IMG_2292.jpg").exists()


def test_photos_are_sent_where_they_are_asked_for(visitor: Visitor, files: dict[str, Path]) -> None:
    case = CaseFactory(customer=CustomerFactory(email="ingrid@example.com"), files=())
    phone = let_in(visitor, case)
    phone.page.set_input_files("#form-photos .upload-area input", [str(files["IMG_2291.jpg"])])
    phone.page.get_by_role("button", name="Send the photos").click()
    phone.page.get_by_text("1 file is with us.").wait_for()
    assert case.evidence.get().name == "IMG_2291.jpg"
    assert Case.objects.get(pk=case.pk).state == "evidence_review"


def test_nothing_is_remembered_when_the_customer_logs_off(phone: Visitor, case: Case, files: dict[str, Path]) -> None:
    break_line(phone, after=1)
    choose(phone, files["clip.mp4"])
    press_send(phone)
    said(phone, "The line was lost.").wait_for()
    break_off(phone)
    assert phone.page.evaluate("() => Object.keys(localStorage).length") == 1
    phone.page.on("dialog", lambda dialog: dialog.accept())
    phone.page.get_by_role("button", name="Log off").click()
    phone.page.get_by_text("You are logged off.").wait_for()
    assert phone.page.evaluate("() => Object.keys(localStorage).length") == 0


def test_upload_fails_in_words_and_is_tried_again(phone: Visitor, case: Case, files: dict[str, Path]) -> None:
    phone.expected.append("Failed to load resource")
    phone.page.clock.install()
    phone.page.route("**/status/uploads/", lambda route: route.fulfill(status=502))
    choose(phone, files["IMG_2291.jpg"])
    press_send(phone)
    said(phone, "The line was lost.").wait_for()
    given_up, until = said(phone, "It could not be sent, the line broke off too often."), monotonic() + PATIENCE
    while not given_up.count():
        assert monotonic() < until, "it never gave up"
        phone.page.wait_for_timeout(30)  # for the answer that is on its way; the page's own clock stands still
        phone.page.clock.run_for(20_000)
    phone.photograph("portal-upload-failed", PHONE)
    phone.page.unroute("**/status/uploads/")
    phone.page.get_by_role("button", name="Try again").click()
    phone.page.get_by_text("1 file is with us.").wait_for()


def test_customer_is_told_when_the_page_was_closed_in_the_meantime(
    phone: Visitor, case: Case, files: dict[str, Path]
) -> None:
    phone.expected += ["404", "403"]
    choose(phone, files["IMG_2291.jpg"])
    case.links.update(expires_at="2020-01-01T00:00:00Z")
    press_send(phone)
    said(phone, "This page was closed in the meantime.").wait_for()
    assert not EvidenceUpload.objects.exists()


def test_files_are_dropped_on_the_field(phone: Visitor, case: Case) -> None:
    data = phone.page.evaluate_handle(
        """() => {
          const data = new DataTransfer();
          data.items.add(new File(["%PDF-1.4\\n%%EOF"], "Rechnung.pdf", { type: "application/pdf" }));
          return data;
        }"""
    )
    box = "#form-message [data-upload]"
    phone.page.dispatch_event(box, "dragover", {"dataTransfer": data})
    assert phone.page.locator(f"{box}.is-over").count() == 1
    phone.page.dispatch_event(box, "drop", {"dataTransfer": data})
    said(phone, "Rechnung.pdf").wait_for()
    assert phone.page.locator(f"{box}.is-over").count() == 0


def test_camera_is_offered_on_a_phone(chromium: Any, live_server: Any, case: Case, files: dict[str, Path]) -> None:
    context = chromium.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    phone = let_in(Visitor(context.new_page(), live_server.url), case)
    camera = phone.page.locator("#form-message .upload-camera")
    assert camera.is_visible()
    assert camera.locator("input").get_attribute("capture") == "environment"
    camera.locator("input").set_input_files(str(files["IMG_2291.jpg"]))
    said(phone, "IMG_2291.jpg").wait_for()
    phone.photograph("portal-upload-phone", PHONE)
    press_send(phone)
    phone.page.get_by_text("1 file is with us.").wait_for()
    phone.expect_no_problems()
    context.close()


def test_files_go_with_the_form_when_there_is_no_script(
    chromium: Any, live_server: Any, case: Case, files: dict[str, Path]
) -> None:
    send_mails(case)
    context = chromium.new_context(viewport={"width": 390, "height": 900}, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{live_server.url}/status/{token_of(case)}/")
    page.get_by_role("button", name="Open my request").click()
    field = page.get_by_label("Photos, a video or a PDF")
    assert field.is_visible()
    field.set_input_files([str(files["IMG_2291.jpg"]), str(files["IMG_2292.jpg"])])
    page.get_by_role("button", name="Send the message").click()
    page.get_by_text("2 files are with us.").wait_for()
    assert not EvidenceUpload.objects.exists()
    context.close()
