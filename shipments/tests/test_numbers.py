"""Tracking numbers as people write them: whose they may be, and what is wrong with them."""

import csv
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shipments import number_formats as formats
from shipments.carriers.registry import readers
from shipments.number_formats import CARRIER_NAMES, FORMATS, POSTS, gls, iso7064, mod7, s10
from shipments.numbers import PROBLEMS, Candidate, may_be_of, normalise, recognise

KNOWN = (
    # written, normalised, likeliest carrier, check
    pytest.param("1z 999 aa1 01 2345 6784", "1Z999AA10123456784", "ups", "ok", id="ups-with-blanks"),
    pytest.param("１Ｚ９９９ＡＡ１０１２３４５６７８４", "1Z999AA10123456784", "ups", "ok", id="full-width"),
    pytest.param("1Z999-AA1-01–2345—6784", "1Z999AA10123456784", "ups", "ok", id="all-sorts-of-dashes"),
    pytest.param("#1Z999AA10123456784;", "1Z999AA10123456784", "ups", "ok", id="cut-out-of-a-sentence"),
    pytest.param("\ufeff1Z999AA1\u200b0123456784\u00ad", "1Z999AA10123456784", "ups", "ok", id="invisible-characters"),
    pytest.param("K1506235620", "K1506235620", "ups", "ok", id="ups-waybill"),
    pytest.param("986578788855", "986578788855", "fedex", "ok", id="fedex-express"),
    pytest.param("0414 4176 0228 964", "041441760228964", "fedex", "ok", id="fedex-ground"),
    pytest.param("9611020987654312345672", "9611020987654312345672", "fedex", "ok", id="fedex-ground-96"),
    pytest.param("61299998820821171811", "61299998820821171811", "fedex", "ok", id="fedex-smartpost-old"),
    pytest.param("0307 1790 0005 2348 3741", "03071790000523483741", "usps", "ok", id="usps-20"),
    pytest.param("9400 1112 0108 0805 4830 16", "9400111201080805483016", "usps", "ok", id="usps-22"),
    pytest.param("420 22153 9101026837331000039521", "420221539101026837331000039521", "usps", "ok", id="usps-zip"),
    pytest.param("4201002334249200190132607600833457", "4201002334249200190132607600833457", "usps", "ok", id="zip+4"),
    pytest.param("3318810025", "3318810025", "dhl", "ok", id="dhl-express-10"),
    pytest.param("73891051146", "73891051146", "dhl", "ok", id="dhl-express-11"),
    pytest.param("jjd0099999999", "JJD0099999999", "dhl", "none", id="dhl-piece"),
    pytest.param("JJD1410302937991", "JJD1410302937991", "dhl", "none", id="dhl-paket-jjd"),
    pytest.param("00340 43383 64426 36597", "00340433836442636597", "dhl", "ok", id="dhl-paket-20"),
    pytest.param("01015026003653c", "01015026003653C", "dpd", "ok", id="dpd-with-check"),
    pytest.param("0140 5400 9450 58", "01405400945058", "dpd", "none", id="dpd-14"),
    pytest.param("%008182709980000020033350276C", "008182709980000020033350276C", "dpd", "ok", id="dpd-barcode"),
    pytest.param("XHAX4HDA", "XHAX4HDA", "gls", "none", id="gls-track-id"),
    pytest.param("RB 123 456 785 GB", "RB123456785GB", "royal_mail", "ok", id="royal-mail"),
    pytest.param("RB123456785US", "RB123456785US", "usps", "ok", id="s10-of-a-known-post"),
    pytest.param("C1103 1500 0018 79", "C11031500001879", "ontrac", "ok", id="ontrac"),
    pytest.param("331433582193", "331433582193", "purolator", "ok", id="purolator"),
    pytest.param("RB123456785CV", "RB123456785CV", "s10", "ok", id="s10-of-another-post"),
)

