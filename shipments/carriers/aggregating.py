"""Aggregators follow parcels of carriers that cannot be asked directly, or whose keys are not at hand.

A parcel stays its carrier's: booked as DPD's, it is asked about `Through` the aggregator. The aggregator itself can be
chosen, too, for a parcel of a carrier nobody here knows.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import ClassVar

from shipments.carriers.adapter import Adapter
from shipments.carriers.base import Asked, Carrier, Payload, TrackAnswer
from shipments.carriers.http import Client
from shipments.numbers import CARRIER_NAMES, may_be_of, recognise


class Aggregator(Adapter):
    """`names`: how the aggregator calls our carriers; one that is not among them it finds out by the number."""

    aggregates = True
    names: ClassVar[Mapping[str, str]] = {}

    def __init__(self) -> None:
        super().__init__()
        self._stands_for: frozenset[str] = frozenset()

    @property
    def speaks_for(self) -> frozenset[str]:
        return self._stands_for | {self.code}

    def stand_in(self, taken: Mapping[str, Carrier]) -> list[Carrier]:
        """The carriers followed through this one: every known one that is not followed otherwise."""
        free = [code for code in CARRIER_NAMES if code not in taken]
        self._stands_for = frozenset(free)
        return [Through(self, code) for code in free]

    def recognises(self, number: str) -> bool:
        return recognise(number).may_be_kept

    async def ask(self, client: Client, asked: Sequence[Asked]) -> list[TrackAnswer]:
        return await self.ask_as("", client, asked)

    async def ask_as(self, theirs: str, client: Client, asked: Sequence[Asked]) -> list[TrackAnswer]:
        """As `ask`, of parcels of one carrier by the aggregator's name for it, empty where it shall find out."""
        raise NotImplementedError

    async def track_as(self, code: str, asked: Sequence[Asked], now: datetime) -> list[TrackAnswer]:
        return await self.turn(asked, now, partial(self.ask_as, self.names.get(code, "")))


class Through(Carrier):
    """A carrier followed through an aggregator, within the limits of the aggregator."""

    polled = True

    def __init__(self, aggregator: Aggregator, code: str) -> None:
        self.aggregator = aggregator
        self.code = code
        self.name = CARRIER_NAMES[code]
        self.per_second, self.at_once = aggregator.per_second, aggregator.at_once

    async def track(self, asked: Sequence[Asked], now: datetime) -> list[TrackAnswer]:
        return await self.aggregator.track_as(self.code, asked, now)

    def parse(self, payload: Payload) -> list[TrackAnswer]:
        return self.aggregator.parse(payload)

    def recognises(self, number: str) -> bool:
        return may_be_of(self.code, number)
