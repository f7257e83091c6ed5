"""The workshop by keyboard and scanner alone, in a real browser: from the code on the slip to the tested part."""

import io
from typing import Any

import pytest
import zxingcpp
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from cases.models import Case
from cases.services import deciding
from cases.tests.factories import CaseFactory, StaffFactory, judge, staff
from products.tests.factories import InvoiceFactory, KitFactory, ProductFactory, parts_of
from shipments import services as parcels
from warrantydesk.tests.browser import Visitor

pytestmark = pytest.mark.browser


@pytest.fixture
def awaited(db: None) -> Case:
    """A case with a part to be repaired and one to be replaced, its parcel booked."""
    reviewer, now = staff("reviewer"), timezone.now()
    motor, board = ProductFactory(name="Stepper motor", motor=True), ProductFactory(name="Mainboard")
    kit = KitFactory(name="Positron kit", bill=[(motor, 1, "singly", "X axis"), (board, 1, "singly", "")])
    case = CaseFactory(parts=parts_of(InvoiceFactory(products=[kit])))
    for claim, resolution in zip(case.claimed_parts.order_by("pk"), ("repair", "replacement"), strict=True):
        judge(claim, reviewer, resolution=resolution)
    deciding.approve(case.pk, actor=reviewer, now=now)
    parcels.book(
        case.pk, direction="to_workshop", carrier="manual", tracking_number="ABC12345", actor=reviewer, now=now
    )
    return Case.objects.get(pk=case.pk)


def scanned(visitor: Visitor, case: Case) -> str:
    """What a scanner reads off the packing slip."""
    visitor.open(f"{reverse('staff:packing_slip', args=[case.reference])}?as=page", until="load")
    picture = Image.open(io.BytesIO(visitor.page.locator("svg").first.screenshot(animations="disabled")))
    (code,) = zxingcpp.read_barcodes(picture)
    return str(code.text)


def test_repair_is_walked_from_the_slip_to_the_test_when_only_keys_are_pressed(visitor: Visitor, awaited: Case) -> None:
    page, keys, spare = visitor.page, visitor.page.keyboard, ProductFactory(name="Coil")
    visitor.log_in(StaffFactory(role="support"))
    code = scanned(visitor, awaited)
    visitor.open(reverse("staff:workshop"), until="load")
    keys.type(code)
    keys.press("Enter")
    page.wait_for_url(f"**{reverse('staff:bench', args=[awaited.reference])}")
    keys.press("d")
    page.get_by_text("The parcel has arrived.").wait_for()
    assert Case.objects.get(pk=awaited.pk).state == "in_repair"

    keys.press("r")
    fill(keys, "Coil open.", "Coil replaced.")
    keys.press("Space")  # the first of the tests: passed
    keys.press("Tab")
    keys.type("1.5 A")
    keys.press("Control+Enter")
    page.locator(".bench-report .bench-passed").wait_for()

    keys.press("b")
    fill(keys, spare.sku, "")
    keys.type("SN-77")
    keys.press("Enter")
    page.get_by_text("SN-77").wait_for()

    keys.press("s")
    keys.type("NEW-9")
    keys.press("Enter")
    page.get_by_text("The replacement has the serial number NEW-9.").wait_for()
    visitor.expect_accessible()
    visitor.photograph("desk-bench")

    keys.press("h")
    keys.type("The frame is cracked as well")
    keys.press("Tab")
    keys.press("Space")
    keys.press("Control+Enter")
    page.get_by_text("It goes home unrepaired: leave it as it is.").wait_for()
    repaired, replaced = awaited.claimed_parts.select_related("part").order_by("pk")
    assert (repaired.repair_reports.get().test, repaired.used_parts.get().serial) == ("passed", "SN-77")
    assert replaced.part.serial == "NEW-9"
    plan = awaited.events.get(name="unrepaired_return_planned")
    assert (plan.why, plan.data["beyond_repair"]) == ("The frame is cracked as well", True)


def fill(keys: Any, *fields: str) -> None:
    """One field after the other, and on to the next; nothing typed leaves what stands there."""
    for words in fields:
        if words:
            keys.type(words)
        keys.press("Tab")
