"""The whole demo in one call: shop, sales, and cases in every state."""

import datetime as dt
from collections.abc import Callable, Iterator
from random import Random

from cases.models import Case
from cases.services import opening
from products.models import CoveredPart, Invoice
from warrantydesk.demo import sales, stories

CUSTOMERS_PER_CASE, INVOICES_PER_CASE = 200 / 150, 400 / 150
SAFE_DAYS = 355  # bought so many days before the request at the most: in cover whatever the calendar


def build(size: int, seed: int, now: dt.datetime, progress: Callable[[str], None]) -> list[sales.Login]:
    """`size` cases with the customers and invoices they need; the same for the same seed and day. The log-ins."""
    random = Random(seed)
    opening.draw_references_from(Random(seed))
    progress("staff and catalogue")
    staff, logins = sales.hire_staff()
    sales.stock_catalogue()
    people = sales.make_customers(max(round(size * CUSTOMERS_PER_CASE), 1), random)
    progress(f"{round(size * INVOICES_PER_CASE)} invoices")
    invoices = sales.sell(people, max(round(size * INVOICES_PER_CASE), 1), now.date(), random)
    random.shuffle(invoices)
    for number, (ending, start, in_cover) in enumerate(_plan(size, now, random), start=1):
        if number % 25 == 0:
            progress(f"{number} cases of {size}")
        invoice = _take(invoices, start.date(), in_cover=in_cover)
        if invoice is not None:
            ending(stories.Story(staff, random, at=start, end=now), invoice, _choose_parts(invoice, random))
    progress(f"{Case.objects.count()} cases")
    return logins


def _plan(size: int, now: dt.datetime, random: Random) -> Iterator[tuple[stories.Ending, dt.datetime, bool]]:
    """Which ending each case gets, and when it begins: the shares of the table, the rarer endings at least once."""
    whole = sum(share for _ending, share, _days, _cover in stories.ENDINGS)
    for ending, share, (least, most), in_cover in stories.ENDINGS:
        for _ in range(max(round(share * size / whole), 1)):
            yield ending, now - dt.timedelta(days=random.uniform(least + 0.1, most + 0.9)), in_cover


def _take(invoices: list[Invoice], on: dt.date, *, in_cover: bool) -> Invoice | None:
    """An invoice nobody has claimed anything of yet, in or out of cover on that day."""
    for place, invoice in enumerate(invoices):
        age = (on - invoice.issued_on).days
        if (3 <= age <= SAFE_DAYS) if in_cover else age > SAFE_DAYS + 15:
            return invoices.pop(place)
    return None


def _choose_parts(invoice: Invoice, random: Random) -> list[CoveredPart]:
    """One to three parts of the first thing on the invoice, the first of them a piece with a serial of its own."""
    parts = list(CoveredPart.objects.filter(unit__line__invoice=invoice, unit__line__position=_first_line(invoice)))
    singly = [part for part in parts if not part.is_lot] or parts
    first = random.choice(singly)
    others = [part for part in parts if part != first]
    more = random.sample(others, min(random.choice((0, 0, 1, 2)), len(others)))
    return [first, *more]


def _first_line(invoice: Invoice) -> int:
    return invoice.lines.order_by("position").values_list("position", flat=True)[0]
