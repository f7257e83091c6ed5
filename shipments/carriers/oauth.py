"""Access tokens (OAuth 2, client credentials): kept in the process until shortly before they run out."""

import base64
import hashlib
import json
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shipments.carriers.base import CarrierError
from shipments.carriers.payloads import text

GRANT_TYPE = "client_credentials"
MARGIN = 60.0  # seconds before its end at which a token is not used any more
SHORTEST, USUAL = 30.0, 600.0


@dataclass(frozen=True)
class Grant:
    """How a token is asked for: the address, and what goes along: `headers`, `data`, `json` as aiohttp takes them."""

    url: str
    options: Mapping[str, Any]

    @property
    def key(self) -> str:
        """Which token: that of this address and these credentials, without keeping them in the key."""
        return hashlib.sha256(json.dumps([self.url, self.options], sort_keys=True).encode()).hexdigest()


_tokens: dict[str, tuple[str, float]] = {}
_lock = threading.Lock()


def kept_token(grant: Grant) -> str | None:
    """The token in hand, None where there is none or it is about to run out."""
    with _lock:
        token, until = _tokens.get(grant.key, ("", 0.0))
    return token if time.monotonic() < until else None


def keep_token(grant: Grant, answer: Any) -> str:
    """The token of an answer, kept for as long as it says. CarrierError where the answer holds none."""
    token = text(answer, "access_token") if isinstance(answer, Mapping) else ""
    if not token:
        raise CarrierError("The carrier answered without a token.", everybody=True)
    with _lock:
        _tokens[grant.key] = (token, time.monotonic() + _lasts(text(answer, "expires_in")))
    return token


def forget_token(grant: Grant, token: str) -> None:
    """The carrier no longer takes this token; a newer one that somebody else fetched meanwhile stays."""
    with _lock:
        if _tokens.get(grant.key, ("", 0.0))[0] == token:
            del _tokens[grant.key]


def forget_tokens() -> None:
    """No token is in hand (tests)."""
    with _lock:
        _tokens.clear()


def grant_by_login(url: str, client: str, secret: str) -> Grant:
    """The client's id and secret as its log-in, which RFC 6749 (2.3.1) prefers; some carriers want them in the body."""
    return Grant(url, {"headers": {"Authorization": basic_login(client, secret)}, "data": {"grant_type": GRANT_TYPE}})


def basic_login(name: str, secret: str) -> str:
    """The Authorization header of a name and its secret."""
    return "Basic " + base64.b64encode(f"{name}:{secret}".encode()).decode()


def _lasts(expires_in: str) -> float:
    seconds = float(expires_in) if expires_in.isdigit() and len(expires_in) < 10 else USUAL
    return max(SHORTEST, seconds - MARGIN)
