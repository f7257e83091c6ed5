"""The cache in Redis makes one client, and says when Redis is down as Django's own does."""

import pytest
from redis.exceptions import ConnectionError as RedisIsDown

from warrantydesk.faces.redis_cache import OneClientCache
from warrantydesk.tests.ports import free_port


def test_questions_share_a_client_and_its_lines() -> None:
    cache = OneClientCache("redis://127.0.0.1:1/0", {})
    client = cache._cache.get_client("one")
    assert cache._cache.get_client("two", write=True) is client
    assert client.connection_pool is cache._cache._get_connection_pool(write=False)


def test_second_server_is_for_reading() -> None:
    client = OneClientCache("redis://127.0.0.1:1/0,redis://127.0.0.1:2/0", {})._cache
    assert client.get_client("one", write=True) is not client.get_client("one")


def test_nobody_answers_where_redis_is_down() -> None:
    cache = OneClientCache(f"redis://127.0.0.1:{free_port()}/0", {})
    for _once_more in range(2):
        with pytest.raises(RedisIsDown):
            cache.get("key")
