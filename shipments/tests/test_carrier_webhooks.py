"""What a call from outside is worth: signed over its bytes and fresh, a hint, or nothing."""

import base64
import datetime as dt
import hashlib
import hmac
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shipments.carriers.registry import readers
from shipments.carriers.signatures import instant, is_fresh, signature_fits, token_fits

ANSWERS = Path(__file__).parent / "answers"
NOW = dt.datetime(2025, 3, 15, 4, 5, tzinfo=dt.UTC)
STALE = NOW + dt.timedelta(hours=1)
EARLY = NOW - dt.timedelta(hours=1)
NEW, OLD = "new-secret", "old-secret"
SIGNED = ("easypost", "aftership", "fedex", "usps")
HINTS = {"dhl": "X-Webhook-Token", "ups": "Credential"}


@pytest.fixture(autouse=True)
def secrets(settings):
    carriers = [carrier.upper() for carrier in (*SIGNED, *HINTS)]
    settings.CARRIER_WEBHOOK_SECONDS = 900
    settings.CARRIER_ACCESS = {
        **settings.CARRIER_ACCESS,
        **{f"{carrier}_WEBHOOK_SECRET": NEW for carrier in carriers},
        **{f"{carrier}_WEBHOOK_SECRET_OLD": OLD for carrier in carriers},
    }


def body_of(carrier: str) -> bytes:
    """A webhook's body as the carrier sends it, dated five minutes before NOW."""
    raw = (ANSWERS / f"{carrier}.json").read_bytes()
    if carrier == "aftership":
        return json.dumps({**json.loads(raw), "ts": int(NOW.timestamp()) - 300}).encode()
    if carrier == "usps":
        return json.dumps({"timestamp": "2025-03-15T04:00:00Z", "payload": raw.decode()}).encode()
    return raw


def digest(secret: str, message: bytes) -> bytes:
    return hmac.new(secret.encode(), message, hashlib.sha256).digest()


def headers_of(carrier: str, body: bytes, secret: str = NEW) -> dict[str, str]:
    """The headers that sign this body, as each carrier writes them."""
    if carrier == "easypost":
        return {"X-Hmac-Signature": f"hmac-sha256-hex={digest(secret, body).hex()}"}
    if carrier == "usps":
        envelope = json.loads(body)
        signed = (envelope["timestamp"] + envelope["payload"]).encode()
        return {"X-HMAC": base64.b64encode(digest(secret, signed)).decode()}
    name = {"aftership": "aftership-hmac-sha256", "fedex": "fdx-signature"}[carrier]
    return {name: base64.b64encode(digest(secret, body)).decode()}


def judged(carrier, headers, body, now=NOW):
    return readers()[carrier].parse_webhook(headers, body, now)


def test_every_adapter_with_webhooks_is_judged_here():
    judging = {code for code, one in readers().items() if one.webhooks}
    assert {*SIGNED, *HINTS} == judging, "SIGNED (with its header in headers_of), or HINTS where nothing signs the body"


@pytest.mark.parametrize("carrier", SIGNED)
@pytest.mark.parametrize("secret", [NEW, OLD])
def test_webhook_is_proved_when_either_secret_signed_it(carrier, secret):
    body = body_of(carrier)
    answer = judged(carrier, headers_of(carrier, body, secret), body)
    assert (answer.trust, answer.reason) == ("proved", "")
    told = [(one.number, one.events, one.reason) for one in answer.answers]
    assert told == [(one.number, one.events, one.reason) for one in readers()[carrier].parse(body)]
    assert answer.numbers


@pytest.mark.parametrize("carrier", SIGNED)
def test_webhook_tells_the_same_facts_as_a_poll(carrier):
    body = body_of(carrier)
    polled = readers()[carrier].parse((ANSWERS / f"{carrier}.json").read_bytes())
    told = judged(carrier, headers_of(carrier, body), body).answers
    facts = [[event.fact for answer in answers for event in answer.events] for answers in (polled, told)]
    assert facts[0] == facts[1] != []


@pytest.mark.parametrize("carrier", SIGNED)
@pytest.mark.parametrize(
    "forge",
    [
        pytest.param(lambda headers, body: ({}, body), id="no-signature"),
        pytest.param(lambda headers, body: (headers, body.replace(b"2025-03-1", b"2025-02-1")), id="body-changed"),
        pytest.param(lambda headers, body: (dict.fromkeys(headers, "ff" * 32), body), id="another-signature"),
        pytest.param(lambda headers, body: (dict.fromkeys(headers, "ä" * 8), body), id="no-digest"),
        pytest.param(lambda headers, body: (headers, b"not json"), id="no-json"),
        pytest.param(lambda headers, body: (headers, b'{"timestamp": 1, "payload": []}'), id="another-envelope"),
    ],
)
def test_webhook_is_refused_when_its_signature_does_not_fit(carrier, forge):
    body = body_of(carrier)
    answer = judged(carrier, *forge(headers_of(carrier, body), body))
    assert (answer.trust, answer.answers) == ("refused", ())
    assert answer.reason


