"""The whole story of a repair by its parcels, at the level of the services."""

import datetime as dt

import pytest

from cases.models import Case, OutgoingMail
from cases.tests.factories import CaseFactory
from products.models import PauseWindow
from products.tests.factories import CoveredPartFactory
from shipments.polling import look_at_due
from shipments.services import book
from shipments.tests.factories import NOW, simulated_number

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("simulated")]


def days_ago(days: int) -> dt.datetime:
    return NOW - dt.timedelta(days=days)


def test_case_is_repaired_and_returned_when_two_simulated_parcels_travel(support):
    part = CoveredPartFactory()  # bought 2025-03-03: covered through 2026-03-03
    case = CaseFactory(state="approved", part=part, customer=part.unit.line.invoice.customer)

    book(
        case.pk, direction="to_workshop", carrier="simulated", tracking_number=simulated_number(2),
        booked_at=days_ago(20), actor=support, now=NOW,
    )  # fmt: skip
    assert [look.outcome for look in look_at_due(NOW, 10)] == ["events"]
    part.refresh_from_db()
    assert Case.objects.get(pk=case.pk).state == "in_repair"
    assert (part.covered_through, part.paused_since) == (None, dt.date(2025, 11, 12))

    book(
        case.pk, direction="to_customer", carrier="simulated", tracking_number=simulated_number(2),
        booked_at=days_ago(10), actor=support, now=NOW,
    )  # fmt: skip
    look_at_due(NOW, 10)
    part.refresh_from_db()
    window = PauseWindow.objects.get(part=part)
    assert Case.objects.get(pk=case.pk).state == "returned"
    assert (window.left_on, window.back_on) == (dt.date(2025, 11, 12), dt.date(2025, 11, 24))
    assert window.certainty == "verified"
    # Policy 1.5: both days count, so 13 days after 2026-03-03.
    assert (part.covered_through, part.extended_days) == (dt.date(2026, 3, 16), 13)

    mail = OutgoingMail.objects.get(case=case, kind="returned")
    assert "13 days" in mail.body
