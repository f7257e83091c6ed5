"""What monitoring sees of parcels."""

import pytest

from products.models import PauseWindow
from shipments import tasks
from shipments.carriers.base import CarrierError, TrackAnswer
from shipments.circuits import note_answers
from shipments.services.hearing import keep_hook
from shipments.tests.factories import NOW, OUT, ShipmentFactory
from warrantydesk.parcel_figures import parcel_figures

pytestmark = pytest.mark.django_db


def figures() -> dict[str, float]:
    samples = [sample for metric in parcel_figures(NOW) for sample in metric.samples]
    return {":".join([one.name.removeprefix("warrantydesk_"), *one.labels.values()]): one.value for one in samples}


def test_figures_say_when_something_is_wrong_with_parcels():
    ShipmentFactory(events=OUT)
    assert "pauses_different" not in figures()
    tasks.prove_pauses()
    assert figures()["pauses_different"] == 0
    PauseWindow.objects.all().delete()
    tasks.prove_pauses()
    assert figures()["pauses_different"] == 1


def test_figures_say_which_carrier_rests_and_what_waits():
    trouble = CarrierError("401", temporary=False, everybody=True)
    note_answers("simulated", [TrackAnswer("X", error=trouble)], call_ms=1, now=NOW)
    keep_hook("dhl", b"{}", proved=False, now=NOW)
    assert (figures()["carrier_resting:simulated"], figures()["tracking_hooks_unread"]) == (1, 1)
