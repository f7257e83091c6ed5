"""Carriers that behave as real ones do, well and badly, for the tests of polling and webhooks."""

import asyncio
import datetime as dt
import hmac
import json
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from shipments.carriers.base import (
    Asked,
    Carrier,
    CarrierError,
    NotAnAnswer,
    Payload,
    TrackAnswer,
    WebhookAnswer,
)
from shipments.tests.factories import OUT, scan


class Moody(Carrier):
    """Answers every number with the scans of OUT, unless its mood says otherwise; remembers what it was asked."""

    polled, at_once = True, 50

    def __init__(self, code: str, mood: Callable[[str], CarrierError | None] | None = None) -> None:
        self.code = self.name = code
        self.mood = mood or (lambda _number: None)
        self.heard: list[list[str]] = []

    async def track(self, asked: Sequence[Asked], now: dt.datetime) -> list[TrackAnswer]:
        self.heard.append([one.number for one in asked])
        return [self._answer(one.number) for one in asked]

    def recognises(self, number: str) -> bool:
        return True

    def _answer(self, number: str) -> TrackAnswer:
        error = self.mood(number)
        return TrackAnswer(number, error=error) if error else TrackAnswer(number, OUT)


class Slow(Moody):
    """Answers nobody until it is released."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.released = threading.Event()

    async def track(self, asked: Sequence[Asked], now: dt.datetime) -> list[TrackAnswer]:
        while not self.released.is_set():
            await asyncio.sleep(0.01)
        return await super().track(asked, now)


class Broken(Moody):
    """Its adapter has a bug."""

    async def track(self, asked: Sequence[Asked], now: dt.datetime) -> list[TrackAnswer]:
        raise KeyError("status")


class Telling(Moody):
    """Sends webhooks: JSON of its own, with an HMAC of the bytes in X-Signature, or with a token and nothing else."""

    webhooks = True
    secrets: tuple[bytes, ...] = (b"new", b"old")

    def parse(self, payload: Payload) -> list[TrackAnswer]:
        try:
            items = json.loads(payload)["parcels"]
        except (ValueError, KeyError, TypeError):
            return [TrackAnswer("", error=NotAnAnswer("nothing of ours"))]
        return [self._item(item) for item in items]

    def parse_webhook(self, headers: Mapping[str, str], body: bytes, now: dt.datetime) -> WebhookAnswer:
        if headers.get("X-Token") == "token":
            return WebhookAnswer("hint", tuple(self.parse(body)))
        given = headers.get("X-Signature", "")
        if not any(hmac.compare_digest(given, signed(body, secret)) for secret in self.secrets):
            return WebhookAnswer("refused", reason="the signature fits none of the secrets")
        return WebhookAnswer("proved", tuple(self.parse(body)), delivery=headers.get("X-Delivery", ""))

    def _item(self, item: Mapping[str, Any]) -> TrackAnswer:
        try:
            return TrackAnswer(item["number"], tuple(scan(*event) for event in item["events"]))
        except (KeyError, TypeError, ValueError) as error:
            return TrackAnswer(str(item.get("number", "")), error=CarrierError(f"unreadable: {error}"))


def signed(body: bytes, secret: bytes = b"new") -> str:
    return hmac.new(secret, body, "sha256").hexdigest()


def told(**parcels: Sequence[Sequence[str]]) -> bytes:
    """A webhook's body: scans by number, each as `scan` takes it."""
    items = [{"number": number, "events": events} for number, events in parcels.items()]
    return json.dumps({"parcels": items}).encode()
