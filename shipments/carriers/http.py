"""Calling a carrier: one session a turn, with limits on everything, and each failure told by its class.

What comes out is JSON with its status, or a CarrierError: `temporary` for 429, 5xx, time-outs, TLS, dropped lines, HTML
in the place of JSON; not temporary for refused credentials. Redirects stay on the host that was asked.
"""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol

from django.conf import settings
from yarl import URL

from shipments.carriers.addresses import is_address, is_public
from shipments.carriers.base import CarrierError
from shipments.carriers.limits import take_place
from shipments.carriers.oauth import Grant, forget_token, keep_token, kept_token

if TYPE_CHECKING:  # loaded where somebody is called: a web process, which knows every carrier, calls none
    import aiohttp

CONNECT_SECONDS = 5.0
LARGEST_ANSWER = 4 * 1024 * 1024
MOST_REDIRECTS = 3
LONGEST_REST = timedelta(days=1)
# With these a carrier still says something about the parcel, where it says it in JSON.
TELLING = {400, 404, 409, 422}
REDIRECTS = {301, 302, 303, 307, 308}


class Limits(Protocol):
    """What the client needs to know of a carrier."""

    code: str
    name: str
    per_second: float
    at_once: int


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    data: Any


class Client:
    """`async with Client(carrier, now) as client:` for one turn of one carrier."""

    def __init__(self, carrier: Limits, now: datetime) -> None:
        self.carrier = carrier
        self.now = now
        self._places = asyncio.Semaphore(max(1, carrier.at_once))
        self._granting = asyncio.Lock()
        # Whoever was told to come back later, or that the key is wrong, does not go on knocking in this turn.
        self._closed: CarrierError | None = None

    async def __aenter__(self) -> Client:
        import aiohttp

        from shipments.carriers.resolving import PublicResolver

        resolver = None if settings.CARRIER_PRIVATE_ADDRESSES else PublicResolver()
        seconds = settings.CARRIER_TIMEOUT_SECONDS
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=max(1, self.carrier.at_once), resolver=resolver),
            timeout=aiohttp.ClientTimeout(total=seconds, sock_connect=min(CONNECT_SECONDS, seconds), sock_read=seconds),
            headers={"Accept": "application/json", "User-Agent": "Warrantydesk"},
            cookie_jar=aiohttp.DummyCookieJar(),
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._session.close()

    async def get(self, url: str, *, grant: Grant | None = None, **options: Any) -> Reply:
        return await self.call("GET", url, grant=grant, **options)

    async def post(self, url: str, *, grant: Grant | None = None, **options: Any) -> Reply:
        return await self.call("POST", url, grant=grant, **options)

    async def call(self, method: str, url: str, *, grant: Grant | None = None, **options: Any) -> Reply:
        """One call. `options` are `params`, `headers`, `json` and `data` as aiohttp takes them; with a `grant` the
        token of the carrier goes along, and is fetched anew once where the carrier no longer takes it."""
        if grant is None:
            return await self._accepted(await self._sent(method, url, options))
        token = await self._token(grant)
        reply = await self._sent(method, url, _with_token(options, token))
        if reply.status == 401:
            forget_token(grant, token)
            reply = await self._sent(method, url, _with_token(options, await self._token(grant)))
        return await self._accepted(reply)

    async def _token(self, grant: Grant) -> str:
        async with self._granting:
            kept = kept_token(grant)
            if kept is not None:
                return kept
            reply = await self._sent("POST", grant.url, grant.options)
            if reply.status in TELLING:
                raise self._refused("The carrier refuses our credentials")
            return keep_token(grant, (await self._accepted(reply)).data)

    async def _accepted(self, reply: Reply) -> Reply:
        if reply.status in (401, 403):
            raise self._refused(f"The carrier refuses our credentials ({reply.status})")
        return reply

    def _refused(self, problem: str) -> CarrierError:
        self._closed = CarrierError(f"{problem}. See to the settings of {self.carrier.name}.", **REFUSAL)
        return self._closed

    async def _sent(self, method: str, url: str, options: Mapping[str, Any]) -> Reply:
        import aiohttp

        if self._closed is not None:
            raise self._closed
        # A place in the row is taken before anything is waited for: who would wait too long hears it at once.
        if wait := take_place(self.carrier.code, self.carrier.per_second):
            await asyncio.sleep(wait)
        async with self._places:
            if self._closed is not None:
                raise self._closed
            try:
                return await self._followed(method, URL(url), options)
            except (TimeoutError, aiohttp.ClientError, OSError, ValueError) as error:
                raise _unreachable(error) from error

    async def _followed(self, method: str, url: URL, options: Mapping[str, Any]) -> Reply:
        target = url
        for _ in range(MOST_REDIRECTS + 1):
            self._check_address(target)
            async with self._session.request(method, target, allow_redirects=False, **options) as response:
                if response.status not in REDIRECTS:
                    return await self._read(response)
                target = target.join(URL(response.headers.get("Location", "")))
            if target.origin() != url.origin():
                raise CarrierError(f"The carrier sends us on to {target.host}, another host.", everybody=True)
        raise CarrierError("The carrier sends us round in circles.", everybody=True)

    def _check_address(self, url: URL) -> None:
        if settings.CARRIER_PRIVATE_ADDRESSES:
            return
        host = url.host or ""
        if url.scheme != "https" or (is_address(host) and not is_public(host)):
            raise CarrierError(f"{url.origin()} is no public https address.", **REFUSAL)

    async def _read(self, response: aiohttp.ClientResponse) -> Reply:
        status = response.status
        if status == 429 or status >= 500:
            raise self._resting(response)
        body = await _limited(response)
        if status in (401, 403):
            return Reply(status, None)
        if status >= 300 and status not in TELLING:
            raise CarrierError(f"The carrier answers {status}.", **REFUSAL)
        return Reply(status, _json(body, status))

    def _resting(self, response: aiohttp.ClientResponse) -> CarrierError:
        wait = _retry_after(response.headers, self.now)
        said = "has had enough calls for now" if response.status == 429 else "is in trouble"
        error = CarrierError(f"The carrier {said} ({response.status}).", retry_after=wait, everybody=True)
        if response.status == 429 or wait:
            self._closed = error
        return error


