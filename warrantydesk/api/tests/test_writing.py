"""Decided on the state that was seen, parcels booked and told of, reports read by machines."""

import json

import pytest
from django.core.management import call_command

from cases.models import Case
from cases.tests.factories import CaseFactory
from shipments.models import RepairShipment, TrackingEvent
from shipments.tests.factories import ShipmentFactory, ups_number
from warrantydesk.api.models import ApiToken
from warrantydesk.api.tests.conftest import caller_for

pytestmark = pytest.mark.django_db


def test_case_is_moved_only_from_the_state_that_was_seen(reviewer):
    case = CaseFactory()
    path, claim = f"cases/{case.reference}/", case.claimed_parts.get().pk
    finding = (f"{path}parts/{claim}/finding/", {"cause": "none", "finding": "Dry."})
    blind = reviewer.post(*finding)
    assert (blind.status_code, blind.json()["code"]) == (428, "if_match_missing")
    seen = reviewer.get(path)["ETag"]
    reviewer.post(f"{path}messages/", {"kind": "from_customer", "text": "It hums again."})
    overtaken = reviewer.post(*finding, seen=seen)
    assert (overtaken.status_code, overtaken.json()["code"]) == (412, "overtaken")
    assert overtaken["Content-Type"] == "application/problem+json"
    assert not case.claimed_parts.get().cause_recorded
    now = reviewer.get(path)["ETag"]
    done = reviewer.post(*finding, seen=f'"old", {now}', key="k")
    assert (done.status_code, done["ETag"]) == (200, reviewer.get(path)["ETag"])
    again = reviewer.post(*finding, seen=now, key="k")  # an answer that got lost is asked for with what was seen then
    assert (again.status_code, again["Idempotent-Replayed"]) == (200, "true")


def test_serials_are_recorded_on_the_invoice_that_was_seen(reviewer):
    unit = CaseFactory().unit
    path, invoice = f"units/{unit.pk}/serials/", f"invoices/{unit.line.invoice_id}/"
    given = {"part_serials": {unit.parts.first().product.sku: ["M-1"]}}
    assert reviewer.post(path, given).status_code == 428
    assert reviewer.post(path, given, seen='"of yesterday"').status_code == 412
    done = reviewer.post(path, given, seen=reviewer.get(invoice)["ETag"])
    assert (done.status_code, done["ETag"]) == (200, reviewer.get(invoice)["ETag"])


def test_parcel_is_booked_and_what_happened_to_it_told_once():
    support = caller_for("support")
    case = ShipmentFactory().case
    given = {
        "case": case.reference, "direction": "to_customer", "carrier": "ups", "tracking_number": ups_number(),
        "booked_at": "2025-11-20T08:00:00Z",
    }  # fmt: skip
    booked = support.post("parcels/", given, key="parcel-1")
    assert booked.status_code == 201, booked.content
    parcel = booked.json()
    assert parcel["part_ids"] == [case.claimed_parts.get().part_id]
    assert support.post("parcels/", given, key="parcel-1").json() == parcel
    assert support.post("parcels/", given).json()["code"] == "duplicate"
    path = f"parcels/{parcel['id']}/events/"
    # A quarter past eleven at night in New York is the next day in Greenwich; the place's own calendar decides.
    scan = {"kind": "picked_up", "proof": "Receipt 17", "occurred_at": "2025-11-21T23:15:00-05:00"}
    assert [support.post(path, scan).status_code for _time in range(2)] == [201, 200]
    [heard] = support.get(path).json()["items"]
    assert (heard["occurred_on"], heard["heard"]) == ("2025-11-21", "staff")
    assert TrackingEvent.objects.get(pk=heard["id"]).recorded_by == ApiToken.objects.latest("pk").user


@pytest.mark.parametrize(
    ("change", "status", "field"),
    [
        ({"case": "WD-NONE-1"}, 400, "case"),
        ({"carrier": "pigeon"}, 422, "carrier"),
        ({"tracking_number": "1Z999AA10123456785"}, 422, "tracking_number"),
        ({"part_ids": [2**62]}, 422, "part_ids"),
        ({"booked_at": "0001-01-01T00:00:00Z"}, 400, "booked_at"),
    ],
)
def test_parcel_that_cannot_be_is_refused_by_its_field(change: dict, status: int, field: str):
    given = {
        "case": ShipmentFactory().case.reference, "direction": "to_workshop", "carrier": "ups",
        "tracking_number": ups_number(), **change,
    }  # fmt: skip
    answer = caller_for("support").post("parcels/", given)
    assert answer.status_code == status, answer.content
    assert field in (answer.json().get("field"), *(one["field"] for one in answer.json().get("errors", ())))
    assert RepairShipment.objects.count() == 1


def test_report_is_what_the_command_says_and_nothing_is_answered_that_was_not_asked(capsys):
    manager = caller_for("manager")
    ShipmentFactory()
    names = [one["name"] for one in manager.get("reports/").json()["items"]]
    assert "overview" in names
    asked = "from=2025-10-27&to=2025-11-30"
    read = manager.get(f"reports/overview/?{asked}").json()
    call_command("report", "overview", "--from", "2025-10-27", "--to", "2025-11-30", "--format", "json")
    assert read == json.loads(capsys.readouterr().out)
    for wrong, field in (("from=soon", "from"), ("colour=red", "colour"), ("to=2999-01-01", "to")):
        answer = manager.get(f"reports/overview/?{wrong}")
        assert (answer.status_code, [one["field"] for one in answer.json()["errors"]]) == (400, [field])
    assert manager.get("reports/none/").status_code == 404
    assert caller_for("support").get("reports/").json()["code"] == "scope_missing"


def test_fields_that_were_not_offered_change_nothing(reviewer):
    """Mass assignment: who decides, the state and the last covered day are no fields of a request."""
    case = CaseFactory()
    path, claim = f"cases/{case.reference}/", case.claimed_parts.get()
    through = claim.part.covered_through
    smuggled = {
        "state": "approved", "decided_by": 1, "assignee": 1, "verdict": "covered", "covered_through": "2099-01-01",
        "customer": {"email": "somebody@else.example"}, "id": 1, "reference": "WD-2222-2",
    }  # fmt: skip
    told = reviewer.post(f"{path}messages/", {"kind": "note", "text": "Heard it.", **smuggled})
    found = reviewer.post(
        f"{path}parts/{claim.pk}/finding/",
        {"cause": "none", "finding": "Dry.", **smuggled},
        seen=reviewer.get(path)["ETag"],
    )
    assert {told.status_code, found.status_code} <= {200, 201, 400, 422}
    after = Case.objects.select_related("customer").get(pk=case.pk)
    assert (after.state, after.decided_by, after.assignee, after.customer) == (case.state, None, None, case.customer)
    [kept] = after.claimed_parts.select_related("part")
    assert (kept.verdict, kept.part.covered_through, after.reference) == (claim.verdict, through, case.reference)
