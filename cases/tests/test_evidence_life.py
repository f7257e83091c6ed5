"""What becomes of a file in the years after it came: compared, missed, erased. On both storages."""

import datetime as dt
import hashlib
import logging

import pytest
from django.core.files.storage import default_storage
from pytest_django import Settings

from cases.actors import Actor
from cases.errors import NotAllowed
from cases.evidence import integrity, processing, retention
from cases.evidence.storage import MB, store_file
from cases.models import Case, CaseEvent, Evidence
from cases.services.guarding import erase_evidence, quarantine_file
from cases.services.opening import add_evidence, missing_of
from cases.tests import files
from cases.tests.factories import DECIDED_AT, CaseFactory, refused_file, staff
from cases.tests.mailroom import NOW
from cases.tests.shelf import Shelf

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
WHY = "Asked for by the customer."


def _case(*contents: bytes, **given: object) -> tuple[Case, list[Evidence]]:
    case = CaseFactory(files=(), **given)
    stored = [store_file(f"photo {n}.jpg", "", content, limit_bytes=MB) for n, content in enumerate(contents)]
    rows = add_evidence(case.pk, files=stored, actor=Actor.customer(), now=NOW)
    for row in rows:
        processing.process(row.pk, NOW)
    return Case.objects.get(pk=case.pk), list(case.evidence.order_by("pk"))


def _trouble() -> list[str]:
    return list(Evidence.objects.order_by("pk").values_list("trouble", flat=True))


# ── The nightly look ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_nothing_is_said_when_every_file_is_as_it_came(shelf: Shelf, caplog: pytest.LogCaptureFixture) -> None:
    case, _rows = _case(files.picture(), files.PDF)
    before = case.events.count()
    with caplog.at_level(logging.ERROR):
        assert integrity.check_some(NOW + DAY) == 0
    assert not caplog.records
    assert (_trouble(), case.events.count()) == (["", ""], before)
    assert set(Evidence.objects.values_list("checked_at", flat=True)) == {NOW + DAY}


def test_alarm_is_raised_once_and_called_off_when_a_file_was_changed(
    shelf: Shelf, caplog: pytest.LogCaptureFixture
) -> None:
    case, (changed, gone, bare) = _case(files.picture(), files.PDF, files.picture("PNG"))
    shelf.overwrite(str(changed.original.name), b"something else")
    default_storage.delete(str(gone.original.name))
    default_storage.delete(str(bare.web.name))
    with caplog.at_level(logging.ERROR):
        assert [integrity.check_some(NOW + n * DAY) for n in (1, 2)] == [3, 3]
    assert len(caplog.records) == 6
    assert _trouble() == ["changed", "missing", "picture"]
    assert set(integrity.in_trouble()) == {changed, gone, bare}
    told = case.events.filter(name="trouble").order_by("pk")
    assert [event.data["files"] for event in told] == [[changed.pk], [gone.pk], [bare.pk]], "each once, not every night"
    shelf.overwrite(str(changed.original.name), files.picture())
    assert integrity.check_some(NOW + 3 * DAY) == 2
    assert case.events.get(name="trouble_over").data == {"files": [changed.pk], "trouble": "", "was": "changed"}


def test_look_is_bounded_and_goes_on_where_it_ended_when_there_is_much(shelf: Shelf, settings: Settings) -> None:
    _case(files.picture(), files.picture("PNG"), files.PDF)
    Evidence.objects.update(size=MB)
    settings.EVIDENCE_NIGHTLY_MB = 2
    integrity.check_some(NOW + DAY)
    assert Evidence.objects.filter(checked_at=None).count() == 1
    integrity.check_some(NOW + 2 * DAY)
    assert Evidence.objects.filter(checked_at=None).count() == 0
    assert Evidence.objects.filter(checked_at=NOW + 2 * DAY).count() == 2


def test_timelines_are_not_filled_with_alarms_when_the_whole_storage_is_gone(
    storage: object, settings: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(integrity, "MOST_IN_A_ROW", 2)
    _case(files.picture(), files.picture("PNG"), files.PDF)
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {"BACKEND": "cases.tests.broken_storage.BrokenStorage"},
    }
    with caplog.at_level(logging.CRITICAL):
        assert integrity.check_some(NOW + DAY) == 0
    assert "look at the storage itself" in caplog.text
    assert _trouble() == ["", "", ""]


