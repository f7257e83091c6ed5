"""Cutting a message into parts, and refusing at once what would cost too much."""

import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from warrantydesk.intake.reading import Limits, Unreadable, read_mail
from warrantydesk.intake.reading.structure import split

HEAD = b"From: ada@example.com\r\nSubject: [Warranty Request] x\r\n"
MIXED = HEAD + b"Content-Type: multipart/mixed; boundary=B\r\n\r\n"


@contextmanager
def counted_calls() -> Iterator[Counter[str]]:
    """How often functions of Python and of C are called meanwhile."""
    steps: Counter[str] = Counter()
    sys.setprofile(lambda _frame, event, _what: steps.update((event,)))
    try:
        yield steps
    finally:
        sys.setprofile(None)


def leaves(raw: bytes) -> list[bytes]:
    _fields, root = split(raw, Limits())
    return [bytes(part.body) for part in root.walk() if not part.children]


def nested(depth: int) -> bytes:
    levels = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (i, i) for i in range(depth))
    return HEAD + levels + b"\nhi\n"


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        pytest.param(HEAD + b"\r\nhello\r\n", [b"hello\r\n"], id="plain"),
        pytest.param(HEAD.replace(b"\r\n", b"\n") + b"\nhello", [b"hello"], id="lf"),
        pytest.param(HEAD.replace(b"\r\n", b"\r") + b"\rhello", [b"hello"], id="bare_cr"),
        pytest.param(MIXED + b"--B\r\n\r\none\r\n--B\r\n\r\ntwo\r\n--B--\r\n", [b"one", b"two"], id="two_parts"),
        pytest.param(MIXED + b"pre\r\n--B\r\n\r\none\r\n--B--\r\nafter", [b"one"], id="preamble_and_epilogue"),
        pytest.param(MIXED + b"--B  \r\n\r\none\r\n--B-- \t\r\n", [b"one"], id="blanks_behind_the_boundary"),
        pytest.param(MIXED + b"--B\r\n\r\none", [b"one"], id="never_closed"),
        pytest.param(MIXED + b"--B\r\n\r\none\r\n--BB\r\n", [b"one\r\n--BB\r\n"], id="longer_boundary"),
        pytest.param(MIXED + b"--B\r\n\r\na --B b\r\n--B--", [b"a --B b"], id="boundary_inside_a_line"),
        pytest.param(MIXED + b"--B\r\n--B\r\n\r\ntwo\r\n--B--", [b"", b"two"], id="empty_part"),
        pytest.param(MIXED.replace(b"\r\n\r\n", b"\r\n") + b"--B\r\n\r\none\r\n--B--", [b"one"], id="no_blank_line"),
        pytest.param(MIXED + b"no boundary at all", [b"no boundary at all"], id="no_parts"),
        pytest.param(HEAD + b"Content-Type: multipart/mixed\r\n\r\nx", [b"x"], id="no_boundary_given"),
        pytest.param(
            HEAD + b'Content-Type: multipart/mixed; boundary=""\r\n\r\n--\r\n\r\nx', [b"--\r\n\r\nx"], id="empty"
        ),
        pytest.param(b"\xef\xbb\xbf\r\n" + HEAD + b"\r\nx", [b"x"], id="mark_and_blank_line_first"),
        pytest.param(b">From a@b Mon\n" + HEAD + b"\r\nx", [b"x"], id="mbox_line_first"),
        pytest.param(HEAD + b"From x Mon\r\nTo: a@b\r\n\r\nx", [b"x"], id="mbox_line_between"),
    ],
)
def test_parts_are_cut_when_the_message_looks_like_this(raw: bytes, expected: list[bytes]) -> None:
    assert leaves(raw) == expected


def test_outer_boundary_ends_the_inner_part_when_the_inner_is_never_closed() -> None:
    inner = b"--B\r\nContent-Type: multipart/alternative; boundary=C\r\n\r\n--C\r\n\r\none\r\n"
    assert leaves(MIXED + inner + b"--B\r\n\r\ntwo\r\n--B--") == [b"one", b"two"]


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        pytest.param(b"", "empty message", id="nothing"),
        pytest.param(b"\r\n \r\n\x00", "empty message", id="blanks_only"),
        pytest.param(b"just text, no headers at all\r\n", "no headers", id="no_headers"),
        pytest.param(MIXED + b"--B\r\n\r\n\r\n" * 100_000, "more than 1000 parts", id="part_bomb"),
        pytest.param(nested(1000), "nested deeper than 30 levels", id="nested_multiparts"),
        pytest.param(
            HEAD + b"Content-Type: message/rfc822\n\n" * 1000, "nested deeper than 30 levels", id="nested_mails"
        ),
        pytest.param(HEAD + b"X: a\n" * 500_000, "headers larger than 2000000 bytes", id="many_headers"),
        pytest.param(HEAD + b"X: " + b"a" * 3_000_000, "headers larger than 2000000 bytes", id="one_long_header"),
        pytest.param(b"A: " + b"b" * 60_000_000, "larger than 52428800 bytes", id="too_large"),
    ],
)
def test_message_is_refused_at_once_when_beyond_a_limit(raw: bytes, reason: str) -> None:
    """Within as many calls as the message has bytes: counted, since a clock would judge the machine."""
    with counted_calls() as steps, pytest.raises(Unreadable) as refusal:
        read_mail(raw)
    assert refusal.value.reason == reason
    assert steps["call"] + steps["c_call"] < len(raw) + 1000


def test_encoded_messages_nested_in_each_other_are_refused_when_they_grow_beyond_the_message() -> None:
    level = b"Content-Type: message/rfc822\nContent-Transfer-Encoding: quoted-printable\n\n"
    with pytest.raises(Unreadable, match="nested in each other"):
        read_mail(HEAD + level * 5 + b"\n" + b"abc\n" * 1000, Limits(message_bytes=10_000))


@pytest.mark.parametrize(
    "unit",
    [
        b"a\n",
        b"\n",
        b"--\n",
        b"--Bx\n",
        b"\n--B x",
        b"<a ",
        b"<!--",
        b"On a b wrote\n",
        b"=41=",
        b"begin 644 x\n",
        b"serial ",
    ],
    ids=repr,
)
@pytest.mark.parametrize("kind", [b"text/plain", b"text/html", b"multipart/mixed; boundary=B", b"image/png"])
def test_reading_stays_quick_when_five_megabytes_repeat_one_thing(unit: bytes, kind: bytes) -> None:
    head = HEAD + b"Content-Type: " + kind + b"\r\n\r\n"
    before = time.process_time()
    mail = read_mail(head + unit * (5_000_000 // len(unit)))
    assert mail.is_request
    assert time.process_time() - before < 5


def test_five_hundred_attachments_are_all_listed_when_a_mail_carries_them() -> None:
    part = b"--B\r\nContent-Type: image/png; name=p%d.png\r\n\r\nx\r\n"
    mail = read_mail(MIXED + b"".join(part % number for number in range(500)) + b"--B--")
    assert [file.name for file in mail.attachments] == [f"p{number}.png" for number in range(500)]
