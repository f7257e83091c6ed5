"""What the adapters of real carriers share: their settings, a turn of questions, and webhooks. One file each beside
this one says the rest: the addresses, the shape of an answer, and the table of codes."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.conf import settings

from shipments.carriers.base import (
    Asked,
    Carrier,
    CarrierError,
    NotAnAnswer,
    NotFoundYet,
    Payload,
    TrackAnswer,
    TrackedEvent,
    Trust,
    WebhookAnswer,
)
from shipments.carriers.http import Client, Reply
from shipments.carriers.payloads import decoded
from shipments.numbers import may_be_of, normalise

log = logging.getLogger(__name__)
Ask = Callable[[Client, Sequence[Asked]], Awaitable[list[TrackAnswer]]]


class Adapter(Carrier):
    """A carrier asked over the network. `needs` are the settings without which it is not on offer; `batch` is how many
    numbers one call may ask about."""

    polled = True
    needs: ClassVar[tuple[str, ...]] = ()
    batch = 1
    per_second = 10.0
    at_once = 10

    def __init__(self) -> None:
        usual = (self.per_second, self.at_once)
        self.per_second, self.at_once = settings.CARRIER_LIMITS.get(self.code, usual)

    @property
    def ready(self) -> bool:
        return all(self.setting(name) for name in self.needs)

    def setting(self, name: str) -> str:
        """`URL` → the setting DHL_URL, for DHL."""
        return str(settings.CARRIER_ACCESS.get(f"{self.code.upper()}_{name}", ""))

    def address(self, path: str) -> str:
        return self.setting("URL").rstrip("/") + path

    def recognises(self, number: str) -> bool:
        return may_be_of(self.code, number)

    # ── asking ──────────────────────────────────────────────────────────────────────────────────────────────────
    async def track(self, asked: Sequence[Asked], now: datetime) -> list[TrackAnswer]:
        return await self.turn(asked, now, self.ask)

    async def turn(self, asked: Sequence[Asked], now: datetime, ask: Ask) -> list[TrackAnswer]:
        """One session for all of them; what fails for some leaves the others alone."""
        parts = [asked[start : start + self.batch] for start in range(0, len(asked), self.batch)]
        answered: list[list[TrackAnswer]] = [[] for _part in parts]
        waiting = iter(enumerate(parts))

        async def work() -> None:
            for place, part in waiting:
                answered[place] = await self._ask_safely(client, part, ask)

        # Where calls are spaced each takes its place in the row at once, and hears at once that it is too long. Else
        # no more are begun than may be under way: to begin thousands would keep the first of them from being answered.
        many = len(parts) if self.per_second else min(len(parts), max(1, self.at_once))
        async with Client(self, now) as client:
            await asyncio.gather(*(work() for _one in range(many)))
        return [answer for part in answered for answer in part]

    async def ask(self, client: Client, asked: Sequence[Asked]) -> list[TrackAnswer]:
        """What the carrier says about these (at most `batch`), in any order. CarrierError where it says nothing."""
        raise NotImplementedError

    def heard(self, reply: Reply) -> list[TrackAnswer]:
        """What a reply says. CarrierError where it says nothing about any parcel."""
        answers = self.parse(reply.data)
        if reply.status == 404 and not any(answer.events for answer in answers):
            raise NotFoundYet
        nothing = next((answer.error for answer in answers if isinstance(answer.error, NotAnAnswer)), None)
        if nothing is not None and len(answers) == 1:
            raise CarrierError(f"{nothing} (status {reply.status})", temporary=reply.status < 400)
        return answers

    async def _ask_safely(self, client: Client, asked: Sequence[Asked], ask: Ask) -> list[TrackAnswer]:
        try:
            answers = await ask(client, asked)
        except CarrierError as error:
            return [TrackAnswer(one.number, error=error) for one in asked]
        except Exception as error:  # a bug met over one answer must not cost the others theirs
            log.exception("carrier %s: an answer could not be read", self.code)
            failed = CarrierError(f"The answer could not be read ({type(error).__name__}).")
            return [TrackAnswer(one.number, error=failed) for one in asked]
        return [self._told(one, answers, alone=len(asked) == 1) for one in asked]

    def _told(self, asked: Asked, answers: Sequence[TrackAnswer], *, alone: bool) -> TrackAnswer:
        """The answer about this number. Asked about alone, whatever came is about it, however the carrier writes it."""
        own = answers if alone else _about(asked.number, answers)
        for problem in (problem for answer in own for problem in answer.problems):
            log.warning("carrier %s, number %s: %s", self.code, asked.number, problem)
        with_events = [answer for answer in own if answer.error is None]
        if with_events:
            return TrackAnswer(asked.number, tuple(event for answer in with_events for event in answer.events))
        return TrackAnswer(asked.number, error=own[0].error if own else NotFoundYet())

    # ── reading ─────────────────────────────────────────────────────────────────────────────────────────────────
    def parse(self, payload: Payload) -> list[TrackAnswer]:
        try:
            answers = list(self.read(decoded(payload)))
        except CarrierError as error:
            return [TrackAnswer("", error=error)]
        return answers or [self.nothing()]

    def read(self, data: Any) -> Iterator[TrackAnswer]:
        """The answers in JSON of any shape whatever; none, or CarrierError, where it holds none."""
        raise NotImplementedError

    def nothing(self) -> TrackAnswer:
        return TrackAnswer("", error=NotAnAnswer(f"It is no answer of {self.name} about a parcel."))

    def collect(self, number: str, scans: Iterable[Mapping[str, Any]]) -> TrackAnswer:
        """The events of one parcel; a scan without a date anybody can read is named, and costs the others nothing."""
        events: list[TrackedEvent] = []
        problems: list[str] = []
        for place, scan in enumerate(scans, start=1):
            try:
                events.append(self.event(scan))
            except (ValueError, OverflowError) as problem:
                problems.append(f"scan {place}: {problem}")
        if problems and not events:
            error = NotAnAnswer(f"None of its scans could be read ({problems[0]}).")
            return TrackAnswer(number, error=error, problems=tuple(problems))
        return TrackAnswer(number, tuple(events), problems=tuple(problems))

    def event(self, scan: Mapping[str, Any]) -> TrackedEvent:
        """One scan. ValueError where its date cannot be read."""
        raise NotImplementedError

    # ── webhooks ────────────────────────────────────────────────────────────────────────────────────────────────
    @property
    def secrets(self) -> list[str]:
        """The webhook's secrets, the new one and the one before it."""
        both = (self.setting("WEBHOOK_SECRET"), self.setting("WEBHOOK_SECRET_OLD"))
        return [secret for secret in both if secret]

    @property
    def tolerance(self) -> timedelta:
        return timedelta(seconds=settings.CARRIER_WEBHOOK_SECONDS)

    def parse_webhook(self, headers: Mapping[str, str], body: bytes, now: datetime) -> WebhookAnswer:
        if not self.webhooks:
            return super().parse_webhook(headers, body, now)
        if not self.secrets:
            return WebhookAnswer("refused", reason=f"{self.code.upper()}_WEBHOOK_SECRET is not set.")
        trust, reason = self.judge({name.lower(): value for name, value in headers.items()}, body, now)
        if trust == "refused":
            return WebhookAnswer("refused", reason=reason)
        return WebhookAnswer(trust, tuple(self.parse(body)), reason, self.delivery(body))

    def judge(self, headers: Mapping[str, str], body: bytes, now: datetime) -> tuple[Trust, str]:
        """How far a call can be trusted, and why no further. The names of `headers` are in small letters."""
        raise NotImplementedError

    def delivery(self, body: bytes) -> str:
        """The carrier's own id of a call; empty where it has none."""
        return ""


def _about(number: str, answers: Sequence[TrackAnswer]) -> list[TrackAnswer]:
    wanted = normalise(number)
    return [answer for answer in answers if normalise(answer.number) == wanted]


STALE: tuple[Trust, str] = ("hint", "Its time lies too far from ours: the carrier is asked instead.")
UNSIGNED: tuple[Trust, str] = ("hint", "Nothing signs its words: the carrier is asked instead.")
FORGED: tuple[Trust, str] = ("refused", "The signature does not fit.")
PROVED: tuple[Trust, str] = ("proved", "")
