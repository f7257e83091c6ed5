"""The customer's side of a parcel: the way to us, the slip, the number in every way people write it, the receipt."""

import datetime as dt
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from cases.models import Case
from cases.services import deciding, quoting, repairing
from cases.tests.factories import CaseFactory, judge_all, quote, staff
from products.tests.factories import CustomerFactory
from shipments.models import RepairShipment
from shipments.numbers import PROBLEMS
from shipments.services import confirm, record_events
from shipments.tests.factories import BACK, OUT, ShipmentFactory, ups_number
from warrantydesk.faces import packing_slip as slip_pages
from warrantydesk.faces import paper
from warrantydesk.faces.paper import NoPaper
from warrantydesk.portal.parcel_forms import WRONG
from warrantydesk.portal.tests.door import let_in, picture, program, send_mails, text_of

pytestmark = pytest.mark.django_db
SLIP = "/status/packing-slip/"


@pytest.fixture
def case(owner) -> Case:
    case = CaseFactory(customer=owner, state="approved")
    send_mails(case)
    return case


@pytest.fixture
def client(case) -> Client:
    return let_in(case)


def typo(number: str) -> str:
    """The number with its last digit wrong."""
    return number[:-1] + str((int(number[-1]) + 1) % 10)


def page(client: Client) -> str:
    return text_of(client.get("/status/"))


def tell(client: Client, **data):
    return client.post("/status/tracking/", data)


def only_parcel() -> RepairShipment:
    return RepairShipment.objects.get(cancelled_at=None)


# ── The way to us ────────────────────────────────────────────────────────────────────────────────────────────────


def test_approved_request_shows_where_it_goes_and_the_slip(client, settings):
    settings.MAKER_NAME, settings.WORKSHOP_ADDRESS = "Positron", ["Werkstraße 7", "12345 Berlin"]
    words = page(client)
    assert "Please send it to our workshop" in words
    assert "Positron Werkstraße 7 12345 Berlin" in words
    assert f'href="{SLIP}"' in client.get("/status/").content.decode()


def no_pdf(*_args, **_given) -> bytes:
    raise NoPaper("Pango is missing")


@pytest.mark.parametrize(
    ("state", "resolution", "status", "is_offered"),
    [
        ("submitted", "repair", 404, False), ("evidence_review", "repair", 404, False),
        ("approved", "repair", 200, True), ("approved", "replacement", 404, False),
        ("in_repair", "repair", 200, False), ("denied", "repair", 404, False),
        ("returned", "repair", 404, False), ("withdrawn", "repair", 404, False),
    ],
)  # fmt: skip
def test_slip_opens_while_something_may_travel_to_us_and_is_offered_until_it_is_here(
    owner, state, resolution, status, is_offered
):
    case = CaseFactory(customer=owner, state=state, resolution=resolution)
    send_mails(case)
    client = let_in(case)
    assert client.get(SLIP, {"as": "page"}).status_code == status
    shown = client.get("/status/").content.decode()
    assert (f'href="{SLIP}"' in shown) == is_offered
    assert ("way to our workshop" in shown or "Send it to our workshop" in shown) == is_offered


def test_slip_is_not_there_while_the_decision_can_be_undone(owner, reviewer):
    case = CaseFactory(customer=owner)
    judge_all(case, reviewer, now=timezone.now())
    deciding.approve(case.pk, actor=reviewer, now=timezone.now())
    client = let_in(case)
    assert client.get(SLIP, {"as": "page"}).status_code == 404
    assert "workshop" not in page(client)
    send_mails(case)
    assert client.get(SLIP, {"as": "page"}).status_code == 200


def test_slip_is_behind_the_door(case):
    closed = Client().get(SLIP)
    assert closed.status_code == 404
    assert case.reference not in closed.content.decode()


def test_slip_goes_with_a_declined_quote(case, client):
    quote(case, answer="declined")
    assert client.get(SLIP, {"as": "page"}).status_code == 404
    assert "Send it to our workshop" not in page(client)


def test_slip_of_another_request_is_never_shown(case, client):
    other = CaseFactory(customer=CustomerFactory(), state="approved")
    words = text_of(client.get(SLIP, {"as": "page"}))
    assert case.reference in words
    assert other.reference not in words


def test_slip_is_a_page_with_a_note_where_no_pdf_can_be_written(client, monkeypatch):
    monkeypatch.setattr(paper, "write_pdf", no_pdf)
    answer = client.get(SLIP)
    assert (answer.status_code, answer["Content-Type"].split(";")[0]) == (200, "text/html")
    assert "A PDF cannot be made just now" in text_of(answer)
    assert "style=" not in answer.content.decode()


