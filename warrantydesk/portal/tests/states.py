"""Every state a request can be in, as its customer meets it: one function each, the case it made as its answer."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from functools import cache
from io import BytesIO
from typing import Any

from django.utils import timezone

from cases.actors import Actor
from cases.evidence.fence import decode_bounded
from cases.evidence.renditions import Renditions
from cases.evidence.storage import put_away, store_file
from cases.models import Case, Evidence
from cases.services import deciding, quoting, talking
from cases.services.quoting import QuoteLineData
from cases.tests.factories import CaseFactory, judge, staff
from products.models import CoveredPart, Customer
from products.tests.factories import CustomerFactory, InvoiceFactory, KitFactory, ProductFactory, parts_of
from shipments.services import book, record_events
from shipments.tests.factories import scan, ups_number
from warrantydesk.portal.tests.door import picture, program, send_mails

SHOTS = (1, 2, 3)
LONG = "Schrittmotorgehäuseverschraubungsabdeckung"


def ingrid(**fields: Any) -> Customer:
    return CustomerFactory(**{"name": "Ingrid Sørensen", **fields})


def days_ago(days: int) -> dt.datetime:
    return timezone.now() - dt.timedelta(days=days)


def kit_of(owner: Customer) -> list[CoveredPart]:
    motor, sheet = ProductFactory(motor=True, name="NEMA 17 motor"), ProductFactory(name=LONG)
    bearings = ProductFactory(name="Ball bearings 608", category="consumable")
    bill = [
        (motor, 1, "singly", "X axis"), (motor, 1, "singly", "Y axis"), (sheet, 1, "singly", "X-Achse"),
        (bearings, 12, "lot", ""),
    ]  # fmt: skip
    bought = timezone.localdate() - dt.timedelta(days=200)
    return parts_of(
        InvoiceFactory(customer=owner, products=[KitFactory(bill=bill)], issued_on=bought, serials=["PK3-00417"])
    )


def received(owner: Customer, parts: list[CoveredPart], **given: Any) -> Case:
    given.setdefault("description", "It moves, then the X motor gets very hot and stops. You can hear it at 0:30.")
    sent = [*(picture(f"IMG_229{number}.jpg", number) for number in SHOTS), program()]
    files = [store_file(file.name or "", "image/jpeg", file, limit_bytes=10**8) for file in sent]
    given.update(received_at=days_ago(6), files=files, acknowledge=True)
    case = CaseFactory(customer=owner, parts=parts, **given)
    _prepare(case)
    return case


def _prepare(case: Case) -> None:
    """Its pictures as a worker leaves them. They are the same of every case: each is looked at once in a process."""
    waiting = Evidence.objects.filter(case=case, status=Evidence.Status.PENDING).order_by("pk")
    for number, row in zip(SHOTS, waiting, strict=True):
        made = _renditions(number)
        web, thumbnail = put_away(BytesIO(made.web)), put_away(BytesIO(made.thumbnail))
        prepared = {"web": web, "thumbnail": thumbnail, "captured_at": made.captured_at, "status": "ready"}
        Evidence.objects.filter(pk=row.pk).update(facts=row.facts | made.facts, **prepared)


@cache
def _renditions(number: int) -> Renditions:
    return decode_bounded(picture(number=number), "image/jpeg")


def decided(owner: Customer, deny: tuple[int, ...] = (), **given: Any) -> Case:
    parts = kit_of(owner)[:3] if deny else kit_of(owner)[:1]
    case, reviewer = received(owner, parts, **given), staff("reviewer", name="Mateo Ruiz")
    now = days_ago(5)
    for number, claim in enumerate(case.claimed_parts.order_by("pk")):
        if number in deny:
            judge(claim, reviewer, now=now, deny="improper_assembly", words="The screws were turned with force.")
        else:
            judge(claim, reviewer, now=now, resolution="repair")
    (deciding.deny if len(deny) == len(parts) else deciding.approve)(case.pk, actor=reviewer, now=now)
    talking.assign(case.pk, user=reviewer.user, actor=reviewer, now=now)
    return case


def quoted(case: Case, answer: str = "") -> None:
    by, now = staff("support"), days_ago(4)
    lines = [
        QuoteLineData("repair", "Repair service", Decimal("45")),
        QuoteLineData("shipping", "Return shipping to Norway", Decimal("18.50")),
    ]
    quoting.write_quote(case.pk, lines=lines, actor=by, now=now)
    made = quoting.send_quote(case.pk, actor=by, now=now)
    if answer:
        quoting.answer_quote(
            case.pk, answer=answer, through="portal", quote_id=made.pk, actor=Actor.customer(), now=now
        )


def incomplete() -> Case:
    owner = ingrid()
    parts = kit_of(owner)
    return received(owner, parts[:1], part_ids=[], proposed_part_ids=[parts[0].pk], description="")


def asked() -> Case:
    owner = ingrid()
    case = received(owner, kit_of(owner)[:1])
    words = "Could you send us a video in which the noise can be heard, please? The photo alone does not show it."
    noor = staff("support", name="Noor")
    deciding.request_information(case.pk, missing=["evidence"], words=words, actor=noor, now=timezone.now())
    return case


def looking() -> Case:
    owner = ingrid(name="佐藤 由美子")
    words = "X軸のモーターが熱くなり、止まってしまいます。動画を添付しました。"
    return received(owner, kit_of(owner)[:1], description=words)


def quote_open() -> Case:
    case = decided(ingrid())
    quoted(case)
    return case


def parcel_to_us() -> Case:
    case = decided(ingrid())
    quoted(case, "accepted")
    by = staff("support")
    talking.write_to_customer(case.pk, text="Please send the motor only, well padded.", actor=by, now=timezone.now())
    now = days_ago(3)
    parcel = book(
        case.pk, direction="to_workshop", carrier="ups", tracking_number=ups_number(), actor=by, now=now, booked_at=now
    )
    on = days_ago(2).strftime("%Y-%m-%dT10:15:00+01:00")
    record_events(parcel.pk, [scan("picked_up", on, place="Bergen")], heard="poll", now=timezone.now())
    return case


def approved() -> Case:
    return decided(ingrid())


def in_repair() -> Case:
    """In our workshop: the warranty is paused, and the parcel home has not left."""
    case, now = parcel_to_us(), timezone.now()
    arrived = scan("delivered", now.strftime("%Y-%m-%dT00:15:00+00:00"), place="Berlin")
    record_events(case.repair_shipments.get().pk, [arrived], heard="poll", now=now)
    assert Case.objects.get(pk=case.pk).state == "in_repair"
    return case


def partly_denied() -> Case:
    return decided(ingrid(), deny=(2,))


def denied() -> Case:
    return decided(ingrid(), deny=(0, 1, 2))


def reopened() -> Case:
    case = denied()
    send_mails(case)
    deciding.reopen(case.pk, why="A new video shows the fault.", actor=staff("support"), now=timezone.now())
    return case


def returned() -> Case:
    case = parcel_to_us()
    by, now = staff("support"), timezone.now()
    to_us = case.repair_shipments.get()
    arrived = scan("delivered", days_ago(1).strftime("%Y-%m-%dT10:15:00+01:00"), place="Berlin")
    record_events(to_us.pk, [arrived], heard="poll", now=now)
    home = book(case.pk, direction="to_customer", carrier="ups", tracking_number=ups_number(), actor=by, now=now)
    scans = [
        scan("picked_up", (now - dt.timedelta(hours=8)).strftime("%Y-%m-%dT%H:%M:%S+00:00")),
        scan("delivered", (now - dt.timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%S+00:00"), place="Bergen"),
    ]
    record_events(home.pk, scans, heard="poll", now=now)
    assert Case.objects.get(pk=case.pk).state == "returned"
    return case


def withdrawn() -> Case:
    case = looking()
    deciding.withdraw(case.pk, why="Found the screw.", actor=Actor.customer(), now=timezone.now())
    return case


STATES: tuple[Callable[[], Case], ...] = (
    incomplete, asked, looking, quote_open, approved, parcel_to_us, in_repair, partly_denied, denied, reopened,
    returned, withdrawn,
)  # fmt: skip
