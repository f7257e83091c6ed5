"""What may stand in the header of a mail: one line, no control characters, Message-IDs that are Message-IDs."""

import re
import unicodedata
from collections.abc import Iterable

from django.conf import settings
from django.utils.crypto import salted_hmac

# Control, format (among them the marks that turn text around), surrogates, and the two separators of lines.
_NOT_ON_A_LINE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_MESSAGE_ID = re.compile(r"<[^<>\s\x00-\x1f\x7f-\U0010ffff]{1,240}>")
REFERENCES_KEPT = 12


def one_line(text: str, limit: int) -> str:
    """The text on one line of at most `limit` characters, without anything that could end a header or hide itself."""
    plain = "".join(" " if unicodedata.category(char) in _NOT_ON_A_LINE else char for char in text)
    return " ".join(plain.split())[:limit].strip()


def message_ids(text: str) -> list[str]:
    """Every well-formed Message-ID of a header, in order, each once. Whatever else stands there is left out."""
    return list(dict.fromkeys(_MESSAGE_ID.findall(text)))


def joined_references(*headers: str | Iterable[str]) -> str:
    """One References header from several: the first id, which made the thread, and the newest of the others."""
    ids: dict[str, None] = {}
    for header in headers:
        ids.update(dict.fromkeys(message_ids(header if isinstance(header, str) else " ".join(header))))
    known = list(ids)
    kept = known if len(known) <= REFERENCES_KEPT else [known[0], *known[-(REFERENCES_KEPT - 1) :]]
    return " ".join(kept)


def own_message_id(key: str) -> str:
    """The Message-ID of the mail with this key: always the same, and not to be guessed without our secret.

    An answer that names it counts as the customer's (contracts.md, "Mail"), so a plain hash of the key would not do.
    """
    digest = salted_hmac("cases.outbox.message-id", key, algorithm="sha256").hexdigest()[:40]
    return f"<wd.{digest}@{settings.WARRANTY_ADDRESS.rpartition('@')[2]}>"
