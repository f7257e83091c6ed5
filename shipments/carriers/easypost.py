"""EasyPost, an aggregator. What happened is told by a state and its detail; the code kept is both.

Where it knows the place of a scan, EasyPost turns the carrier's local time into UTC; where it does not, it writes the
local time as if it were UTC. So a place that is known turns the instant back into the local day, and without one the
day stands as written.
"""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from shipments.carriers.adapter import FORGED, PROVED, STALE
from shipments.carriers.aggregating import Aggregator
from shipments.carriers.base import Asked, CarrierError, NotFoundYet, TrackAnswer, TrackedEvent, Trust
from shipments.carriers.http import Client
from shipments.carriers.moments import read_moment
from shipments.carriers.oauth import basic_login
from shipments.carriers.payloads import envelope, place, records, text, within
from shipments.carriers.places import american_zone, zone_of
from shipments.carriers.signatures import instant, is_fresh, signature_fits

# By state and detail. A detail that is not listed counts as its state alone, except where that would deliver.
DETAILS = {
    ("pre_transit", "received_at_origin_facility"): "picked_up",
    ("in_transit", "received_at_origin_facility"): "picked_up",
    ("in_transit", "out_for_delivery"): "out_for_delivery",
    ("in_transit", "arrived_at_pickup_location"): "available_for_pickup",
    **{("in_transit", held): "exception" for held in ("delayed", "held", "missorted", "weather_delay", "damaged")},
    **{("in_transit", held): "exception" for held in ("delivery_exception", "transit_exception")},
    **{("in_transit", back): "returned_to_sender" for back in ("return", "returned")},
    ("delivered", "arrived_at_pickup_location"): "available_for_pickup",
    **{("failure", lost): "lost" for lost in ("lost",)},
    **{("failure", back): "returned_to_sender" for back in ("return", "returned")},
    **{("delivered", done): "delivered" for done in ("", "arrived_at_destination", "delivered", "status_update")},
}
STATES = {
    "pre_transit": "label",
    "in_transit": "in_transit",
    "out_for_delivery": "out_for_delivery",
    "available_for_pickup": "available_for_pickup",
    "return_to_sender": "returned_to_sender",
    "failure": "exception",
    "error": "exception",
    "cancelled": "exception",
    "unknown": "unknown",
}
NOT_FOUND = {"TRACKER.NOT_FOUND", "NOT_FOUND"}


class EasyPost(Aggregator):
    code = "easypost"
    name = "EasyPost"
    needs = ("API_KEY",)
    webhooks = True
    per_second = 5.0
    at_once = 5
    names = {
        "australia_post": "AustraliaPost",
        "canadapost": "CanadaPost",
        "canpar": "Canpar",
        "dpd": "DPD",
        "fedex": "FedEx",
        "gls": "GLS",
        "ontrac": "OnTrac",
        "postnl": "PostNL",
        "purolator": "Purolator",
        "royal_mail": "RoyalMail",
        "ups": "UPS",
        "usps": "USPS",
        "yodel": "Yodel",
    }

    async def ask_as(self, theirs: str, client: Client, asked: Sequence[Asked]) -> list[TrackAnswer]:
        # To ask is to create: EasyPost answers with the tracker it has of that number, if it has one.
        question = {"tracking_code": asked[0].number, **({"carrier": theirs} if theirs else {})}
        headers = {"Authorization": basic_login(self.setting("API_KEY"), "")}
        return self.heard(await client.post(self.address("/v2/trackers"), json={"tracker": question}, headers=headers))

    def read(self, data: Any) -> Iterator[TrackAnswer]:
        if within(data, "error"):
            yield TrackAnswer("", error=_refusal(within(data, "error")))
        pushed = within(data, "result") if text(data, "object") == "Event" else None
        for tracker in records(data, "trackers") or records(pushed if pushed is not None else data):
            if text(tracker, "object") == "Tracker":
                yield self._tracker(tracker)

    def _tracker(self, tracker: Mapping[str, Any]) -> TrackAnswer:
        number, scans = text(tracker, "tracking_code"), records(tracker, "tracking_details")
        if not scans and text(tracker, "status") in ("", "unknown"):
            return TrackAnswer(number, error=NotFoundYet())
        return self.collect(number, scans)

    def event(self, scan: Mapping[str, Any]) -> TrackedEvent:
        state, detail = text(scan, "status"), text(scan, "status_detail")
        where = within(scan, "tracking_location")
        country, region = text(where, "country"), text(where, "state")
        zone = zone_of(country, region) if country else american_zone(region)
        moment = read_moment(text(scan, "datetime"), zone)
        return TrackedEvent(
            kind=DETAILS.get((state, detail)) or STATES.get(state, "unknown"),
            code="/".join(filter(None, (state, detail))),
            occurred_at=moment.at,
            occurred_on=moment.on,
            place=place(text(where, "city"), region, text(where, "zip"), country),
            text=text(scan, "message"),
            raw=scan,
        )

    def judge(self, headers: Mapping[str, str], body: bytes, now: datetime) -> tuple[Trust, str]:
        secrets = [unicodedata.normalize("NFKD", secret) for secret in self.secrets]
        if "x-hmac-signature-v2" in headers:
            since, path = headers.get("x-timestamp", ""), headers.get("x-path", "")
            signed = f"{since}POST{path}".encode(errors="replace") + body
            given = headers["x-hmac-signature-v2"]
        else:
            since, signed, given = envelope(body, "created_at"), body, headers.get("x-hmac-signature", "")
        if not signature_fits(secrets, signed, given.strip().removeprefix("hmac-sha256-hex=")):
            return FORGED
        return PROVED if is_fresh(instant(since), now, self.tolerance) else STALE

    def delivery(self, body: bytes) -> str:
        return envelope(body, "id")


def _refusal(error: Any) -> CarrierError:
    code = text(error, "code")
    if code in NOT_FOUND:
        return NotFoundYet()
    said = text(error, "message") or (error if isinstance(error, str) else "")
    return CarrierError(f"{said} ({code})", temporary=False)


def adapter() -> EasyPost:
    return EasyPost()


def carrier() -> EasyPost | None:
    """The carrier, or None while EASYPOST_API_KEY is missing."""
    easypost = adapter()
    return easypost if easypost.ready else None
