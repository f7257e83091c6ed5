"""The carriers the desk offers today. A new one is a file of its own and its name in READERS.

Each file has a function `carrier()` that returns its adapter, or None while its settings are missing, and those that
read answers of their own have `adapter()`, which needs no settings. A carrier whose numbers are known but whose adapter
is not on offer is followed through an aggregator where there is one, and by hand otherwise.
"""

from importlib import import_module

from django.utils.translation import gettext_lazy as _

from products.errors import Refused
from shipments.carriers.aggregating import Aggregator
from shipments.carriers.base import Carrier
from shipments.carriers.manual import ANY, by_hand
from shipments.numbers import CARRIER_NAMES, Candidate, Recognised, recognise

SIMULATED = "shipments.carriers.simulated"
# The order matters: carriers asked directly come before the aggregators, and the first aggregator stands in.
READERS = tuple(
    f"shipments.carriers.{name}" for name in ("dhl", "fedex", "gls", "ups", "usps", "easypost", "aftership")
)
ADAPTERS = (SIMULATED, *READERS)


def offered_carriers() -> dict[str, Carrier]:
    """Every carrier a parcel can be booked with, by its code; those that can be asked come first."""
    carriers: dict[str, Carrier] = {}
    for path in ADAPTERS:
        if one := import_module(path).carrier():
            carriers[one.code] = one
    for aggregator in [one for one in carriers.values() if isinstance(one, Aggregator)]:
        carriers |= {one.code: one for one in aggregator.stand_in(carriers)}
    for one in by_hand():
        carriers.setdefault(one.code, one)
    return carriers


def readers() -> dict[str, Carrier]:
    """Every adapter that reads a carrier's answers, by its code, on offer here or not."""
    return {one.code: one for path in READERS if (one := import_module(path).adapter())}


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
        if carrier.polled and not carrier.aggregates and carrier.code not in CARRIER_NAMES
        if carrier.recognises(found.normalised)
    ]
    return Recognised(found.normalised, (*own, *found.candidates)) if own else found


def suggest_carrier(written: str) -> str:
    """The carrier a written number most likely belongs to; the one followed by hand where nobody knows it."""
    offered = offered_carriers()
    return next((code for code in identify(written).carriers if code in offered), ANY)
