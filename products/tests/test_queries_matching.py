"""match_purchase, find_by_serial, find_invoice: the numbers people write, read as a customer and as an attacker would
write them. What is not beyond doubt needs a person (policy 3.1)."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from products import queries
from products.models import CoveredPart, Invoice, Product
from products.queries import PurchaseMatch, find_by_serial, find_invoice, match_purchase, parts_of_unit
from products.services import LineData, UnitData, replace_part
from products.tests.factories import CoveredPartFactory, InvoiceFactory, KitFactory, ProductFactory, parts_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def extruder() -> CoveredPart:
    """Sold singly on INV-2025-00104 as SN-AB10-7."""
    return CoveredPartFactory(number="INV-2025-00104", serial="SN-AB10-7")


@pytest.fixture
def printer() -> Invoice:
    """A kit SN-KIT-1 on INV-2025-00200 with two motors, MOT-A1 and MOT-A2, and screws."""
    motor = ProductFactory(sku="MOT", motor=True)
    kit = KitFactory(bill=[(motor, 2, "singly", "Z axis"), (ProductFactory(consumable=True), 80, "lot", "")])
    unit = UnitData("SN-KIT-1", {"MOT": ["MOT-A1", "MOT-A2"]})
    return InvoiceFactory(number="INV-2025-00200", lines=[LineData(kit.sku, units=(unit,))])


def found(match: PurchaseMatch) -> tuple:
    return (
        match.invoice.number if match.invoice else None,
        match.unit.serial if match.unit else None,
        [part.serial for part in match.parts],
        [part.serial for part in match.proposed],
        match.problems,
    )


NOTHING = (None, None, [], [])

# ── one serial, however it is written ────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "serial",
    [
        "SN-AB10-7",
        "sn-ab10-7",
        " SN AB10 7\n",
        "SN–AB10—7",
        "ＳＮ－ＡＢ１０－７",
        "SNAB107",
        "S/N-A.B_10#7",
        "SN-AB1O-7",
        "SN-ABIO-7",
        "sn-abio-7",
        "５ＮAB107".replace("５", "Ｓ"),
    ],
)
def test_serial_is_found_however_a_person_writes_it(extruder: CoveredPart, serial: str):
    match = match_purchase(["inv 2025 00104"], [serial])
    assert found(match) == ("INV-2025-00104", "SN-AB10-7", ["SN-AB10-7"], [], [])
    assert match.parts == [extruder]


@pytest.mark.parametrize(
    "number", ["INV-2025-00104", "inv-2025-00104", "INV 2025/00104", "INV-2O25-OO1O4", "ＩＮＶ２０２５００１０４"]
)
def test_invoice_is_found_however_a_person_writes_it(extruder: CoveredPart, number: str):
    assert found(match_purchase([number], ["SN-AB10-7"]))[0] == "INV-2025-00104"


@pytest.mark.parametrize(
    "serial",
    [
        "SN-AB10-8",
        "SN-AB10",
        "SN-AB10-77",
        "AB10-7",
        "SN-A810-7",
        "SN-AB10-Z",
        "%",
        "*",
        "' OR 1=1 --",
        "SN\x00AB107Z",
        "\ud800",
    ],
)
def test_other_serial_is_not_taken_for_a_near_one(extruder: CoveredPart, serial: str):
    assert found(match_purchase(["INV-2025-00104"], [serial])) == ("INV-2025-00104", None, [], [], ["serial_unknown"])


@pytest.mark.parametrize("text", ["???", "—", "x" * 251, "S" * 100_000, "SN-AB10-7" + "0" * 400])
def test_text_that_is_no_number_is_unknown(extruder: CoveredPart, text: str):
    assert found(match_purchase([text], [])) == (*NOTHING, ["invoice_unknown"])
    assert found(match_purchase([], [text])) == (*NOTHING, ["serial_unknown"])


@pytest.mark.parametrize("blank", ["", " ", "\n\t"])
def test_blanks_are_no_number_at_all(extruder: CoveredPart, blank: str):
    assert found(match_purchase([blank], [blank])) == (*NOTHING, [])
    assert find_invoice(blank) == find_by_serial(blank).units == find_by_serial(blank).parts == []


def test_sold_things_without_a_serial_are_found_by_none():
    CoveredPartFactory(number="INV-1")
    assert found(match_purchase(["INV-1"], ["-"])) == ("INV-1", None, [], [], ["serial_unknown"])


# ── kits, units, chains ──────────────────────────────────────────────────────────────────────────────────────────


def test_serial_of_a_kit_finds_the_kit_and_leaves_the_part_open(printer: Invoice):
    match = match_purchase([printer.number], ["SN-KIT-1"])
    assert found(match) == (printer.number, "SN-KIT-1", [], [], [])
    assert [part.quantity for part in parts_of_unit(match.unit)] == [1, 1, 80]


def test_serial_of_a_part_finds_the_part_and_its_kit(printer: Invoice):
    assert found(match_purchase([printer.number], ["MOT-A2"])) == (printer.number, "SN-KIT-1", ["MOT-A2"], [], [])


def test_serial_alone_finds_unit_and_invoice_when_it_fits_one_sold_thing(printer: Invoice):
    assert found(match_purchase([], ["mot a1"])) == (printer.number, "SN-KIT-1", ["MOT-A1"], [], [])


def test_invoice_alone_is_an_invoice_and_nothing_more(printer: Invoice):
    assert found(match_purchase([printer.number], [])) == (printer.number, None, [], [], [])


def test_every_serial_of_a_chain_finds_the_part(extruder: CoveredPart, now):
    for serial in ("B-2", "C-3"):
        replace_part(extruder.pk, new_serial=serial, case_reference="", actor=None, now=now)
    for serial in ("SN-AB10-7", "B-2", "c3"):
        match = match_purchase(["INV-2025-00104"], [serial])
        assert (match.parts, match.problems) == ([extruder], [])
    assert [part.serial for part in find_by_serial("b 2").parts] == ["C-3"]


def test_old_and_new_serial_of_one_part_are_one_thing(extruder: CoveredPart, now):
    replace_part(extruder.pk, new_serial="B-2", case_reference="", actor=None, now=now)
    assert found(match_purchase([], ["SN-AB10-7", "B-2"])) == ("INV-2025-00104", "SN-AB10-7", ["B-2"], [], [])


def test_serial_on_the_box_and_on_one_part_of_the_kit_needs_a_person():
    motor = ProductFactory(sku="MOT")
    kit = KitFactory(bill=[(motor, 1, "singly", ""), (ProductFactory(), 1, "singly", "")])
    InvoiceFactory(number="INV-1", lines=[LineData(kit.sku, units=(UnitData("X-1", {"MOT": ["X-1"]}),))])
    assert found(match_purchase(["INV-1"], ["X-1"])) == ("INV-1", "X-1", [], ["X-1"], ["serial_ambiguous"])


# ── doubt ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_serial_of_another_invoice_is_reported_and_not_taken(extruder: CoveredPart, printer: Invoice):
    match = match_purchase([printer.number], ["SN-AB10-7"])
    assert found(match) == (printer.number, None, [], [], ["serial_of_another_invoice"])


def test_serial_does_not_make_good_for_an_unknown_invoice(extruder: CoveredPart):
    assert found(match_purchase(["INV-9999"], ["SN-AB10-7"])) == (*NOTHING, ["invoice_unknown"])


def test_serials_that_look_alike_need_a_person_unless_written_exactly():
    CoveredPartFactory(number="INV-1", serial="SN-1O")
    CoveredPartFactory(number="INV-2", serial="SN-10")
    assert found(match_purchase(["INV-1"], ["sn-1o"])) == ("INV-1", "SN-1O", ["SN-1O"], [], [])
    assert found(match_purchase(["INV-2"], ["SN-IO"])) == ("INV-2", "SN-10", [], ["SN-10"], ["serial_ambiguous"])
    assert found(match_purchase([], ["SN-IO"])) == (*NOTHING, ["serial_ambiguous"])
    assert found(match_purchase(["INV-1"], ["SN-10"])) == ("INV-1", None, [], [], ["serial_of_another_invoice"])


def test_look_alike_is_not_taken_from_another_invoice_either():
    CoveredPartFactory(number="INV-1", serial="SN-1O")
    CoveredPartFactory(number="INV-2", serial="OTHER")
    assert found(match_purchase(["INV-2"], ["SN-10"])) == ("INV-2", None, [], [], ["serial_of_another_invoice"])


def test_dashes_tell_apart_what_their_letters_do_not():
    CoveredPartFactory(number="INV-1", serial="SN-1-11")
    CoveredPartFactory(number="INV-2", serial="SN-11-1")
    assert found(match_purchase([], ["sn-11-1"]))[0] == "INV-2"
    assert found(match_purchase([], ["SN111"])) == (*NOTHING, ["serial_ambiguous"])
    assert found(match_purchase(["INV-1"], ["SN111"]))[2:] == (["SN-1-11"], [], [])


def test_same_serial_twice_on_one_invoice_is_proposed_to_a_person():
    one, two = ProductFactory(), ProductFactory()
    InvoiceFactory(number="INV-1", products=[one, two], serials=["S-1", "s-1"])
    match = match_purchase(["INV-1"], ["S-1"])
    assert found(match) == ("INV-1", None, [], ["S-1", "s-1"], ["serial_ambiguous"])


def test_refurbished_piece_belongs_to_the_invoice_that_is_named(now):
    product = ProductFactory()
    first = CoveredPartFactory(product=product, number="INV-1", serial="A")
    second = CoveredPartFactory(product=product, number="INV-2", serial="B")
    replace_part(first.pk, new_serial="C", case_reference="", actor=None, now=now)
    replace_part(second.pk, new_serial="A", case_reference="", actor=None, now=now)
    assert match_purchase(["INV-1"], ["A"]).parts == [first]
    assert match_purchase(["INV-2"], ["A"]).parts == [second]
    assert found(match_purchase([], ["A"])) == (*NOTHING, ["serial_ambiguous"])


def test_several_serials_are_proposed_to_a_person(printer: Invoice):
    match = match_purchase([printer.number], ["MOT-A1", "MOT-A2"])
    assert found(match) == (printer.number, "SN-KIT-1", [], ["MOT-A1", "MOT-A2"], ["several_serials"])


def test_one_of_several_serials_that_is_not_ours_is_said(printer: Invoice, extruder: CoveredPart):
    match = match_purchase([printer.number], ["MOT-A1", "NOPE", "SN-AB10-7"])
    problems = ["serial_unknown", "serial_of_another_invoice", "several_serials"]
    assert found(match) == (printer.number, "SN-KIT-1", [], ["MOT-A1"], problems)


def test_serials_of_two_invoices_without_a_number_choose_neither(printer: Invoice, extruder: CoveredPart):
    match = match_purchase([], ["MOT-A1", "SN-AB10-7"])
    assert found(match) == (*NOTHING, ["invoice_ambiguous", "several_serials"])


def test_same_serial_written_twice_is_one_serial(extruder: CoveredPart):
    assert found(match_purchase([], ["SN-AB10-7", "sn-ab10-7", "SN AB10 7"]))[2:] == (["SN-AB10-7"], [], [])


# ── invoices in doubt ────────────────────────────────────────────────────────────────────────────────────────────


def test_number_of_two_shops_is_ambiguous_until_the_serial_decides():
    CoveredPartFactory(shop="eu", number="1001", serial="A-1")
    CoveredPartFactory(shop="us", number="1001", serial="B-1")
    assert found(match_purchase(["1001"], [])) == (*NOTHING, ["invoice_ambiguous"])
    assert found(match_purchase(["1001"], ["NOPE"])) == (*NOTHING, ["invoice_ambiguous", "serial_unknown"])
    match = match_purchase(["1001"], ["B-1"])
    assert (match.invoice.shop, match.problems) == ("us", [])


def test_two_invoices_named_are_decided_by_the_serial(extruder: CoveredPart, printer: Invoice):
    match = match_purchase(["INV-2025-00104", printer.number], ["MOT-A1"])
    assert found(match) == (printer.number, "SN-KIT-1", ["MOT-A1"], [], [])


def test_unknown_number_beside_a_known_one_does_no_harm(extruder: CoveredPart):
    assert found(match_purchase(["ORDER-77", "INV-2025-00104"], ["SN-AB10-7"]))[4] == []


@pytest.mark.parametrize(
    ("written", "numbers"),
    [
        pytest.param("A-10", ["A-10"], id="exact"),
        pytest.param("a-10", ["a-10"], id="exact in another case"),
        pytest.param(" A-10 ", ["A-10"], id="blanks around"),
        pytest.param("A10", ["A-10", "a-10"], id="letters and digits"),
        pytest.param("A-1O", ["A-1O"], id="exact look-alike"),
        pytest.param("A-IO", ["A-10", "a-10", "A-1O"], id="only look-alikes"),
        pytest.param("A-11", [], id="none"),
    ],
)
def test_find_invoice_prefers_the_nearest_reading(written: str, numbers: list[str]):
    for number in ("A-10", "a-10", "A-1O"):
        CoveredPartFactory(number=number)
    assert [invoice.number for invoice in find_invoice(written)] == numbers


# ── many rows ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_serial_on_more_sold_things_than_can_be_looked_at_identifies_nothing(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(queries, "MOST_ROWS", 3)
    product = ProductFactory()
    for number in range(3):
        CoveredPartFactory(product=product, number=f"INV-{number}", serial="N/A")
    assert found(match_purchase(["INV-1"], ["N/A"])) == ("INV-1", None, [], [], ["serial_ambiguous"])
    assert find_by_serial("n/a") == queries.SerialMatch([], [])


def test_matching_takes_four_queries_however_much_is_written(printer: Invoice, extruder: CoveredPart):
    serials = ["MOT-A1", "MOT-A2", "SN-KIT-1", "SN-AB10-7", *(f"S{number}" for number in range(200))]
    with CaptureQueriesContext(connection) as asked:
        match = match_purchase([f"INV-2025-{number:05}" for number in range(300)], serials)
        names = [(part.label, part.unit.line.invoice.number) for part in match.proposed]
    assert len(asked) <= 4, [query["sql"] for query in asked]
    assert names == []
    with CaptureQueriesContext(connection) as asked:
        match = match_purchase([printer.number], serials[:3])
        assert {part.unit.line.invoice for part in match.proposed} == {printer}
        assert [part.label for part in match.proposed] == ["Z axis: Stepper motor"] * 2
    assert len(asked) <= 4, [query["sql"] for query in asked]


@pytest.mark.parametrize("table", ["coveredpart", "serialchange", "soldunit", "invoice"])
def test_matching_uses_an_index_of_every_table(table: str):
    with CaptureQueriesContext(connection) as asked:
        match_purchase(["INV-1"], ["SN-1"])
    [statement] = [query["sql"] for query in asked if f'FROM "products_{table}"' in query["sql"]]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # Tables of a test are too small for any index to pay: only whether one could be used is asked.
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute("SET LOCAL enable_sort = on")
        cursor.execute(("EXPLAIN " if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN ") + statement)
        plan = "\n".join(" ".join(map(str, row)) for row in cursor.fetchall())
    assert {"coveredpart": "part_find_by_serial", "serialchange": "serial_find_in_chain"}.get(table, "_fold") in plan, (
        plan
    )


def test_product_that_became_a_kit_is_still_found_by_its_serial(extruder: CoveredPart):
    Product.objects.filter(pk=extruder.product_id).update(kind="kit")
    match = match_purchase([], ["SN-AB10-7"])
    assert (match.unit, match.invoice) == (extruder.unit, extruder.unit.line.invoice)
    assert parts_of(match.invoice) == [extruder]
