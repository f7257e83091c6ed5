"""`manage.py import_invoices`: what goes in, what does not and why, and the same file again."""

import csv
import io
import json
import random
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from bench.orders import KITS, SPARES, write_export
from products.errors import Refused
from products.importing import taking
from products.importing.runs import undo_run
from products.models import CoveredPart, Customer, ImportRun, Invoice, KitPart, Product, SaleCorrection, SoldUnit
from products.tests.factories import KitFactory, ProductFactory
from products.tests.manager import manager

pytestmark = pytest.mark.django_db


def take(path: Path, *arguments: str) -> tuple[dict, str]:
    """What the command said on standard output, and why it failed where it did."""
    out, failed = io.StringIO(), ""
    try:
        call_command("import_invoices", str(path), *arguments, stdout=out, stderr=io.StringIO())
    except CommandError as error:
        failed = f"{error.returncode}: {error}"
    said = out.getvalue().strip()
    return json.loads(said) if said else {}, failed


def counts(said: dict) -> tuple[int, int, int, int]:
    return said["new"], said["changed"], said["unchanged"], said["rejected"]


def sales(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "sales.csv"
    path.write_text(text, encoding="utf-8")
    return path


def everything() -> list:
    models = (Invoice, SoldUnit, CoveredPart, Customer, SaleCorrection)
    return [list(model.objects.order_by("pk").values()) for model in models]


@pytest.fixture
def shelf() -> None:
    """A kit of two parts and three spare parts, by their article numbers."""
    motor = ProductFactory(sku="MOTOR", motor=True)
    KitFactory(sku="KIT", bill=[(motor, 2, "singly", "X axis")])
    ProductFactory(sku="BOARD")


@pytest.mark.usefixtures("shelf")
def test_plain_file_with_several_lines_and_serials(tmp_path: Path):
    path = sales(
        tmp_path,
        "number;issued_on;email;sku;quantity;unit_price;serial;part_serials\n"
        "R-1;03.03.2025;Ann@Example.com;KIT;1;799,00;K-1;MOTOR=M-1|M-2\n"
        "R-1;;;BOARD;2;19,90;B-1|B-2;\n"
        "R-2;2025-03-04;bob@example.com;BOARD;1;;;\n",
    )
    said, failed = take(path)
    assert (counts(said), failed) == ((2, 0, 0, 0), "")
    invoice = Invoice.objects.get(number="R-1")
    assert (invoice.customer.email, str(invoice.issued_on)) == ("ann@example.com", "2025-03-03")
    serials = CoveredPart.objects.filter(unit__line__invoice=invoice).order_by("pk").values_list("serial", flat=True)
    assert list(serials) == ["M-1", "M-2", "B-1", "B-2"]
    before = everything()
    assert counts(take(path)[0]) == (0, 0, 2, 0)
    assert everything() == before


@pytest.mark.usefixtures("shelf")
def test_rejected_rows_say_where_and_why_and_can_be_given_again(tmp_path: Path):
    path = sales(
        tmp_path,
        "number,issued_on,sku,quantity\n"
        "R-1,2025-03-03,BOARD,1\n"
        "R-2,03/04/2025,BOARD,1\n"
        "R-3,2025-03-03,UNKNOWN,1\n"
        "R-4,2025-03-03,BOARD,1\n"
        "R-4,2025-03-09,BOARD,1\n"
        "R-5,2025-03-03,BOARD,many\n"
        ",,,\n"
        "R-1,2025-03-03,KIT,1\n",
    )
    said, failed = take(path)
    assert counts(said) == (1, 0, 0, 5)
    assert failed.startswith("1: 5 of 6 rejected")
    rejected = path.with_name("sales.csv.rejected.csv")
    assert rejected.stat().st_mode & 0o077 == 0
    rows = list(csv.DictReader(rejected.read_text(encoding="utf-8-sig").splitlines()))
    assert [(row["number"], row["reason"].partition(":")[0]) for row in rows] == [
        ("R-2", "row 3"), ("R-4", "row 6"), ("R-4", "row 6"), ("R-5", "row 7"), ("R-1", "row 9"), ("R-3", "row 4"),
    ]  # fmt: skip
    assert "may be two different days" in rows[0]["reason"]
    assert "contradicts" in rows[1]["reason"]
    assert "stands in row 2 too" in rows[-2]["reason"]
    corrected = [row for row in rows if row["number"] == "R-2"]
    corrected[0]["issued_on"] = "2025-04-03"
    again = tmp_path / "again.csv"
    with again.open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(corrected)
    assert counts(take(again)[0]) == (1, 0, 0, 0)


@pytest.mark.usefixtures("shelf")
def test_rejected_rows_are_told_in_the_columns_and_rows_of_their_file(tmp_path: Path):
    path = sales(
        tmp_path,
        "Rechnung;Datum;Artikelnummer;Menge;Preis;E-Mail;Seriennummer\n"
        "R-1;2025-03-03;BOARD;1;10;;\n"
        "R-1;2025-03-03;UNKNOWN;1;10;;\n"
        "R-2;2025-03-03;BOARD;many;10;;\n"
        "R-3;2025-03-03;BOARD;1;10;nobody;\n"
        "R-4;2025-03-03;BOARD;1;10;;...\n"
        "R-5;2025-03-03;BOARD;0;10;;\n"
        "R-6;2025-03-03;;1;10;;\n",
    )
    take(path)
    rows = csv.DictReader(path.with_name("sales.csv.rejected.csv").read_text(encoding="utf-8-sig").splitlines())
    told = {":".join(row["reason"].split(":")[:2]) for row in rows}
    assert told == {
        "row 3: Artikelnummer", "row 4: Menge", "row 5: E-Mail", "row 6: Seriennummer", "row 7: Menge",
        "row 8: Artikelnummer",
    }  # fmt: skip


@pytest.mark.usefixtures("shelf")
@pytest.mark.parametrize("how", [(), ("--dry-run",)], ids=["real", "dry"])
def test_invoice_that_comes_again_far_below_with_other_words_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: tuple[str, ...]
):
    monkeypatch.setattr(taking, "AT_ONCE", 2)
    header = "number,issued_on,sku\n"
    take(sales(tmp_path, f"{header}R-1,2025-03-01,BOARD\n"))
    rows = [f"R-{number},2025-03-0{number},BOARD\n" for number in range(2, 6)]
    path = sales(tmp_path, f"{header}R-1,2025-03-03,BOARD\n{''.join(rows)}R-1,2025-03-09,BOARD\n")
    assert counts(take(path, *how)[0]) == (4, 1, 0, 1)
    reason = path.with_name("sales.csv.rejected.csv").read_text(encoding="utf-8-sig").splitlines()[1]
    assert "row 7: number: invoice R-1 stands in row 2 too" in reason
    assert str(Invoice.objects.get(number="R-1").issued_on) == ("2025-03-01" if how else "2025-03-03")


