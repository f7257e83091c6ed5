"""Header fields of every make: decoded, cleaned, and never believed more than they deserve."""

import pytest

from warrantydesk.intake.reading import ReadMail, read_mail
from warrantydesk.intake.reading.addresses import read_mailboxes
from warrantydesk.intake.reading.encoded_words import decode_words


def read(*fields: bytes) -> ReadMail:
    return read_mail(b"\r\n".join([b"X-First: 1", *fields, b"", b"body"]))


@pytest.mark.parametrize(
    ("encoded", "expected"),
    [
        pytest.param("=?utf-8?B?W1dhcnJhbnR5XSDwn5Sn?=", "[Warranty] 🔧", id="base64_emoji"),
        pytest.param("=?iso-8859-1?Q?Ger=E4t_kaputt?=", "Gerät kaputt", id="quoted_printable"),
        pytest.param("=?UTF-8?q?a?= =?UTF-8?q?b?=", "ab", id="blank_between_words_goes"),
        pytest.param("x =?UTF-8?q?a?= y", "x a y", id="blank_beside_text_stays"),
        pytest.param("=?utf-8?Q?=C3?= =?utf-8?Q?=A4?=", "ä", id="letter_torn_apart"),
        pytest.param("=?utf-8?Q?a?==?utf-8?Q?b?=", "ab", id="no_blank_between"),
        pytest.param("=?utf-8?b?YQ==?= then =?iso-8859-1?Q?=E4?= end", "a then ä end", id="text_between_two"),
        pytest.param("=?iso-8859-1?q?=E4_b_=E4?= c =?utf-8?q?d?=", "ä b ä c d", id="blanks_as_low_lines"),
        pytest.param("=?utf-8*de?Q?a?=", "a", id="with_a_language"),
        pytest.param("=?x-nonsense?Q?a=E4?=", "aä", id="unknown_charset"),
        pytest.param("=?utf-8?B?YWJj", "=?utf-8?B?YWJj", id="never_closed"),
        pytest.param("=?utf-8?B?YWJ?=", "ab", id="padding_missing"),
        pytest.param("=?utf-8?Q?why?_because?=", "why? because", id="question_mark_inside"),
        pytest.param("=?iso-2022-jp?B?GyRCSjg7ehsoQg==?=", "文字", id="japanese"),
        pytest.param("=?gb2312?B?sai45g==?=", "报告", id="chinese"),
    ],
)
def test_encoded_words_are_decoded_when_written_like_this(encoded: str, expected: str) -> None:
    assert decode_words(encoded) == expected


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        pytest.param(b"Subject: plain", "plain", id="plain"),
        pytest.param(b"Subject: [Warranty\r\n Request] folded", "[Warranty Request] folded", id="folded"),
        pytest.param(b"Subject: Ger\xe4t", "Gerät", id="raw_latin1"),
        pytest.param("Subject: Gerät 🔧".encode(), "Gerät 🔧", id="raw_utf8"),
        pytest.param(b"Subject: a\x00b\x07c", "ab c", id="nul_and_bell"),
        pytest.param("Subject: a\u202egpj\u2066x".encode(), "agpjx", id="direction_controls"),
        pytest.param("Subject: 👩\u200d🔧 x".encode(), "👩\u200d🔧 x", id="joined_emoji_stay"),
        pytest.param(b"Subject: " + b"A" * 500_000, "A" * 249 + "…", id="half_a_megabyte"),
        pytest.param(b"X-Subject: no", "", id="none"),
        pytest.param(b"SUBJECT : blank before the colon", "blank before the colon", id="blank_before_colon"),
        pytest.param(b"Subject: one\r\nSubject: two", "one", id="two_subjects"),
    ],
)
def test_subject_can_be_shown_when_it_came_like_this(field: bytes, expected: str) -> None:
    assert read(field).subject == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param(b"Ada Kunde <Ada@Example.com>", [("Ada Kunde", "ada@example.com")], id="usual"),
        pytest.param(b"ada@example.com", [("", "ada@example.com")], id="bare"),
        pytest.param(
            b"Ada (of (the other) desk) L <a@b.example>, (no one) c@d.example (x) y",
            [("Ada L", "a@b.example"), ("", "c@d.example")],
            id="comments_in_comments",
        ),
        pytest.param(b'"Ada \\"Q\\" L" <a@b.example>', [('Ada "Q" L', "a@b.example")], id="quotes_in_quotes"),
        pytest.param(b'"" <a@b.example>', [("", "a@b.example")], id="empty_quotes"),
        pytest.param(b"mail to a@b.example.", [("", "a@b.example")], id="full_stop_behind"),
        pytest.param(b"a@" + b"b" * 250 + b".ex", [("a@" + "b" * 197 + "…", "")], id="one_letter_too_long"),
        pytest.param(b"a@" + b"b" * 249 + b".ex", [("", "a@" + "b" * 249 + ".ex")], id="as_long_as_may_be"),
        pytest.param(b"ada@example.com (Ada)", [("", "ada@example.com")], id="comment"),
        pytest.param(
            b'"staff@shop.example" <evil@example.org>', [("staff@shop.example", "evil@example.org")], id="spoof"
        ),
        pytest.param(
            b'"a <v@x.example>" <evil@example.org>', [("a <v@x.example>", "evil@example.org")], id="spoof_angle"
        ),
        pytest.param(b'"staff@shop.example"', [("staff@shop.example", "")], id="address_only_in_quotes"),
        pytest.param(
            b'"Kunde, Ada" <a@b.example>, c@d.example', [("Kunde, Ada", "a@b.example"), ("", "c@d.example")], id="two"
        ),
        pytest.param(b"=?utf-8?Q?J=C3=B6rg?= <j@x.example>", [("Jörg", "j@x.example")], id="encoded_name"),
        pytest.param(b"=?utf-8?Q?J_<j=40x.example>?=", [("J", "j@x.example")], id="all_encoded"),
        pytest.param(b"Friends: a@b.example, c@d.example;", [("", "a@b.example"), ("", "c@d.example")], id="group"),
        pytest.param(b"undisclosed-recipients:;", [], id="empty_group"),
        pytest.param(b"<>", [("", "")], id="empty_angle"),
        pytest.param(b"a@b@c", [("a@b@c", "")], id="two_ats"),
        pytest.param(b"alice@a.example)bob@b.example", [("", "bob@b.example")], id="cve_2023_27043"),
        pytest.param(b"Ada (Kunde <a@b.example>", [("Ada Kunde", "a@b.example")], id="open_comment"),
        pytest.param("x <a\u202eb@c.example>".encode(), [("x", "")], id="turning_address"),
        pytest.param(b"(" * 20_000, [], id="nested_comments"),
        pytest.param(b"\xff\xfe", [("ÿþ", "")], id="rubbish"),
        pytest.param(b"", [], id="nothing"),
        pytest.param(b"'a@b.example' <'a@b.example'>", [("'a@b.example'", "a@b.example")], id="single_quotes"),
    ],
)
def test_mailboxes_are_read_when_written_like_this(value: bytes, expected: list[tuple[str, str]]) -> None:
    assert [(box.name, box.address) for box in read_mailboxes(value, 10)] == expected


