"""The words of a message: the best text there is, in any charset, cut to a bearable length before anything else."""

from dataclasses import dataclass, field

from warrantydesk.intake.reading.charsets import decode
from warrantydesk.intake.reading.cleaning import many_lines
from warrantydesk.intake.reading.html_text import html_to_text
from warrantydesk.intake.reading.limits import Limits
from warrantydesk.intake.reading.structure import Part
from warrantydesk.intake.reading.transfer import decode_transfer, without_uuencoded

_HTML = {"text/html", "application/xhtml+xml", "text/enriched", "text/richtext"}
_PLAIN = {"text/plain", "text/markdown", "text/x-markdown"}
# More bytes than characters can be asked for; the rest of the factor is room for folding and padding.
_BYTES_PER_CHARACTER = 6


@dataclass(slots=True)
class Body:
    text: str = ""
    had_html: bool = False
    troubles: list[str] = field(default_factory=list)


def is_body(part: Part) -> bool:
    """A text that belongs to the mail itself, not a file that happens to be text."""
    headers = part.headers
    if part.children or headers.disposition == "attachment" or headers.file_name:
        return False
    return headers.content_type in _HTML | _PLAIN or headers.content_type.startswith("multipart/")


def read_body(root: Part, limits: Limits) -> Body:
    """The words of all body parts in order, one version of each alternative, at most `limits.text` characters."""
    reader = _BodyReader(limits)
    text = reader.read(root) or reader.read_named(root) or reader.read_forwarded(root)
    if len(text) > limits.text:
        reader.trouble(f"text cut after {limits.text} characters")
    return Body(text[: limits.text], reader.had_html, reader.troubles)


@dataclass(slots=True)
class _BodyReader:
    limits: Limits
    left: int = 0
    had_html: bool = False
    troubles: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.left = self.limits.source

    def trouble(self, text: str) -> None:
        if text not in self.troubles:
            self.troubles.append(text)

    def read(self, part: Part) -> str:
        """The text of a part and what is below it; forwarded messages are files, not our text."""
        if part.headers.content_type.startswith("message/"):
            return ""
        if part.children:
            texts = [self.read(child) for child in part.children]
            if part.headers.content_type == "multipart/alternative":
                return self._best(part, texts)
            return "\n\n".join(text for text in texts if text)
        return self._words(part) if is_body(part) else ""

    def read_named(self, root: Part) -> str:
        """Some programs give even the letter itself a name; better that than no words at all."""
        for part in root.walk():
            headers = part.headers
            if headers.content_type.startswith("message/"):
                return ""
            if not part.children and headers.content_type in _HTML | _PLAIN and headers.disposition != "attachment":
                text = self._words(part)
                if text:
                    return text
        return ""

    def read_forwarded(self, root: Part) -> str:
        """The words of a forwarded message where its sender added none of their own. A bounce is not forwarded."""
        for part in root.walk() if root.headers.content_type != "multipart/report" else ():
            if part.children and part.headers.content_type.startswith("message/"):
                text = self.read(part.children[0])
                if text:
                    self.trouble("no words but those of the forwarded message")
                    return text
        return ""

    def _best(self, part: Part, texts: list[str]) -> str:
        """Plain text says what the sender sees without our guessing; the last version where there is none."""
        for child, text in zip(part.children, texts, strict=True):
            if text and child.headers.content_type in _PLAIN:
                return text
        return next((text for text in reversed(texts) if text), "")

    def _words(self, part: Part) -> str:
        headers = part.headers
        is_html = headers.content_type in _HTML
        self.had_html = self.had_html or is_html
        data, was_cut = self._bytes(part)
        text, sound = decode(_whole_letters(data, headers.charset) if was_cut else data, headers.charset)
        if not sound:
            self.trouble(f"text is not what its charset says ({headers.charset[:40] or 'none given'})")
        if is_html:
            text = html_to_text(text)
        return many_lines(text).strip()

    def _bytes(self, part: Part) -> tuple[bytes, bool]:
        """As much of the part's content as the budget of the whole message still allows."""
        # A uuencoded file is only known, and left out, whole.
        limit = None if part.mentions(b"begin ") else self.left * _BYTES_PER_CHARACTER
        raw = part.body[:limit]
        data, sound = decode_transfer(raw, part.headers.encoding)
        if not sound:
            self.trouble(f"text is not what its transfer encoding says ({part.headers.encoding[:40]})")
        was_cut = len(raw) < len(part.body) or len(data) > self.left
        if was_cut:
            self.trouble("text too long to be read whole")
        data = (without_uuencoded(memoryview(data)) if b"begin " in data else data)[: self.left]
        self.left -= len(data)
        return data, was_cut


def _whole_letters(data: bytes, charset: str) -> bytes:
    """Cut text may end inside a letter; up to the last line end or space it is sound in every charset of mail."""
    if not charset.lower().startswith(("utf-16", "utf-32")):
        end = max(data.rfind(b"\n"), data.rfind(b" "), len(data) - 1000)
        return data[:end]
    return data[: len(data) // 4 * 4]
