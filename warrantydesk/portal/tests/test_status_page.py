"""What the customer reads in every state, and what they never read."""

import datetime as dt
from decimal import Decimal

import pytest
from django.utils import timezone

from cases.actors import Actor
from cases.models import Case, Evidence
from cases.services import deciding, opening, quoting, repairing, talking
from cases.services.quoting import QuoteLineData
from cases.tests.factories import CaseFactory, judge, judge_all, photo, quote, refused_file, staff
from products.services import WindowData, set_pauses
from products.tests.factories import CoveredPartFactory, CustomerFactory, InvoiceFactory, parts_of
from shipments.services import record_events
from shipments.tests.factories import BACK, OUT, ShipmentFactory
from warrantydesk.portal.tests.door import let_in, send_mails, text_of

pytestmark = pytest.mark.django_db
STATES = ("submitted", "evidence_review", "approved", "denied", "in_repair", "returned", "withdrawn")
NOW = dt.datetime(2025, 12, 1, 12, tzinfo=dt.UTC)  # inside the cover of everything bought on BOUGHT_ON
# Words of the desk that no customer should meet.
INTERNAL = ("evidence_review", "evidence review", "in_repair", "submitted", "undecided", "proposal", "None")


@pytest.fixture(autouse=True)
def _in_december(time_machine):
    time_machine.move_to(NOW)


def page_of(case: Case) -> str:
    send_mails(case)
    response = let_in(case).get("/status/")
    assert response.status_code == 200
    return text_of(response)


@pytest.mark.parametrize("resolution", ["repair", "replacement"])
@pytest.mark.parametrize("state", STATES)
def test_every_state_has_its_page_in_the_customers_words(owner, state, resolution):
    case = CaseFactory(customer=owner, state=state, resolution=resolution if state != "in_repair" else "repair")
    words = page_of(case)
    assert case.reference in words
    assert "We received your request" in words
    for internal in INTERNAL:
        assert internal not in words


@pytest.mark.parametrize(
    ("state", "resolution", "headline"),
    [
        ("submitted", "repair", "We need something from you"),
        ("evidence_review", "repair", "We are looking at your request"),
        ("approved", "repair", "Your request is approved"),
        ("approved", "replacement", "You get a replacement"),
        ("denied", "repair", "The warranty does not cover this"),
        ("in_repair", "repair", "Your repair is in our workshop"),
        ("returned", "repair", "Your repair is back with you"),
        ("returned", "replacement", "Your replacement is with you"),
        ("withdrawn", "repair", "Your request is closed"),
    ],
)
def test_headline_says_where_it_is(owner, state, resolution, headline):
    assert headline in page_of(CaseFactory(customer=owner, state=state, resolution=resolution))


# ── What is missing ──────────────────────────────────────────────────────────────────────────────────────────────


def test_incomplete_request_asks_for_everything_that_is_missing(owner):
    case = CaseFactory(customer=owner, matched=False, files=(), description="")
    words = page_of(case)
    numbers = "The invoice number and the serial number"
    for wanted in (numbers, "Which part has the problem?", "What happens?", "A photo or a video"):
        assert wanted in words
    assert "Please name the part in a message below" in words


def test_number_that_was_not_found_is_shown_as_it_was_written(owner):
    case = CaseFactory(customer=owner, matched=False, invoice_as_given="INV-2O25-7")
    assert "We could not find what you sent us (INV-2O25-7)" in page_of(case)


def test_complete_request_asks_for_nothing(owner):
    assert "What we need from you" not in page_of(CaseFactory(customer=owner))


def test_question_of_the_staff_stands_with_what_is_asked_for(owner):
    case = CaseFactory(customer=owner)
    by = staff("support")
    deciding.request_information(case.pk, missing=["evidence"], words="A sharper one?", actor=by, now=timezone.now())
    words = page_of(case)
    assert "A sharper one?" in words
    assert "Another photo or a video" in words


