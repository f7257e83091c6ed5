"""Held mail in a real browser: ticking, putting away, taking back; every width, light and dark."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from cases.tests.factories import StaffFactory
from warrantydesk.intake.models import IncomingMail
from warrantydesk.intake.services import receive
from warrantydesk.intake.tests.mails import mail, picture
from warrantydesk.tests.browser import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LIST = reverse("intake:mail")
LONG = "Fwd: Fwd: " + "the enclosure fan of the second printer in the makerspace rattles since the update " * 3


@pytest.fixture
def support(visitor: Visitor) -> Visitor:
    visitor.log_in(StaffFactory(role="support"))
    return visitor


@pytest.fixture
def _held_mails() -> None:
    now = timezone.now()
    day = dt.timedelta(days=1)
    for number, (raw, age) in enumerate(
        [
            (mail("Any news?", subject="My printer", sender="Ingrid Sørensen <ingrid@example.no>"), 3 * day),
            (mail("Please look", subject=LONG, files={"fan.jpg": picture()}), 2 * day),
            (mail("مرحبا", subject="الطابعة لا تعمل", sender="noor@example.org"), day / 3),
            (mail(sender="Ada Kunde"), day / 4),
            (b"no mail at all, just words", day / 5),
            (mail(Auto_Submitted="auto-replied"), day / 6),
        ]
    ):
        own = raw.replace(b"<p1@example.com>", f"<{number}@example.com>".encode())
        receive(own, source="test", now=now - age)


@pytest.mark.usefixtures("_held_mails")
def test_list_and_mail_are_readable_at_every_width(support: Visitor):
    support.open(LIST)
    support.photograph("held-mail")
    support.expect_accessible()
    with support.page.expect_navigation():
        support.page.get_by_role("link", name="Automatic mail").click()
    assert support.page.locator("tr[data-row]").count() == 1
    with_file = IncomingMail.objects.get(subject__startswith="Fwd")
    support.open(reverse("intake:held_mail", args=[with_file.pk]))
    support.page.get_by_text("The head of the mail").click()
    support.photograph("held-mail-one")
    support.expect_accessible()


@pytest.mark.usefixtures("_held_mails")
def test_ticked_mails_are_put_away_and_one_is_taken_back(support: Visitor):
    support.open(LIST)
    boxes = support.page.locator("tr[data-row] input[type=checkbox]")
    boxes.nth(0).check()
    boxes.nth(1).check()
    support.page.get_by_label("Why these are not requests").fill("Advertisements.")
    support.page.get_by_role("button", name="Put them away").click()
    support.page.get_by_text("2 mails were put away").wait_for()
    with support.page.expect_navigation():
        support.page.get_by_role("link", name="Dealt with").click()
    support.page.locator("tr[data-row] a.queue-title").first.click()
    support.page.get_by_role("button", name="Take it back").click()
    support.page.get_by_text("The mail waits for a person again.").wait_for()
    assert IncomingMail.objects.filter(outcome="held", settled_at=None).count() == 3
    support.expect_no_problems()
