"""580 odd mails from the world and 42 that attack this desk (shared data)."""

import json
import time
from pathlib import Path

import pytest

from warrantydesk.intake.reading import ReadMail, Unreadable, read_mail

pytestmark = pytest.mark.shared_data

OWN = {"warranty@shop.example"}
# Mails the data's own heuristic (five headers) takes for a person's. The rule of contracts.md decides otherwise:
JUDGED_AUTOMATIC = {
    "0025.eml": "from MAILER-DAEMON: a bounce",
    "0185.eml": "multipart/report, feedback-report: a machine's complaint about a mail of ours",
    "0202.eml": "X-Envelope-From: <>, Postmaster's 'Delivery failed 10 attempts': a bounce",
    "0203.eml": "the whole mail is a message/delivery-status: a bounce",
    "0434.eml": "from MAILER-DAEMON with a message/delivery-status part: a bounce",
    "0437.eml": "X-Apple-Action: VACATION: an auto-reply",
    "0443.eml": "from Mailer-Daemon, 'created automatically by mail delivery software': a bounce",
}


@pytest.fixture(scope="module")
def real(shared_data: Path) -> list[tuple[dict, ReadMail | Unreadable, float]]:
    rows = [json.loads(line) for line in (shared_data / "mail/real/expected.jsonl").read_text().splitlines()]
    return [(row, *_timed(shared_data / "mail/real" / row["file"])) for row in rows]


def _timed(path: Path) -> tuple[ReadMail | Unreadable, float]:
    raw = path.read_bytes()
    before = time.process_time()
    try:
        answer: ReadMail | Unreadable = read_mail(raw, own_addresses=OWN)
    except Unreadable as refusal:
        answer = refusal
    return answer, time.process_time() - before


def test_every_real_mail_is_read_when_it_arrives(real: list) -> None:
    refused = [(row["file"], str(answer)) for row, answer, _seconds in real if isinstance(answer, Unreadable)]
    assert len(real) == 580
    assert refused == []


def test_slowest_real_mail_takes_less_than_two_seconds_when_read(real: list) -> None:
    assert max(seconds for _row, _answer, seconds in real) < 2


def test_automatic_agrees_when_compared_with_the_data(real: list) -> None:
    differing = {row["file"] for row, mail, _seconds in real if bool(mail.automatic) != row["auto"]}
    assert differing == set(JUDGED_AUTOMATIC)


def test_attachments_agree_when_compared_with_a_parsers_count(real: list) -> None:
    """A parser counts what has a name or says "attachment"; unnamed pictures and mails come on top with us."""
    sound = [(row, mail) for row, mail, _seconds in real if not row["parser_trouble"]]
    differing = [
        row["file"] for row, mail in sound if sum(file.named for file in mail.attachments) != row["attachments"]
    ]
    assert len(differing) <= len(sound) * 0.02, differing


def test_every_real_mail_is_a_request_with_its_numbers_when_read(real: list) -> None:
    missing = [
        row["file"]
        for row, mail, _seconds in real
        if not mail.is_request
        or row["invoice"] not in {one.value for one in mail.invoice_candidates}
        or row["serial"] not in {one.value for one in mail.serial_candidates}
    ]
    assert missing == []


REFUSED = {"40_no_headers": "no headers", "41_empty": "empty message", "52_100k_parts": "more than 1000 parts"}
AUTOMATIC = {
    "16_auto_replied": "auto-submitted: auto-replied",
    "17_auto_generated_param": "auto-submitted: auto-generated",
    "20_auto_submitted_upper": "auto-submitted: auto-replied",
    "21_null_return_path": "null return path",
    "22_list_id": "list",
    "23_precedence_bulk": "precedence: bulk",
    "25_dsn": "bounce",
    "26_from_own_address": "from ourselves",
}
NO_REQUEST = {"04_no_tag", "25_dsn", "32_spoofed_staff_reply", "33_foreign_in_reply_to"}
NO_NUMBERS = {"15_css_exfil", "25_dsn", "58_csv_formula", "59_case_number_guess", "60_tnef"}
OTHER_SERIALS = {"10_missing_serial": [], "11_two_serials": ["SN-1", "SN-2"], "35_null_bytes": ["SN-1"]}
FILES = {
    "42_att_ok": ["photo.jpg"],
    "43_att_traversal": ["x.jpg"],
    "44_att_html": ["report.html"],
    "47_att_rlo": ["invoicegpj.exe"],
    "48_att_empty": ["photo.jpg"],
    "49_rfc2231": ["phöto.jpg"],
    "50_500_attachments": [f"p{number}.jpg" for number in range(500)],
    "60_tnef": ["winmail.dat"],
}


