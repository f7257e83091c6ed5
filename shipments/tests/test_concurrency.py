"""Two at once, on a database that lets them: PostgreSQL. Elsewhere one writer waits for the other anyway."""

import queue
import threading
from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from django.db import connections
from django.db.models import Sum
from django.test import RequestFactory

from cases.models import Case, CaseEvent
from cases.tests.factories import CaseFactory, staff
from products.errors import Refused
from products.models import ClockChange, CoveredPart, PauseWindow
from shipments import tasks
from shipments.carriers.base import TrackedEvent
from shipments.models import RepairShipment, TrackingEvent, TrackingHook
from shipments.polling import claim_due
from shipments.services import book, record_events
from shipments.services.hearing import read_hooks
from shipments.tests.carriers_on_offer import Telling, signed, told
from shipments.tests.factories import BACK, NOW, OUT, ShipmentFactory, scan, ups_number
from shipments.webhooks import take_hook

pytestmark = [pytest.mark.usefixtures("postgresql"), pytest.mark.django_db(transaction=True)]


def at_once(*work: Callable[[], Any]) -> list[Any]:
    """Each in a thread and a connection of its own, set off together; results or the exceptions raised."""
    barrier, results = threading.Barrier(len(work)), [None] * len(work)

    def run(place: int) -> None:
        try:
            barrier.wait(timeout=20)
            results[place] = work[place]()
        except Exception as error:
            results[place] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(work))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
        assert not thread.is_alive(), "somebody waits for ever"
    return results


def test_the_same_webhook_twice_at_once_is_told_once():
    shipment = ShipmentFactory(case=CaseFactory(state="approved"))
    new = at_once(*[lambda: record_events(shipment.pk, OUT, heard="webhook", now=NOW)] * 4)
    assert sorted(new) == [0, 0, 0, 2]
    assert shipment.tracking_events.count() == 2
    assert CaseEvent.objects.filter(name="start_repair").count() == 1
    assert PauseWindow.objects.count() == ClockChange.objects.count() == 1


def test_two_cases_of_one_part_told_at_once_lose_nothing():
    first = CaseFactory(state="approved")
    part = first.claimed_parts.get().part
    second = CaseFactory(state="approved", part=part, customer=first.customer)
    out, back = ShipmentFactory(case=first), ShipmentFactory(case=second, direction="to_customer")
    for turn in range(5):
        both = at_once(
            lambda: record_events(out.pk, OUT, heard="webhook", now=NOW),
            lambda: record_events(back.pk, BACK, heard="webhook", now=NOW),
        )
        assert both == ([2, 2] if turn == 0 else [0, 0])
        window = PauseWindow.objects.get(part=part)
        assert (window.left_on, window.back_on) == (OUT[0].day, BACK[1].day)
        assert CoveredPart.objects.get(pk=part.pk).extended_days == 13


def test_both_parcels_of_a_case_told_at_once_return_it():
    case = CaseFactory(state="approved")
    out, back = ShipmentFactory(case=case), ShipmentFactory(case=case, direction="to_customer")
    at_once(
        lambda: record_events(out.pk, OUT, heard="poll", now=NOW),
        lambda: record_events(back.pk, BACK, heard="webhook", now=NOW),
    )
    assert Case.objects.get(pk=case.pk).state == "returned"


def test_one_number_booked_twice_at_once_is_one_parcel():
    case, number, by = CaseFactory(state="approved"), ups_number(), staff("support")
    results = at_once(
        *[lambda: book(case.pk, direction="to_workshop", carrier="ups", tracking_number=number, actor=by, now=NOW)] * 3
    )
    assert RepairShipment.objects.count() == 1
    assert [getattr(result, "code", "booked") for result in results].count("duplicate") == 2
    assert sum(isinstance(result, Refused) for result in results) == 2


def test_two_workers_never_claim_the_same_parcel():
    case = CaseFactory(state="approved")
    for _ in range(12):
        ShipmentFactory(case=case)
    RepairShipment.objects.update(next_look_at=NOW)
    claimed = at_once(*[lambda: [one.pk for one in claim_due(NOW, 4)]] * 3)
    taken = [pk for pks in claimed for pk in pks]
    assert len(taken) == len(set(taken)) == 12