# ── Erasure ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.django_db(transaction=True)
def test_every_rendition_goes_when_evidence_is_erased(eager_tasks: None, shelf: Shelf) -> None:
    case, (picture, paper, infected) = _case(
        files.picture(exif=files.exif(make="Kam", taken="2025:06:01 12:34:56")), files.PDF, files.PDF + b" "
    )
    quarantine_file(infected.pk, virus="x", now=NOW)
    add_evidence(case.pk, files=[refused_file("private name.exe")], actor=Actor.customer(), now=NOW)
    assert len(shelf.keys()) == 5
    manager = staff("manager")
    assert erase_evidence(case.pk, why=WHY, actor=manager, now=NOW) == 3
    assert shelf.keys() == set()
    for row in case.evidence.all():
        assert (row.status, row.name, row.claimed_type, row.facts, row.captured_at) == ("erased", "", "", {}, None)
        assert (row.original.name, row.web.name, row.thumbnail.name, row.is_kept) == ("", "", "", False)
        assert row.refusal
    assert case.evidence.get(pk=picture.pk).sha256 == picture.sha256, "which file was decided on can still be proved"
    event = case.events.get(name="erased")
    assert (event.data, event.why) == ({"files": [picture.pk, paper.pk, infected.pk]}, WHY)
    assert erase_evidence(case.pk, why=WHY, actor=manager, now=NOW) == 0
    assert list(integrity.problems(NOW + DAY)) == []
    assert integrity.check_some(NOW + DAY) == 0
    assert "evidence" in missing_of(case)


@pytest.mark.parametrize("role", ["viewer", "support", "reviewer", ""])
def test_evidence_is_not_erased_when_the_account_may_not(storage: object, role: str) -> None:
    case, (row,) = _case(files.PDF)
    with pytest.raises(NotAllowed):
        erase_evidence(case.pk, why=WHY, actor=staff(role), now=NOW)
    with pytest.raises(NotAllowed):
        erase_evidence(case.pk, why=WHY, actor=Actor.customer(), now=NOW)
    row.refresh_from_db()
    assert default_storage.exists(str(row.original.name))


@pytest.mark.django_db(transaction=True)
def test_nothing_goes_when_the_erasing_transaction_does_not_commit(eager_tasks: None, shelf: Shelf) -> None:
    from django.db import transaction

    case, (row,) = _case(files.PDF)
    with transaction.atomic():
        erase_evidence(case.pk, why=WHY, actor=Actor.system(), now=NOW)
        transaction.set_rollback(True)
    assert shelf.keys() == {row.original.name}


def test_new_file_of_the_same_content_is_new_evidence_when_the_old_one_was_erased(storage: object) -> None:
    case, (row,) = _case(files.PDF)
    erase_evidence(case.pk, why=WHY, actor=Actor.system(), now=NOW)
    again = store_file("photo 0.jpg", "", files.PDF, limit_bytes=MB)
    (new,) = add_evidence(case.pk, files=[again], actor=Actor.customer(), now=NOW)
    assert new.pk != row.pk
    assert new.is_kept
    assert new.sha256 == hashlib.sha256(files.PDF).hexdigest()


# ── Retention ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("state", "months", "then", "erased"),
    [
        ("denied", 0, DECIDED_AT + 9999 * DAY, 0),
        ("denied", 6, dt.datetime(2026, 5, 5, 23, tzinfo=dt.UTC), 0),
        ("denied", 6, dt.datetime(2026, 5, 6, 1, tzinfo=dt.UTC), 1),
        ("evidence_review", 6, DECIDED_AT + 9999 * DAY, 0),
        ("approved", 6, DECIDED_AT + 9999 * DAY, 0),
        ("returned", 6, DECIDED_AT + 9999 * DAY, 1),
        ("withdrawn", 6, DECIDED_AT + 9999 * DAY, 1),
    ],
    ids=["off", "last_day", "day_after", "under_review", "approved", "returned", "withdrawn"],
)
def test_files_go_when_their_case_was_closed_long_enough_ago(
    storage: object, settings: Settings, state: str, months: int, then: dt.datetime, erased: int
) -> None:
    settings.EVIDENCE_KEEP_MONTHS = months
    case = CaseFactory(state=state)
    due = list(retention.due_cases(then))
    assert due == [case] * erased
    assert sum(retention.erase_files(one.pk, then) for one in due) == erased
    assert case.evidence.get().status == ("erased" if erased else "pending")
    assert not retention.due_cases(then).exists()
    assert CaseEvent.objects.filter(case=case, name="erased").count() == erased
