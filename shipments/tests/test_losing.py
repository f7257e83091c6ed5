"""A parcel to the workshop that was lost: a person ends the pause, with a day and proof (policy 2.6)."""

import datetime as dt

import pytest

from cases.errors import NotAllowed
from cases.tests.factories import CaseFactory
from products.errors import Refused
from products.models import PauseWindow
from products.tests.factories import InvoiceFactory, parts_of
from shipments.rebuilding import differences
from shipments.services.losing import close_lost, open_windows_of
from shipments.tests.factories import NOW, OUT, ShipmentFactory, scan

pytestmark = pytest.mark.django_db
LOST = (OUT[0], scan("lost", "2025-11-20T10:00"))
ENDED = dt.date(2025, 11, 28)
SAID = {"back_on": ENDED, "reason": "The carrier paid.", "proof": {"words": "Letter of 28 November"}}


def days_of(part) -> list[tuple]:
    return [(str(one.left_on), str(one.back_on), one.source) for one in part.pauses.order_by("pk")]


def test_every_part_of_a_lost_parcel_counts_again_from_the_day_said(reviewer):
    parts = parts_of(InvoiceFactory())[:3]
    case = CaseFactory(parts=parts, state="approved")
    parcel = ShipmentFactory(case=case, events=LOST)
    assert open_windows_of(parcel.pk) == {dt.date(2025, 11, 12): [part.pk for part in parts]}
    close_lost(parcel.pk, **SAID, actor=reviewer, now=NOW)
    for part in parts:
        assert days_of(part) == [("2025-11-12", "2025-11-28", "staff")]
        part.refresh_from_db()
        assert (part.extended_days, part.paused_since) == (17, None)
    window = PauseWindow.objects.filter(part=parts[0]).get()
    assert (window.certainty, window.reason, window.proof["words"]) == (
        "confirmed", "The carrier paid.", "Letter of 28 November",
    )  # fmt: skip
    assert list(differences(NOW)) == []
    with pytest.raises(Refused, match="No clock stands still"):
        close_lost(parcel.pk, **SAID, actor=reviewer, now=NOW)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"back_on": dt.date(2025, 11, 11)}, "before the parcel left"),
        ({"back_on": dt.date(2026, 3, 1)}, "future"),
        ({"reason": " "}, "say why"),
        ({"proof": {}}, "proves"),
    ],
    ids=["too-early", "future", "no-reason", "no-proof"],
)
def test_lost_parcel_stays_open_when_what_is_said_is_not_enough(reviewer, given, words):
    parcel = ShipmentFactory(events=LOST)
    with pytest.raises(Refused, match=words):
        close_lost(parcel.pk, **{**SAID, **given}, actor=reviewer, now=NOW)
    assert open_windows_of(parcel.pk)


@pytest.mark.parametrize(
    ("direction", "events"), [("to_workshop", OUT[:1]), ("to_customer", LOST)], ids=["not-lost", "to-the-customer"]
)
def test_only_a_lost_parcel_to_the_workshop_is_closed_so(reviewer, direction, events):
    parcel = ShipmentFactory(direction=direction, events=events)
    with pytest.raises(Refused, match="Only a parcel to the workshop"):
        close_lost(parcel.pk, **SAID, actor=reviewer, now=NOW)


def test_support_may_not_close_a_pause(support):
    parcel = ShipmentFactory(events=LOST)
    with pytest.raises(NotAllowed):
        close_lost(parcel.pk, **SAID, actor=support, now=NOW)
