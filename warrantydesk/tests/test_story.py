"""One real warranty request, from the customer's mail to the returned printer, in real processes.

The motor of a printer bought on 3 March 2025 fails. The customer writes; the desk opens a case with her photo and
begins the review by itself; Mateo records that he saw no cause, covers the part and approves; the printer travels to
the workshop and back; the days it was away are given back, and she is told so. Once undisturbed, and once with the
worker killed with signal 9 in the middle: the end is the same, and every mail has left once.
"""

import datetime as dt
import io
import json
import re
from email.message import EmailMessage
from random import Random

import pytest
from PIL import Image

from shipments.carriers.simulated import new_number
from warrantydesk.tests.processes import Desk, Person, running_desk, wait_for

pytestmark = [pytest.mark.processes, pytest.mark.timeout(420), pytest.mark.xdist_group("processes")]

BERLIN = "Europe/Berlin"
PASSWORD = "a-long-enough-passphrase"
SHOP = """
import datetime as dt
from django.contrib.auth.models import Group
from products.models import Product, KitPart
from products.services import *
from warrantydesk.accounts.models import User
motor = Product.objects.create(sku="MO-17", name="Motor, 1.8° NEMA 17", category="motor")
screws = Product.objects.create(sku="CO-M3", name="Screw M3", category="consumable")
kit = Product.objects.create(sku="KIT-PK3", name="Positron PK3 kit", kind="kit")
KitPart.objects.create(kit=kit, part=motor, quantity=1, tracked="singly", place="X axis", position=1)
KitPart.objects.create(kit=kit, part=screws, quantity=80, tracked="lot", position=2)
bought_on = dt.date.today() - dt.timedelta(days=100)
register_invoice(InvoiceData(
    number="INV-2025-00812", issued_on=bought_on,
    customer=CustomerData(email="ingrid@mail.example", name="Ingrid Sørensen", country="NO"),
    lines=[LineData("KIT-PK3", units=[UnitData("PK3-00417", {"MO-17": ["MX-88213"]})])]))
user = User.objects.create_user("mateo@desk.example", "%s", name="Mateo Rossi")
user.groups.add(Group.objects.get(name="reviewer"))
answer = str(bought_on)
"""
CASE = """
from cases.models import Case
case = Case.objects.get()
answer = {"state": case.state, "reference": case.reference, "claim": case.claimed_parts.get().pk,
          "through": case.claimed_parts.get().part.covered_through,
          "screws": case.unit.parts.get(product__sku="CO-M3").covered_through,
          "transitions": [event.name for event in case.events.filter(kind="transition").order_by("id")],
          "windows": [[str(one.left_on), str(one.back_on), one.certainty]
                      for one in case.claimed_parts.get().part.pauses.all()],
          "evidence": [[e.status, bool(e.thumbnail)] for e in case.evidence.all()]}
"""


def request_mail() -> bytes:
    picture = io.BytesIO()
    Image.new("RGB", (640, 480), (90, 120, 130)).save(picture, "JPEG")
    message = EmailMessage()
    message["From"], message["To"] = "Ingrid Sørensen <ingrid@mail.example>", "warranty@positron.example"
    message["Subject"], message["Message-ID"] = "[Warranty Request] X axis stops", "<request-1@mail.example>"
    message.set_content("Invoice INV-2025-00812, serial number MX-88213.\nIt moves, then the X motor stops.\n")
    message.add_attachment(picture.getvalue(), maintype="image", subtype="jpeg", filename="motor.jpg")
    return message.as_bytes()


@pytest.mark.parametrize("disturbed", [False, True], ids=["undisturbed", "worker-killed-twice"])
def test_request_travels_from_the_mail_to_the_returned_printer(tmp_path, disturbed):
    with running_desk(tmp_path) as desk:
        bought_on = dt.date.fromisoformat(desk.ask(SHOP % PASSWORD))
        case = the_mail_opens_a_case(desk, disturbed=disturbed)
        mateo = a_person_logs_in(desk)
        the_part_is_covered_and_the_case_approved(desk, mateo, case)
        left_on, back_on = the_printer_travels_to_the_workshop_and_back(desk, mateo, case, disturbed=disturbed)
        the_warranty_is_longer_by_the_days_away(desk, bought_on, left_on, back_on)
        the_customer_was_told_once_of_everything(desk, (back_on - left_on).days + 1)
        the_private_link_opens_the_status_page(desk, case)
        assert desk.call("check_clocks") == ""
        assert desk.call("check_integrity") == ""
        assert desk.call("rebuild_pauses", "--check") == ""


def the_mail_opens_a_case(desk: Desk, *, disturbed: bool) -> dict:
    if disturbed:
        desk.kill("worker")
    (desk.folder / "request.eml").write_bytes(request_mail())
    line = json.loads(desk.manage("ingest_mail", str(desk.folder / "request.eml")))
    assert (line["outcome"], line["missing"], line["evidence"]) == ("case_opened", [], 1)
    again = json.loads(desk.manage("ingest_mail", str(desk.folder / "request.eml")))
    assert (again["outcome"], again["case"]) == ("duplicate", line["case"])
    if disturbed:
        desk.start("worker")
    wait_for("the acknowledgement", lambda: len(desk.mails()) == 1)
    wait_for("the photo made small", lambda: desk.ask(CASE)["evidence"] == [["ready", True]])
    case = desk.ask(CASE)
    assert (case["state"], case["transitions"]) == ("evidence_review", ["begin_review"])
    return case


