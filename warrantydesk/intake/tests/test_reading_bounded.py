"""The second fence: reading in a child with a clock and a ceiling."""

import pickle

import pytest

from warrantydesk.intake.reading import Limits, Unreadable, read_mail
from warrantydesk.intake.reading.bounded import _answer, read_bounded

pytestmark = pytest.mark.processes

MAIL = b"From: ada@example.com\r\nSubject: [Warranty Request] x\r\nContent-Type: image/png; name=a.png\r\n\r\n\x89PNG"


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


class Evil:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return eval, ("1",)


@pytest.mark.parametrize("data", [pickle.dumps(Evil()), b"", b"rubbish"], ids=["code", "nothing", "rubbish"])
def test_child_is_not_believed_when_it_answers_anything_but_a_mail(data: bytes) -> None:
    with pytest.raises(Unreadable, match="crashed"):
        _answer(data)
