"""Pauses rebuilt from scans, overruled by staff, and proved to be what is stored."""

import datetime as dt
import io
import json

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.errors import NotAllowed
from cases.models import Case, CaseEvent, OutgoingMail
from cases.tests.factories import CaseFactory
from products.errors import Refused
from products.models import ClockChange, PauseWindow
from products.tests.factories import CoveredPartFactory, InvoiceFactory, parts_of
from shipments import tasks
from shipments.models import RepairShipment
from shipments.queries import last_proof, parcels_needing_review
from shipments.rebuilding import differences, rebuild_all
from shipments.services import confirm_pause, rebuild_pauses, record_events, repack, withdraw_pause
from shipments.services.recording import count_anew
from shipments.tests.factories import BACK, BOOKED_AT, NOW, OUT, ShipmentFactory, scan

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("approved")]

LEFT, HOME = dt.date(2025, 11, 12), dt.date(2025, 11, 24)
LOST = scan("lost", "2025-11-18T09:00", "LOST")


@pytest.fixture
def part(case):
    return case.claimed_parts.get().part


def windows(part) -> list[tuple]:
    rows = PauseWindow.objects.filter(part=part).order_by("left_on", "source")
    return [(row.left_on, row.back_on, row.source, row.certainty) for row in rows]


def covered_through(part) -> dt.date | None:
    part.refresh_from_db()
    return part.covered_through


def test_window_says_which_parcels_prove_it(case, part):
    out = ShipmentFactory(case=case, events=OUT)
    back = ShipmentFactory(case=case, direction="to_customer", events=BACK)
    window = PauseWindow.objects.get(part=part)
    assert (window.left_on, window.back_on, window.certainty) == (LEFT, HOME, "verified")
    assert window.proof == {
        "left": out.pk,
        "back": back.pk,
        "left_by": f"UPS {out.tracking_number}",
        "back_by": f"UPS {back.tracking_number}",
    }


def test_window_says_why_it_needs_a_look(case, part):
    ShipmentFactory(case=case, events=[scan("in_transit", "2025-11-12T22:00")])
    window = PauseWindow.objects.get(part=part)
    assert (window.certainty, window.review_reasons) == ("provisional", ["inferred_handover"])


def test_parcels_of_all_cases_of_a_part_make_its_windows(case, part, support):
    ShipmentFactory(case=case, events=OUT)
    ShipmentFactory(case=case, direction="to_customer", events=BACK)
    again = CaseFactory(state="approved", part=part, customer=case.customer)
    ShipmentFactory(case=again, events=[scan("picked_up", "2025-11-28T10:00")])
    assert windows(part) == [
        (LEFT, HOME, "tracking", "verified"),
        (dt.date(2025, 11, 28), None, "tracking", "provisional"),
    ]


def test_parcel_of_a_denied_case_pauses_and_moves_nothing(support):
    denied = CaseFactory(state="denied")
    part = denied.claimed_parts.get().part
    ShipmentFactory(case=denied, events=OUT)
    ShipmentFactory(case=denied, direction="to_customer", events=BACK)
    assert windows(part) == [(LEFT, HOME, "tracking", "verified")]
    assert Case.objects.get(pk=denied.pk).state == "denied"
    assert covered_through(part) == dt.date(2026, 3, 16)


def test_customer_is_not_promised_new_days_when_the_part_is_void(support):
    denied = CaseFactory(state="denied")  # denied for improper use, which voids the part
    ShipmentFactory(case=denied, events=OUT)
    ShipmentFactory(case=denied, direction="to_customer", events=BACK)
    assert denied.claimed_parts.get().part.is_voided
    assert not CaseEvent.objects.filter(case=denied, kind="clock").exists()
    assert not OutgoingMail.objects.filter(case=denied, kind="returned").exists()


def test_customer_is_told_once_when_the_product_is_home(case):
    ShipmentFactory(case=case, events=OUT)
    back = ShipmentFactory(case=case, direction="to_customer", events=BACK)
    record_events(back.pk, BACK, heard="webhook", now=NOW)
    told = CaseEvent.objects.filter(case=case, kind="clock").order_by("pk").values_list("name", flat=True)
    assert list(told) == ["moved", "returned"]
    assert OutgoingMail.objects.filter(case=case, kind="returned").count() == 1


def test_customer_is_told_of_the_return_when_the_way_out_is_heard_last(case):
    out = ShipmentFactory(case=case)
    ShipmentFactory(case=case, direction="to_customer", events=BACK)
    record_events(out.pk, OUT, heard="webhook", now=NOW)
    assert list(CaseEvent.objects.filter(case=case, kind="clock").values_list("name", flat=True)) == ["returned"]


