"""The customer's side in a real browser: from the button to the page on a phone, and how every page looks."""

import datetime as dt
from decimal import Decimal

import pytest
from django.utils import timezone

from cases.actors import Actor
from cases.evidence.processing import process_waiting
from cases.evidence.storage import store_file
from cases.models import Case
from cases.services import deciding, quoting, talking
from cases.services.quoting import QuoteLineData
from cases.tests.factories import CaseFactory, judge, refused_file, staff
from products.tests.factories import CustomerFactory, InvoiceFactory, KitFactory, ProductFactory, parts_of
from shipments.services import book, record_events
from shipments.tests.factories import scan, ups_number
from warrantydesk.portal.tests.door import picture, send_mails, token_of
from warrantydesk.tests.browser import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LONG = "Schrittmotorgehäuseverschraubungsabdeckung"


def _owner(**fields):
    return CustomerFactory(**{"email": "ingrid@example.com", "name": "Ingrid Sørensen", **fields})


def _received_at() -> dt.datetime:
    return timezone.now() - dt.timedelta(days=6)


def _kit(owner):
    motor, sheet = ProductFactory(motor=True, name="NEMA 17 motor"), ProductFactory(name=LONG)
    bearings = ProductFactory(name="Ball bearings 608", category="consumable")
    bill = [
        (motor, 1, "singly", "X axis"), (motor, 1, "singly", "Y axis"), (sheet, 1, "singly", "X-Achse"),
        (bearings, 12, "lot", ""),
    ]  # fmt: skip
    bought = timezone.localdate() - dt.timedelta(days=200)
    return parts_of(
        InvoiceFactory(customer=owner, products=[KitFactory(bill=bill)], issued_on=bought, serials=["PK3-00417"])
    )


def _case(owner, parts, **given) -> Case:
    given.setdefault("description", "It moves, then the X motor gets very hot and stops. You can hear it at 0:30.")
    shots = [picture(f"IMG_229{number}.jpg", number) for number in (1, 2, 3)]
    files = [store_file(shot.name, "image/jpeg", shot.read(), limit_bytes=10**8) for shot in shots]
    given.update(received_at=_received_at(), files=[*files, refused_file("setup.exe")], acknowledge=True)
    case = CaseFactory(customer=owner, parts=parts, **given)
    process_waiting(timezone.now(), 50)
    return case


def _decided(owner, deny=(), resolution="repair", **given) -> Case:
    parts = _kit(owner)[:3] if deny else _kit(owner)[:1]
    case, reviewer = _case(owner, parts, **given), staff("reviewer", name="Mateo Ruiz")
    now = _received_at() + dt.timedelta(days=1)
    for number, claim in enumerate(case.claimed_parts.order_by("pk")):
        if number in deny:
            judge(claim, reviewer, now=now, deny="improper_assembly", words="The screws were turned with force.")
        else:
            judge(claim, reviewer, now=now, resolution=resolution)
    (deciding.deny if len(deny) == len(parts) else deciding.approve)(case.pk, actor=reviewer, now=now)
    talking.assign(case.pk, user=reviewer.user, actor=reviewer, now=now)
    return case


def _quoted(case, answer="") -> None:
    by, now = staff("support"), timezone.now() - dt.timedelta(days=4)
    lines = [
        QuoteLineData("repair", "Repair service", Decimal("45")),
        QuoteLineData("shipping", "Return shipping to Norway", Decimal("18.50")),
    ]
    quoting.write_quote(case.pk, lines=lines, actor=by, now=now)
    made = quoting.send_quote(case.pk, actor=by, now=now)
    if answer:
        quoting.answer_quote(
            case.pk, answer=answer, through="portal", quote_id=made.pk, actor=Actor.customer(), now=now
        )


def incomplete() -> Case:
    owner = _owner()
    parts = _kit(owner)
    return _case(owner, parts[:1], part_ids=[], proposed_part_ids=[parts[0].pk], description="")


def asked() -> Case:
    owner = _owner()
    case = _case(owner, _kit(owner)[:1])
    words = "Could you send us a video in which the noise can be heard, please? The photo alone does not show it."
    noor = staff("support", name="Noor")
    deciding.request_information(case.pk, missing=["evidence"], words=words, actor=noor, now=timezone.now())
    return case


def looking() -> Case:
    owner = _owner(name="佐藤 由美子")
    words = "X軸のモーターが熱くなり、止まってしまいます。動画を添付しました。"
    return _case(owner, _kit(owner)[:1], description=words)


def quote_open() -> Case:
    case = _decided(_owner())
    _quoted(case)
    return case


def parcel_to_us() -> Case:
    case = _decided(_owner())
    _quoted(case, "accepted")
    by = staff("support")
    talking.write_to_customer(case.pk, text="Please send the motor only, well padded.", actor=by, now=timezone.now())
    now = timezone.now() - dt.timedelta(days=3)
    parcel = book(
        case.pk, direction="to_workshop", carrier="ups", tracking_number=ups_number(), actor=by, now=now, booked_at=now
    )
    on = (timezone.now() - dt.timedelta(days=2)).strftime("%Y-%m-%dT10:15:00+01:00")
    record_events(parcel.pk, [scan("picked_up", on, place="Bergen")], heard="poll", now=timezone.now())
    return case


