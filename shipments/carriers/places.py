"""The time zone of the place of a scan, as far as its country and state tell it.

A country of several zones needs its state; where that is missing, or lies in two zones whose days may differ, nobody
knows, and None says so. A state is given the zone most of its people live in.
"""

from functools import cache
from zoneinfo import ZoneInfo

from django_countries import countries

from cases.rules.deadlines import zones_by_country

_US = {
    "America/New_York": "CT DC DE FL GA IN KY MA MD ME MI NC NH NJ NY OH PA RI SC VA VT WV",
    "America/Chicago": "AL AR IA IL KS LA MN MO MS ND NE OK SD TN TX WI",
    "America/Denver": "CO ID MT NM UT WY",
    "America/Phoenix": "AZ",
    "America/Los_Angeles": "CA NV OR WA",
    "America/Anchorage": "AK",
    "Pacific/Honolulu": "HI",
    "America/Puerto_Rico": "PR VI",
    "Pacific/Guam": "GU MP",
    "Pacific/Pago_Pago": "AS",
}
_CA = {
    "America/St_Johns": "NL NF",
    "America/Halifax": "NS NB PE",
    "America/Toronto": "ON QC PQ",
    "America/Winnipeg": "MB",
    "America/Regina": "SK",
    "America/Edmonton": "AB NT",
    "America/Vancouver": "BC",
    "America/Whitehorse": "YT",
}
_AU = {
    "Australia/Sydney": "NSW ACT",
    "Australia/Melbourne": "VIC",
    "Australia/Brisbane": "QLD",
    "Australia/Adelaide": "SA",
    "Australia/Darwin": "NT",
    "Australia/Perth": "WA",
    "Australia/Hobart": "TAS",
}
_BR = {
    "America/Sao_Paulo": "SP RJ MG ES PR SC RS DF GO BA SE AL PE PB RN CE PI MA TO PA AP",
    "America/Manaus": "AM RO RR MT MS",
    "America/Rio_Branco": "AC",
}
STATES: dict[str, dict[str, str]] = {
    country: {state: zone for zone, states in table.items() for state in states.split()}
    for country, table in {"US": _US, "CA": _CA, "AU": _AU, "BR": _BR}.items()
}
# Where all but islands far away live: carriers name no state there.
MAINLANDS = {
    "AR": "America/Argentina/Buenos_Aires",
    "CL": "America/Santiago",
    "CN": "Asia/Shanghai",
    "CY": "Asia/Nicosia",
    "DE": "Europe/Berlin",
    "EC": "America/Guayaquil",
    "ES": "Europe/Madrid",
    "MY": "Asia/Kuala_Lumpur",
    "NZ": "Pacific/Auckland",
    "PT": "Europe/Lisbon",
    "UA": "Europe/Kyiv",
    "UZ": "Asia/Tashkent",
}


def zone_of(country: str, state: str = "") -> ZoneInfo | None:
    """The zone of a place by its country (ISO 3166, two letters or three) and state; None where they do not tell."""
    code = _alpha2(country.strip().upper())
    name = STATES.get(code, {}).get(state.strip().upper()) or MAINLANDS.get(code) or _only_zone(code)
    return _zone(name) if name else None


def american_zone(state: str) -> ZoneInfo | None:
    """The zone of a place whose carrier names no country for its own: the United States."""
    return zone_of("US", state)


@cache
def _alpha2(country: str) -> str:
    return countries.alpha2(country) or country


def _only_zone(country: str) -> str:
    zones = zones_by_country().get(country, ())
    return zones[0] if len(zones) == 1 else ""


@cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
