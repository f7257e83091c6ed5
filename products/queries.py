"""Reading what was sold: clocks, and the purchase behind the numbers a person wrote. Nothing here writes."""

import datetime as dt
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum

from django.db.models import F, Q, QuerySet

from products.coverage import Clock, Pause, clock
from products.identifiers import fold_identifier, normalise_identifier
from products.models import CoveredPart, Invoice, SoldUnit
from products.numbered import Numbered, numbered
from products.written_once import WrittenOnce

LONGEST_WRITTEN = 250  # characters; no number of ours is a quarter as long
MOST_WRITTEN = 50  # numbers looked up for one request
MOST_ROWS = 1000  # sold things looked at; a serial on more of them ("N/A") identifies nothing

_TO_INVOICE = ("unit__line__product", "unit__line__invoice")


def clock_of(part: CoveredPart, on: dt.date) -> Clock:
    """The clock of this part as of `on`, from the windows of both sources; no query where `pauses` is prefetched."""
    pauses = [Pause(window.left_on, window.back_on) for window in part.pauses.all()]
    return clock(part.starts_on, part.term_months, pauses, on)


def parts_of_unit(unit: SoldUnit | int) -> QuerySet[CoveredPart]:
    """The covered parts of a piece, or of that with this key, in the order of the parts list, with their products."""
    return CoveredPart.objects.filter(unit=unit).select_related("product").order_by("position")


def parts_of_invoices(invoices: Iterable[Invoice]) -> list[int]:
    """The keys of every covered part on these invoices. One query."""
    rows = CoveredPart.objects.filter(unit__line__invoice__in=list(invoices))
    return list(rows.order_by("pk").values_list("pk", flat=True))


def find_invoice(written: str) -> list[Invoice]:
    """The invoices this number may mean, nearest reading only: as stored, else by letters and digits, else O as 0 and
    I as 1. Several where shops share numbers. One query."""
    rows = Invoice.objects.filter(number_fold=_fold(written)).order_by("pk") if _fold(written) else ()
    return _nearest_to([written], list(rows[:MOST_ROWS]))


class Closeness(IntEnum):
    """How near a written number is to a stored one; the fold of both is the same already."""

    AS_STORED = 0
    SAME_MARKS = 1  # another case or width, but every dash where it belongs
    SAME_LETTERS = 2  # other blanks and dashes
    LOOKS_ALIKE = 3  # O for 0, I for 1: may be another number altogether


@dataclass(frozen=True)
class SerialMatch:
    """Everything sold that carries or carried a serial number, in its nearest reading."""

    units: list[SoldUnit] = field(default_factory=list)
    parts: list[CoveredPart] = field(default_factory=list)


@dataclass(frozen=True)
class PurchaseMatch:
    """The purchase behind a request. `parts` are sure, `proposed` need a person; both belong to `invoice`, always.

    `problems`: invoice_unknown, invoice_ambiguous, serial_unknown, serial_of_another_invoice, serial_ambiguous,
    several_serials; empty where everything written was understood.
    """

    invoice: Invoice | None = None
    unit: SoldUnit | None = None
    parts: list[CoveredPart] = field(default_factory=list)
    proposed: list[CoveredPart] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def find_by_serial(written: str) -> SerialMatch:
    """Units by the serial on their box, parts by their own and by every earlier one of their chain (policy 1.7).

    Only the nearest reading is returned. Nothing where it fits more sold things than a serial number can.
    """
    hits = _Sold(numbered(serials=_folds([written]), most=MOST_ROWS)).hits(written)
    nearest = [] if hits is None else hits
    return SerialMatch(
        units=list({hit.unit.pk: hit.unit for hit in nearest if hit.by_unit}.values()),
        parts=list({hit.part.pk: hit.part for hit in nearest if hit.part and hit.by_part}.values()),
    )


