"""A fresh five-part case, decided by keyboard alone: three parts covered, one voided, one worn."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.utils import timezone

from cases.models import Case
from cases.tests.factories import CaseFactory
from products.tests.factories import InvoiceFactory, KitFactory, ProductFactory, parts_of
from warrantydesk.tests.browser import Visitor

pytestmark = pytest.mark.browser


@pytest.fixture
def five_parts(db: None) -> Case:
    motors = [(ProductFactory(motor=True, name=f"Stepper motor {axis}"), 1, "singly", f"{axis} axis") for axis in "XYZ"]
    rest = [(ProductFactory(name="Belt"), 1, "lot", "X axis")]
    worn = [(ProductFactory(name="Ball bearing 608", category="consumable"), 4, "lot", "")]
    kit = KitFactory(name="Positron kit", bill=[*motors, *rest, *worn])
    bought = timezone.localdate() - dt.timedelta(days=100)
    parts = parts_of(InvoiceFactory(issued_on=bought, products=[kit], serials=["PK3-00417"]))
    return CaseFactory(parts=parts[:5], received_at=timezone.now() - dt.timedelta(hours=3))


def test_five_parts_are_decided_when_only_keys_are_pressed(
    visitor: Visitor, person: Callable, five_parts: Case
) -> None:
    page, keys = visitor.page, visitor.page.keyboard
    visitor.log_in(person("reviewer", name="Rita Reviewer"))
    visitor.open("/desk/?view=review")
    keys.press("j")
    keys.press("Enter")
    page.wait_for_url("**/desk/cases/**")
    claims = list(five_parts.claimed_parts.order_by("pk"))
    visitor.photograph("desk-case-fresh", widths=(1024, 1440))
    for claim in claims[:3]:
        keys.press("j")
        keys.press("o")
        page.wait_for_selector(f"#part-{claim.pk} .finding-said")
        settled(visitor, claim.pk)
        keys.press("c")
        keys.press("r")
        page.wait_for_selector(f"#part-{claim.pk} .verdict-said")
        settled(visitor, claim.pk)
    keys.press("j")
    keys.press("v")
    keys.type("Improper assembly")
    keys.press("Control+Enter")
    page.wait_for_selector(f"#part-{claims[3].pk} .verdict-said")
    settled(visitor, claims[3].pk)
    keys.press("j")
    keys.press("o")
    page.wait_for_selector(f"#part-{claims[4].pk} .finding-said")
    settled(visitor, claims[4].pk)
    keys.press("v")
    keys.type("Wear")
    keys.press("Control+Enter")
    page.wait_for_selector(f"#part-{claims[4].pk} .verdict-said")
    settled(visitor, claims[4].pk)
    visitor.photograph("desk-case-decided", widths=(1024, 1440))
    keys.press("d")
    page.wait_for_selector("[data-key-undo]")
    verdicts = [
        (claim.verdict, claim.reason and claim.reason.code) for claim in five_parts.claimed_parts.order_by("pk")
    ]
    assert verdicts == [("covered", None)] * 3 + [("denied", "improper_assembly"), ("denied", "wear")]
    assert Case.objects.get(pk=five_parts.pk).state == "approved"
    keys.press("u")
    page.wait_for_selector("[data-key-undo]", state="detached")
    assert Case.objects.get(pk=five_parts.pk).state == "evidence_review"


def settled(visitor: Visitor, claim_id: int) -> None:
    """The page is in place again, and the eye on the part where it was."""
    visitor.wait_until(f"() => document.activeElement.closest('article')?.id === 'part-{claim_id}'")
