"""Asking the carriers: who is due, who asks, what follows from each answer, and that nobody is forgotten."""

import datetime as dt
import io
import json
from collections.abc import Sequence

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.tests.factories import CaseFactory
from shipments import polling, tasks
from shipments.carriers.base import Asked, Carrier, CarrierError, NotFoundYet, TrackAnswer
from shipments.circuits import note_webhook
from shipments.models import RepairShipment
from shipments.polling import CLAIM_LASTS, claim_due, free_stale_claims, look_at_due, look_at_one
from shipments.services import cancel, looking
from shipments.tests.factories import BOOKED_AT, NOW, OUT, ShipmentFactory, scan

pytestmark = pytest.mark.django_db


class Scripted(Carrier):
    """A carrier that answers what it is told to, number by number; an exception is raised as it is."""

    code, name, polled, at_once = "scripted", "Scripted", True, 100

    def __init__(self) -> None:
        self.script: dict[str, TrackAnswer] = {}
        self.fails: Exception | None = None
        self.heard: list[list[str]] = []

    async def track(self, asked: Sequence[Asked], now: dt.datetime) -> list[TrackAnswer]:
        self.heard.append([one.number for one in asked])
        if self.fails:
            raise self.fails
        return [self.script.get(one.number, TrackAnswer(one.number)) for one in asked]

    def recognises(self, number: str) -> bool:
        return True


@pytest.fixture
def carrier(monkeypatch) -> Scripted:
    one = Scripted()
    monkeypatch.setattr("shipments.carriers.registry.offered_carriers", lambda: {one.code: one})
    return one


@pytest.fixture
def parcel(db, carrier):
    """Makes a parcel that can be asked about, with what the carrier will say of it."""

    def made(number: str = "PARCEL1", answer: TrackAnswer | None = None, **given) -> RepairShipment:
        carrier.script[number] = answer or TrackAnswer(number, OUT)
        return ShipmentFactory(carrier="scripted", tracking_number=number, **given)

    return made


def fresh(shipment: RepairShipment) -> RepairShipment:
    return RepairShipment.objects.get(pk=shipment.pk)


def test_look_records_what_the_carrier_says_and_asks_again_later(parcel):
    shipment = parcel()
    (look,) = look_at_due(NOW, 10)
    after = fresh(shipment)
    assert (look.outcome, look.new, after.latest_kind) == ("events", 2, "delivered")
    assert (after.looked_at, after.look_claimed_at, after.look_failures) == (NOW, None, 0)
    assert after.next_look_at is None  # delivered on 14 November: settled long ago
    assert look_at_due(NOW, 10) == []


def test_look_comes_again_soon_while_the_parcel_travels(parcel):
    shipment = parcel(answer=TrackAnswer("PARCEL1", (scan("picked_up", "2025-12-01T09:00"),)))
    look_at_due(NOW, 10)
    assert fresh(shipment).next_look_at == NOW + dt.timedelta(hours=4)


def test_look_is_rare_when_the_carrier_has_retired_the_number(parcel, carrier):
    shipment = parcel(events=OUT[:1])
    carrier.script["PARCEL1"] = TrackAnswer("PARCEL1", error=NotFoundYet())
    RepairShipment.objects.update(next_look_at=NOW)
    (look,) = look_at_due(NOW, 10)
    assert (look.outcome, fresh(shipment).latest_kind) == ("not_found", "picked_up")
    assert fresh(shipment).next_look_at == NOW + dt.timedelta(days=7)


def test_look_is_rare_when_the_carrier_tells_by_itself(parcel):
    shipment = parcel(answer=TrackAnswer("PARCEL1"), booked_at=NOW)
    note_webhook("scripted", NOW - dt.timedelta(hours=30))
    look_at_due(NOW, 10)
    assert fresh(shipment).next_look_at == NOW + dt.timedelta(days=1)


def test_look_comes_at_once_when_it_was_wanted_while_the_carrier_was_asked(parcel, carrier, monkeypatch):
    shipment = parcel(answer=TrackAnswer("PARCEL1"))
    really, later = looking.take_in, NOW + dt.timedelta(seconds=1)

    def meanwhile(*args, **more):
        RepairShipment.objects.filter(pk=shipment.pk).update(next_look_at=later)
        return really(*args, **more)

    monkeypatch.setattr(polling, "take_in", meanwhile)
    look_at_due(NOW, 10)
    assert (fresh(shipment).next_look_at, fresh(shipment).look_claimed_at) == (later, None)


def test_looks_that_find_nothing_new_cost_as_many_queries_for_many_parcels(parcel):
    counts = []
    for size in (1, 20):
        for i in range(size):
            parcel(f"PARCEL{size}{i}", events=OUT)
        RepairShipment.objects.filter(tracking_number__startswith=f"PARCEL{size}").update(next_look_at=NOW)
        with CaptureQueriesContext(connection) as queries:
            assert {look.new for look in look_at_due(NOW, 100)} == {0}
        counts.append(len(queries))
    assert counts[0] >= counts[1]


