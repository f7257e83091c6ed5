"""Windows that staff state beside tracking, or instead of it (policy 2.6, 2.9)."""

import datetime as dt
import io

import pytest
from django.urls import reverse

from cases.actors import Actor
from cases.models import Case
from products.errors import Refused
from products.explaining import explainable, explained
from products.models import ClockChange, CoveredPart, PauseWindow
from shipments.models import TrackingEvent
from shipments.services import confirm_pause, record_events, withdraw_pause
from shipments.services.proofs import keep_proof
from shipments.tests.factories import BACK, NOW, OUT, ShipmentFactory, scan

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("approved")]

LEFT, HOME = dt.date(2025, 11, 12), dt.date(2025, 11, 24)


@pytest.fixture
def part(case: Case) -> CoveredPart:
    return case.claimed_parts.get().part


@pytest.fixture
def trip(case: Case) -> None:
    """12 to 24 November 2025, both ends tracked."""
    ShipmentFactory(case=case, events=OUT)
    ShipmentFactory(case=case, direction="to_customer", events=BACK)


def state(part: CoveredPart, left: dt.date, back: dt.date | None, reviewer: Actor, **more) -> list[ClockChange]:
    stated = {"reason": "By hand.", "proof": {"words": "Slip"}, "actor": reviewer, "now": NOW, **more}
    return confirm_pause([part.pk], left_on=left, back_on=back, **stated)


def windows(part: CoveredPart) -> list[tuple]:
    rows = PauseWindow.objects.filter(part=part).order_by("left_on", "source")
    return [(row.source, row.left_on, row.back_on) for row in rows]


def extended(part: CoveredPart) -> int | None:
    return CoveredPart.objects.get(pk=part.pk).extended_days


def test_rule_2_9_overlapping_days_of_staff_and_tracking_count_once(trip, part, reviewer):
    state(part, LEFT - dt.timedelta(days=2), LEFT + dt.timedelta(days=3), reviewer)
    assert len(windows(part)) == 2
    assert extended(part) == 15  # 10 to 24 November, and not 6 + 13


def test_rule_2_9_window_of_staff_that_overrules_may_shorten_the_tracked_one(trip, part, reviewer):
    early = dt.date(2025, 11, 20)
    assert extended(part) == 13
    state(part, LEFT, early, reviewer, overrules=[LEFT])
    assert windows(part) == [("staff", LEFT, early)]
    assert extended(part) == 9


def test_rule_2_9_window_of_staff_that_overrules_nothing_never_shortens(trip, part, reviewer):
    state(part, LEFT, dt.date(2025, 11, 20), reviewer)
    assert extended(part) == 13


def test_rule_2_9_window_of_staff_may_begin_later_than_the_tracked_one(trip, part, reviewer):
    late = LEFT + dt.timedelta(days=4)
    state(part, late, HOME, reviewer, overrules=[LEFT])
    assert windows(part) == [("staff", late, HOME)]
    assert extended(part) == 9


def test_rule_2_9_the_log_keeps_both(trip, part, reviewer):
    state(part, LEFT, dt.date(2025, 11, 20), reviewer, overrules=[LEFT])
    assert PauseWindow.objects.get().proof["overruled"] == [
        {"left_on": "2025-11-12", "back_on": "2025-11-24", "certainty": "verified"}
    ]
    assert TrackingEvent.objects.count() == 4
    change = ClockChange.objects.filter(part=part).latest("pk")
    assert (change.actor, change.after["extended_days"]) == (reviewer.user, 9)
    assert any("By hand." in row.cause for row in ClockChange.objects.filter(part=part))
    known = explainable(CoveredPart.objects.filter(pk=part.pk)).get()
    step = next(step for step in explained(known, NOW.date()).steps if step.kind == "pause")
    assert "stands instead of 12–24 Nov 2025, as tracking has it" in step.proof


def test_rule_2_9_overruled_days_stay_known_when_staff_correct_themselves(trip, part, reviewer):
    for day in (19, 20):
        state(part, LEFT, dt.date(2025, 11, day), reviewer, overrules=[LEFT])
    assert extended(part) == 9
    assert PauseWindow.objects.get().proof["overruled"][0]["back_on"] == "2025-11-24"


def test_rule_2_9_tracked_days_count_again_when_staff_take_theirs_back(trip, part, reviewer):
    state(part, LEFT, dt.date(2025, 11, 20), reviewer, overrules=[LEFT])
    withdraw_pause([part.pk], left_on=LEFT, reason="The slip was of another printer.", actor=reviewer, now=NOW)
    assert windows(part) == [("tracking", LEFT, HOME)]
    assert extended(part) == 13


