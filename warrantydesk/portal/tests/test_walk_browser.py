"""The whole way of a customer on a phone: from the first page to the warranty that is longer. With script, and without.

What the desk does in between is done by its services; what the customer knows they know from the page and the mail.
"""

import datetime as dt
import re
from email import message_from_bytes, policy
from pathlib import Path
from random import Random
from typing import Any

import pytest
from django.conf import settings as desk
from django.utils import timezone

from cases.models import Case
from cases.outbox.sending import send_due
from cases.services import deciding, opening
from cases.tests.factories import judge, quote, staff
from cases.tests.files import video
from products.models import CoveredPart
from products.tests.factories import CustomerFactory, InvoiceFactory, KitFactory, ProductFactory, parts_of
from shipments.services import book, confirm, record_events
from shipments.tests.factories import scan, ups_number
from warrantydesk.tests.browser import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
CLIP = video() + Random(5).randbytes(5 * 1024 * 1024)
HALF = "**/request/uploads/**"


@pytest.fixture
def sold() -> list[CoveredPart]:
    owner = CustomerFactory(email="ingrid@example.com", name="Ingrid Sørensen")
    bill = [(ProductFactory(motor=True, name="NEMA 17 motor"), 1, "singly", f"{axis} axis") for axis in "XYZ"]
    kit = KitFactory(name="Positron PK3", bill=bill)
    on = timezone.localdate() - dt.timedelta(days=200)
    return parts_of(
        InvoiceFactory(customer=owner, products=[kit], number="INV-2025-00812", issued_on=on, serials=["PK3-00417"])
    )


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    (tmp_path / "clip.mp4").write_bytes(CLIP)
    return tmp_path / "clip.mp4"


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_request_travels_from_the_first_page_to_the_longer_warranty(
    chromium: Any, live_server: Any, settings: Any, sold: list[CoveredPart], clip: Path, script: bool
) -> None:
    settings.SITE_URL = live_server.url
    context = chromium.new_context(
        viewport={"width": 390, "height": 844}, java_script_enabled=script, reduced_motion="reduce"
    )
    phone = Visitor(context.new_page(), live_server.url)
    write_the_request(phone, clip, script=script)
    case = Case.objects.get()
    assert case.evidence.get().size == len(CLIP)
    open_the_link(phone, mail_of("acknowledgement"))
    add_the_serial(phone, case, sold)
    approve(case)
    accept_the_costs(phone, case)
    tell_the_number(phone, case)
    bring_it_back(case)
    phone.page.goto(f"{live_server.url}/status/")
    phone.page.get_by_text("This repair added 10 days.").first.wait_for()
    if script:
        phone.expect_no_overflow("the returned case", 390)
        phone.open("/status/my-data/")
        phone.expect_accessible()
        phone.expect_no_overflow("what we hold", 390)
        phone.expect_no_problems()
    context.close()


def write_the_request(phone: Visitor, clip: Path, *, script: bool) -> None:
    page = phone.page
    page.goto(f"{phone.address}/")
    page.get_by_role("link", name="Begin a request").click()
    page.get_by_role("button", name="Begin").click()
    page.get_by_label("Invoice number").fill("invoice: inv 2025 00812")
    assert [cookie["name"] for cookie in page.context.cookies()] == ["sessionid"]
    go_on(phone)
    page.get_by_label("Which part has the problem?").fill("The motor on the right")
    go_on(phone)
    page.get_by_label("What happens?").fill("The X motor gets hot and stops.")
    page.get_by_label("Since when?").fill("3. März 2026")
    go_on(phone)
    photos = page.get_by_label("Photos or a video")
    photos.wait_for(state="attached")  # or the load that is waited for would be that of the page before
    page.wait_for_load_state()  # quicker than its script, the page sends files in one piece
    photos.set_input_files(str(clip))
    if script:
        send_over_a_line_that_breaks(phone)
    else:
        go_on(phone)
    page.get_by_label("Your e-mail address").fill(" Ingrid@example.com ")
    go_on(phone)
    page.get_by_text("clip.mp4").wait_for()
    page.get_by_text("3 Mar 2026").wait_for()
    page.get_by_role("button", name="Send my request").click()
    page.get_by_role("heading", name="Your request is with us").wait_for()


def go_on(phone: Visitor) -> None:
    phone.page.get_by_role("button", name="Go on", exact=True).click()


def send_over_a_line_that_breaks(phone: Visitor) -> None:
    """One piece of the two goes through; the second finds no line until it is mended."""
    gone: list[Any] = []

    def through(route: Any) -> None:
        if route.request.method != "PATCH" or not gone:
            gone.extend([route] if route.request.method == "PATCH" else [])
            route.continue_()
        else:
            phone.page.context.set_offline(True)
            route.abort("internetdisconnected")

    phone.expected += ["ERR_INTERNET_DISCONNECTED", "Failed to load resource"]
    phone.page.route(HALF, through)
    go_on(phone)
    phone.page.get_by_text("The line was lost.").first.wait_for()
    phone.page.unroute(HALF)
    phone.page.context.set_offline(False)
    phone.page.get_by_role("heading", name="How we reach you").wait_for()


