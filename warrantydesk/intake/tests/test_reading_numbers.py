"""Candidates for invoice, serial and tracking numbers, and our own marks coming back."""

import re

import pytest

from warrantydesk.intake.reading import DEFAULT_PATTERNS, Candidate, FoundIn, Patterns, read_mail
from warrantydesk.intake.reading.numbers_found import find_numbers
from warrantydesk.intake.reading.tokens import find_case_references, find_reply_tokens


def found(text: str, patterns: Patterns = DEFAULT_PATTERNS) -> tuple[list[str], list[str], list[str]]:
    numbers = find_numbers([(FoundIn.TEXT, text)], patterns, 50)
    return tuple([one.value for one in kind] for kind in (numbers.invoices, numbers.serials, numbers.trackings))  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("text", "invoices", "serials"),
    [
        pytest.param(
            "Invoice number: INV-2024-00123\nSerial number: SN-AB12-9988",
            ["INV-2024-00123"],
            ["SN-AB12-9988"],
            id="plain",
        ),
        pytest.param("INV-2024-00013 / SN-00000D Fwd", ["INV-2024-00013"], ["SN-00000D"], id="bare"),
        pytest.param("inv-2024-00123/sn-ab12-9988", ["INV-2024-00123"], ["SN-AB12-9988"], id="lower_case_and_slash"),
        pytest.param("order #1001, PK3-00417 broke", ["1001"], ["PK3-00417"], id="shop_order"),
        pytest.param("Serial number: SN-1\nSerial number: SN-2", [], ["SN-1", "SN-2"], id="two_serials_in_order"),
        pytest.param("Serial numbers: A1, B2 and C3", [], ["A1", "B2", "C3"], id="a_list"),
        pytest.param("Rechnungsnummer: RE-4711/24, Seriennr. PK3-00417", ["RE-4711/24"], ["PK3-00417"], id="german"),
        pytest.param("Seriennummer lautet X-99", [], ["X-99"], id="german_sentence"),
        pytest.param("N° de facture : F2024-0099; numéro de série: ABC123", ["F2024-0099"], ["ABC123"], id="french"),
        pytest.param("Factura n.º 2024/77 número de serie PK3-00417", ["2024/77"], ["PK3-00417"], id="spanish"),
        pytest.param(
            "請求書番号：12345 シリアル番号 ＰＫ３－００４１７", ["12345"], ["PK3-00417"], id="japanese_full_width"
        ),
        pytest.param("发票号码：A-778 序列号：PK3-00417", ["A-778"], ["PK3-00417"], id="chinese"),
        pytest.param("S/N: 12345, s.n. 44512, SN#A77", [], ["12345", "44512", "A77"], id="short_labels"),
        pytest.param("Invoice number\nA-1\nSerial number\nX99", ["A-1"], ["X99"], id="table_of_lines"),
        pytest.param("SN–AB12–9988", [], ["SN-AB12-9988"], id="en_dashes"),
        pytest.param("Serial number is broken", [], [], id="label_without_number"),
        pytest.param("my snapmaker2 and order 12 pieces", [], [], id="words_that_only_look_so"),
        pytest.param("Invoice date: 2024-03-01, invoice from 3.3.2025", [], [], id="dates"),
        pytest.param("Invoice number: =cmd|' /C calc'!A0\nSerial number: +1+1", [], [], id="formulas"),
        pytest.param("", [], [], id="nothing"),
    ],
)
def test_invoices_and_serials_are_found_when_written_like_this(
    text: str, invoices: list[str], serials: list[str]
) -> None:
    assert found(text)[:2] == (invoices, serials)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("1z 999 aa1 01 2345 6784", ["1Z999AA10123456784"], id="ups_with_blanks"),
        pytest.param("RR123456785DE", ["RR123456785DE"], id="postal"),
        pytest.param("RR 123 456 785 DE", ["RR123456785DE"], id="postal_with_blanks"),
        pytest.param("Sendungsnummer: 00340434161094042557", ["00340434161094042557"], id="dhl"),
        pytest.param("tracking no. 9400 1000 0000 0000 0000 00", ["9400100000000000000000"], id="usps_with_blanks"),
        pytest.param("Tracking number 4711-0815", ["4711-0815"], id="labelled"),
        pytest.param("call +491712345678 now", [], id="telephone"),
    ],
)
def test_trackings_are_found_when_written_like_this(text: str, expected: list[str]) -> None:
    assert [value for value in found(text)[2] if value in expected or not expected] == expected


