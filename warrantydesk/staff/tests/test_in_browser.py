"""The desk in a real browser: signing in, the queue's keys, deciding a case, pictures, every width, light and dark."""

import datetime as dt
import io
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from django.utils import timezone
from PIL import Image, ImageDraw

from cases.actors import Actor
from cases.evidence.processing import process_waiting
from cases.evidence.storage import store_file
from cases.models import Case
from cases.services import talking
from cases.tests.factories import CaseFactory, refused_file
from products.tests.factories import CustomerFactory, InvoiceFactory, KitFactory, ProductFactory, parts_of
from shipments import services as parcels
from warrantydesk.tests.browser import Visitor

pytestmark = pytest.mark.browser

LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"


def picture(seed: int) -> bytes:
    image = Image.new("RGB", (800, 600), (40 + seed * 30, 90, 120))
    draw = ImageDraw.Draw(image)
    draw.ellipse((150 + seed * 40, 100, 550, 500), fill=(220, 200 - seed * 20, 160))
    written = io.BytesIO()
    image.save(written, "JPEG")
    return written.getvalue()


def photos(count: int) -> list[Any]:
    made = [store_file(f"IMG_{n}.jpg", "image/jpeg", picture(n), limit_bytes=10**7) for n in range(count)]
    return [*made, refused_file("Rechnung und Überblick der gesamten Maschine.exe")]


@pytest.fixture
def reviewer(person: Callable) -> Any:
    colleague = person("reviewer", name="Rita Reviewer", email="rita@positron.example")
    colleague.set_password("a long enough password")
    colleague.save()
    return colleague


@pytest.fixture
def kit_case(reviewer: Any) -> Case:
    """A kit's motor, bearings and belt, after an earlier repair, with photos, a note and another holder."""
    now = timezone.now()
    motor = ProductFactory(motor=True, name="Stepper motor NEMA 17, 1.8°")
    bearings = ProductFactory(name="Ball bearing 608", category="consumable")
    bill = [(motor, 1, "singly", "X axis"), (bearings, 4, "lot", ""), (ProductFactory(name="Belt"), 1, "lot", "X axis")]
    bill += [(ProductFactory(name=f"Verbindungselement {n}"), 1, "singly", f"Ebene {n}") for n in range(80)]
    kit = KitFactory(name="Positron kit", bill=bill)
    bought = (now - dt.timedelta(days=330)).date()
    sold_to = CustomerFactory(name=LONG, email="holder@example.org")
    parts = parts_of(InvoiceFactory(issued_on=bought, products=[kit], serials=["PK3-00417"], customer=sold_to))
    case = CaseFactory(
        customer=CustomerFactory(name="佐藤 花子", country="JP", time_zone="Asia/Tokyo"),
        parts=parts[:3],
        subject=f"X軸のモーターが止まります: {LONG}",
        received_at=now - dt.timedelta(days=2),
        files=photos(4),
    )
    by = Actor.staff(reviewer)
    earlier = now - dt.timedelta(days=200)
    for direction, day in (("to_workshop", 0), ("to_customer", 18)):
        at = earlier + dt.timedelta(days=day)
        parcel = parcels.book(
            case.pk, direction=direction, carrier="manual", tracking_number=f"JD01{day:04}", booked_at=at,
            actor=by, now=now,
        )  # fmt: skip
        for kind in ("picked_up", "delivered"):
            parcels.enter_scan(parcel.pk, kind=kind, proof="slip", place="Osaka", occurred_at=at, actor=by, now=now)
    talking.add_note(case.pk, text="Same sound as batch 2506.", actor=by, now=now)
    talking.assign(case.pk, user=reviewer, actor=by, now=now)
    process_waiting(now, 20)
    return case


def test_desk_opens_when_the_password_is_right(visitor: Visitor, reviewer: Any) -> None:
    page = visitor.page
    visitor.open("/desk/parcels/")
    page.fill("[name=username]", "rita@positron.example")
    page.fill("[name=password]", "wrong")
    visitor.photograph("desk-login")
    page.click("button[type=submit]")
    assert "do not open the desk" in page.inner_text("[role=alert]")
    assert page.input_value("[name=username]") == "rita@positron.example"
    visitor.photograph("desk-login-refused")
    visitor.expect_accessible()
    page.fill("[name=password]", "a long enough password")
    page.click("button[type=submit]")
    page.wait_for_url("**/desk/parcels/")
    visitor.photograph("desk-parcels-empty")
    page.click("text=Sign out")
    page.wait_for_url("**/desk/login/**")


