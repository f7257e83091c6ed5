"""Which carriers are on offer: those whose keys are there, the rest through an aggregator, else by hand."""

import asyncio
import datetime as dt
from importlib import import_module

import pytest

from shipments.carriers.aggregating import Through
from shipments.carriers.base import Asked, CarrierError, NotAnAnswer, NotFoundYet, TrackAnswer
from shipments.carriers.manual import ANY, ByHand
from shipments.carriers.moments import read_basic, read_local, read_moment
from shipments.carriers.places import STATES, american_zone, zone_of
from shipments.carriers.registry import READERS, find_carrier, identify, offered_carriers, readers, suggest_carrier
from shipments.models import EventKind
from shipments.numbers import CARRIER_NAMES

NOW = dt.datetime(2025, 3, 15, 12, tzinfo=dt.UTC)
KEYS = {f"{code.upper()}_{name}": "k" for code, one in readers().items() for name in one.needs}
TABLES = {"KINDS", "SCANS", "STATES", "GROUPS", "DETAILS"}
DIRECT = tuple(code for code, one in readers().items() if not one.aggregates)


@pytest.fixture
def keys(settings):
    """Only these keys are there."""
    settings.SIMULATED_CARRIER = False

    def given(*prefixes: str) -> dict:
        settings.CARRIER_ACCESS = {name: key for name, key in KEYS.items() if name.startswith(prefixes)}
        return offered_carriers()

    return given


@pytest.mark.parametrize("code", readers())
def test_carrier_is_asked_once_its_keys_are_there(keys, code):
    assert keys(f"{code.upper()}_")[code].polled
    assert not keys("nothing").get(code, ByHand(code, code)).polled


def test_carrier_with_half_its_keys_is_not_on_offer(keys, settings):
    settings.CARRIER_ACCESS = {"UPS_CLIENT_ID": "i"}
    assert not offered_carriers()["ups"].polled


def test_without_any_key_everything_is_followed_by_hand(keys):
    assert {one.polled for one in keys("nothing").values()} == {False}


def test_aggregator_stands_in_for_the_carriers_that_cannot_be_asked_directly(keys):
    carriers = keys("EASYPOST", "UPS")
    assert isinstance(carriers["dpd"], Through)
    assert carriers["dpd"].recognises("01405400945058")
    assert not carriers["dpd"].recognises("1Z999AA10123456784")
    assert not isinstance(carriers["ups"], Through)
    assert carriers["easypost"].speaks_for == (CARRIER_NAMES.keys() - {"ups"}) | {"easypost"}
    assert carriers["ups"].speaks_for == {"ups"}
    assert not carriers[ANY].polled


def test_first_aggregator_stands_in_when_there_are_two(keys):
    carriers = keys("EASYPOST", "AFTERSHIP")
    assert carriers["dpd"].aggregator.code == "easypost"
    assert carriers["aftership"].speaks_for == {"aftership"}


def test_number_is_suggested_for_its_carrier_and_never_for_an_aggregator(keys):
    keys("EASYPOST", "AFTERSHIP")
    assert suggest_carrier("1Z999AA10123456784") == "ups"
    assert identify("MYHERMES12345678").carriers == ()
    assert suggest_carrier("MYHERMES12345678") == ANY
    assert find_carrier("easypost").recognises("MYHERMES12345678")


@pytest.mark.parametrize("path", READERS)
def test_every_code_of_a_table_has_a_kind_that_exists(path):
    tables = [table for name, table in vars(import_module(path)).items() if name in TABLES]
    assert tables
    assert {kind for table in tables for kind in table.values()} <= set(EventKind.values)


def test_every_adapter_and_its_settings_stand_in_the_docs(settings):
    page = (settings.BASE_DIR / "docs" / "carriers.md").read_text("utf-8")
    named = [f"`{code.upper()}_{name}`" for code, one in readers().items() for name in (*one.needs,)]
    missing = [name for name in (*(f"| `{code}` |" for code in readers()), *named) if name not in page]
    assert missing == []