ADDRESSES = (
    pytest.param("https://www.ups.com/track?loc=en_US&tracknum=1Z999AA10123456784&x=1", "1Z999AA10123456784", id="ups"),
    pytest.param("https://www.royalmail.com/track-your-item#/tracking-results/RB123456785GB", "RB123456785GB", id="rm"),
    pytest.param("https://tracking.dpd.de/status/de_DE/parcel/01405400945058", "01405400945058", id="dpd"),
    pytest.param(
        "https://tools.usps.com/TrackConfirmAction?tLabels=9400111201080805483016", "9400111201080805483016", id="usps"
    ),
    pytest.param("www.fedex.com/fedextrack/?trknbr=986578788855", "986578788855", id="without-scheme"),
    pytest.param("https://t.example/?n=RB%20123456785%20GB", "RB123456785GB", id="percent-encoded"),
    pytest.param("https://gls-group.eu/DE/de/paketverfolgung?match=36301917596", "36301917596", id="gls-unit"),
    pytest.param("https://www.dhl.de/verfolgen.html?piececode=420000000006&cid=x", "420000000006", id="dhl-identcode"),
    pytest.param("https://www.dhl.com/de-en/home/tracking.html?tracking-id=3318810025", "3318810025", id="dhl-express"),
    pytest.param("https://track.aftership.com/dpd/01405400945058", "01405400945058", id="an-aggregators-page"),
    pytest.param("Tracking number: 1Z999AA10123456784", "1Z999AA10123456784", id="label"),
    pytest.param("UPS 1Z999AA10123456784 thanks", "1Z999AA10123456784", id="words-around-it"),
    pytest.param("YT1234567890123456/1Z999AA10123456784", "1Z999AA10123456784", id="a-check-digit-says-more"),
)

WRONG = (
    pytest.param("", "empty", id="empty"),
    pytest.param(" - ", "empty", id="only-dashes"),
    pytest.param("it is on its way", "no_digit", id="words"),
    pytest.param("12ab/34", "bad_character", id="slash"),
    pytest.param("000000000000", "same_digit", id="zeros"),
    pytest.param("1234567", "too_short", id="seven-digits"),
    pytest.param("1Z999AA1012345678", "too_short", id="ups-one-short"),
    pytest.param("1Z999AA101234567845", "too_long", id="ups-one-long"),
    pytest.param("9" * 22 + "8" * 30, "too_long", id="longer-than-any"),
    pytest.param("1" * 50_000, "too_long", id="a-novel"),
    pytest.param("1Z999AA10123456785", "check_digit", id="ups-check"),
    pytest.param("1Z999AA10123456874", "check_digit", id="ups-swapped"),
    pytest.param("RB123456786US", "check_digit", id="s10-check"),
    pytest.param("RB123456785XX", "check_digit", id="s10-of-no-country"),
    pytest.param("MYHERMES12345678", "unknown_format", id="nobody-known"),
    pytest.param("1234567A", "unknown_format", id="as-short-as-any"),
    pytest.param("1" + "A" * 41, "unknown_format", id="as-long-as-any"),
    pytest.param("1Z999AA10123456784, 1Z5R89390357567127", "several", id="two-numbers"),
    pytest.param("https://example.com/track", "no_number_in_address", id="address-without-number"),
)


CHECKED = (
    # check, its place from the end, numbers it fits
    pytest.param(formats.fedex, 1, ("794625813472", "508172639481", "123456789045"), id="fedex"),
    pytest.param(formats.fedex, 1, ("123456789090",), id="fedex-ten-is-nought"),
    pytest.param(formats.fedex_astra, 5, ("32000000000000001234567890125555",), id="fedex-astra"),
    pytest.param(formats.luhn, 1, ("331433582193", "07212345677"), id="luhn"),
    pytest.param(formats.ontrac, 1, ("C11031500001879", "D11031500001878"), id="ontrac"),
    pytest.param(formats.usps_legacy, 1, ("71234567890123456780",), id="usps-with-a-91-not-printed"),
    pytest.param(formats.smartpost, 1, ("61123456789012345677",), id="smartpost-with-a-92-not-printed"),
    pytest.param(formats.s10, 3, ("RB473124850GB", "RB473124885GB", "RB123456785GB"), id="s10-ten-and-eleven"),
    pytest.param(formats.fedex, 1, ("1055555555555555555555794625813472",), id="fedex-the-last-twelve-of-34"),
    pytest.param(formats.iso7064, 1, ("100000000000040",), id="dpd-one-is-nought"),
    pytest.param(formats.identcode, 1, ("563102437848",), id="identcode"),
)


@pytest.mark.parametrize(("check", "place", "numbers"), CHECKED)
def test_check_fits_one_digit_and_no_other(check, place, numbers):
    for number in numbers:
        at = len(number) - place
        fitting = [digit for digit in "0123456789" if check(number[:at] + digit + number[at + 1 :])]
        assert fitting == [number[at]]


@pytest.mark.parametrize(("written", "normalised", "carrier", "check"), KNOWN)
def test_recognise_names_the_carrier_when_its_format_fits(written, normalised, carrier, check):
    found = recognise(written)
    assert (found.normalised, found.valid, found.problem) == (normalised, True, "")
    assert found.carriers[0] == carrier
    assert check in {candidate.check for candidate in found.candidates if candidate.carrier == carrier}


