"""Files in the storage that no row knows: what a transaction left behind that never committed."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import chain, islice

from django.core.files.storage import default_storage

from cases.evidence.pieces import PIECES
from cases.evidence.storage import FOLDER
from cases.models import Evidence, HeldFile, UploadedPiece

# A file is stored before its row is written.
LEFT_ALONE = timedelta(days=1)
_BATCH = 500


def orphaned_keys(now: datetime) -> Iterator[str]:
    """Keys of evidence, and of uploads on their way to it, without a row and older than LEFT_ALONE."""
    keys = chain(keys_under(FOLDER), keys_under(PIECES))
    while batch := list(islice(keys, _BATCH)):
        for key in sorted(set(batch) - _known(batch)):
            if now - default_storage.get_modified_time(key) > LEFT_ALONE:
                yield key


def remove_orphans(now: datetime) -> int:
    """Delete them; how many there were."""
    removed = 0
    for key in orphaned_keys(now):
        default_storage.delete(key)
        removed += 1
    return removed


def keys_under(folder: str) -> Iterator[str]:
    """Every key of the storage below a folder; none where nothing was ever stored there."""
    try:
        folders, files = default_storage.listdir(folder)
    except FileNotFoundError:
        return
    for name in files:
        yield f"{folder}/{name}"
    for name in folders:
        yield from keys_under(f"{folder}/{name}")


def _known(keys: list[str]) -> set[str]:
    known: set[str] = set()
    for column in ("original", "web", "thumbnail"):
        known.update(Evidence.objects.filter(**{f"{column}__in": keys}).values_list(column, flat=True))
    known.update(HeldFile.objects.filter(key__in=keys).values_list("key", flat=True))
    known.update(UploadedPiece.objects.filter(key__in=keys).values_list("key", flat=True))
    return known