def test_answer_to_our_question_is_acknowledged_while_something_is_missing(owner):
    case = CaseFactory(customer=owner, matched=False)
    talking.receive_message(case.pk, text="It is INV-7", actor=Actor.customer(), now=timezone.now())
    words = page_of(case)
    assert "What you sent is with us" in words
    assert "There is no need to send it again" in words


# ── The decision and its time to think again ─────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("state", ["approved", "denied"])
def test_decision_is_hidden_while_it_can_be_undone(owner, state):
    case = CaseFactory(customer=owner, state=state)
    words = text_of(let_in(case).get("/status/"))
    assert "We are looking at your request" in words
    for told in ("approved", "not cover", "Improper use", "free of charge", "Not covered", "has ended"):
        assert told not in words
    send_mails(case)
    told = text_of(let_in(case).get("/status/"))
    assert ("The warranty does not cover this" if state == "denied" else "Your request is approved") in told


def test_decision_without_a_mail_is_told_when_the_time_to_think_again_is_over(owner, settings):
    case = CaseFactory(customer=owner, state="approved")
    case.outgoing_mails.all().delete()
    assert "Your request is approved" in text_of(let_in(case).get("/status/"))
    settings.UNDO_SECONDS = 10**9
    assert "We are looking at your request" in text_of(let_in(case).get("/status/"))


def test_draft_verdicts_are_never_shown(owner, reviewer):
    case = CaseFactory(customer=owner)
    judge_all(case, reviewer, deny="improper_use", words="Our draft words.")
    words = page_of(case)
    assert "Our draft words" not in words
    assert "Improper use" not in words


def test_quote_is_hidden_with_its_decision(owner):
    case = CaseFactory(customer=owner, state="approved")
    quote(case, "45.00")
    assert "Accept €45.00" not in text_of(let_in(case).get("/status/"))
    assert "Accept €45.00" in page_of(case)


def test_denied_part_says_why_and_how_to_go_on(owner, reviewer):
    case = CaseFactory(customer=owner)
    judge_all(case, reviewer, deny="improper_use", words="The nozzle was hit.")
    deciding.deny(case.pk, actor=reviewer, now=timezone.now())
    words = page_of(case)
    assert "Improper use, maintenance or operation (clause 4(b))" in words
    assert "The nozzle was hit." in words
    assert "You see it differently?" in words
    assert "The warranty of this part has ended" in words


@pytest.mark.parametrize(
    ("received", "title"),
    [
        pytest.param("2025-03-03T12:00:00Z", "Your request came in time", id="on the last covered day"),
        pytest.param("2025-03-05T12:00:00Z", "The warranty of this part has ended", id="too late"),
    ],
)
def test_cover_that_ended_meanwhile_says_whether_the_request_came_in_time(owner, received, title):
    part = parts_of(InvoiceFactory(customer=owner, issued_on=dt.date(2024, 3, 3)))[0]
    case = CaseFactory(customer=owner, part=part, received_at=dt.datetime.fromisoformat(received))
    titles = {"Your request came in time", "The warranty of this part has ended"}
    assert {one for one in titles if one in page_of(case)} == {title}


def test_parts_are_answered_each_by_itself(owner, reviewer):
    parts = parts_of(InvoiceFactory(customer=owner))[:3]
    case = CaseFactory(customer=owner, parts=parts)
    first, second, third = case.claimed_parts.order_by("pk")
    judge(first, reviewer)
    judge(second, reviewer, resolution="replacement")
    judge(third, reviewer, deny="improper_assembly")
    deciding.approve(case.pk, actor=reviewer, now=timezone.now())
    words = page_of(case)
    for said in ("We repair it.", "You get a replacement", "Improper assembly", "2 of 3 parts are covered"):
        assert said in words


