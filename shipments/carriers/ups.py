"""UPS, through "Track API" v1. A local date and time with the offset beside it; Track Alert pushes are not signed.

Two codes tell what happened: the two letters of the scan and the three digits of the state it put the parcel in. The
letter of the group (`type`) says "delivered" of a parcel left at an access point and of one brought back, too, so it
alone delivers nothing once either of the others is there.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote
from uuid import uuid4

from shipments.carriers.adapter import FORGED, UNSIGNED, Adapter
from shipments.carriers.base import Asked, CarrierError, NotFoundYet, TrackAnswer, TrackedEvent, Trust
from shipments.carriers.http import Client
from shipments.carriers.moments import Moment, read_basic, read_local
from shipments.carriers.oauth import Grant, grant_by_login
from shipments.carriers.payloads import place, records, text, within
from shipments.carriers.places import zone_of
from shipments.carriers.signatures import token_fits

SCANS = {
    "MP": "label",
    "XD": "drop_off",
    "PU": "picked_up",
    **dict.fromkeys(("OR", "AR", "DP", "DS", "YP", "IP", "EP"), "in_transit"),
    **dict.fromkeys(("OF", "OT"), "out_for_delivery"),
    **dict.fromkeys(("2Q", "ZP", "5G"), "available_for_pickup"),  # at an access point
    **dict.fromkeys(("48", "55", "5R", "G3"), "failed_attempt"),
    **dict.fromkeys(("KR", "34", "A7", "AD", "AG", "AY", "C5", "MF", "S7", "T3", "UD", "UF", "UP", "ZC"), "exception"),
    "6C": "returned_to_sender",  # nobody came for it
    "2W": "delivered",  # collected from an access point
    **dict.fromkeys(("9E", "DL", "F4", "FS", "KB", "KD", "KE", "KM"), "delivered"),
}
STATES = {
    **dict.fromkeys(("003", "044", "045"), "label"),
    "007": "correction",
    "043": "correction",
    "038": "picked_up",
    **dict.fromkeys(("005", "010", "012", "014", "025", "039", "057"), "in_transit"),
    **dict.fromkeys(("006", "021"), "out_for_delivery"),
    **dict.fromkeys(("017", "040"), "available_for_pickup"),
    **dict.fromkeys(("022", "023", "024", "060", "061", "062", "066"), "failed_attempt"),
    "065": "pickup_failed",
    **dict.fromkeys(("013", "016", "018", "019", "020", "027", "028", "029", "030", "032", "033"), "exception"),
    **dict.fromkeys(("041", "042", "046", "047", "048", "049", "050", "051", "052", "053", "054"), "exception"),
    **dict.fromkeys(("055", "056", "058", "059", "063", "064", "069"), "exception"),
    **dict.fromkeys(("034", "035", "036", "037", "067"), "returned_to_sender"),
    "068": "lost",
    **dict.fromkeys(("011", "026"), "delivered"),
}
GROUPS = {
    "M": "label",
    "MV": "correction",
    "P": "picked_up",
    "I": "in_transit",
    **dict.fromkeys(("DO", "DD"), "in_transit"),  # freight at its first or last station, not at the door
    **dict.fromkeys(("O", "OT"), "out_for_delivery"),
    **dict.fromkeys(("X", "W"), "exception"),
    "RS": "returned_to_sender",
}
# What a correction takes back: the label, or the collection of the parcel.
VOIDS = {"007": "MP", "MV": "MP", "043": "PU"}
NOT_FOUND = {"TW0001", "TV0002"}


class Ups(Adapter):
    code = "ups"
    name = "UPS"
    needs = ("CLIENT_ID", "CLIENT_SECRET")
    webhooks = True
    per_second = 20.0
    at_once = 20

    def grant(self) -> Grant:
        login = self.setting("CLIENT_ID"), self.setting("CLIENT_SECRET")
        return grant_by_login(self.address("/security/v1/oauth/token"), *login)

    async def ask(self, client: Client, asked: Sequence[Asked]) -> list[TrackAnswer]:
        path = f"/api/track/v1/details/{quote(asked[0].number, safe='')}"
        headers = {"transId": uuid4().hex, "transactionSrc": "warrantydesk"}
        return self.heard(
            await client.get(self.address(path), grant=self.grant(), headers=headers, params={"locale": "en_US"})
        )

    def read(self, data: Any) -> Iterator[TrackAnswer]:
        for error in records(data, "response", "errors"):
            yield TrackAnswer("", error=_refusal(error))
        for shipment in records(data, "trackResponse", "shipment"):
            inquired = text(shipment, "inquiryNumber")
            for parcel in records(shipment, "package"):
                yield self.collect(text(parcel, "trackingNumber") or inquired, records(parcel, "activity"))
            warning = next(iter(records(shipment, "warnings")), None)
            if warning is not None and not records(shipment, "package"):
                yield TrackAnswer(inquired, error=_refusal(warning))
        if text(data, "trackingNumber") and text(data, "activityStatus", "type"):
            yield self.collect(text(data, "trackingNumber"), [_pushed(data)])

    def event(self, scan: Mapping[str, Any]) -> TrackedEvent:
        status = within(scan, "status")
        address = within(scan, "location", "address")
        country, state = text(address, "countryCode") or text(address, "country"), text(address, "stateProvince")
        moment = _moment(scan, country, state)
        kind, code, voids = _meaning(text(status, "code"), text(status, "statusCode"), text(status, "type"))
        return TrackedEvent(
            kind=kind,
            code=code,
            occurred_at=moment.at,
            occurred_on=moment.on,
            place=place(text(address, "city"), state, country),
            text=text(status, "description"),
            voids=voids,
            raw=scan,
        )

    def judge(self, headers: Mapping[str, str], body: bytes, now: datetime) -> tuple[Trust, str]:
        return UNSIGNED if token_fits(self.secrets, headers.get("credential", "")) else FORGED


def _meaning(scan: str, state: str, group: str) -> tuple[str, str, str]:
    """Kind, code and what is taken back: the scan's own code first, then the state's, then the group's."""
    code = scan or state or group
    kind = SCANS.get(scan) or STATES.get(state) or GROUPS.get(group, "unknown")
    if code == "D":
        kind = "delivered"
    return kind, code, VOIDS.get(state) or VOIDS.get(group, "") if kind == "correction" else ""


