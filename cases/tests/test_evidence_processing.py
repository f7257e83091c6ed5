"""The work on a file that came in, whoever dies where; and whether rows and files agree."""

import datetime as dt
from threading import Barrier, Thread

import pytest
from django.core.files.storage import default_storage
from django.db import connection

from cases.evidence import integrity, orphans, processing
from cases.evidence.images import Renditions
from cases.evidence.storage import MB, store_file
from cases.models import CaseEvent, Evidence
from cases.tests import files
from cases.tests.mailroom import NOW, a_case
from cases.tests.shelf import Shelf

Status = Evidence.Status
# A claim is respected for so long, and no longer.
BEFORE_THAT = processing.STALE_AFTER - dt.timedelta(seconds=1)
AFTER_THAT = processing.STALE_AFTER + dt.timedelta(seconds=1)


def _evidence(content: bytes = b"", **fields: object) -> Evidence:
    stored = store_file("photo.jpg", "image/jpeg", content or files.picture(exif=files.exif()), limit_bytes=MB)
    assert not stored.refusal
    return Evidence.objects.create(
        **{
            "case": fields.pop("case", None) or a_case(),
            "name": stored.name,
            "content_type": stored.content_type,
            "size": stored.size,
            "sha256": stored.sha256,
            "original": stored.key,
            "received_at": NOW,
            **fields,
        }
    )


def _others_ready() -> None:
    """The evidence that came with the case itself is of no interest here."""
    Evidence.objects.filter(original__startswith="evidence/test/").delete()


@pytest.mark.django_db
def test_picture_gets_its_renditions_when_it_is_processed(shelf: Shelf) -> None:
    evidence = _evidence(files.picture(exif=files.exif(make="Cam", taken="2025:06:01 12:34:56")), facts={"kept": 1})
    assert processing.process(evidence.pk, NOW) == Status.READY
    evidence.refresh_from_db()
    assert (evidence.status, evidence.work_failures) == (Status.READY, 0)
    assert evidence.facts.items() >= {"kept": 1, "camera": "Cam", "width": 64}.items()
    assert evidence.captured_at == dt.datetime(2025, 6, 1, 12, 34, 56, tzinfo=dt.UTC)
    keys = [evidence.original.name, evidence.web.name, evidence.thumbnail.name]
    assert len(set(keys)) == 3
    assert all(default_storage.exists(str(key)) for key in keys)
    with default_storage.open(str(evidence.original.name)) as file:
        assert b"Exif" in file.read(), "the original stays as it came"


@pytest.mark.django_db
@pytest.mark.parametrize("content", [files.video(), files.WEBM, files.PDF])
def test_file_is_ready_without_rendition_when_it_is_no_picture(shelf: Shelf, content: bytes) -> None:
    evidence = _evidence(content)
    assert processing.process(evidence.pk, NOW) == Status.READY
    evidence.refresh_from_db()
    assert (evidence.web.name, evidence.thumbnail.name) == ("", "")


@pytest.mark.django_db
def test_picture_is_processed_once_when_the_task_comes_twice(shelf: Shelf) -> None:
    evidence = _evidence()
    assert [processing.process(evidence.pk, NOW) for _ in range(2)] == [Status.READY, None]
    assert len(shelf.keys()) == 3


@pytest.mark.django_db(transaction=True)
def test_picture_is_processed_once_when_two_workers_race(eager_tasks: None, shelf: Shelf) -> None:
    evidence = _evidence()
    barrier, answers = Barrier(2), []

    def race() -> None:
        try:
            barrier.wait()
            answers.append(processing.process(evidence.pk, NOW))
        finally:
            connection.close()

    threads = [Thread(target=race) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(str, answers)) == ["None", "ready"]


@pytest.mark.django_db
def test_picture_fails_with_an_event_when_it_cannot_be_decoded(shelf: Shelf) -> None:
    evidence = _evidence()
    shelf.overwrite(str(evidence.original.name), b"\xff\xd8\xff" + b"rot" * 100)
    assert processing.process(evidence.pk, NOW) == Status.FAILED
    evidence.refresh_from_db()
    assert evidence.facts["problem"]
    event = CaseEvent.objects.get(kind="evidence", name="not_shown")
    assert event.data == {"evidence_id": evidence.pk, "file": "photo.jpg"}


