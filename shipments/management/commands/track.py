"""`manage.py track [--due|--all|SHIPMENT…]`: ask the carriers now (contracts: Commands)."""

import json
from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import QuerySet
from django.utils import timezone

from shipments.models import RepairShipment
from shipments.polling import PER_TURN, Look, look_at, look_at_due
from shipments.queries import parcels_that_count


class Command(BaseCommand):
    help = "Asks the carriers about parcels: those that are due, all that still travel, or the ones named by id."

    def add_arguments(self, parser: CommandParser) -> None:
        which = parser.add_mutually_exclusive_group()
        which.add_argument("--due", action="store_true", help="the parcels whose look is due (the default)")
        which.add_argument("--all", action="store_true", help="every parcel that is not cancelled, due or not")
        which.add_argument("shipments", nargs="*", type=int, default=[], metavar="SHIPMENT", help="ids of parcels")

    def handle(self, *args: Any, **options: Any) -> None:
        failed = total = 0
        for look in self._looks(options["shipments"], everything=options["all"]):
            self.stdout.write(json.dumps(_told(look), ensure_ascii=False))
            total += 1
            failed += look.outcome == "error"
            if total % PER_TURN == 0:
                self.stderr.write(f"{total} parcels asked about, {failed} failed …", self.style.NOTICE)
        self.stderr.write(f"{total} parcels asked about.", self.style.SUCCESS)
        if failed:
            raise CommandError(f"{failed} of {total} looks failed.", returncode=1)

    def _looks(self, shipment_ids: list[int], *, everything: bool) -> Iterator[Look]:
        if shipment_ids:
            yield from _look_at_all(_named(shipment_ids))
        elif everything:
            yield from _look_at_all(parcels_that_count())
        else:
            while looks := look_at_due(timezone.now(), PER_TURN):
                yield from looks


def _named(shipment_ids: list[int]) -> QuerySet[RepairShipment]:
    rows = RepairShipment.objects.filter(pk__in=shipment_ids)
    unknown = sorted(set(shipment_ids) - set(rows.values_list("pk", flat=True)))
    if unknown:
        raise CommandError(f"There is no parcel {unknown[0]}.", returncode=2)
    return rows


def _look_at_all(rows: QuerySet[RepairShipment]) -> Iterator[Look]:
    """Whoever asks by hand does not wait for the clock; should the worker be asking too, the same scan is kept once."""
    last = 0
    while chunk := list(rows.filter(pk__gt=last).order_by("pk")[:PER_TURN]):
        yield from look_at(chunk, timezone.now())
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
