"""A file that comes in pieces, over a line that may break: begun, carried on, finished once, or given up.

The browser chooses a key for each file and is the only one who knows it, so a question whose answer got lost can be
asked again. When every byte is here, the file goes the way of every other: looked at, fingerprinted, kept or refused.
"""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Count, F, Q, QuerySet, Sum
from django.utils.translation import gettext_lazy as _

from cases.actors import Actor
from cases.errors import NotPossible, Stale
from cases.evidence import baskets, refusals
from cases.evidence.names import harmless_name
from cases.evidence.pieces import joined, new_folder, put_piece, remove_pieces
from cases.evidence.storage import MB, StoredFile, delete_once_committed, store_file
from cases.models import Case, Evidence, EvidenceUpload, FileBasket, HeldFile, UploadedPiece
from cases.outbox.headers import one_line
from cases.services._transition import allow, locked_case
from cases.services.proving import add_evidence

log = logging.getLogger(__name__)

# A browser sends pieces of 4 MB, smaller ones on a poor line; only the last may be smaller than the least.
MOST_BYTES, LEAST_BYTES = 8 * MB, 64 * 1024
GIVEN_UP_AFTER = timedelta(days=1)
JOINED_WITHIN = timedelta(seconds=settings.CLAIM_SECONDS)
# The sender's own last request joins the pieces; the sweep only steps in where it never did.
LEFT_TO_THE_SENDER = timedelta(minutes=1)
Place = Case | FileBasket  # where a file is on its way to


@dataclass(frozen=True, slots=True)
class Begun:
    """An upload to carry on, or the reason (cases.evidence.refusals) why this file need not be sent at all."""

    upload: EvidenceUpload | None
    refusal: str = ""


def begin_upload(
    case_id: int, *, key: str, name: str, claimed_type: str, size: int, actor: Actor, now: datetime
) -> Begun:
    """Make room for a file of `size` bytes, or refuse it by name before a byte is sent.

    Begun again under the same key it is the same upload. The limits of the case count what is still on its way.
    """
    allow(actor, customer=True)
    shown, claimed = harmless_name(name)[:200], one_line(claimed_type, 120)
    with transaction.atomic():
        case = locked_case(case_id)
        begun = _begin(case, key, shown, claimed, size, now)
        if begun.refusal and not case.evidence.filter(name=shown, size=size, refusal=begun.refusal).exists():
            refused = StoredFile(shown, claimed, "", size, "", "", begun.refusal)
            add_evidence(case.pk, files=[refused], actor=actor, now=now)
    return begun


def begin_upload_into(
    basket_id: int, *, key: str, name: str, claimed_type: str, size: int, actor: Actor, now: datetime
) -> Begun:
    """The same for a file whose case is still to come: it waits in the basket, and so does a refused one's name."""
    allow(actor, customer=True)
    shown, claimed = harmless_name(name)[:200], one_line(claimed_type, 120)
    with transaction.atomic():
        basket = baskets.locked_basket(basket_id)
        begun = _begin(basket, key, shown, claimed, size, now)
        if begun.refusal and not basket.files.filter(name=shown, size=size, refusal=begun.refusal).exists():
            refused = StoredFile(shown, claimed, "", size, "", "", begun.refusal)
            baskets.hold_files(basket.pk, [refused], now=now)
    return begun


def _begin(place: Place, key: str, name: str, claimed_type: str, size: int, now: datetime) -> Begun:
    known = EvidenceUpload.objects.filter(key_hash=_hash(key)).first()
    if known is not None:
        return _begun_before(known, place, name, size)
    refusal = _refusal(place, size, now)
    return Begun(None, refusal) if refusal else Begun(_new(place, key, name, claimed_type, size, now))


def upload_of(place: Place, key: str) -> EvidenceUpload | None:
    """The upload to this case or basket under that key, None where there is none."""
    return EvidenceUpload.objects.select_related("evidence").filter(**_to(place), key_hash=_hash(key)).first()


def still_coming(basket: FileBasket, now: datetime) -> list[EvidenceUpload]:
    """The files on their way into the basket that nobody has given up yet."""
    return list(_unfinished().filter(basket=basket).exclude(_over(now)).order_by("created_at", "pk"))