def test_every_adapter_has_the_settings_it_reads(settings):
    read = [f"{code.upper()}_{name}" for code, one in readers().items() for name in (*one.needs, "URL")]
    read += [f"{code.upper()}_WEBHOOK_SECRET" for code, one in readers().items() if one.webhooks]
    missing = [name for name in read if name not in settings.CARRIER_ACCESS]
    assert missing == [], "CARRIER_ACCESS of warrantydesk/settings/shipments.py"


def test_every_carrier_asked_directly_has_its_name_among_the_numbers():
    missing = [code for code in DIRECT if code not in CARRIER_NAMES]
    assert missing == [], "CARRIER_NAMES of shipments/number_formats.py"


def test_adapters_read_answers_without_any_key(keys):
    with_keys = set(readers())
    keys("nothing")
    assert set(readers()) == with_keys == {path.rpartition(".")[2] for path in READERS}


@pytest.mark.parametrize(
    ("error", "outcome", "reason"),
    [
        pytest.param(None, "events", "", id="answered"),
        pytest.param(NotFoundYet(), "not_found", "The carrier does not know this number yet.", id="not-known"),
        pytest.param(NotAnAnswer("noise"), "not_an_answer", "noise", id="noise"),
        pytest.param(CarrierError("down"), "error", "down", id="failed"),
    ],
)
def test_answer_names_its_outcome_and_the_reason(error, outcome, reason):
    answer = TrackAnswer("X", error=error)
    assert (answer.outcome, answer.reason) == (outcome, reason)


def test_by_hand_carrier_reads_nothing_and_takes_no_webhook():
    nobody = ByHand("ups", "UPS")
    assert [answer.outcome for answer in nobody.parse(b"{}")] == ["not_an_answer"]
    assert nobody.parse_webhook({}, b"{}", NOW).trust == "refused"
    assert asyncio.run(nobody.track([Asked("X", NOW)], NOW))[0].outcome == "error"


# ── days and places ──────────────────────────────────────────────────────────────────────────────────────────────
BERLIN, NEW_YORK = zone_of("DE"), zone_of("US", "NY")
MOMENTS = (
    # written, zone of the facility, local day, instant
    pytest.param(
        "2024-10-07T10:46:14+0200", None, "2024-10-07", "2024-10-07T10:46:14+02:00", id="offset-without-colon"
    ),
    pytest.param("2025-03-14T23:30:00-07:00", BERLIN, "2025-03-14", "2025-03-14T23:30:00-07:00", id="offset-first"),
    pytest.param("2025-03-15T00:30:00+00:00", NEW_YORK, "2025-03-15", "2025-03-15T00:30:00+00:00", id="offset-zero"),
    pytest.param("2025-03-15T00:30:00Z", NEW_YORK, "2025-03-14", "2025-03-14T20:30:00-04:00", id="z-and-a-zone"),
    pytest.param("2025-03-15T00:30:00.123Z", None, "2025-03-15", "2025-03-15T00:30:00.123000+00:00", id="z-alone"),
    pytest.param("2025-03-15T00:30:00", BERLIN, "2025-03-15", "2025-03-15T00:30:00+01:00", id="naive-and-a-zone"),
    pytest.param("2025-07-15 00:30", BERLIN, "2025-07-15", "2025-07-15T00:30:00+02:00", id="summer"),
    pytest.param("2025-03-30T02:30:00", BERLIN, "2025-03-30", "2025-03-30T02:30:00+01:00", id="an-hour-that-was-not"),
    pytest.param("2025-10-26T02:30:00", BERLIN, "2025-10-26", "2025-10-26T02:30:00+02:00", id="an-hour-that-was-twice"),
    pytest.param("2025-03-15T00:30:00", None, "2025-03-15", None, id="naive-alone"),
    pytest.param("2025-03-15", BERLIN, "2025-03-15", None, id="a-day"),
    pytest.param("20250315", None, "2025-03-15", None, id="a-day-without-dashes"),
)


