"""Everything a customer can do: it happens once, through its service, and a refusal loses no word."""

import datetime as dt
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from cases.actors import Actor
from cases.models import Case, Evidence, Message
from cases.services import deciding, quoting
from cases.services.quoting import QuoteLineData
from cases.tests.factories import CaseFactory, quote, staff
from products.tests.factories import InvoiceFactory, parts_of
from shipments.models import RepairShipment
from shipments.tests.factories import ups_number
from warrantydesk.portal.tests.door import let_in, picture, program, send_mails, text_of

pytestmark = pytest.mark.django_db


def fresh(case: Case) -> Case:
    return Case.objects.get(pk=case.pk)


@pytest.fixture
def case(owner):
    return CaseFactory(customer=owner)


@pytest.fixture
def incomplete(owner):
    """A request about a kit: matched, with everything but the part."""
    part = parts_of(InvoiceFactory(customer=owner))[0]
    case = CaseFactory(customer=owner, part=part)
    by = staff("support")
    deciding.request_information(case.pk, missing=["part"], actor=by, now=timezone.now())
    from cases.services import opening

    opening.drop_claim(case.pk, part_id=part.pk, actor=by, now=timezone.now())
    return fresh(case)


# ── Messages and files ───────────────────────────────────────────────────────────────────────────────────────────


def test_message_joins_the_conversation_with_its_files(case):
    client = let_in(case)
    answer = client.post("/status/message/", {"text": "It is louder now.", "photos": [picture(), program()]})
    assert answer.headers["Location"] == "/status/#messages"
    message = case.messages.get(text="It is louder now.")
    assert (message.direction, message.sender_name, message.sender_address) == (
        "in", "Ingrid Sørensen", "ingrid@example.com",
    )  # fmt: skip
    assert sorted(message.evidence.values_list("name", "status")) == [
        ("IMG_2291.jpg", "pending"),
        ("setup.exe", "refused"),
    ]
    page = text_of(client.get("/status/"))
    assert "Your message is with us." in page
    assert "“setup.exe” was not kept. It is a program" in page


def test_message_sent_twice_is_one_message(case):
    client = let_in(case)
    form = {"text": "It is louder now.", "once": "mark-1"}
    for _ in range(2):
        assert client.post("/status/message/", {**form, "photos": [picture()]}).status_code == 302
    assert case.messages.filter(text="It is louder now.").count() == 1
    assert "We have this already." in text_of(client.get("/status/"))


def test_same_words_from_a_form_without_a_mark_are_one_message(case):
    client = let_in(case)
    for _ in range(2):
        assert client.post("/status/message/", {"text": "Hello?"}).status_code == 302
    assert case.messages.filter(text="Hello?").count() == 1


def test_photos_without_words_become_evidence_and_no_message(case):
    before = case.messages.count()
    answer = let_in(case).post("/status/message/", {"text": " ", "photos": [picture()]})
    assert answer.status_code == 302
    assert case.messages.count() == before
    assert case.evidence.filter(name="IMG_2291.jpg").count() == 1


def test_empty_message_is_asked_for_again(case):
    answer = let_in(case).post("/status/message/", {"text": "  "})
    assert answer.status_code == 422
    assert "Please write something, or choose a photo." in text_of(answer)
    assert 'aria-invalid="true"' in answer.content.decode()


def test_too_long_a_message_comes_back_whole(case):
    text = "I wrote a novel. " * 1500
    answer = let_in(case).post("/status/message/", {"text": text})
    assert answer.status_code == 422
    assert text.strip() in answer.content.decode()
    assert not case.messages.filter(text__startswith="I wrote").exists()


def test_empty_file_is_refused_by_name(case):
    from django.core.files.uploadedfile import SimpleUploadedFile

    client = let_in(case)
    client.post("/status/message/", {"text": "Look", "photos": [SimpleUploadedFile("empty.jpg", b"")]})
    assert "“empty.jpg” was not kept. It arrived empty." in text_of(client.get("/status/"))


def test_photo_over_the_limit_of_the_portal_is_refused(case, settings):
    settings.EVIDENCE_PORTAL_MB = 0
    client = let_in(case)
    client.post("/status/photos/", {"photos": [picture()]})
    assert Evidence.objects.get(name="IMG_2291.jpg").status == "refused"


def test_photos_complete_a_request(owner):
    case = CaseFactory(customer=owner, files=())
    assert case.state == "submitted"
    client = let_in(case)
    assert "Send the photos" in text_of(client.get("/status/"))
    answer = client.post("/status/photos/", {"photos": [picture()]})
    assert answer.status_code == 302
    assert fresh(case).state == "evidence_review"
    assert "We are looking at your request" in text_of(client.get("/status/"))


def test_photos_form_without_a_photo_says_so(owner):
    case = CaseFactory(customer=owner, files=())
    answer = let_in(case).post("/status/photos/", {})
    assert answer.status_code == 422
    assert "Please choose at least one photo or video." in text_of(answer)


# ── What is missing ──────────────────────────────────────────────────────────────────────────────────────────────


