"""The case page: what it tells, what it offers to whom, and what it costs."""

import datetime as dt
import re
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

import cases.services
from cases.actors import Actor
from cases.models import Case, Evidence, OutgoingMail, Quote
from cases.services import opening, quoting, talking
from cases.tests.factories import CaseFactory, photo, quote
from products.models import SerialChange
from products.tests.factories import (
    CoveredPartFactory,
    CustomerFactory,
    InvoiceFactory,
    KitFactory,
    ProductFactory,
    parts_of,
)
from shipments import services as parcels
from shipments.models import RepairShipment
from warrantydesk.staff.event_words import SENTENCES
from warrantydesk.staff.tests.driver import Driver


@pytest.fixture
def kit_case(db: None) -> Case:
    invoice = InvoiceFactory(number="INV-77", serials=["KIT-1"])
    return CaseFactory(parts=parts_of(invoice)[:2])


def test_page_names_the_other_holder_when_sender_and_invoice_differ(desk: Callable) -> None:
    holder = CustomerFactory(name="Lars Holder", email="lars@holder.example")
    sender = CustomerFactory(name="Ingrid Sender")
    case = CaseFactory(customer=sender, part=CoveredPartFactory(customer=holder))
    page = Driver(desk("viewer"), case).look()
    assert "Sender and invoice holder differ" in page
    assert "lars@holder.example" in page


def test_page_names_nobody_else_when_the_sender_holds_the_invoice(desk: Callable) -> None:
    assert "Sender and invoice holder differ" not in Driver(desk("viewer"), CaseFactory()).look()


def test_page_offers_no_form_when_the_role_may_only_look(desk: Callable) -> None:
    case = CaseFactory(state="approved")
    drive, part = Driver(desk("viewer"), case), case.claimed_parts.get()
    page = drive.look("write_quote", "book_parcel", "describe", "withdraw", f"confirm_pause-{part.pk}")
    assert re.findall(r'<form[^>]*action="([^"]+)"', page) == ["/desk/logout/"]
    # What may be opened is read, not sent: the reasons of a part, and what is known of a picture.
    assert set(re.findall(r"[?]open=([a-z_]+)", page)) == {"why", "file"}


def test_page_offers_handling_but_no_verdict_when_the_role_is_support(desk: Callable) -> None:
    drive = Driver(desk("support"), CaseFactory())
    page = drive.look()
    assert drive.url("write_to_customer") in page
    assert drive.offers("request_information")
    assert drive.url("decide_part", drive.case.claimed_parts.get()) not in page
    assert "A reviewer does this" in page


def test_page_says_who_decides_when_the_purchase_is_ones_own(desk: Callable) -> None:
    client = desk("reviewer", email="maker@example.org")
    page = Driver(client, CaseFactory(customer=CustomerFactory(email="maker@example.org"))).look()
    assert "it is about your own purchase" in page


def test_undo_stands_beside_the_step_when_the_mail_has_not_left(desk: Callable) -> None:
    drive = Driver(desk("reviewer"), CaseFactory())
    drive.decides(verdict="covered", resolution="repair")
    drive.does("approve")
    head = drive.look().split('class="titlebar-next"')[1].split('id="more-steps"')[0]
    assert drive.url("undo") in head
    OutgoingMail.objects.filter(case=drive.case, kind="decision").update(status="sent", sent_at=timezone.now())
    head, menu = drive.look().split('class="titlebar-next"')[1].split('id="more-steps"')[:2]
    assert drive.url("undo") not in head
    assert "The decision mail has already left" in menu


def test_page_says_what_blocks_the_step_when_something_is_missing(desk: Callable) -> None:
    page = Driver(desk("support"), CaseFactory(files=())).look()
    assert "Evidence missing: photo or video" in page
    assert "Photo or video missing" in page


