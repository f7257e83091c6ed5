"""What the desk writes to whom, and in which words; every case is led by the verbs of the desk."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from cases.actors import Actor
from cases.evidence import refusals
from cases.evidence.storage import StoredFile
from cases.models import Case, Message, OutgoingMail
from cases.models.case import State
from cases.notifications import send_link
from cases.services import deciding, opening, quoting, repairing, talking
from cases.services.opening import NewCase
from cases.services.quoting import QuoteLineData
from cases.tests.factories import (
    DECIDED_AT,
    RECEIVED_AT,
    REVIEWED_AT,
    CaseFactory,
    photo,
    quote,
    refused_file,
)
from products.models import Product
from products.tests.factories import CoveredPartFactory, CustomerFactory

pytestmark = pytest.mark.django_db
LATER = DECIDED_AT + dt.timedelta(days=20)
DESK, CUSTOMER = Actor.system(), Actor.customer()


def _mail(kind: str, case: Case | None = None) -> OutgoingMail:
    mails = OutgoingMail.objects.filter(kind=kind)
    return mails.get(case=case) if case else mails.get()


def _opened(**given: Any) -> Case:
    return CaseFactory(acknowledge=True, **given)


# ── Acknowledgement ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_acknowledgement_names_what_was_understood_when_nothing_is_missing() -> None:
    part = CoveredPartFactory(serial="MK4-0001", number="INV-7")
    Product.objects.update(manual_url="https://positron.example/manual")
    case = _opened(part=part, invoice_as_given="inv-7", serial_as_given="mk4 0001", files=[photo(1), photo(2)])
    mail = _mail("acknowledgement")
    assert mail.subject == f"{case.reference}: we have your warranty request"
    assert mail.automatic
    for line in (
        f"its case number is {case.reference}",
        "• Invoice: INV-7",
        f"• Product: {part.product.name}",
        "• Serial number: MK4-0001",
        f"• Part: {part.label}",
        "• Photos, videos and papers: 2",
        "Nothing is missing.",
        "The manual of your product: https://positron.example/manual",
        f"page, where you can see how your request is doing and add files: {OutgoingMail.LINK_PLACE}",
        f"[wd:{OutgoingMail.TOKEN_PLACE}]",
    ):
        assert line in mail.body, line


def test_acknowledgement_asks_for_exactly_what_is_missing_when_something_is() -> None:
    _opened(matched=False, files=[], description="")
    mail = _mail("acknowledgement")
    asked = [line.strip() for line in mail.body.splitlines() if line.strip().startswith("•")]
    assert [line[:24] for line in asked] == [
        "• the number of the orig",
        "• the serial number of t",
        "• which part has the pro",
        "• a short description: w",
        "• a clear photo or a vid",
    ]
    assert "Nothing is missing" not in mail.body
    assert "need a little more" in mail.subject


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"invoice_as_given": "12345"}, "the invoice number once more: we could not find the one you sent us"),
        ({"serial_as_given": "XYZ"}, "the serial number once more: we could not match the one you sent us"),
    ],
    ids=["invoice", "serial"],
)
def test_number_is_asked_for_once_more_when_the_one_given_is_unknown(given: dict[str, str], words: str) -> None:
    _opened(matched=False, **given)
    body = _mail("acknowledgement").body
    assert words in body
    assert next(iter(given.values())) not in body


def test_refused_files_are_named_with_their_reason_when_some_came() -> None:
    files = [photo(), StoredFile("../../evil.com/x.svg", "", "", 9, "", "", refusals.WEB_PAGE), refused_file("b.zip")]
    _opened(files=files)
    body = _mail("acknowledgement").body
    assert "2 files could not be kept:" in body
    assert "• evil_com_x.svg – It is a web page or a vector drawing (HTML, SVG)." in body
    assert "• b.zip – This kind of file is not taken." in body


SPAM = "Buy pills at http://spam.example NOW"


@pytest.mark.parametrize(
    "given",
    [
        {"description": SPAM},
        {"subject": f"[Warranty Request] {SPAM}"},
        {"invoice_as_given": SPAM, "matched": False},
        {"serial_as_given": SPAM, "matched": False},
        {"sender_name": SPAM},
        {"customer_name": SPAM},
        {"files": [refused_file(f"{SPAM}.zip")]},
    ],
    ids=lambda given: next(iter(given)),
)
def test_acknowledgement_carries_no_word_of_the_sender_when_it_may_be_aimed_at_somebody_else(given: dict) -> None:
    customer = CustomerFactory(email="victim@example.com", name=given.pop("customer_name", "Maker"))
    _opened(customer=customer, **given)
    mail = _mail("acknowledgement")
    assert mail.message is not None
    for text in (mail.subject, mail.body, mail.message.text, mail.message.subject):
        assert "http://spam" not in text
        assert "spam.example" not in text


def test_acknowledgement_tells_nothing_the_sender_did_not_name_when_it_was_found_by_one_number() -> None:
    """Whoever knows one serial number learns nothing about the invoice behind it (policy 3)."""
    holder = CustomerFactory(email="holder@example.com", name="Hidden Holder")
    part = CoveredPartFactory(customer=holder, number="INV-SECRET", serial="SN-77")
    _opened(customer=CustomerFactory(), part=part, serial_as_given="SN-77")
    body = _mail("acknowledgement").body
    assert "SN-77" in body
    assert not [word for word in ("INV-SECRET", "Hidden Holder", "holder@example.com") if word in body]
    _opened(customer=CustomerFactory(email="second@example.com"), part=part, invoice_as_given="INV-SECRET")
    second = OutgoingMail.objects.get(to_address="second@example.com").body
    assert "INV-SECRET" in second
    assert "SN-77" not in second
    assert part.product.name not in second


def test_acknowledgement_answers_the_mail_when_the_request_came_as_one() -> None:
    customer = CustomerFactory()
    new = NewCase(customer_id=customer.pk, source="mail", subject="x", description="y", received_at=RECEIVED_AT)
    opening.open_case(new, actor=CUSTOMER, now=RECEIVED_AT, in_reply_to="<their@mail.example>")
    mail = _mail("acknowledgement")
    assert (mail.in_reply_to, mail.references) == ("<their@mail.example>", "<their@mail.example>")


def test_no_mail_is_written_when_staff_opens_a_case_quietly() -> None:
    CaseFactory(acknowledge=False)
    assert not OutgoingMail.objects.exists()


# ── Along the way ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_question_carries_list_and_words_when_support_asks(reviewer: Actor) -> None:
    case = CaseFactory(customer=CustomerFactory(name="Jane Doe"))
    deciding.request_information(
        case.pk, missing=["evidence"], words="It's too dark & blurred.", actor=reviewer, now=REVIEWED_AT
    )
    mail = _mail("information_request")
    assert not mail.automatic
    assert mail.body.startswith("Hello Jane Doe,\n")
    assert "• a clear photo or a video" in mail.body
    assert "It's too dark & blurred." in mail.body
    said = Message.objects.get(direction="out")
    assert (said, said.text) == (mail.message, "It's too dark & blurred.")


def test_question_is_in_the_conversation_when_it_has_no_words_of_its_own(reviewer: Actor) -> None:
    case = CaseFactory()
    deciding.request_information(case.pk, missing=["evidence"], words="", actor=reviewer, now=REVIEWED_AT)
    assert "a clear photo or a video" in Message.objects.get(direction="out").text


def test_message_leaves_as_written_when_staff_writes(colleague: Actor) -> None:
    case = CaseFactory()
    said = talking.write_to_customer(case.pk, text="Hi!\n\n<b>50 %</b> & more", actor=colleague, now=REVIEWED_AT)
    mail = _mail("message")
    assert mail.message == said
    assert mail.body.startswith("Hi!\n\n<b>50 %</b> & more\n\n————————\n")
    assert Message.objects.filter(direction="out").count() == 1


def test_refused_files_are_told_when_they_came_with_a_reply() -> None:
    case = CaseFactory()
    files = [photo(9), refused_file("all.zip")]
    talking.receive_message(
        case.pk, text="Here.", files=files, in_reply_to="<r@x.example>", actor=CUSTOMER, now=REVIEWED_AT
    )
    assert "• all.zip – This kind of file is not taken." in _mail("files_refused").body


@pytest.mark.parametrize(
    ("files", "in_reply_to"), [([photo(9)], "<r@x.example>"), ([refused_file()], "")], ids=["all_kept", "by_portal"]
)
def test_reply_is_not_answered_by_itself_when_there_is_nothing_to_tell(files: list, in_reply_to: str) -> None:
    case = CaseFactory()
    talking.receive_message(
        case.pk, text="Here.", files=files, in_reply_to=in_reply_to, actor=CUSTOMER, now=REVIEWED_AT
    )
    assert not OutgoingMail.objects.exists()


def test_quote_lists_its_lines_when_it_is_sent(colleague: Actor) -> None:
    case = CaseFactory(state=State.APPROVED)
    lines = [QuoteLineData("repair", "Labour, 2 h", Decimal("1200.5")), QuoteLineData("shipping", "DHL", Decimal("9"))]
    quoting.write_quote(case.pk, lines=lines, actor=colleague, now=DECIDED_AT)
    quoting.send_quote(case.pk, actor=colleague, now=DECIDED_AT)
    body = _mail("quote").body
    assert "• Labour, 2 h (repair service): €1,200.50" in body
    assert "• DHL (shipping): €9.00" in body
    assert "Total: €1,209.50" in body
    assert "Nothing begins before you have said yes." in body


def test_answer_to_a_quote_is_not_answered_when_it_comes() -> None:
    case = CaseFactory(state=State.APPROVED)
    before = OutgoingMail.objects.count()
    quote(case, answer="accepted")
    assert OutgoingMail.objects.count() == before + 1, "the quote itself, and nothing after the answer"


def test_repair_says_that_the_clock_stands_still_when_it_starts() -> None:
    case = CaseFactory(state=State.IN_REPAIR)
    mail = _mail("repair_started", case)
    assert mail.automatic
    assert case.claimed_parts.get().part.label in mail.body
    assert "the warranty clock stands still" in mail.body


@pytest.mark.parametrize(
    ("direction", "on", "told"),
    [
        ("to_customer", "2025-11-25", True),
        ("to_customer", "2025-11-22", True),
        ("to_customer", "2025-11-21", False),
        ("to_workshop", "2025-11-25", False),
    ],
    ids=["today", "three_days_ago", "long_ago", "the_other_way"],
)
def test_parcel_is_announced_when_it_leaves_for_the_customer(direction: str, on: str, told: bool) -> None:
    case = CaseFactory(state=State.IN_REPAIR)
    booked = {"shipment": 7, "direction": direction, "carrier": "dhl", "number": "0034043"}
    repairing.note_shipment(case.pk, name="booked", data=booked, actor=DESK, now=LATER)
    scanned = {"shipment": 7, "direction": direction, "on": on}
    repairing.note_shipment(case.pk, name="handed_over", data=scanned, actor=DESK, now=LATER)
    bodies = list(OutgoingMail.objects.filter(kind="parcel_on_the_way").values_list("body", flat=True))
    assert len(bodies) == told
    assert all("Tracking number: DHL 0034043" in body for body in bodies)


@pytest.mark.parametrize(
    ("reason", "words"),
    [("withdrawn", "is withdrawn and closed"), ("duplicate", "as your case"), ("not_a_request", None)],
)
def test_withdrawal_says_what_happened_when_a_case_is_closed(reason: Any, words: str | None, colleague: Actor) -> None:
    customer = CustomerFactory()
    other, case = CaseFactory(customer=customer), CaseFactory(customer=customer)
    duplicate_of = other.reference if reason == "duplicate" else ""
    deciding.withdraw(
        case.pk, reason=reason, why="Said so.", duplicate_of=duplicate_of, actor=colleague, now=REVIEWED_AT
    )
    bodies = list(OutgoingMail.objects.filter(kind="withdrawn").values_list("body", flat=True))
    assert len(bodies) == (words is not None)
    assert all(words in body and duplicate_of in body for body in bodies if words)


def test_link_is_sent_to_the_known_address_only_when_somebody_asks() -> None:
    case = CaseFactory(customer=CustomerFactory(email="owner@example.com"))
    mails = [send_link(case, actor=CUSTOMER, now=REVIEWED_AT) for _ in range(4)]
    assert [mail.to_address if mail else None for mail in mails] == ["owner@example.com"] * 3 + [None]
    assert all(mail is None or OutgoingMail.LINK_PLACE in mail.body for mail in mails)
    assert all(OutgoingMail.LINK_PLACE not in message.text for message in Message.objects.all())
