"""The pieces of a file on its way to us: each an object of its own in the storage, so that any storage will do.

They lie apart from what was kept, under PIECES, and are joined by streaming: never more than a piece is in memory.
"""

import secrets
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import IO

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

PIECES = "uploads"
_CHUNK = 256 * 1024
_IN_MEMORY = 8 * 1024 * 1024


def new_folder() -> str:
    """Where the pieces of one file lie: a name nobody can guess, and none of the sender's."""
    return f"{PIECES}/{secrets.token_urlsafe(24)}"


def put_piece(folder: str, offset: int, content: bytes) -> str:
    """Store one piece; its key. Two that arrive for the same place get keys of their own."""
    return default_storage.save(f"{folder}/{offset}-{secrets.token_hex(8)}", ContentFile(content))


@contextmanager
def joined(keys: Iterable[str]) -> Iterator[IO[bytes]]:
    """The pieces in this order as one file that can be read and read again. FileNotFoundError where one is missing."""
    with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as whole:
        for key in keys:
            with default_storage.open(key, "rb") as piece:
                while chunk := piece.read(_CHUNK):
                    whole.write(chunk)
        whole.seek(0)
        yield whole


def remove_pieces(keys: Iterable[str]) -> None:
    """Delete them; one that is gone already is no matter."""
    for key in keys:
        default_storage.delete(key)
