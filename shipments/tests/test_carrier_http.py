"""Calling carriers that are slow, busy, broken or hostile: the right class of error for each, nothing hangs, and the
other answers of the same turn are untouched. A server on loopback plays the carrier."""

import asyncio
import socket
from collections import Counter

import pytest
from aiohttp import web

from shipments.carriers import aftership, dhl, easypost, fedex, gls, ups, usps
from shipments.carriers.addresses import is_address, is_public
from shipments.carriers.base import Asked, CarrierError
from shipments.carriers.limits import LONGEST_WAIT, forget_places, take_place
from shipments.carriers.oauth import Grant, forget_tokens, keep_token, kept_token
from shipments.carriers.registry import readers
from shipments.tests.carrier_server import BOOKED_AT, NOW, ask, with_server


@pytest.fixture(autouse=True)
def quiet_carriers(settings):
    """On loopback, without limits, quick to give up; no token and no place in a row from another test."""
    settings.CARRIER_PRIVATE_ADDRESSES = True
    settings.CARRIER_LIMITS = dict.fromkeys(readers(), (0.0, 20))
    settings.CARRIER_TIMEOUT_SECONDS = 20
    forget_tokens()
    forget_places()


def shipment(number: str) -> dict:
    scan = {"timestamp": "2025-03-14T16:40:00+01:00", "statusCode": "delivered"}
    return {"shipments": [{"id": number, "events": [scan]}]}


def dhl_that_answers(bad):
    """DHL, answering every number well but `bad`, which is answered by the given function."""

    async def handler(request):
        number = request.query["trackingNumber"]
        return await bad(request) if number == "BAD" else web.json_response(shipment(number))

    return handler


def plain(status, **fields):
    async def answer(_request):
        return web.Response(status=status, **fields)

    return answer


async def dropped(request):
    request.transport.close()
    return web.Response()


async def cut_short(request):
    response = web.StreamResponse(headers={"Content-Length": "1000"})
    await response.prepare(request)
    await response.write(b'{"shipments": [')
    request.transport.close()
    return response


async def endless(request):
    response = web.StreamResponse()
    await response.prepare(request)
    try:
        while True:
            await response.write(b" " * 256 * 1024)
    except ConnectionError:
        return response


HTML = {"text": "<html>Sorry</html>", "content_type": "text/html"}
AWAY = {"headers": {"Location": "https://elsewhere.example/track"}}
ROUND = {"headers": {"Location": "/track/shipments?trackingNumber=BAD"}}
FAULTS = (
    # answer, temporary, everybody's fault, words
    pytest.param(plain(500, **HTML), True, True, "in trouble", id="500-with-html"),
    pytest.param(plain(503), True, True, "in trouble", id="503"),
    pytest.param(plain(200, **HTML), True, True, "HTML", id="html-instead-of-json"),
    pytest.param(plain(404, **HTML), True, True, "HTML", id="404-of-somebody-in-between"),
    pytest.param(plain(200, text='{"shipments": ['), True, True, "something else", id="broken-json"),
    pytest.param(plain(200, text='{"hello": 1}'), True, False, "no answer of DHL", id="another-answer"),
    pytest.param(plain(400, text='{"hello": 1}'), False, False, "no answer of DHL", id="400"),
    pytest.param(plain(418), False, True, "418", id="a-teapot"),
    pytest.param(plain(302, **AWAY), True, True, "another host", id="redirect-to-another-host"),
    pytest.param(plain(302, **ROUND), True, True, "circles", id="loop"),
    pytest.param(dropped, True, True, "broke", id="dropped-line"),
    pytest.param(cut_short, True, True, "broke", id="cut-short"),
    pytest.param(endless, True, True, "larger than", id="huge-body"),
)


@pytest.mark.parametrize(("bad", "temporary", "everybody", "words"), FAULTS)
def test_track_tells_the_fault_and_leaves_the_other_parcels_alone(settings, bad, temporary, everybody, words):
    answers = ask(dhl.adapter, settings, dhl_that_answers(bad), "GOOD1", "BAD", "GOOD2")
    assert [answers[number].outcome for number in ("GOOD1", "GOOD2")] == ["events", "events"]
    error = answers["BAD"].error
    assert error is not None
    assert (error.temporary, error.everybody, error.retry_after) == (temporary, everybody, None)
    assert words in str(error)


