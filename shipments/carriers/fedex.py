"""FedEx, through "Track API" v1: thirty numbers a call, times with their offset. Its webhooks are signed.

A number may come with several parcels: numbers are used again after some months, and a parcel that is relabelled on its
way starts a second record. Each is read; what is too old is left out where windows are made (policy 2.7).
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from shipments.carriers.adapter import FORGED, PROVED, Adapter
from shipments.carriers.base import Asked, CarrierError, NotFoundYet, TrackAnswer, TrackedEvent, Trust
from shipments.carriers.http import Client
from shipments.carriers.moments import read_moment
from shipments.carriers.oauth import GRANT_TYPE, Grant
from shipments.carriers.payloads import place, records, text, within
from shipments.carriers.places import zone_of
from shipments.carriers.signatures import signature_fits

KINDS = {
    # nothing has moved yet
    "OC": "label",
    "IN": "label",
    "AP": "label",  # the driver is at the sender's
    "EP": "label",  # the driver is on the way to the sender
    "OX": "label",  # data sent to the post
    "RP": "label",  # return label sent
    "LP": "label",
    "RG": "label",
    "PD": "pickup_failed",
    # handed over
    "DO": "drop_off",
    "PU": "picked_up",
    "PX": "picked_up",
    # on its way
    **dict.fromkeys(("AA", "AC", "AF", "AO", "AR", "AX", "DP", "EA", "EO", "FD", "IT", "IX", "LO"), "in_transit"),
    **dict.fromkeys(("OF", "PF", "PL", "PM", "SF", "TR", "CC", "CP"), "in_transit"),
    **dict.fromkeys(("OD", "AD", "ED"), "out_for_delivery"),
    **dict.fromkeys(("HL", "HP"), "available_for_pickup"),
    # held up, or only talked about
    **dict.fromkeys(("CD", "CH", "DD", "DE", "DR", "DY", "SE", "SP", "RR", "RM", "RC"), "exception"),
    "RS": "returned_to_sender",
    "DL": "delivered",
    # the label is cancelled
    "CA": "correction",
}
VOIDS = {"CA": "OC"}
# Why a delivery met with an exception (DE): these say that the driver was at the door.
AT_THE_DOOR = {"07", "08", "15", "42"}
NOT_FOUND = {"TRACKING.TRACKINGNUMBER.NOTFOUND", "TRACKING.DATA.NOTFOUND", "TRACKING.REFERENCENUMBER.NOTFOUND"}
PASSING = {"SYSTEM.UNAVAILABLE.EXCEPTION", "INTERNAL.SERVER.ERROR", "SERVICE.UNAVAILABLE.ERROR"}


class Fedex(Adapter):
    code = "fedex"
    name = "FedEx"
    needs = ("CLIENT_ID", "CLIENT_SECRET")
    webhooks = True
    batch = 30
    per_second = 100.0
    at_once = 20

    def grant(self) -> Grant:
        login = {"client_id": self.setting("CLIENT_ID"), "client_secret": self.setting("CLIENT_SECRET")}
        return Grant(self.address("/oauth/token"), {"data": {"grant_type": GRANT_TYPE, **login}})

    async def ask(self, client: Client, asked: Sequence[Asked]) -> list[TrackAnswer]:
        numbers = [{"trackingNumberInfo": {"trackingNumber": one.number}} for one in asked]
        question = {"includeDetailedScans": True, "trackingInfo": numbers}
        return self.heard(
            await client.post(self.address("/track/v1/trackingnumbers"), grant=self.grant(), json=question)
        )

    def read(self, data: Any) -> Iterator[TrackAnswer]:
        found = records(data, "output", "completeTrackResults") or records(data, "completeTrackResults")
        for error in records(data, "errors"):
            yield TrackAnswer("", error=_refusal(error))
        for result in found:
            number = text(result, "trackingNumber")
            for parcel in records(result, "trackResults"):
                yield self._parcel(number or text(parcel, "trackingNumberInfo", "trackingNumber"), parcel)

    def _parcel(self, number: str, parcel: Mapping[str, Any]) -> TrackAnswer:
        scans = records(parcel, "scanEvents")
        error = within(parcel, "error")
        if not scans and text(error, "code"):
            return TrackAnswer(number, error=_refusal(error))
        return self.collect(number, scans)

    def event(self, scan: Mapping[str, Any]) -> TrackedEvent:
        code = text(scan, "eventType")
        address = within(scan, "scanLocation")
        country, state = text(address, "countryCode"), text(address, "stateOrProvinceCode")
        moment = read_moment(text(scan, "date"), zone_of(country, state))
        said = (text(scan, "eventDescription"), text(scan, "exceptionDescription"))
        return TrackedEvent(
            kind=_kind(code, text(scan, "exceptionCode")),
            code=code,
            occurred_at=moment.at,
            occurred_on=moment.on,
            place=place(text(address, "city"), state, text(address, "postalCode"), country),
            text=" – ".join(filter(None, said)),
            voids=VOIDS.get(code, ""),
            raw=scan,
        )

    def judge(self, headers: Mapping[str, str], body: bytes, now: datetime) -> tuple[Trust, str]:
        return PROVED if signature_fits(self.secrets, body, headers.get("fdx-signature", "")) else FORGED


def _kind(code: str, reason: str) -> str:
    if code == "DE" and reason in AT_THE_DOOR:
        return "failed_attempt"
    return KINDS.get(code, "unknown")


def _refusal(error: Mapping[str, Any]) -> CarrierError:
    code = text(error, "code")
    if code in NOT_FOUND:
        return NotFoundYet()
    return CarrierError(f"{text(error, 'message')} ({code})", temporary=code in PASSING)


def adapter() -> Fedex:
    return Fedex()


def carrier() -> Fedex | None:
    """The carrier, or None while FEDEX_CLIENT_ID or FEDEX_CLIENT_SECRET is missing."""
    fedex = adapter()
    return fedex if fedex.ready else None
