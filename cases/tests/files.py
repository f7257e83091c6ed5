"""Files as customers send them, made here: pictures of every kind, videos that are only as long as their header."""

import io
from typing import Any

import pillow_heif
from PIL import Image

pillow_heif.register_heif_opener()

RED, BLUE = (220, 30, 30), (30, 30, 220)
EXIF_IFD, GPS_IFD = 0x8769, 0x8825
ORIENTATION, MAKE, MODEL, TAKEN, OFFSET, ARTIST = 0x0112, 0x010F, 0x0110, 0x9003, 0x9011, 0x013B


def picture(kind: str = "JPEG", size: tuple[int, int] = (64, 48), mode: str = "RGB", **options: Any) -> bytes:
    """A picture whose upper half is red and whose lower half is blue."""
    image = Image.new("RGB", size, BLUE)
    image.paste(RED, (0, 0, size[0], size[1] // 2))
    buffer = io.BytesIO()
    image.convert(mode).save(buffer, kind, **options)
    return buffer.getvalue()


def exif(orientation: int = 1, **tags: str) -> bytes:
    """EXIF as a phone writes it, with the place and the owner in it; tags `make`, `model`, `taken`, `offset`."""
    data = Image.Exif()
    data[ORIENTATION] = orientation
    data[ARTIST] = "Owner Name"
    for tag, name in ((MAKE, "make"), (MODEL, "model")):
        if name in tags:
            data[tag] = tags[name]
    for tag, name in ((TAKEN, "taken"), (OFFSET, "offset")):
        if name in tags:
            data.get_ifd(EXIF_IFD)[tag] = tags[name]
    data.get_ifd(GPS_IFD).update({1: "N", 2: (52.0, 31.0, 12.0), 3: "E", 4: (13.0, 24.0, 18.0)})
    return data.tobytes()


def box(kind: bytes, content: bytes = b"") -> bytes:
    return (8 + len(content)).to_bytes(4, "big") + kind + content


def video(brand: bytes = b"isom", following: bytes = b"moov") -> bytes:
    return box(b"ftyp", brand + bytes(4) + b"mp41") + box(following, bytes(64))


WEBM = b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\xf7\x81\x01\x42\xf2\x81\x04\x42\xf3\x81\x08\x42\x82\x84webm" + bytes(
    64
)
MATROSKA = WEBM.replace(b"\x84webm", b"\x88matroska")
OLD_MOV = box(b"wide") + box(b"mdat", bytes(64))
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
