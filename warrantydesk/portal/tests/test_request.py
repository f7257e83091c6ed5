"""A new request, step by step, without a script: what is asked, what is kept, and the one case it becomes."""

import datetime as dt
import re

import pytest
from django.test import Client
from django.utils import timezone

from cases.models import Case, EvidenceUpload, FileBasket, HeldFile, OutgoingMail
from products.models import CoveredPart, Customer
from products.services import void_part
from products.tests.factories import CustomerFactory, InvoiceFactory, KitFactory, ProductFactory, parts_of
from warrantydesk.portal.drafting import drop_drafts, old_drafts
from warrantydesk.portal.models import RequestDraft
from warrantydesk.portal.requesting import send_request
from warrantydesk.portal.tests.door import picture, program, text_of

pytestmark = pytest.mark.django_db
UNKNOWN = "We find no purchase with this invoice number and this serial number together."


@pytest.fixture
def kit(owner) -> list[CoveredPart]:
    """A printer bought 200 days ago: a motor for each axis and a bag of bearings."""
    motor, bearings = ProductFactory(motor=True, name="NEMA 17 motor"), ProductFactory(consumable=True, name="Bearings")
    bill = [(motor, 1, "singly", "X axis"), (motor, 1, "singly", "Y axis"), (bearings, 12, "lot", "")]
    return sell(owner, bill, days_ago=200)


def sell(owner, bill, *, days_ago, number="INV-2025-00812", serial="PK3-00417") -> list[CoveredPart]:
    on = timezone.localdate() - dt.timedelta(days=days_ago)
    kit = KitFactory(name="Positron PK3", bill=bill)
    return parts_of(InvoiceFactory(customer=owner, products=[kit], number=number, issued_on=on, serials=[serial]))


def begin(client: Client | None = None) -> Client:
    client = client or Client()
    assert client.post("/request/").headers["Location"].startswith("/request/product/")
    return client


def fill(client: Client, step: str, **data):
    return client.post(f"/request/{step}/", data)


def go_through(client: Client, parts=(), **changes) -> None:
    """To the last page, as somebody does who has everything at hand."""
    filled = {
        "product": {"invoice": "INV-2025-00812", "serial": "PK3-00417"},
        "part": {"part_ids": [part.pk for part in parts]},
        "what": {"description": "The X motor gets hot and stops.", "since": "3.3.2025"},
        "files": {"photos": [picture()]},
        "contact": {"email": "ingrid@example.com", "name": "Ingrid Sørensen"},
    }
    for step, data in (filled | changes).items():
        response = fill(client, step, **data)
        assert response.status_code == 302, text_of(response)
    assert response.headers["Location"] == "/request/review/"


def test_request_becomes_a_case_with_everything_in_it(kit, owner):
    client = begin()
    go_through(client, kit[:1])
    shown = text_of(client.get("/request/review/"))
    for words in (
        "Positron PK3",
        kit[0].label,
        "gets hot and stops",
        "3 Mar 2025",
        "IMG_2291.jpg",
        "ingrid@example.com",
    ):
        assert words in shown
    assert fill(client, "review").headers["Location"] == "/request/sent/"
    case = Case.objects.get()
    assert (case.source, case.customer, case.state) == ("portal", owner, "evidence_review")
    assert [claim.part for claim in case.claimed_parts.all()] == kit[:1]
    assert case.evidence.get().name == "IMG_2291.jpg"
    assert "Since when: 3 Mar 2025" in case.messages.get(direction="in").text
    assert OutgoingMail.objects.get().kind == "acknowledgement"
    sent = text_of(client.get("/request/sent/"))
    assert case.reference in sent
    assert "ingrid@example.com" in sent


def test_page_says_for_how_long_it_keeps_what_is_written(settings):
    settings.DRAFT_KEEP_DAYS = 3
    assert "What you fill in is kept for 3 days" in text_of(begin().get("/request/product/"))