MANY, TIMES, AT_ONCE = 1000, 10, 20


def test_a_thousand_webhooks_ten_times_over_are_a_thousand_scans_and_the_same_windows(monkeypatch):
    """Shuffled, twenty at once, some in other bytes, readers among the posters: as if each had come once, in order."""
    telling = Telling("telling")
    monkeypatch.setattr("shipments.carriers.registry.offered_carriers", lambda: {"telling": telling})
    monkeypatch.setattr(
        tasks.read_tracking_hooks, "apply_async", lambda *_args, **_how: None
    )  # the readers below are the workers
    ordered, shuffled = parcels_with_scans("A"), parcels_with_scans("B")
    for shipment, events in ordered.items():
        record_events(shipment.pk, events, heard="webhook", now=NOW)
    posts = shuffled_posts(shuffled, Random(20251201))
    turns: queue.SimpleQueue[list[bytes]] = queue.SimpleQueue()
    for start in range(0, len(posts), 500):
        turns.put(posts[start : start + 500])
    done = at_once(*[lambda: post_and_read(turns)] * AT_ONCE)
    assert [one for one in done if isinstance(one, Exception)] == []
    while read_hooks(NOW):
        pass
    assert set(TrackingHook.objects.values_list("outcome", flat=True)) == {"recorded"}
    assert TrackingHook.objects.aggregate(n=Sum("times_seen"))["n"] == MANY * TIMES
    assert TrackingEvent.objects.filter(shipment__in=shuffled).count() == MANY
    assert TrackingEvent.objects.filter(shipment__in=ordered).count() == MANY
    assert list(map(windows_of, shuffled)) == list(map(windows_of, ordered))


def parcels_with_scans(name: str) -> dict[RepairShipment, list[TrackedEvent]]:
    """Twenty parcels to the workshop, fifty scans each; most are moved once more after a first delivery."""
    parcels = {}
    for place in range(20):
        shipment = ShipmentFactory(carrier="telling", tracking_number=f"{name}{place:02d}")
        parcels[shipment] = [scan(*one) for one in story(place)]
    return parcels


def story(place: int) -> list[tuple[str, str]]:
    moves = [("in_transit", f"2025-11-{12 + step // 12:02d}T{8 + step % 12:02d}:{place:02d}") for step in range(47)]
    first = ("delivered" if place % 4 else "exception", f"2025-11-13T07:{place:02d}")
    picked_up, home = ("picked_up", f"2025-11-12T07:{place:02d}"), ("delivered", "2025-11-17T09:00")
    return [picked_up, *moves[:12], first, *moves[12:], home]


def shuffled_posts(parcels: dict[RepairShipment, list[TrackedEvent]], dice: Random) -> list[bytes]:
    bodies = [
        told(**{shipment.tracking_number: [event]}) for place, shipment in enumerate(parcels) for event in story(place)
    ]
    assert len(set(bodies)) == MANY
    # Every other time the same call in other bytes, as a carrier's second attempt is.
    posts = [body + b" " * (time % 2) for body in bodies for time in range(TIMES)]
    dice.shuffle(posts)
    return posts


def post_and_read(turns: "queue.SimpleQueue[list[bytes]]") -> None:
    while True:
        try:
            bodies = turns.get_nowait()
        except queue.Empty:
            return
        for body in bodies:
            post = RequestFactory().post(
                "/hooks/tracking/telling/", body, content_type="application/json", headers={"X-Signature": signed(body)}
            )
            assert take_hook(post, "telling").status_code == 200
        read_hooks(NOW)


def windows_of(shipment: RepairShipment) -> list[tuple[Any, ...]]:
    rows = PauseWindow.objects.filter(part__packed__shipment=shipment).order_by("left_on")
    return [(row.left_on, row.back_on, row.certainty, row.review_reasons) for row in rows]
