"""A fresh five-part case, decided by keyboard alone: three parts covered, one voided, one worn."""

import datetime as dt
import io
from collections.abc import Callable

import pytest
from django.utils import timezone
from PIL import Image, ImageDraw

from cases.evidence.processing import process_waiting
from cases.evidence.storage import MB, StoredFile, store_file
from cases.models import Case
from cases.tests.factories import CaseFactory, StaffFactory
from products.services import WindowData, set_pauses
from products.tests.factories import CustomerFactory, InvoiceFactory, KitFactory, ProductFactory, parts_of
from warrantydesk.tests.browser import Visitor

pytestmark = pytest.mark.browser


@pytest.fixture
def five_parts(db: None) -> Case:
    motors = [(ProductFactory(motor=True, name=f"Stepper motor {axis}"), 1, "singly", f"{axis} axis") for axis in "XYZ"]
    rest = [(ProductFactory(name="Belt"), 1, "lot", "X axis")]
    worn = [(ProductFactory(name="Ball bearing 608", category="consumable"), 4, "lot", "")]
    kit = KitFactory(name="Positron kit", bill=[*motors, *rest, *worn])
    now, ingrid = timezone.now(), CustomerFactory(name="Ingrid Sørensen", email="ingrid@mail.example", country="NO")
    sold = InvoiceFactory(
        issued_on=now.date() - dt.timedelta(days=200), products=[kit], serials=["PK3-00417"], customer=ingrid
    )
    parts = parts_of(sold)
    left_on, back_on = (now.date() - dt.timedelta(days=days) for days in (120, 102))
    before = WindowData(left_on, back_on, "confirmed", reason="The slip", confirmed_by=StaffFactory(role="reviewer"))
    set_pauses({parts[0].pk: [before]}, source="staff", cause="An earlier repair.", now=now)
    case = CaseFactory(
        customer=ingrid, parts=parts[:5], received_at=now - dt.timedelta(hours=3), files=photos(),
        subject="X axis stops", description="It moves, then the X motor stops. The same sound as last spring.",
    )  # fmt: skip
    process_waiting(now)
    return case


def photos() -> list[StoredFile]:
    """A motor from three sides, as far as a few lines draw one. The README shows this case."""
    return [store_file(f"IMG_{4711 + n}.jpg", "image/jpeg", _motor(n), limit_bytes=MB) for n in range(3)]


def _motor(turned: int) -> bytes:
    image = Image.new("RGB", (960, 720), (214, 208, 198))
    draw = ImageDraw.Draw(image)
    left = 230 + 60 * turned
    draw.rounded_rectangle((left, 130, left + 460, 590), 30, fill=(52, 56, 62), outline=(30, 32, 36), width=10)
    for x, y in ((left + 50, 180), (left + 410, 180), (left + 50, 540), (left + 410, 540)):
        draw.ellipse((x - 18, y - 18, x + 18, y + 18), fill=(150, 153, 158))
    draw.ellipse((left + 120, 250, left + 340, 470), fill=(196, 198, 202), outline=(120, 122, 126), width=8)
    draw.ellipse((left + 205, 335, left + 255, 385), fill=(90, 92, 96))
    written = io.BytesIO()
    image.save(written, "JPEG")
    return written.getvalue()


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
