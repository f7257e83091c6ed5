"""What carriers post: proved or refused, kept before it is acknowledged, and read once, whatever the order."""

import datetime as dt
import json

import pytest
from django.test import Client
from django.urls import reverse

from cases.tests.factories import CaseFactory
from products.models import PauseWindow
from shipments import tasks
from shipments.models import CarrierHealth, RepairShipment, TrackingEvent, TrackingHook
from shipments.queries import hooks_to_see
from shipments.services import hearing, record_events
from shipments.services.hearing import keep_hook, old_hooks, read_hooks
from shipments.services.kept_calls import MOST_ATTEMPTS, STALE_AFTER
from shipments.tests.carriers_on_offer import Moody, Telling, signed, told
from shipments.tests.factories import NOW, OUT, ShipmentFactory
from shipments.webhooks import MOST_BYTES

pytestmark = pytest.mark.django_db

PICKED_UP, DELIVERED = ["picked_up", "2025-11-12T10:00"], ["delivered", "2025-11-14T09:00"]
SECOND, DAY = dt.timedelta(seconds=1), dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def carrier(monkeypatch) -> Telling:
    one, silent = Telling("telling"), Moody("silent")
    monkeypatch.setattr("shipments.carriers.registry.offered_carriers", lambda: {one.code: one, silent.code: silent})
    return one


@pytest.fixture
def parcel() -> RepairShipment:
    return ShipmentFactory(carrier="telling", tracking_number="PARCEL1")


def post(body: bytes, carrier: str = "telling", **headers: str) -> int:
    headers = headers or {"X-Signature": signed(body)}
    address = reverse("tracking_hook", args=[carrier])
    client = Client(enforce_csrf_checks=True)
    return client.post(address, body, content_type="application/json", headers=headers).status_code


def hear(body: bytes, now: dt.datetime = NOW, **more) -> TrackingHook:
    keep_hook("telling", body, now=now, **{"proved": True, **more})
    read_hooks(now)
    return TrackingHook.objects.latest("pk")


def test_hook_is_kept_before_it_is_acknowledged(carrier):
    body = told(PARCEL1=[PICKED_UP])
    assert post(body, **{"X-Signature": signed(body), "X-Delivery": "d-1\n"}) == 200
    row = TrackingHook.objects.get()
    assert (bytes(row.body), row.proved, row.delivery, row.outcome) == (body, True, "d-1", "")


def test_hook_is_kept_once_when_it_is_posted_again(parcel):
    body = told(PARCEL1=[PICKED_UP])
    assert [post(body) for _ in range(3)] == [200, 200, 200]
    assert TrackingHook.objects.get().times_seen == 3
    read_hooks(NOW)
    assert post(body) == 200
    assert read_hooks(NOW) == 0


@pytest.mark.parametrize(
    ("secret", "status"),
    [
        pytest.param(b"new", 200, id="new-secret"),
        pytest.param(b"old", 200, id="old-secret"),
        pytest.param(b"guess", 401, id="no-secret-of-ours"),
    ],
)
def test_hook_is_proved_by_either_secret(secret, status):
    body = told(PARCEL1=[PICKED_UP])
    assert post(body, **{"X-Signature": signed(body, secret)}) == status
    assert TrackingHook.objects.count() == (status == 200)


def test_hook_is_refused_when_nothing_proves_it():
    body = told(PARCEL1=[PICKED_UP])
    signature = signed(body)
    assert post(body + b" ", **{"X-Signature": signature}) == 401
    assert post(body, **{"X-Other": "1"}) == 401
    assert not TrackingHook.objects.exists()
    assert CarrierHealth.objects.get().refused_at is not None


@pytest.mark.parametrize("code", ["silent", "nobody", "x" * 60])
def test_hook_is_unknown_where_the_carrier_sends_none(code):
    assert post(b"{}", carrier=code) == 404


def test_hook_is_only_posted_to(client):
    assert client.get(reverse("tracking_hook", args=["telling"])).status_code == 405


def test_hook_is_refused_when_it_is_too_large():
    assert post(b" " * (MOST_BYTES + 1)) == 413
    assert not TrackingHook.objects.exists()