@pytest.mark.parametrize(
    ("status", "written", "seconds"),
    [
        pytest.param(429, "120", 120.0, id="seconds"),
        pytest.param(429, "Sat, 15 Mar 2025 12:05:00 GMT", 300.0, id="a-date"),
        pytest.param(429, "Sat, 15 Mar 2025 11:00:00 GMT", 0.0, id="a-date-gone-by"),
        pytest.param(429, "999999999999", 86_400.0, id="a-day-at-most"),
        pytest.param(429, "soon", None, id="nonsense"),
        pytest.param(429, "", None, id="none"),
        pytest.param(503, "60", 60.0, id="when-down"),
    ],
)
def test_track_carries_the_rest_the_carrier_asked_for(settings, status, written, seconds):
    busy = plain(status, headers={"Retry-After": written})
    error = ask(dhl.adapter, settings, dhl_that_answers(busy), "GOOD", "BAD")["BAD"].error
    assert error is not None
    assert (error.temporary, error.everybody, error.retry_after) == (True, True, seconds)


def test_track_stops_knocking_in_this_turn_when_told_to_wait(settings):
    settings.CARRIER_LIMITS = {"dhl": (0.0, 1)}
    calls = Counter()

    async def handler(request):
        calls[request.query["trackingNumber"]] += 1
        return web.Response(status=429, headers={"Retry-After": "60"})

    answers = ask(dhl.adapter, settings, handler, "A1", "B2", "C3")
    assert calls.total() == 1
    assert {answer.error.retry_after for answer in answers.values()} == {60.0}


def test_track_gives_up_on_a_slow_answer_and_keeps_the_quick_ones(settings):
    settings.CARRIER_TIMEOUT_SECONDS = 1.5
    over = asyncio.Event()

    async def slow(_request):
        await over.wait()
        return web.Response()

    async def handler(request):
        if request.query["trackingNumber"] == "QUICK":
            return web.json_response(shipment("QUICK"))
        return await slow(request)

    async def work(url):
        settings.CARRIER_ACCESS = {**settings.CARRIER_ACCESS, "DHL_URL": url}
        try:
            return await dhl.adapter().track([Asked("SLOW", BOOKED_AT), Asked("QUICK", BOOKED_AT)], NOW)
        finally:
            over.set()

    slow_answer, quick = with_server(handler, work)
    assert quick.outcome == "events"
    assert (slow_answer.error.temporary, str(slow_answer.error)) == (True, "The carrier did not answer in time.")


def test_track_calls_it_a_tls_fault_when_there_is_no_tls(settings):
    async def work(url):
        settings.CARRIER_ACCESS = {**settings.CARRIER_ACCESS, "DHL_URL": url.replace("http://", "https://")}
        return await dhl.adapter().track([Asked("X1", BOOKED_AT)], NOW)

    (answer,) = with_server(plain(200), work)
    assert (answer.error.temporary, answer.error.everybody) == (True, True)
    assert "TLS" in str(answer.error)


def test_track_says_so_when_nobody_listens(settings):
    with socket.socket() as taken:  # a port that is ours, so nobody else's, and that nobody listens on
        taken.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{taken.getsockname()[1]}"
        settings.CARRIER_ACCESS = {**settings.CARRIER_ACCESS, "DHL_URL": address}
        (answer,) = asyncio.run(dhl.adapter().track([Asked("X1", BOOKED_AT)], NOW))
    assert (answer.error.temporary, str(answer.error)) == (True, "The carrier cannot be reached.")


def test_track_follows_a_redirect_on_the_same_host(settings):
    async def handler(request):
        if request.path == "/elsewhere":
            return web.json_response(shipment("X1"))
        return web.Response(status=307, headers={"Location": "/elsewhere"})

    assert ask(dhl.adapter, settings, handler, "X1")["X1"].outcome == "events"


def test_track_takes_a_404_in_json_for_a_number_not_known_yet(settings):
    answers = ask(dhl.adapter, settings, plain(404, text='{"status": 404, "title": "x"}'), "X1")
    assert answers["X1"].not_found


# ── addresses ────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("address", "public"),
    [
        pytest.param("9.9.9.9", True, id="open"),
        pytest.param("2620:fe::fe", True, id="open-v6"),
        pytest.param("127.0.0.1", False, id="loopback"),
        pytest.param("::1", False, id="loopback-v6"),
        pytest.param("10.1.2.3", False, id="private"),
        pytest.param("192.168.0.1", False, id="home"),
        pytest.param("169.254.169.254", False, id="cloud-metadata"),
        pytest.param("fe80::1%eth0", False, id="link-local"),
        pytest.param("::ffff:10.0.0.1", False, id="private-in-v6-clothes"),
        pytest.param("100.64.0.1", False, id="carrier-grade-nat"),
        pytest.param("224.0.0.1", False, id="multicast"),
        pytest.param("0.0.0.0", False, id="anybody"),
        pytest.param("example.com", False, id="a-name"),
    ],
)
def test_is_public_knows_the_open_internet(address, public):
    assert is_public(address) is public
    assert is_address(address) is (address != "example.com")


