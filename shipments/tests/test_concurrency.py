"""Two at once, on a database that lets them: PostgreSQL. Elsewhere one writer waits for the other anyway."""

import os
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, connections

from cases.models import Case, CaseEvent
from cases.tests.factories import CaseFactory, staff
from products.errors import Refused
from products.models import ClockChange, CoveredPart, PauseWindow
from shipments.models import RepairShipment
from shipments.polling import claim_due
from shipments.services import book, record_events
from shipments.tests.factories import BACK, NOW, OUT, ShipmentFactory, ups_number

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def postgresql(db) -> None:
    if connection.vendor != "postgresql":
        if os.environ.get("CI"):
            pytest.fail("DATABASE_URL names no PostgreSQL: CI allows no such skip.")
        pytest.skip("THE DATABASE IS NOT POSTGRESQL: set DATABASE_URL to see two writers at once.")


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
