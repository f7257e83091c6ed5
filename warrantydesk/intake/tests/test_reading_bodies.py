"""The words of a message: any charset, any structure, HTML without its mark-up, replies without their quotes."""

import pytest

from warrantydesk.intake.reading import Limits, ReadMail, read_mail
from warrantydesk.intake.reading.html_text import html_to_text
from warrantydesk.intake.reading.quotes import split_reply

DEFAULT = Limits()


def read(content_type: str, body: bytes, *fields: bytes, limits: Limits = DEFAULT) -> ReadMail:
    head = [b"Subject: x", b"From: a@b.example", b"Content-Type: " + content_type.encode("latin-1"), *fields]
    return read_mail(b"\r\n".join([*head, b"", body]), limits)


def parts(*pieces: bytes) -> bytes:
    return b"".join(b"--B\r\n" + piece + b"\r\n" for piece in pieces) + b"--B--\r\n"


@pytest.mark.parametrize(
    ("charset", "body", "expected"),
    [
        pytest.param("utf-8", "Gerät 🔧".encode(), "Gerät 🔧", id="utf8"),
        pytest.param("iso-8859-1", b"Ger\xe4t \x80", "Gerät €", id="latin1_with_windows_letters"),
        pytest.param("us-ascii", "Gerät".encode(), "Gerät", id="ascii_that_is_utf8"),
        pytest.param("utf-8", b"Ger\xe4t", "Gerät", id="utf8_that_is_western"),
        pytest.param("utf-8", "Gerät schön".encode() + b"\xe4", "Gerät schön\ufffd", id="utf8_with_one_letter_damaged"),
        pytest.param("x-unknown-9", b"Ger\xe4t", "Gerät", id="unknown"),
        pytest.param("iso-2022-jp", "文字".encode("iso2022_jp"), "文字", id="japanese_escapes"),
        pytest.param("us-ascii", "文字".encode("iso2022_jp"), "文字", id="japanese_escapes_undeclared"),
        pytest.param("shift_jis", "文字①".encode("cp932"), "文字①", id="shift_jis_with_extras"),
        pytest.param("gb2312", "報告".encode("gbk"), "報告", id="gb2312_that_is_gbk"),
        pytest.param("ks_c_5601-1987", "한글".encode("cp949"), "한글", id="korean"),
        pytest.param("koi8-r", "Привет".encode("koi8-r"), "Привет", id="russian"),
        pytest.param("utf-16", "Gerät".encode("utf-16"), "Gerät", id="utf16"),
        pytest.param("zlib", b"Hinge", "Hinge", id="no_text_encoding"),
        pytest.param("idna", b"Hinge", "Hinge", id="not_for_mail"),
        pytest.param("a\x00b", b"Hinge", "Hinge", id="nul_in_the_name"),
        pytest.param("utf-8", b"a\x00b\x08c\r\nd", "abc\nd", id="controls"),
        pytest.param("utf-7", b"+2AA-", "\ufffd", id="lone_surrogate"),
        pytest.param("cp1252", b"a\xa0b", "a b", id="no_break_space"),
    ],
)
def test_text_is_read_when_the_charset_claims_this(charset: str, body: bytes, expected: str) -> None:
    mail = read(f"text/plain; charset={charset}", body)
    assert mail.full_text == expected
    mail.full_text.encode()


@pytest.mark.parametrize(
    ("encoding", "body", "expected"),
    [
        pytest.param(b"quoted-printable", b"Ger=C3=A4t=\r\n!", "Gerät!", id="quoted_printable"),
        pytest.param(b"Quoted Printable", b"a=3Db", "a=b", id="misspelt"),
        pytest.param(b"base64", b"R2Vyw6R0", "Gerät", id="base64"),
        pytest.param(b"base64", b"R2Vyw6R0*R2V", "GerätGe", id="base64_with_dirt_and_no_padding"),
        pytest.param(b"7-bit", b"a", "a", id="seven_bit_misspelt"),
        pytest.param(b"x-nonsense", b"a", "a", id="unknown"),
    ],
)
def test_text_is_read_when_wrapped_like_this(encoding: bytes, body: bytes, expected: str) -> None:
    mail = read("text/plain; charset=utf-8", body, b"Content-Transfer-Encoding: " + encoding)
    assert mail.full_text == expected


@pytest.mark.parametrize(
    ("kind", "body", "expected", "had_html"),
    [
        pytest.param(
            "multipart/alternative",
            parts(b"Content-Type: text/plain\r\n\r\nplain", b"Content-Type: text/html\r\n\r\n<p>html</p>"),
            "plain",
            True,
            id="plain_before_html",
        ),
        pytest.param(
            "multipart/alternative",
            parts(b"Content-Type: text/plain\r\n\r\n \r\n", b"Content-Type: text/html\r\n\r\n<p>html</p>"),
            "html",
            True,
            id="html_where_plain_is_blank",
        ),
        pytest.param("multipart/mixed", parts(b"\r\none", b"\r\ntwo"), "one\n\ntwo", False, id="two_texts"),
        pytest.param(
            "multipart/mixed",
            parts(b"\r\none", b"Content-Type: text/plain; name=log.txt\r\n\r\nlog"),
            "one",
            False,
            id="a_named_text_is_a_file",
        ),
        pytest.param(
            "multipart/mixed",
            parts(b"Content-Type: text/plain; name=letter.txt\r\n\r\nhello"),
            "hello",
            False,
            id="named_but_the_only_one",
        ),
        pytest.param(
            "multipart/mixed",
            parts(b"Content-Type: message/rfc822\r\n\r\nSubject: y\r\n\r\nforwarded"),
            "forwarded",
            False,
            id="nothing_but_a_forwarded_mail",
        ),
        pytest.param(
            "multipart/mixed",
            parts(b"\r\nsee below", b"Content-Type: message/rfc822\r\n\r\nSubject: y\r\n\r\nforwarded"),
            "see below",
            False,
            id="own_words_above_a_forwarded_mail",
        ),
        pytest.param("multipart/mixed", b"no boundary", "no boundary", False, id="multipart_without_parts"),
    ],
)
def test_best_text_is_chosen_when_there_are_several(kind: str, body: bytes, expected: str, had_html: bool) -> None:
    mail = read(f"{kind}; boundary=B", body)
    assert mail.full_text == expected
    assert mail.had_html is had_html