def match_purchase(invoices_written: Sequence[str], serials_written: Sequence[str]) -> PurchaseMatch:
    """The purchase these numbers mean, as far as that is beyond doubt (policy 3.1). At most four queries, mostly two.

    A serial of another invoice is never taken, nor is one that could be misread for another sold thing: O for 0 and I
    for 1 are forgiven only where exactly one fits. A kit's own serial finds the kit and leaves the part open; that of
    a product sold singly finds its one part. A serial without an invoice finds both where it fits one sold thing.
    """
    texts, serials = _distinct(invoices_written), _distinct(serials_written)
    rows = numbered(serials=_folds(serials), invoices=_folds(texts), most=MOST_ROWS)
    sold = _Sold(rows)
    named = _named(texts, rows, sold.invoices)
    findings = [_finding(sold.hits(serial), named) for serial in serials]
    invoice, problems = _invoice_of(named, findings, anything_written=bool(texts))
    problems += [finding.problem for finding in findings if finding.problem]
    hits = [hit for finding in findings for hit in finding.hits]
    # An old and a new serial of one part are two numbers and still one thing.
    is_sure = len({hit.thing for hit in hits}) == 1 and not any(finding.problem for finding in findings)
    if len(serials) > 1 and not is_sure:
        problems.append("several_serials")
    here = [hit for hit in hits if invoice and hit.unit.line.invoice_id == invoice.pk]
    parts = list({hit.part.pk: hit.part for hit in here if hit.part}.values())
    units = list({hit.unit.pk: hit.unit for hit in here}.values())
    return PurchaseMatch(
        invoice=invoice,
        unit=units[0] if len(units) == 1 else None,
        parts=parts if is_sure else [],
        proposed=[] if is_sure else parts,
        problems=list(dict.fromkeys(problems)),
    )


@dataclass(frozen=True)
class _Hit:
    """One sold thing that a serial fits: a part, or a kit as a whole (`part` None)."""

    unit: SoldUnit
    part: CoveredPart | None
    closeness: Closeness
    by_unit: bool = False
    by_part: bool = False

    @property
    def thing(self) -> tuple[int, int | None]:
        return self.unit.pk, self.part.pk if self.part else None


@dataclass(frozen=True)
class _Finding:
    """What one written serial led to. Without a problem it is exactly one sold thing."""

    hits: Sequence[_Hit] = ()
    problem: str = ""


def _finding(hits: Sequence[_Hit] | None, named: Sequence[Invoice]) -> _Finding:
    if hits is None:
        return _Finding(problem="serial_ambiguous")
    if not hits:
        return _Finding(problem="serial_unknown")
    invoices = {invoice.pk for invoice in named}
    fitting = [hit for hit in hits if not invoices or hit.unit.line.invoice_id in invoices]
    if not fitting:
        return _Finding(problem="serial_of_another_invoice")
    # What looks alike must be alone among everything ever sold; the invoice cannot vouch for a guess.
    rivals = hits if hits[0].closeness == Closeness.LOOKS_ALIKE else fitting
    if len({hit.thing for hit in rivals}) > 1:
        return _Finding(fitting, "serial_ambiguous")
    return _Finding(fitting)


def _invoice_of(
    named: Sequence[Invoice], findings: Sequence[_Finding], *, anything_written: bool
) -> tuple[Invoice | None, list[str]]:
    if anything_written and not named:
        return None, ["invoice_unknown"]
    if len(named) == 1:
        return named[0], []
    proved = {
        hit.unit.line.invoice_id: hit.unit.line.invoice
        for finding in findings
        if not finding.problem
        for hit in finding.hits
    }
    if len(proved) == 1:
        return next(iter(proved.values())), []
    return None, ["invoice_ambiguous"] if named or proved else []


class _Sold:
    """Everything sold among these rows, read at once: at most two queries for any number of them."""

    def __init__(self, rows: Sequence[Numbered]) -> None:
        carriers = [row for row in rows if row[0] != "invoice"]
        self.invoices: dict[int, Invoice] = {}
        self.is_cut = len(carriers) >= MOST_ROWS
        if self.is_cut:
            return
        unit_ids = {key for kind, key, _serial in carriers if kind == "unit"}
        part_ids = {key for kind, key, _serial in carriers if kind == "part"}
        parts = _parts(part_ids, unit_ids)
        self.units = _units(unit_ids, parts.values())
        self.invoices = {unit.line.invoice_id: unit.line.invoice for unit in self.units}
        self.invoices |= {part.unit.line.invoice_id: part.unit.line.invoice for part in parts.values()}
        # Each part with the serial it was found by: its own, or one it had before.
        self.parts = [(serial, parts[key]) for kind, key, serial in carriers if kind == "part" and key in parts]
        self.only_parts = {
            part.unit_id: part for part in parts.values() if part.product_id == part.unit.line.product_id
        }

    def hits(self, written: str) -> list[_Hit] | None:
        """The sold things this serial fits in its nearest reading, or None where they are too many to mean anything."""
        fold = _fold(written)
        if self.is_cut or not fold:
            return None if self.is_cut else []
        found = [
            _Hit(unit, self.only_parts.get(unit.pk), _serial_closeness(written, unit.serial), by_unit=True)
            for unit in self.units
            if unit.serial_fold == fold
        ]
        found += [
            _Hit(part.unit, part, _serial_closeness(written, serial), by_part=True)
            for serial, part in self.parts
            if fold_identifier(serial) == fold
        ]
        nearest = min((hit.closeness for hit in found), default=Closeness.LOOKS_ALIKE)
        return [hit for hit in found if hit.closeness == nearest]