def test_sending_lets_nobody_in(kit):
    client = begin()
    go_through(client, kit[:1], contact={"email": "somebody@else.example"})
    fill(client, "review")
    assert Case.objects.get().customer.email == "somebody@else.example"
    assert client.get("/status/").status_code == 404


def test_button_pressed_often_opens_one_case(kit):
    client = begin()
    go_through(client, kit[:1])
    draft = RequestDraft.objects.get()
    for _press in range(3):
        assert fill(client, "review").headers["Location"] == "/request/sent/"
    # As if the second press had begun before the first one was through.
    assert send_request(draft, now=timezone.now()) == Case.objects.get()
    assert OutgoingMail.objects.count() == 1


@pytest.mark.parametrize(
    ("invoice", "serial"),
    [
        ("INV-2025-00812", "PK3-00417"),
        (" inv 2025 00812 ", "pk3 00417"),
        ("Invoice no.: INV-2025-00812.", "S/N: PK3-00417"),
        ("inv2025OO812", "PK3-OO4I7"),
        ("Rechnung Nr. INV-2025-00812", "Seriennummer:PK3-00417"),
        ("INV‐2025‐00812", "ＰＫ３－００４１７"),
    ],
    ids=["as printed", "spaces and case", "pasted labels", "O and I", "german labels", "other dashes and wide letters"],
)
def test_product_is_found_however_its_numbers_are_written(kit, invoice, serial):
    client = begin()
    assert fill(client, "product", invoice=invoice, serial=serial).headers["Location"] == "/request/part/"
    assert "Positron PK3" in text_of(client.get("/request/part/"))


@pytest.mark.parametrize(
    ("invoice", "serial"),
    [("INV-2025-00812", "PK3-99999"), ("INV-2025-99999", "PK3-00417"), ("INV-2025-00900", "PK3-00417")],
    ids=["serial unknown", "invoice unknown", "of another sale"],
)
def test_numbers_that_do_not_belong_together_are_said_and_may_stay(kit, invoice, serial):
    sell(CustomerFactory(), [(ProductFactory(), 1, "singly", "")], days_ago=9, number="INV-2025-00900", serial="PK3-7")
    client = begin()
    refused = fill(client, "product", invoice=invoice, serial=serial)
    assert refused.status_code == 422
    assert UNKNOWN in text_of(refused)
    assert invoice in refused.content.decode()
    assert fill(client, "product", invoice=invoice, serial=serial, anyway="on").status_code == 302
    assert "tell us in your own words" in text_of(client.get("/request/part/"))


def test_same_serial_of_two_customers_shows_each_their_own(owner):
    parts = [(ProductFactory(name=name), 1, "singly", "") for name in ("Frame", "Heater")]
    sell(owner, parts[:1], days_ago=30, number="A-1", serial="PK3-00417")
    sell(CustomerFactory(name="Jonas Weber"), parts[1:], days_ago=60, number="B-2", serial="PK3-00417")
    for number, own, other in (("A-1", "Frame", "Heater"), ("B-2", "Heater", "Frame")):
        client = begin()
        fill(client, "product", invoice=number, serial="PK3-00417")
        words = text_of(client.get("/request/part/"))
        assert own in words
        assert other not in words
        answer = text_of(Client().post("/check/", {"invoice": number, "serial": "PK3-00417"}))
        assert own in answer or "Positron" in answer
        assert "Weber" not in answer
        assert "Sørensen" not in answer


def test_request_without_any_number_is_a_case_all_the_same(kit):
    client = begin()
    go_through(
        client,
        product={"about": "A printer kit, in May, from your shop"},
        part={"part_words": "the fan at the back"},
        files={},
    )
    fill(client, "review")
    case = Case.objects.get()
    assert (case.state, case.unit) == ("submitted", None)
    said = case.messages.get(direction="in").text
    assert "Which part: the fan at the back" in said
    assert "What was bought, and when: A printer kit, in May, from your shop" in said