def test_look_is_no_failure_when_the_number_is_not_known_yet(parcel):
    shipment = parcel(answer=TrackAnswer("PARCEL1", error=NotFoundYet()), booked_at=NOW)
    (look,) = look_at_due(NOW, 10)
    after = fresh(shipment)
    assert (look.outcome, after.look_failures) == ("not_found", 0)
    assert "does not know" in after.look_problem
    assert after.next_look_at == NOW + dt.timedelta(hours=6)


@pytest.mark.parametrize(
    ("temporary", "longest", "shortest"),
    [
        pytest.param(True, dt.timedelta(minutes=6), dt.timedelta(minutes=4), id="temporary"),
        pytest.param(False, dt.timedelta(hours=15), dt.timedelta(hours=9), id="for-good"),
    ],
)
def test_look_backs_off_when_the_carrier_fails(parcel, temporary, longest, shortest):
    error = CarrierError("Key refused.", temporary=temporary)
    shipment = parcel(answer=TrackAnswer("PARCEL1", error=error))
    (look,) = look_at_due(NOW, 10)
    after = fresh(shipment)
    assert (look.outcome, after.look_failures, after.look_problem) == ("error", 1, "Key refused.")
    assert shortest < after.next_look_at - NOW < longest


def test_look_forgets_its_failures_when_the_carrier_answers_again(parcel, carrier):
    carrier.fails = CarrierError("down")
    shipment = parcel(answer=TrackAnswer("PARCEL1", OUT[:1]))
    look_at_due(NOW, 10)
    carrier.fails = None
    look_at_due(NOW + dt.timedelta(hours=1), 10)
    after = fresh(shipment)
    assert (after.look_failures, after.look_problem, after.latest_kind) == (0, "", "picked_up")


@pytest.mark.parametrize(
    "failure",
    [
        pytest.param(CarrierError("down"), id="nothing-could-be-asked"),
        pytest.param(KeyError("status"), id="a-bug-in-the-adapter"),
    ],
)
def test_look_keeps_every_parcel_due_when_the_adapter_fails(parcel, carrier, failure):
    carrier.fails = failure
    both = [parcel("PARCEL1"), parcel("PARCEL2")]
    assert [look.outcome for look in look_at_due(NOW, 10)] == ["error", "error"]
    assert all(fresh(one).next_look_at > NOW and fresh(one).look_claimed_at is None for one in both)


def test_look_goes_on_with_the_others_when_one_answer_cannot_be_taken_in(parcel, monkeypatch):
    bad, good = parcel("PARCEL1"), parcel("PARCEL2")
    really = looking.record_events

    def failing(shipment_id, *args, **kwargs):
        if shipment_id == bad.pk:
            raise ValueError("odd")
        return really(shipment_id, *args, **kwargs)

    monkeypatch.setattr(looking, "record_events", failing)
    outcomes = {look.shipment.pk: look.outcome for look in look_at_due(NOW, 10)}
    assert outcomes == {bad.pk: "error", good.pk: "events"}
    assert "ValueError" in fresh(bad).look_problem


def test_look_fails_when_an_adapter_answers_for_too_few(parcel, carrier, monkeypatch):
    async def too_few(asked, now):
        return []

    monkeypatch.setattr(carrier, "track", too_few)
    parcel()
    (look,) = look_at_due(NOW, 10)
    assert "0 answers to 1 question" in look.problem


def test_look_waits_when_the_carrier_is_not_on_offer_any_more(parcel, monkeypatch):
    shipment = parcel()
    monkeypatch.setattr("shipments.carriers.registry.offered_carriers", dict)
    (look,) = look_at_due(NOW, 10)
    assert (look.outcome, fresh(shipment).look_failures) == ("error", 1)


def test_simulated_parcel_is_not_asked_about_when_the_carrier_is_switched_off(settings):
    from shipments.tests.factories import simulated_number

    settings.SIMULATED_CARRIER = True
    shipment = ShipmentFactory(carrier="simulated", tracking_number=simulated_number())
    settings.SIMULATED_CARRIER = False
    (look,) = look_at_due(NOW, 10)
    assert (look.outcome, shipment.tracking_events.count()) == ("error", 0)


def test_parcels_of_one_carrier_are_asked_about_together(parcel, carrier):
    numbers = [parcel(f"PARCEL{i}").tracking_number for i in range(3)]
    look_at_due(NOW, 10)
    assert carrier.heard == [numbers]


def test_no_more_are_asked_about_than_allowed(parcel, carrier):
    for i in range(3):
        parcel(f"PARCEL{i}")
    assert len(look_at_due(NOW, 2)) == 2