def test_first_sender_is_taken_and_all_are_counted_when_there_are_two_froms() -> None:
    mail = read(b"From: Ada <ada@example.com>", b"From: staff@shop.example")
    assert (mail.from_name, mail.from_address, mail.from_count) == ("Ada", "ada@example.com", 2)
    assert "2 senders named, one is taken" in mail.troubles


def test_reply_to_and_sender_are_ignored_when_they_name_someone_else() -> None:
    mail = read(b"Reply-To: victim@example.org", b"Sender: victim@example.org", b"From: ada@example.com")
    assert mail.from_address == "ada@example.com"
    assert "victim@example.org" not in mail.to_addresses


def test_sender_is_empty_when_there_is_no_from() -> None:
    mail = read(b"Reply-To: victim@example.org")
    assert (mail.from_name, mail.from_address, mail.from_count) == ("", "", 0)
    assert "no usable sender address" in mail.troubles


def test_recipients_come_from_all_fields_when_several_name_them() -> None:
    mail = read(b"To: A@b.example", b"Cc: c@d.example, a@b.example", b"Delivered-To: desk+tok@e.example")
    assert mail.to_addresses == ("a@b.example", "c@d.example", "desk+tok@e.example")


def test_references_are_listed_once_when_they_repeat() -> None:
    mail = read(b"References: <a@b> <c@d>\r\n <a@b> rubbish", b"In-Reply-To: <c@d> (yesterday)")
    assert mail.references == ("<a@b>", "<c@d>")
    assert mail.in_reply_to == "<c@d>"


def test_date_is_shown_as_written_when_it_is_absurd() -> None:
    assert read(b"Date: Fri, 31 Feb 9999 99:99:99 +9999").date_text == "Fri, 31 Feb 9999 99:99:99 +9999"


def test_mailbox_keeps_the_address_as_it_was_written_and_no_more_are_read_than_asked_for() -> None:
    value = b"Ada <Ada+Tok@Example.com>, b@c.example, d@e.example"
    assert [box.written for box in read_mailboxes(value, 2)] == ["Ada+Tok@Example.com", "b@c.example"]