def partly_denied() -> Case:
    return _decided(_owner(), deny=(2,))


def denied() -> Case:
    return _decided(_owner(), deny=(0, 1, 2))


def returned() -> Case:
    case = parcel_to_us()
    by, now = staff("support"), timezone.now()
    to_us = case.repair_shipments.get()
    days = [(now - dt.timedelta(days=n)).strftime("%Y-%m-%dT10:15:00+01:00") for n in (1, 0)]
    record_events(to_us.pk, [scan("delivered", days[0], place="Berlin")], heard="poll", now=now)
    home = book(case.pk, direction="to_customer", carrier="ups", tracking_number=ups_number(), actor=by, now=now)
    scans = [
        scan("picked_up", (now - dt.timedelta(hours=8)).strftime("%Y-%m-%dT%H:%M:%S+00:00")),
        scan("delivered", (now - dt.timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%S+00:00"), place="Bergen"),
    ]
    record_events(home.pk, scans, heard="poll", now=now)
    assert Case.objects.get(pk=case.pk).state == "returned"
    return case


def withdrawn() -> Case:
    case = looking()
    deciding.withdraw(case.pk, why="Found the screw.", actor=Actor.customer(), now=timezone.now())
    return case


def _let_in(visitor: Visitor, case: Case) -> None:
    send_mails(case)
    visitor.open(f"/status/{token_of(case)}/")
    visitor.page.get_by_role("button", name="Open my request").click()
    visitor.page.wait_for_url("**/status/")


@pytest.mark.parametrize(
    "made", [incomplete, asked, looking, quote_open, parcel_to_us, partly_denied, denied, returned, withdrawn]
)
def test_status_page_looks_right(visitor, made):
    """What axe says of them all, and of the plain pages below, stands in test_languages_browser."""
    case = made()
    visitor.resize(390)
    _let_in(visitor, case)
    visitor.photograph(f"portal-{made.__name__}")


@pytest.mark.parametrize(
    ("path", "name"), [("/", "home"), ("/status/" + "x" * 32 + "/", "open"), ("/link/sent/", "link-asked")]
)
def test_plain_page_looks_right(visitor, path, name):
    visitor.open(path)
    visitor.photograph(f"portal-{name}")
    assert visitor.page.context.cookies() == []


def test_closed_door_looks_right(visitor):
    visitor.expected.append("404")
    visitor.open("/status/" + "x" * 32 + "/")
    visitor.page.get_by_role("button", name="Open my request").click()
    visitor.page.get_by_role("heading", name="This link does not open anything any more").wait_for()
    visitor.photograph("portal-closed")
    assert visitor.page.context.cookies() == []


def test_customer_walks_through_on_a_phone(visitor, tmp_path):
    case = incomplete()
    visitor.resize(390)
    _let_in(visitor, case)
    page = visitor.page
    # Two things are missing, and each is done where it is asked for.
    page.get_by_role("button", name="It is this part").click()
    page.get_by_text("Thank you, we know the part now.").wait_for()
    page.get_by_label("What happens?").fill("The X motor gets hot and stops.")
    page.get_by_role("button", name="Send the description").click()
    page.get_by_role("heading", name="We are looking at your request").wait_for()
    # An empty message is asked for again, and the focus is where the words about it are.
    visitor.expected.append("422")
    page.get_by_role("button", name="Send the message").click()
    page.get_by_text("Please write something, or choose a photo.").first.wait_for()
    page.get_by_label("Your message").fill("It is louder now.")
    file = tmp_path / "IMG_9.jpg"
    file.write_bytes(picture(number=9).read())
    page.get_by_label("Photos, a video or a PDF").set_input_files(str(file))
    page.get_by_role("button", name="Send the message").click()
    page.get_by_text("Your message is with us.").wait_for()
    page.get_by_text("It is louder now.").wait_for()
    visitor.expect_no_overflow("after the message", 390)
    page.get_by_role("button", name="Log off").click()
    page.get_by_text("You are logged off.").wait_for()
    visitor.expected.append("404")
    visitor.open("/status/")
    page.get_by_role("heading", name="This link does not open anything any more").wait_for()


def test_page_works_without_scripts(chromium, live_server):
    case = quote_open()
    send_mails(case)
    context = chromium.new_context(viewport={"width": 390, "height": 900}, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{live_server.url}/status/{token_of(case)}/")
    page.get_by_role("button", name="Open my request").click()
    page.get_by_role("button", name="Accept €63.50").click()
    page.get_by_text("You accepted the costs, and we go on.").wait_for()
    assert case.quotes.get().answer == "accepted"
    context.close()


def test_error_page_keeps_its_form_in_view(visitor):
    case = _decided(_owner())
    visitor.resize(390)
    _let_in(visitor, case)
    page = visitor.page
    page.get_by_text("I sent a parcel: here is its tracking number").click()
    page.get_by_label("Tracking number").fill("nonsense")
    visitor.expected.append("422")
    with page.expect_navigation():
        page.get_by_role("button", name="Send the number").click()
    assert page.get_by_label("Tracking number").input_value() == "nonsense"
    visitor.photograph("portal-refused")
    visitor.resize(390)
    visitor.expect_accessible()
