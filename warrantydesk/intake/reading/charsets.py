"""Bytes to text whatever the sender claims: an unknown or wrong charset costs characters, never the mail."""

import codecs
import re

_ALIASES = {
    # Named for less than they carry: the superset reads what real programs send under the smaller name.
    "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "us-ascii": "ascii",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "ks_c_5601-1987": "cp949",
    "euc-kr": "cp949",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "x-sjis": "cp932",
    "windows-31j": "cp932",
    "big5": "big5hkscs",
    "iso-2022-jp": "iso2022_jp_ext",
    "iso-8859-8-i": "iso-8859-8",
    "iso-8859-8-e": "iso-8859-8",
    "unicode-1-1-utf-7": "utf-7",
    "utf8mb4": "utf-8",
}
# "Text encodings" of Python that are none of mail, and slow or surprising on hostile input.
_NOT_FOR_MAIL = {"idna", "punycode", "raw-unicode-escape", "unicode-escape", "undefined", "mbcs", "oem"}
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:+-]{0,39}")
_ISO_2022 = re.compile(rb"\x1b[$(][@-Z]")


def find_codec(charset: str) -> str | None:
    """Python's name of a charset, None where it is unknown or not meant for mail."""
    name = charset.strip().lower().removeprefix("charset=").strip("\\\"' ")
    if not _NAME.fullmatch(name):
        return None
    try:
        codec = codecs.lookup(_ALIASES.get(name, name))
    except (LookupError, ValueError):
        return None
    # Codecs such as zlib turn bytes into bytes; only the marked ones are text (CPython keeps the mark private).
    is_text = getattr(codec, "_is_text_encoding", True)
    return codec.name if is_text and codec.name.lower() not in _NOT_FOR_MAIL else None


def decode(data: bytes, charset: str = "") -> tuple[str, bool]:
    """The text, and whether the claimed charset (or plain UTF-8 where none was claimed) explained every byte."""
    codec = find_codec(charset) if charset else None
    if codec not in (None, "ascii"):
        text = _try(data, codec)
        if text is not None:
            return text, True
    text = _try(data, "iso2022_jp_ext") if _ISO_2022.search(data) else None
    text = _try(data, "utf-8") if text is None else text
    if text is not None:
        return text, not charset or codec is not None
    return _guess(data, codec), False


def _guess(data: bytes, codec: str | None) -> str:
    """Unsound in what was claimed: damaged UTF-8 if most of it is, else Western, which explains nearly any byte."""
    if codec not in (None, "ascii", "utf-8"):
        return data.decode(codec, "replace")
    text = data.decode("utf-8", "replace")
    damaged = text.count("\ufffd")
    sound = sum(1 for letter in text if letter > "\x7f") - damaged
    return text if damaged <= sound else data.decode("cp1252", "replace")


def _try(data: bytes, codec: str) -> str | None:
    try:
        return data.decode(codec)
    except (UnicodeError, ValueError):
        return None