def mail_of(kind: str) -> str:
    """The words of the mail of this kind, as it left."""
    send_due(timezone.now())
    mails = [message_from_bytes(one.read_bytes(), policy=policy.default) for one in desk.EMAIL_FILE_PATH.glob("*.eml")]
    subject = {"acknowledgement": "we have your warranty request"}[kind]
    mail = next(one for one in mails if subject in str(one["Subject"]))
    assert str(mail["To"]).endswith("<ingrid@example.com>") or str(mail["To"]) == "ingrid@example.com"
    return mail.get_body(("plain",)).get_content()


def open_the_link(phone: Visitor, words: str) -> None:
    link = re.search(rf"{re.escape(phone.address)}/status/[^\s#]+", words)
    assert link is not None
    phone.page.goto(link[0])
    phone.page.get_by_role("button", name="Open my request").click()
    phone.page.get_by_role("heading", name="We need something from you").wait_for()


def add_the_serial(phone: Visitor, case: Case, sold: list[CoveredPart]) -> None:
    """They send the number; a person matches it; then they choose the part from the list of their kit."""
    page, noor = phone.page, staff("support", name="Noor")
    page.locator("#form-numbers").get_by_label("Serial number").fill("PK3-00417")
    page.get_by_role("button", name="Send the number").click()
    page.get_by_text("A person compares the numbers with our sales.").wait_for()
    unit = sold[0].unit
    opening.set_purchase(case.pk, invoice_id=unit.line.invoice_id, unit_id=unit.pk, actor=noor, now=timezone.now())
    page.goto(f"{phone.address}/status/")
    page.get_by_label(sold[0].label).check()
    page.get_by_role("button", name="It is this part").click()
    page.get_by_role("heading", name="We are looking at your request").wait_for()


def approve(case: Case) -> None:
    reviewer, now = staff("reviewer", name="Mateo Ruiz"), timezone.now()
    judge(case.claimed_parts.get(), reviewer, now=now)
    deciding.approve(case.pk, actor=reviewer, now=now)
    quote(case, "63.50", now=now)
    send_due(now + dt.timedelta(seconds=desk.UNDO_SECONDS + 1))


def accept_the_costs(phone: Visitor, case: Case) -> None:
    phone.page.goto(f"{phone.address}/status/")
    phone.page.get_by_role("button", name="Accept €63.50").click()
    phone.page.get_by_text("You accepted the costs, and we go on.").wait_for()
    assert case.quotes.get().answer == "accepted"


def tell_the_number(phone: Visitor, case: Case) -> None:
    page = phone.page
    page.get_by_text("I sent a parcel: here is its tracking number").click()
    page.get_by_label("Tracking number").fill(ups_number())
    page.get_by_role("button", name="Send the number").click()
    page.get_by_text("Thank you. We check the number").wait_for()
    confirm(case.repair_shipments.get().pk, actor=staff("support"), now=timezone.now())


def bring_it_back(case: Case) -> None:
    """To the workshop and home again: ten days out of the customer's hands, the first and the last one counted."""
    now, by = timezone.now(), staff("support")
    days = {ago: (timezone.localdate() - dt.timedelta(days=ago)).strftime("%Y-%m-%dT10:00") for ago in (10, 8, 3, 1)}
    out = [scan("picked_up", days[10]), scan("delivered", days[8])]
    record_events(case.repair_shipments.get().pk, out, heard="poll", now=now)
    home = book(case.pk, direction="to_customer", carrier="ups", tracking_number=ups_number(), actor=by, now=now)
    record_events(home.pk, [scan("picked_up", days[3]), scan("delivered", days[1])], heard="poll", now=now)
    assert Case.objects.get(pk=case.pk).state == "returned"


def test_pages_of_a_request_look_right(visitor: Visitor, sold: list[CoveredPart]) -> None:
    """What axe says of them stands in test_languages_browser."""
    page = visitor.page
    visitor.open("/check/")
    page.get_by_label("Invoice number").fill("INV-2025-00812")
    page.get_by_label("Serial number").fill("S/N: pk3 oo417")
    page.get_by_role("button", name="Show my warranty").click()
    page.get_by_role("heading", name="Positron PK3").wait_for()
    visitor.photograph("portal-check")
    assert page.context.cookies() == []
    visitor.open("/request/")
    page.get_by_role("button", name="Begin").click()
    visitor.expected.append("422")
    page.get_by_text("I can’t find them").click()
    go_on(visitor)
    page.get_by_text("Please write the numbers").first.wait_for()
    visitor.photograph("portal-request-product")
    page.get_by_label("Invoice number").fill("INV-2025-00812")
    page.get_by_label("Serial number").fill("PK3-00417")
    go_on(visitor)
    page.get_by_label(sold[0].label).check()
    go_on(visitor)
    page.get_by_label("What happens?").fill("It stops.")
    with page.expect_navigation():
        go_on(visitor)
    go_on(visitor)
    page.get_by_label("Your e-mail address").fill("ingrid@example.com")
    go_on(visitor)
    page.get_by_role("heading", name="Look it over and send it").wait_for()
    visitor.photograph("portal-request-review")