def test_candidate_says_where_it_stood_when_it_appears_in_several_places() -> None:
    raw = (
        b"Subject: [Warranty Request] INV-1\r\nContent-Type: multipart/mixed; boundary=B\r\n\r\n--B\r\n\r\n"
        b"Serial: SN-2\r\n\r\nOn Mon, 3 Mar 2025, Desk <d@x.example> wrote:\r\n> for example SN-9, INV-1\r\n"
        b"--B\r\nContent-Type: image/png; name=SN-3.png\r\n\r\nx\r\n--B--"
    )
    mail = read_mail(raw)
    assert mail.invoice_candidates == (Candidate("INV-1", FoundIn.SUBJECT, labelled=False),)
    assert mail.serial_candidates == (
        Candidate("SN-2", FoundIn.TEXT, labelled=True),
        Candidate("SN-9", FoundIn.QUOTED, labelled=False),
        Candidate("SN-3", FoundIn.FILE_NAME, labelled=False),
    )


def test_signature_counts_as_text_when_numbers_stand_below_the_greeting() -> None:
    mail = read_mail(b"Subject: x\r\n\r\nIt broke.\r\nBest regards\r\nAda\r\nInvoice: INV-7\r\n")
    assert mail.invoice_candidates == (Candidate("INV-7", FoundIn.TEXT, labelled=True),)


def test_other_shapes_are_found_when_the_maker_configures_them() -> None:
    patterns = Patterns(serials=(re.compile(r"\bQQ\d{3}\b"),))
    assert found("QQ123 and SN-5", patterns)[1] == ["QQ123"]


def test_candidates_end_at_the_limit_when_a_mail_is_full_of_them() -> None:
    mail = read_mail(b"Subject: x\r\n\r\n" + b" ".join(b"SN-%d" % number for number in range(10_000)))
    assert len(mail.serial_candidates) == 50


@pytest.mark.parametrize(
    ("subject", "text", "expected"),
    [
        pytest.param("Re: [wd:AbCdEfGh_123-456]", "", ("AbCdEfGh_123-456",), id="subject"),
        pytest.param("", "> > [wd:AbCdEfGh1234]", ("AbCdEfGh1234",), id="quoted"),
        pytest.param("", "[ WD :\n> AbCdEfGh1234 ]", ("AbCdEfGh1234",), id="wrapped"),
        pytest.param(
            "[wd:AbCdEfGh1234]", "[wd:AbCdEfGh1234] [wd:ZZZZZZZZZZZZ]", ("AbCdEfGh1234", "ZZZZZZZZZZZZ"), id="each_once"
        ),
        pytest.param("[wd:short] wd:AbCdEfGh1234", "", (), id="too_short_or_no_brackets"),
    ],
)
def test_reply_tokens_are_found_when_they_come_back_like_this(
    subject: str, text: str, expected: tuple[str, ...]
) -> None:
    assert find_reply_tokens(subject, text, [], ()) == expected


def test_reply_token_keeps_its_capitals_when_it_stands_in_an_address() -> None:
    mail = read_mail(
        b"Subject: x\r\nTo: Desk <Desk+AbCdEfGh1234@Shop.example>\r\n\r\nx", own_addresses={"desk@shop.example"}
    )
    assert mail.reply_tokens == ("AbCdEfGh1234",)


def test_tag_is_no_token_when_the_address_is_not_ours() -> None:
    assert find_reply_tokens("", "", ["other+AbCdEfGh1234@shop.example"], {"desk@shop.example"}) == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("Re: WD-7F3K-2", ("WD-7F3K-2",), id="plain"),
        pytest.param("wd–7f3k–2 and wd_7f3k_9", ("WD-7F3K-2", "WD-7F3K-9"), id="any_dash_any_case"),
        pytest.param("WD 7F3K 2", ("WD-7F3K-2",), id="blanks"),
        pytest.param("[WD-000001] approve", ("WD-000001",), id="one_group"),
        pytest.param("cleaned with WD-40", (), id="oil"),
        pytest.param("wd these 2 parts", (), id="words"),
        pytest.param("XWD-7F3K-2", (), id="inside_a_word"),
    ],
)
def test_case_references_are_found_when_written_like_this(text: str, expected: tuple[str, ...]) -> None:
    assert find_case_references("", text) == expected
