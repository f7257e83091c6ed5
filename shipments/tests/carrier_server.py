"""A carrier on this machine's loopback that answers as badly as it is told to."""

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

from shipments.carriers.adapter import Adapter
from shipments.carriers.base import Asked, TrackAnswer

NOW = dt.datetime(2025, 3, 15, 12, tzinfo=dt.UTC)
BOOKED_AT = dt.datetime(2025, 3, 1, 12, tzinfo=dt.UTC)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Work = Callable[[str], Awaitable[Any]]


def with_server(handler: Handler, work: Work) -> Any:
    """What `work` returns, given the address of a server that answers everything with `handler`."""

    async def main() -> Any:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", handler)
        server = TestServer(app)
        await server.start_server()
        try:
            return await work(str(server.make_url("/")).rstrip("/"))
        finally:
            await server.close()

    return asyncio.run(main())


def ask(carrier: Callable[[], Adapter], settings: Any, handler: Handler, *numbers: str) -> dict[str, TrackAnswer]:
    """The answers of one turn, by number, of a carrier whose address is the server's."""

    async def work(url: str) -> list[TrackAnswer]:
        settings.CARRIER_ACCESS = {**settings.CARRIER_ACCESS, **_access(carrier().code, url)}
        return await carrier().track([Asked(number, BOOKED_AT) for number in numbers], NOW)

    return {answer.number: answer for answer in with_server(handler, work)}


def _access(code: str, url: str) -> Mapping[str, str]:
    names = ("API_KEY", "CLIENT_ID", "CLIENT_SECRET")
    return {f"{code.upper()}_URL": url, **{f"{code.upper()}_{name}": f"{name}-of-{url}" for name in names}}
