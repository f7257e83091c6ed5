"""Django's cache in Redis, asked by one client for each thread: Django makes one anew for every question, which takes
longer than the answer."""

from typing import Any

from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from redis import Redis


class OneClient(RedisCacheClient):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._clients: dict[int, Any] = {}

    def get_client(self, key: Any = None, *, write: bool = False) -> Any:
        pool = self._get_connection_pool(write)  # type: ignore[attr-defined]  # the stubs know half of it
        if id(pool) not in self._clients:  # a pool lives as long as this does
            self._clients[id(pool)] = Redis(connection_pool=pool)
        return self._clients[id(pool)]


class OneClientCache(RedisCache):
    """As Django's own; a thread has a cache of its own, so no two of them share a client."""

    def __init__(self, server: Any, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = OneClient
