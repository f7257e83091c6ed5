"""A carrier that is slow, down, out of patience or broken: it waits alone, it is left alone, and nothing is lost."""

import datetime as dt

import pytest

from shipments import asking, polling
from shipments.carriers.base import CarrierError
from shipments.circuits import OPENS_AT, note_answers, note_webhook
from shipments.models import CarrierHealth, CarrierTurn, RepairShipment
from shipments.polling import look_at, look_at_due, look_at_one, looks_due
from shipments.queries import carrier_health
from shipments.tests.carriers_on_offer import Broken, Moody, Slow
from shipments.tests.factories import NOW, ShipmentFactory
from shipments.turns import LASTS, leave_turn, leave_turns, take_turn

pytestmark = pytest.mark.django_db

SECOND, MINUTE = dt.timedelta(seconds=1), dt.timedelta(minutes=1)
DOWN = CarrierError("503 Service Unavailable", everybody=True)


@pytest.fixture
def offer(monkeypatch):
    """Puts carriers on offer, in the place of the real ones."""

    def offered(*carriers: Moody) -> None:
        for place in ("shipments.carriers.registry", "shipments.queries"):
            monkeypatch.setattr(f"{place}.offered_carriers", lambda: {one.code: one for one in carriers})

    return offered


def parcels(carrier: str, many: int = 1) -> list[RepairShipment]:
    return [ShipmentFactory(carrier=carrier, tracking_number=f"{carrier.upper()}{i}") for i in range(many)]


def due_now() -> None:
    RepairShipment.objects.update(next_look_at=NOW)


def outcomes(looks) -> dict[str, str]:
    return {look.shipment.tracking_number: look.outcome for look in looks}


def health(carrier: str) -> CarrierHealth:
    return CarrierHealth.objects.get(carrier=carrier)


def test_slow_carrier_delays_no_other(offer):
    slow, quick = Slow("slow"), Moody("quick")
    offer(slow, quick)
    parcels("slow"), parcels("quick", 2)
    looks = looks_due(lambda: NOW, limit=100)
    assert {next(looks).shipment.tracking_number for _ in range(2)} == {"QUICK0", "QUICK1"}
    ShipmentFactory(carrier="quick", tracking_number="LATER")
    assert next(looks).shipment.tracking_number == "LATER"  # it came due while the slow one was being waited for
    slow.released.set()
    assert outcomes(looks) == {"SLOW0": "events"}


def test_slow_carrier_holds_up_one_worker_only(offer):
    slow = Slow("slow")
    offer(slow, Moody("quick"))
    parcels("slow"), parcels("quick")
    first = looks_due(lambda: NOW, limit=100)
    assert next(first).shipment.carrier == "quick"
    ShipmentFactory(carrier="slow", tracking_number="SLOW9")
    ShipmentFactory(carrier="quick", tracking_number="QUICK9")
    assert outcomes(looks_due(lambda: NOW, limit=100)) == {"QUICK9": "events"}
    slow.released.set()
    assert outcomes(first) == {"SLOW0": "events", "SLOW9": "events"}


def test_carrier_that_never_answers_is_given_up_when_its_time_is_over(offer, monkeypatch):
    monkeypatch.setattr(asking, "DEADLINE_SECONDS", 0.05)
    offer(Slow("slow"))
    parcels("slow")
    (look,) = look_at_due(NOW, 10)
    assert (look.outcome, look.problem) == ("error", "No answer within 0.05 seconds.")
    assert RepairShipment.objects.get().next_look_at > NOW


@pytest.mark.parametrize(
    ("carrier", "problem"),
    [
        pytest.param(Moody("bad", lambda _n: DOWN), "503 Service Unavailable", id="down"),
        pytest.param(Broken("bad"), "The adapter failed (KeyError).", id="a-bug-in-the-adapter"),
    ],
)
def test_carrier_rests_when_it_fails_again_and_again(offer, carrier, problem):
    offer(carrier, Moody("good"))
    parcels("bad", OPENS_AT + 2), parcels("good")
    found = outcomes(look_at_due(NOW, 100))
    assert (found.pop("GOOD0"), set(found.values())) == ("events", {"error"})
    due_now()
    assert outcomes(look_at_due(NOW, 100)) == {"GOOD0": "events"}
    (bad, good) = carrier_health(NOW)
    assert (bad.code, bad.state, bad.last_problem) == ("bad", "resting", problem)
    assert (good.code, good.state) == ("good", "working")
    assert bad.due == OPENS_AT + 2
    assert NOW + 48 * SECOND <= bad.open_until <= NOW + 72 * SECOND


def test_carrier_is_tried_with_one_parcel_after_its_rest(offer):
    bad = Moody("bad", lambda _number: DOWN)
    offer(bad)
    parcels("bad", OPENS_AT)
    look_at_due(NOW, 100)
    due_now()
    later = health("bad").open_until + SECOND
    assert carrier_health(later)[0].state == "trying"
    assert len(look_at_due(later, 100)) == 1
    second_rest = health("bad").open_until - later
    assert 1.6 * MINUTE <= second_rest <= 2.4 * MINUTE
    bad.mood = lambda _number: None
    after = later + second_rest + SECOND
    assert len(look_at_due(after, 100)) == OPENS_AT - 1  # the one that failed is not due again by then
    assert carrier_health(after)[0].state == "working"
    assert RepairShipment.objects.filter(latest_kind="delivered").count() == OPENS_AT - 1