def test_rebuild_takes_as_many_queries_for_forty_parts_as_for_five(support):
    from products.tests.factories import KitFactory, ProductFactory

    counts = []
    for size in (5, 40):
        product = ProductFactory()
        kit = KitFactory(bill=[(product, 1, "singly", f"place {place}") for place in range(size)])
        parts = parts_of(InvoiceFactory(products=[kit]))
        customer = parts[0].unit.line.invoice.customer
        kit_case = CaseFactory(state="approved", parts=parts[:1], customer=customer)
        shipment = ShipmentFactory(case=kit_case, whole_product=True)
        record_events(shipment.pk, OUT, heard="poll", now=NOW)
        PauseWindow.objects.all().delete()
        with CaptureQueriesContext(connection) as queries:
            rebuild_pauses([part.pk for part in parts], cause="test", now=NOW)
        assert PauseWindow.objects.count() == size
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_rebuild_changes_nothing_when_nothing_is_named(db):
    assert rebuild_pauses([], cause="test", now=NOW) == []


def test_rebuild_forgets_windows_when_no_parcel_carries_the_part_any_more(case, part, support):
    out = ShipmentFactory(case=case, events=OUT)
    other = CoveredPartFactory(customer=case.customer)
    out.packed_parts.update(part=other)
    rebuild_pauses([part.pk, other.pk], cause="test", now=NOW)
    assert windows(part) == []
    assert windows(other) == [(LEFT, None, "tracking", "provisional")]


def test_staff_close_a_lost_parcel_with_a_date_and_proof(case, part, reviewer):
    ShipmentFactory(case=case, events=[OUT[0], LOST])
    assert covered_through(part) is None

    confirm_pause(
        [part.pk], left_on=LEFT, back_on=dt.date(2025, 11, 20), reason="Lost; replaced on 20 November.",
        proof={"words": "Letter of the carrier"}, overrules=[LEFT], actor=reviewer, now=NOW,
    )  # fmt: skip
    assert windows(part) == [(LEFT, dt.date(2025, 11, 20), "staff", "confirmed")]
    assert covered_through(part) == dt.date(2026, 3, 12)  # nine days
    # The log keeps both (policy 2.9): what staff say, and the days tracking has.
    tracked = [{"left_on": "2025-11-12", "back_on": None, "certainty": "provisional"}]
    assert PauseWindow.objects.get(part=part).proof["overruled"] == tracked
    change = ClockChange.objects.filter(part=part).latest("pk")
    assert (change.before["covered_through"], change.after["covered_through"]) == (None, "2026-03-12")
    assert "Lost" in change.cause


def test_staff_window_stands_when_the_carrier_says_more(case, part, reviewer):
    out = ShipmentFactory(case=case, events=[OUT[0], LOST])
    confirm_pause(
        [part.pk], left_on=LEFT, back_on=dt.date(2025, 11, 20), reason="Lost.", proof={"words": "Letter"},
        overrules=[LEFT], actor=reviewer, now=NOW,
    )  # fmt: skip
    record_events(out.pk, [scan("in_transit", "2025-11-25T09:00")], heard="poll", now=NOW)
    assert windows(part) == [(LEFT, dt.date(2025, 11, 20), "staff", "confirmed")]


def test_next_absence_is_seen_when_staff_ended_the_one_before(case, part, reviewer):
    ShipmentFactory(case=case, events=[OUT[0], LOST])
    again = ShipmentFactory(case=case, events=[scan("picked_up", "2025-11-25T10:00")])
    assert windows(part) == [(LEFT, None, "tracking", "provisional")]
    confirm_pause(
        [part.pk], left_on=LEFT, back_on=dt.date(2025, 11, 20), reason="Lost.", proof={"words": "Letter"},
        overrules=[LEFT], actor=reviewer, now=NOW,
    )  # fmt: skip
    assert windows(part) == [
        (LEFT, dt.date(2025, 11, 20), "staff", "confirmed"),
        (dt.date(2025, 11, 25), None, "tracking", "provisional"),
    ]
    proof = PauseWindow.objects.get(source="tracking").proof
    assert (proof["left"], proof["back"]) == (again.pk, None)


def test_next_absence_may_begin_on_the_day_staff_ended_the_one_before(case, part, reviewer):
    ShipmentFactory(case=case, events=[OUT[0], LOST])
    ShipmentFactory(case=case, events=[scan("picked_up", "2025-11-20T16:00")])
    confirm_pause(
        [part.pk], left_on=LEFT, back_on=dt.date(2025, 11, 20), reason="Lost.", proof={"words": "Letter"},
        overrules=[LEFT], actor=reviewer, now=NOW,
    )  # fmt: skip
    assert windows(part)[1:] == [(dt.date(2025, 11, 20), None, "tracking", "provisional")]


