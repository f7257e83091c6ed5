"""The viewer of the desk in a real browser: keys, size, turning, videos, and what is said without leaving it."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone
from PIL import Image, ImageDraw

from cases.actors import Actor
from cases.evidence.processing import process_waiting
from cases.evidence.storage import store_file
from cases.models import Case, Evidence
from cases.services.opening import add_evidence
from cases.tests import files
from cases.tests.factories import CaseFactory, refused_file
from products.tests.factories import CustomerFactory
from warrantydesk.tests.browser import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def own_files(settings: Any, tmp_path: Path) -> None:
    options = {"location": tmp_path / "files", "base_url": None}
    backend = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": options}
    settings.STORAGES = {**settings.STORAGES, "default": backend}


def picture(number: int, size: tuple[int, int] = (800, 600)) -> bytes:
    image = Image.new("RGB", size, (60 + number * 30, 95, 120))
    draw = ImageDraw.Draw(image)
    draw.ellipse((size[0] // 5, size[1] // 5, size[0] // 2, size[1] // 2), fill=(230, 200 - number * 20, 160))
    draw.rectangle((0, size[1] - 100, size[0], size[1]), fill=(30, 40, 50))
    written = io.BytesIO()
    told = files.exif(make="Fairphone", model="FP5", taken=f"2025:05:1{number} 10:00:00", offset="+02:00")
    image.save(written, "JPEG", exif=told)
    return written.getvalue()


def stored(name: str, content: bytes) -> Any:
    return store_file(name, "", content, limit_bytes=10**8)


@pytest.fixture
def case(person: Callable) -> Case:
    """Pictures lying and standing, a video, a paper, one that is not looked at yet, one that failed, one refused."""
    now = timezone.now()
    given = [stored(f"IMG_229{n}.jpg", picture(n)) for n in range(3)]
    given += [stored("IMG_2293.jpg", picture(3, (450, 800))), stored("Rechnung 0817.pdf", files.PDF)]
    given += [stored("VID_0012.mp4", files.video()), refused_file("Überblick der gesamten Maschine.exe")]
    case = CaseFactory(customer=CustomerFactory(name="Ingrid Sørensen"), files=given)
    process_waiting(now, 20)
    late = [stored("IMG_2301.jpg", picture(5)), stored("IMG_2302.jpg", picture(6))]
    rows = add_evidence(case.pk, files=late, actor=Actor.customer(), now=now)
    Evidence.objects.filter(pk=rows[1].pk).update(status="failed", facts={"problem": "It could not be decoded."})
    return case


@pytest.fixture
def viewer(visitor: Visitor, person: Callable, case: Case) -> Visitor:
    visitor.log_in(person("support", name="Noor"))
    visitor.open(f"/desk/cases/{case.reference}/")
    return visitor


def open_shot(viewer: Visitor, name: str) -> None:
    viewer.page.click(f"[data-shot][data-name='{name}']")
    viewer.page.wait_for_selector("#lightbox[open]")


def wait_for_picture(viewer: Visitor) -> None:
    """It is there, and as large as it is drawn: the size comes with its own event, a moment after the picture."""
    viewer.wait_until("() => parseFloat(document.querySelector('[data-shot-main] img')?.style.width) > 0")


def wait_until_closed(viewer: Visitor) -> None:
    viewer.page.wait_for_selector("#lightbox", state="hidden")


def shown(viewer: Visitor) -> str:
    return viewer.page.inner_text("#lightbox-name")


def scale(viewer: Visitor) -> int:
    return int(viewer.page.inner_text("[data-shot-scale]").split()[0])


def test_gallery_is_photographed_and_accessible(viewer: Visitor, case: Case) -> None:
    loaded = viewer.page.evaluate("() => performance.getEntriesByType('resource').map((one) => one.name)")
    assert not [address for address in loaded if address.endswith(("/web/", "/original/", "/video/"))]
    case.evidence.filter(name__in=("IMG_2290.jpg", "IMG_2291.jpg")).update(rotation=90, shows_fault=True, note="Here.")
    CaseFactory(files=[stored("copy.jpg", picture(2))])
    viewer.page.reload()
    viewer.photograph("desk-gallery", (1024, 1440))
    viewer.expect_accessible()
    open_shot(viewer, "IMG_2290.jpg")
    wait_for_picture(viewer)
    viewer.photograph("desk-viewer")
    viewer.expect_accessible()


def test_pictures_are_gone_through_with_keys(viewer: Visitor, case: Case) -> None:
    page = viewer.page
    open_shot(viewer, "IMG_2291.jpg")
    for key, name in (("ArrowRight", "IMG_2292.jpg"), ("ArrowLeft", "IMG_2291.jpg"), ("ArrowLeft", "IMG_2290.jpg")):
        page.keyboard.press(key)
        assert shown(viewer) == name
    page.keyboard.press("ArrowLeft")
    assert shown(viewer) == "IMG_2302.jpg"
    page.wait_for_selector("#lightbox >> text=It could not be decoded.")
    page.keyboard.press("Escape")
    wait_until_closed(viewer)
    # What follows happens with the dialog's own event, a moment after it has gone.
    viewer.wait_until("() => document.activeElement.dataset.name === 'IMG_2302.jpg'")
    # What the viewer borrowed is back in its place.
    assert page.locator("[data-gallery] .picture-panel").count() == page.locator("[data-gallery] [data-shot]").count()


def test_picture_grows_and_moves_when_it_is_asked_to(viewer: Visitor, case: Case) -> None:
    page = viewer.page
    open_shot(viewer, "IMG_2290.jpg")
    wait_for_picture(viewer)
    assert scale(viewer) == 100
    page.keyboard.press("+")
    assert scale(viewer) == 150
    page.keyboard.press("-")
    assert scale(viewer) == 100
    stage = page.locator("[data-shot-main]").bounding_box()
    page.mouse.move(stage["x"] + stage["width"] / 4, stage["y"] + stage["height"] / 4)
    page.mouse.wheel(0, -600)
    viewer.wait_until("() => parseInt(document.querySelector('[data-shot-scale]').textContent) > 200")
    before = page.evaluate("() => document.querySelector('[data-shot-main] img').style.transform")
    page.mouse.down()
    page.mouse.move(stage["x"] + stage["width"] / 2, stage["y"] + stage["height"] / 2)
    page.mouse.up()
    viewer.wait_until(f"() => document.querySelector('[data-shot-main] img').style.transform !== {before!r}")
    page.keyboard.press("0")
    assert scale(viewer) == 100


def test_turn_is_kept_when_the_page_is_opened_again(viewer: Visitor, case: Case) -> None:
    page = viewer.page
    open_shot(viewer, "IMG_2293.jpg")
    wait_for_picture(viewer)
    with page.expect_response("**/turn-picture/**") as kept:
        page.keyboard.press("r")
    assert kept.value.status == 303
    assert case.evidence.get(name="IMG_2293.jpg").rotation == 90
    with page.expect_response("**/turn-picture/**"):
        page.click("#lightbox [data-shot-turn]")
        page.keyboard.press("Escape")  # whoever closes at once has turned it all the same
    page.reload()
    assert page.get_attribute("[data-shot][data-name='IMG_2293.jpg'] img", "class") == "is-turned-180"
    open_shot(viewer, "IMG_2293.jpg")
    wait_for_picture(viewer)
    assert "rotate(180deg)" in page.evaluate("() => document.querySelector('[data-shot-main] img').style.transform")


def test_things_are_said_without_leaving_the_viewer(viewer: Visitor, case: Case) -> None:
    page = viewer.page
    open_shot(viewer, "IMG_2291.jpg")
    page.keyboard.press("f")
    page.wait_for_selector("#lightbox[open] [data-mark][aria-pressed=true]")
    assert shown(viewer) == "IMG_2291.jpg"
    page.fill("#lightbox textarea", "The left bearing rattles. → r + f")
    page.click("#lightbox >> text=Keep the note")
    page.wait_for_selector("[data-shot][data-name='IMG_2291.jpg'] .shot-mark:nth-child(2)", state="attached")
    assert shown(viewer) == "IMG_2291.jpg"
    file = case.evidence.get(name="IMG_2291.jpg")
    assert (file.shows_fault, file.note) == (True, "The left bearing rattles. → r + f")
    viewer.photograph("desk-viewer-said", (1024,))
    # The one that shows the fault stands first now.
    assert page.locator("[data-shot]").first.get_attribute("data-name") == "IMG_2291.jpg"


def test_note_that_is_refused_is_shown_in_the_viewer(viewer: Visitor, case: Case) -> None:
    page = viewer.page
    viewer.expected.append("422")
    open_shot(viewer, "IMG_2291.jpg")
    page.fill("#lightbox textarea", "x" * 2001)
    page.click("#lightbox >> text=Keep the note")
    page.wait_for_selector("#lightbox[open] .field-error >> text=2001 characters")
    assert page.input_value("#lightbox textarea") == "x" * 2001


def test_picture_is_sent_to_the_customer_from_the_viewer(viewer: Visitor, case: Case) -> None:
    page = viewer.page
    open_shot(viewer, "IMG_2292.jpg")
    page.click("#lightbox >> text=Send to the customer")
    wait_until_closed(viewer)
    viewer.wait_until("() => document.activeElement.id === 'write-to-customer-text'")
    page.keyboard.type("Is it this screw?")
    viewer.photograph("desk-gallery-enclosed", (1440,))
    viewer.expect_accessible()
    page.click("#form-write_to_customer button[type=submit]")
    page.wait_for_selector(".msg-pictures img")
    message = case.messages.get(direction="out")
    assert message.text == "Is it this screw?"
    assert [file.name for file in message.enclosures.all()] == ["IMG_2292.jpg"]


def test_video_plays_in_the_viewer(viewer: Visitor, case: Case) -> None:
    page = viewer.page
    open_shot(viewer, "VID_0012.mp4")
    video = page.locator("[data-shot-main] video")
    assert video.get_attribute("src").endswith("/video/")
    assert not page.is_visible("[data-picture-tools]")
    answer = page.request.get(video.get_attribute("src"), headers={"Range": "bytes=0-3"})
    assert (answer.status, len(answer.body())) == (206, 4)
    page.click("#lightbox [data-dialog-close]")
    viewer.wait_until("() => !document.querySelector('[data-shot-main] video')")


def test_file_that_failed_is_looked_at_again(viewer: Visitor, case: Case) -> None:
    open_shot(viewer, "IMG_2302.jpg")
    viewer.page.click("#lightbox >> text=Try again")
    viewer.page.wait_for_selector("#lightbox[open] >> text=Not looked at yet")
    assert case.evidence.get(name="IMG_2302.jpg").status == "pending"


def test_picture_that_cannot_be_loaded_says_so(viewer: Visitor, case: Case) -> None:
    default_storage.delete(str(case.evidence.get(name="IMG_2290.jpg").web.name))
    viewer.expected.append("404")
    open_shot(viewer, "IMG_2290.jpg")
    viewer.page.wait_for_selector("[data-shot-main] >> text=It could not be loaded.")


def test_everything_is_said_when_there_is_no_script(
    chromium: Any, live_server: Any, person: Callable, case: Case
) -> None:
    context = chromium.new_context(java_script_enabled=False)
    plain = Visitor(context.new_page(), live_server.url)
    plain.log_in(person("support"))
    plain.open(f"/desk/cases/{case.reference}/")
    file = case.evidence.get(name="IMG_2291.jpg")
    for words in ("Shows the fault", "Turn it"):
        plain.page.click(f"[popovertarget=file-{file.pk}]")
        plain.page.click(f"#file-{file.pk} >> text=What is known of it")
        plain.page.click(f"[popovertarget=file-{file.pk}]")
        with plain.page.expect_navigation():
            plain.page.click(f"#file-{file.pk} >> text={words}")
    file.refresh_from_db()
    assert (file.shows_fault, file.rotation) == (True, 90)
    assert plain.page.get_attribute("[data-shot][data-name='IMG_2291.jpg']", "href").endswith("/web/")
    context.close()