@pytest.mark.parametrize(("written", "number"), ADDRESSES)
def test_recognise_reads_the_number_when_more_than_it_was_pasted(written, number):
    found = recognise(written)
    assert (found.normalised, found.valid) == (number, True)


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        pytest.param("١٢٣ab", "123AB", id="digits-of-another-script"),
        pytest.param("#12a,", "12A", id="comma"),
        pytest.param("%12a;", "12A", id="semicolon"),
        pytest.param(",12a", ",12A", id="comma-in-front"),
    ],
)
def test_normalise_leaves_what_was_meant(written, plain):
    assert normalise(written) == plain


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        pytest.param("A1" * 1500, "A1" * 21, id="a-novel"),
        pytest.param("YT1234567890123456 YT1234567890123457", "YT1234567890123456YT1234567890123457", id="two-numbers"),
        pytest.param("https://dhl.de/track", "HTTPS://DHLDE/TRACK", id="address"),
    ],
)
def test_recognise_shows_what_it_read_when_it_is_no_number(written, shown):
    assert recognise(written).normalised == shown


def test_recognise_names_the_service_when_there_is_no_check_digit():
    assert recognise("YT1234567890123456").candidates == (Candidate("yunexpress", "yunexpress", "none"),)


@pytest.mark.parametrize(("written", "problem"), WRONG)
def test_recognise_says_what_is_wrong_when_it_is_no_number(written, problem):
    found = recognise(written)
    assert (found.valid, found.problem_code, found.candidates) == (False, problem, ())
    assert found.problem == PROBLEMS[problem]


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        pytest.param("MYHERMES12345678", True, id="unknown-format"),
        pytest.param("1234567", True, id="short-but-a-number"),
        pytest.param("1Z999AA10123456784", True, id="somebody-elses"),
        pytest.param("123", False, id="too-short-to-be-one"),
        pytest.param("no number", False, id="no-digit"),
        pytest.param("A" * 39 + "12", False, id="too-long-for-the-column"),
    ],
)
def test_recognised_may_be_kept_when_it_could_be_anybodys_number(written, kept):
    assert recognise(written).may_be_kept is kept


@pytest.mark.parametrize(
    ("carrier", "number", "expected"),
    [
        pytest.param("gls", "36301917596", True, id="gls-unit"),
        pytest.param("dhl", "36301917596", False, id="somebody-elses-unit"),
        pytest.param("dhl", "420000000006", True, id="identcode"),
        pytest.param("dhl", "420000000008", False, id="identcode-with-another-check"),
        pytest.param("ups", "1Z999AA10123456784", True, id="known-anyway"),
        pytest.param("gls", "", False, id="nothing"),
    ],
)
def test_plain_number_is_believed_when_its_carrier_is_named(carrier, number, expected):
    assert may_be_of(carrier, number) is expected


@pytest.mark.parametrize(
    "written",
    [
        pytest.param("36301917596", id="by-itself"),
        pytest.param("https://example.com/?match=36301917596", id="on-somebody-elses-page"),
        pytest.param("https://gls-group.eu.example.com/?match=36301917596", id="on-a-page-that-looks-like-theirs"),
        pytest.param("https://gls-group.eu/?a=36301917596&b=36301917597", id="two-of-them"),
    ],
)
def test_plain_number_says_nothing_by_itself(written):
    assert not recognise(written).valid


# Formats the shared vectors lack: a number that fits, its check digit in the last place or two letters before the end.
FURTHER = (
    pytest.param("dhl", "dhl_paket", "00340434292135100186", 19, id="dhl-paket"),
    pytest.param("dhl", "dhl_paket", "00340434161094015902", 19, id="dhl-paket-2"),
    pytest.param("gls", "gls_parcel", "363019175961", 11, id="gls"),
    pytest.param("dpd", "dpd_14", "01015026003653C", 14, id="dpd-14"),
    pytest.param("dpd", "dpd", "008182709980000020033350276C", 27, id="dpd-28"),
    pytest.param("usps", "usps_impb", "92001903060000000000000000", 25, id="usps-26"),
    pytest.param("usps", "usps_impb", "420100239400111201080805483016", 29, id="usps-zip-5"),
    pytest.param("usps", "usps_impb", "4201002312349400111201080805483016", 33, id="usps-zip-9"),
    pytest.param("swiss_post", "s10", "RB123456785CH", 10, id="s10-ch"),
    pytest.param("la_poste", "s10", "LX123456785FR", 10, id="s10-fr"),
    pytest.param("ups", "ups", "1Z5R89390357567127", 17, id="ups"),
    pytest.param("fedex", "fedex_smartpost", "9261299998820821171811", 21, id="smartpost-92"),
)


