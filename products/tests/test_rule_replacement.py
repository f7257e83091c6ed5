"""Policy 1.7 from outside: whatever serial of a chain somebody names, it is the one part with the one clock."""

import ast
import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from products.models import CoveredPart, SerialChange
from products.queries import find_by_serial, match_purchase
from products.services import WindowData, recompute, replace_part, set_pauses
from products.tests.factories import CoveredPartFactory

pytestmark = pytest.mark.django_db

CHAIN = 30
STOREYS = ("products", "cases", "shipments", "warrantydesk")
# Who may say when a clock starts: a sale, an invoice that is completed, and a correction with its reason.
WRITERS = {
    "products/services/planning.py",
    "products/services/writing.py",
    "products/services/agreement.py",
    "products/services/bills.py",
    "products/services/correcting.py",
}


@pytest.fixture
def part(now) -> CoveredPart:
    """Replaced thirty times, with a repair of 19 days before the first."""
    part = CoveredPartFactory(serial="SN-0", number="INV-1")
    window = WindowData(dt.date(2025, 6, 11), dt.date(2025, 6, 29), "verified")
    set_pauses({part.pk: [window]}, source="tracking", cause="repair", now=now)
    for number in range(1, CHAIN + 1):
        later = now + number * dt.timedelta(days=1)
        replace_part(part.pk, new_serial=f"SN-{number}", case_reference="", actor=None, now=later)
    return CoveredPart.objects.get(pk=part.pk)


@pytest.mark.parametrize("number", [0, 1, CHAIN // 2, CHAIN])
def test_rule_1_7_any_serial_of_the_chain_lands_on_the_same_part(part: CoveredPart, number: int):
    assert find_by_serial(f"sn {number}").parts == [part]
    for invoices in ([], ["INV-1"]):
        match = match_purchase(invoices, [f"SN-{number}"])
        assert (match.parts, match.problems) == ([part], [])


def test_rule_1_7_clock_after_thirty_replacements_is_that_of_the_first_piece(part: CoveredPart, now):
    assert (part.starts_on, part.covered_through) == (dt.date(2025, 3, 3), dt.date(2026, 3, 22))
    assert recompute([part.pk], cause="check", now=now) == []
    assert part.clock_changes.count() == 1  # the repair; a replacement leaves none


def test_rule_1_7_no_field_exists_in_which_a_replacement_could_carry_a_start():
    fields = {field.name for field in SerialChange._meta.get_fields()}
    assert fields == {
        "id", "part", "old_serial", "old_serial_fold", "new_serial", "changed_at", "changed_by", "case_reference",
    }  # fmt: skip


def test_rule_1_7_nothing_but_a_sale_and_its_correction_writes_a_start():
    found = {str(path.relative_to(settings.BASE_DIR)) for path in sources() if any(writes_a_start(path))}
    assert found == WRITERS


def sources() -> Iterator[Path]:
    for storey in STOREYS:
        for path in Path(settings.BASE_DIR, storey).rglob("*.py"):
            if not {"tests", "migrations"} & set(path.parts):
                yield path


def writes_a_start(path: Path) -> Iterator[int]:
    """The lines that assign `.starts_on` to a row, or hand it to a row that is made or updated."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Assign):
            names = [name for target in node.targets for name in ast.walk(target)]
            yield from (name.lineno for name in names if isinstance(name, ast.Attribute) and name.attr == "starts_on")
        if isinstance(node, ast.Call) and any(keyword.arg == "starts_on" for keyword in node.keywords):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called in ("CoveredPart", "create", "update", "get_or_create", "update_or_create"):
                yield node.lineno