def test_customer_is_told_when_staff_end_an_absence(case, part, reviewer):
    ShipmentFactory(case=case, events=[OUT[0], LOST])
    confirm_pause(
        [part.pk], left_on=LEFT, back_on=dt.date(2025, 11, 20), reason="Lost.", proof={"words": "Letter"},
        overrules=[LEFT], case_id=case.pk, actor=reviewer, now=NOW,
    )  # fmt: skip
    assert CaseEvent.objects.filter(case=case, kind="clock").latest("pk").name == "returned"
    assert "9 days" in OutgoingMail.objects.get(case=case, kind="returned").body


def test_customer_is_told_again_when_the_day_of_the_return_is_corrected(case):
    ShipmentFactory(case=case, events=OUT)
    back = ShipmentFactory(case=case, direction="to_customer", events=BACK)
    later = [scan("out_for_delivery", "2025-11-25T08:00"), scan("delivered", "2025-11-26T10:00")]
    record_events(back.pk, later, heard="poll", now=NOW)
    bodies = OutgoingMail.objects.filter(case=case, kind="returned").order_by("pk").values_list("body", flat=True)
    assert [days in body for days, body in zip(("13 days", "15 days"), bodies, strict=True)] == [True, True]


def test_staff_window_counts_beside_the_tracked_ones_when_it_overrules_none(case, part, reviewer):
    ShipmentFactory(case=case, events=OUT)
    ShipmentFactory(case=case, direction="to_customer", events=BACK)
    early = dt.date(2025, 10, 1)
    confirm_pause(
        [part.pk], left_on=early, back_on=early, reason="Handed over at the counter.", proof_file="proof/slip.pdf",
        proof={}, actor=reviewer, now=NOW,
    )  # fmt: skip
    assert [window[2] for window in windows(part)] == ["staff", "tracking"]
    assert covered_through(part) == dt.date(2026, 3, 17)


def test_staff_state_a_window_again_when_they_correct_it(part, reviewer):
    for back_on in (HOME, HOME + dt.timedelta(days=1)):
        confirm_pause(
            [part.pk],
            left_on=LEFT,
            back_on=back_on,
            reason="By hand.",
            proof={"words": "Slip"},
            actor=reviewer,
            now=NOW,
        )
    assert windows(part) == [(LEFT, HOME + dt.timedelta(days=1), "staff", "confirmed")]


def test_tracked_window_counts_again_when_staff_withdraw_theirs(case, part, reviewer):
    ShipmentFactory(case=case, events=[OUT[0], LOST])
    confirm_pause(
        [part.pk], left_on=LEFT, back_on=HOME, reason="Lost.", proof={"words": "Letter"}, overrules=[LEFT],
        actor=reviewer, now=NOW,
    )  # fmt: skip
    withdraw_pause([part.pk], left_on=LEFT, reason="It was found.", actor=reviewer, now=NOW)
    assert windows(part) == [(LEFT, None, "tracking", "provisional")]
    assert covered_through(part) is None


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        pytest.param({"reason": " "}, "reason", id="no-reason"),
        pytest.param({"proof": {}}, "proof", id="no-proof"),
        pytest.param({"back_on": dt.date(2025, 11, 1)}, "back_on", id="back-before-left"),
        pytest.param({"overrules": [LEFT]}, "overrules", id="nothing-left-that-day"),
    ],
)
def test_confirm_pause_refuses_days_when_they_are_not_proved(part, reviewer, fields, field):
    stated = {"left_on": LEFT, "back_on": HOME, "reason": "By hand.", "proof": {"words": "Slip"}, **fields}
    with pytest.raises(Refused) as refusal:
        confirm_pause([part.pk], actor=reviewer, now=NOW, **stated)
    assert refusal.value.field == field
    assert not PauseWindow.objects.exists()


def test_confirm_pause_is_for_reviewers(part, support):
    with pytest.raises(NotAllowed):
        confirm_pause(
            [part.pk], left_on=LEFT, back_on=HOME, reason="By hand.", proof={"words": "Slip"}, actor=support, now=NOW
        )
    with pytest.raises(NotAllowed):
        withdraw_pause([part.pk], left_on=LEFT, reason="By hand.", actor=support, now=NOW)


def test_withdraw_pause_asks_for_a_reason_and_for_a_pause_of_that_day(part, reviewer):
    for reason, field in (("", "reason"), ("Found.", "left_on")):
        with pytest.raises(Refused) as refusal:
            withdraw_pause([part.pk], left_on=LEFT, reason=reason, actor=reviewer, now=NOW)
        assert refusal.value.field == field


def test_confirm_pause_tells_the_case_when_it_is_named(case, part, reviewer):
    confirm_pause(
        [part.pk], left_on=LEFT, back_on=HOME, reason="By hand.", proof={"words": "Slip"}, case_id=case.pk,
        actor=reviewer, now=NOW,
    )  # fmt: skip
    told = CaseEvent.objects.get(case=case, kind="clock")
    assert (told.name, told.data["changes"][0]["after"]) == ("moved", "2026-03-16")