def test_part_of_another_product_cannot_be_chosen(kit, owner):
    other = sell(owner, [(ProductFactory(), 1, "singly", "")], days_ago=3, number="X-1", serial="X")
    client = begin()
    fill(client, "product", invoice="INV-2025-00812", serial="PK3-00417")
    response = fill(client, "part", part_ids=[other[0].pk])
    assert response.status_code == 422
    assert "Please choose among the parts of this list." in text_of(response)


def test_search_without_a_script_keeps_what_was_ticked(owner):
    bill = [(ProductFactory(name=f"Part number {word}"), 1, "singly", "") for word in "abcdefgh"]
    parts = sell(owner, bill, days_ago=3)
    client = begin()
    fill(client, "product", invoice="INV-2025-00812", serial="PK3-00417")
    response = fill(client, "part", part_ids=[parts[0].pk], search="NUMBER c", look="on")
    assert response.status_code == 200
    rows = re.findall(
        r"<li( hidden)? data-part>.*?checkbox.*?(checked)?>.*?Part number (\w)", response.content.decode()
    )
    assert [letter for hidden, _checked, letter in rows if not hidden] == ["a", "c"]
    assert [letter for _hidden, checked, letter in rows if checked] == ["a"]


def test_warning_comes_before_sending_and_keeps_nobody_from_it(owner, reviewer):
    motor, bearings = ProductFactory(motor=True, name="Motor"), ProductFactory(consumable=True, name="Bearings")
    old = sell(owner, [(motor, 1, "singly", "X"), (bearings, 1, "lot", "")], days_ago=500)
    client = begin()
    go_through(client, old)
    shown = text_of(client.get("/request/review/"))
    assert shown.count("The warranty most likely does not cover it any more.") == 2
    assert "You can send your request all the same" in shown
    assert fill(client, "review").status_code == 302
    assert Case.objects.get().claimed_parts.count() == 2


@pytest.mark.parametrize(("minutes", "told"), [(0, False), (5, True)], ids=["can be undone", "is told"])
def test_void_is_warned_of_once_it_is_told(kit, reviewer, minutes, told):
    at = timezone.now() - dt.timedelta(minutes=minutes)
    void_part(kit[0].pk, reason_code="improper_assembly", case_reference="WD-7F3K-2", actor=reviewer.user, now=at)
    client = begin()
    go_through(client, kit[:1])
    assert ("The warranty of this part ended on" in text_of(client.get("/request/review/"))) is told


def test_consumable_is_warned_of(kit):
    client = begin()
    go_through(client, kit[2:])
    assert "Wear is not covered; a defect in the material" in text_of(client.get("/request/review/"))


def test_files_wait_with_the_draft_and_are_told_with_their_reasons(kit):
    client = begin()
    go_through(client, kit[:1], files={"photos": [picture(), picture("IMG_2.jpg", 2), program()]})
    page = client.get("/request/files/")
    assert "setup.exe" in text_of(page)
    assert "It is a program" in text_of(page)
    kept = HeldFile.objects.get(name="IMG_2.jpg")
    client.post(f"/request/files/{kept.pk}/remove/")
    fill(client, "review")
    case = Case.objects.get()
    assert set(case.evidence.values_list("name", "status")) == {("IMG_2291.jpg", "pending"), ("setup.exe", "refused")}
    assert not FileBasket.objects.exists()


def test_sending_waits_for_files_on_their_way(kit):
    client = begin()
    go_through(client, kit[:1], files={})
    key = "k" * 24
    begun = client.post(
        "/request/uploads/", headers={"upload-key": key, "upload-length": "200000", "tus-resumable": "1.0.0"}
    )
    assert begun.headers["Location"] == f"/request/uploads/{key}/"
    waiting = fill(client, "review")
    assert waiting.status_code == 422
    assert "Some of your files are not here yet." in text_of(waiting)
    assert not Case.objects.exists()
    assert fill(client, "review", without="on").status_code == 302
    assert Case.objects.get().evidence.count() == 0
    assert not EvidenceUpload.objects.exists()