def _parts(part_ids: set[int], unit_ids: set[int]) -> dict[int, CoveredPart]:
    """These parts, and of each of these units the one that is the product itself, where it was sold singly."""
    if not (part_ids or unit_ids):
        return {}
    # No row has the key 0: a list may not be empty.
    asked = _PARTS_OF_SERIALS.ask(part_ids=sorted(part_ids) or [0], unit_ids=sorted(unit_ids) or [0])
    return {part.pk: part for part in asked.fetched()}


def _parts_of_serials(part_ids: list[int], unit_ids: list[int]) -> QuerySet[CoveredPart]:
    rows = CoveredPart.objects.select_related("product", *_TO_INVOICE).order_by("pk")
    # The first condition is there for the database: it alone can be answered from the indexes of one table.
    near = rows.filter(Q(pk__in=part_ids) | Q(unit__in=unit_ids))
    return near.filter(Q(pk__in=part_ids) | Q(product=F("unit__line__product")))


_PARTS_OF_SERIALS = WrittenOnce(_parts_of_serials, part_ids=[int], unit_ids=[int])


def _units(unit_ids: set[int], parts: Iterable[CoveredPart]) -> list[SoldUnit]:
    known = {part.unit_id: part.unit for part in parts}
    left = unit_ids - known.keys()
    if left:
        rows = SoldUnit.objects.select_related("line__product", "line__invoice")
        known |= {unit.pk: unit for unit in rows.filter(pk__in=left)}
    return [known[pk] for pk in sorted(unit_ids)]


def _named(texts: Sequence[str], rows: Sequence[Numbered], known: Mapping[int, Invoice]) -> list[Invoice]:
    """The invoices these texts mean; those that were read with what was sold on them are not read again."""
    keys = [key for kind, key, _number in rows if kind == "invoice"]
    left = set(keys) - known.keys()
    found = {**known, **Invoice.objects.in_bulk(left)} if left else known
    return _nearest_to(texts, [found[key] for key in keys if key in found])


def _nearest_to(texts: Sequence[str], candidates: Sequence[Invoice]) -> list[Invoice]:
    """For each text the invoices of its nearest reading, each invoice once."""
    found: dict[int, Invoice] = {}
    for text in texts:
        for invoice in _nearest(text, candidates):
            found[invoice.pk] = invoice
    return list(found.values())


def _nearest(text: str, candidates: Iterable[Invoice]) -> list[Invoice]:
    fold = _fold(text)
    fitting = [(invoice, _closeness(text, invoice.number)) for invoice in candidates if invoice.number_fold == fold]
    nearest = min((closeness for _invoice, closeness in fitting), default=None)
    return [invoice for invoice, closeness in fitting if closeness == nearest]


def _closeness(written: str, stored: str) -> Closeness:
    if written.strip() == stored:
        return Closeness.AS_STORED
    if _plain(written) == _plain(stored):
        return Closeness.SAME_MARKS
    if normalise_identifier(written) == normalise_identifier(stored):
        return Closeness.SAME_LETTERS
    return Closeness.LOOKS_ALIKE


def _serial_closeness(written: str, stored: str) -> Closeness:
    # The case of a serial tells nobody apart: "sn1" and "SN1" of two sales are rivals, and the invoice decides.
    return max(_closeness(written, stored), Closeness.SAME_MARKS)


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().upper()


def _fold(text: str) -> str:
    return fold_identifier(text) if len(text.strip()) <= LONGEST_WRITTEN else ""


def _folds(texts: Iterable[str]) -> set[str]:
    return {_fold(text) for text in texts} - {""}


def _distinct(texts: Sequence[str]) -> list[str]:
    """Each number once, however often and in whatever case it is written; blanks are no number."""
    once = {_plain(text.strip()[:LONGEST_WRITTEN]): text for text in reversed(texts) if text.strip()}
    return list(reversed(once.values()))[:MOST_WRITTEN]
