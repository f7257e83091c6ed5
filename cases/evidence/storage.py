"""Taking in a file: looked at by content, fingerprinted, and put away under a name of our own.

Runs before the transaction that writes the row (law 4). A file whose transaction never commits stays behind without a
row, and `cases.evidence.orphans` clears it away.
"""

import hashlib
import io
import logging
import secrets
import sys
import tempfile
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import IO

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Count, Sum
from django.utils import timezone

from cases.evidence import refusals
from cases.evidence.names import harmless_name
from cases.evidence.sniff import HEAD_BYTES, PICTURES, Sniffed, sniff
from cases.models import Case, Evidence
from cases.outbox.headers import one_line

logger = logging.getLogger(__name__)
FOLDER = "evidence"
EVERY_FILE = ("original", "web", "thumbnail")
MB = 1024 * 1024
MOST_BYTES_OF_A_PICTURE = 100 * MB  # decoders of HEIC and WebP read the whole file into memory
_CHUNK = 256 * 1024
_IN_MEMORY = 8 * MB


@dataclass(frozen=True)
class StoredFile:
    """A file as it came, on its way to a row of Evidence.

    `key` says where it lies in the storage. Where it was not kept, `refusal` says why (cases.evidence.refusals), and
    `key` and `sha256` are empty.
    """

    name: str
    claimed_type: str
    content_type: str
    size: int
    sha256: str
    key: str
    refusal: str = ""


def storage_failures(*beside: type[Exception]) -> tuple[type[Exception], ...]:
    """How a storage says that it failed, the disk or the store behind S3, and what else is caught with it.

    A desk that keeps its files on a disk never loads what speaks to S3, and what is not loaded raises nothing.
    """
    if "botocore" not in sys.modules:
        return (*beside, OSError)
    from boto3.exceptions import Boto3Error
    from botocore.exceptions import BotoCoreError, ClientError

    return (*beside, OSError, Boto3Error, BotoCoreError, ClientError)


def store_file(name: str, claimed_type: str, content: bytes | IO[bytes], *, limit_bytes: int) -> StoredFile:
    """Keep one file, or refuse it. Never raises for anything a stranger can put into a file; a storage that fails does.

    `content` is read once from where it stands if it cannot be rewound, from its beginning if it can.
    """
    with _rewindable(content, limit_bytes) as (file, size):
        file.seek(0)
        sniffed = sniff(file.read(HEAD_BYTES), size)
        known = StoredFile(
            name=harmless_name(name),
            claimed_type=one_line(claimed_type, 120),
            content_type=sniffed.content_type,
            size=size,
            sha256="",
            key="",
            refusal=_refusal(file, size, sniffed, limit_bytes),
        )
        return known if known.refusal else replace(known, sha256=fingerprint(file), key=put_away(file))


def store_uploads(uploads: Iterable[UploadedFile]) -> list[StoredFile]:
    """Files that came by a form or the API, as many bytes of each as the portal takes."""
    limit = settings.EVIDENCE_PORTAL_MB * MB
    return [
        store_file(one.name or "", one.content_type or "", one.file, limit_bytes=limit)  # type: ignore[arg-type]
        for one in uploads
    ]


def cap_files(case: Case, files: Sequence[StoredFile], *, held: Collection[Evidence] | None = None) -> list[StoredFile]:
    """The same files in the same order, those beyond the limits of the case refused. Call it with the case locked.

    `held` are the files of the case that take up room, where they have been read. What was stored of a refused one is
    removed once the transaction commits.
    """
    count, size = _room_taken(case) if held is None else (len(held), sum(row.size for row in held))
    answer = []
    for file in files:
        kept = capped(file, count, size)
        if not kept.refusal:
            count, size = count + 1, size + file.size
        answer.append(kept)
    return answer


def _room_taken(case: Case) -> tuple[int, int]:
    # A quarantined file is still here, and takes its place.
    kept = Evidence.objects.filter(case=case, status__in=(*Evidence.KEPT, Evidence.Status.INFECTED))
    held = kept.aggregate(files=Count("pk"), size=Sum("size"))
    return held["files"], held["size"] or 0


def discard(files: Sequence[StoredFile]) -> None:
    """Remove stored files that will get no row."""
    for file in files:
        if file.key:
            default_storage.delete(file.key)


def stored_keys(row: Evidence, columns: Iterable[str] = EVERY_FILE) -> list[str]:
    """Under which names the storage keeps these files of a row."""
    return [str(getattr(row, column).name) for column in columns if getattr(row, column)]


def delete_once_committed(keys: Sequence[str]) -> None:
    """Take these files from the storage when the transaction is committed. One that stays goes with the orphans."""
    # A lambda: when a robust callback fails, Django asks it for its name, and a partial has none.
    transaction.on_commit(lambda: _delete(keys), robust=True)


def _delete(keys: Sequence[str]) -> None:
    for key in keys:
        default_storage.delete(key)


def fingerprint(file: IO[bytes]) -> str:
    """SHA-256 of a file from its beginning, in hex."""
    file.seek(0)
    digest = hashlib.sha256()
    while chunk := file.read(_CHUNK):
        digest.update(chunk)
    return digest.hexdigest()


def put_away(file: IO[bytes]) -> str:
    """Store a file under a key nobody can guess; the key."""
    key = f"{FOLDER}/{timezone.now():%Y/%m/%d}/{secrets.token_urlsafe(24)}"
    file.seek(0)
    try:
        return default_storage.save(key, File(file))
    except BaseException:
        _remove_rest(key)
        raise


def _remove_rest(key: str) -> None:
    try:
        default_storage.delete(key)
    except Exception as error:  # the first failure is the one worth raising; the sweep clears away what is left
        logger.info("could not remove %s: %s", key, error)


@contextmanager
def _rewindable(content: bytes | IO[bytes], limit_bytes: int) -> Iterator[tuple[IO[bytes], int]]:
    """The content as a file that can be read again, and its size; reading stops soon after the limit."""
    if isinstance(content, bytes):
        yield io.BytesIO(content), len(content)
    elif content.seekable():
        content.seek(0, io.SEEK_END)
        yield content, content.tell()
    else:
        with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as spool:
            size = 0
            while size <= limit_bytes and (chunk := content.read(_CHUNK)):
                size += spool.write(chunk)
            yield spool, size


def _refusal(file: IO[bytes], size: int, sniffed: Sniffed, limit_bytes: int) -> str:
    if sniffed.refusal:
        return sniffed.refusal
    is_picture = sniffed.content_type in PICTURES
    if size > limit_bytes or (is_picture and size > MOST_BYTES_OF_A_PICTURE):
        return refusals.TOO_LARGE
    if not is_picture:
        return ""
    from cases.evidence.images import header_problem  # the decoders: most processes never meet a picture

    return header_problem(file, sniffed.content_type)


def capped(file: StoredFile, count: int, size: int) -> StoredFile:
    """The file; or its refusal, where beside `count` others of `size` bytes in all it would be one too many for a case.

    A refused one is discarded once the transaction is through.
    """
    if file.refusal:
        return file
    if count >= settings.EVIDENCE_FILES_PER_CASE:
        refusal = refusals.TOO_MANY
    elif size + file.size > settings.EVIDENCE_CASE_MB * MB:
        refusal = refusals.TOO_MUCH
    else:
        return file
    transaction.on_commit(lambda: discard([file]), robust=True)
    return replace(file, refusal=refusal, key="", sha256="")