@pytest.fixture(scope="module")
def hostile(shared_data: Path) -> dict[str, tuple[ReadMail | Unreadable, float]]:
    return {path.stem: _timed(path) for path in sorted((shared_data / "mail/hostile").glob("*.eml"))}


def test_hostile_mails_are_refused_only_when_nothing_can_be_read(hostile: dict) -> None:
    assert len(hostile) == 42
    assert {name: str(answer) for name, (answer, _) in hostile.items() if isinstance(answer, Unreadable)} == REFUSED


def test_slowest_hostile_mail_takes_less_than_two_seconds_when_read(hostile: dict) -> None:
    assert max(seconds for _answer, seconds in hostile.values()) < 2


def _readable(hostile: dict) -> dict[str, ReadMail]:
    return {name: answer for name, (answer, _) in hostile.items() if isinstance(answer, ReadMail)}


def test_hostile_mails_are_automatic_when_they_say_so(hostile: dict) -> None:
    assert {name: mail.automatic for name, mail in _readable(hostile).items() if mail.automatic} == AUTOMATIC
    assert hostile["25_dsn"][0].bounced_message_ids == ("<out-1@shop.example>",)


def test_hostile_mails_are_requests_when_the_subject_begins_so(hostile: dict) -> None:
    assert {name for name, mail in _readable(hostile).items() if not mail.is_request} == NO_REQUEST


def test_hostile_mails_give_their_numbers_when_they_hold_any(hostile: dict) -> None:
    for name, mail in _readable(hostile).items():
        serials = [one.value for one in mail.serial_candidates]
        assert serials == OTHER_SERIALS.get(name, [] if name in NO_NUMBERS else ["SN-AB12-9988"]), name


def test_hostile_mails_list_their_files_when_they_carry_any(hostile: dict) -> None:
    names = {name: [file.name for file in mail.attachments] for name, mail in _readable(hostile).items()}
    assert {name: files for name, files in names.items() if files} == FILES
    assert hostile["48_att_empty"][0].attachments[0].is_empty


def test_hostile_mails_have_the_same_identity_only_when_they_are_duplicates(hostile: dict) -> None:
    mails = _readable(hostile)
    assert mails["01_plain"].identity == mails["02_duplicate_of_01"].identity
    assert len({mail.identity.key for mail in mails.values()}) == len(mails) - 1


@pytest.mark.parametrize(
    ("name", "attribute", "expected"),
    [
        ("06_tag_encoded", "title", "Scharnier defekt 🔧"),
        ("08_tag_folded", "title", "folded"),
        ("13_html_only", "text", "Invoice number:INV-2024-00123\n\nSerial number: SN-AB12-9988\n\nx"),
        ("15_css_exfil", "text", "click"),
        ("28_reply_to_victim", "from_address", "ada@example.com"),
        ("30_two_froms", "from_address", "ada@example.com"),
        ("30_two_froms", "from_count", 2),
        ("31_from_display_spoof", "from_name", "staff@shop.example"),
        ("31_from_display_spoof", "from_address", "evil@example.org"),
        ("33_foreign_in_reply_to", "in_reply_to", "<case-000001-aaaa@shop.example>"),
        ("35_null_bytes", "title", "ab"),
        ("36_unknown_charset", "troubles", ("text is not what its charset says (x-unknown-9)",)),
        ("38_date_absurd", "date_text", "Fri, 31 Feb 9999 99:99:99 +9999"),
        ("54_long_subject", "subject", "[Warranty Request] " + "A" * 230 + "…"),
        ("55_bare_lf_bare_cr", "title", "x"),
        ("56_8bit_headers", "title", "Gerät"),
        ("59_case_number_guess", "case_references", ("WD-000002",)),
    ],
)
def test_hostile_mail_reads_as_expected_when_it_is_this_one(
    hostile: dict, name: str, attribute: str, expected: object
) -> None:
    assert getattr(hostile[name][0], attribute) == expected
