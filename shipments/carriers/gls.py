"""GLS, through "Track And Trace V1" of its developer portal. Times carry their offset.

`DELIVD.PARCELSHOP` reads "delivered" and means that the parcel waits in a shop. A delivery whose event has a code that
is not in the table is known by the state of the parcel, when both are of the same second.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from shipments.carriers.adapter import Adapter
from shipments.carriers.base import Asked, CarrierError, NotFoundYet, TrackAnswer, TrackedEvent
from shipments.carriers.http import Client
from shipments.carriers.moments import read_moment
from shipments.carriers.oauth import Grant, grant_by_login
from shipments.carriers.payloads import place, records, text
from shipments.carriers.places import zone_of

KINDS = {
    "INTIAL.PREADVICE": "label",
    "INTIAL.E48_DATA": "label",  # ready for GLS to collect, still with the sender
    "INTIAL.NORMAL": "picked_up",
    "INBOUD.NORMAL": "in_transit",
    "OUTBOD.NORMAL": "in_transit",
    "TRANSI.HUB": "in_transit",
    "OUTDEL.NORMAL": "out_for_delivery",
    "DELIVD.NORMAL": "delivered",
    "DELIVD.PARCELSHOP": "available_for_pickup",
    "DELIVD.DEL_BY_PSAPP": "delivered",  # collected from the shop
}
# The states of the parcel as a whole (ParcelDTO.status) that say what its latest event was.
STATES = {
    "DELIVERED": "delivered",
    "DELIVEREDPS": "available_for_pickup",
    "NOTDELIVERED": "failed_attempt",
    "NOTPICKEDUP": "pickup_failed",
    "INDELIVERY": "out_for_delivery",
    "INTRANSIT": "in_transit",
    "INWAREHOUSE": "in_transit",
    "PREADVICE": "label",
    "PLANNEDPICKUP": "label",
    "INPICKUP": "label",
    "CANCELED": "exception",
}
NOT_FOUND = {"E_404_01"}


class Gls(Adapter):
    code = "gls"
    name = "GLS"
    needs = ("CLIENT_ID", "CLIENT_SECRET")
    batch = 10

    def grant(self) -> Grant:
        login = self.setting("CLIENT_ID"), self.setting("CLIENT_SECRET")
        return grant_by_login(self.address("/oauth2/v2/token"), *login)

    async def ask(self, client: Client, asked: Sequence[Asked]) -> list[TrackAnswer]:
        numbers = ",".join(quote(one.number, safe="") for one in asked)
        path = f"/track-and-trace-v1/tracking/simple/trackids/{numbers}"
        return self.heard(await client.get(self.address(path), params={"showEvents": "true"}, grant=self.grant()))

    def read(self, data: Any) -> Iterator[TrackAnswer]:
        for parcel in records(data, "parcels"):
            number = text(parcel, "requested") or text(parcel, "unitno")
            if problem := text(parcel, "errorCode"):
                yield TrackAnswer(number, error=_refusal(problem, text(parcel, "errorMessage")))
            elif number:
                yield self.collect(number, _with_state(parcel))

    def event(self, scan: Mapping[str, Any]) -> TrackedEvent:
        code = text(scan, "code")
        moment = read_moment(text(scan, "eventDateTime"), zone_of(text(scan, "country")))
        return TrackedEvent(
            kind=KINDS.get(code) or STATES.get(text(scan, "state"), "unknown"),
            code=code,
            occurred_at=moment.at,
            occurred_on=moment.on,
            place=place(text(scan, "city"), text(scan, "postalCode"), text(scan, "country")),
            text=text(scan, "description"),
            raw=scan,
        )


def _with_state(parcel: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The events, those of the very second of the parcel's state together with it."""
    state, since = text(parcel, "status"), text(parcel, "statusDateTime")
    for scan in records(parcel, "events"):
        latest = since and text(scan, "eventDateTime") == since
        yield {**scan, "state": state} if latest else scan


def _refusal(code: str, said: str) -> CarrierError:
    return NotFoundYet() if code in NOT_FOUND else CarrierError(f"{said} ({code})", temporary=False)


def adapter() -> Gls:
    return Gls()


def carrier() -> Gls | None:
    """The carrier, or None while GLS_CLIENT_ID or GLS_CLIENT_SECRET is missing."""
    gls = adapter()
    return gls if gls.ready else None