def test_page_tells_the_time_there_when_the_zone_is_known(desk: Callable) -> None:
    known = CaseFactory(customer=CustomerFactory(time_zone="Asia/Tokyo"))
    unknown = CaseFactory(customer=CustomerFactory(time_zone="../../etc/passwd"))
    client = desk("viewer")
    assert " there</span>" in Driver(client, known).look()
    assert " there</span>" not in Driver(client, unknown).look()


def test_every_event_of_the_services_has_its_words_when_their_table_names_it() -> None:
    rows = re.findall(r"^\| (\w+) +\| ([\w, ]+?) +\|", cases.services.__doc__ or "", re.MULTILINE)
    named = {(kind, name.strip()) for kind, names in rows for name in names.split(",") if kind != "kind"}
    assert len(named) > 30
    assert named - set(SENTENCES) == set()


def many_things(case: Case, person: object, times: int) -> None:
    """More of everything a case can have."""
    by, now = Actor.staff(person), timezone.now()
    files = [photo(100 + times * 10 + n) for n in range(times)]
    opening.add_evidence(case.pk, files=files, actor=Actor.customer(), now=now)
    for number in range(times):
        talking.write_to_customer(case.pk, text=f"Line {number}", actor=by, now=now)
        parcel = parcels.book(
            case.pk, direction="to_workshop", carrier="manual", tracking_number=f"P{times}{number}00", actor=by, now=now
        )
        when = now - dt.timedelta(days=3)
        parcels.enter_scan(parcel.pk, kind="picked_up", proof="slip", occurred_at=when, actor=by, now=now)
    quoting.write_quote(
        case.pk,
        lines=[quoting.QuoteLineData("other", f"Line {n}", Decimal(n)) for n in range(times)],
        actor=by,
        now=now,
    )


def test_queries_stay_the_same_when_the_case_has_more_of_everything(desk: Callable) -> None:
    client = desk("reviewer")
    bill = [(ProductFactory(), 1, "singly", f"Place {n}") for n in range(12)]
    small, large = (
        CaseFactory(parts=parts_of(InvoiceFactory(products=[KitFactory(bill=bill)]))[:size]) for size in (2, 11)
    )
    many_things(small, client.person, 2)
    many_things(large, client.person, 7)
    counts = []
    for case in (small, large):
        Driver(client, case).look()
        with CaptureQueriesContext(connection) as queries:
            Driver(client, case).look()
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert counts[0] <= 60


def test_purchase_is_matched_when_the_numbers_are_written_differently(desk: Callable) -> None:
    invoice = InvoiceFactory(number="INV-2025-0817", serials=["PK3-001"])
    drive = Driver(desk("support"), CaseFactory(matched=False, part=CoveredPartFactory()))
    drive.does("set_purchase", invoice="inv 2025 0817", serial="PK3 OO1")
    case = Case.objects.get(pk=drive.case.pk)
    assert (case.invoice, case.unit.serial) == (invoice, "PK3-001")


def test_purchase_offers_the_products_when_the_serial_does_not_settle_it(desk: Callable) -> None:
    kits = [KitFactory(name="Kit A"), KitFactory(name="Kit B")]
    InvoiceFactory(number="TWO-1", products=kits, serials=["A-1", "B-1"])
    drive = Driver(desk("support"), CaseFactory(matched=False))
    answer = drive.post("set_purchase", invoice="TWO-1", serial="nobody knows")
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Kit A A-1" in page
    assert "Kit B B-1" in page
    assert 'value="nobody knows"' in page
    second = re.findall(r'name="unit" value="(\d+)"', page)[1]
    drive.does("set_purchase", invoice="TWO-1", serial="nobody knows", unit=second)
    assert Case.objects.get(pk=drive.case.pk).unit.serial == "B-1"


def test_purchase_is_refused_when_no_invoice_fits(desk: Callable) -> None:
    drive = Driver(desk("support"), CaseFactory(matched=False))
    answer = drive.post("set_purchase", invoice="NONE-1", serial="")
    assert answer.status_code == 422
    assert "No invoice of ours has this number." in answer.content.decode()


