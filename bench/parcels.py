"""How fast parcels are looked at: two workers, a carrier that takes 100 ms for every answer, and PostgreSQL.

    DATABASE_URL=postgres://…/wd_parcels python -m bench.parcels [--parcels 100000] [--news 10] [--workers 2]

The workers run the task beat runs, with DHL's adapter and its HTTP client, against a server of our own on loopback.
Every parcel is known with two scans; of `--news` in a hundred the carrier knows a third one, which takes the whole way:
windows, clock, case. Needs an empty PostgreSQL database of its own; what it loads stays there.
"""

import argparse
import datetime as dt
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.memory import peak_megabytes
from bench.table import Row, tell

ROOT = Path(__file__).resolve().parent.parent
FLOOR = 100_000 / 300  # a second
ANSWER_SECONDS, IN_FLIGHT = 0.1, 200
IDEAL = IN_FLIGHT / ANSWER_SECONDS
LEAST_OF_IDEAL = 0.9
ALONE = 10_000  # parcels asked about without a database, or as many as there are
CHUNK = 2000
KIT = 40
LABEL, PICKED_UP, OUT = "2026-01-05T09:00:00+01:00", "2026-01-06T10:00:00+01:00", "2026-01-07T11:00:00+01:00"
AT = dt.datetime(2026, 1, 5, 8, tzinfo=dt.UTC)


def main() -> None:
    arguments = _arguments()
    if arguments.serve:
        _serve(arguments.news)
        return
    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "warrantydesk.settings")
    import django

    django.setup()
    if arguments.work:
        _work()
    else:
        _measure(arguments)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--parcels", type=int, default=20_000)
    parser.add_argument("--news", type=int, default=10, help="of a hundred parcels, those with a scan nobody knows")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--work", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


# ── the carrier ──────────────────────────────────────────────────────────────────────────────────────────────────


def scans_of(number: int, news: int) -> list[dict[str, Any]]:
    """What the carrier says of a parcel, in DHL's shape."""
    place = {"address": {"addressLocality": "Bremen", "countryCode": "DE"}}
    known = [("pre-transit", LABEL), ("transit", PICKED_UP), *([("transit", OUT)] if number % 100 < news else [])]
    return [
        {"timestamp": at, "statusCode": code, "status": code, "description": "Scan", "location": place}
        for code, at in known
    ]


def number_of(place: int) -> str:
    return f"JVGL{place:014d}"


def _serve(news: int) -> None:
    import asyncio

    from aiohttp import web

    async def answer(request: web.Request) -> web.Response:
        await asyncio.sleep(ANSWER_SECONDS)
        number = request.query["trackingNumber"]
        shipment = {"id": number, "events": scans_of(int(number[4:]), news)}
        return web.json_response({"shipments": [shipment]})

    async def serving() -> None:
        app = web.Application()
        app.router.add_get("/track/shipments", answer)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        print(runner.addresses[0][1], flush=True)
        await asyncio.Event().wait()

    asyncio.run(serving())


