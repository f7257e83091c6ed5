"""A desk small but nasty, built once for nasty_desk/: every state, the ends of days and of cover, appeals, parts of
one case decided on one day and on two, a unit away twice as long, one alone, products never sold, a claim from before
the start, withdrawn and guessed."""

import datetime as dt
from decimal import Decimal
from zoneinfo import ZoneInfo

from cases.actors import Actor
from cases.models import Case, ClaimedPart
from cases.services import deciding
from cases.tests.factories import CaseFactory, StaffFactory, judge, open_for_test, quote, staff
from products.models import Product
from products.services import LineData
from products.tests.factories import (
    CoveredPartFactory,
    CustomerFactory,
    InvoiceFactory,
    KitFactory,
    ProductFactory,
    parts_of,
)
from shipments.tests.factories import BACK, OUT, ShipmentFactory, scan
from warrantydesk.reports.asked import Asked
from warrantydesk.reports.models import ClaimFigures, StageRun
from warrantydesk.reports.ranges import Range

ZONE = ZoneInfo("Europe/Berlin")
NOW = dt.datetime(2025, 12, 10, 12, tzinfo=dt.UTC)
DAYS = Range(dt.date(2025, 10, 1), dt.date(2025, 12, 7))
MIDNIGHT = dt.datetime(2025, 9, 30, 22, tzinfo=dt.UTC)  # 1 October in Berlin


def asked(**filters) -> Asked:
    return Asked(DAYS, NOW, ZONE, **filters)


def build() -> None:
    """The whole desk, by its own verbs."""
    _every_state()
    _ends_of_days()
    _several_parts()
    _decided_apart()
    _appeals()
    _odd_sales()
    _parcels()


def _every_state() -> None:
    for state in ("submitted", "evidence_review", "approved", "denied", "in_repair", "returned", "withdrawn"):
        CaseFactory(state=state)
    CaseFactory(state="returned", resolution="replacement")
    case = CaseFactory(state="approved")
    quote(case, "35.50", answer="accepted")
    quote(CaseFactory(state="approved"), "19.99", answer="declined")
    quote(CaseFactory(state="approved"), "5.00")


def _ends_of_days() -> None:
    second = dt.timedelta(seconds=1)
    for at in (MIDNIGHT, MIDNIGHT - second, dt.datetime(2025, 12, 7, 23, tzinfo=dt.UTC) - second):
        CaseFactory(received_at=at)
    CaseFactory(received_at=dt.datetime(2025, 12, 7, 23, tzinfo=dt.UTC))
    motor = ProductFactory(motor=True, name="Old motor")
    for issued_on in (dt.date(2024, 11, 4), dt.date(2024, 11, 3), dt.date(2025, 11, 30)):
        CaseFactory(part=CoveredPartFactory(product=motor, issued_on=issued_on))


def _several_parts() -> None:
    kit = KitFactory(name="Nasty kit")
    reviewer = staff("reviewer")
    for place, verdicts in enumerate(("covered denied", "covered covered", "denied denied", "covered open")):
        invoice = InvoiceFactory(products=[kit], issued_on=dt.date(2025, 6 + place, 15), customer=_norwegian())
        case = CaseFactory(parts=parts_of(invoice)[1:3], customer=CustomerFactory(country="NO"))
        for claim, verdict in zip(case.claimed_parts.order_by("pk"), verdicts.split(), strict=True):
            if verdict != "open":
                judge(claim, reviewer, **({"deny": "improper_use"} if verdict == "denied" else {}))
        if "open" not in verdicts:
            verb = deciding.approve if "covered" in verdicts else deciding.deny
            verb(case.pk, actor=reviewer, now=case.received_at + dt.timedelta(hours=5))


