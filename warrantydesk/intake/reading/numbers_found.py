"""Numbers a customer may have meant: invoices, serials, parcels. Candidates only, in order of appearance.

What was really sold is known elsewhere; nothing here picks one. Every repeat in the patterns is bounded, so that their
time grows with the text and no faster.
"""

import re
from bisect import bisect_left
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

from warrantydesk.intake.reading.cleaning import folded
from warrantydesk.intake.reading.model import Candidate, FoundIn

_NUMBER_WORD = (
    r"(?:(?:numbers?|nummern?|numéros?|numeros?|números?|numer|num|nos?|n\.o|nrs?|номер|id|code)(?![^\W\d_])|"
    r"n°|番号|编号|編號|号码|號碼|号|號|번호)"
)
# Between a label and its value stands "number" or at least a space or a sign, so that "sn" in "snapmaker2" is no label.
_SIGNS = r"[\s:=#*|>«»\"'-]"
_AFTER_LABEL = (
    rf"(?P<many>s|\(s\))?[ \t-]{{0,3}}(?:(?P<word>{_NUMBER_WORD}(?:\(s\))?)[.:]?{_SIGNS}{{0,8}}|[.:]?{_SIGNS}{{1,8}})"
    rf"(?:(?:is|are|ist|lautet|est|es|è|は|是)[\s:]{{1,3}})?#?"
)
_VALUE = r"(?P<value>[^\W_](?:[A-Z0-9./_-]{0,38}[^\W_])?)(?![A-Z0-9])"
_NEXT_VALUE = re.compile(rf"\s{{0,3}}(?:[,;&+/]|and\b|und\b|et\b|e\b|y\b)\s{{0,3}}{_VALUE}", re.IGNORECASE)
_LONGEST_LIST = 20
_SHORTEST_BARE_NUMBER = 3
# Anything with a digit in it that could be somebody's number: only what was really sold is ever taken from these.
_ANY_NUMBER = re.compile(r"(?<![A-Z0-9])[A-Z0-9](?:[A-Z0-9/-]{3,38}[A-Z0-9])(?![A-Z0-9])", re.IGNORECASE)
_DATE = re.compile(r"\d{1,2}[./-]\d{1,2}[./-](?:\d{2}|\d{4})|\d{4}[./-]\d{1,2}[./-]\d{1,2}")

_INVOICE_LABELS = (
    r"invoice|inv|order|receipt|rechnungs?|bestell(?:ung|ungs)?|facture|commande|fattura|ordine|factura|pedido|fatura|"
    r"faktur[ay]|factuur|bestelling|ordre|objednávk[ay]|lasku|számla|請求書|請求|注文|发票|發票|订单|訂單|주문|송장|сч[её]т|заказ"
)
_SERIAL_LABELS = (
    r"serial|s[./]?n|ser|serien|serie|série|de série|de serie|di serie|matricola|serie(?:nummer|nr)|seryjny|sériové|"
    r"sorozatszám|sarjanumero|シリアル|シリアルナンバー|製造|序列|序號|产品序列|시리얼|일련|серийный"
)
_TRACKING_LABELS = (
    r"track(?:ing)?|awb|waybill|parcel|shipment|consignment|sendungs?(?:verfolgung)?|paket|suivi|colis|envío|seguimiento|"
    r"guía|spedizione|tracciamento|zending|försändelse|przesyłk[ai]|zásilk[ay]|追跡|送り状|运单|運單|快递|単号|송장|운송장|трек"
)


def _labelled(labels: str) -> re.Pattern[str]:
    # A label inside a word is none, yet "Rechnungsnummer" and "シリアル番号" grow on their label without a space.
    return re.compile(rf"(?<![A-Z0-9])(?:{labels}){_AFTER_LABEL}{_VALUE}", re.IGNORECASE)


@dataclass(frozen=True)
class Patterns:
    """What numbers look like at this maker. A group `value`, if there is one, is the number, else the whole match."""

    invoices: tuple[re.Pattern[str], ...] = (
        re.compile(r"(?<![A-Z0-9-])INV-?\d[A-Z0-9]{0,15}(?:-[A-Z0-9]{1,16}){0,4}(?![A-Z0-9])", re.IGNORECASE),
        re.compile(r"(?<![\w#&/])#(?P<value>\d{3,10})(?![\w-])"),
    )
    serials: tuple[re.Pattern[str], ...] = (
        re.compile(
            r"(?<![A-Z0-9-])SN(?:-[A-Z0-9]{1,16}|\d[A-Z0-9]{0,15})(?:-[A-Z0-9]{1,16}){0,4}(?![A-Z0-9-])",
            re.IGNORECASE,
        ),
        re.compile(r"(?<![A-Z0-9-])[A-Z]{2,4}\d{1,2}-\d{4,8}(?![A-Z0-9-])", re.IGNORECASE),
    )
    trackings: tuple[re.Pattern[str], ...] = (
        re.compile(r"(?<![A-Z0-9])1Z(?: ?[A-Z0-9]){16}(?![A-Z0-9])", re.IGNORECASE),
        re.compile(r"(?<![A-Z0-9])[A-Z]{2} ?\d{3} ?\d{3} ?\d{3} ?[A-Z]{2}(?![A-Z0-9])", re.IGNORECASE),
        re.compile(r"(?<![A-Z0-9])(?:J?JD|TBA)\d{12,20}(?![A-Z0-9])", re.IGNORECASE),
        re.compile(r"(?<![\w+])(?:\d{4}[ ]){2,5}\d{2,4}(?!\w)"),
        re.compile(r"(?<![\w+])(?:\d{12}|\d{14,15}|\d{18}|\d{20}|\d{22})(?!\w)"),
    )

    @cached_property
    def labelled_invoice(self) -> re.Pattern[str]:
        return _labelled(_INVOICE_LABELS)

    @cached_property
    def labelled_serial(self) -> re.Pattern[str]:
        return _labelled(_SERIAL_LABELS)

    @cached_property
    def labelled_tracking(self) -> re.Pattern[str]:
        return _labelled(_TRACKING_LABELS)