def test_slip_is_a_pdf_nobody_keeps(case, client, monkeypatch):
    written = []
    monkeypatch.setattr(paper, "write_pdf", lambda html, sheets: written.append(html) or b"%PDF-1.7 x")
    answer = client.get(SLIP)
    assert (answer["Content-Type"], answer["Cache-Control"]) == ("application/pdf", "private, no-store")
    assert f"{case.reference}-packing-slip.pdf" in answer["Content-Disposition"]
    assert case.reference in written[0]
    assert "<link" not in written[0], "the child is given its style sheets, and fetches none"


def test_slip_shows_words_when_they_are_markup(owner):
    owner.address = "<script>alert(1)</script>\n<img src=file:///etc/passwd>"
    owner.save()
    case = CaseFactory(customer=owner, state="approved")
    send_mails(case)
    html = let_in(case).get(SLIP, {"as": "page"}).content.decode()
    assert "<script>alert" not in html
    assert "<img" not in html
    assert "&lt;img src=file" in html


def test_slip_carries_the_code_of_the_case_on_the_desk(case, client, settings):
    settings.SITE_URL = "https://desk.example"
    html = client.get(SLIP, {"as": "page"}).content.decode()
    drawn = str(slip_pages.case_code(case.reference))
    assert drawn in html
    assert drawn != str(slip_pages.case_code("WD-2222-2"))


# ── The number ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_number_is_taken_out_of_a_pasted_link(client):
    number = ups_number()
    tell(client, tracking_number=f"https://www.ups.com/track?loc=en_DE&tracknum={number}&requester=ST/trackdetails")
    assert (only_parcel().carrier, only_parcel().tracking_number) == ("ups", number)


def test_typo_is_said_and_kept_and_the_carrier_may_be_named_instead(client):
    wrong = typo(ups_number())
    answer = tell(client, tracking_number=wrong)
    assert answer.status_code == 422
    words = text_of(answer)
    assert "It does not add up: one character is wrong" in words
    assert "choose your carrier below" in words
    assert f'value="{wrong}"' in answer.content.decode()
    assert not RepairShipment.objects.exists()
    tell(client, tracking_number=wrong, carrier="manual")
    assert (only_parcel().carrier, only_parcel().tracking_number) == ("manual", wrong)


def test_number_of_another_carrier_is_refused_beside_it(client):
    answer = tell(client, tracking_number=ups_number(), carrier="fedex")
    assert answer.status_code == 422
    assert "writes its numbers in another way" in text_of(answer)


@pytest.mark.parametrize("carrier", ["nobody", "<script>"])
def test_carrier_nobody_offered_is_refused(client, carrier):
    assert tell(client, tracking_number=ups_number(), carrier=carrier).status_code == 422
    assert not RepairShipment.objects.exists()


def test_every_problem_of_a_number_has_words_for_customers():
    assert WRONG.keys() == PROBLEMS.keys()


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("https://www.dhl.de/", "There is no tracking number in this link"),
        ("abc", "There is no digit in it"),
        ("111111111111", "one digit over and over"),
        ("A12345", "too short"),
        ("\x00", "Null characters are not allowed"),
    ],
)
def test_what_is_no_number_comes_back_with_words(client, written, words):
    answer = tell(client, tracking_number=written)
    assert answer.status_code == 422
    assert words in text_of(answer)


def test_several_parcels_are_several(client):
    for _ in range(3):
        tell(client, tracking_number=ups_number())
    assert RepairShipment.objects.filter(proposed=True).count() == 3
    assert "I sent another parcel" in page(client)


# ── Correcting ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_number_is_corrected_until_a_carrier_has_it(client, case):
    tell(client, tracking_number=ups_number())
    wrong, right = only_parcel(), ups_number()
    assert "Correct the number or the carrier" in page(client)
    answer = client.post("/status/correct/", {"parcel": wrong.pk, "tracking_number": right, "carrier": ""})
    assert answer.status_code == 302
    assert only_parcel().tracking_number == right
    confirm(only_parcel().pk, actor=staff("support"), now=timezone.now())
    record_events(only_parcel().pk, OUT[:1], heard="poll", now=timezone.now())
    assert "Correct the number or the carrier" not in page(client)
    answer = client.post("/status/correct/", {"parcel": only_parcel().pk, "tracking_number": ups_number()})
    assert answer.status_code == 422
    assert "This parcel is on its way" in text_of(answer)


def test_wrong_correction_keeps_what_was_typed_beside_its_parcel(client):
    numbers = [ups_number(), ups_number()]
    for number in numbers:
        tell(client, tracking_number=number)
    parcel = RepairShipment.objects.get(tracking_number=numbers[0])
    wrong = typo(ups_number())
    answer = client.post("/status/correct/", {"parcel": parcel.pk, "tracking_number": wrong, "carrier": ""})
    html = answer.content.decode()
    assert answer.status_code == 422
    assert html.count(f'value="{wrong}"') == 1
    assert f'id="form-correct-{parcel.pk}"' in html
    assert set(RepairShipment.objects.values_list("tracking_number", flat=True)) == set(numbers)