def test_a_parcel_is_claimed_by_one_only(parcel):
    shipment = parcel()
    assert [one.pk for one in claim_due(NOW, 10)] == [shipment.pk]
    assert claim_due(NOW, 10) == []
    assert look_at_one(shipment.pk, NOW) is None


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"next_look_at": NOW + dt.timedelta(seconds=1)}, id="not-due"),
        pytest.param({"next_look_at": None}, id="nothing-left-to-ask"),
        pytest.param({"cancelled_at": NOW}, id="cancelled"),
        pytest.param({"proposed": True}, id="only-proposed"),
    ],
)
def test_a_parcel_is_left_alone_when_it_is_not_to_be_asked_about(parcel, fields):
    RepairShipment.objects.filter(pk=parcel().pk).update(**fields)
    assert claim_due(NOW, 10) == []


def test_a_claim_is_taken_back_when_its_worker_died(parcel):
    shipment = parcel()
    claim_due(NOW, 10)
    assert free_stale_claims(NOW + CLAIM_LASTS) == 0
    assert free_stale_claims(NOW + CLAIM_LASTS + dt.timedelta(seconds=1)) == 1
    assert fresh(shipment).look_claimed_at is None


def test_nothing_is_lost_when_the_worker_dies_after_the_answer(parcel, monkeypatch):
    """The scans are stored with all that follows; only the note of the look is missing, and it is made next time."""
    shipment = parcel()

    def dies(*_args: object, **_more: object) -> None:
        raise SystemExit

    with monkeypatch.context() as patched:
        patched.setattr(looking, "_write_answered", dies)
        with pytest.raises(SystemExit):
            look_at_due(NOW, 10)
    later = NOW + CLAIM_LASTS + dt.timedelta(minutes=1)
    free_stale_claims(later)
    RepairShipment.objects.filter(pk=shipment.pk).update(next_look_at=NOW)
    (look,) = look_at_due(later, 10)
    assert (look.new, fresh(shipment).latest_kind) == (0, "delivered")


def test_a_parcel_stays_cancelled_when_that_happened_while_the_carrier_was_asked(parcel, support, monkeypatch):
    shipment = parcel()
    claimed = claim_due(NOW, 10)
    cancel(shipment.pk, why="Wrong.", actor=support, now=NOW)
    list(polling.look_at(claimed, lambda: NOW))
    after = fresh(shipment)
    assert (after.cancelled_at, after.next_look_at) == (NOW, None)


def test_a_parcel_followed_by_hand_is_never_asked_about(db):
    shipment = ShipmentFactory(carrier="ups")
    RepairShipment.objects.filter(pk=shipment.pk).update(next_look_at=NOW)
    (look,) = look_at_due(NOW, 10)
    assert "by hand" in look.problem
    assert (fresh(shipment).next_look_at, fresh(shipment).look_failures) == (None, 0)


def test_claiming_takes_as_many_queries_for_many_parcels(parcel):
    counts = []
    for size in (1, 6):
        for i in range(size):
            parcel(f"PARCEL{size}{i}")
        with CaptureQueriesContext(connection) as queries:
            assert len(claim_due(NOW, 10)) == size
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_tasks_look_and_sweep(parcel, monkeypatch):
    monkeypatch.setattr("shipments.tasks.timezone.now", lambda: NOW)
    first, second = parcel("PARCEL1"), parcel("PARCEL2")
    tasks.look(first.pk)
    assert fresh(first).latest_kind == "delivered"
    claim_due(NOW - dt.timedelta(hours=1), 10)
    RepairShipment.objects.filter(pk=second.pk).update(look_claimed_at=NOW - dt.timedelta(hours=1))
    tasks.sweep_shipments()
    tasks.look_at_due_shipments()
    assert fresh(second).latest_kind == "delivered"


def track(*args: str) -> tuple[list[dict], int]:
    out, code = io.StringIO(), 0
    try:
        call_command("track", *args, stdout=out, stderr=io.StringIO())
    except CommandError as error:
        code = error.returncode
    return [json.loads(line) for line in out.getvalue().splitlines()], code


def test_track_command_asks_about_what_is_due(parcel):
    shipment = parcel(booked_at=BOOKED_AT)
    lines, code = track()
    assert code == 0
    assert lines == [
        {
            "shipment": shipment.pk,
            "case": shipment.case.reference,
            "carrier": "scripted",
            "number": "PARCEL1",
            "outcome": "events",
            "new_events": 2,
            "latest": "delivered",
            "next_look_at": None,
            "problem": None,
        }
    ]
    assert track("--due") == ([], 0)


def test_track_command_asks_about_the_named_or_all_when_told_to(parcel):
    shipment = parcel()
    parcel("PARCEL2", case=CaseFactory(state="approved"))
    track()
    assert [line["shipment"] for line in track(str(shipment.pk))[0]] == [shipment.pk]
    assert len(track("--all")[0]) == 2


def test_track_command_exits_with_one_when_a_look_failed(parcel, carrier):
    parcel()
    carrier.fails = CarrierError("down")
    lines, code = track("--all")
    assert (code, lines[0]["outcome"], lines[0]["problem"]) == (1, "error", "down")


def test_track_command_refuses_a_parcel_that_does_not_exist(db):
    assert track("4711") == ([], 2)
