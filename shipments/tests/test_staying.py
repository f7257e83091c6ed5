"""Which parcels are in the workshop: written down with every change, proved, and filled in for those of before."""

import datetime as dt
from importlib import import_module
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import connection
from django.utils import timezone

from cases.tests.factories import CaseFactory, staff
from shipments.integrity import problems
from shipments.models import RepairShipment
from shipments.rebuilding import rebuild_all
from shipments.services import cancel, confirm_pause
from shipments.services.staying import stays_of
from shipments.tests.factories import ShipmentFactory, scan

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def ago(days: int) -> str:
    return (NOW - dt.timedelta(days=days)).isoformat()


def parcel(*scans: tuple[str, int], direction: str = "to_workshop", **given) -> RepairShipment:
    made = ShipmentFactory(
        direction=direction, now=NOW, booked_at=NOW - dt.timedelta(days=60),
        events=[scan(kind, ago(days)) for kind, days in scans],
        case=given.pop("case", None) or CaseFactory(state="approved"), **given,
    )  # fmt: skip
    return RepairShipment.objects.get(pk=made.pk)


def here() -> set[int]:
    stored = set(RepairShipment.objects.filter(here_since__isnull=False).values_list("pk", flat=True))
    proved = set(stays_of(RepairShipment.objects.all()).filter(proved__isnull=False).values_list("pk", flat=True))
    assert stored == proved
    return stored


def test_parcel_is_here_from_its_arrival_to_the_hand_over_of_the_next() -> None:
    coming = parcel(("picked_up", 9))
    assert here() == set()
    came = parcel(("picked_up", 9), ("delivered", 7))
    assert (here(), came.here_since) == ({came.pk}, came.arrived_at)
    parcel(direction="to_customer", case=came.case)
    assert here() == {came.pk}, "a parcel that was only booked takes nothing away"
    parcel(("picked_up", 1), direction="to_customer", case=came.case)
    assert here() == set()
    assert coming.here_since is None


def test_parcel_is_here_no_more_when_it_was_none_of_the_case() -> None:
    came = parcel(("picked_up", 9), ("delivered", 7))
    cancel(came.pk, why="Another customer's number", actor=staff("support"), now=NOW)
    assert here() == set()


def test_parcel_is_here_no_more_when_staff_say_that_its_parts_are_back() -> None:
    came = parcel(("picked_up", 9), ("delivered", 7))
    left_on = NOW.date() - dt.timedelta(days=9)
    confirm_pause(
        list(came.packed_parts.values_list("part", flat=True)), left_on=left_on, back_on=NOW.date(),
        reason="Collected at the door", proof={"words": "signed"}, overrules=[left_on], actor=staff("reviewer"),
        now=NOW,
    )  # fmt: skip
    assert here() == set()


def test_wrong_stay_is_found_and_mended() -> None:
    came, coming = parcel(("picked_up", 9), ("delivered", 7)), parcel(("picked_up", 9))
    RepairShipment.objects.filter(pk=came.pk).update(here_since=None)
    RepairShipment.objects.filter(pk=coming.pk).update(here_since=NOW)
    assert [line.split(":")[0] for line in problems(NOW)] == [f"parcel {came.pk}", f"parcel {coming.pk}"]
    list(rebuild_all(NOW))
    assert here() == {came.pk}
    assert list(problems(NOW)) == []


def test_migration_writes_what_the_verbs_would_have_written() -> None:
    came = parcel(("picked_up", 9), ("delivered", 7))
    left = parcel(("picked_up", 9), ("delivered", 7))
    parcel(("picked_up", 1), direction="to_customer", case=left.case)
    RepairShipment.objects.update(here_since=None)
    migration = import_module("shipments.migrations.0005_write_who_is_in_the_workshop")
    migration.write(apps, SimpleNamespace(connection=connection))
    assert here() == {came.pk}