# ── the data ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _load(parcels: int) -> None:
    from django.core.management import call_command

    from shipments.models import RepairShipment

    call_command("migrate", verbosity=0)
    there = RepairShipment.objects.count()
    if there:
        sys.exit(f"The database holds {there:,} parcels already. Give an empty one.")
    sold = _Sold()
    for first in range(0, parcels, CHUNK):
        _load_chunk(range(first, min(first + CHUNK, parcels)), sold)
        print(f"\rparcels {min(first + CHUNK, parcels):,} of {parcels:,}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)


class _Sold:
    """One product, one customer, and invoices as they are needed."""

    def __init__(self) -> None:
        from products.models import Customer, Product, WarrantyTerms

        self.product = Product.objects.create(sku="BENCH", name="Part")
        self.customer = Customer.objects.create(name="Bench", email="bench@mail.example")
        self.terms = WarrantyTerms.objects.earliest("effective_from")

    def parts(self, places: range) -> list[Any]:
        from products.models import CoveredPart, Invoice, InvoiceLine, SoldUnit
        from products.services.clocks import set_clock

        first, many = places[0] // KIT, -(-len(places) // KIT)
        invoices = Invoice.objects.bulk_create(
            Invoice(
                shop="", number=f"B-{n}", number_fold=f"8{n}", customer=self.customer, currency="EUR",
                issued_on=dt.date(2025, 6, 1),
            )
            for n in range(first, first + many)
        )  # fmt: skip
        lines = InvoiceLine.objects.bulk_create(
            InvoiceLine(invoice=one, position=1, product=self.product, quantity=1) for one in invoices
        )
        units = SoldUnit.objects.bulk_create(SoldUnit(line=one, number=1) for one in lines)
        parts = [
            CoveredPart(
                unit=units[i // KIT], product=self.product, position=i % KIT + 1, category="standard",
                terms=self.terms, term_months=12, starts_on=dt.date(2025, 6, 1), started_by="invoice",
            )
            for i in range(len(places))
        ]  # fmt: skip
        for part in parts:
            set_clock(part, [])
        return CoveredPart.objects.bulk_create(parts)


def _load_chunk(places: range, sold: _Sold) -> None:
    from cases.models import Case
    from shipments.models import PackedPart, RepairShipment, TrackingEvent
    from shipments.services import rebuild_pauses

    parts = sold.parts(places)
    cases = Case.objects.bulk_create(
        Case(
            reference=f"WD-{place:09d}", state="evidence_review", source="mail", customer=sold.customer, received_at=AT,
            submitted_on=AT.date(), submitted_zone="UTC", submitted_zone_found="customer", changed_at=AT,
        )
        for place in places
    )  # fmt: skip
    shipments = RepairShipment.objects.bulk_create(
        RepairShipment(
            case=case, direction="to_workshop", carrier="dhl", tracking_number=number_of(place), booked_at=AT,
            latest_kind="in_transit", latest_event_at=dt.datetime.fromisoformat(PICKED_UP), next_look_at=AT,
        )
        for case, place in zip(cases, places, strict=True)
    )  # fmt: skip
    PackedPart.objects.bulk_create(
        PackedPart(shipment=one, part=part) for one, part in zip(shipments, parts, strict=True)
    )
    TrackingEvent.objects.bulk_create(row for one in shipments for row in _known(one))
    rebuild_pauses([part.pk for part in parts], cause="bench", now=dt.datetime.now(dt.UTC))


def _known(shipment: Any) -> Iterator[Any]:
    from shipments.carriers.dhl import adapter
    from shipments.models import TrackingEvent
    from shipments.services.recording import _row  # as a poll would have written them

    answer = adapter().parse(json.dumps({"shipments": [{"id": "x", "events": scans_of(99, 0)}]}))[0]
    from cases.actors import Actor

    for event in answer.events:
        yield _row(shipment, event, heard=TrackingEvent.Heard.POLL, actor=Actor.system(), now=AT)


# ── the measurement ──────────────────────────────────────────────────────────────────────────────────────────────


def _work() -> None:
    """What beat has a worker do, over and over until nothing is left."""
    import resource

    from django.utils import timezone

    from shipments.models import RepairShipment
    from shipments.tasks import look_at_due_shipments

    began, before = time.monotonic(), resource.getrusage(resource.RUSAGE_SELF)
    while RepairShipment.objects.filter(next_look_at__lte=timezone.now()).exists():
        look_at_due_shipments()
        time.sleep(0.1)
    used = resource.getrusage(resource.RUSAGE_SELF)
    worked = used.ru_utime + used.ru_stime - before.ru_utime - before.ru_stime
    print(f"{began} {time.monotonic()} {worked:.1f} {peak_megabytes():.0f}")


def _measure(arguments: argparse.Namespace) -> None:
    from django.db import connection

    if connection.vendor != "postgresql":
        sys.exit("DATABASE_URL must name a PostgreSQL database of its own.")
    _load(arguments.parcels)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    server = _start("--serve", "--news", str(arguments.news))
    try:
        assert server.stdout is not None
        port = server.stdout.readline().decode().strip()
        access = {
            "DHL_API_KEY": "bench", "DHL_URL": f"http://127.0.0.1:{port}", "CARRIER_LIMITS": f"dhl=0/{IN_FLIGHT}",
            "CARRIER_PRIVATE_ADDRESSES": "1", "DEBUG": "0", "SECRET_KEY": "bench",
        }  # fmt: skip
        _measure_alone(port, min(ALONE, arguments.parcels), access)
        workers = [_start("--work", **access) for _ in range(arguments.workers)]
        said = [worker.communicate()[0].decode().split() for worker in workers]
        # From the first worker's first question to the last one's last note: the processes are started before.
        took = max(float(end) for _begin, end, *_ in said) - min(float(begin) for begin, *_ in said)
    finally:
        server.kill()
        server.wait()
    _report(arguments, took, said, [worker.returncode for worker in workers])


def _measure_alone(port: str, parcels: int, access: dict[str, str]) -> None:
    """The poller and its floor in turns, each in a process of its own; the better of three counts for both."""
    rates: dict[str, list[float]] = {"raw": [], "adapter": []}
    for _turn in range(3):
        for how, measured in rates.items():
            command = [sys.executable, "-m", "bench.poller", how, port, str(parcels)]
            done = subprocess.run(command, cwd=ROOT, env={**os.environ, **access}, stdout=subprocess.PIPE, check=True)
            measured.append(float(done.stdout))
    floor, poller = (max(measured) for measured in rates.values())
    print(f"poller      alone {poller:.0f} a second, raw aiohttp {floor:.0f}, ideal {IDEAL:.0f}")
    tell(Row("Background", f"floor: raw aiohttp polling, {IN_FLIGHT} in flight", parcels, f"{floor:.0f} a second",
             floor / IDEAL))  # fmt: skip
    tell(Row("Background", f"the poller alone, {IN_FLIGHT} in flight", parcels,
             f"{poller:.0f} a second, {poller / floor:.2f} × raw aiohttp", poller / IDEAL,
             f"≥ {LEAST_OF_IDEAL} × ideal ({IDEAL:.0f} a second)", met=poller >= LEAST_OF_IDEAL * IDEAL))  # fmt: skip


def _start(*more: str, **environment: str) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "bench.parcels", *more]
    return subprocess.Popen(command, cwd=ROOT, env={**os.environ, **environment}, stdout=subprocess.PIPE)


def _report(arguments: argparse.Namespace, took: float, said: list[list[str]], codes: list[int]) -> None:
    from django.db.models import Count

    from shipments.models import RepairShipment, TrackingEvent

    looked = RepairShipment.objects.filter(looked_at__isnull=False, look_failures=0, look_claimed_at=None).count()
    new = TrackingEvent.objects.exclude(heard_at=AT).count()
    twice = TrackingEvent.objects.values("shipment", "occurred_at").annotate(n=Count("pk")).filter(n__gt=1).count()
    rate = looked / took
    verdict = "within" if rate >= FLOOR else "UNDER"
    most = max(float(mb) for *_times, mb in said)
    tell(Row(
        "Background", "tracking at 100 ms a call", arguments.parcels,
        f"{rate:.0f} a second, {arguments.workers} workers", None, f"≥ {FLOOR:.0f} a second, ≤ 300 MB each",
        megabytes=most, met=rate >= FLOOR and most <= 300 and not twice,
    ))  # fmt: skip
    used = ", ".join(f"{cpu} s {mb} MB" for _begin, _end, cpu, mb in said)
    print(
        f"parcels     {looked:,} of {arguments.parcels:,} looked at in {took:.0f} s by {arguments.workers} workers: "
        f"{rate:.0f} a second, {verdict} the {FLOOR:.0f} asked for; {new:,} new scans, {twice} kept twice; "
        f"processor time and memory of each: {used}; exit {codes}"
    )


if __name__ == "__main__":
    main()
