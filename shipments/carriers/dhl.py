"""DHL, through "Shipment Tracking – Unified": one interface for Express, Parcel, eCommerce and the rest.

Its codes are coarse, and its `status` beside them is words: a customs release is called DELIVERED there. Times are
local to the place, most often without an offset. Pushes carry a token, which proves nothing about the body.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from shipments.carriers.adapter import FORGED, UNSIGNED, Adapter
from shipments.carriers.base import Asked, CarrierError, NotFoundYet, TrackAnswer, TrackedEvent, Trust
from shipments.carriers.http import Client
from shipments.carriers.moments import read_moment
from shipments.carriers.payloads import place, records, text, within
from shipments.carriers.places import zone_of
from shipments.carriers.signatures import token_fits

KINDS = {
    "pre-transit": "label",
    "transit": "in_transit",
    "delivered": "delivered",
    "failure": "exception",
    "unknown": "unknown",
}


class Dhl(Adapter):
    code = "dhl"
    name = "DHL"
    needs = ("API_KEY",)
    webhooks = True
    per_second = 0.2  # the free plan; CARRIER_LIMITS where there is a better one
    at_once = 2

    async def ask(self, client: Client, asked: Sequence[Asked]) -> list[TrackAnswer]:
        headers = {"DHL-API-Key": self.setting("API_KEY")}
        reply = await client.get(
            self.address("/track/shipments"), params={"trackingNumber": asked[0].number}, headers=headers
        )
        return self.heard(reply)

    def read(self, data: Any) -> Iterator[TrackAnswer]:
        shipments = records(data, "shipments")
        if not shipments and text(data, "title") and text(data, "status"):
            yield TrackAnswer(text(data, "instance").rpartition("/")[2], error=_refusal(data))
        for shipment in shipments:
            scans = records(shipment, "events") or records(shipment, "status")
            if not any(text(scan, "timestamp") for scan in scans):
                raise self.nothing().error or CarrierError("")
            yield self.collect(text(shipment, "id"), scans)

    def event(self, scan: Mapping[str, Any]) -> TrackedEvent:
        code = text(scan, "statusCode")
        address = within(scan, "location", "address")
        moment = read_moment(text(scan, "timestamp"), zone_of(text(address, "countryCode")))
        return TrackedEvent(
            kind=KINDS.get(code, "unknown"),
            code=code,
            occurred_at=moment.at,
            occurred_on=moment.on,
            place=place(text(address, "addressLocality"), text(address, "postalCode"), text(address, "countryCode")),
            text=" – ".join(filter(None, (text(scan, "status"), text(scan, "description"), text(scan, "remark")))),
            raw=scan,
        )

    def judge(self, headers: Mapping[str, str], body: bytes, now: datetime) -> tuple[Trust, str]:
        return UNSIGNED if token_fits(self.secrets, headers.get("x-webhook-token", "")) else FORGED


def _refusal(data: Any) -> CarrierError:
    status, said = text(data, "status"), text(data, "detail") or text(data, "title")
    if status == "404":
        return NotFoundYet()
    return CarrierError(f"{said} ({status})", temporary=status == "429" or status.startswith("5"))


def adapter() -> Dhl:
    return Dhl()


def carrier() -> Dhl | None:
    """The carrier, or None while DHL_API_KEY is missing."""
    dhl = adapter()
    return dhl if dhl.ready else None