def test_carrier_is_left_alone_for_as_long_as_it_wants(offer):
    offer(Moody("bad", lambda _n: CarrierError("429", retry_after=1800, everybody=True)))
    (one,) = parcels("bad")
    look_at_due(NOW, 10)
    assert health("bad").open_until == NOW + 30 * MINUTE
    due_now()
    assert look_at_due(NOW + 29 * MINUTE, 10) == []
    assert look_at_one(one.pk, NOW + 29 * MINUTE) is None
    assert len(look_at_due(NOW + 31 * MINUTE, 10)) == 1


def test_carrier_is_left_alone_when_it_wants_that_among_good_answers(offer):
    limited = CarrierError("429", retry_after=60, everybody=True)
    offer(Moody("bad", lambda number: limited if number == "BAD0" else None))
    parcels("bad", 3)
    assert sorted(outcomes(look_at_due(NOW, 10)).values()) == ["error", "events", "events"]
    assert (health("bad").open_until, health("bad").openings) == (NOW + MINUTE, 0)


def test_wrong_credentials_are_tried_once_an_hour(offer):
    offer(Moody("bad", lambda _n: CarrierError("401", temporary=False, everybody=True)))
    parcels("bad")
    look_at_due(NOW, 10)
    assert NOW + 48 * MINUTE <= health("bad").open_until <= NOW + 72 * MINUTE


def test_parcel_in_trouble_is_not_held_against_its_carrier(offer):
    offer(Moody("fine", lambda number: CarrierError("400 for this number") if number == "FINE0" else None))
    parcels("fine")
    for _ in range(OPENS_AT + 1):
        due_now()
        assert len(look_at_due(NOW, 10)) == 1
    assert (health("fine").failures, health("fine").open_until) == (0, None)
    assert RepairShipment.objects.get().look_failures == OPENS_AT + 1


def test_whoever_asks_by_hand_is_answered_though_the_carrier_rests(offer):
    bad = Moody("bad", lambda _number: DOWN)
    offer(bad)
    parcels("bad", OPENS_AT)
    look_at_due(NOW, 100)
    bad.mood = lambda _number: None
    assert set(outcomes(look_at(RepairShipment.objects.all(), lambda: NOW)).values()) == {"events"}
    assert health("bad").open_until is None


def test_whoever_asks_by_hand_waits_for_a_place(offer, monkeypatch):
    offer(Moody("busy"))
    parcels("busy")
    take_turn("busy", places=1, holder="somebody", now=NOW)
    waits = []

    def waited() -> None:
        waits.append(1)
        leave_turns("somebody")

    monkeypatch.setattr(polling, "_wait_for_a_place", waited)
    assert outcomes(look_at(RepairShipment.objects.all(), lambda: NOW)) == {"BUSY0": "events"}
    assert waits == [1]


def test_turn_is_held_by_one_and_lost_when_it_is_not_renewed(db):
    assert take_turn("ups", places=1, holder="a", now=NOW)
    assert not take_turn("ups", places=1, holder="b", now=NOW)
    assert take_turn("ups", places=1, holder="a", now=NOW + LASTS / 2)
    assert not take_turn("ups", places=1, holder="b", now=NOW + LASTS)
    assert take_turn("ups", places=1, holder="b", now=NOW + LASTS * 2)
    assert take_turn("ups", places=2, holder="c", now=NOW + LASTS * 2)
    leave_turn("ups", "b")
    assert take_turn("ups", places=1, holder="a", now=NOW + LASTS * 2)
    assert CarrierTurn.objects.count() == 2


def test_turns_are_given_back_when_the_round_is_over_or_broken_off(offer):
    slow = Slow("slow")
    offer(slow, Moody("quick"))
    parcels("slow"), parcels("quick")
    looks = looks_due(lambda: NOW, limit=100)
    next(looks)
    assert CarrierTurn.objects.filter(held_until__isnull=False).exists()
    looks.close()
    assert not CarrierTurn.objects.filter(held_until__isnull=False).exists()


def test_no_batch_is_begun_when_the_round_has_taken_its_time(offer, monkeypatch):
    offer(Moody("quick"))
    monkeypatch.setattr(polling, "batch_size", lambda _carrier: 1)
    parcels("quick", 6)
    clock = iter(NOW + i * SECOND for i in range(1000))
    assert 0 < len(list(looks_due(lambda: next(clock), limit=100, seconds=1))) < 6
    assert not RepairShipment.objects.filter(look_claimed_at__isnull=False).exists()


@pytest.mark.parametrize(
    ("at_once", "per_second", "size"),
    [
        pytest.param(1, 0, 4, id="one-at-a-time"),
        pytest.param(50, 0, 200, id="fifty"),
        pytest.param(1000, 0, 400, id="no-more-than-is-soon-recorded"),
        pytest.param(10, 0.5, 15, id="one-in-two-seconds"),
        pytest.param(10, 0.01, 1, id="one-now-and-then"),
    ],
)
def test_batch_is_as_large_as_is_soon_over(at_once, per_second, size):
    carrier = Moody("any")
    carrier.at_once, carrier.per_second = at_once, per_second
    assert asking.batch_size(carrier) == size


def test_webhooks_of_nobody_are_noted_once_a_minute(db):
    for seconds in (0, 30, 61):
        note_webhook("ups", NOW + seconds * SECOND, refused=True)
    assert health("ups").refused_at == NOW + 61 * SECOND
    assert health("ups").heard_at is None


def test_typical_answer_follows_slowly(db):
    for call_ms in (100, 200):
        note_answers("ups", [], call_ms=call_ms, now=NOW)
    assert health("ups").latency_ms == 130
