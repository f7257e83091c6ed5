"""Pictures, made small and harmless: decoded under limits and encoded anew, so that nothing of the original's
metadata, trailing bytes or tricks is in what people look at."""

import io
import logging
from datetime import UTC, datetime
from typing import IO, Any

import pillow_heif
from PIL import ExifTags, Image, ImageOps

from cases.evidence import refusals
from cases.evidence.renditions import NotReadable, Renditions
from cases.outbox.headers import one_line

logger = logging.getLogger(__name__)
pillow_heif.register_heif_opener()

WEB_SIDE, THUMBNAIL_SIDE = 1600, 320
# What 200 MB of memory unpack. A JPEG is decoded at a fraction of its size, if it is not a progressive one; everything
# else has to be unpacked whole, a WebP several times over.
_MB = 1_000_000
MOST_PIXELS = {
    "JPEG": 120 * _MB,
    "MPO": 120 * _MB,
    "PNG": 24 * _MB,
    "GIF": 24 * _MB,
    "HEIF": 25 * _MB,
    "WEBP": 12.5 * _MB,
}
MOST_PIXELS_OF_PROGRESSIVE_JPEG = 18 * _MB
# Phones make HEIC of 48 million pixels. Such a one is megabytes long; a bomb of that size is not.
MOST_PIXELS_OF_REAL_HEIC, PIXELS_A_BYTE_OF_REAL_HEIC = 50 * _MB, 50
Image.MAX_IMAGE_PIXELS = int(MOST_PIXELS["JPEG"])

# Only the decoder of the type that was sniffed is ever tried: Pillow knows forty, some of them start programs.
_DECODERS = {
    "image/jpeg": ("JPEG",),
    "image/png": ("PNG",),
    "image/heic": ("HEIF",),
    "image/webp": ("WEBP",),
    "image/gif": ("GIF",),
}
_PIECE = 256 * 1024
# A sound header is read in a few thousand bites. Millions of tiny segments would keep a decoder busy for minutes.
MOST_READS = 200_000
_BOMBS = (Image.DecompressionBombError, Image.DecompressionBombWarning)


def header_problem(file: IO[bytes], content_type: str) -> str:
    """Why this picture should be refused, in the customer's words, told from its header; "" if it looks sound."""
    try:
        with _opened(file, content_type) as image:
            if content_type == "image/png":
                image.verify()  # walks the chunks to the end without unpacking them
        if content_type == "image/jpeg" and _breaks_off(file):
            return refusals.DAMAGED
    except _TooManyPixels:
        return refusals.TOO_MANY_PIXELS
    except Exception as error:
        # A hostile file can make a decoder raise anything at all; whatever it is, the picture is not sound.
        logger.info("refused a picture (%s): %s: %s", content_type, type(error).__name__, error)
        return refusals.DAMAGED
    return ""


def make_renditions(file: IO[bytes], content_type: str) -> Renditions:
    """What people see of a picture: its first frame, upright, at most WEB_SIDE and THUMBNAIL_SIDE pixels a side."""
    try:
        with _opened(file, content_type) as image:
            facts, captured_at = _facts(image)
            picture = _upright(image)
        web = _as_jpeg(picture, quality=84)
        picture.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE), Image.Resampling.LANCZOS)
        return Renditions(web, _as_jpeg(picture, quality=80), facts, captured_at)
    except Exception as error:
        raise NotReadable(f"{type(error).__name__}: {error}") from error


class _TooManyPixels(Exception):
    pass