def test_purchase_is_refused_when_the_product_is_of_another_invoice(desk: Callable) -> None:
    InvoiceFactory(number="MINE-1", serials=["M-1"])
    foreign = parts_of(InvoiceFactory(number="OTHER-1", serials=["O-1"]))[0].unit_id
    drive = Driver(desk("support"), CaseFactory(matched=False))
    assert drive.post("set_purchase", invoice="MINE-1", serial="", unit=foreign).status_code == 422


def test_parts_are_claimed_dropped_and_never_of_another_product_when_chosen(desk: Callable, kit_case: Case) -> None:
    drive = Driver(desk("support"), kit_case)
    parts = parts_of(kit_case.invoice)
    drive.does("claim_parts", parts=[parts[2].pk, parts[3].pk])
    assert kit_case.claimed_parts.count() == 4
    foreign = CoveredPartFactory()
    assert drive.post("claim_parts", parts=[foreign.pk]).status_code == 422
    assert drive.post("claim_parts").status_code == 422
    drive.does("drop_part", kit_case.claimed_parts.get(part=parts[3]))
    assert kit_case.claimed_parts.count() == 3


def test_guess_is_confirmed_when_a_person_says_so(desk: Callable) -> None:
    parts = parts_of(InvoiceFactory(serials=["K-9"]))
    case = CaseFactory(parts=parts[:1], part_ids=[], proposed_part_ids=[parts[0].pk])
    claim = case.claimed_parts.get()
    assert not claim.confirmed
    Driver(desk("support"), case).does("confirm_part", claim)
    claim.refresh_from_db()
    assert claim.confirmed


LINES = {
    "lines-TOTAL_FORMS": "4", "lines-INITIAL_FORMS": "0",
    "lines-0-kind": "repair", "lines-0-description": "", "lines-0-amount": "45,00",
    "lines-1-kind": "shipping", "lines-1-description": "Return shipping", "lines-1-amount": "18.50",
    "lines-2-kind": "other", "lines-2-description": "", "lines-2-amount": "",
    "lines-3-kind": "other", "lines-3-description": "Box", "lines-3-amount": "0",
}  # fmt: skip


def test_quote_is_written_sent_and_answered_when_its_lines_are_typed(desk: Callable) -> None:
    drive = Driver(desk("support"), CaseFactory(state="approved"))
    drive.does("write_quote", **LINES)
    lines = Quote.objects.get(case=drive.case).lines.values_list("kind", "description", "amount")
    assert [(kind, words, str(amount)) for kind, words, amount in lines] == [
        ("repair", "repair service", "45.00"), ("shipping", "Return shipping", "18.50"), ("other", "Box", "0.00"),
    ]  # fmt: skip
    assert "€63.50" in drive.look()
    drive.does("send_quote")
    drive.does("answer_quote", answer="accepted", through="Her mail of today")
    assert Quote.objects.get(case=drive.case).answer == "accepted"


@pytest.mark.parametrize("amount", ["much", "-1", "1e99", "12.345", "", "NaN"])
def test_quote_keeps_its_lines_when_an_amount_is_none(desk: Callable, amount: str) -> None:
    drive = Driver(desk("support"), CaseFactory(state="approved"))
    answer = drive.post("write_quote", **LINES | {"lines-1-amount": amount})
    assert answer.status_code == 422
    assert 'value="Return shipping"' in answer.content.decode()
    assert not Quote.objects.exists()


@pytest.mark.parametrize("total", ["", "x", "-1", "99999999"])
def test_quote_is_no_error_when_its_count_is_made_up(desk: Callable, total: str) -> None:
    drive = Driver(desk("support"), CaseFactory(state="approved"))
    assert drive.post("write_quote", **LINES | {"lines-TOTAL_FORMS": total}).status_code == 422


