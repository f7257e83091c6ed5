"""`manage.py import_catalogue`: products and boxes, their revisions, and what would change."""

import datetime as dt
import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from products.models import CoveredPart, KitPart, Product
from products.tests.factories import InvoiceFactory

pytestmark = pytest.mark.django_db
HEADER = "kit,sku,name,kind,category,place,quantity,tracked,from_on\n"
FIRST = (
    HEADER
    + "KIT,MOTOR,,,,X axis,1,singly,\n"  # named before its products: the file may stand in any order
    + "KIT,SCREW,,,,,80,lot,\n"
    + ",KIT,Printer kit,kit,,,,,\n,MOTOR,Stepper motor,single,motor,,,,\n,SCREW,Screws,single,consumable,,,,\n"
)
SECOND = HEADER + "KIT,MOTOR,,,,X axis,1,singly,2025-06-01\nKIT,SCREW,,,,,90,lot,2025-06-01\n"


def take(tmp_path: Path, text: str, *arguments: str) -> tuple[dict, str, str]:
    path = tmp_path / "catalogue.csv"
    path.write_text(text, encoding="utf-8")
    out, told, failed = io.StringIO(), io.StringIO(), ""
    try:
        call_command("import_catalogue", str(path), *arguments, stdout=out, stderr=told)
    except CommandError as error:
        failed = f"{error.returncode}: {error}"
    return json.loads(out.getvalue() or "{}"), told.getvalue(), failed


def box() -> list[tuple]:
    rows = KitPart.objects.order_by("pk").values_list("part__sku", "quantity", "from_on", "until_on")
    return [(sku, count, str(first or ""), str(last or "")) for sku, count, first, last in rows]


def test_catalogue_twice_is_the_same_catalogue(tmp_path: Path):
    said, _told, failed = take(tmp_path, FIRST)
    assert (said["new"], said["changed"], failed) == (3, 1, "")
    assert box() == [("MOTOR", 1, "", ""), ("SCREW", 80, "", "")]
    again, told, _failed = take(tmp_path, FIRST)
    assert (again["new"], again["changed"], again["unchanged"], told) == (0, 0, 4, "")


def test_trial_tells_every_difference_and_changes_nothing(tmp_path: Path):
    _said, told, _failed = take(tmp_path, FIRST, "--dry-run")
    assert "MOTOR: new, “Stepper motor”" in told
    assert "KIT: + 80 × SCREW" in told
    assert not Product.objects.exists()


def test_revision_holds_from_its_day_and_what_was_sold_keeps_its_box(tmp_path: Path):
    take(tmp_path, FIRST)
    kit = Product.objects.get(sku="KIT")
    InvoiceFactory(number="BEFORE", products=[kit], issued_on=dt.date(2025, 5, 31))
    _said, told, _failed = take(tmp_path, SECOND)
    assert told.strip() == "KIT: SCREW  80 lot → 90 lot"
    assert box() == [("MOTOR", 1, "", ""), ("SCREW", 80, "", "2025-05-31"), ("SCREW", 90, "2025-06-01", "")]
    take(tmp_path, SECOND)
    assert len(box()) == 3
    early = take(tmp_path, SECOND.replace("2025-06-01", "2025-05-01"))
    assert "a later revision begins on 2025-06-01" in (tmp_path / "catalogue.csv.rejected.csv").read_text("utf-8-sig")
    assert early[2].startswith("1:")
    screws = CoveredPart.objects.filter(product__sku="SCREW").values_list("quantity", flat=True)
    assert list(screws) == [80]


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        (",KIT,,single,,,,,\n", "Another kind is another product"),
        (",NEW,,,,,,,\n", "needs a name"),
        (",NEW,New,single,glass,,,,\n", "category"),
        ("NONE,MOTOR,,,,,1,,\n", "is no kit"),
        ("KIT,NONE,,,,,1,,\n", "no product has the article number"),
        ("KIT,KIT,,,,,1,,\n", "cannot contain itself"),
        ("KIT,MOTOR,,,,,0,,\n", "at least one piece"),
        ("KIT,MOTOR,,,,,1,maybe,\n", "tracked"),
        ("KIT,MOTOR,,,,A,1,,\nKIT,MOTOR,,,,A,2,,\n", "stands twice"),
        ("KIT,MOTOR,,,,,1,,soon\n", "not a date"),
    ],
)
def test_what_the_catalogue_cannot_hold_is_rejected_with_its_reason(tmp_path: Path, rows: str, reason: str):
    take(tmp_path, FIRST)
    before = box()
    _said, _told, failed = take(tmp_path, HEADER + rows)
    assert failed.startswith("1:")
    assert reason in (tmp_path / "catalogue.csv.rejected.csv").read_text("utf-8-sig")
    assert box() == before