def test_queue_is_moved_through_when_only_keys_are_pressed(visitor: Visitor, reviewer: Any, kit_case: Case) -> None:
    page = visitor.page
    others = [CaseFactory(subject=f"Case {n}") for n in range(3)]
    visitor.log_in(reviewer)
    visitor.open("/desk/?view=all")
    newest = list(Case.objects.order_by("-changed_at", "-pk").values_list("reference", flat=True))
    for key, row in (("j", 0), ("j", 1), ("j", 2), ("k", 1)):
        page.keyboard.press(key)
        assert page.get_attribute("tr[aria-selected=true]", "data-row") == newest[row]
    page.keyboard.press("x")
    assert page.is_checked(f"tr[data-row='{newest[1]}'] input")
    assert page.is_visible(".queue-bulk")
    visitor.photograph("desk-queue-ticked")
    page.keyboard.press("x")
    page.keyboard.press("?")
    page.wait_for_selector("dialog#keys")
    visitor.photograph("desk-keys")
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog#keys", state="hidden")
    page.keyboard.press("/")
    page.keyboard.type(others[0].reference.lower())
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/desk/cases/{others[0].reference}/")
    page.go_back()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/desk/cases/{newest[0]}/")


def test_queue_and_its_empty_states_are_photographed(visitor: Visitor, reviewer: Any, kit_case: Case) -> None:
    for number, state in enumerate(("submitted", "evidence_review", "approved", "denied", "in_repair", "returned")):
        CaseFactory(state=state, subject=f"{LONG} {number}", customer=CustomerFactory(name=f"O'Brien <b>{number}</b>"))
    visitor.log_in(reviewer)
    visitor.open("/desk/?view=all")
    visitor.photograph("desk-queue")
    visitor.expect_accessible()
    visitor.open("/desk/?q=nothing+fits+this")
    visitor.photograph("desk-queue-search-empty")
    visitor.expect_accessible()
    visitor.open("/desk/?view=near-end&state=withdrawn")
    visitor.photograph("desk-queue-empty")


def test_case_is_photographed_and_accessible(visitor: Visitor, reviewer: Any, kit_case: Case) -> None:
    visitor.log_in(reviewer)
    visitor.open(f"/desk/cases/{kit_case.reference}/")
    visitor.photograph("desk-case")
    visitor.expect_accessible()
    names = visitor.page.eval_on_selector_all(".inline-form > a", "all => all.map(one => one.id.replace('open-', ''))")
    visitor.open(f"/desk/cases/{kit_case.reference}/?{urlencode({'open': names}, doseq=True)}")
    for panel in visitor.page.query_selector_all("details.inline-form"):
        panel.evaluate("one => { one.removeAttribute('name'); one.open = true; }")
    visitor.photograph("desk-case-every-form-open")
    visitor.expect_accessible()


def test_case_is_decided_in_place_when_the_page_never_reloads(visitor: Visitor, reviewer: Any, kit_case: Case) -> None:
    page = visitor.page
    visitor.log_in(reviewer)
    visitor.open(f"/desk/cases/{kit_case.reference}/")
    page.evaluate("window.stillTheSamePage = true")
    page.keyboard.press("r")
    page.keyboard.type("A draft nobody sent yet")
    claim = kit_case.claimed_parts.order_by("pk").first()
    part = f"#part-{claim.pk}"
    page.select_option(f"{part} [name=cause]", "none")
    page.click(f"{part} .finding-form button")
    page.wait_for_selector(f"{part} .finding-said")
    assert page.input_value("#write-to-customer-text") == "A draft nobody sent yet"

    # What the service refuses stands beside the form, with what was chosen.
    visitor.expected.append("422")
    page.check(f"{part} [name=verdict][value=covered]", force=True)
    page.click(f"{part} .decide-form button")
    page.wait_for_selector(f"{part} .field-error")
    assert page.is_checked(f"{part} [name=verdict][value=covered]")
    visitor.photograph("desk-case-refused")
    visitor.expect_accessible()

    page.check(f"{part} [name=resolution][value=repair]", force=True)
    page.click(f"{part} .decide-form button")
    page.wait_for_selector(f"{part} .verdict-said")
    page.wait_for_selector(".toast")
    assert page.evaluate("window.stillTheSamePage") is True
    claim.refresh_from_db()
    assert claim.verdict == "covered"


def test_step_asks_in_a_dialog_when_it_needs_words(visitor: Visitor, reviewer: Any, kit_case: Case) -> None:
    page = visitor.page
    visitor.log_in(reviewer)
    visitor.open(f"/desk/cases/{kit_case.reference}/")
    page.click("#talk >> text=Ask for information")
    page.wait_for_selector("dialog#step-request-information[open]")
    assert page.evaluate("() => document.querySelector('dialog[open]').contains(document.activeElement)")
    visitor.expect_accessible()
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog#step-request-information", state="hidden")
    assert page.evaluate("() => document.activeElement.textContent") == "Ask for information"
    page.keyboard.press("Enter")
    page.wait_for_selector("dialog#step-request-information[open]")
    visitor.photograph("desk-case-dialog")
    page.check("#step-request-information [value=serial]")
    page.fill("#step-request-information textarea", "The number on the box, please.")
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        page.click("#step-request-information button[type=submit]")
    page.wait_for_selector("dialog#step-request-information", state="hidden")
    assert Case.objects.get(pk=kit_case.pk).state == "submitted"
    page.click("text=More")
    visitor.photograph("desk-case-menu")


