"""Whether rows and files still agree. Reads every original once, so it takes as long as that takes."""

from collections.abc import Iterator
from datetime import datetime

from django.core.files.storage import default_storage
from django.utils import timezone

from cases.evidence.orphans import orphaned_keys
from cases.evidence.storage import fingerprint
from cases.models import Evidence


def problems(now: datetime | None = None) -> Iterator[str]:
    """One sentence for each row without its file, file without its row, and fingerprint that differs."""
    rows = Evidence.objects.exclude(status=Evidence.Status.REFUSED).select_related("case").order_by("pk")
    for evidence in rows.iterator(chunk_size=500):
        yield from _problems_of(evidence)
    for key in orphaned_keys(now or timezone.now()):
        yield f"{key}: a file without its row"


def _problems_of(evidence: Evidence) -> Iterator[str]:
    what = f"evidence {evidence.pk} of {evidence.case.reference}"
    try:
        with default_storage.open(str(evidence.original.name), "rb") as file:
            found = fingerprint(file)
    except FileNotFoundError:
        yield f"{what}: the original is missing ({evidence.original.name})"
    else:
        if found != evidence.sha256:
            yield f"{what}: the fingerprint differs ({evidence.original.name})"
    for column in ("web", "thumbnail"):
        key = getattr(evidence, column).name
        if key and not default_storage.exists(key):
            yield f"{what}: its {column} picture is missing ({key})"