REFUSAL: dict[str, Any] = {"temporary": False, "everybody": True}


def _with_token(options: Mapping[str, Any], token: str) -> dict[str, Any]:
    return {**options, "headers": {**options.get("headers", {}), "Authorization": f"Bearer {token}"}}


async def _limited(response: aiohttp.ClientResponse) -> bytes:
    """The body, unpacked; an answer without end is cut off and counts as none."""
    body = bytearray()
    async for piece in response.content.iter_chunked(64 * 1024):
        body += piece
        if len(body) > LARGEST_ANSWER:
            raise CarrierError(f"The answer is larger than {LARGEST_ANSWER // 1024 // 1024} MB.", everybody=True)
    return bytes(body)


def _json(body: bytes, status: int) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        what = "an HTML page" if body.lstrip()[:1] == b"<" else "something else"
        raise CarrierError(f"The carrier answers {status} with {what} instead of JSON.", everybody=True) from None


def _retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """The seconds of rest asked for, whether written as seconds or as a date; a day at most."""
    written = headers.get("Retry-After", "").strip()
    if not written:
        return None
    if written.isascii() and written.isdigit():
        return min(float(written[:9]), LONGEST_REST.total_seconds())
    try:
        until = parsedate_to_datetime(written)
    except ValueError:
        return None
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return max(0.0, min(until - now, LONGEST_REST).total_seconds())


def _unreachable(error: Exception) -> CarrierError:
    """A failure of the line, in words; `from` keeps the cause for the log."""
    import aiohttp

    if isinstance(error, TimeoutError):
        problem = "The carrier did not answer in time."
    elif isinstance(error, aiohttp.ClientSSLError | ssl.SSLError):
        problem = "The carrier's certificate or TLS is not in order."
    elif isinstance(error, aiohttp.ClientConnectorError):
        problem = "The carrier cannot be reached."
    else:
        problem = f"The line to the carrier broke ({type(error).__name__})."
    return CarrierError(problem, everybody=True)
