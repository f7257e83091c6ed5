"""Files that wait for their case: each a row that says what `StoredFile` said, until a request takes them along."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Count, Sum

from cases.evidence.storage import StoredFile, capped, delete_once_committed, discard
from cases.models import EvidenceUpload, FileBasket, HeldFile


def locked_basket(basket_id: int) -> FileBasket:
    """The basket, locked: whatever counts its files holds this first."""
    return FileBasket.objects.select_for_update().get(pk=basket_id)


def held(basket: FileBasket) -> tuple[int, int]:
    """Files and bytes kept in it."""
    total = basket.files.filter(refusal="").aggregate(files=Count("pk"), size=Sum("size"))
    return total["files"], total["size"] or 0


@transaction.atomic
def hold_files(
    basket_id: int, files: Sequence[StoredFile], *, now: datetime, upload: EvidenceUpload | None = None
) -> list[HeldFile]:
    """A row for each file, those beyond what one case may hold refused. The same content and name again is that row."""
    basket = locked_basket(basket_id)
    return [_hold(basket, file, upload, now) for file in files]


def take_out(basket: FileBasket) -> list[StoredFile]:
    """What it holds, as a case takes it, refused ones too so that they are told with their reasons; it is empty then.
    Call it in the transaction that writes the rows of the case."""
    rows = list(basket.files.order_by("received_at", "pk"))
    basket.files.all().delete()
    return [
        StoredFile(one.name, one.claimed_type, one.content_type, one.size, one.sha256, one.key, one.refusal)
        for one in rows
    ]


def drop_file(basket: FileBasket, file_id: int) -> None:
    """Throw one file away, as whoever sent it asks; unknown ones are gone already."""
    with transaction.atomic():
        rows = basket.files.filter(pk=file_id)
        keys = [key for key in rows.values_list("key", flat=True) if key]
        rows.delete()
        delete_once_committed(keys)


def _hold(basket: FileBasket, file: StoredFile, upload: EvidenceUpload | None, now: datetime) -> HeldFile:
    twin = basket.files.filter(sha256=file.sha256, name=file.name[:200], refusal="").first() if file.sha256 else None
    if twin is not None:
        transaction.on_commit(lambda: discard([file]), robust=True)
        return twin
    kept = file if file.refusal else capped(file, *held(basket))
    return HeldFile.objects.create(
        basket=basket,
        upload=upload,
        name=kept.name[:200],
        claimed_type=kept.claimed_type[:120],
        content_type=kept.content_type[:120],
        size=kept.size,
        sha256=kept.sha256,
        key=kept.key,
        refusal=kept.refusal[:200],
        received_at=now,
    )