DEFAULT_PATTERNS = Patterns()


@dataclass(frozen=True, slots=True)
class NumbersFound:
    invoices: tuple[Candidate, ...]
    serials: tuple[Candidate, ...]
    trackings: tuple[Candidate, ...]
    others: tuple[Candidate, ...] = ()
    """Whatever else has a digit in it. Worth a look into what was sold, and nothing more."""


def find_numbers(sources: list[tuple[FoundIn, str]], patterns: Patterns, most: int) -> NumbersFound:
    """Candidates of each kind, each value once, where it was seen first; at most `most` of a kind."""
    plain = [(found_in, folded(text)) for found_in, text in sources]
    found = NumbersFound(
        invoices=_find(plain, patterns.invoices, patterns.labelled_invoice, most),
        serials=_find(plain, patterns.serials, patterns.labelled_serial, most),
        trackings=_find(plain, patterns.trackings, patterns.labelled_tracking, most),
    )
    return replace(found, others=_others(plain, found, most))


def _others(sources: list[tuple[FoundIn, str]], known: NumbersFound, most: int) -> tuple[Candidate, ...]:
    taken = {one.value for one in (*known.invoices, *known.serials, *known.trackings)}
    found: dict[str, Candidate] = {}
    for found_in, text in sources:
        for match in _ANY_NUMBER.finditer(text):
            value = _number(match, 0)
            if value and value not in taken:
                found.setdefault(value, Candidate(value, found_in, labelled=False))
            if len(found) >= most:
                return tuple(found.values())
    return tuple(found.values())


class _Match(NamedTuple):
    begins: int
    ends: int
    value: str
    labelled: bool


def _find(
    sources: list[tuple[FoundIn, str]], shapes: tuple[re.Pattern[str], ...], labelled: re.Pattern[str], most: int
) -> tuple[Candidate, ...]:
    found: dict[str, Candidate] = {}
    for found_in, text in sources:
        for match in _matches(text, shapes, labelled):
            found.setdefault(match.value, Candidate(match.value, found_in, match.labelled))
            if len(found) >= most:
                return tuple(found.values())
    return tuple(found.values())


def _matches(text: str, shapes: tuple[re.Pattern[str], ...], labelled: re.Pattern[str]) -> list[_Match]:
    """In order of appearance. Where shape and label claim the same letters, the shape knows where the number ends."""
    by_label = _scan(text, labelled)
    labels_end = {match.ends for match in by_label}
    by_shape = [
        match._replace(labelled=match.ends in labels_end) for pattern in shapes for match in _scan(text, pattern)
    ]
    taken = _Taken(by_shape)
    return sorted([*by_shape, *(match for match in by_label if not taken.overlaps(match))])


class _Taken:
    """Spans already claimed, asked by bisection: hostile text holds thousands of them."""

    def __init__(self, matches: list[_Match]) -> None:
        self.spans = sorted((match.begins, match.ends) for match in matches)

    def overlaps(self, match: _Match) -> bool:
        after = bisect_left(self.spans, (match.ends, 0))
        # Shapes of one kind hardly overlap each other, so the two spans before the end of this one suffice.
        return any(ends > match.begins for _begins, ends in self.spans[max(0, after - 2) : after])


def _scan(text: str, pattern: re.Pattern[str]) -> list[_Match]:
    group: str | int = "value" if "value" in pattern.groupindex else 0
    has_word = "word" in pattern.groupindex
    found = []
    for match in pattern.finditer(text):
        value = _number(match, group)
        # "order 12 pieces" names no order; "order no. 12" does.
        if value and not (has_word and match["word"] is None and _is_count(value)):
            found.append(_Match(match.start(group), match.end(group), value, has_word))
            found += _listed(text, match.end(group)) if has_word and _is_plural(match) else []
    return found


def _listed(text: str, at: int) -> list[_Match]:
    """The other numbers behind one label: "Serial numbers: A1, B2 and C3"."""
    found: list[_Match] = []
    while len(found) < _LONGEST_LIST and (match := _NEXT_VALUE.match(text, at)):
        value = _number(match, "value")
        if not value or _is_count(value):
            break
        found.append(_Match(match.start("value"), match.end("value"), value, labelled=True))
        at = match.end()
    return found


def _is_plural(match: re.Match[str]) -> bool:
    """Behind a singular the next number may be of another kind: "order #1001, PK3-00417"."""
    return bool(match["many"]) or (match["word"] or "").lower().endswith(("s", "s)", "nummern"))


def _is_count(value: str) -> bool:
    return value.isdigit() and len(value) < _SHORTEST_BARE_NUMBER


def _number(match: re.Match[str], group: str | int) -> str:
    """In one spelling; '' for a word without a digit and for a date."""
    value: str = match[group].upper().replace(" ", "").strip("./_-")
    return value if any(letter.isdigit() for letter in value) and not _DATE.fullmatch(value) else ""
