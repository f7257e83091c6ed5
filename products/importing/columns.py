"""Which column means what: by the names we document, by the names others use, or as somebody said once. Pure."""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence

# Our name of a column → how else it may be called. What is documented in docs/importing.md is this table.
INVOICE_COLUMNS: dict[str, tuple[str, ...]] = {
    "number": ("invoice", "invoice number", "order", "order number", "rechnungsnummer", "rechnung", "name"),
    "issued_on": ("date", "invoice date", "rechnungsdatum", "datum", "created at", "paid at"),
    "email": ("e-mail", "mail", "customer email", "e-mail address"),
    "name_of_customer": ("customer", "customer name", "kunde", "billing name"),
    "country": ("land", "country code", "shipping country", "billing country"),
    "address": ("adresse", "postal address"),
    "language": ("sprache", "locale"),
    "currency": ("währung", "waehrung"),
    "delivered_on": ("delivery date", "delivered", "lieferdatum", "delivered at"),
    "shop": ("store",),
    "sku": ("article", "article number", "artikelnummer", "item", "lineitem sku"),
    "quantity": ("qty", "pieces", "menge", "anzahl", "lineitem quantity"),
    "unit_price": ("price", "preis", "einzelpreis", "lineitem price"),
    "serial": ("serial number", "serials", "seriennummer", "sn"),
    "part_serials": ("part serial numbers", "serials of parts"),
    "refunded": ("refunded pieces", "erstattet"),
    "refunded_on": ("refund date", "refunded at"),
}
INVOICE_NEEDED = ("number", "issued_on", "sku")
SERIAL_NEEDED = ("number", "sku", "serial")

CATALOGUE_COLUMNS: dict[str, tuple[str, ...]] = {
    "sku": ("article", "article number", "artikelnummer"),
    "name": ("title", "bezeichnung"),
    "kind": ("type", "art"),
    "category": ("kategorie",),
    "manual_url": ("manual", "anleitung"),
    "is_active": ("active", "on sale"),
    "kit": ("kit sku", "part of", "bausatz"),
    "place": ("position in kit", "ort"),
    "quantity": ("qty", "menge"),
    "tracked": ("tracking",),
    "from_on": ("valid from", "from", "gültig ab"),
}
CATALOGUE_NEEDED = ("sku",)


def header_print(header: Sequence[str]) -> str:
    """The same columns in the same order: the same kind of file."""
    return hashlib.sha256(json.dumps([_plain(name) for name in header]).encode()).hexdigest()


def guess(header: Sequence[str], known: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Our name → the name in the file, for each column that has a name we know. The first that fits counts."""
    by_plain: dict[str, str] = {}
    for name in header:
        by_plain.setdefault(_plain(name), name)
    found: dict[str, str] = {}
    for ours, others in known.items():
        written = next((by_plain[_plain(one)] for one in (ours, *others) if _plain(one) in by_plain), None)
        if written is not None:
            found[ours] = written
    return found


def places(header: Sequence[str], mapping: Mapping[str, str]) -> dict[str, int]:
    """Our name → the place of its column. A column that is named in the mapping and not there is left out."""
    at = {name: place for place, name in reversed(list(enumerate(header)))}
    return {ours: at[written] for ours, written in mapping.items() if written in at}


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9äöüß]+", " ", name.lower()).strip()