def _decided_apart() -> None:
    """Two parts of one case, of which the second was decided a day after the first."""
    reviewer, day = staff("reviewer"), dt.timedelta(days=1)
    invoice = InvoiceFactory(products=[KitFactory(name="Slow kit")], issued_on=dt.date(2025, 6, 15))
    case = CaseFactory(parts=parts_of(invoice)[:2])
    first, second = case.claimed_parts.order_by("pk")
    judge(first, reviewer, now=case.received_at)
    judge(second, reviewer, now=case.received_at + day, deny="improper_use")
    deciding.approve(case.pk, actor=reviewer, now=case.received_at + 2 * day)


def _norwegian():
    return CustomerFactory(country="NO")


def _appeals() -> None:
    reviewer = staff("reviewer")
    for again in ("", "deny", "approve"):
        case = CaseFactory(state="denied", reviewer=reviewer)
        at = dt.datetime(2025, 11, 20, 9, tzinfo=dt.UTC)
        deciding.reopen(case.pk, why="New photo.", actor=staff("support"), now=at)
        claim = ClaimedPart.objects.get(case=case)
        if again:
            judge(claim, reviewer, now=at, **({"deny": "improper_use"} if again == "deny" else {}))
            getattr(deciding, again)(case.pk, actor=reviewer, now=at + dt.timedelta(hours=1))


def _odd_sales() -> None:
    ProductFactory(name="Never sold")
    CoveredPartFactory(product=ProductFactory(name="One alone"), issued_on=dt.date(2025, 2, 28))
    part = CoveredPartFactory(issued_on=dt.date(2025, 11, 20))  # bought after the request: it comes before the start
    CaseFactory(part=part, received_at=dt.datetime(2025, 11, 10, tzinfo=dt.UTC))
    open_for_test(
        customer=CustomerFactory(),
        matched=False,
        received_at=dt.datetime(2025, 11, 12, tzinfo=dt.UTC),
        source="mail",
        subject="Help",
        description="",
        files=[],
    )


def _parcels() -> None:
    """One there and back, and once more as long; one there and not scanned since, one lost."""
    before = CaseFactory(state="approved", received_at=dt.datetime(2025, 10, 2, 9, tzinfo=dt.UTC))
    there = [scan("picked_up", "2025-10-06T10:00"), scan("delivered", "2025-10-08T09:00")]
    ShipmentFactory(case=before, events=there, booked_at=dt.datetime(2025, 10, 5, tzinfo=dt.UTC))
    ShipmentFactory(
        case=before,
        direction="to_customer",
        events=[scan("picked_up", "2025-10-16T10:00"), scan("delivered", "2025-10-18T15:00")],
        booked_at=dt.datetime(2025, 10, 15, tzinfo=dt.UTC),
    )
    case = CaseFactory(state="approved", part=before.claimed_parts.get().part)
    ShipmentFactory(case=case, events=OUT)
    ShipmentFactory(case=case, direction="to_customer", events=BACK)
    ShipmentFactory(events=[scan("picked_up", "2025-11-12T10:00")])
    ShipmentFactory(events=[scan("picked_up", "2025-11-12T10:00"), scan("lost", "2025-11-20T10:00")])
    CaseFactory(state="approved", resolution="replacement", part=CoveredPartFactory(product=product_of("Old motor")))
    InvoiceFactory(
        lines=[LineData(product_of("Old motor").sku, unit_price=Decimal("12.50"))], issued_on=dt.date(2025, 3, 3)
    )


def product_of(name: str) -> Product:
    return Product.objects.get(name=name)


def choices() -> dict[str, list[object]]:
    """Every choice of every filter that any run is of."""
    rows = StageRun.objects.order_by()
    return {
        "product": list(rows.exclude(product=None).values_list("product", flat=True).distinct()),
        "country": list(rows.exclude(country="").values_list("country", flat=True).distinct()),
        "reviewer": list(rows.exclude(reviewer=None).values_list("reviewer", flat=True).distinct()),
        "part": list(ClaimFigures.objects.order_by().values_list("part", flat=True).distinct()),
    }


def manager():
    return StaffFactory(role="manager")


__all__ = ["DAYS", "NOW", "ZONE", "Actor", "Case", "asked", "build", "choices", "manager", "product_of"]