def _moment(scan: Mapping[str, Any], country: str, state: str) -> Moment:
    local = read_basic(text(scan, "date"), text(scan, "time"))
    if not text(scan, "time"):
        return Moment(local.date())
    instant = None
    if text(scan, "gmtDate") and text(scan, "gmtTime"):
        instant = read_basic(text(scan, "gmtDate"), text(scan, "gmtTime")).replace(tzinfo=UTC)
    return read_local(local, offset=text(scan, "gmtOffset"), instant=instant, zone=zone_of(country, state))


def _pushed(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """A Track Alert push, in the shape of the activity of an answer."""
    return {
        "date": text(data, "localActivityDate"),
        "time": text(data, "localActivityTime"),
        "gmtDate": text(data, "gmtActivityDate"),
        "gmtTime": text(data, "gmtActivityTime"),
        "status": within(data, "activityStatus"),
        "location": {"address": within(data, "activityLocation")},
    }


def _refusal(error: Mapping[str, Any]) -> CarrierError:
    code = text(error, "code")
    return NotFoundYet() if code in NOT_FOUND else CarrierError(f"{text(error, 'message')} ({code})", temporary=False)


def adapter() -> Ups:
    return Ups()


def carrier() -> Ups | None:
    """The carrier, or None while UPS_CLIENT_ID or UPS_CLIENT_SECRET is missing."""
    ups = adapter()
    return ups if ups.ready else None