class _Impatient(io.RawIOBase):
    """The same file, which stops a decoder that reads it in endlessly many pieces."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self._reads_left = file, MOST_READS

    def read(self, size: int = -1, /) -> bytes:
        self._reads_left -= 1
        if self._reads_left < 0:
            raise NotReadable("too many pieces")
        return self._file.read(size)

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        self._file.seek(offset, whence)
        return self._file.tell()

    def tell(self) -> int:
        return self._file.tell()


def _opened(file: IO[bytes], content_type: str) -> Image.Image:
    file.seek(0)
    try:
        image = Image.open(_Impatient(file), formats=_DECODERS[content_type])  # type: ignore[arg-type]
    except _BOMBS as error:
        raise _TooManyPixels(str(error)) from error
    if image.width * image.height > _most_pixels(image, file):
        raise _TooManyPixels(f"{image.width} × {image.height}")
    return image


def _most_pixels(image: Image.Image, file: IO[bytes]) -> float:
    if "progressive" in image.info:
        return MOST_PIXELS_OF_PROGRESSIVE_JPEG
    if image.format == "HEIF":
        at = file.tell()
        size = file.seek(0, io.SEEK_END)
        file.seek(at)
        return max(MOST_PIXELS["HEIF"], min(MOST_PIXELS_OF_REAL_HEIC, size * PIXELS_A_BYTE_OF_REAL_HEIC))
    return MOST_PIXELS[image.format or ""]


def _breaks_off(file: IO[bytes]) -> bool:
    """Whether a JPEG lacks the end marker of the picture itself (the small one in its EXIF has one): half an upload.

    False where its segments are in disorder; decoders often find their way through all the same.
    """
    at = 2
    for _ in range(MOST_READS):
        file.seek(at)
        head = file.read(4)
        if len(head) < 4 or head[0] != 0xFF:
            return False
        if head[1] == 0xDA:  # here the picture begins; before it come segments, each of which says how long it is
            return not _holds(file, b"\xff\xd9")
        # A marker may be padded with any number of 0xFF.
        at += 1 if head[1] == 0xFF else 2 + int.from_bytes(head[2:], "big")
    return False


def _holds(file: IO[bytes], mark: bytes) -> bool:
    """Whether the rest of the file holds these two bytes, also across the seam of two pieces."""
    seam = b""
    while piece := file.read(_PIECE):
        if mark in seam + piece:
            return True
        seam = piece[-1:]
    return False


def _upright(image: Image.Image) -> Image.Image:
    """The picture at web size, turned as its camera was held, on white, and with nothing but its pixels."""
    if image.mode in ("1", "P", "PA"):  # a palette cannot be scaled smoothly
        image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    image.thumbnail((WEB_SIDE, WEB_SIDE), Image.Resampling.LANCZOS)
    turned = ImageOps.exif_transpose(image)
    # A canvas of our own: `save` would otherwise copy comments along.
    canvas = Image.new("RGB", turned.size, "white")
    if turned.has_transparency_data:
        with_alpha = turned.convert("RGBA")
        canvas.paste(with_alpha, mask=with_alpha.getchannel("A"))
    else:
        canvas.paste(turned.convert("RGB"))
    return canvas


def _as_jpeg(picture: Image.Image, *, quality: int) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=quality, optimize=True)
    return buffer.getvalue()


def _facts(image: Image.Image) -> tuple[dict[str, Any], datetime | None]:
    """Size, camera and time as the picture states them. Where it was taken is nobody's business and is not read."""
    facts: dict[str, Any] = {"width": image.width, "height": image.height}
    try:
        exif = image.getexif()
        shot = exif.get_ifd(ExifTags.IFD.Exif)
    except Exception as error:  # broken metadata is no reason to hide the picture
        logger.info("unreadable EXIF: %s: %s", type(error).__name__, error)
        return facts, None
    if exif.get(ExifTags.Base.Orientation) in (5, 6, 7, 8):
        facts["width"], facts["height"] = image.height, image.width
    camera = one_line(f"{_text(exif, ExifTags.Base.Make)} {_text(exif, ExifTags.Base.Model)}", 120)
    taken = _text(shot, ExifTags.Base.DateTimeOriginal)
    offset = _text(shot, ExifTags.Base.OffsetTimeOriginal)
    captured_at = _instant(taken, offset)
    if camera:
        facts["camera"] = camera
    if captured_at:
        facts["taken"] = captured_at.replace(tzinfo=None).isoformat()
        facts["taken_offset"] = offset if _instant(taken, offset, strict=True) else ""
    return facts, captured_at


def _text(tags: Any, tag: int) -> str:
    value = tags.get(tag, "")
    return value.strip("\x00 ") if isinstance(value, str) else ""


def _instant(taken: str, offset: str, *, strict: bool = False) -> datetime | None:
    """`2025:06:01 12:34:56` with `+02:00`. Without a usable offset read as UTC, or None where `strict`."""
    try:
        return datetime.strptime(f"{taken}{offset}", "%Y:%m:%d %H:%M:%S%z")
    except ValueError:
        if strict:
            return None
    try:
        return datetime.strptime(taken, "%Y:%m:%d %H:%M:%S").replace(tzinfo=UTC)
    except ValueError:
        return None
