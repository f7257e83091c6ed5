"""What a file is, by its content. The name and the type its sender claims decide nothing."""

import re
from dataclasses import dataclass

import filetype

from cases.evidence import refusals

HEAD_BYTES = 8192  # as much of the beginning as `sniff` wants to see

PICTURES = ("image/jpeg", "image/png", "image/heic", "image/webp", "image/gif")
VIDEOS = ("video/mp4", "video/quicktime", "video/webm")
ACCEPTED = (*PICTURES, *VIDEOS, "application/pdf")

_SAME_AS = {"image/apng": "image/png"}  # a PNG that moves; its first frame is all we show
_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"}
_MP4_BRANDS = re.compile(rb"iso[m2-9a-c]|mp4[12]|avc1|hvc1|hev1|M4V |M4VH|M4VP|MSNV|dash|mmp4|3g[p2]\w|XAVC|CAEP|f4v ")
_BOXES = {b"moov", b"mdat", b"free", b"skip", b"wide", b"uuid", b"moof", b"styp", b"sidx", b"pnot", b"meta", b"pdin"}
_OLD_QUICKTIME = {b"moov", b"mdat", b"wide", b"pnot"}
_MARKUP = re.compile(rb"<(?:!doctype|html|svg|script|body|head|iframe|img|\?xml|!--)", re.IGNORECASE)
_PROGRAMS = (b"MZ", b"\x7fELF", b"#!", b"\xca\xfe\xba\xbe", b"\xfe\xed\xfa", b"\xcf\xfa\xed\xfe", b"X5O!P%@AP")
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OFFICE_IN_ZIP = (b"[Content_Types].xml", b"word/", b"xl/", b"ppt/", b"mimetypeapplication/vnd.")
_ARCHIVES = {
    "application/zip",
    "application/x-rar-compressed",
    "application/vnd.rar",
    "application/x-7z-compressed",
    "application/gzip",
    "application/x-tar",
    "application/x-bzip2",
    "application/x-xz",
    "application/zstd",
    "application/x-lzip",
    "application/x-unix-archive",
    "application/vnd.ms-cab-compressed",
    "application/x-apple-diskimage",
}


@dataclass(frozen=True)
class Sniffed:
    """A type of ACCEPTED, or a refusal in the customer's words. `content_type` is "" where nothing is known."""

    content_type: str
    refusal: str = ""


def sniff(head: bytes, size: int) -> Sniffed:
    """What a file of `size` bytes is that begins with `head` (its first HEAD_BYTES, or all of it)."""
    if size == 0:
        return Sniffed("", refusals.EMPTY)
    if head[4:8] == b"ftyp":
        return _by_brand(head, size)
    if head[4:8] in _OLD_QUICKTIME and 8 <= int.from_bytes(head[:4], "big") <= size:
        return Sniffed("video/quicktime")
    guessed = filetype.guess(head)
    mime = _SAME_AS.get(guessed.mime, guessed.mime) if guessed else ""
    if mime == "video/webm" and not _is_webm(head):
        return Sniffed(mime, refusals.UNKNOWN)
    if mime in ACCEPTED:
        return Sniffed(mime)
    return Sniffed(mime, _refusal(head, mime))


def _by_brand(head: bytes, size: int) -> Sniffed:
    """The family of MP4: boxes, the first of which names a brand and those it is compatible with."""
    length = int.from_bytes(head[:4], "big")
    major = head[8:12]
    brands = {major, *(head[at : at + 4] for at in range(16, min(length, len(head)), 4))}
    if length < 16 or size < length + 8:
        return Sniffed("", refusals.DAMAGED)
    if brands & {b"avif", b"avis"}:
        return Sniffed("image/avif", refusals.UNKNOWN)
    if brands & _HEIC_BRANDS:
        return Sniffed("image/heic")
    if major == b"qt  ":
        return _if_it_goes_on(head, length, "video/quicktime")
    if _MP4_BRANDS.fullmatch(major):
        return _if_it_goes_on(head, length, "video/mp4")
    return Sniffed("", refusals.UNKNOWN)


def _if_it_goes_on(head: bytes, length: int, content_type: str) -> Sniffed:
    following = head[length + 4 : length + 8]
    return Sniffed(content_type) if following in _BOXES else Sniffed(content_type, refusals.DAMAGED)


def _is_webm(head: bytes) -> bool:
    """Whether the document type in the EBML header is webm; Matroska with anything inside begins the same way."""
    place = head.find(b"\x42\x82", 4, 64)
    return place > 0 and head[place + 3 : place + 7] == b"webm"


def _refusal(head: bytes, mime: str) -> str:
    if head.startswith(_PROGRAMS):
        return refusals.PROGRAM
    if head.startswith(_OLD_OFFICE) or (head.startswith(b"PK") and any(mark in head for mark in _OFFICE_IN_ZIP)):
        return refusals.DOCUMENT
    if mime in _ARCHIVES or head.startswith(b"PK"):
        return refusals.ARCHIVE
    if _MARKUP.search(head[:1024]):
        return refusals.WEB_PAGE
    return refusals.UNKNOWN
