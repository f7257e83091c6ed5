"""The clock on the admin's page of a part, as somebody sees it: on a phone, in the dark, and on paper."""

import datetime as dt
from typing import Any

import pytest
from django.urls import reverse

from products.models import CoveredPart
from products.services import WindowData, replace_part, set_pauses
from products.tests.factories import CoveredPartFactory
from products.tests.manager import manager
from warrantydesk.tests.browser import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NOW = dt.datetime(2025, 12, 1, 9, 30, tzinfo=dt.UTC)


@pytest.fixture
def page(visitor: Visitor) -> Any:
    """The page of a part that was away once and replaced once, opened by a manager."""
    part: CoveredPart = CoveredPartFactory(serial="MX-1", number="INV-1")
    proof = {"left": 1, "back": 1, "left_by": "DHL 00340434161094042557", "back_by": "DHL 00340434161094042557"}
    window = WindowData(dt.date(2025, 6, 11), dt.date(2025, 6, 29), "verified", proof=proof)
    set_pauses({part.pk: [window]}, source="tracking", cause="repair", now=NOW)
    replace_part(part.pk, new_serial="MX-2", case_reference="WD-7F3K-2", actor=None, now=NOW)
    visitor.log_in(manager())
    visitor.expected.append("404")  # the administration has no icon of its own for the browser's tab
    visitor.open(reverse("admin:products_coveredpart_change", args=[part.pk]))
    return visitor.page


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_clock_fits_a_window_of_320_pixels(page: Any, visitor: Visitor, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)
    visitor.resize(320)
    page.reload(wait_until="networkidle")  # the administration looks which scheme it is when it is opened
    visitor.wait_until(f"() => getComputedStyle(document.documentElement).colorScheme === '{scheme}'")
    clock = page.locator(".clock-in-admin")
    visitor.photograph_only(clock, f"admin-clock-320-{scheme}")
    visitor.expect_no_overflow("clock", 320)
    assert [svg.is_visible() for svg in page.locator(".clock-svg").all()] == [False, False, True]
    narrow = page.locator(".clock-narrow").bounding_box()
    assert narrow["width"] <= 320
    # Words on the drawing are drawn, not scaled away: at least eleven pixels high.
    assert 13.5 * narrow["width"] / 320 >= 11


def test_steps_are_on_paper_whether_they_were_open_or_not(page: Any) -> None:
    page.evaluate("document.querySelector('.clock-steps').removeAttribute('open')")
    assert not page.locator(".clock-steps table").is_visible()
    page.emulate_media(media="print")
    page.locator(".clock-steps table").wait_for()
    assert "DHL 00340434161094042557" in page.locator(".clock-steps table").inner_text()