@pytest.mark.parametrize(("carrier", "service", "number", "place"), FURTHER)
def test_recognise_knows_the_formats_the_shared_vectors_lack(carrier, service, number, place):
    own = {candidate.service for candidate in recognise(number).candidates if candidate.carrier == carrier}
    assert service in own
    alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ" if number[place].isalpha() else "0123456789"
    others = [number[:place] + char + number[place + 1 :] for char in alphabet if char != number[place]]
    taken = [other for other in others if service in {candidate.service for candidate in recognise(other).candidates}]
    assert taken == []


@pytest.mark.shared_data
def test_recognise_finds_the_courier_when_the_vector_is_valid(shared_data):
    missed = [
        (row["id"], row["number"], recognise(row["number"]).candidates)
        for row in _vectors(shared_data)
        if row["expected"] == "valid"
        and row["courier"] not in {candidate.carrier for candidate in recognise(row["number"]).candidates}
    ]
    assert not missed


@pytest.mark.shared_data
def test_recognise_refuses_nearly_every_vector_when_its_check_digit_is_wrong(shared_data, record_property):
    wrong = [row for row in _vectors(shared_data) if row["expected"] == "invalid" and row["checksum"]]
    refused = [row for row in wrong if not recognise(row["number"]).valid]
    taken_for_its_own = [
        row for row in wrong if row["courier"] in {c.carrier for c in recognise(row["number"]).candidates}
    ]
    record_property("refused", f"{len(refused)} of {len(wrong)}")
    assert len(wrong) >= 25
    assert len(refused) / len(wrong) >= 0.95
    assert not taken_for_its_own


@pytest.mark.shared_data
def test_recognise_refuses_nearly_every_number_when_its_check_digit_is_changed(shared_data, record_property):
    outcomes: Counter[bool] = Counter()
    for row in _vectors(shared_data):
        if row["expected"] == "valid" and row["checksum"]:
            number = normalise(row["number"])
            outcomes.update(recognise(changed).valid for changed in _with_another_check(number, row["id"]))
    record_property("refused", f"{outcomes[False]} of {outcomes.total()}")
    assert outcomes[False] / outcomes.total() >= 0.95


def _vectors(shared_data: Path) -> list[dict[str, str]]:
    with (shared_data / "tracking" / "tracking_numbers.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _with_another_check(number: str, form: str) -> list[str]:
    place = {"s10": len(number) - 3, "fedex_astra_32": 27}.get(form, len(number) - 1)
    return [number[:place] + digit + number[place + 1 :] for digit in "0123456789" if digit != number[place]]


def test_every_carrier_has_a_name_when_it_can_be_a_candidate():
    codes = {form.carrier for form in FORMATS} | set(POSTS.values())
    assert codes <= CARRIER_NAMES.keys()


def test_every_carrier_asked_directly_has_a_number_in_the_table():
    direct = {code for code, one in readers().items() if not one.aggregates}
    assert direct - {row.values[2] for row in KNOWN} == set(), "KNOWN: a number as it is written, and whose it is"


@given(st.text(max_size=80))
def test_recognise_answers_whatever_is_written(written):
    found = recognise(written)
    assert found.valid is (found.problem_code == "")


@given(st.text(st.characters(codec="ascii"), max_size=60))
def test_normalise_changes_nothing_when_done_twice(written):
    once = normalise(written)
    assert normalise(once) == once


@given(st.integers(min_value=10**9, max_value=10**10 - 1), st.integers(min_value=1, max_value=9))
def test_mod7_notices_one_wrong_digit_unless_it_is_seven_off(body, off):
    number = f"{body}{body % 7}"
    changed = str((int(number[0]) + off) % 10 or 1) + number[1:]
    difference = abs(int(changed[0]) - int(number[0]))
    assert mod7(changed) is (difference in (0, 7))


@given(st.text("0123456789", min_size=11, max_size=11), st.integers(0, 10), st.integers(1, 9))
def test_gls_notices_one_wrong_digit(body, place, off):
    number = next(f"{body}{digit}" for digit in range(10) if gls(f"{body}{digit}"))
    wrong = number[:place] + str((int(number[place]) + off) % 10) + number[place + 1 :]
    assert not gls(wrong)


@given(st.text("0123456789", min_size=14, max_size=14), st.integers(0, 13), st.integers(1, 9))
def test_iso7064_notices_one_wrong_digit(body, place, off):
    alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    fitting = [char for char in alphabet if iso7064(body + char)]
    wrong = body[:place] + str((int(body[place]) + off) % 10) + body[place + 1 :]
    assert len(fitting) == 1
    assert not iso7064(wrong + fitting[0])


@given(st.text("0123456789", min_size=8, max_size=8))
def test_s10_has_exactly_one_check_digit(body):
    assert sum(s10(f"RB{body}{digit}DE") for digit in range(10)) == 1