@pytest.mark.parametrize("carrier", SIGNED)
def test_webhook_is_refused_when_signed_with_a_secret_of_nobody(carrier):
    body = body_of(carrier)
    assert judged(carrier, headers_of(carrier, body, "third-secret"), body).trust == "refused"


@pytest.mark.parametrize("carrier", ["easypost", "aftership", "usps"])
@pytest.mark.parametrize("now", [STALE, EARLY], ids=["too-old", "from-the-future"])
def test_webhook_is_a_hint_only_when_its_time_is_far_from_ours(carrier, now):
    body = body_of(carrier)
    answer = judged(carrier, headers_of(carrier, body), body, now)
    assert answer.trust == "hint"
    assert answer.numbers


@pytest.mark.parametrize(("carrier", "header"), HINTS.items())
@pytest.mark.parametrize(
    ("token", "trust"), [(NEW, "hint"), (OLD, "hint"), ("guess", "refused"), ("", "refused"), ("ü", "refused")]
)
def test_webhook_is_a_hint_at_most_when_nothing_signs_its_body(carrier, header, token, trust):
    answer = judged(carrier, {header: token}, body_of(carrier))
    assert answer.trust == trust
    assert bool(answer.numbers) is (trust == "hint")


@pytest.mark.parametrize("carrier", [*SIGNED, *HINTS])
def test_webhook_is_refused_when_no_secret_is_set(settings, carrier):
    settings.CARRIER_ACCESS = {}
    answer = judged(carrier, {}, body_of(carrier))
    assert (answer.trust, answer.reason) == ("refused", f"{carrier.upper()}_WEBHOOK_SECRET is not set.")


def test_webhook_is_refused_where_the_carrier_has_none():
    assert judged("gls", {}, b"{}").trust == "refused"


def test_easypost_second_signature_covers_time_and_path():
    body, since, path = body_of("easypost"), "2025-03-15T04:00:00Z", "/hooks/tracking/easypost/"
    signed = f"{since}POST{path}".encode() + body
    headers = {
        "x-hmac-signature-v2": f"hmac-sha256-hex={digest(NEW, signed).hex()}",
        "x-timestamp": since,
        "x-path": path,
    }
    assert judged("easypost", headers, body).trust == "proved"
    assert judged("easypost", {**headers, "x-timestamp": "2025-03-15T04:04:00Z"}, body).trust == "refused"
    assert judged("easypost", headers, body, STALE).trust == "hint"


@pytest.mark.parametrize(("carrier", "delivery"), [("easypost", "evt_hand"), ("aftership", "6f1c"), ("fedex", "")])
def test_webhook_names_the_call_so_that_it_counts_once(carrier, delivery):
    body = body_of(carrier)
    assert judged(carrier, headers_of(carrier, body), body).delivery == delivery


def test_webhook_about_something_else_is_proved_and_says_nothing():
    body = json.dumps({"object": "Event", "created_at": "2025-03-15T04:00:00Z", "result": {"object": "Batch"}}).encode()
    answer = judged("easypost", headers_of("easypost", body), body)
    assert (answer.trust, answer.numbers) == ("proved", ())
    assert [one.outcome for one in answer.answers] == ["not_an_answer"]


def test_ups_alert_is_read_as_a_scan():
    alert = {
        "trackingNumber": "1Z999AA10123456784",
        "localActivityDate": "20250314",
        "localActivityTime": "211500",
        "gmtActivityDate": "20250315",
        "gmtActivityTime": "011500",
        "activityStatus": {"type": "D", "code": "F4", "description": "DELIVERED"},
        "activityLocation": {"city": "ATLANTA", "stateProvince": "GA", "country": "US"},
    }
    (told,) = readers()["ups"].parse(alert)
    (polled,) = readers()["ups"].parse((ANSWERS / "ups.json").read_bytes())
    assert told.events[0].fact == polled.events[0].fact


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        pytest.param("2025-03-15T04:05:00Z", NOW, id="iso"),
        pytest.param("2025-03-15T04:05:00", NOW, id="iso-without-offset"),
        pytest.param("Sat, 15 Mar 2025 04:05:00 +0000", NOW, id="mail"),
        pytest.param(str(int(NOW.timestamp())), NOW, id="seconds"),
        pytest.param("never", None, id="never"),
        pytest.param("", None, id="empty"),
        pytest.param("9" * 40, None, id="end-of-time"),
        pytest.param("nan", None, id="nan"),
    ],
)
def test_instant_reads_what_webhooks_write(written, expected):
    assert instant(written) == expected


def test_fresh_goes_both_ways_and_ends_with_the_tolerance():
    tolerance = dt.timedelta(minutes=5)
    fresh = [is_fresh(NOW + dt.timedelta(seconds=off), NOW, tolerance) for off in (-301, -300, 0, 300, 301)]
    assert fresh == [False, True, True, True, False]
    assert not is_fresh(None, NOW, tolerance)


@settings(deadline=None)
@given(st.binary(max_size=50), st.text(max_size=90))
def test_signature_of_noise_never_fits(message, given):
    assert not signature_fits([NEW, ""], message, given)
    assert not signature_fits([], message, given)
    assert not token_fits([NEW, ""], given + "x")