def test_reopened_case_keeps_what_was_promised_and_hides_the_rest(owner, reviewer):
    parts = parts_of(InvoiceFactory(customer=owner))[:2]
    case = CaseFactory(customer=owner, parts=parts)
    covered, denied = case.claimed_parts.order_by("pk")
    judge(covered, reviewer)
    judge(denied, reviewer, deny="improper_assembly")
    deciding.approve(case.pk, actor=reviewer, now=timezone.now())
    send_mails(case)
    deciding.reopen(case.pk, why="An appeal.", actor=reviewer, now=timezone.now())
    html = let_in(case).get("/status/").content.decode()
    assert "We are looking at your request once more" in html
    assert "We repair it." in html
    # What was told before stands in the conversation, but no longer as the answer for the part.
    assert "<b>Improper assembly</b>" not in html


# ── The clock ────────────────────────────────────────────────────────────────────────────────────────────────────


def _pause(case, left_on, back_on=None):
    parts = case.claimed_parts.values_list("part", flat=True)
    window = WindowData(left_on=left_on, back_on=back_on, certainty="provisional")
    set_pauses({pk: [window] for pk in parts}, source="tracking", cause="test", now=timezone.now())


def test_clock_of_what_is_away_says_what_if_it_were_back_today(owner):
    bought = timezone.localdate() - dt.timedelta(days=100)
    case = CaseFactory(customer=owner, part=CoveredPartFactory(customer=owner, issued_on=bought), state="approved")
    _pause(case, timezone.localdate() - dt.timedelta(days=3))
    words = page_of(case)
    assert "Your warranty is paused" in words
    assert "While it is away, your warranty does not run down. If it were back today, it would run through" in words


def test_returned_case_says_how_many_days_the_repair_added(owner):
    case = CaseFactory(customer=owner, part=CoveredPartFactory(customer=owner), state="approved")
    ShipmentFactory(case=case, events=OUT)
    home = ShipmentFactory(case=case, direction="to_customer")
    record_events(home.pk, BACK, heard="poll", now=NOW)
    assert Case.objects.get(pk=case.pk).state == "returned"
    words = page_of(case)
    assert "This repair added 13 days." in words
    assert "Covered through 16 Mar 2026." in words


# ── Quote, parcels, messages ─────────────────────────────────────────────────────────────────────────────────────


def test_open_quote_is_the_first_thing_with_its_lines_and_total(owner):
    case = CaseFactory(customer=owner, state="approved")
    by = staff("support")
    lines = [QuoteLineData("repair", "Labour", Decimal("45")), QuoteLineData("shipping", "To Norway", Decimal("18.50"))]
    quoting.write_quote(case.pk, lines=lines, actor=by, now=timezone.now())
    quoting.send_quote(case.pk, actor=by, now=timezone.now())
    words = page_of(case)
    assert "Please decide about the costs" in words
    for said in ("Labour", "€45.00", "To Norway", "€18.50", "€63.50", "Accept €63.50"):
        assert said in words


def test_unsent_quote_is_not_shown(owner):
    case = CaseFactory(customer=owner, state="approved")
    lines = [QuoteLineData("repair", "Labour", Decimal("45"))]
    quoting.write_quote(case.pk, lines=lines, actor=staff("support"), now=timezone.now())
    assert "€45.00" not in page_of(case)


@pytest.mark.parametrize(
    ("answer", "said"), [("accepted", "You accepted on 5 Nov 2025"), ("declined", "You declined on 5 Nov 2025")]
)
def test_answered_quote_says_what_was_answered(owner, answer, said):
    case = CaseFactory(customer=owner, state="approved")
    quote(case, answer=answer)
    words = page_of(case)
    assert said in words
    assert "Accept €35.00" not in words


def test_declined_quote_ends_the_repair_in_words(owner):
    case = CaseFactory(customer=owner, state="approved")
    quote(case, answer="declined")
    assert "No repair takes place" in page_of(case)


def test_return_of_what_was_never_sent_closes_the_request_in_words(owner):
    case = CaseFactory(customer=owner, state="approved")
    quote(case, answer="declined")
    proof = repairing.Proof("nothing_sent", "Never sent.")
    repairing.return_unrepaired(case.pk, why="Declined.", proof=proof, actor=staff("support"), now=timezone.now())
    words = page_of(case)
    assert "No repair takes place, and nothing was sent" in words
    assert "It is back with you" not in words


