"""Whatever arrives is read or refused with a reason; nothing else ever happens."""

from dataclasses import fields

from hypothesis import given, settings
from hypothesis import strategies as st

from warrantydesk.intake.reading import ReadMail, Unreadable, identify, read_mail

OPENINGS = [
    b"",
    b"Subject: ",
    b"From: ",
    b"Message-ID: ",
    b"Content-Type: ",
    b"Content-Disposition: attachment; filename",
    b"Content-Type: text/plain; charset=",
    b"Content-Type: text/html\n\n",
    b"Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n",
    b"Content-Type: multipart/mixed; boundary=B\n\n--B\n",
    b"Content-Type: multipart/report; report-type=delivery-status; boundary=B\n\n--B\nContent-Type: ",
    b"Subject: x\n\nbegin 644 a\n",
    b"Subject: x\n\n",
]
PIECES = [
    b"\r\n",
    b"\n\n",
    b"--B\n",
    b"--B--",
    b'"',
    b";",
    b"=",
    b"*0*=",
    b"''",
    b"=?utf-8?B?",
    b"?=",
    b"<",
    b">",
    b"&#9",
    b"\x00",
    b"\xff",
    b"> ",
    b"@",
]
mails = st.builds(
    lambda opening, pieces: opening + b"".join(pieces),
    st.sampled_from(OPENINGS),
    st.lists(st.one_of(st.sampled_from(PIECES), st.binary(max_size=12)), max_size=25),
)


def answer(raw: bytes) -> ReadMail | str:
    try:
        return read_mail(raw)
    except Unreadable as refusal:
        return refusal.reason


def strings(value: object) -> list[str]:
    """Every text in a description, however deep."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, tuple):
        return [text for one in value for text in strings(one)]
    if hasattr(value, "__dataclass_fields__"):
        return [text for field in fields(value) for text in strings(getattr(value, field.name))]  # type: ignore[arg-type]
    return []


@settings(max_examples=300, deadline=None)
@given(mails)
def test_any_bytes_are_read_or_refused_when_they_arrive(raw: bytes) -> None:
    assert len(identify(raw).key) == 64
    mail = answer(raw)
    if isinstance(mail, str):
        assert mail
        return
    for text in strings(mail):
        assert "\x00" not in text
        text.encode("utf-8")
    assert all(file.name and not set(file.name) & set("/\\") for file in mail.attachments)


@settings(max_examples=100, deadline=None)
@given(mails)
def test_reading_gives_the_same_answer_when_asked_twice(raw: bytes) -> None:
    assert answer(raw) == answer(raw)
