"""`manage.py parse_tracking`: the contract's line, and every shared payload of a carrier with an adapter."""

import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from shipments.carriers.registry import readers

ANSWERS = Path(__file__).parent / "answers"


def told(carrier: str, *files: Path) -> tuple[list[dict], int]:
    out, code = io.StringIO(), 0
    try:
        call_command("parse_tracking", carrier, *map(str, files), stdout=out, stderr=io.StringIO())
    except CommandError as error:
        code = error.returncode
    return [json.loads(line) for line in out.getvalue().splitlines()], code


def test_parse_tracking_prints_the_line_of_the_contract(tmp_path):
    scan = {"date": "2024-08-15T23:30:00-07:00", "eventType": "PU", "eventDescription": "Picked up"}
    scan["scanLocation"] = {"city": "SEATTLE", "stateOrProvinceCode": "WA", "countryCode": "US"}
    result = {"trackingNumber": "986578788855", "trackResults": [{"scanEvents": [scan]}]}
    path = tmp_path / "x.json"
    path.write_text(json.dumps({"output": {"completeTrackResults": [result]}}))
    event = {
        "number": "986578788855",
        "kind": "picked_up",
        "code": "PU",
        "occurred_at": "2024-08-15T23:30:00-07:00",
        "occurred_on": "2024-08-15",
        "place": "SEATTLE, WA, US",
        "text": "Picked up",
    }
    assert told("fedex", path) == ([{"file": str(path), "carrier": "fedex", "answer": "events", "events": [event]}], 0)


def test_parse_tracking_goes_on_past_what_it_cannot_read(tmp_path):
    noise = tmp_path / "noise.json"
    noise.write_bytes(b"<html>Sorry</html>")
    lines, code = told("gls", tmp_path / "missing.json", noise, ANSWERS / "gls.json")
    assert [line["answer"] for line in lines] == ["not_an_answer", "not_an_answer", "events"]
    assert lines[0]["reason"] == "The file cannot be read: No such file or directory."
    assert lines[1]["reason"] == "It is an HTML page, not JSON."
    assert code == 1


def test_parse_tracking_tells_the_scans_it_could_not_read():
    (line,), code = told("dhl", ANSWERS / "dhl.json")
    assert (len(line["events"]), line["problems"], code) == (
        5,
        ["scan 6: Invalid isoformat string: 'yesterday'"],
        1,
    )


def test_parse_tracking_names_the_carriers_when_there_is_no_such_one():
    with pytest.raises(CommandError, match=r"no adapter for hermes\. Choose one of dhl, fedex") as error:
        call_command("parse_tracking", "hermes", "x.json")
    assert error.value.returncode == 2


# ── the shared payloads ──────────────────────────────────────────────────────────────────────────────────────────
# Worked out by hand from the files: how many scans, those that matter most with their local days, and the kinds.
SAMPLES = (
    # carrier, file, scans, code and day of some
    pytest.param("dhl", "karrio/dhl_universal__TrackingResponseJSON.json", 1, {"pre-transit": "2018-03-02"}, id="dhl"),
    pytest.param(
        "gls",
        "karrio/gls__TrackingResponse.json",
        2,
        {"INTIAL.NORMAL": "2024-10-07", "INTIAL.PREADVICE": "2024-10-07"},
        id="gls",
    ),
    pytest.param(
        "usps",
        "karrio/usps__TrackingResponse.json",
        12,
        {
            "01": "2024-11-22",
            "OF": "2024-11-22",
            "A1": "2024-11-20",
            "10": "2024-11-18",
            "03": "2024-11-18",
            "GX": "2024-11-15",
        },
        id="usps",
    ),
    pytest.param("fedex", "karrio/fedex__TrackingResponse.json", 1, {"PU": "2018-02-02"}, id="fedex"),
    pytest.param(
        "fedex",
        "karrio/fedex__DuplicateTrackingResponse.json",
        18,
        {"OC": "2024-04-24", "HP": "2024-04-25", "DY": "2024-04-25", "DL": "2024-04-26"},
        id="fedex-two-parcels",
    ),
    pytest.param(
        "easypost",
        "easypost/test_tracker_create__0.json",
        2,
        {"pre_transit/status_update": "2025-02-07"},
        id="easypost",
    ),
    pytest.param("easypost", "easypost/test_tracker_all__0.json", 10, {}, id="easypost-five-trackers"),
    pytest.param(
        "aftership",
        "aftership/TrackingWithAdditionalFieldsTestCase.test_get_tracking__0.json",
        6,
        {"InfoReceived_001": "2021-03-20", "InTransit_004": "2021-03-25"},
        id="aftership",
    ),
    pytest.param(
        "aftership",
        "aftership/TrackingWithAdditionalFieldsTestCase.test_update_tracking__0.json",
        6,
        {"InfoReceived_001": "2021-03-20", "InTransit_004": "2021-03-25"},
        id="aftership-in-utc",
    ),
)
FOLDERS = {"easypost": "easypost", "aftership": "aftership", "dhl": "karrio", "fedex": "karrio", "gls": "karrio"}
FOLDERS |= {"usps": "karrio", "ups": "karrio"}
DELIVERED = {
    ("usps", "karrio/usps__TrackingResponse.json"),
    ("usps", "karrio/usps_international__TrackingResponse.json"),
    ("fedex", "karrio/fedex__DuplicateTrackingResponse.json"),
}


@pytest.mark.shared_data
@pytest.mark.parametrize(("carrier", "file", "scans", "days"), SAMPLES)
def test_parse_tracking_reads_the_shared_sample(shared_data, carrier, file, scans, days):
    (line,), code = told(carrier, shared_data / "tracking" / "payloads" / file)
    assert (line["answer"], len(line["events"]), code) == ("events", scans, 0)
    assert days.items() <= {(event["code"], event["occurred_on"]) for event in line["events"]}


@pytest.mark.shared_data
def test_parse_tracking_answers_every_shared_payload(shared_data):
    """Each file there is of a carrier: events, or a word why there are none; delivered only where it was."""
    payloads = shared_data / "tracking" / "payloads"
    outcomes = []
    delivered = set()
    for carrier in FOLDERS:
        for path in _files_of(carrier, payloads):
            (line,), code = told(carrier, path)
            outcomes.append((carrier, line["answer"]))
            assert code == 0, line
            assert line.get("events") if line["answer"] == "events" else line["reason"], line
            if any(event["kind"] == "delivered" for event in line.get("events", ())):
                delivered.add((carrier, str(path.relative_to(payloads))))
    assert delivered == DELIVERED
    assert outcomes.count(("easypost", "events")) == 9
    assert outcomes.count(("aftership", "events")) == 5
    assert [carrier for carrier, answer in outcomes if answer == "not_found"].count("aftership") >= 6


@pytest.mark.shared_data
@pytest.mark.parametrize("carrier", [code for code, one in readers().items() if not one.aggregates])
def test_parse_tracking_takes_no_other_carriers_payload_for_its_own(shared_data, carrier):
    others = [path for path in (shared_data / "tracking" / "payloads" / "karrio").iterdir() if carrier not in path.name]
    taken = [path.name for path in others if told(carrier, path)[0][0]["answer"] == "events"]
    assert taken == []


def _files_of(carrier: str, payloads: Path) -> list[Path]:
    folder = payloads / FOLDERS[carrier]
    own = folder.iterdir() if folder.name == carrier else folder.glob(f"{carrier}*")
    return sorted(own)
