"""The carriers the desk offers today. A new one is a file of its own and a line in ADAPTERS.

Each file has a function `carrier()` that returns its adapter, or None while its settings are missing. A carrier whose
numbers are known but whose adapter is not on offer is followed by hand.
"""

from importlib import import_module

from django.utils.translation import gettext_lazy as _

from products.errors import Refused
from shipments.carriers.base import Carrier
from shipments.carriers.manual import ANY, by_hand
from shipments.numbers import Candidate, Recognised, recognise

ADAPTERS = ("shipments.carriers.simulated",)


def offered_carriers() -> dict[str, Carrier]:
    """Every carrier a parcel can be booked with, by its code; those that can be asked come first."""
    asked = [adapter for path in ADAPTERS if (adapter := import_module(path).carrier())]
    carriers: dict[str, Carrier] = {}
    for one in (*asked, *by_hand()):
        carriers.setdefault(one.code, one)
    return carriers


def find_carrier(code: str) -> Carrier | None:
    """The carrier of that code, or None while it is not on offer."""
    return offered_carriers().get(code)


def get_carrier(code: str) -> Carrier:
    """The carrier of that code. Refused where it is not on offer."""
    carrier = find_carrier(code)
    if carrier is None:
        raise Refused(
            _("Carrier: “%(code)s” is not on offer here. Choose one of the list.") % {"code": code},
            field="carrier",
            code="carrier_unknown",
        )
    return carrier


def identify(written: str) -> Recognised:
    """`recognise`, with the carriers that only exist here (the simulated one) among the candidates."""
    found = recognise(written)
    own = [
        Candidate(carrier.code, carrier.code, "ok")
        for carrier in offered_carriers().values()
        if carrier.polled and carrier.code not in found.carriers and carrier.recognises(found.normalised)
    ]
    return Recognised(found.normalised, (*own, *found.candidates)) if own else found


def suggest_carrier(written: str) -> str:
    """The carrier a written number most likely belongs to; the one followed by hand where nobody knows it."""
    offered = offered_carriers()
    return next((code for code in identify(written).carriers if code in offered), ANY)
