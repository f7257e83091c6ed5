"""The clocks of everything in one box, those that are the same told once for all their parts."""

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from products.explaining import Explained, explainable, explained
from products.models import CoveredPart, Product, SoldUnit
from warrantydesk.faces.clock_words import clock_words
from warrantydesk.faces.formats import day


@dataclass(frozen=True)
class Group:
    """Parts with one and the same clock."""

    key: int
    title: str
    parts: list[CoveredPart]
    explained: Explained

    @property
    def places(self) -> list[tuple[str, list[str]]]:
        """The parts by where they sit, those without a place last."""
        by_place: dict[str, list[str]] = {}
        for part in self.parts:
            by_place.setdefault(part.place, []).append(_name(part))
        return sorted(by_place.items(), key=lambda place: not place[0])

    @property
    def wearing(self) -> list[str]:
        """Those among them that wear out, each name once."""
        return list(dict.fromkeys(_name(one) for one in self.parts if one.category == Product.Category.CONSUMABLE))


@dataclass(frozen=True)
class Checked:
    product: str
    is_kit: bool
    invoice: str
    serial: str
    bought_on: date
    checked_on: date
    manual: str
    groups: list[Group]


def checked(unit: SoldUnit, today: date, now: datetime) -> Checked:
    """A fixed number of queries, however many parts."""
    parts = list(explainable(CoveredPart.objects.filter(unit=unit)).order_by("position"))
    product = unit.line.product
    return Checked(
        product=product.name,
        is_kit=len(parts) > 1,
        invoice=unit.line.invoice.number,
        serial=unit.serial,
        bought_on=unit.line.invoice.issued_on,
        checked_on=today,
        manual=product.manual_link,
        groups=_groups(parts, today, now),
    )


def _groups(parts: list[CoveredPart], today: date, now: datetime) -> list[Group]:
    alike: dict[Hashable, list[tuple[CoveredPart, Explained]]] = {}
    for part in parts:
        told = _told(part, today, now)
        alike.setdefault(_likeness(part, told), []).append((part, told))
    groups = [_group([part for part, _told_ in rows], rows[0][1]) for rows in alike.values()]
    return sorted(groups, key=lambda group: -len(group.parts))


def _told(part: CoveredPart, today: date, now: datetime) -> Explained:
    """As its buyer reads it. A decision that can still be undone has not been told to anybody."""
    untold = [
        void.case_reference
        for void in part.voids.all()
        if void.lifted_at is None and void.voided_at > now - timedelta(seconds=settings.UNDO_SECONDS)
    ]
    return explained(part, today, words=clock_words(), audience="customer", untold=untold[0] if untold else "")


def _likeness(part: CoveredPart, told: Explained) -> Hashable:
    """What makes two clocks the same: everything that the drawing and the steps show."""
    history: Any = told.history
    windows = tuple((proof.left_on, proof.back_on, proof.short) for proof in history.proofs)
    marks = tuple((change.on, change.new_serial) for change in history.replacements)
    void = (told.void.on, told.void.reason) if told.void else None
    return part.starts_on, part.term_months, windows, marks, void, told.ended


def _group(parts: list[CoveredPart], told: Explained) -> Group:
    return Group(parts[0].pk, _title(told), parts, told)


def _name(part: CoveredPart) -> str:
    return f"{part.quantity} × {part.product.name}" if part.quantity > 1 else part.product.name


def _title(told: Explained) -> str:
    if told.ended:
        return _("The warranty has ended")
    if told.clock.covered_through is None:
        return _("The warranty is paused")
    through = {"date": day(told.clock.covered_through)}
    if told.clock.state == "expired":
        return _("Covered through %(date)s, which is over") % through
    return _("Covered through %(date)s") % through