def test_text_is_cut_and_said_so_when_it_is_too_long() -> None:
    mail = read("text/plain", b"word " * 1000, limits=Limits(text=100, source=1000))
    assert len(mail.full_text) == 100
    assert "text cut after 100 characters" in mail.troubles
    assert "text too long to be read whole" in mail.troubles


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        pytest.param("<p>a</p><p>b</p>", "a\n\nb", id="paragraphs"),
        pytest.param("a<br>b<br/><br>c", "a\nb\n\nc", id="line_breaks"),
        pytest.param("<div><div>a</div></div><div>b</div>", "a\nb", id="nested_blocks"),
        pytest.param(
            "<table><tr><td>Serial</td><td>X1</td></tr><tr><td>b</td></tr></table>", "Serial X1\nb", id="table"
        ),
        pytest.param("<script>alert(1)</script>a<style>b{}</style>", "a", id="script_and_style"),
        pytest.param("<head><title>t</title><style>x</head><body>a", "a", id="style_never_closed"),
        pytest.param("<!-- hidden -->a<!-- never closed", "a", id="comments"),
        pytest.param(
            "a &amp; b &lt;c&gt; &#228; &nbsp;&#99999999999999999999;", "a & b <c> ä \xa0\ufffd", id="entities"
        ),
        pytest.param("1 < 2 and 3", "1 < 2 and 3", id="bare_less_than"),
        pytest.param("<img src=x onerror=alert(1)>a<a href='javascript:alert(1)'>b</a>", "ab", id="attributes"),
        pytest.param("<p>a</p><blockquote>q<br>r</blockquote>", "a\n\n> q\n> r", id="quote"),
        pytest.param("a  \n  b", "a b", id="white_space"),
        pytest.param("a<b", "a", id="tag_never_closed"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_html_becomes_text_when_written_like_this(html: str, expected: str) -> None:
    assert html_to_text(html) == expected


@pytest.mark.parametrize(
    ("full", "text"),
    [
        pytest.param(
            "It broke.\n\nOn Mon, 3 Mar 2025 at 10:15, Desk <d@x.example> wrote:\n> hello", "It broke.", id="english"
        ),
        pytest.param(
            "Kaputt.\n\nAm Mo., 3. März 2025 um 10:15 schrieb Desk <d@x.example>:\n\n> hallo", "Kaputt.", id="german"
        ),
        pytest.param("Oui.\n\nLe lun. 3 mars 2025 à 10:15, Desk <d@x> a écrit :\n> bonjour", "Oui.", id="french"),
        pytest.param(
            "Svar.\n\nDen 3. mars 2025 skrev Desk:\n> hej", "Svar.", id="language_the_library_is_not_asked_for"
        ),
        pytest.param("A\n\nFrom: Desk\nSent: Monday\nTo: Ada\nSubject: x\n\nold", "A", id="outlook"),
        pytest.param(
            "A\n\n-----Ursprüngliche Nachricht-----\nVon: D\nGesendet: M\nAn: A\n\nold", "A", id="outlook_german"
        ),
        pytest.param("A\n\n> q\n> r", "A", id="quote_without_introduction"),
        pytest.param("It broke.\n-- \nAda\nTel 1", "It broke.", id="signature"),
        pytest.param("It broke.\n\nSent from my iPhone", "It broke.", id="phone"),
        pytest.param("A\n\n> q1\nyes\n> q2\nno", "A\n\n> q1\nyes\n> q2\nno", id="answers_between_quotes"),
        pytest.param("> q\n\nmy answer below", "> q\n\nmy answer below", id="answer_below"),
        pytest.param("On Mon, Desk <d@x> wrote:\n> q", "On Mon, Desk <d@x> wrote:\n> q", id="nothing_but_a_quote"),
        pytest.param(
            "---------- Forwarded message ----------\nFrom: A\nDate: B\nSubject: C\n\nit broke",
            "---------- Forwarded message ----------\nFrom: A\nDate: B\nSubject: C\n\nit broke",
            id="forwarded",
        ),
        pytest.param("Thanks, it broke\nagain", "Thanks, it broke\nagain", id="thanks_first"),
        pytest.param("parts:\n- motor\n- belt\nboth broke", "parts:\n- motor\n- belt\nboth broke", id="list"),
        pytest.param("Taking the hinge off\nKh 5", "Taking the hinge off\nKh 5", id="words_that_are_danish_signatures"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_new_text_is_what_was_written_when_a_reply_looks_like_this(full: str, text: str) -> None:
    reply = split_reply(full)
    assert reply.text == text
    kept = "\n".join(reply[:3])
    assert [line for line in full.split("\n") if line not in kept and not line.startswith("-----")] == []


@pytest.mark.parametrize(
    "unit", ["\n", "> ", "Am x schrieb ", "On x\nwrote:\n", "From:\n", "_" * 40 + "\n\n", "CAUTION: mail. "]
)
@pytest.mark.timeout(20)
def test_reply_is_divided_in_time_when_the_text_is_made_to_be_slow(unit: str) -> None:
    full = ("a" + unit * 100_000)[:100_000]
    assert "a" in split_reply(full).text
