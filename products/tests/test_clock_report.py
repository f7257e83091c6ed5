"""`manage.py clock INVOICE [SERIAL]`: the clocks of a sale, for scripts on stdout and for people on stderr."""

import datetime as dt
import io
import json

import pytest
from django.core.management import CommandError, call_command

from products.models import Invoice, WarrantyTerms
from products.services import LineData, UnitData, WindowData, replace_part, set_pauses, void_part
from products.tests.factories import CoveredPartFactory, InvoiceFactory, KitFactory, ProductFactory, parts_of

pytestmark = pytest.mark.django_db


def clock(*arguments: str) -> tuple[list[dict], list[str]]:
    out, err = io.StringIO(), io.StringIO()
    call_command("clock", *arguments, stdout=out, stderr=err)
    return [json.loads(line) for line in out.getvalue().splitlines()], err.getvalue().splitlines()


@pytest.fixture
def printer(now) -> Invoice:
    """A kit of two motors; the second was away 19 days, was replaced, and then voided."""
    motor = ProductFactory(sku="MOT", motor=True)
    kit = KitFactory(sku="KIT", bill=[(motor, 2, "singly", "Z axis")])
    unit = UnitData("K-1", {"MOT": ["M-1", "M-2"]})
    invoice = InvoiceFactory(number="INV-1", lines=[LineData(kit.sku, units=(unit,))])
    _first, second = parts_of(invoice)
    window = WindowData(dt.date(2025, 6, 11), dt.date(2025, 6, 29), "verified")
    set_pauses({second.pk: [window]}, source="tracking", cause="repair", now=now)
    replace_part(second.pk, new_serial="M-3", case_reference="", actor=None, now=now)
    void_part(second.pk, reason_code="motor_disassembled", case_reference="", actor=None, now=now)
    return invoice


def test_invoice_is_answered_with_a_line_for_each_part(printer: Invoice):
    lines, words = clock("inv 1", "--on", "2025-12-24")
    assert [(line["serial"], line["covered_through"], line["state"]) for line in lines] == [
        ("M-1", "2026-03-03", "covered"),
        ("M-3", "2026-03-22", "covered"),
    ]
    bought = "Z axis: Stepper motor {}: Bought 3 Mar 2025 →"
    paused = "3 Mar 2026; paused 19 days (11–29 Jun 2025, verified) → covered through 22 Mar 2026"
    assert words == [
        f"{bought.format('M-1')} covered through 3 Mar 2026. Covered.",
        f"{bought.format('M-3')} {paused}, but void since 1 Dec 2025 (clause 5(a)). Void.",
    ]


def test_line_says_everything_about_its_part(printer: Invoice):
    [_first, line], _words = clock("INV-1", "--on", "2025-12-24")
    assert line.pop("sentence").startswith("Bought 3 Mar 2025")
    assert line.pop("explained")[-1] == "Covered through 22 Mar 2026, 19 days more."
    assert line == {
        "invoice": "INV-1",
        "product": "KIT",
        "unit_serial": "K-1",
        "part": "Z axis: Stepper motor",
        "sku": "MOT",
        "serial": "M-3",
        "quantity": 1,
        "category": "motor",
        "starts_on": "2025-03-03",
        "term_months": 12,
        "base_covered_through": "2026-03-03",
        "covered_through": "2026-03-22",
        "extended_days": 19,
        "paused_since": None,
        "covered_through_if_back": "2026-03-22",
        "state": "covered",
        "voided_at": "2025-12-01T09:30:00+00:00",
        "void_reason": "motor_disassembled",
        "void_clause": "5(a)",
    }


@pytest.mark.parametrize(
    ("serial", "serials"),
    [
        pytest.param("m3", ["M-3"], id="current"),
        pytest.param("M-2", ["M-3"], id="before the replacement"),
        pytest.param("k 1", ["M-1", "M-3"], id="of the kit"),
    ],
)
def test_serial_chooses_the_part_or_the_unit(printer: Invoice, serial: str, serials: list[str]):
    assert [line["serial"] for line in clock("INV-1", serial)[0]] == serials


def test_start_by_delivery_is_said():
    WarrantyTerms.objects.create(effective_from=dt.date(2025, 1, 1), starts_from="delivery")
    CoveredPartFactory(number="INV-1", delivered_on=dt.date(2025, 3, 9))
    assert clock("INV-1")[0][0]["sentence"].startswith("Delivered 9 Mar 2025")


def test_number_of_two_shops_answers_for_both():
    for shop in ("eu", "us"):
        CoveredPartFactory(number="1001", shop=shop)
    assert len(clock("1001")[0]) == 2


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        pytest.param(["NOPE"], 1, "No invoice NOPE", id="unknown invoice"),
        pytest.param(["INV-1", "NOPE"], 1, "NOPE", id="unknown serial"),
        pytest.param(["INV-1", "OTHER"], 1, "OTHER", id="serial of another invoice"),
        pytest.param(["INV-1", "--on", "2025-02-30"], 2, "no such date", id="no such date"),
        pytest.param([], 2, "--stdin or INVOICE", id="nothing asked for"),
        pytest.param(["INV-1", "--stdin"], 2, "--stdin or INVOICE", id="both asked for"),
    ],
)
def test_question_without_an_answer_fails_and_says_why(printer: Invoice, arguments: list[str], status: int, words: str):
    CoveredPartFactory(number="INV-2", serial="OTHER")
    with pytest.raises(CommandError, match=words) as failure:
        clock(*arguments)
    assert failure.value.returncode == status


def test_queries_do_not_grow_with_the_number_of_parts(django_assert_num_queries):
    InvoiceFactory(number="INV-1", products=[KitFactory(bill=[(ProductFactory(), 30, "singly", "")])])
    with django_assert_num_queries(5):
        assert len(clock("INV-1")[0]) == 30