def test_parcel_shows_its_last_scan_and_its_number(owner):
    case = CaseFactory(customer=owner, state="approved")
    parcel = ShipmentFactory(case=case, events=OUT[:1])
    words = page_of(case)
    assert "Your parcel is on its way to our workshop" in words
    assert f"UPS {parcel.tracking_number}" in words
    assert "Picked up by the carrier" in words
    assert "12 Nov 2025" in words


def test_simulated_parcel_is_marked_as_one(owner, settings):
    from shipments.tests.factories import simulated_number

    settings.SIMULATED_CARRIER = True
    case = CaseFactory(customer=owner, state="approved")
    ShipmentFactory(case=case, carrier="simulated", tracking_number=simulated_number())
    assert "simulated, for practice" in page_of(case)


def test_cancelled_parcel_is_not_shown(owner):
    from shipments.services import cancel

    case = CaseFactory(customer=owner, state="approved")
    parcel = ShipmentFactory(case=case)
    cancel(parcel.pk, why="Another case's.", actor=staff("support"), now=timezone.now())
    assert parcel.tracking_number not in page_of(case)


def test_notes_among_staff_are_never_shown(owner):
    case = CaseFactory(customer=owner)
    by = staff("support")
    talking.add_note(case.pk, text="Sounds like batch 2506.", actor=by, now=timezone.now())
    talking.write_to_customer(case.pk, text="We have a question.", actor=by, now=timezone.now())
    words = page_of(case)
    assert "batch 2506" not in words
    assert "We have a question." in words


def test_refused_file_is_listed_with_its_reason(owner):
    words = page_of(CaseFactory(customer=owner, files=[photo(), refused_file("setup.exe")]))
    assert "setup.exe" in words
    assert "This kind of file is not taken." in words


def test_files_that_staff_added_by_themselves_are_not_shown(owner):
    case = CaseFactory(customer=owner, files=[photo(1)])
    rows = opening.add_evidence(case.pk, files=[photo(2)], actor=staff("support"), now=timezone.now())
    client = let_in(case)
    assert "photo-2.jpg" not in client.get("/status/").content.decode()
    assert client.get(f"/status/files/{rows[0].pk}/original/").status_code == 404


# ── Whose purchase it is ─────────────────────────────────────────────────────────────────────────────────────────


def test_nothing_of_the_invoice_holder_is_told_to_another_sender(owner):
    holder = CustomerFactory(name="Holder Holm", email="holder@example.com")
    invoice = InvoiceFactory(customer=holder, number="INV-SECRET-77", serials=["KIT-SECRET-1"])
    part = parts_of(invoice)[1]
    case = CaseFactory(customer=owner, part=part, serial_as_given="")
    parts = [part.pk]
    earlier = WindowData(left_on=dt.date(2025, 6, 11), back_on=dt.date(2025, 6, 29), certainty="verified")
    set_pauses({pk: [earlier] for pk in parts}, source="tracking", cause="test", now=timezone.now())
    html = let_in(case).get("/status/").content.decode()
    for secret in (
        "INV-SECRET-77",
        "KIT-SECRET-1",
        "Holder",
        "holder@example.com",
        "3 Mar 2025",
        "11–29 Jun",
        "19 days",
    ):
        assert secret not in html
    assert "22 Mar 2026" in html  # the cover of the part itself


def test_message_of_another_sender_is_kept_but_not_shown(owner):
    case = CaseFactory(customer=owner)
    message = talking.receive_message(
        case.pk,
        text="My neighbour has my printer.",
        sender_address="holder@example.com",
        files=[photo(5)],
        in_reply_to="<x@example.com>",
        actor=staff("support"),
        now=timezone.now(),
    )
    client = let_in(case)
    html = client.get("/status/").content.decode()
    assert "My neighbour" not in html
    assert "photo-5.jpg" not in html
    assert "A message from another address is kept with this request." in html
    assert client.get(f"/status/files/{message.evidence.get().pk}/original/").status_code == 404