@pytest.mark.parametrize(
    ("host", "temporary"),
    [pytest.param("127.0.0.1", False, id="literal"), pytest.param("localhost", True, id="by-name")],
)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_track_calls_nobody_on_private_addresses(settings, host, temporary, scheme):
    settings.CARRIER_PRIVATE_ADDRESSES = False
    calls = Counter()

    async def handler(request):
        calls["any"] += 1
        return web.json_response(shipment("X1"))

    async def work(url):
        address = url.replace("http://127.0.0.1", f"{scheme}://{host}")
        settings.CARRIER_ACCESS = {**settings.CARRIER_ACCESS, "DHL_URL": address}
        return await dhl.adapter().track([Asked("X1", BOOKED_AT)], NOW)

    (answer,) = with_server(handler, work)
    assert answer.outcome == "error"
    assert answer.error.temporary is (temporary and scheme == "https")
    assert not calls


# ── tokens ───────────────────────────────────────────────────────────────────────────────────────────────────────
class Office:
    """UPS with its token office: counts the tokens asked for, and knows which one it takes."""

    def __init__(self, taken="T1", status=200):
        self.asked, self.taken, self.status = 0, taken, status

    async def answer(self, request):
        if request.path.endswith("/oauth/token"):
            self.asked += 1
            await asyncio.sleep(0)
            return web.json_response({"access_token": f"T{self.asked}", "expires_in": "3600"}, status=self.status)
        if request.headers.get("Authorization") != f"Bearer {self.taken}":
            return web.Response(status=401)
        number = request.path.rpartition("/")[2]
        scan = {"status": {"code": "KB", "type": "D"}, "date": "20250314", "time": "101500", "gmtOffset": "-05:00"}
        package = {"trackingNumber": number, "activity": [scan]}
        return web.json_response({"trackResponse": {"shipment": [{"inquiryNumber": number, "package": [package]}]}})


def test_token_is_fetched_once_when_many_ask_at_once(settings):
    office = Office()
    answers = ask(ups.adapter, settings, office.answer, *(f"1Z{place}" for place in range(12)))
    assert {answer.outcome for answer in answers.values()} == {"events"}
    assert office.asked == 1


def test_token_is_fetched_anew_once_when_the_carrier_no_longer_takes_it(settings):
    office = Office(taken="T2")
    assert ask(ups.adapter, settings, office.answer, "1ZA")["1ZA"].outcome == "events"
    assert office.asked == 2


def test_track_blames_the_credentials_when_the_new_token_is_refused_too(settings):
    office = Office(taken="never")
    error = ask(ups.adapter, settings, office.answer, "1ZA")["1ZA"].error
    assert (error.temporary, error.everybody, office.asked) == (False, True, 2)
    assert "settings of UPS" in str(error)


def test_track_blames_the_credentials_when_there_is_no_token_for_them(settings):
    office = Office(status=401)
    answers = ask(ups.adapter, settings, office.answer, "1ZA", "1ZB")
    assert {answer.error.temporary for answer in answers.values()} == {False}
    assert office.asked == 1


def test_token_is_kept_until_shortly_before_its_end():
    grant = Grant("https://carrier.example/token", {"data": {"client_id": "a"}})
    assert kept_token(grant) is None
    keep_token(grant, {"access_token": "T", "expires_in": 3600})
    assert kept_token(grant) == "T"
    assert kept_token(Grant(grant.url, {"data": {"client_id": "b"}})) is None
    with pytest.raises(CarrierError, match="without a token"):
        keep_token(grant, {"error": "no"})


# ── limits ───────────────────────────────────────────────────────────────────────────────────────────────────────
def test_calls_are_spaced_and_a_row_too_long_is_not_joined(monkeypatch):
    monkeypatch.setattr("shipments.carriers.limits.monotonic", lambda: 1000.0)
    assert [take_place("x", 2.0) for _ in range(61)] == [place / 2 for place in range(61)]
    with pytest.raises(CarrierError) as too_many:
        take_place("x", 2.0)
    assert (too_many.value.temporary, too_many.value.everybody, too_many.value.retry_after) == (True, False, 30.5)
    monkeypatch.setattr("shipments.carriers.limits.monotonic", lambda: 1000.0 + LONGEST_WAIT)
    assert take_place("x", 2.0) == 0.5
    assert take_place("y", 0) == 0.0


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param({"dhl": (2.5, 7)}, (2.5, 7), id="its-own"),
        pytest.param({"ups": (9.0, 9)}, (0.2, 2), id="somebody-elses"),
    ],
)
def test_limits_of_the_settings_go_before_the_carriers_own(settings, given, expected):
    settings.CARRIER_LIMITS = given
    one = dhl.adapter()
    assert (one.per_second, one.at_once) == expected