@pytest.mark.usefixtures("shelf")
def test_dry_run_counts_and_leaves_everything_as_it_is(tmp_path: Path):
    path = sales(tmp_path, "number,issued_on,sku\nR-1,2025-03-03,KIT\nR-2,2025-03-03,NONE\n")
    said, failed = take(path, "--dry-run")
    assert counts(said) == (1, 0, 0, 1)
    assert failed.startswith("1:")
    assert not Invoice.objects.exists()
    assert not ImportRun.objects.exists()


@pytest.mark.usefixtures("shelf")
def test_column_may_be_named_and_a_missing_one_is(tmp_path: Path):
    path = sales(tmp_path, "Beleg,Vom,Ware\nR-1,2025-03-03,KIT\n")
    said, failed = take(path)
    assert (said, failed.partition(":")[0]) == ({}, "2")
    assert "number, issued_on, sku" in failed
    named = ("--column", "number=Beleg", "--column", "issued_on=Vom", "--column", "sku=Ware")
    assert counts(take(path, *named)[0]) == (1, 0, 0, 0)


@pytest.mark.usefixtures("shelf")
def test_file_of_serial_numbers_alone(tmp_path: Path):
    take(sales(tmp_path, "number,issued_on,sku,quantity\nR-1,2025-03-03,BOARD,2\nR-2,2025-03-03,KIT,1\n"))
    path = sales(
        tmp_path,
        "number,sku,serial,part_serials\nR-1,BOARD,B-1,\nR-1,BOARD,B-2,\nR-2,KIT,K-1,MOTOR=M-1\nR-2,KIT,K-9,\nR-9,KIT,K-2,\n",
    )
    said, _failed = take(path)
    assert (said["format"], counts(said)) == ("serials", (0, 3, 0, 2))
    assert set(SoldUnit.objects.values_list("serial", flat=True)) == {"B-1", "B-2", "K-1"}
    assert counts(take(path)[0]) == (0, 0, 3, 2)


