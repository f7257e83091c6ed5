"""The second fence: reading in a child with a clock and a ceiling."""

import os
import pickle
import signal
import warnings

import pytest

from warrantydesk.intake.reading import Limits, Unreadable, bounded, read_mail
from warrantydesk.intake.reading.bounded import _answer, begin_reading, read_bounded

pytestmark = pytest.mark.processes

MAIL = b"From: ada@example.com\r\nSubject: [Warranty Request] x\r\nContent-Type: image/png; name=a.png\r\n\r\n\x89PNG"


@pytest.fixture(autouse=True)
def _no_child_waits() -> None:
    """Others of this process may have left some."""
    bounded._end_all()


def test_answer_is_the_same_when_read_in_a_child() -> None:
    assert read_bounded(MAIL, own_addresses={"ada@example.com"}) == read_mail(MAIL, own_addresses={"ada@example.com"})


def test_refusal_is_the_same_when_read_in_a_child() -> None:
    with pytest.raises(Unreadable, match="more than 1 parts"):
        read_bounded(b"Content-Type: multipart/mixed; boundary=B\n\n--B\n\nx\n--B\n", Limits(parts=1))


def test_mail_is_unreadable_when_it_needs_too_much_memory() -> None:
    with pytest.raises(Unreadable, match="needed too much memory"):
        read_bounded(MAIL + b"x" * 40_000_000, memory_mb=60)


def test_mail_is_unreadable_when_it_takes_too_long() -> None:
    slow = b"Subject: x\n\nbegin 644 x\n" + (b"M" + b"A" * 20 + b"\n") * 2_000_000 + b"end\n"
    with pytest.raises(Unreadable, match="took too long"):
        read_bounded(slow, seconds=1)


def test_child_is_kept_for_the_next_mail() -> None:
    read_bounded(MAIL)
    (kept,) = bounded._idle
    read_bounded(MAIL)
    assert bounded._idle == [kept]
    assert kept.read > 1


def test_child_is_not_kept_when_the_mail_was_large() -> None:
    read_bounded(MAIL + b"x" * 1_100_000)
    assert bounded._idle == []


@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGTERM, signal.SIGSEGV], ids=lambda sign: sign.name)
def test_next_mail_is_read_when_the_waiting_child_was_killed(sign: signal.Signals) -> None:
    read_bounded(MAIL)
    (kept,) = bounded._idle
    kept._child.send_signal(sign)
    os.waitid(os.P_PID, kept._child.pid, os.WEXITED | os.WNOWAIT)
    assert read_bounded(MAIL).subject == "[Warranty Request] x"


def test_mail_gets_a_second_child_when_the_first_had_read_others(monkeypatch: pytest.MonkeyPatch) -> None:
    read_bounded(MAIL)
    (kept,) = bounded._idle
    monkeypatch.setattr(kept, "is_alive", lambda: True)  # it dies in the moment it is asked
    kept._child.kill()
    kept._child.wait()
    assert read_bounded(MAIL).subject == "[Warranty Request] x"


def test_next_mail_is_read_when_one_took_too_long() -> None:
    with pytest.raises(Unreadable, match="took too long"):
        read_bounded(MAIL + b"x" * 4_000_000, seconds=0)
    assert read_bounded(MAIL).subject == "[Warranty Request] x"


def test_limits_count_for_each_mail_when_one_child_reads_many() -> None:
    for _ in range(60):
        assert read_bounded(MAIL + b"x" * 900_000, memory_mb=60).troubles == ()


def test_forked_process_starts_a_child_of_its_own() -> None:
    read_bounded(MAIL)
    ours, theirs = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # newer Pythons warn of forking beside threads
        pid = os.fork()
    if pid == 0:
        try:
            fresh = not bounded._idle
            os.write(theirs, b"ok" if fresh and read_bounded(MAIL) == read_mail(MAIL) else b"no")
            bounded._end_all()
        finally:
            os._exit(0)
    os.close(theirs)
    with os.fdopen(ours, "rb") as told:
        assert told.read() == b"ok"
    assert os.waitpid(pid, 0)[1] == 0
    assert read_bounded(MAIL) == read_mail(MAIL), "the parent's child is unharmed"


LARGE = 50 * 1024 * 1024 - 4096
PHOTO = b"Content-Type: image/jpeg; name=a.jpg\r\nContent-Transfer-Encoding: base64\r\n\r\n"
TEXT = b"Content-Type: text/plain\r\n\r\n"
# Made where they are read: they would lie in the memory of every process of the suite.
FIFTY = {
    "a photo": (PHOTO, b"QUJD" * 18 + b"\r\n"),
    "words": (TEXT, b"> word" * 10 + b"\r\n"),
    "uuencoded files": (TEXT, b"begin 644 x\n#AAAA\n`\nend\n"),
}


@pytest.mark.parametrize(("head", "again"), FIFTY.values(), ids=FIFTY)
def test_mail_of_fifty_megabytes_is_read_within_the_bounds_or_refused_by_them(head: bytes, again: bytes) -> None:
    rest = head + again * (LARGE // len(again))
    try:
        assert read_bounded(b"From: ada@example.com\r\nSubject: x\r\n" + rest).subject == "x"
    except Unreadable as refusal:
        assert refusal.reason in ("needed too much memory", "took too long")  # noqa: PT017 - it may also be read


class Evil:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return eval, ("1",)


@pytest.mark.parametrize("data", [pickle.dumps(Evil()), b"", b"rubbish"], ids=["code", "nothing", "rubbish"])
def test_child_is_not_believed_when_it_answers_anything_but_a_mail(data: bytes) -> None:
    with pytest.raises(Unreadable, match="crashed"):
        _answer(data)


def test_two_messages_are_read_at_once_and_one_nobody_asks_for_leaves_no_child() -> None:
    first, second, third = (begin_reading(MAIL.replace(b"] x", b"] " + mark)) for mark in (b"1", b"2", b"3"))
    assert [second.result().subject[-1], first.result().subject[-1]] == ["2", "1"]
    third.drop()
    assert len(bounded._idle) == 2