def test_rule_2_9_late_scan_of_an_overruled_parcel_changes_nothing(case, part, reviewer):
    out = ShipmentFactory(case=case, events=OUT)
    state(part, LEFT, dt.date(2025, 11, 20), reviewer, overrules=[LEFT])
    record_events(out.pk, [scan("delivered", "2025-11-18T09:00")], heard="poll", now=NOW)
    assert windows(part) == [("staff", LEFT, dt.date(2025, 11, 20))]


def test_rule_2_6_lost_parcel_to_the_workshop_is_closed_by_staff_with_a_day_and_proof(case, part, reviewer):
    ShipmentFactory(case=case, events=[OUT[0], scan("lost", "2025-11-15T08:00")])
    assert windows(part) == [("tracking", LEFT, None)]
    state(
        part, LEFT, dt.date(2025, 11, 30), reviewer, overrules=[LEFT], reason="Lost by the carrier, paid out.",
        proof={}, proof_file="proof/letter.pdf",
    )  # fmt: skip
    row = PauseWindow.objects.get(part=part)
    assert (row.source, row.back_on, row.certainty) == ("staff", dt.date(2025, 11, 30), "confirmed")
    assert (row.proof_file.name, row.confirmed_by) == ("proof/letter.pdf", reviewer.user)
    assert extended(part) == 19


@pytest.mark.parametrize("back_on", [None, HOME], ids=["still away", "back"])
def test_hand_delivery_needs_no_parcel(part, reviewer, back_on: dt.date | None):
    state(part, LEFT, back_on, reviewer)
    assert windows(part) == [("staff", LEFT, back_on)]
    assert extended(part) == (13 if back_on else None)


@pytest.mark.parametrize("field", ["left_on", "back_on"])
def test_day_in_the_future_is_refused(part, reviewer, field: str):
    days = {"left": LEFT, "back": HOME, field.removesuffix("_on"): dt.date(2025, 12, 4)}
    with pytest.raises(Refused) as refused:
        state(part, days["left"], days["back"], reviewer)
    assert (refused.value.field, refused.value.code) == (field, "future")


# ── the attached proof ───────────────────────────────────────────────────────────────────────────────────────────

SLIP = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer <<>>\n%%EOF\n"


def kept(content: bytes = SLIP, name: str = "slip.pdf"):
    return keep_proof(name, io.BytesIO(content), len(content), NOW)


def test_attached_proof_is_kept_and_handed_out_as_a_download(part, reviewer, client):
    proof = kept()
    state(part, LEFT, HOME, reviewer, proof=proof.data, proof_file=proof.key)
    window = PauseWindow.objects.get()
    assert (window.proof["file"]["name"], window.proof["file"]["type"]) == ("slip.pdf", "application/pdf")
    client.force_login(reviewer.user)
    answer = client.get(reverse("staff:pause_proof", args=[window.pk]))
    assert b"".join(answer.streaming_content) == SLIP
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_pause_without_a_file_has_none_to_hand_out(part, reviewer, client):
    state(part, LEFT, HOME, reviewer)
    client.force_login(reviewer.user)
    assert client.get(reverse("staff:pause_proof", args=[PauseWindow.objects.get().pk])).status_code == 404


@pytest.mark.parametrize(
    ("content", "code"),
    [
        pytest.param(b"MZ\x90\x00 a program", "proof_type", id="a program"),
        pytest.param(b"<html>hello</html>", "proof_type", id="a page"),
        pytest.param(b"", "proof_type", id="nothing"),
    ],
)
def test_proof_that_is_neither_picture_nor_pdf_is_refused(content: bytes, code: str):
    with pytest.raises(Refused) as refused:
        kept(content, "slip.pdf")
    assert (refused.value.field, refused.value.code) == ("proof_file", code)


def test_every_statement_of_staff_leaves_a_row_in_the_timeline_also_where_no_clock_moves(trip, case, part, reviewer):
    clocks_told = case.events.filter(kind="clock").count()
    state(part, LEFT, HOME, reviewer, case_id=case.pk)  # the days tracking has already
    withdraw_pause([part.pk], left_on=LEFT, reason="Twice.", case_id=case.pk, actor=reviewer, now=NOW)
    rows = case.events.filter(name__startswith="pause_").order_by("id")
    assert [(row.name, row.why, row.actor, row.data) for row in rows] == [
        ("pause_stated", "By hand.", reviewer.user, {"parts": [part.pk], "on": "2025-11-12", "back_on": "2025-11-24"}),
        ("pause_withdrawn", "Twice.", reviewer.user, {"parts": [part.pk], "on": "2025-11-12", "back_on": None}),
    ]
    assert case.events.filter(kind="clock").count() == clocks_told
