"""What the headers of one part say about its bytes."""

import re
from dataclasses import dataclass
from email.message import Message
from typing import NamedTuple

from warrantydesk.intake.reading.charsets import decode
from warrantydesk.intake.reading.encoded_words import decode_words


class Field(NamedTuple):
    """One header field: name in lower case, value as the bytes that came, folding included, cut at a limit."""

    name: str
    value: bytes

    @property
    def text(self) -> str:
        """On one line, 8-bit letters read as UTF-8 or else Western; encoded words still encoded."""
        return " ".join(decode(self.value)[0].replace("\r", "\n").split("\n")).strip()


@dataclass(frozen=True, slots=True)
class PartHeaders:
    content_type: str
    charset: str
    encoding: str
    disposition: str
    file_name: str
    """Decoded, yet as the sender wrote it: paths and all."""
    content_id: str
    boundary: bytes
    """b'' where the part is no multipart."""
    report_type: str
    trouble: str = ""


# The standard parser of parameters counts quotes over and over; a value of this length costs it milliseconds.
_LONGEST = 4_000
_READ = {"content-type", "content-disposition", "content-transfer-encoding", "content-id"}


def read_part_headers(fields: list[Field], default_type: str = "text/plain") -> PartHeaders:
    """Never raises: what cannot be understood is as if it had not been sent, and named in `trouble`."""
    message: Message[str, str] = Message()
    message.set_default_type(default_type)
    for field in fields:
        if field.name in _READ and field.name not in message:
            message[field.name] = field.text[:_LONGEST].replace("\x00", "")
    troubles: list[str] = []
    content_type = message.get_content_type()
    return PartHeaders(
        content_type=content_type,
        charset=_parameter(message, "content-type", "charset", troubles),
        encoding=_encoding(message),
        disposition=_disposition(message),
        file_name=_file_name(message, troubles),
        content_id=message.get("content-id", "").strip().strip("<>")[:250],
        boundary=_boundary(message, content_type, fields),
        report_type=_parameter(message, "content-type", "report-type", troubles).lower(),
        trouble=troubles[0] if troubles else "",
    )


def _encoding(message: Message) -> str:
    """In the spelling of the standards; "7-bit", "8 bits" and "quoted printable" are all in use."""
    value = message.get("content-transfer-encoding", "").split(";")[0].strip().strip("\"'").lower()
    if re.fullmatch(r"\d[ -]?bits?", value):
        return "8bit"
    return "quoted-printable" if value == "quoted printable" else value[:60]


def _disposition(message: Message) -> str:
    words = message.get("content-disposition", "").split(";")[0].split()
    return words[0].lower() if words else ""


def _file_name(message: Message, troubles: list[str]) -> str:
    name = _parameter(message, "content-disposition", "filename", troubles)
    return decode_words(name.strip() or _parameter(message, "content-type", "name", troubles).strip())


def _boundary(message: Message, content_type: str, fields: list[Field]) -> bytes:
    if not content_type.startswith("multipart/"):
        return b""
    boundary = _parameter(message, "content-type", "boundary", []).rstrip()[:250]
    raw = next((field.value for field in fields if field.name == "content-type"), b"")
    # 8-bit letters in a boundary were decoded with the rest of the header; the body holds the bytes as sent.
    for codec in ("utf-8", "cp1252"):
        encoded = boundary.encode(codec, "ignore")
        if encoded and encoded in raw:
            return encoded
    return boundary.encode("utf-8", "ignore")


def _parameter(message: Message, header: str, name: str, troubles: list[str]) -> str:
    """A parameter's decoded value, '' where it is absent or beyond understanding (RFC 2231 pieces included)."""
    try:
        value = message.get_param(name, "", header)
    except (TypeError, ValueError, LookupError) as failure:
        # Numbered and unnumbered pieces of one parameter side by side, for one, make the library's sort fail.
        troubles.append(f"{header}: {name} cannot be read ({type(failure).__name__})")
        return ""
    if isinstance(value, tuple):
        charset, _language, text = value
        return decode(text.encode("latin-1", "replace"), charset or "")[0]
    return value
