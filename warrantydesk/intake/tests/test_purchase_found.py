"""From the words of a mail to what was sold: each row a mail, what is matched, and what is left to a person."""

import datetime as dt
import re

import pytest
from django.core.checks import run_checks

from cases.models import Case
from products.services import CustomerData, InvoiceData, LineData, UnitData, register_invoice
from products.tests.factories import ProductFactory
from warrantydesk.intake.patterns import configured_patterns
from warrantydesk.intake.purchase import find_purchase
from warrantydesk.intake.reading import read_mail
from warrantydesk.intake.services import receive
from warrantydesk.intake.tests.conftest import NOW
from warrantydesk.intake.tests.mails import mail, picture

pytestmark = pytest.mark.django_db


def sell(number: str, *serials: str) -> None:
    product = ProductFactory()
    units = [UnitData(serial) for serial in serials]
    register_invoice(
        InvoiceData(
            number=number,
            issued_on=dt.date(2025, 3, 3),
            customer=CustomerData(email=f"{number.lower()}@example.com"),
            lines=[LineData(product.sku, quantity=len(units), units=units)],
        )
    )


@pytest.fixture(autouse=True)
def _sales():
    sell("INV-2024-00123", "SN-AB12-9988")
    sell("INV-2024-00200", "SN-O0O0-1111")
    sell("INV-2024-00201", "SN-I1I1-2222", "SN-1I1I-2222")
    sell("RE7-4411", "TX77Q", "900100200")
    sell("10023", "SN-77")


INV, SN = "INV-2024-00123", "SN-AB12-9988"
ROWS = {
    "labelled": ("hi", f"Invoice number: {INV}\nSerial number: {SN}", {}, INV, SN, []),
    "in the subject only": (f"broken {INV} {SN}", "see subject", {}, INV, SN, []),
    "in the name of the file only": ("hi", "see photo", {f"{INV}_{SN}.jpg": b"x"}, INV, SN, []),
    "one here, one there": (f"broken {INV}", "see photo", {f"{SN}.jpg": b"x"}, INV, SN, []),
    "lower case and blanks": ("hi", "invoice inv-2024-00123, serial sn-ab12-9988", {}, INV, SN, []),
    "full-width": ("hi", "invoice ＩＮＶ-2024-00123 serial ＳＮ-AB12-9988", {}, INV, SN, []),
    "serial alone finds its invoice": ("hi", f"serial number {SN}", {}, INV, SN, []),
    "O for 0 where one fits": ("hi", "serial number SN-00OO-1111", {}, "INV-2024-00200", "SN-O0O0-1111", []),
    "I for 1 where two fit": ("hi", "serial number SN-11II-2222", {}, None, None, ["serial_ambiguous"]),
    "I for 1 where two fit, invoice named": (
        "hi", "invoice INV-2024-00201 serial number SN-11II-2222", {}, "INV-2024-00201", None, ["serial_ambiguous"],
    ),
    "the exact one of two lookalikes": ("hi", "serial number SN-1I1I-2222", {}, "INV-2024-00201", "SN-1I1I-2222", []),
    "serial of another invoice": (
        "hi", "invoice INV-2024-00200 serial number SN-AB12-9988", {}, "INV-2024-00200", None,
        ["serial_of_another_invoice"],
    ),
    "serial nobody sold": ("hi", f"invoice {INV} serial number SN-ZZ99-0000", {}, INV, None, ["serial_unknown"]),
    "invoice nobody wrote": ("hi", f"invoice INV-1999-1 serial number {SN}", {}, None, None, ["invoice_unknown"]),
    "no shape, no label, yet sold": ("hi", "My RE7-4411 came with TX77Q on the box.", {}, "RE7-4411", "TX77Q", []),
    "no shape, in the name of a file": ("hi", "see photo", {"tx77q.jpg": b"x"}, "RE7-4411", "TX77Q", []),
    "no shape and a letter misread": ("hi", "It says TX7-7Q or TX77O.", {}, "RE7-4411", "TX77Q", []),
    "digits without a label mean nothing": ("hi", "call me: 900100200, room 10023", {}, None, None, []),
    "digits behind a label": ("hi", "order no. 10023, serial no. 900100200", {}, "10023", None,
                              ["serial_of_another_invoice"]),
    "quoted words, none of its own": ("hi", f"Please help.\n\n> Invoice {INV}\n> Serial {SN}", {}, INV, SN, []),
    "own words before quoted ones": (
        "hi", f"Serial number: {SN}\n\n> Invoice INV-2024-00200\n> Serial number: SN-O0O0-1111\n", {},
        "INV-2024-00200", None, ["serial_of_another_invoice"],
    ),
    "two serials": (
        "hi", "invoice INV-2024-00201\nserial numbers: SN-I1I1-2222, SN-1I1I-2222", {}, "INV-2024-00201", None,
        ["several_serials"],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("subject", "text", "files", "invoice", "serial", "problems"), ROWS.values(), ids=ROWS)
def test_purchase_is_found_or_left_to_a_person(subject, text, files, invoice, serial, problems):
    raw = mail(text, subject=f"[Warranty Request] {subject}", files=files)
    match = find_purchase(read_mail(raw)).match
    assert (match.invoice and match.invoice.number, match.problems) == (invoice, problems)
    assert [part.unit.serial for part in match.parts] == ([serial] if serial else [])


def test_several_serials_wait_for_a_person_before_the_review_begins():
    raw = mail("invoice INV-2024-00201\nserial numbers: SN-I1I1-2222, SN-1I1I-2222\nBoth stop after ten minutes.",
               files={"a.jpg": picture()})  # fmt: skip
    receive(raw, source="a", now=NOW)
    case = Case.objects.get()
    assert (case.state, sorted(case.claimed_parts.values_list("confirmed", flat=True))) == ("submitted", [False, False])


def test_shapes_of_the_settings_take_the_place_of_ours(settings):
    settings.SERIAL_NUMBER_PATTERNS = [r"Q\d{3}X", r"TX\d\dQ"]
    text = "It is Q123X, or TX77Q; XY12-9988 is something else, and AQ123X nothing."
    found = read_mail(mail(text), patterns=configured_patterns())
    assert [one.value for one in found.serial_candidates] == ["Q123X", "TX77Q"]
    settings.SERIAL_NUMBER_PATTERNS = []
    found = read_mail(mail(text), patterns=configured_patterns())
    assert [one.value for one in found.serial_candidates] == ["XY12-9988"]


def test_shapes_of_the_settings_are_used_when_mail_is_received(settings):
    settings.INVOICE_NUMBER_PATTERNS = [r"\d{5}"]
    receive(mail("10023 SN-77"), source="a", now=NOW)
    assert Case.objects.get().invoice.number == "10023"


@pytest.mark.parametrize(
    ("shape", "says"), [("(", "no regular expression"), ("X*", "fits the empty text")], ids=["broken", "empty"]
)
def test_shape_that_cannot_work_is_named_before_the_desk_starts(settings, shape, says):
    settings.TRACKING_NUMBER_PATTERNS = [r"AB\d+", shape]
    (problem,) = (one for one in run_checks() if "TRACKING_NUMBER_PATTERNS" in one.msg)
    assert says in problem.msg
    assert re.escape(shape) in re.escape(problem.msg)