def test_description_completes_a_request(owner):
    case = CaseFactory(customer=owner, description="")
    client = let_in(case)
    assert client.post("/status/description/", {"description": "It stops."}).status_code == 302
    assert fresh(case).description == "It stops."
    assert fresh(case).state == "evidence_review"


def test_description_that_comes_too_late_goes_on_as_a_message(case):
    answer = let_in(case).post("/status/description/", {"description": "What I forgot to say."})
    assert answer.status_code == 422
    words = text_of(answer)
    assert "Please write us a message instead." in words
    assert "What I forgot to say." in words
    assert "evidence_review" not in words


def test_numbers_are_sent_as_a_message_for_a_person(owner):
    case = CaseFactory(customer=owner, matched=False)
    client = let_in(case)
    client.post("/status/numbers/", {"invoice": "INV-1", "serial": "SN-2"})
    assert case.messages.filter(direction="in", text="Invoice number: INV-1\nSerial number: SN-2").exists()


def test_numbers_form_asks_only_for_what_is_missing(owner):
    part = parts_of(InvoiceFactory(customer=owner))[0]
    case = CaseFactory(customer=owner, matched=False, parts=(), invoice_id=part.unit.line.invoice_id)
    html = let_in(case).get("/status/").content.decode()
    assert 'name="serial"' in html
    assert 'name="invoice"' not in html


def test_empty_numbers_are_asked_for_again(owner):
    case = CaseFactory(customer=owner, matched=False)
    assert "Please write the number." in text_of(let_in(case).post("/status/numbers/", {}))


def test_named_part_completes_a_request(incomplete):
    client = let_in(incomplete)
    page = text_of(client.get("/status/"))
    assert "X axis: Stepper motor" in page
    motor = incomplete.unit.parts.get(place="X axis")
    assert client.post("/status/parts/", {"part_ids": [motor.pk]}).status_code == 302
    assert [claim.part_id for claim in incomplete.claimed_parts.all()] == [motor.pk]
    assert fresh(incomplete).state == "evidence_review"


def test_named_parts_take_the_place_of_guesses(owner):
    parts = parts_of(InvoiceFactory(customer=owner))
    guess, meant = parts[0], parts[1]
    case = CaseFactory(customer=owner, parts=[guess], part_ids=[], proposed_part_ids=[guess.pk])
    client = let_in(case)
    assert f'value="{guess.pk}" id="parts-part_ids_0" checked' in client.get("/status/").content.decode()
    assert client.post("/status/parts/", {"part_ids": [meant.pk]}).status_code == 302
    assert [(claim.part_id, claim.confirmed) for claim in case.claimed_parts.all()] == [(meant.pk, True)]
    assert fresh(case).state == "evidence_review"


def test_guess_can_be_confirmed(owner):
    parts = parts_of(InvoiceFactory(customer=owner))
    case = CaseFactory(customer=owner, parts=parts[:2], part_ids=[], proposed_part_ids=[part.pk for part in parts[:2]])
    let_in(case).post("/status/parts/", {"part_ids": [parts[0].pk]})
    assert [(claim.part_id, claim.confirmed) for claim in case.claimed_parts.all()] == [(parts[0].pk, True)]


def test_part_of_somebody_elses_kit_is_refused(incomplete):
    foreign = parts_of(InvoiceFactory())[0]
    answer = let_in(incomplete).post("/status/parts/", {"part_ids": [foreign.pk]})
    assert answer.status_code == 422
    assert "Please choose among the parts of this list." in text_of(answer)
    assert not incomplete.claimed_parts.exists()


# ── Costs ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def quoted(owner):
    case = CaseFactory(customer=owner, state="approved")
    quote(case, "45.00")
    send_mails(case)
    return case


@pytest.mark.parametrize(("answer", "said"), [("accepted", "You accepted on"), ("declined", "You declined on")])
def test_quote_is_answered_through_the_portal(quoted, answer, said):
    client = let_in(quoted)
    made = quoted.quotes.get()
    assert client.post("/status/quote/", {"answer": answer, "quote": made.pk}).status_code == 302
    made.refresh_from_db()
    assert (made.answer, made.answered_through) == (answer, "portal")
    assert said in text_of(client.get("/status/"))


def test_quote_answered_twice_is_answered_once(quoted):
    client = let_in(quoted)
    made = quoted.quotes.get()
    client.post("/status/quote/", {"answer": "accepted", "quote": made.pk})
    assert client.post("/status/quote/", {"answer": "declined", "quote": made.pk}).status_code == 302
    made.refresh_from_db()
    assert made.answer == "accepted"
    assert "answered already" in text_of(client.get("/status/"))


def test_quote_that_was_replaced_is_not_answered(quoted):
    client, by = let_in(quoted), staff("support")
    old = quoted.quotes.get()
    quoting.write_quote(quoted.pk, lines=[QuoteLineData("repair", "Labour", Decimal(99))], actor=by, now=timezone.now())
    quoting.send_quote(quoted.pk, actor=by, now=timezone.now())
    client.post("/status/quote/", {"answer": "accepted", "quote": old.pk})
    assert not quoted.quotes.exclude(answer="").exists()
    words = text_of(client.get("/status/"))
    assert "replaced by a newer one" in words
    assert "Accept €99.00" in words