def test_reader_is_woken_when_a_hook_has_come(parcel, django_capture_on_commit_callbacks, monkeypatch):
    monkeypatch.setattr(tasks.read_tracking_hooks, "apply_async", lambda _args, **_how: tasks.read_tracking_hooks())
    monkeypatch.setattr("shipments.tasks.timezone.now", lambda: NOW)
    with django_capture_on_commit_callbacks(execute=True):
        post(told(PARCEL1=[PICKED_UP, DELIVERED]))
    assert RepairShipment.objects.get(pk=parcel.pk).latest_kind == "delivered"


def test_scans_are_recorded_when_the_words_are_signed(parcel):
    hook = hear(told(PARCEL1=[PICKED_UP, DELIVERED], **{"parcel 1": []}))
    assert (hook.outcome, hook.read_at, hook.unknown_numbers) == ("recorded", NOW, [])
    assert set(TrackingEvent.objects.values_list("kind", "heard")) == {
        ("picked_up", "webhook"),
        ("delivered", "webhook"),
    }
    assert PauseWindow.objects.get().left_on == dt.date(2025, 11, 12)
    assert CarrierHealth.objects.get(carrier="telling").heard_at == NOW


def test_poll_and_webhook_of_one_scan_are_one_row(parcel):
    record_events(parcel.pk, OUT, heard="poll", now=NOW)
    assert hear(told(PARCEL1=[PICKED_UP, DELIVERED])).outcome == "recorded"
    assert TrackingEvent.objects.count() == 2


def test_hint_asks_the_carrier_and_records_nothing(parcel):
    RepairShipment.objects.update(next_look_at=NOW + DAY)
    assert post(told(PARCEL1=[DELIVERED]), **{"X-Token": "token"}) == 200
    read_hooks(NOW)
    assert TrackingHook.objects.get().outcome == "hint"
    assert (TrackingEvent.objects.count(), RepairShipment.objects.get().next_look_at) == (0, NOW)


def test_hint_asks_no_oftener_than_now_and_then(parcel):
    RepairShipment.objects.update(looked_at=NOW - 60 * SECOND, next_look_at=NOW + DAY)
    hear(told(PARCEL1=[DELIVERED]), proved=False)
    assert RepairShipment.objects.get().next_look_at == NOW + 540 * SECOND


def test_hook_is_told_apart_when_no_parcel_here_has_the_number(parcel):
    hook = hear(told(OTHER=[PICKED_UP], PARCEL1=[PICKED_UP]))
    assert (hook.outcome, hook.unknown_numbers, hook.events) == ("recorded", ["OTHER"], 1)
    hook = hear(told(OTHER=[DELIVERED]))
    assert (hook.outcome, hook.unknown_numbers) == ("unknown", ["OTHER"])


def test_parcel_of_another_carrier_hears_nothing():
    ShipmentFactory(carrier="silent", tracking_number="PARCEL1")
    assert hear(told(PARCEL1=[PICKED_UP])).outcome == "unknown"


def test_one_unreadable_item_does_not_lose_the_others(parcel):
    body = json.dumps({"parcels": [{"number": "BAD", "events": [["no such kind", "x"]]}, {"number": "PARCEL1",
                       "events": [PICKED_UP]}]}).encode()  # fmt: skip
    hook = hear(body)
    assert (hook.outcome, TrackingEvent.objects.count()) == ("failed", 1)
    assert "unreadable" in hook.problem
    assert list(hooks_to_see()) == [hook]


def test_hook_without_parcels_is_nothing(carrier):
    assert hear(b"\xff\xfe not JSON").outcome == "nothing"


