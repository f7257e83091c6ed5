"""AfterShip, an aggregator. What happened is told by its subtags. A time is written with the offset of the place where
the carrier told one, and otherwise as the carrier wrote it, or in UTC.

It answers about parcels it was told of only: one it does not know yet is registered, and heard of at the next look.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from shipments.carriers.adapter import FORGED, PROVED, STALE
from shipments.carriers.aggregating import Aggregator
from shipments.carriers.base import Asked, CarrierError, NotFoundYet, TrackAnswer, TrackedEvent, Trust
from shipments.carriers.http import Client
from shipments.carriers.moments import read_moment
from shipments.carriers.payloads import envelope, place, records, text, within
from shipments.carriers.places import zone_of
from shipments.carriers.signatures import instant, is_fresh, signature_fits
from shipments.numbers import normalise

KINDS = {
    **dict.fromkeys(("Pending_001", "Pending_002", "InfoReceived_001"), "label"),
    "InTransit_002": "picked_up",  # acceptance scan
    **{f"InTransit_{place:03d}": "in_transit" for place in (1, 3, 4, 5, 6, 7, 8, 9)},
    "OutForDelivery_001": "out_for_delivery",
    **dict.fromkeys(("OutForDelivery_003", "OutForDelivery_004"), "exception"),  # called, or an appointment made
    **dict.fromkeys(("AttemptFail_001", "AttemptFail_002", "AttemptFail_003"), "failed_attempt"),
    "AvailableForPickup_001": "available_for_pickup",
    # delivered, collected, signed for, paid for at the door, given to a neighbour
    **{f"Delivered_{place:03d}": "delivered" for place in (1, 2, 3, 4, 5)},
    **{f"Exception_{place:03d}": "exception" for place in (1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 16, 17, 18)},
    **dict.fromkeys(("Exception_010", "Exception_011"), "returned_to_sender"),
    "Exception_013": "lost",
    "Expired_001": "exception",
}
NOT_FOUND = {"4004"}
ALREADY_KNOWN, UNKNOWN_COURIER = {"4003"}, {"4005", "4012"}
PATH = "/tracking/2024-07/trackings"


class AfterShip(Aggregator):
    code = "aftership"
    name = "AfterShip"
    needs = ("API_KEY",)
    webhooks = True
    batch = 40
    per_second = 8.0
    at_once = 8
    names = {
        "australia_post": "australia-post",
        "canadapost": "canada-post",
        "canpar": "canpar",
        "china_post": "china-post",
        "fedex": "fedex",
        "japan_post": "japan-post",
        "lasership": "lasership",
        "ontrac": "ontrac",
        "purolator": "purolator",
        "royal_mail": "royal-mail",
        "swiss_post": "swiss-post",
        "ups": "ups",
        "usps": "usps",
        "yodel": "yodel",
    }

    async def ask_as(self, theirs: str, client: Client, asked: Sequence[Asked]) -> list[TrackAnswer]:
        numbers = ",".join(one.number for one in asked)
        reply = await client.get(
            self.address(PATH), params={"tracking_numbers": numbers, "limit": "200"}, headers=self._headers
        )
        known = self.heard(reply) if within(reply.data, "data", "trackings") != [] else []
        told = {normalise(answer.number) for answer in known}
        missing = [one for one in asked if normalise(one.number) not in told]
        return known + [await self._register(client, one, theirs) for one in missing]

    async def _register(self, client: Client, asked: Asked, theirs: str) -> TrackAnswer:
        question = {"tracking_number": asked.number, **({"slug": theirs} if theirs else {})}
        reply = await client.post(self.address(PATH), json=question, headers=self._headers)
        code = text(reply.data, "meta", "code")
        if code in UNKNOWN_COURIER:
            error = CarrierError("AfterShip does not know whose number this is.", temporary=False)
            return TrackAnswer(asked.number, error=error)
        if reply.status >= 400 and code not in ALREADY_KNOWN:
            said = f"{text(reply.data, 'meta', 'message')} ({code or reply.status})"
            return TrackAnswer(asked.number, error=CarrierError(said, temporary=False))
        return TrackAnswer(asked.number, error=NotFoundYet())

    @property
    def _headers(self) -> dict[str, str]:
        return {"as-api-key": self.setting("API_KEY")}

    def read(self, data: Any) -> Iterator[TrackAnswer]:
        code = text(data, "meta", "code")
        if code.isdigit() and not code.startswith("2"):
            yield TrackAnswer("", error=_refusal(code, text(data, "meta", "message")))
        inner = within(data, "msg") or within(data, "data")
        for parcel in records(inner, "trackings") or records(inner, "tracking") or records(inner):
            if text(parcel, "tracking_number") and ("checkpoints" in parcel or "checkpoint" in parcel):
                yield self._parcel(parcel)

    def _parcel(self, parcel: Mapping[str, Any]) -> TrackAnswer:
        found = records(parcel, "checkpoints") or records(parcel, "checkpoint")
        scans = [scan for scan in found if text(scan, "checkpoint_time") or text(scan, "tag")]
        if not scans:
            return TrackAnswer(text(parcel, "tracking_number"), error=NotFoundYet())
        return self.collect(text(parcel, "tracking_number"), scans)

    def event(self, scan: Mapping[str, Any]) -> TrackedEvent:
        code = text(scan, "subtag") or text(scan, "tag")
        country, state = text(scan, "country_iso3") or text(scan, "country_region"), text(scan, "state")
        moment = read_moment(text(scan, "checkpoint_time"), zone_of(country, state))
        where = place(text(scan, "city"), state, text(scan, "zip"), country)
        return TrackedEvent(
            kind=KINDS.get(code, "unknown"),
            code=code,
            occurred_at=moment.at,
            occurred_on=moment.on,
            place=where or text(scan, "location"),
            text=text(scan, "message") or text(scan, "subtag_message"),
            raw=scan,
        )

    def judge(self, headers: Mapping[str, str], body: bytes, now: datetime) -> tuple[Trust, str]:
        given = headers.get("aftership-hmac-sha256") or headers.get("as-signature-hmac-sha256", "")
        if not signature_fits(self.secrets, body, given):
            return FORGED
        return PROVED if is_fresh(instant(envelope(body, "ts")), now, self.tolerance) else STALE

    def delivery(self, body: bytes) -> str:
        return envelope(body, "event_id")


def _refusal(code: str, said: str) -> CarrierError:
    if code in NOT_FOUND:
        return NotFoundYet()
    return CarrierError(f"{said} ({code})", temporary=code.startswith("5") or code == "429")


def adapter() -> AfterShip:
    return AfterShip()


def carrier() -> AfterShip | None:
    """The carrier, or None while AFTERSHIP_API_KEY is missing."""
    aftership = adapter()
    return aftership if aftership.ready else None
