"""What was newly written in a reply, apart from the mail it answers and from the signature.

The library that knows how mail programs introduce a quote works with regular expressions that can take minutes on
50 kB of line ends. So it is shown a sketch: the beginning, lines cut short, runs of blank lines shortened. It answers
"the new text ends at line N", and line N is then found in the original.
"""

import re
from typing import NamedTuple

from mailparser_reply.parser import EmailMessage

# Left out on purpose: Danish ("Tak", "Kh" open English sentences), Swedish ("/word" is a path), Polish ("Do:" alone).
_LANGUAGES = ("en", "de", "fr", "es", "it", "nl", "cs", "ja", "ko", "zh")
_SKETCH_LINES = 600
_SKETCH_CHARACTERS = 20_000
_LINE = 200
_LONGEST_SIGNATURE = 12
_FORWARD = re.compile(
    r"forwarded|weitergeleitet|transf[eé]r|reenviad|inoltrat|doorgestuurd|přeposlan|przekazan|转发|轉寄|転送|전달",
    re.IGNORECASE,
)
# "----- Original Message -----" in whatever language, or a bare ruler: it introduces the quote and says nothing.
_SEPARATOR = re.compile(r"-{2,}[^-].{0,150}(?:-{2,}|:)|[_-]{10,}")
_RULE = re.compile(r"[_-]{20,}")
# A date or an address, then a colon at the end: "Den 3. mars skrev Ada:"
_ATTRIBUTION = re.compile(r"(?=[^\d@]{0,200}[\d@])\S.{0,300}[:：]\s*", re.DOTALL)


class Reply(NamedTuple):
    """`text + signature + quoted` in that order; blank lines and separators between them are left out."""

    text: str
    signature: str
    quoted: str
    trouble: str = ""


def split_reply(full: str) -> Reply:
    """Divide a clamped body. In doubt everything counts as new: nothing a customer wrote may vanish from sight."""
    whole = Reply(full.strip(), "", "")
    lines = full.split("\n")
    sketch, origins = _sketch(lines)
    try:
        ends, signed = _ends_at("\n".join(sketch))
    except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError) as failure:
        return whole._replace(trouble=f"quotes could not be told apart ({type(failure).__name__})")
    end = origins[ends] if ends < len(origins) else len(lines)
    end = _before_trailing_quote(lines, end)
    if _answers_inside(lines[end:]) or _forwards(lines[:end]):
        return whole
    sign = min(origins[signed], end) if signed < len(origins) else end
    sign = _before_signature(lines, sign, end)
    reply = Reply(_joined(lines[:sign]), _joined(lines[sign:end]), _joined(lines[end:]))
    return reply if _has_words([reply.text]) else whole


def _sketch(lines: list[str]) -> tuple[list[str], list[int]]:
    """Lines as the library may see them, and the number of each in the original."""
    sketch: list[str] = []
    origins: list[int] = []
    size = blanks = 0
    for number, line in enumerate(lines):
        short = _RULE.sub("", line[:_LINE]).strip()
        blanks = 0 if short else blanks + 1
        if blanks > 1:
            continue
        size += len(short) + 1
        if size > _SKETCH_CHARACTERS or len(sketch) >= _SKETCH_LINES:
            break
        sketch.append(short)
        origins.append(number)
    return sketch, origins


def _ends_at(sketch: str) -> tuple[int, int]:
    """The lines of the sketch at which the quoted mail and the signature begin; beyond the last if they do not."""
    beyond = sketch.count("\n") + 1
    message = EmailMessage(text=sketch, languages=list(_LANGUAGES), keep_hyphen_lists=True).read()
    first = message.replies[0]
    leading = len(message.text) - len(message.text.lstrip())
    if first.headers or not message.text.startswith(first.content, leading):
        # The mail begins with a quote: what follows below it is the answer.
        return beyond, beyond
    whole = len(message.replies) == 1
    ends = beyond if whole else message.text.count("\n", 0, leading + len(first.content)) + 1
    if not first.signatures or not first.content.endswith(first.signatures):
        return ends, beyond
    signed_at = leading + len(first.content) - len(first.signatures)
    return ends, message.text.count("\n", 0, signed_at)


def _before_trailing_quote(lines: list[str], end: int) -> int:
    """Without the block of ">" lines at the end and the line that introduces it, in whatever language."""
    at = _skip_back(lines, end, blank=True)
    quote_from = at
    while at and (not lines[at - 1].strip() or lines[at - 1].lstrip().startswith(">")):
        at -= 1
        quote_from = at if lines[at].lstrip().startswith(">") else quote_from
    if quote_from == _skip_back(lines, end, blank=True):
        return end
    return _before_attribution(lines, quote_from)


def _before_attribution(lines: list[str], quote_from: int) -> int:
    """One to three lines that end with a colon right above a quote (with a date or an address in them)."""
    last = _skip_back(lines, quote_from, blank=True)
    first = last
    while first and lines[first - 1].strip() and last - first < 3:
        first -= 1
    # A paragraph longer than that is the customer's; only its last line may be the introduction.
    begins = last - 1 if first and lines[first - 1].strip() else first
    return begins if last and _ATTRIBUTION.fullmatch("\n".join(lines[begins:last])) else quote_from


def _before_signature(lines: list[str], sign: int, end: int) -> int:
    """Where the signature begins: "-- " (RFC 3676) first, else what the library found if it is short enough."""
    for number in range(max(0, end - 40), end):
        if lines[number].rstrip() == "--" and _has_words(lines[:number]):
            return number
    short = sum(1 for line in lines[sign:end] if line.strip()) <= _LONGEST_SIGNATURE
    return sign if short and _has_words(lines[:sign]) else end


def _answers_inside(quoted: list[str]) -> bool:
    """Unquoted words below quoted lines: the customer answered point by point, or below."""
    marks = [line.lstrip().startswith(">") for line in quoted if line.strip()]
    return True in marks and not all(marks[marks.index(True) :])


def _forwards(kept: list[str]) -> bool:
    """The last line announces a forwarded mail: that is what the customer wants to show, not our words coming back."""
    last = next((line.strip() for line in reversed(kept) if line.strip()), "")
    return len(last) <= _LINE and last.startswith(("-", "*", "Begin ")) and _FORWARD.search(last) is not None


def _skip_back(lines: list[str], at: int, *, blank: bool) -> int:
    while at and bool(lines[at - 1].strip()) is not blank:
        at -= 1
    return at


def _has_words(lines: list[str]) -> bool:
    return any(letter.isalnum() for line in lines for letter in line)


def _joined(lines: list[str]) -> str:
    """The lines without blank ones around them and without the separator above a quoted mail."""
    text = "\n".join(lines).strip()
    head, _, last = text.rpartition("\n")
    return head.strip() if _SEPARATOR.fullmatch(last.strip()) else text
