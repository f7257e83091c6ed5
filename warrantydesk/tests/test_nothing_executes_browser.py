"""The same world as in test_nothing_executes.py, opened by a real browser."""

from typing import Any

import pytest
from django.utils import timezone

from cases.links import mint
from warrantydesk.intake.models import IncomingMail
from warrantydesk.tests.planting import MARK, Planted, read_lists

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_nothing_ran_in_a_real_browser(visitor: Any, shared_data: Any):
    """A few pages with everything planted, opened by Chromium: its policy was not even asked to stop anything."""
    world = Planted(read_lists(shared_data / "files"), ["a.jpg"])
    visitor.log_in(world.boss.user)
    visitor.page.context.expose_function(MARK, lambda: visitor.problems.append("it ran"))
    visitor.page.on("dialog", lambda dialog: (visitor.problems.append(f"it ran: {dialog.message}"), dialog.dismiss()))
    visitor.expected += ["404"]  # the planted files are in no storage
    for path in (
        "/desk/?view=all", f"/desk/cases/{world.case.reference}/", f"/desk/mail/{IncomingMail.objects.get().pk}/",
        f"/admin/cases/case/{world.case.pk}/change/", f"/admin/products/customer/{world.case.customer_id}/change/",
    ):  # fmt: skip
        assert visitor.open(path).status == 200
        assert MARK in visitor.page.content()
    visitor.page.context.clear_cookies()
    token = mint(world.case, "portal", world.case.customer.email, None, timezone.now())
    visitor.open(f"/status/{token}/")
    visitor.page.locator("main form button").first.click()
    visitor.page.wait_for_url("**/status/")
    assert MARK in visitor.page.content()