def evidence_of(case: Case, keys: list[str]) -> list[Evidence]:
    """What the finished uploads under these keys became, in the order they were begun."""
    hashes = [_hash(key) for key in keys]
    finished = EvidenceUpload.objects.filter(case=case, key_hash__in=hashes).exclude(evidence=None)
    return [upload.evidence for upload in finished.select_related("evidence") if upload.evidence]


def add_piece(upload: EvidenceUpload, *, offset: int, content: bytes, actor: Actor, now: datetime) -> EvidenceUpload:
    """Append these bytes. Stale where the upload has gone on, or does not reach so far: `received` says where it is."""
    allow(actor, customer=True)
    if offset != upload.received:
        raise Stale(_("This piece does not follow on what we have."), field="offset", code="offset")
    if offset + len(content) > upload.size:
        raise NotPossible(_("These are more bytes than were announced."), field="size", code="too_long")
    if len(content) < LEAST_BYTES and offset + len(content) < upload.size:
        raise NotPossible(_("Please send larger pieces."), field="size", code="too_short")
    stored = put_piece(upload.folder, offset, content)
    try:
        return _append(upload.pk, offset, len(content), stored, now)
    except BaseException:
        remove_pieces([stored])
        raise


def finish_upload(upload: EvidenceUpload, *, actor: Actor, now: datetime) -> Evidence | HeldFile | None:
    """Join the pieces and take the file in. The row it became: kept, or refused with its reason.

    Once: finished before, it is that row; None while somebody else is just joining it.
    """
    allow(actor, customer=True)
    if upload.finished_at is not None:
        return upload.evidence or HeldFile.objects.filter(upload=upload).first()
    if upload.received != upload.size:
        raise NotPossible(_("The file is not here whole yet."), field="offset", code="incomplete")
    if not _claim(upload, now):
        return None
    try:
        stored = _taken_in(upload)
        return _finish(upload, stored, actor, now)
    except BaseException:
        EvidenceUpload.objects.filter(pk=upload.pk, finished_at=None).update(claimed_at=None)
        raise


def cancel_upload(upload: EvidenceUpload, *, actor: Actor, now: datetime) -> None:
    """Forget a file that is not wanted any more. Stale where it has become evidence, or is just doing so."""
    allow(actor, customer=True)
    if not _claim(upload, now):
        raise Stale(_("We have this file already."), code="finished")
    _forget(upload)


def sweep_uploads(now: datetime) -> None:
    """Take in what is here whole but was never asked for, and give up what nobody has carried on for a day."""
    left = Q(claimed_at=None) | Q(claimed_at__lt=now - JOINED_WITHIN)
    waiting = _unfinished().filter(left, received=F("size"), touched_at__lt=now - LEFT_TO_THE_SENDER)
    for upload in waiting.order_by("touched_at"):
        try:
            finish_upload(upload, actor=Actor.customer(), now=now)
        except Exception:  # one file must not hold up the others; the next sweep tries it again
            log.exception("could not take in upload %s", upload.pk)
    for upload in EvidenceUpload.objects.filter(_over(now)):
        _forget(upload)


def remove_uploads(case_id: int) -> None:
    """Every upload of a case with its pieces, finished or not."""
    for upload in EvidenceUpload.objects.filter(case=case_id):
        _forget(upload)


def drop_basket(basket: FileBasket) -> None:
    """Forget a basket, what it holds and what was on its way into it."""
    for upload in EvidenceUpload.objects.filter(basket=basket):
        _forget(upload)
    with transaction.atomic():
        delete_once_committed([file.key for file in basket.files.all() if file.key])
        basket.delete()


def _to(place: Place) -> dict[str, Place]:
    return {"case": place} if isinstance(place, Case) else {"basket": place}


def _unfinished() -> QuerySet[EvidenceUpload]:
    return EvidenceUpload.objects.filter(finished_at=None)


def _over(now: datetime) -> Q:
    """Finished, or broken off, a day ago. What is whole is never given up: it waits until it can be taken in."""
    before = now - GIVEN_UP_AFTER
    return Q(finished_at__lt=before) | Q(finished_at=None, touched_at__lt=before, received__lt=F("size"))