def test_shopify_export_twice_gives_the_same_result(tmp_path: Path):
    for number in range(SPARES):
        ProductFactory(sku=f"SPARE-{number}")
    piece = ProductFactory()
    for number in range(KITS):
        KitFactory(sku=f"KIT-{number}", bill=[(piece, 3, "singly", "")])
    path = tmp_path / "orders_export.csv"
    write_export(path, 300, random.Random(7))
    said, failed = take(path)
    assert (said["format"], failed, said["rejected"]) == ("shopify", "", 0)
    assert said["new"] + said["skipped"] == 300
    assert said["skipped"] > 0
    assert SoldUnit.objects.filter(refunded_on__isnull=False).exists()
    before = everything()
    again, _failed = take(path)
    assert (again["new"], again["changed"], again["unchanged"]) == (0, 0, said["new"])
    assert everything() == before


@pytest.mark.usefixtures("shelf")
def test_changed_order_is_changed_with_before_and_after(tmp_path: Path):
    header = "number,issued_on,sku,quantity,refunded,refunded_on\n"
    take(sales(tmp_path, f"{header}R-1,2025-03-03,BOARD,2,,\nR-1,,KIT,1,,\n"))
    changed = sales(tmp_path, f"{header}R-1,2025-03-05,BOARD,2,1,2025-03-20\nR-1,,KIT,2,,\n")
    assert counts(take(changed)[0]) == (0, 1, 0, 0)
    what = SaleCorrection.objects.order_by("pk").values_list("what", flat=True)
    assert list(what) == ["invoice_date", "lines", "refund"]
    assert CoveredPart.objects.filter(unit__line__product__sku="KIT").count() == 4
    assert {str(day) for day in CoveredPart.objects.values_list("starts_on", flat=True)} == {"2025-03-05"}
    [refunded] = SoldUnit.objects.filter(refunded_on__isnull=False)
    assert (refunded.line.product.sku, str(refunded.refunded_on)) == ("BOARD", "2025-03-20")
    assert counts(take(changed)[0]) == (0, 0, 1, 0)


@pytest.mark.usefixtures("shelf")
def test_import_can_be_undone_until_something_depends_on_it(tmp_path: Path, now):
    path = sales(tmp_path, "number,issued_on,sku\nR-1,2025-03-03,KIT\nR-2,2025-03-03,BOARD\n")
    run = take(path)[0]["import"]
    boss = manager()
    assert undo_run(run, actor=boss, now=now) == 2
    assert not Invoice.objects.exists()
    with pytest.raises(Refused, match="undone already"):
        undo_run(run, actor=boss, now=now)
    second = take(path)[0]["import"]
    take(sales(tmp_path, "number,issued_on,sku\nR-1,2025-03-04,KIT\n"))
    with pytest.raises(Refused, match="R-1"):
        undo_run(second, actor=boss, now=now)
    assert Invoice.objects.count() == 2


def test_kit_is_what_was_in_the_box_on_the_day_of_the_invoice(tmp_path: Path):
    old, new = ProductFactory(sku="OLD"), ProductFactory(sku="NEW")
    kit = KitFactory(sku="KIT", bill=[(old, 1, "singly", ""), (new, 1, "singly", "")])
    KitPart.objects.filter(kit=kit, part=old).update(until_on="2025-03-31")
    KitPart.objects.filter(kit=kit, part=new).update(from_on="2025-04-01")
    take(sales(tmp_path, "number,issued_on,sku\nR-1,2025-03-31,KIT\nR-2,2025-04-01,KIT\n"))
    sold = CoveredPart.objects.order_by("pk").values_list("unit__line__invoice__number", "product__sku")
    assert list(sold) == [("R-1", "OLD"), ("R-2", "NEW")]
    assert Product.objects.count() == 3
