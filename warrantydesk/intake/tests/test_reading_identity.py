"""The identity of a message: the same mail through any door, and nothing but the same mail."""

import pytest

from warrantydesk.intake.reading import identify

MAIL = b"From: ada@example.com\r\nMessage-ID: <p1@example.com>\r\nSubject: x\r\n\r\nThe hinge broke.\r\n"


@pytest.mark.parametrize(
    "copy",
    [
        pytest.param(MAIL, id="the_same_bytes"),
        pytest.param(MAIL.replace(b"\r\n", b"\n"), id="maildir_line_ends"),
        pytest.param(MAIL.replace(b"\r\n", b"\n") + b"\n", id="mbox_newline_at_the_end"),
        pytest.param(b"From ada@example.com Mon Mar  3 10:15:00 2025\n" + MAIL, id="mbox_line"),
        pytest.param(b"\r\n\r\n" + MAIL, id="blank_lines_before"),
        pytest.param(b"\xef\xbb\xbf" + MAIL, id="byte_order_mark"),
        pytest.param(b"Received: from a by b;\r\n\tMon, 3 Mar 2025 10:15:00 +0100\r\n" + MAIL, id="received_folded"),
        pytest.param(b"Return-Path: <ada@example.com>\r\n" + MAIL, id="return_path"),
        pytest.param(b"DELIVERED-TO : warranty@shop.example\r\n" + MAIL, id="delivered_to_any_case"),
        pytest.param(b"X-Received: by 2002:a05\r\nX-Google-Smtp-Received: y\r\n" + MAIL, id="x_received"),
    ],
)
def test_identity_is_the_same_when_only_the_way_here_differs(copy: bytes) -> None:
    assert identify(copy) == identify(MAIL)
    assert identify(copy).key == identify(MAIL).key


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(MAIL.replace(b"hinge", b"belt"), id="body"),
        pytest.param(MAIL.replace(b"Subject: x", b"Subject: y"), id="subject"),
        pytest.param(MAIL.replace(b"p1@", b"p2@"), id="message_id"),
        pytest.param(MAIL.replace(b"\r\n\r\n", b"\r\n\r\nReceived: by hand\r\n"), id="trace_words_in_the_body"),
        pytest.param(b"X-Received-By: y\r\n" + MAIL, id="no_trace_header"),
    ],
)
def test_identity_differs_when_the_message_does(other: bytes) -> None:
    assert identify(other).key != identify(MAIL).key


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        pytest.param(b"Message-ID: <a@b>", "<a@b>", id="plain"),
        pytest.param(b"MESSAGE-ID:<a@b> (added by x)", "<a@b>", id="comment"),
        pytest.param(b"Message-Id:\r\n <a@b>", "<a@b>", id="folded"),
        pytest.param(b"Message-ID: a@b", "a@b", id="no_brackets"),
        pytest.param(b"Subject: x\rMessage-ID: <a@b>\rTo: y", "<a@b>", id="carriage_returns_alone"),
        pytest.param(b"X-Message-ID: <a@b>", "", id="another_header"),
        pytest.param(b"Message-ID: <a@b>\r\nMessage-ID: <c@d>", "<a@b>", id="two"),
        pytest.param(b"Message-ID: \x00\xff", "\ufffd", id="rubbish"),
    ],
)
def test_message_id_is_found_when_written_like_this(header: bytes, expected: str) -> None:
    assert identify(header + b"\r\n\r\nbody").message_id == expected


def test_key_is_the_hash_alone_when_there_is_no_message_id() -> None:
    identity = identify(b"just text, no headers at all\r\n")
    assert identity.message_id == ""
    assert identity.key == identity.sha256
    assert len(identity.key) == 64


def test_key_is_64_hex_digits_when_there_is_a_message_id() -> None:
    key = identify(MAIL).key
    assert len(key) == 64
    assert int(key, 16)


def test_chunks_do_not_tear_line_ends_apart_when_the_body_is_long() -> None:
    for before in range((1 << 20) - 8, (1 << 20) + 1):  # the border of a chunk lies somewhere between these
        body = b"x" * before + b"\r\n" + b"y" * 100
        assert identify(b"A: b\r\n\r\n" + body).sha256 == identify(b"A: b\n\n" + body.replace(b"\r\n", b"\n")).sha256