def test_client_keeps_to_the_places_it_has(settings):
    settings.CARRIER_LIMITS = {"dhl": (0.0, 3)}
    under_way, most = 0, 0

    async def handler(request):
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0.01)
        under_way -= 1
        return web.json_response(shipment(request.query["trackingNumber"]))

    answers = ask(dhl.adapter, settings, handler, *(f"N{place}" for place in range(12)))
    assert {answer.outcome for answer in answers.values()} == {"events"}
    assert most <= 3


# ── what each carrier is asked ───────────────────────────────────────────────────────────────────────────────────
def recorder(reply):
    """A carrier that answers everything alike and remembers what it was asked."""
    asked = []

    async def handler(request):
        body = await request.text()
        asked.append((request.method, request.path_qs, body))
        if "oauth" in request.path:
            return web.json_response({"access_token": "T", "expires_in": 3600})
        return web.json_response(reply(request) if callable(reply) else reply)

    return handler, asked


def fedex_results(*numbers):
    scan = {"date": "2025-03-14T10:00:00-07:00", "eventType": "DL"}
    results = [{"trackingNumber": number, "trackResults": [{"scanEvents": [scan]}]} for number in numbers]
    return {"output": {"completeTrackResults": results}}


def test_fedex_is_asked_about_thirty_numbers_at_a_time(settings):
    numbers = [f"{place:012d}" for place in range(31)]
    handler, asked = recorder(fedex_results(*numbers))
    answers = ask(fedex.adapter, settings, handler, *numbers)
    assert {answer.outcome for answer in answers.values()} == {"events"}
    assert [path for _, path, _ in asked].count("/track/v1/trackingnumbers") == 2


def test_fedex_numbers_that_are_missing_in_the_answer_are_not_known_yet(settings):
    handler, _ = recorder(fedex_results("1"))
    answers = ask(fedex.adapter, settings, handler, "1", "2")
    assert [answers[number].outcome for number in "12"] == ["events", "not_found"]


def test_gls_answers_by_the_number_that_was_asked(settings):
    scan = {"code": "DELIVD.NORMAL", "eventDateTime": "2025-03-14T10:00:00+0100"}
    parcels = [{"requested": number, "unitno": "x", "events": [scan]} for number in ("B2", "A1")]
    handler, asked = recorder({"parcels": parcels})
    answers = ask(gls.adapter, settings, handler, "A1", "B2", "C3")
    assert [answers[number].outcome for number in ("A1", "B2", "C3")] == ["events", "events", "not_found"]
    assert asked[-1][1] == "/track-and-trace-v1/tracking/simple/trackids/A1,B2,C3?showEvents=true"


def test_usps_is_asked_for_all_scans(settings):
    reply = {"trackingNumber": "9400", "trackingEvents": [{"eventCode": "01", "eventTimestamp": "2025-03-14T10:00:00"}]}
    handler, asked = recorder(reply)
    assert ask(usps.adapter, settings, handler, "9400")["9400"].outcome == "events"
    assert asked[-1][1] == "/tracking/v3/tracking/9400?expand=DETAIL"


def test_numbers_cannot_climb_out_of_the_path(settings):
    handler, asked = recorder({})
    ask(usps.adapter, settings, handler, "../../oauth?x=1")
    assert asked[-1][1] == "/tracking/v3/tracking/..%2F..%2Foauth%3Fx=1?expand=DETAIL"


def test_easypost_is_told_whose_number_it_is(settings):
    tracker = {"object": "Tracker", "tracking_code": "X", "status": "unknown", "tracking_details": []}
    handler, asked = recorder(tracker)

    async def work(url):
        settings.CARRIER_ACCESS = {**settings.CARRIER_ACCESS, "EASYPOST_URL": url, "EASYPOST_API_KEY": "k"}
        return await easypost.adapter().track_as("dpd", [Asked("X", BOOKED_AT)], NOW)

    (answer,) = with_server(handler, work)
    assert answer.not_found
    assert asked == [("POST", "/v2/trackers", '{"tracker": {"tracking_code": "X", "carrier": "DPD"}}')]


def test_aftership_registers_the_numbers_it_does_not_know(settings):
    point = {"subtag": "Delivered_001", "checkpoint_time": "2025-03-14T10:00:00+01:00"}

    def reply(request):
        if request.method == "POST":
            return {"meta": {"code": 201}, "data": {"tracking_number": "NEW", "checkpoints": []}}
        return {"meta": {"code": 200}, "data": {"trackings": [{"tracking_number": "OLD", "checkpoints": [point]}]}}

    handler, asked = recorder(reply)
    answers = ask(aftership.adapter, settings, handler, "OLD", "NEW")
    assert [answers[number].outcome for number in ("OLD", "NEW")] == ["events", "not_found"]
    assert [body for method, _, body in asked if method == "POST"] == ['{"tracking_number": "NEW"}']