def test_differences_are_none_when_everything_is_as_proved(case, part, reviewer):
    ShipmentFactory(case=case, events=[OUT[0], LOST])
    assert list(differences(NOW)) == []
    confirm_pause(
        [part.pk], left_on=LEFT, back_on=HOME, reason="Lost.", proof={"words": "Letter"}, overrules=[LEFT],
        actor=reviewer, now=NOW,
    )  # fmt: skip
    assert list(differences(NOW)) == []


def test_differences_name_the_part_when_somebody_changed_a_window(case, part):
    ShipmentFactory(case=case, events=OUT)
    PauseWindow.objects.update(left_on=dt.date(2025, 11, 1))
    (found,) = differences(NOW)
    assert found.part_id == part.pk
    assert "2025-11-01..open" in str(found)
    assert "2025-11-12..open" in str(found)


def test_rebuild_all_goes_through_every_part_in_small_chunks(case, part, monkeypatch):
    monkeypatch.setattr("shipments.rebuilding.CHUNK", 1)
    other = CaseFactory(state="approved")
    for one in (case, other):
        ShipmentFactory(case=one, events=OUT)
    PauseWindow.objects.all().delete()
    assert list(rebuild_all(NOW)) == [(1, 0), (1, 0)]  # the clocks had not been told of the deletion
    assert PauseWindow.objects.count() == 2


def test_rebuild_pauses_command_proves_and_mends(case, part):
    ShipmentFactory(case=case, events=OUT)
    out = io.StringIO()
    call_command("rebuild_pauses", check=True, stdout=out, stderr=io.StringIO())
    assert out.getvalue() == ""

    PauseWindow.objects.all().delete()
    with pytest.raises(CommandError) as failure:
        call_command("rebuild_pauses", check=True, stdout=out, stderr=io.StringIO())
    assert failure.value.returncode == 1
    told = json.loads(out.getvalue())
    assert told == {"part": part.pk, "stored": [], "proved": [["2025-11-12", None, "provisional", []]]}

    call_command("rebuild_pauses", stdout=io.StringIO(), stderr=io.StringIO())
    call_command("rebuild_pauses", check=True, stdout=io.StringIO(), stderr=io.StringIO())


def test_a_whole_kit_pauses_when_the_whole_product_travels(support):
    parts = parts_of(InvoiceFactory())
    customer = parts[0].unit.line.invoice.customer
    kit_case = CaseFactory(state="approved", parts=parts[1:2], customer=customer)
    shipment = ShipmentFactory(case=kit_case, whole_product=True, events=OUT)
    assert PauseWindow.objects.filter(left_on=LEFT).count() == 5

    repack(shipment.pk, actor=support, now=NOW)
    assert [window.part_id for window in PauseWindow.objects.all()] == [parts[1].pk]
    assert RepairShipment.objects.get(pk=shipment.pk).booked_at == BOOKED_AT


def test_lone_scan_from_the_future_is_shown_and_used_when_its_time_has_come(case, part):
    """It makes no window, so no window can show it (policy 2.9); and nobody has to scan anything for it to count."""
    shipment = ShipmentFactory(case=case, events=[scan("picked_up", "2025-12-05T10:00")])
    assert windows(part) == []
    assert list(parcels_needing_review()) == [shipment]
    assert shipment.review_reasons == ["future_event"]
    ripe = dt.datetime(2025, 12, 4, 9, tzinfo=dt.UTC)
    assert count_anew(ripe - dt.timedelta(seconds=1)) == 0
    assert count_anew(ripe) == 1
    assert windows(part) == [(dt.date(2025, 12, 5), None, "tracking", "provisional")]
    assert (list(parcels_needing_review()), count_anew(ripe)) == ([], 0)
    assert list(differences(ripe)) == []


def test_lone_scan_nobody_knows_is_shown(case):
    shipment = ShipmentFactory(case=case, direction="to_customer", events=[scan("unknown", "2025-11-12T10:00", "X9")])
    assert shipment.review_reasons == ["unknown_code"]
    assert list(parcels_needing_review()) == [shipment]


def test_nightly_proof_leaves_a_row_and_raises_the_alarm(case, part):
    ShipmentFactory(case=case, events=OUT)
    assert last_proof() is None
    tasks.prove_pauses()
    assert (last_proof().parts, last_proof().different) == (1, 0)
    PauseWindow.objects.update(left_on=LEFT - dt.timedelta(days=1))
    tasks.prove_pauses()
    assert last_proof().different == 1
    assert last_proof().examples[0]["part"] == part.pk