def test_number_is_taken_back(client):
    tell(client, tracking_number=ups_number())
    client.post("/status/take-back/", {"parcel": only_parcel().pk})
    assert RepairShipment.objects.get().cancelled_at
    assert "The number is taken back." in page(client)


@pytest.mark.parametrize("verb", ["correct", "take-back", "receipt"])
@pytest.mark.parametrize("whose", ["another", "nobody", "no-number"])
def test_parcel_of_another_request_is_unknown(client, verb, whose):
    parcel = ShipmentFactory(case=CaseFactory(state="approved"))
    meant = {"another": parcel.pk, "nobody": 10**9, "no-number": "x"}[whose]
    data = {"parcel": meant, "tracking_number": ups_number(), "carrier": "", "receipt": picture()}
    answer = client.post(f"/status/{verb}/", data)
    assert answer.status_code == 422
    parcel.refresh_from_db()
    assert parcel.cancelled_at is None
    assert RepairShipment.objects.count() == 1
    assert parcel.tracking_number not in text_of(answer)


# ── Receipts ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_receipt_comes_with_the_number(client, case):
    tell(client, tracking_number=ups_number(), receipt=picture("receipt.jpg"))
    assert case.evidence.filter(name="receipt.jpg").exists()
    assert case.events.get(name="receipt").data["shipment"] == only_parcel().pk
    assert "receipt.jpg" in page(client)


def test_receipt_is_asked_for_again_when_the_number_was_refused(client, case, own_places):
    answer = tell(client, tracking_number=typo(ups_number()), receipt=picture("receipt.jpg"))
    assert "Please choose the photo once more" in text_of(answer)
    assert not case.evidence.filter(name="receipt.jpg").exists()


def test_receipt_leaves_no_file_when_the_parcel_is_told_already(client, own_places):
    number = ups_number()
    tell(client, tracking_number=number)
    before = {path for path in own_places.rglob("*") if path.is_file()}
    answer = tell(client, tracking_number=number, receipt=picture("receipt.jpg"))
    assert answer.status_code == 422
    assert "Please choose the photo once more" in text_of(answer)
    assert {path for path in own_places.rglob("*") if path.is_file()} == before


def test_drop_off_receipt_is_added_later_with_its_day(client, case):
    tell(client, tracking_number=ups_number())
    day = timezone.localdate() - dt.timedelta(days=1)
    data = {"parcel": only_parcel().pk, "receipt": [picture("r.jpg"), program()], "handed_in_on": day.isoformat()}
    assert client.post("/status/receipt/", data).status_code == 302
    words = page(client)
    assert "Handed in on" in words
    assert "“setup.exe” was not kept" in words
    assert not only_parcel().tracking_events.exists(), "the customer's word is no scan"


def test_receipt_without_a_photo_is_asked_for(client):
    tell(client, tracking_number=ups_number())
    answer = client.post("/status/receipt/", {"parcel": only_parcel().pk})
    assert answer.status_code == 422
    assert "Please choose a photo of the receipt." in text_of(answer)


def test_parcel_that_arrived_takes_no_receipt_and_offers_no_correction(owner):
    case = CaseFactory(customer=owner, state="approved")
    ShipmentFactory(case=case, events=OUT)
    ShipmentFactory(case=case, direction="to_customer", events=BACK[:1])
    send_mails(case)
    words = page(let_in(case))
    assert "Add the receipt" not in words
    assert "Correct the number" not in words


# ── Where is it? ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_last_scan_is_told_with_its_place_and_its_local_day(owner):
    from shipments.tests.factories import scan

    case = CaseFactory(customer=owner, state="approved")
    late = scan("picked_up", "2025-11-12T23:50:00+13:00", place="Auckland")
    ShipmentFactory(case=case, events=[late])
    send_mails(case)
    assert "12 Nov 2025, Auckland" in page(let_in(case))


def test_open_costs_say_that_the_parcel_may_travel_first(case, client):
    labour = [quoting.QuoteLineData("repair", "Labour", Decimal(35))]
    quoting.write_quote(case.pk, lines=labour, actor=staff("support"), now=timezone.now())
    quoting.send_quote(case.pk, actor=staff("support"), now=timezone.now())
    assert "You may send it before you decide about the costs" in page(client)
    assert client.get(SLIP, {"as": "page"}).status_code == 200


def test_planned_return_unrepaired_takes_the_way_to_us_away(case, client):
    repairing.plan_unrepaired_return(
        case.pk, why="No parts.", beyond_repair=True, actor=staff("support"), now=timezone.now()
    )
    assert client.get(SLIP, {"as": "page"}).status_code == 404
