"""What is made of a file behind the fence, made once for all tests that ask for `decoded_once`.

A child process takes a quarter of a second, and to most tests it is one and the same picture. How a file is decoded,
and what a child costs and may, test_evidence_fence.py and test_evidence_processing.py ask anew each time.
"""

from hashlib import sha256
from typing import IO

import pytest

from cases.evidence import processing
from cases.evidence.fence import decode_bounded
from cases.evidence.renditions import NotReadable, Renditions

_MADE: dict[tuple[bytes, str], Renditions | NotReadable] = {}


@pytest.fixture
def decoded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processing, "decode_bounded", _once)


def _once(file: IO[bytes], content_type: str) -> Renditions:
    file.seek(0)
    key = sha256(file.read()).digest(), content_type
    if key not in _MADE:
        _MADE[key] = _looked_at(file, content_type)
    made = _MADE[key]
    if isinstance(made, NotReadable):
        raise made
    return made


def _looked_at(file: IO[bytes], content_type: str) -> Renditions | NotReadable:
    file.seek(0)
    try:
        return decode_bounded(file, content_type)
    except NotReadable as problem:
        return problem