@pytest.mark.parametrize("sent", [{}, {"answer": "perhaps", "quote": 1}, {"answer": "accepted", "quote": "x"}])
def test_quote_answer_that_is_none_is_refused_in_words(quoted, sent):
    answer = let_in(quoted).post("/status/quote/", sent)
    assert answer.status_code == 422
    assert not quoted.quotes.exclude(answer="").exists()


def test_quote_of_a_withdrawn_request_is_refused_without_names_of_states(quoted):
    made = quoted.quotes.get()
    client = let_in(quoted)
    deciding.withdraw(quoted.pk, actor=Actor.customer(), now=timezone.now())
    answer = client.post("/status/quote/", {"answer": "accepted", "quote": made.pk})
    assert answer.status_code == 422
    assert "Your request has moved on in the meantime" in text_of(answer)


# ── Parcels ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_tracking_number_becomes_a_proposed_parcel_of_its_carrier(owner):
    case = CaseFactory(customer=owner, state="approved")
    send_mails(case)
    client, number = let_in(case), ups_number()
    written = f" {number[:8].lower()} {number[8:]} "
    assert client.post("/status/tracking/", {"tracking_number": written}).headers["Location"] == "/status/#parcels"
    parcel = RepairShipment.objects.get(case=case)
    assert (parcel.carrier, parcel.tracking_number, parcel.proposed) == ("ups", number, True)
    assert parcel.direction == "to_workshop"
    assert "Being checked" in text_of(client.get("/status/"))


def test_tracking_number_that_is_none_comes_back_with_what_is_wrong(owner):
    case = CaseFactory(customer=owner, state="approved")
    send_mails(case)
    answer = let_in(case).post("/status/tracking/", {"tracking_number": "no-number-here"})
    assert answer.status_code == 422
    html = answer.content.decode()
    assert 'value="no-number-here"' in html
    # Also without scripts the browser goes to where the words about it are.
    assert 'id="form-tracking" action="/status/tracking/#form-tracking"' in html
    assert "<p>Tracking number: " not in html
    assert not RepairShipment.objects.exists()


def test_tracking_number_told_twice_is_one_parcel(owner):
    case = CaseFactory(customer=owner, state="approved")
    send_mails(case)
    client, number = let_in(case), ups_number()
    client.post("/status/tracking/", {"tracking_number": number})
    answer = client.post("/status/tracking/", {"tracking_number": number})
    assert answer.status_code == 422
    assert "booked for this case already" in text_of(answer)
    assert RepairShipment.objects.count() == 1


# ── Withdrawing ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_withdrawal_needs_its_confirmation_and_keeps_the_words(case):
    answer = let_in(case).post("/status/withdraw/", {"why": "Found the screw."})
    assert answer.status_code == 422
    assert "Please tick this" in text_of(answer)
    assert "Found the screw." in answer.content.decode()
    assert fresh(case).state == "evidence_review"


def test_confirmed_withdrawal_closes_the_request(case):
    client = let_in(case)
    assert client.post("/status/withdraw/", {"sure": "on", "why": "Found the screw."}).status_code == 302
    assert fresh(case).state == "withdrawn"
    event = case.events.get(name="withdraw")
    assert (event.actor_kind, event.why) == ("customer", "Found the screw.")
    assert "You withdrew your request" in text_of(client.get("/status/"))


def test_second_withdrawal_changes_nothing(case):
    client = let_in(case)
    for _ in range(2):
        assert client.post("/status/withdraw/", {"sure": "on"}).status_code == 302
    assert case.events.filter(name="withdraw").count() == 1


@pytest.mark.parametrize("state", ["denied", "in_repair", "returned"])
def test_withdrawal_is_not_offered_where_it_is_too_late(owner, state):
    case = CaseFactory(customer=owner, state=state)
    send_mails(case)
    client = let_in(case)
    assert "Withdraw my request" not in text_of(client.get("/status/"))
    answer = client.post("/status/withdraw/", {"sure": "on"})
    assert answer.status_code == 422
    assert "moved on in the meantime" in text_of(answer)


def test_appeal_is_a_message_that_staff_can_reopen_for(owner):
    case = CaseFactory(customer=owner, state="denied")
    send_mails(case)
    client = let_in(case)
    client.post("/status/message/", {"text": "It was assembled by you!", "photos": [picture()]})
    assert Message.objects.filter(case=case, text="It was assembled by you!").exists()
    later = timezone.now() + dt.timedelta(minutes=1)
    deciding.reopen(case.pk, actor=staff("support"), now=later)  # new evidence is reason enough
    assert "We are looking at your request once more" in text_of(client.get("/status/"))


def test_stranger_changes_nothing_with_a_guessed_session(case):
    client = Client()
    client.cookies["sessionid"] = "a" * 32
    assert client.post("/status/withdraw/", {"sure": "on"}).status_code == 404
    assert fresh(case).state == "evidence_review"
