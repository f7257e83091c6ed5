"""The poller alone, without a database: an adapter's turn, and the floor it is held against, raw aiohttp.

    python -m bench.poller raw|adapter PORT PARCELS

Asks the server of bench.parcels about so many parcels, 200 calls in flight, and prints how many a second.
"""

import asyncio
import json
import sys
import time

from bench.parcels import IN_FLIGHT, number_of


def main(how: str, port: int, parcels: int) -> None:
    numbers = [number_of(place) for place in range(parcels)]
    if how == "adapter":
        import bench.django_ready  # noqa: F401 - what is loaded is loaded before
    import aiohttp  # noqa: F401 - loaded before it is measured

    asking = _raw(port, numbers) if how == "raw" else _adapter(numbers)
    began = time.perf_counter()
    answered = asyncio.run(asking)
    print(f"{answered / (time.perf_counter() - began):.1f}")


async def _raw(port: int, numbers: list[str]) -> int:
    """The least that asking can be: the answer read and taken for JSON."""
    import aiohttp

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=IN_FLIGHT)) as session:

        async def ask(number: str) -> bool:
            url = f"http://127.0.0.1:{port}/track/shipments"
            async with session.get(url, params={"trackingNumber": number}) as response:
                return "shipments" in json.loads(await response.read())

        return sum(await asyncio.gather(*map(ask, numbers)))


async def _adapter(numbers: list[str]) -> int:
    from bench.parcels import AT
    from shipments.carriers.base import Asked
    from shipments.carriers.dhl import adapter

    answers = await adapter().track([Asked(number, AT) for number in numbers], AT)
    return sum(bool(answer.events) for answer in answers)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
