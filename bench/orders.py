"""How many invoices of sixty-part kits a second the import takes in, and in how much memory.

    DATABASE_URL=postgres://…/wd_bench python -m bench.orders [--orders 10000] [--parts 60] [--seed 1]

Writes a Shopify export of so many orders (as Shopify writes them: the order's own columns on its first row only), takes
it in, and takes it in again. Needs an empty PostgreSQL database of its own. Figures go to standard output.
"""

import argparse
import csv
import datetime as dt
import os
import random
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from bench.table import Row, tell

ROOT = Path(__file__).resolve().parent.parent
HEADER = (
    "Name", "Email", "Financial Status", "Paid at", "Fulfillment Status", "Fulfilled at", "Accepts Marketing",
    "Currency", "Subtotal", "Shipping", "Taxes", "Total", "Discount Code", "Discount Amount", "Shipping Method",
    "Created at",
    "Lineitem quantity", "Lineitem name", "Lineitem price", "Lineitem compare at price", "Lineitem sku",
    "Lineitem requires shipping", "Lineitem taxable", "Lineitem fulfillment status", "Billing Name", "Billing Street",
    "Billing Country", "Shipping Name", "Shipping Street", "Shipping City", "Shipping Zip", "Shipping Country", "Notes",
    "Note Attributes", "Cancelled at", "Payment Method", "Refunded Amount", "Vendor", "Id", "Tags", "Source",
    "Lineitem discount", "Phone",
)  # fmt: skip
KITS, SPARES = 4, 12
FLOOR_SECONDS, FLOOR_ORDERS = 300, 100_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--orders", type=int, default=10_000)
    parser.add_argument("--parts", type=int, default=60, help="covered parts of a kit")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "warrantydesk.settings")
    import django

    django.setup()
    _stock(arguments.parts)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "orders_export.csv"
        write_export(path, arguments.orders, random.Random(arguments.seed))
        print(f"file        {path.stat().st_size / 1e6:.1f} MB, {arguments.orders:,} orders")
        for turn in ("first time", "again"):
            _measure(path, turn, arguments.orders)


def write_export(path: Path, orders: int, rng: random.Random) -> None:
    """A real-shaped export: several lines an order, refunds, unpaid ones, notes with line breaks."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, HEADER, restval="")
        writer.writeheader()
        for number in range(1, orders + 1):
            writer.writerows(_order(number, rng))


def _order(number: int, rng: random.Random) -> Iterator[dict[str, str]]:
    day = dt.date(2023, 1, 1) + dt.timedelta(days=rng.randrange(900))
    status = rng.choices(("paid", "refunded", "partially_refunded", "pending"), (95, 2, 2, 1))[0]
    country = rng.choice(("DE", "US", "NO", "JP", "FR"))
    paid = "" if status == "pending" else f"{day} 10:1{rng.randrange(10)}:0{rng.randrange(10)} +0100"
    name = f"Maker {number}"
    first = {
        "Financial Status": status, "Paid at": paid, "Fulfillment Status": "fulfilled", "Currency": "EUR",
        "Total": "799.00", "Billing Name": name, "Billing Country": country, "Shipping Name": name,
        "Shipping Street": f"Street {number}", "Shipping City": "Town", "Shipping Zip": "'01234",
        "Shipping Country": country, "Notes": "Please ring\ntwice" if number % 50 == 0 else "",
        "Payment Method": "Shopify Payments", "Vendor": "Positron", "Id": str(5_000_000_000 + number), "Source": "web",
    }  # fmt: skip
    lines = [(f"KIT-{rng.randrange(KITS)}", "Printer kit", "799.00")]
    lines += [(f"SPARE-{rng.randrange(SPARES)}", "Spare part", "19.90") for _ in range(rng.randrange(3))]
    for place, (sku, title, price) in enumerate(lines):
        common = {
            "Name": f"#{number + 1000}", "Email": f"maker{number % (number // 2 + 1)}@mail.example",
            "Created at": f"{day} 10:10:00 +0100", "Lineitem quantity": "1", "Lineitem name": title,
            "Lineitem price": price, "Lineitem sku": sku, "Lineitem requires shipping": "true",
            "Lineitem fulfillment status": "fulfilled",
        }  # fmt: skip
        yield {**common, **(first if place == 0 else {})}


def _stock(parts: int) -> None:
    from django.core.management import call_command

    from products.models import KitPart, Product

    call_command("migrate", verbosity=0)
    if Product.objects.exists():
        return
    for number in range(SPARES):
        Product.objects.create(sku=f"SPARE-{number}", name=f"Spare part {number}")
    pieces = [Product.objects.create(sku=f"PART-{number}", name=f"Part {number}") for number in range(parts)]
    for number in range(KITS):
        kit = Product.objects.create(sku=f"KIT-{number}", name=f"Printer kit {number}", kind=Product.Kind.KIT)
        KitPart.objects.bulk_create(
            KitPart(kit=kit, part=piece, tracked="lot", position=place) for place, piece in enumerate(pieces)
        )


def _measure(path: Path, turn: str, orders: int) -> None:
    from django.utils import timezone

    from products.importing.tables import open_table
    from products.importing.taking import find_layout, take_orders
    from products.models import CoveredPart
    from products.services import Registration, ShopsWord

    before, began = CoveredPart.objects.count(), time.perf_counter()
    with path.open("rb") as file:
        table = open_table(file)
        layout = find_layout(table)
        tally = take_orders(
            table, layout, Registration.begin(ShopsWord(), timezone.now()), reject=lambda one: print("rejected", one)
        )
    seconds = time.perf_counter() - began
    used = resource.getrusage(resource.RUSAGE_SELF)
    parts = CoveredPart.objects.count() - before
    memory = used.ru_maxrss / 1024
    print(
        f"{turn:<11} {seconds:.1f} s: {tally.new:,} new, {tally.changed:,} changed, {tally.unchanged:,} as before, "
        f"{tally.skipped} left out, {tally.rejected} rejected; {parts:,} parts ({parts / seconds:,.0f}/s); "
        f"{memory:.0f} MB, "
        f"{used.ru_utime + used.ru_stime:.0f} s of a processor so far"
    )
    if turn == "first time":
        ahead = seconds * FLOOR_ORDERS / orders
        tell(Row(
            "Background", "import of orders, kits of sixty parts", orders, f"{orders / seconds:.0f} a second", None,
            f"{FLOOR_ORDERS:,} in {FLOOR_SECONDS} s", megabytes=memory, met=ahead <= FLOOR_SECONDS,
        ))  # fmt: skip
        print(f"            {FLOOR_ORDERS:,} orders at this rate: {ahead:.0f} s (asked for: {FLOOR_SECONDS} s)")


if __name__ == "__main__":
    main()