def a_person_logs_in(desk: Desk) -> Person:
    mateo = Person(desk)
    assert "/desk/login/" in (mateo.open("/desk/") and mateo.at)
    mateo.submit("login/", username="mateo@desk.example", password=PASSWORD)
    assert mateo.at.endswith("/desk/")
    return mateo


def the_part_is_covered_and_the_case_approved(desk: Desk, mateo: Person, case: dict) -> None:
    page = f"/desk/cases/{case['reference']}/"
    assert "X axis stops" in mateo.open(page)
    mateo.submit(f"record-finding/{case['claim']}/", cause="none", finding="")
    mateo.submit(f"decide-part/{case['claim']}/", verdict="covered", resolution="repair")
    mateo.submit("approve/")
    assert desk.ask(CASE)["state"] == "approved"
    wait_for("the decision mail", lambda: len(desk.mails()) == 2)


def the_printer_travels_to_the_workshop_and_back(
    desk: Desk, mateo: Person, case: dict, *, disturbed: bool
) -> tuple[dt.date, dt.date]:
    """Both parcels were on the road in the past days, so that the carrier knows the whole way at the first look."""
    today = dt.datetime.now(dt.UTC).date()
    away, back = today - dt.timedelta(days=20), today - dt.timedelta(days=10)
    parcel(mateo, case, "to_workshop", 2, away)
    if disturbed:
        # In the middle of asking the carrier, of moving the case, of sending the mail: wherever it is.
        desk.kill("worker")
        desk.start("worker")
    wait_for("the repair begun", lambda: desk.ask(CASE)["state"] == "in_repair")
    case_now = desk.ask(CASE)
    assert case_now["through"] is None, "while it is away nobody knows the last covered day"
    parcel(mateo, case, "to_customer", 3, back)
    wait_for("the printer returned", lambda: desk.ask(CASE)["state"] == "returned")
    # Picked up on the morning after the booking, delivered so many days after that (the simulated carrier's promise).
    return away + dt.timedelta(days=1), back + dt.timedelta(days=1 + 3)


def parcel(mateo: Person, case: dict, direction: str, days: int, booked_on: dt.date) -> None:
    number = new_number(days, Random(f"{direction}{days}"), origin=BERLIN, destination=BERLIN)
    mateo.open(f"/desk/cases/{case['reference']}/?open=book_parcel")
    mateo.submit(
        "book-parcel/",
        direction=direction,
        tracking_number=number,
        carrier="",
        booked_on=booked_on.isoformat(),
        booked_time="12:00",
    )


def the_warranty_is_longer_by_the_days_away(desk: Desk, bought_on: dt.date, left_on: dt.date, back_on: dt.date) -> None:
    case = desk.ask(CASE)
    base = (
        bought_on.replace(year=bought_on.year + 1)
        if (bought_on.month, bought_on.day) != (2, 29)
        else dt.date(bought_on.year + 1, 2, 28)
    )
    days_away = (back_on - left_on).days + 1
    assert case["windows"] == [[left_on.isoformat(), back_on.isoformat(), "verified"]]
    assert case["through"] == (base + dt.timedelta(days=days_away)).isoformat()
    assert case["screws"] == base.isoformat(), "only what was away is paused"
    assert case["transitions"] == ["begin_review", "approve", "start_repair", "send_back"]


def the_customer_was_told_once_of_everything(desk: Desk, days_away: int) -> None:
    mails = wait_for("all four mails", lambda: (all_mails := desk.mails()) and len(all_mails) >= 4 and all_mails)
    told = desk.ask(
        "from cases.models import OutgoingMail\nanswer = sorted(OutgoingMail.objects.values_list('kind', 'status'))"
    )
    assert told == [["acknowledgement", "sent"], ["decision", "sent"], ["repair_started", "sent"], ["returned", "sent"]]
    assert len(mails) == len({mail["Message-ID"] for mail in mails}) == 4
    assert {str(mail["To"].addresses[0].addr_spec) for mail in mails} == {"ingrid@mail.example"}
    last = mails[-1].get_content()
    assert f"paused for {days_away} days" in " ".join(last.split())


def the_private_link_opens_the_status_page(desk: Desk, case: dict) -> None:
    link = re.search(rf"{desk.url}/status/\S+", desk.mails()[-1].get_content())[0]
    ingrid = Person(desk)
    ingrid.open(link)
    assert case["reference"] not in ingrid.page, "a scanner that follows the link learns nothing"
    ingrid.submit(link.removeprefix(desk.url))
    assert case["reference"] in ingrid.page
    assert ingrid.at == f"{desk.url}/status/"