def test_hook_is_tried_again_when_a_parcel_stumbles_over_it(parcel, monkeypatch):
    other = ShipmentFactory(carrier="telling", tracking_number="PARCEL2")
    really = hearing.record_events

    def failing(shipment_id, *args, **more):
        if shipment_id == parcel.pk:
            raise ValueError("odd")
        return really(shipment_id, *args, **more)

    with monkeypatch.context() as patched:
        patched.setattr(hearing, "record_events", failing)
        hook = hear(told(PARCEL1=[PICKED_UP], PARCEL2=[PICKED_UP]))
    assert (hook.outcome, hook.problem) == ("", f"Parcel {parcel.pk}: odd")
    assert TrackingEvent.objects.get().shipment_id == other.pk
    assert read_hooks(NOW + STALE_AFTER) == 0
    assert read_hooks(NOW + STALE_AFTER + SECOND) == 1
    assert (TrackingHook.objects.get().outcome, TrackingEvent.objects.count()) == ("recorded", 2)


def test_hook_that_stops_its_reader_every_time_is_shown_to_a_person(parcel, monkeypatch):
    def dies(*_args: object, **_more: object) -> None:
        raise SystemExit

    keep_hook("telling", told(PARCEL1=[PICKED_UP]), proved=True, now=NOW)
    keep_hook("telling", told(PARCEL1=[DELIVERED]), proved=True, now=NOW)
    now = NOW
    with monkeypatch.context() as patched:
        patched.setattr(hearing, "record_events", dies)
        for _ in range(2 * MOST_ATTEMPTS):
            with pytest.raises(SystemExit):
                read_hooks(now)
            now += STALE_AFTER + SECOND
            if set(TrackingHook.objects.values_list("attempts", flat=True)) == {MOST_ATTEMPTS}:
                break
    while read_hooks(now):
        pass
    assert [hook.problem for hook in hooks_to_see()] == ["It stopped its reader every time."] * 2


def test_hook_waits_when_its_carrier_is_switched_off_meanwhile(parcel, monkeypatch):
    keep_hook("telling", told(PARCEL1=[PICKED_UP]), proved=True, now=NOW)
    with monkeypatch.context() as patched:
        patched.setattr("shipments.carriers.registry.offered_carriers", dict)
        read_hooks(NOW)
    assert TrackingHook.objects.get().outcome == ""
    read_hooks(NOW + STALE_AFTER + SECOND)
    assert TrackingEvent.objects.count() == 1


def test_later_parcel_of_the_same_number_keeps_its_scans_to_itself():
    case = CaseFactory(state="approved")
    early = ShipmentFactory(case=case, carrier="telling", tracking_number="AGAIN", booked_at=NOW - 90 * DAY)
    late = ShipmentFactory(carrier="telling", tracking_number="AGAIN", booked_at=NOW - 10 * DAY)
    hear(told(AGAIN=[["picked_up", "2025-09-05T10:00"], ["delivered", "2025-11-25T10:00"]]))
    assert list(early.tracking_events.values_list("kind", flat=True)) == ["picked_up"]
    assert set(late.tracking_events.values_list("kind", flat=True)) == {"picked_up", "delivered"}


def test_number_of_a_parcel_long_forgotten_is_somebody_elses():
    ShipmentFactory(carrier="telling", tracking_number="OLD", booked_at=NOW - 130 * DAY)
    assert hear(told(OLD=[["delivered", "2025-11-25T10:00"]])).outcome == "unknown"


def test_old_hooks_are_forgotten_but_not_those_that_failed(parcel):
    hear(told(PARCEL1=[PICKED_UP]))
    hear(told(OTHER=[PICKED_UP]))
    keep_hook("telling", b"waiting", proved=True, now=NOW)
    assert old_hooks(NOW + 15 * DAY).delete()[0] == 1
    assert old_hooks(NOW + 91 * DAY).delete()[0] == 1
    assert TrackingHook.objects.get().outcome == ""


def test_hooks_about_one_parcel_are_recorded_together(parcel, monkeypatch):
    calls = []
    really = hearing.record_events
    monkeypatch.setattr(hearing, "record_events", lambda *args, **more: calls.append(1) or really(*args, **more))
    for scan in (PICKED_UP, DELIVERED):
        keep_hook("telling", told(PARCEL1=[scan]), proved=True, now=NOW)
    assert read_hooks(NOW) == 2
    assert (len(calls), TrackingEvent.objects.count()) == (1, 2)