@pytest.mark.django_db
def test_picture_fails_when_its_original_is_gone(shelf: Shelf) -> None:
    evidence = _evidence()
    default_storage.delete(str(evidence.original.name))
    assert processing.process(evidence.pk, NOW) == Status.FAILED


@pytest.mark.django_db
def test_picture_is_tried_again_when_the_storage_failed(shelf: Shelf, settings) -> None:  # type: ignore[no-untyped-def]
    evidence = _evidence()
    _others_ready()
    good = settings.STORAGES
    settings.STORAGES = {**good, "default": {"BACKEND": "cases.tests.broken_storage.BrokenStorage"}}
    for n in range(5):
        assert processing.process(evidence.pk, NOW + n * AFTER_THAT) == Status.PENDING
    settings.STORAGES = good
    assert processing.process_waiting(NOW + 4 * AFTER_THAT + BEFORE_THAT) == 0, "the claim is a pause"
    assert processing.process_waiting(NOW + 6 * AFTER_THAT) == 1
    assert Evidence.objects.get().status == Status.READY


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("claimed", "failures", "status"),
    [
        (None, 0, Status.READY),
        (AFTER_THAT, 1, Status.READY),
        (BEFORE_THAT, 1, Status.PENDING),
        (AFTER_THAT, 2, Status.READY),
        (AFTER_THAT, 3, Status.FAILED),
    ],
    ids=["nobody_came", "worker_died", "worker_may_live", "died_twice", "died_every_time"],
)
def test_sweep_finds_the_work_when_its_worker_died(shelf: Shelf, claimed, failures, status) -> None:  # type: ignore[no-untyped-def]
    evidence = _evidence(work_claimed_at=claimed and NOW - claimed, work_failures=failures)
    processing.process_waiting(NOW)
    evidence.refresh_from_db()
    assert evidence.status == status


@pytest.mark.django_db
def test_renditions_are_dropped_when_another_worker_was_done_first(shelf: Shelf) -> None:
    evidence = _evidence()
    slow = processing._claim(evidence.pk, NOW)
    assert slow is not None
    assert processing.process(evidence.pk, NOW + AFTER_THAT) == Status.READY
    before = shelf.keys()
    processing._finish_picture(slow, Renditions(b"late", b"late"))
    assert shelf.keys() == before


# ── Integrity ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.django_db
def test_no_problem_is_found_when_rows_and_files_agree(shelf: Shelf) -> None:
    evidence = _evidence()
    _others_ready()
    processing.process(evidence.pk, NOW)
    assert list(integrity.problems(NOW)) == []


@pytest.mark.django_db
def test_every_disagreement_is_found_when_files_were_touched(shelf: Shelf) -> None:
    case = a_case()
    changed, gone, halved = [_evidence(files.picture(size=(64, 48 + n)), case=case) for n in range(3)]
    _others_ready()
    processing.process(halved.pk, NOW)
    halved.refresh_from_db()
    shelf.overwrite(str(changed.original.name), b"other")
    default_storage.delete(str(gone.original.name))
    default_storage.delete(str(halved.thumbnail.name))
    stray = store_file("x", "", files.PDF, limit_bytes=MB)
    shelf.make_old(stray.key, NOW - dt.timedelta(days=2))
    problems = list(integrity.problems(NOW))
    assert [line.split(" (")[0] for line in problems] == [
        f"evidence {changed.pk} of {case.reference}: the fingerprint differs",
        f"evidence {gone.pk} of {case.reference}: the original is missing",
        f"evidence {halved.pk} of {case.reference}: a picture of it is missing",
        f"{stray.key}: a file without its row",
    ]


@pytest.mark.django_db
def test_only_old_strays_are_removed_when_orphans_are_cleared(shelf: Shelf) -> None:
    evidence = _evidence()
    processing.process(evidence.pk, NOW)
    _old, young = [store_file("x", "", files.PDF, limit_bytes=MB).key for _ in range(2)]
    for key in sorted(shelf.keys()):
        shelf.make_old(key, NOW - dt.timedelta(days=2) if key != young else NOW - dt.timedelta(hours=23))
    assert orphans.remove_orphans(NOW) == 1
    evidence.refresh_from_db()
    assert shelf.keys() == {young, evidence.original.name, evidence.web.name, evidence.thumbnail.name}


def test_nothing_is_cleared_when_nothing_was_ever_stored(shelf: Shelf) -> None:
    assert list(orphans.orphaned_keys(NOW)) == []
