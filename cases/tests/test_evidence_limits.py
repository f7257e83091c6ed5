"""How much one case holds."""

from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.db import transaction
from pytest_django import Settings

from cases.evidence import refusals
from cases.evidence.storage import MB, StoredFile, cap_files, store_file
from cases.models import Evidence
from cases.tests import files
from cases.tests.mailroom import a_case

LIMIT = 25 * MB


def _stored(content: bytes, name: str = "photo.jpg", limit: int = LIMIT) -> StoredFile:
    return store_file(name, "image/jpeg", content, limit_bytes=limit)


def _held(case, count: int, size: int) -> None:  # type: ignore[no-untyped-def]
    Evidence.objects.filter(case=case).delete()
    Evidence.objects.bulk_create(
        Evidence(
            case=case, name="x", size=size, sha256="0" * 64, original=f"evidence/x/{n}", received_at=case.received_at
        )
        for n in range(count)
    )


def _file(size: int = 10, refusal: str = "") -> StoredFile:
    return StoredFile("x.jpg", "", "image/jpeg", size, "" if refusal else "0" * 64, "" if refusal else "k", refusal)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("held", "sizes", "refused"),
    [
        ((0, 0), [10] * 3, ["", "", ""]),
        ((3, 10), [10] * 3, ["", "", refusals.TOO_MANY]),
        ((5, 10), [10], [refusals.TOO_MANY]),
        ((0, 0), [MB, 2 * MB, MB, 1], ["", refusals.TOO_MUCH, "", refusals.TOO_MUCH]),
        ((1, 2 * MB), [1], [refusals.TOO_MUCH]),
    ],
    ids=["room", "last_two_places", "full", "a_small_one_fits_where_a_large_did_not", "full_of_bytes"],
)
def test_files_beyond_the_case_are_refused_when_they_come(
    settings: Settings, storage: Path, held: tuple[int, int], sizes: list[int], refused: list[str]
) -> None:
    settings.EVIDENCE_FILES_PER_CASE, settings.EVIDENCE_CASE_MB = 5, 2
    case = a_case()
    _held(case, *held)
    capped = cap_files(case, [_file(size) for size in sizes])
    assert [file.refusal for file in capped] == refused
    assert all(not file.key for file in capped if file.refusal)


@pytest.mark.django_db
def test_refused_files_take_no_place_when_a_case_is_nearly_full(settings: Settings, storage: Path) -> None:
    settings.EVIDENCE_FILES_PER_CASE = 2
    case = a_case()
    _held(case, 1, 10)
    Evidence.objects.create(case=case, name="y", size=1, status="refused", refusal="no", received_at=case.received_at)
    given = [_file(refusal=refusals.ARCHIVE), _file(), _file()]
    assert [file.refusal for file in cap_files(case, given)] == [refusals.ARCHIVE, "", refusals.TOO_MANY]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("commits", [True, False])
def test_surplus_file_is_removed_only_when_the_transaction_commits(
    settings: Settings, eager_tasks: None, storage: Path, commits: bool
) -> None:
    case = a_case()
    settings.EVIDENCE_FILES_PER_CASE = 0
    stored = _stored(files.PDF)
    with transaction.atomic():
        (capped,) = cap_files(case, [stored])
        transaction.set_rollback(not commits)
    assert capped.refusal == refusals.TOO_MANY
    assert default_storage.exists(stored.key) == (not commits)
