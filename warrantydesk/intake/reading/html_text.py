"""HTML to the text a person would read, in one pass over its tags.

`html.parser` takes 42 seconds on 60 kB of "<a <a <a", and a browser-grade parser still grows with the square of some
nestings. Every step here moves forward to the next "<" or ">", so the time is that of reading once.
The result is text: nothing in it is ever run or loaded.
"""

import re
from html import unescape

_SILENT = {"script", "style", "head", "title", "template", "noscript", "object", "svg", "math", "select", "textarea"}
_BREAKS = {"br", "hr", "tr", "li", "dt", "dd", "div", "table", "ul", "ol", "pre", "section"}
_BREAKS |= {"h1", "h2", "h3", "h4", "h5", "h6"}
_PARAGRAPHS = {"p", "blockquote"}
_NAME = re.compile(r"/?[A-Za-z][A-Za-z0-9:]{0,30}")
_SPACES = re.compile(r"[ \t\r\n\f]+")
_BLANK_LINES = re.compile(r"\n{3,}")
# int() refuses numbers of thousands of digits with an error; no character has more than seven.
_LONG_NUMBER = re.compile(r"&#(?:[0-9]{8,}|[xX][0-9a-fA-F]{8,});?")


class _Writer:
    """Collects words and line ends; lines inside block quotes begin with "> " as in plain mails."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.line: list[str] = []
        self.quotes = 0
        self.silent = ""
        self.silent_depth = 0

    def words(self, raw: str) -> None:
        if not self.silent and raw:
            self.line.append(_SPACES.sub(" ", _unescape(raw)))

    def tag(self, name: str) -> None:
        closing, name = name.startswith("/"), name.lstrip("/").lower()
        if self.silent:
            self._silence(name, closing)
        elif name in _SILENT:
            if not closing:
                self.silent, self.silent_depth = name, 1
        else:
            self._layout(name, closing)

    def _silence(self, name: str, closing: bool) -> None:
        # A body begins where a forgotten head, title or style ends.
        if name == "body" and not closing:
            self.silent_depth = 0
        elif name == self.silent:
            self.silent_depth += -1 if closing else 1
        if self.silent_depth <= 0:
            self.silent = ""

    def _layout(self, name: str, closing: bool) -> None:
        if name in _BREAKS:
            # <br> ends a line even where it is empty; blocks only end one that holds words.
            self.end_line(always=name == "br")
        elif name in _PARAGRAPHS:
            self.end_line(always=False)
            if name == "blockquote":
                self.quotes = max(0, self.quotes + (-1 if closing else 1))
            if closing and self.lines and self.lines[-1].strip("> "):
                self.end_line(always=True)
        elif name in ("td", "th") and closing:
            self.line.append(" ")

    def end_line(self, *, always: bool) -> None:
        text = _SPACES.sub(" ", "".join(self.line)).strip()
        self.line = []
        if text or always:
            # Deep quoting is not worth its marks, and each of thousands of levels would lengthen every line.
            self.lines.append(f"{'> ' * min(self.quotes, 5)}{text}".rstrip())


def html_to_text(html: str) -> str:
    """The visible words of a page, line by line. Links keep their words only; scripts, styles and forms say nothing."""
    writer = _Writer()
    at = 0
    while (opens := html.find("<", at)) >= 0:
        writer.words(html[at:opens])
        name = _NAME.match(html, opens + 1)
        if name is None and html[opens + 1 : opens + 2] not in ("!", "?", "/"):
            writer.words("&lt;")
            at = opens + 1
            continue
        if html.startswith("<!--", opens):
            at = _after(html, "-->", opens + 4)
            continue
        at = _after(html, ">", opens + 1)
        if name is not None:
            writer.tag(name[0])
    writer.words(html[at:])
    writer.end_line(always=False)
    return _BLANK_LINES.sub("\n\n", "\n".join(writer.lines)).strip("\n")


def _after(html: str, end: str, at: int) -> int:
    """Behind the next `end`; a comment or tag that never ends swallows the rest, as it does in a browser."""
    found = html.find(end, at)
    return found + len(end) if found >= 0 else len(html)


def _unescape(text: str) -> str:
    return unescape(_LONG_NUMBER.sub("\ufffd", text)) if "&" in text else text
