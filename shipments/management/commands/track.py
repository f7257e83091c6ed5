"""`manage.py track [--due|--all|SHIPMENT…]`: ask the carriers now (contracts: Commands)."""

import json
import sys
from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import QuerySet
from django.utils import timezone

from shipments.carriers.registry import offered_carriers
from shipments.models import CarrierHealth, RepairShipment
from shipments.polling import Look, look_at, looks_due
from shipments.queries import parcels_that_count

CHUNK = 1000


class Command(BaseCommand):
    help = "Asks the carriers about parcels: those that are due, all that still travel, or the ones named by id."

    def add_arguments(self, parser: CommandParser) -> None:
        which = parser.add_mutually_exclusive_group()
        which.add_argument("--due", action="store_true", help="the parcels whose look is due (the default)")
        which.add_argument("--all", action="store_true", help="every parcel that can be asked about, due or not")
        which.add_argument("shipments", nargs="*", type=int, default=[], metavar="SHIPMENT", help="ids of parcels")

    def handle(self, *args: Any, **options: Any) -> None:
        failed = total = 0
        for look in self._looks(options["shipments"], everything=options["all"]):
            self.stdout.write(json.dumps(_told(look), ensure_ascii=False))
            total += 1
            failed += look.outcome == "error"
            if total % CHUNK == 0:
                self.stderr.write(f"{total} parcels asked about, {failed} failed …", self.style.NOTICE)
        self.stderr.write(f"{total} parcels asked about.", self.style.SUCCESS)
        if failed:
            raise CommandError(f"{failed} of {total} looks failed.", returncode=1)

    def _looks(self, shipment_ids: list[int], *, everything: bool) -> Iterator[Look]:
        if shipment_ids:
            yield from _look_at_all(_named(shipment_ids))
        elif everything:
            yield from _look_at_all(parcels_that_count().exclude(carrier__in=_followed_by_hand()))
        else:
            yield from looks_due(timezone.now, limit=sys.maxsize)
            self._tell_resting()

    def _tell_resting(self) -> None:
        now = timezone.now()
        for health in CarrierHealth.objects.filter(open_until__gt=now):
            said = f"{health.carrier} is not asked before {health.open_until:%Y-%m-%d %H:%M} UTC"
            self.stderr.write(f"{said}: {health.last_problem or 'it wants to be left alone'}", self.style.WARNING)


def _named(shipment_ids: list[int]) -> QuerySet[RepairShipment]:
    rows = RepairShipment.objects.filter(pk__in=shipment_ids)
    unknown = sorted(set(shipment_ids) - set(rows.values_list("pk", flat=True)))
    if unknown:
        raise CommandError(f"There is no parcel {unknown[0]}.", returncode=2)
    return rows


def _followed_by_hand() -> list[str]:
    return [code for code, carrier in offered_carriers().items() if not carrier.polled]


def _look_at_all(rows: QuerySet[RepairShipment]) -> Iterator[Look]:
    """Whoever asks by hand does not wait for the clock; should the worker be asking too, the same scan is kept once."""
    last = 0
    while chunk := list(rows.filter(pk__gt=last).select_related("case").order_by("pk")[:CHUNK]):
        yield from look_at(chunk, timezone.now)
        last = chunk[-1].pk


def _told(look: Look) -> dict[str, Any]:
    shipment = look.shipment
    return {
        "shipment": shipment.pk,
        "case": shipment.case.reference,
        "carrier": shipment.carrier,
        "number": shipment.tracking_number,
        "outcome": look.outcome,
        "new_events": look.new,
        "latest": shipment.latest_kind or None,
        "next_look_at": shipment.next_look_at.isoformat() if shipment.next_look_at else None,
        "problem": look.problem or None,
    }
