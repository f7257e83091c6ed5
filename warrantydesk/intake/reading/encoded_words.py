"""RFC 2047: `=?utf-8?B?…?=` in headers and, against the rules but everywhere, in file names."""

import re
from binascii import a2b_qp

from warrantydesk.intake.reading.charsets import decode
from warrantydesk.intake.reading.transfer import decode_base64

# The length of one word is bounded so that a header full of unclosed words stays cheap to search.
_WORD = re.compile(
    r"=\?(?P<charset>[A-Za-z0-9_.:+-]{1,60})(?:\*[A-Za-z0-9-]{0,20})?\?(?P<how>[bBqQ])\?(?P<text>[^\r\n]{0,5000}?)\?="
)


def decode_words(text: str) -> str:
    """The text with every encoded word replaced by what it says; anything broken stays as it was sent.

    Neighbouring words of one charset are joined as bytes first: many programs tear letters apart between two words.
    """
    if "=?" not in text:
        return text
    done: list[str] = []
    pending, charset, at = b"", "", 0
    for word in _WORD.finditer(text):
        gap = text[at : word.start()]
        # White space between two encoded words is not part of the text (RFC 2047, 6.2).
        if at and not gap.strip():
            gap = ""
        if gap or word["charset"].lower() != charset:
            done += [decode(pending, charset)[0], gap]
            pending, charset = b"", word["charset"].lower()
        pending += _word_bytes(word["how"], word["text"])
        at = word.end()
    return "".join([*done, decode(pending, charset)[0], text[at:]])


def _word_bytes(how: str, text: str) -> bytes:
    # 8-bit letters inside an encoded word were decoded with the header around it.
    raw = text.encode("utf-8", "replace")
    return decode_base64(raw)[0] if how in "bB" else a2b_qp(raw.replace(b"_", b" "), header=True)