# ── Strange words, other languages, many things ──────────────────────────────────────────────────────────────────

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"


def test_hostile_words_are_shown_as_words(owner, reviewer):
    owner.name = HOSTILE
    owner.save()
    case = CaseFactory(customer=owner, subject=HOSTILE, description=HOSTILE, files=[photo(1, name=HOSTILE[:60])])
    talking.receive_message(case.pk, text=HOSTILE, actor=Actor.customer(), now=timezone.now())
    judge_all(case, reviewer, deny="improper_use", words=HOSTILE)
    deciding.deny(case.pk, actor=reviewer, now=timezone.now())
    send_mails(case)
    html = let_in(case).get("/status/").content.decode()
    assert "<script>alert" not in html
    assert "<img src=x" not in html
    assert "&lt;script&gt;alert" in html


@pytest.mark.parametrize(
    ("written", "lang"), [("en", "en"), ("de", "de"), ("ja", "ja"), ("de-AT", "de"), ("tlh", "en"), ("", "en")]
)
def test_page_says_which_language_it_is_in(owner, written, lang):
    case = CaseFactory(customer=owner, language=written)
    response = let_in(case).get("/status/", headers={"accept-language": "fr"})
    assert f'<html lang="{lang}"' in response.content.decode()
    assert response.headers["Content-Language"] == lang


def test_times_are_those_of_the_customers_own_zone(owner):
    owner.time_zone = "Asia/Tokyo"
    owner.save()
    case = CaseFactory(customer=owner, received_at=dt.datetime(2025, 11, 5, 20, 0, tzinfo=dt.UTC))
    assert "6 Nov 2025, 05:00" in page_of(case)


def _fill(case, count):
    by = staff("support")
    for number in range(count):
        at = timezone.now() + dt.timedelta(minutes=2 * number)
        files = [photo(100 + number), refused_file(f"{number}.exe")]
        talking.receive_message(case.pk, text=f"Words {number}", files=files, actor=Actor.customer(), now=at)
        talking.write_to_customer(case.pk, text=f"Answer {number}", actor=by, now=at)
        ShipmentFactory(case=case, events=OUT, now=timezone.now())


def test_queries_of_the_page_do_not_grow_with_the_case(owner, django_assert_max_num_queries):
    small = CaseFactory(customer=owner, state="approved")
    parts = parts_of(InvoiceFactory(customer=owner))[:3]
    large = CaseFactory(customer=owner, parts=parts, state="approved")
    for case, count in ((small, 1), (large, 12)):
        quote(case)
        _fill(case, count)
        send_mails(case)
        client = let_in(case)
        with django_assert_max_num_queries(8) as asked:
            assert client.get("/status/").status_code == 200
        small_count = len(asked) if case is small else small_count  # noqa: F821 - bound in the first turn
    assert len(asked) == small_count


def test_earlier_messages_are_folded_away_but_there(owner):
    case = CaseFactory(customer=owner)
    _fill(case, 5)
    response = let_in(case).get("/status/")
    assert "5 earlier messages" in text_of(response)
    assert "Words 0" in text_of(response)


def test_files_are_served_to_their_own_session_only(owner, own_places):
    from cases.evidence.processing import process
    from warrantydesk.portal.tests.door import picture

    case, other = CaseFactory(customer=owner), CaseFactory(customer=CustomerFactory())
    client = let_in(case)
    client.post("/status/photos/", {"photos": [picture()]})
    file = Evidence.objects.exclude(original__contains="test/").get()
    assert client.get(f"/status/files/{file.pk}/original/").status_code == 404, "a picture goes out as we made it"
    process(file.pk, timezone.now())
    answer = client.get(f"/status/files/{file.pk}/original/")
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Cache-Control"] == "private, no-store"
    b"".join(answer.streaming_content)
    for which in ("original", "web", "thumbnail", "video", "etc"):
        assert let_in(other).get(f"/status/files/{file.pk}/{which}/").status_code == 404
    from django.test import Client

    assert Client().get(f"/status/files/{file.pk}/original/").status_code == 404