def test_upload_of_another_browser_is_unknown(kit):
    client, stranger = begin(), begin()
    headers = {"upload-key": "k" * 24, "upload-length": "9", "tus-resumable": "1.0.0"}
    client.post("/request/uploads/", headers=headers)
    assert client.head(f"/request/uploads/{'k' * 24}/").status_code == 204
    assert stranger.head(f"/request/uploads/{'k' * 24}/").status_code == 404
    assert Client().post("/request/uploads/", headers=headers).status_code == 404


@pytest.mark.parametrize(
    ("step", "data", "says"),
    [
        ("product", {}, "Please write the numbers, or tell us below what you bought."),
        ("part", {}, "Please choose the part, or say it in your own words."),
        ("what", {"since": "1.1.2020"}, "Please say what happens."),
        ("what", {"description": "x", "since": "2.1.2999"}, "This day is still to come."),
        ("contact", {"email": "nobody"}, "This is no whole e-mail address yet"),
        ("contact", {"email": "warranty@positron.example"}, "This is our own address."),
    ],
)
def test_what_is_missing_is_said_where_it_is(kit, step, data, says):
    client = begin()
    go_through(client, kit[:1])
    response = fill(client, step, **data)
    assert response.status_code == 422
    assert says in text_of(response)


@pytest.mark.parametrize("pasted", ["mailto:Ingrid@example.com", "<ingrid@example.com>,", "ｉｎｇｒｉｄ@example.com "])
def test_address_is_taken_as_it_was_pasted(kit, pasted):
    client = begin()
    go_through(client, kit[:1], contact={"email": pasted})
    fill(client, "review")
    assert Customer.objects.filter(email__iexact="ingrid@example.com").count() == 1


def test_steps_are_taken_in_order_and_each_is_kept(kit):
    client = begin()
    assert client.get("/request/review/").headers["Location"] == "/request/product/"
    fill(client, "product", invoice="INV-2025-00812", serial="PK3-00417")
    assert "INV-2025-00812" in client.get("/request/product/").content.decode()
    assert "Go on with it" in text_of(client.get("/"))
    assert client.post("/request/").headers["Location"] == "/request/part/"


def test_no_cookie_before_the_button_and_one_after_it(kit):
    client = Client()
    for path in ("/", "/check/", "/request/", "/request/where/", "/link/sent/"):
        assert not client.get(path).cookies, path
    assert not client.post("/check/", {"invoice": "INV-2025-00812", "serial": "PK3-00417"}).cookies
    begin(client)
    client.get("/request/product/")
    assert list(client.cookies) == ["sessionid"]


def test_button_of_a_foreign_page_begins_nothing(db):
    assert Client().post("/request/", headers={"sec-fetch-site": "cross-site"}).status_code == 200
    assert not RequestDraft.objects.exists()


def test_draft_is_thrown_away_with_its_files(kit, own_places, django_capture_on_commit_callbacks):
    client = begin()
    go_through(client, kit[:1])
    assert HeldFile.objects.count() == 1
    with django_capture_on_commit_callbacks(execute=True):
        client.post("/request/throw-away/")
    assert not RequestDraft.objects.exists()
    assert not FileBasket.objects.exists()
    assert not [path for path in (own_places / "files").rglob("*") if path.is_file()]


def test_draft_is_forgotten_when_nobody_comes_back(kit):
    client = begin()
    go_through(client, kit[:1])
    assert not old_drafts(timezone.now()).exists()
    assert drop_drafts(old_drafts(timezone.now() + dt.timedelta(days=14, hours=1))) == 1
    assert client.get("/request/what/").headers["Location"] == "/request/"
    assert not HeldFile.objects.exists()


def test_too_many_requests_are_said_and_kept(kit, settings):
    settings.LIMITS = {"portal_request_address": (1, 3600)}
    for _number in range(2):
        client = begin()
        go_through(client, kit[:1])
        answer = fill(client, "review")
    assert answer.status_code == 429
    assert "Yours is kept" in text_of(answer)
    assert Case.objects.count() == 1
    assert RequestDraft.objects.filter(sent_at=None).count() == 1