@pytest.mark.parametrize(("written", "zone", "day", "instant"), MOMENTS)
def test_moment_is_on_the_day_of_its_place(written, zone, day, instant):
    moment = read_moment(written, zone)
    assert (moment.on.isoformat(), moment.at and moment.at.isoformat()) == (day, instant)


@pytest.mark.parametrize(
    "written", ["", "soon", "14.03.2025", "0001-01-01T00:00:00", "9999-12-31", "2025-02-30", "2025-03-15T25:00:00"]
)
def test_moment_is_refused_when_it_is_none(written):
    with pytest.raises(ValueError, match=r"\S"):
        read_moment(written)


LOCAL = dt.datetime(2025, 3, 14, 21, 15)
SAME_IN_GMT = dt.datetime(2025, 3, 15, 1, 15, 20, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("says", "offset"),
    [
        pytest.param({"offset": "-04:00", "instant": None, "zone": BERLIN}, "-04:00", id="offset"),
        pytest.param({"instant": SAME_IN_GMT, "zone": BERLIN}, "-04:00", id="gmt"),
        pytest.param({"offset": "nonsense", "instant": SAME_IN_GMT, "zone": None}, "-04:00", id="gmt-after-nonsense"),
        pytest.param({"offset": "+25:00", "zone": BERLIN}, "+01:00", id="no-such-offset"),
        pytest.param({"instant": SAME_IN_GMT + dt.timedelta(minutes=7), "zone": BERLIN}, "+01:00", id="not-the-same"),
        pytest.param({"instant": SAME_IN_GMT + dt.timedelta(days=2), "zone": BERLIN}, "+01:00", id="another-day"),
        pytest.param({"zone": BERLIN}, "+01:00", id="zone"),
        pytest.param({"zone": None}, None, id="nothing"),
    ],
)
def test_local_time_takes_its_offset_from_what_is_surest(says, offset):
    moment = read_local(LOCAL, **says)
    assert moment.on == LOCAL.date()
    assert (moment.at and moment.at.isoformat()) == (f"2025-03-14T21:15:00{offset}" if offset else None)


@pytest.mark.parametrize(
    ("day", "time", "expected"),
    [
        pytest.param("20240315", "102300", "2024-03-15T10:23:00", id="six-digits"),
        pytest.param("20240315", "74700", "2024-03-15T07:47:00", id="a-zero-dropped"),
        pytest.param("20240315", "18:06:22", "2024-03-15T18:06:22", id="colons"),
        pytest.param("2024-03-15", "", "2024-03-15T00:00:00", id="no-time"),
    ],
)
def test_basic_time_is_read_as_ups_writes_it(day, time, expected):
    assert read_basic(day, time).isoformat() == expected


@pytest.mark.parametrize(("day", "time"), [("", ""), ("2024031", "1"), ("20240315", "noon"), ("20241340", "")])
def test_basic_time_is_refused_when_it_is_none(day, time):
    with pytest.raises(ValueError, match=r"\S"):
        read_basic(day, time)


@pytest.mark.parametrize(
    ("country", "state", "zone"),
    [
        pytest.param("DE", "", "Europe/Berlin", id="one-zone"),
        pytest.param("deu", "", "Europe/Berlin", id="three-letters"),
        pytest.param("US", "ca", "America/Los_Angeles", id="state"),
        pytest.param("USA", "TX", "America/Chicago", id="state-of-three-letters"),
        pytest.param("US", "", None, id="no-state"),
        pytest.param("CA", "QC", "America/Toronto", id="province"),
        pytest.param("ES", "", "Europe/Madrid", id="mainland"),
        pytest.param("RU", "", None, id="eleven-zones"),
        pytest.param("XX", "", None, id="no-country"),
        pytest.param("", "", None, id="nowhere"),
    ],
)
def test_zone_is_known_where_country_and_state_tell(country, state, zone):
    found = zone_of(country, state)
    assert (found and found.key) == zone


def test_every_state_has_a_zone_that_exists():
    assert all(zone_of(country, state) for country, states in STATES.items() for state in states)
    assert american_zone("PR").key == "America/Puerto_Rico"
