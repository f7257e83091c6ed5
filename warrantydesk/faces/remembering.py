"""The cache, for courtesies alone: where it is down the desk says so in the log and works on without."""

import logging
from typing import Any

from django.core.cache import cache
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)


def recall(key: str) -> Any:
    """What was remembered; None where nothing was, or the cache does not answer."""
    try:
        return cache.get(key)
    except (RedisError, OSError) as error:
        logger.warning("the cache does not answer: %s", error)
        return None


def remember(key: str, value: Any, seconds: float) -> None:
    try:
        cache.set(key, value, seconds)
    except (RedisError, OSError) as error:
        logger.warning("the cache does not take %s: %s", key, error)
