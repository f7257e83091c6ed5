"""Carriers nobody here can ask: the number is kept, and staff enter what the paper or the carrier's page says."""

from collections.abc import Sequence
from datetime import datetime

from shipments.carriers.base import Asked, Carrier, CarrierError, TrackAnswer
from shipments.numbers import CARRIER_NAMES, may_be_of, recognise

ANY = "manual"


class ByHand(Carrier):
    """A carrier followed by hand: never asked. Each scan is entered by a person, with proof."""

    polled = False

    def __init__(self, code: str, name: str) -> None:
        self.code = code
        self.name = name

    async def track(self, asked: Sequence[Asked], now: datetime) -> list[TrackAnswer]:
        refusal = CarrierError(f"{self.name} is followed by hand: there is nobody to ask.", temporary=False)
        return [TrackAnswer(parcel.number, error=refusal) for parcel in asked]

    def recognises(self, number: str) -> bool:
        return recognise(number).may_be_kept if self.code == ANY else may_be_of(self.code, number)


def by_hand() -> list[ByHand]:
    """Any carrier at all, and every one whose numbers are known but who cannot be asked from here."""
    known = sorted(CARRIER_NAMES.items(), key=lambda item: item[1].casefold())
    return [*(ByHand(code, name) for code, name in known), ByHand(ANY, "Another carrier, followed by hand")]
