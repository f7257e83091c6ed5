"""Photos made on the fly: a workbench, a part, and what is wrong with it, as a phone would send it."""

import io
from datetime import datetime
from random import Random

from PIL import Image, ImageDraw, ImageFilter

_BENCHES = ((139, 119, 101), (96, 108, 118), (164, 150, 134), (74, 78, 90))
_METALS = ((188, 192, 196), (142, 146, 150), (60, 62, 66))
_EXIF_DATETIME_ORIGINAL, _EXIF_MODEL, _EXIF_IFD = 0x9003, 0x0110, 0x8769


def photo(label: str, taken_at: datetime, random: Random) -> bytes:
    """A JPEG of 960 × 720 with the date it was taken in its EXIF data."""
    bench = random.choice(_BENCHES)
    image = Image.new("RGB", (960, 720), bench)
    draw = ImageDraw.Draw(image)
    for y in range(0, 720, 24):
        shade = random.randint(-10, 10)
        draw.line([(0, y), (960, y + random.randint(-8, 8))], fill=tuple(channel + shade for channel in bench), width=9)
    _part(draw, random)
    image = image.filter(ImageFilter.BoxBlur(1))
    ImageDraw.Draw(image).text((28, 676), label, fill=(245, 245, 240), font_size=26)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=82, exif=_exif(taken_at))
    return out.getvalue()


def _part(draw: ImageDraw.ImageDraw, random: Random) -> None:
    metal = random.choice(_METALS)
    left, top = random.randint(220, 320), random.randint(140, 220)
    right, bottom = left + random.randint(320, 420), top + random.randint(280, 340)
    draw.rounded_rectangle((left + 14, top + 18, right + 14, bottom + 18), radius=26, fill=(40, 38, 36))
    draw.rounded_rectangle((left, top, right, bottom), radius=26, fill=metal)
    for x, y in ((left, top), (right - 52, top), (left, bottom - 52), (right - 52, bottom - 52)):
        draw.ellipse((x + 12, y + 12, x + 40, y + 40), fill=(48, 48, 50))
    middle = ((left + right) // 2, (top + bottom) // 2)
    draw.ellipse((middle[0] - 70, middle[1] - 70, middle[0] + 70, middle[1] + 70), fill=(90, 92, 96))
    draw.ellipse((middle[0] - 22, middle[1] - 22, middle[0] + 22, middle[1] + 22), fill=(210, 212, 214))
    for _ in range(random.randint(3, 7)):  # the scorch that the mail is about
        x, y = middle[0] + random.randint(-110, 110), middle[1] + random.randint(-100, 100)
        draw.ellipse((x, y, x + random.randint(12, 46), y + random.randint(10, 34)), fill=(52, 34, 22))


def _exif(taken_at: datetime) -> Image.Exif:
    exif = Image.Exif()
    exif[_EXIF_MODEL] = "Demo phone"
    exif.get_ifd(_EXIF_IFD)[_EXIF_DATETIME_ORIGINAL] = taken_at.strftime("%Y:%m:%d %H:%M:%S")
    return exif
