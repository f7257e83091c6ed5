"""set_pauses and recompute: windows replaced as a set, clocks following, each move with its row (policy 1.5-1.7)."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from products.errors import Refused
from products.models import ClockChange, CoveredPart, PauseWindow
from products.services import WindowData, recompute, set_pauses
from products.tests.factories import (
    CoveredPartFactory,
    InvoiceFactory,
    KitFactory,
    ProductFactory,
    StaffFactory,
    parts_of,
)

pytestmark = pytest.mark.django_db


def day(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


def tracked(left: str, back: str | None, **given) -> WindowData:
    certainty = "verified" if back else "provisional"
    return WindowData(**{"left_on": day(left), "back_on": day(back), "certainty": certainty, **given})


def by_staff(left: str, back: str | None, **given) -> WindowData:
    return tracked(left, back, **{"certainty": "confirmed", "reason": "brought by hand", **given})


@pytest.fixture
def part() -> CoveredPart:
    return CoveredPartFactory()


@pytest.fixture
def pause(now):
    def set_them(part: CoveredPart, *windows: WindowData, source: str = "tracking", **given) -> list[ClockChange]:
        return set_pauses({part.pk: windows}, source=source, cause="parcel WD-1", now=now, **given)

    return set_them


# The worked table of the policy, through the database.
WORKED = [
    ("none", [], "2026-03-03", 0),
    ("one repair", [("2025-06-11", "2025-06-29")], "2026-03-22", 19),
    ("overlapping", [("2025-06-11", "2025-06-29"), ("2025-06-20", "2025-07-02")], "2026-03-25", 22),
    ("began inside cover", [("2026-03-01", "2026-03-10")], "2026-03-13", 10),
    ("began after the last day", [("2026-03-04", "2026-03-20")], "2026-03-03", 0),
    ("inside cover won", [("2025-06-11", "2025-06-29"), ("2026-03-10", "2026-03-12")], "2026-03-25", 22),
    ("before the start", [("2025-02-20", "2025-03-05")], "2026-03-05", 2),
    ("still away", [("2025-06-11", None)], None, None),
]


@pytest.mark.parametrize(("windows", "through", "days"), [row[1:] for row in WORKED], ids=[row[0] for row in WORKED])
def test_pauses_move_the_stored_clock_as_the_policy_works_out(part, pause, windows, through, days):
    pause(part, *(tracked(left, back) for left, back in windows))
    part.refresh_from_db()
    assert (part.covered_through, part.extended_days) == (day(through), days)
    assert part.paused_since == (None if through else dt.date(2025, 6, 11))
    assert part.base_covered_through == dt.date(2026, 3, 3)
    assert part.pauses.count() == len(windows)


def test_change_of_a_clock_says_from_what_to_what_by_whom_and_why(part, now):
    actor = StaffFactory()
    windows = {part.pk: [tracked("2025-06-11", "2025-06-29")]}
    [change] = set_pauses(windows, source="tracking", cause="parcel WD-1 delivered", now=now, actor=actor)
    change.refresh_from_db()
    assert (change.part, change.actor, change.at, change.cause) == (part, actor, now, "parcel WD-1 delivered")
    assert change.before == {
        "starts_on": "2025-03-03",
        "base_covered_through": "2026-03-03",
        "covered_through": "2026-03-03",
        "extended_days": 0,
        "paused_since": None,
    }
    assert change.after == {**change.before, "covered_through": "2026-03-22", "extended_days": 19}


def test_part_still_away_is_frozen_and_thaws_when_it_is_back(part, pause):
    [frozen] = pause(part, tracked("2025-06-11", None))
    assert (frozen.after["covered_through"], frozen.after["paused_since"]) == (None, "2025-06-11")
    [thawed] = pause(part, tracked("2025-06-11", "2025-06-29"))
    assert (thawed.before["covered_through"], thawed.after["covered_through"]) == (None, "2026-03-22")


def test_windows_of_the_other_source_stay_and_count(part, pause):
    pause(part, by_staff("2025-08-01", "2025-08-10", confirmed_by=StaffFactory()), source="staff")
    pause(part, tracked("2025-06-11", "2025-06-29"))
    part.refresh_from_db()
    assert part.extended_days == 29
    pause(part)
    part.refresh_from_db()
    assert part.extended_days == 10


def test_parts_not_named_are_left_alone(part, pause):
    other = CoveredPartFactory()
    pause(other, tracked("2025-06-11", "2025-06-29"))
    pause(part, tracked("2025-07-01", "2025-07-02"))
    pause(part)
    other.refresh_from_db()
    assert (other.extended_days, other.pauses.count()) == (19, 1)


def test_same_windows_again_keep_their_rows_and_note_nothing(part, pause):
    windows = [tracked("2025-06-11", "2025-06-29", proof={"scans": (1, 2)}), tracked("2025-08-01", None)]
    pause(part, *windows)
    before = list(part.pauses.order_by("pk").values())
    assert pause(part, *reversed(windows), windows[0]) == []
    assert list(part.pauses.order_by("pk").values()) == before
    assert part.clock_changes.count() == 1


def test_row_is_kept_when_the_return_becomes_known(part, pause):
    pause(part, tracked("2025-06-11", None, review_reasons=["inferred_handover"]))
    open_row = part.pauses.get()
    pause(part, tracked("2025-06-11", "2025-06-29"))
    closed_row = part.pauses.get()
    assert (closed_row.pk, closed_row.created_at) == (open_row.pk, open_row.created_at)
    assert (closed_row.back_on, closed_row.certainty, closed_row.review_reasons) == (day("2025-06-29"), "verified", [])


def test_open_window_moves_from_one_row_to_another_in_one_go(part, pause):
    pause(part, tracked("2025-06-11", "2025-06-29"), tracked("2025-08-01", None))
    pause(part, tracked("2025-06-11", None), tracked("2025-08-01", "2025-08-05"))
    assert [(w.left_on, w.back_on) for w in part.pauses.order_by("left_on")] == [
        (day("2025-06-11"), None),
        (day("2025-08-01"), day("2025-08-05")),
    ]


def test_window_by_staff_keeps_its_person_reason_and_proof(part, pause, now):
    colleague = StaffFactory()
    window = by_staff("2025-08-01", "2025-08-10", confirmed_by=colleague, proof_file="proof/1.pdf")
    pause(part, window, source="staff")
    row = part.pauses.get()
    assert (row.confirmed_by, row.confirmed_at, row.reason) == (colleague, now, "brought by hand")
    assert (row.certainty, row.proof_file.name) == ("confirmed", "proof/1.pdf")
    pause(part, by_staff("2025-08-01", "2025-08-11", confirmed_by=colleague), source="staff")
    assert part.pauses.get().proof_file.name == "proof/1.pdf"


BAD_WINDOWS = [
    ("tracking", [tracked("2025-06-29", "2025-06-11")], "back_on"),
    ("tracking", [tracked("2025-06-11", None), tracked("2025-07-11", None)], "back_on"),
    ("tracking", [tracked("2025-06-11", None, certainty="verified")], "certainty"),
    ("staff", [tracked("2025-06-11", "2025-06-29", certainty="confirmed", reason=" ")], "reason"),
    ("staff", [tracked("2025-06-11", "2025-06-29", certainty="confirmed", reason="by hand")], "confirmed_by"),
    ("tracking", [tracked("2025-06-11", "9999-12-30")], "pauses"),
]


@pytest.mark.parametrize(("source", "windows", "field"), BAD_WINDOWS)
def test_windows_that_cannot_be_are_refused_and_nothing_changes(part, pause, source, windows, field):
    pause(part, tracked("2025-04-01", "2025-04-02"))
    before = [*part.pauses.values(), *CoveredPart.objects.values()]
    with pytest.raises(Refused) as refusal:
        pause(part, *windows, source=source)
    assert refusal.value.field == field
    assert [*part.pauses.values(), *CoveredPart.objects.values()] == before


@pytest.mark.parametrize(
    ("source", "window"),
    [("carrier", tracked("2025-06-11", None)), ("tracking", tracked("2025-06-11", None, certainty="sure"))],
)
def test_source_or_certainty_nobody_knows_is_a_programming_error(part, pause, source, window):
    with pytest.raises(ValueError, match="is none of"):
        pause(part, window, source=source)


def test_unknown_part_is_refused_and_the_others_stay(part, now):
    windows = {part.pk: [tracked("2025-06-11", None)], part.pk + 1: []}
    with pytest.raises(Refused, match=str(part.pk + 1)):
        set_pauses(windows, source="tracking", cause="x", now=now)
    assert not PauseWindow.objects.exists()


def test_queries_do_not_grow_with_the_number_of_parts(now):
    def queries_for(pieces: int) -> int:
        kit = KitFactory(bill=[(ProductFactory(), pieces, "singly", "")])
        parts = parts_of(InvoiceFactory(products=[kit]))
        open_now = {part.pk: [tracked("2025-06-11", None), tracked("2025-04-01", "2025-04-02")] for part in parts}
        closed = {part.pk: [tracked("2025-06-11", "2025-06-29"), tracked("2025-07-02", "2025-07-03")] for part in parts}
        set_pauses(open_now, source="tracking", cause="left", now=now)
        with CaptureQueriesContext(connection) as queries:
            changes = set_pauses(closed, source="tracking", cause="back", now=now)
            assert {change.part.label for change in changes} == {parts[0].label}
        assert len(changes) == pieces
        return len(queries)

    assert queries_for(2) == queries_for(40) <= 12


def test_nothing_is_asked_when_there_is_nothing_to_set(django_assert_num_queries, now):
    with django_assert_num_queries(0):
        assert set_pauses({}, source="tracking", cause="x", now=now) == []


# ── recompute ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_recompute_repairs_a_clock_that_was_tampered_with(part, pause, now):
    pause(part, tracked("2025-06-11", "2025-06-29"))
    CoveredPart.objects.filter(pk=part.pk).update(covered_through=dt.date(2030, 1, 1), extended_days=7)
    [change] = recompute([part.pk], cause="check", now=now)
    part.refresh_from_db()
    assert (part.covered_through, part.extended_days) == (dt.date(2026, 3, 22), 19)
    assert (change.before["covered_through"], change.after["covered_through"]) == ("2030-01-01", "2026-03-22")


def test_recompute_notes_nothing_when_the_clock_agrees(part, now):
    assert recompute([part.pk], cause="check", now=now) == []
    assert not ClockChange.objects.exists()