def test_parcel_goes_its_way_when_it_is_followed_by_hand(desk: Callable) -> None:
    drive = Driver(desk("reviewer"), CaseFactory(state="approved", part=CoveredPartFactory(serial="S-1")))
    today = timezone.localdate().isoformat()
    booking = {"direction": "to_workshop", "tracking_number": "JJD 0123 4567", "carrier": "manual", "booked_on": today}
    drive.does("book_parcel", **booking, booked_time="00:00")
    parcel = RepairShipment.objects.get(case=drive.case)
    drive.does("enter_scan", parcel, kind="picked_up", occurred_on=today, proof="The receipt", place="Oslo")
    drive.does("enter_scan", parcel, kind="delivered", occurred_on=today, proof="It is here")
    assert drive.state == "in_repair"
    window = drive.case.claimed_parts.get().part.pauses.get()
    assert (window.left_on.isoformat(), window.back_on) == (today, None)
    drive.does("cancel_parcel", parcel, why="A mistake of mine")
    parcel.refresh_from_db()
    assert parcel.cancelled_at
    assert not drive.case.claimed_parts.get().part.pauses.exists()


def test_pause_is_confirmed_and_taken_back_when_a_reviewer_states_it(desk: Callable) -> None:
    case = CaseFactory(part=CoveredPartFactory(serial="S-1"))
    drive = Driver(desk("reviewer"), case)
    claim = case.claimed_parts.get()
    stated = {"left_on": "2025-06-11", "back_on": "2025-06-29", "reason": "Handed over at the fair", "proof": "Slip 7"}
    drive.does("confirm_pause", claim, **stated)
    window = claim.part.pauses.get()
    assert (window.certainty, window.confirmed_by) == ("confirmed", drive.client.person)
    assert "paused 19 days" in drive.look()
    drive.does("withdraw_pause", claim, left_on="2025-06-11", reason="It was the other printer")
    assert not claim.part.pauses.exists()


def test_replacement_keeps_the_chain_when_its_serial_is_recorded(desk: Callable) -> None:
    case = CaseFactory(part=CoveredPartFactory(serial="OLD-1"), state="approved", resolution="replacement")
    drive = Driver(desk("support"), case)
    drive.does("record_replacement", case.claimed_parts.get(), new_serial="NEW-1")
    change = SerialChange.objects.get()
    assert (change.old_serial, change.new_serial, change.case_reference) == ("OLD-1", "NEW-1", case.reference)


def test_refused_file_is_told_by_name_when_it_was_not_kept(desk: Callable, kit_case: Case) -> None:
    Evidence.objects.create(
        case=kit_case,
        name="setup.exe",
        size=9,
        status="refused",
        refusal="It is a program.",
        received_at=timezone.now(),
    )
    page = Driver(desk("viewer"), kit_case).look()
    assert "setup.exe" in page
    assert "It is a program." in page


def test_same_file_is_told_when_another_case_holds_it(desk: Callable) -> None:
    first, second = CaseFactory(files=[photo(5)]), CaseFactory(files=[photo(5)])
    assert first.reference in Driver(desk("viewer"), second).look()


def test_seen_before_lists_earlier_cases_when_customer_or_product_are_the_same(desk: Callable) -> None:
    customer = CustomerFactory()
    part = CoveredPartFactory(customer=customer)
    first, second = CaseFactory(customer=customer), CaseFactory(part=part)
    case = CaseFactory(customer=customer, part=part)
    page = Driver(desk("viewer"), case).look()
    assert first.reference in page
    assert second.reference in page


def test_quote_in_force_is_shown_when_an_older_one_was_replaced(desk: Callable) -> None:
    case = CaseFactory(state="approved")
    quote(case, "35.00")
    quote(case, "99.00")
    page = Driver(desk("viewer"), case).look()
    assert "€99.00" in page
    assert "€35.00" not in page.split('id="quote"')[1].split("</section>")[0]
