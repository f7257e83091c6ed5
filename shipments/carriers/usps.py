"""USPS, through "Tracking" v3. A local time with the same in GMT beside it; its webhooks are signed.

`01` is every delivery: mailbox, porch, neighbour, an agent, and the locker of the house whose key lies in the mailbox.
A counter or a locker of the post where it has to be fetched is `14` or `16`.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

from shipments.carriers.adapter import FORGED, PROVED, STALE, Adapter
from shipments.carriers.base import Asked, CarrierError, NotAnAnswer, NotFoundYet, TrackAnswer, TrackedEvent, Trust
from shipments.carriers.http import Client
from shipments.carriers.moments import Moment, read_local, read_moment
from shipments.carriers.oauth import GRANT_TYPE, Grant
from shipments.carriers.payloads import decoded, place, records, text, within
from shipments.carriers.places import american_zone, zone_of
from shipments.carriers.signatures import instant, is_fresh, signature_fits

KINDS = {
    "01": "delivered",
    **dict.fromkeys(("GC", "GX", "MA", "89"), "label"),
    **dict.fromkeys(("03", "43", "80", "OA", "PA", "UA"), "picked_up"),
    **dict.fromkeys(("06", "07", "08", "10", "15", "17", "19", "41", "42", "81", "82", "83"), "in_transit"),
    **dict.fromkeys(("A1", "AD", "EF", "NT", "PC", "SF", "T1", "TL", "TM"), "in_transit"),
    "OF": "out_for_delivery",
    **dict.fromkeys(("14", "16"), "available_for_pickup"),
    **dict.fromkeys(("02", "30", "51", "52", "53", "54", "55", "56", "57"), "failed_attempt"),
    **dict.fromkeys(("04", "05", "11", "44", "71", "DX"), "exception"),
    **dict.fromkeys(("09", "21", "22", "23", "24", "25", "26", "27", "28", "29", "31"), "returned_to_sender"),
}
NOT_FOUND = {"404", "-2147219283", "-2147219302"}


class Usps(Adapter):
    code = "usps"
    name = "USPS"
    needs = ("CLIENT_ID", "CLIENT_SECRET")
    webhooks = True
    per_second = 1.0
    at_once = 4

    def grant(self) -> Grant:
        login = {"client_id": self.setting("CLIENT_ID"), "client_secret": self.setting("CLIENT_SECRET")}
        return Grant(self.address("/oauth2/v3/token"), {"json": {"grant_type": GRANT_TYPE, **login}})

    async def ask(self, client: Client, asked: Sequence[Asked]) -> list[TrackAnswer]:
        path = f"/tracking/v3/tracking/{quote(asked[0].number, safe='')}"
        return self.heard(await client.get(self.address(path), grant=self.grant(), params={"expand": "DETAIL"}))

    def read(self, data: Any) -> Iterator[TrackAnswer]:
        pushed = within(data, "payload")
        for parcel in records(decoded(pushed)) if isinstance(pushed, str) else records(data):
            if within(parcel, "error"):
                yield TrackAnswer("", error=_refusal(parcel))
            elif within(parcel, "trackingEvents") is not None and text(parcel, "trackingNumber"):
                yield self.collect(text(parcel, "trackingNumber"), records(parcel, "trackingEvents"))

    def event(self, scan: Mapping[str, Any]) -> TrackedEvent:
        code = text(scan, "eventCode")
        city, state, postcode = text(scan, "eventCity"), text(scan, "eventState"), text(scan, "eventZIP")
        moment = _moment(scan)
        return TrackedEvent(
            kind=KINDS.get(code, "unknown"),
            code=code,
            occurred_at=moment.at,
            occurred_on=moment.on,
            place=place(city, state, postcode, text(scan, "eventCountry")),
            text=text(scan, "eventType"),
            raw=scan,
        )

    def judge(self, headers: Mapping[str, str], body: bytes, now: datetime) -> tuple[Trust, str]:
        """The signature is over the time and the payload of the envelope, and nothing else of it is read."""
        try:
            envelope = decoded(body)
        except NotAnAnswer as problem:
            return "refused", str(problem)
        since, payload = within(envelope, "timestamp"), within(envelope, "payload")
        if not isinstance(since, str) or not isinstance(payload, str):
            return FORGED
        given = headers.get("x-hmac") or headers.get("hmac-header", "")
        if not signature_fits(self.secrets, (since + payload).encode(errors="surrogatepass"), given):
            return FORGED
        return PROVED if is_fresh(instant(since), now, self.tolerance) else STALE


def _moment(scan: Mapping[str, Any]) -> Moment:
    written = text(scan, "eventTimestamp") or text(scan, "GMTTimestamp")
    country, state = text(scan, "eventCountry"), text(scan, "eventState")
    zone = zone_of(country, state) if country else american_zone(state)
    if re.search(r"T\d.*(?:[zZ]|[+-]\d\d:?\d\d)$", written) or "T" not in written:
        return read_moment(written, zone)
    gmt = instant(text(scan, "GMTTimestamp")) if text(scan, "GMTTimestamp") else None
    return read_local(datetime.fromisoformat(written), offset=text(scan, "GMTOffset"), instant=gmt, zone=zone)


def _refusal(data: Mapping[str, Any]) -> CarrierError:
    error = within(data, "error")
    code = error if isinstance(error, str) else text(error, "code")
    said = text(data, "error_description") or text(error, "message")
    return NotFoundYet() if code in NOT_FOUND else CarrierError(f"{said} ({code})", temporary=False)


def adapter() -> Usps:
    return Usps()


def carrier() -> Usps | None:
    """The carrier, or None while USPS_CLIENT_ID or USPS_CLIENT_SECRET is missing."""
    usps = adapter()
    return usps if usps.ready else None