def _begun_before(known: EvidenceUpload, place: Place, name: str, size: int) -> Begun:
    there = known.case_id if isinstance(place, Case) else known.basket_id
    if (there, known.name, known.size) != (place.pk, name, size):
        raise NotPossible(_("This key stands for another file."), field="key", code="key")
    return Begun(known)


def _refusal(place: Place, size: int, now: datetime) -> str:
    if size <= 0:
        return refusals.EMPTY
    if size > settings.EVIDENCE_PORTAL_MB * MB:
        return refusals.TOO_LARGE
    files, held = _held(place, now)
    if files >= settings.EVIDENCE_FILES_PER_CASE:
        return refusals.TOO_MANY
    return refusals.TOO_MUCH if held + size > settings.EVIDENCE_CASE_MB * MB else ""


def _held(place: Place, now: datetime) -> tuple[int, int]:
    """Files and bytes there: those kept, and those on their way."""
    files, size = _kept_of(place) if isinstance(place, Case) else baskets.held(place)
    coming = _unfinished().filter(**_to(place)).exclude(_over(now)).aggregate(files=Count("pk"), size=Sum("size"))
    return files + coming["files"], size + (coming["size"] or 0)


def _kept_of(case: Case) -> tuple[int, int]:
    kept = case.evidence.filter(status__in=Evidence.KEPT).aggregate(files=Count("pk"), size=Sum("size"))
    return kept["files"], kept["size"] or 0


def _new(place: Place, key: str, name: str, claimed_type: str, size: int, now: datetime) -> EvidenceUpload:
    return EvidenceUpload.objects.create(
        **_to(place),
        key_hash=_hash(key),
        folder=new_folder(),
        name=name,
        claimed_type=claimed_type,
        size=size,
        created_at=now,
        touched_at=now,
    )


@transaction.atomic
def _append(upload_id: int, offset: int, size: int, key: str, now: datetime) -> EvidenceUpload:
    upload = EvidenceUpload.objects.select_for_update().filter(pk=upload_id).first()
    if upload is None or upload.received != offset or upload.finished_at is not None:
        raise Stale(_("This piece does not follow on what we have."), field="offset", code="offset")
    UploadedPiece.objects.create(upload=upload, offset=offset, size=size, key=key)
    upload.received, upload.touched_at = offset + size, now
    upload.save(update_fields=["received", "touched_at"])
    return upload


def _claim(upload: EvidenceUpload, now: datetime) -> bool:
    free = Q(claimed_at=None) | Q(claimed_at__lt=now - JOINED_WITHIN)
    return bool(_unfinished().filter(free, pk=upload.pk).update(claimed_at=now))


def _taken_in(upload: EvidenceUpload) -> StoredFile:
    keys = list(upload.pieces.order_by("offset").values_list("key", flat=True))
    try:
        with joined(keys) as file:
            return store_file(upload.name, upload.claimed_type, file, limit_bytes=settings.EVIDENCE_PORTAL_MB * MB)
    except FileNotFoundError:
        log.error("a piece of upload %s is gone from the storage", upload.pk)
        return StoredFile(upload.name, upload.claimed_type, "", upload.size, "", "", refusals.DAMAGED)


@transaction.atomic
def _finish(upload: EvidenceUpload, stored: StoredFile, actor: Actor, now: datetime) -> Evidence | HeldFile:
    became: Evidence | HeldFile
    if upload.case_id is not None:
        became = evidence = add_evidence(upload.case_id, files=[stored], actor=actor, now=now)[0]
        written: dict[str, Evidence] = {"evidence": evidence}
    else:
        became, written = baskets.hold_files(upload.basket_id or 0, [stored], now=now, upload=upload)[0], {}
    EvidenceUpload.objects.filter(pk=upload.pk).update(finished_at=now, claimed_at=None, **written)
    pieces = list(upload.pieces.all())
    # A lambda: when a robust callback fails, Django asks it for its name, and a partial has none.
    transaction.on_commit(lambda: _drop(pieces), robust=True)
    return became


def _forget(upload: EvidenceUpload) -> None:
    """The pieces first: should the storage fail, the row still knows where they lie."""
    _drop(list(upload.pieces.all()))
    upload.delete()


def _drop(pieces: list[UploadedPiece]) -> None:
    remove_pieces(piece.key for piece in pieces)
    UploadedPiece.objects.filter(pk__in=[piece.pk for piece in pieces]).delete()


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