def test_fold_opens_where_it_stands_and_in_a_tab_of_its_own_like_any_link(
    visitor: Visitor, reviewer: Any, kit_case: Case
) -> None:
    page = visitor.page
    visitor.log_in(reviewer)
    visitor.open(f"/desk/cases/{kit_case.reference}/")
    link = page.locator("#fold-describe > a")
    for how in ({"modifiers": ["Control"]}, {"modifiers": ["Shift"]}, {"button": "middle"}):
        with page.context.expect_page() as opened:
            link.click(**how)
        opened.value.wait_for_selector("#fold-describe[open] textarea")
        opened.value.close()
        assert link.is_visible()
    link.focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("#fold-describe[open] textarea")
    assert page.evaluate("() => document.activeElement.id") == "open-describe"


def test_fold_leads_to_the_log_in_page_when_nobody_is_logged_in_any_more(
    visitor: Visitor, reviewer: Any, kit_case: Case
) -> None:
    page = visitor.page
    visitor.log_in(reviewer)
    visitor.open(f"/desk/cases/{kit_case.reference}/")
    page.context.clear_cookies()
    page.click("#fold-describe > a")
    page.wait_for_url("**/login/**")
    assert "open%3Ddescribe" in page.url


def test_pictures_open_large_and_follow_the_arrow_keys(visitor: Visitor, reviewer: Any, kit_case: Case) -> None:
    page = visitor.page
    visitor.log_in(reviewer)
    visitor.open(f"/desk/cases/{kit_case.reference}/")
    page.click("[data-gallery] [data-shot] >> nth=1")
    assert page.inner_text("#lightbox-name") == "IMG_1.jpg"
    page.keyboard.press("ArrowRight")
    assert page.inner_text("#lightbox-name") == "IMG_2.jpg"
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    assert page.inner_text("#lightbox-name") == "IMG_0.jpg"
    visitor.wait_until("() => document.querySelector('[data-shot-main] img').naturalWidth > 0")
    visitor.photograph("desk-lightbox")
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog#lightbox", state="hidden")


def test_part_list_of_a_large_kit_is_narrowed_when_somebody_types(
    visitor: Visitor, reviewer: Any, kit_case: Case
) -> None:
    page = visitor.page
    visitor.log_in(reviewer)
    visitor.open(f"/desk/cases/{kit_case.reference}/")
    page.click("text=Claim another part of this product")
    page.wait_for_selector("#part-filter")
    assert page.locator("#claim-parts-list .choice:visible").count() == 80
    page.fill("#part-filter", "element 77")
    assert page.locator("#claim-parts-list .choice:visible").all_inner_texts() == ["Ebene 77: Verbindungselement 77"]
    page.check("#claim-parts-list .choice:visible input")
    page.click(".claim-more button[type=submit]")
    page.wait_for_selector("h3:has-text('Verbindungselement 77')")
    assert kit_case.claimed_parts.count() == 4


def test_quote_gets_another_line_when_it_is_asked_for(visitor: Visitor, reviewer: Any) -> None:
    page = visitor.page
    case = CaseFactory(state="approved")
    visitor.log_in(reviewer)
    visitor.open(f"/desk/cases/{case.reference}/")
    page.click("text=Write a quote")
    page.click("text=Another line")
    page.fill("[name=lines-3-description]", "A box")
    page.fill("[name=lines-3-amount]", "4,50")
    page.click("#form-write_quote button[type=submit]")
    page.wait_for_selector("text=€4.50")
    assert case.quotes.get().lines.get().description == "A box"


def test_everything_can_be_done_when_there_is_no_script(chromium: Any, live_server: Any, reviewer: Any) -> None:
    case = CaseFactory(state="approved")
    context = chromium.new_context(java_script_enabled=False)
    visitor = Visitor(context.new_page(), live_server.url)
    visitor.log_in(reviewer)
    visitor.open(f"/desk/cases/{case.reference}/")
    visitor.page.click("text=Start the repair")
    visitor.page.fill("#step-start-repair textarea", "Handed in at the counter.")
    with visitor.page.expect_navigation():
        visitor.page.click("#step-start-repair button[type=submit]")
    assert visitor.page.is_visible("text=In repair")
    assert Case.objects.get(pk=case.pk).state == "in_repair"
    context.close()
