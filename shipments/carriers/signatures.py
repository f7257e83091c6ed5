"""Whether a call from outside is from whom it says: over its very bytes, in constant time, with the new secret and the
old one, and neither older nor younger than the tolerance."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime


def signature_fits(secrets: Sequence[str], message: bytes, given: str) -> bool:
    """Whether `given` (hex or base64) is the HMAC-SHA256 of the message under one of the secrets. No secret: never."""
    claimed = _digest(given)
    # Every secret is tried, so that the time taken tells nothing about which one fits.
    fits = [hmac.compare_digest(hmac.digest(_key(one), message, hashlib.sha256), claimed) for one in secrets if one]
    return any(fits)


def token_fits(secrets: Sequence[str], given: str) -> bool:
    """Whether a token sent along is one of the secrets. It proves who knew it once, and nothing about the body."""
    fits = [hmac.compare_digest(_key(one), given.encode(errors="replace")) for one in secrets if one]
    return any(fits)


def is_fresh(at: datetime | None, now: datetime, tolerance: timedelta) -> bool:
    """Within the tolerance, in the past and in the future. None, an instant nobody could read, is not."""
    return at is not None and abs(now - at) <= tolerance


def instant(written: str) -> datetime | None:
    """An instant as webhooks write it: ISO 8601, a mail's date, or seconds since 1970. None where it is none."""
    for read in (datetime.fromisoformat, parsedate_to_datetime, _since_1970):
        try:
            found = read(written.strip())
        except (ValueError, TypeError, IndexError, OverflowError, OSError):
            continue
        return found if found.tzinfo else found.replace(tzinfo=UTC)
    return None


def _since_1970(written: str) -> datetime:
    return datetime.fromtimestamp(float(written), UTC)


def _key(secret: str) -> bytes:
    return secret.encode(errors="replace")


def _digest(given: str) -> bytes:
    """The bytes behind a written digest; empty, which fits nothing, where it is none."""
    given = given.strip()
    try:
        found = bytes.fromhex(given) if len(given) == 64 else base64.b64decode(given, validate=True)
    except (ValueError, binascii.Error):
        return b""
    return found if len(found) == hashlib.sha256().digest_size else b""
