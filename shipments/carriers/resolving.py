"""Names looked up for the calls that leave us: only what lies in the open internet is called."""

import socket

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

from shipments.carriers.addresses import is_public


class PublicResolver(AbstractResolver):
    """Looks names up and keeps the public addresses only; OSError where none is left. Looking and connecting are one
    step here, so a name that answers differently the second time gains nothing."""

    def __init__(self) -> None:
        self._inner = ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = [one for one in await self._inner.resolve(host, port, family) if is_public(one["host"])]
        if not found:
            raise OSError(f"{host} has no public address")
        return found

    async def close(self) -> None:
        await self._inner.close()
