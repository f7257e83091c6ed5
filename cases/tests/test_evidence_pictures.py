"""What people see of a picture: upright, small, and with nothing in it but its pixels."""

import datetime as dt
import io

import pytest
from PIL import Image

from cases.evidence import refusals
from cases.evidence.images import THUMBNAIL_SIDE, WEB_SIDE, make_renditions
from cases.evidence.renditions import NotReadable, Renditions
from cases.evidence.storage import MB, store_file
from cases.tests import files


def _made(content: bytes, content_type: str = "image/jpeg") -> Renditions:
    return make_renditions(io.BytesIO(content), content_type)


def _seen(jpeg: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(jpeg))
    image.load()
    return image


def _is(pixel: object, colour: tuple[int, int, int]) -> bool:
    assert isinstance(pixel, tuple)
    return all(abs(a - b) < 40 for a, b in zip(pixel, colour, strict=True))


@pytest.mark.parametrize(
    ("orientation", "size", "red_at", "blue_at"),
    [
        (1, (64, 48), (32, 5), (32, 43)),
        (2, (64, 48), (32, 5), (32, 43)),
        (3, (64, 48), (32, 43), (32, 5)),
        (4, (64, 48), (32, 43), (32, 5)),
        (5, (48, 64), (5, 32), (43, 32)),
        (6, (48, 64), (43, 32), (5, 32)),
        (7, (48, 64), (43, 32), (5, 32)),
        (8, (48, 64), (5, 32), (43, 32)),
    ],
)
def test_picture_stands_upright_when_the_camera_was_turned(orientation, size, red_at, blue_at) -> None:  # type: ignore[no-untyped-def]
    made = _made(files.picture(exif=files.exif(orientation)))
    for jpeg in (made.web, made.thumbnail):
        image = _seen(jpeg)
        assert image.size == size
        assert _is(image.getpixel(red_at), files.RED)
        assert _is(image.getpixel(blue_at), files.BLUE)
    assert (made.facts["width"], made.facts["height"]) == size


SECRETS = (b"Exif", b"GPS", b"Owner Name", b"ICC_PROFILE", b"secret comment", b"xmp", b"<script", b"PK\x03\x04")


@pytest.mark.parametrize(
    ("content_type", "content"),
    [
        ("image/jpeg", files.picture(exif=files.exif(), comment=b"secret comment") + b"PK\x03\x04<script>"),
        ("image/png", files.picture("PNG", exif=files.exif()) + b"<script>"),
        ("image/webp", files.picture("WEBP", exif=files.exif(), xmp=b"<xmp>secret comment</xmp>")),
        ("image/heic", files.picture("HEIF", exif=files.exif())),
        ("image/gif", files.picture("GIF", comment=b"secret comment")),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_nothing_but_pixels_is_left_when_a_picture_is_made_again(content_type: str, content: bytes) -> None:
    made = _made(content, content_type)
    for jpeg in (made.web, made.thumbnail):
        assert not [secret for secret in SECRETS if secret in jpeg]
        assert not _seen(jpeg).getexif()
        assert _seen(jpeg).size == (64, 48)


@pytest.mark.parametrize(
    ("size", "web", "thumbnail"),
    [
        ((4000, 3000), (WEB_SIDE, 1200), (THUMBNAIL_SIDE, 240)),
        ((3000, 4000), (1200, WEB_SIDE), (240, THUMBNAIL_SIDE)),
        ((500, 100), (500, 100), (THUMBNAIL_SIDE, 64)),
        ((10, 20), (10, 20), (10, 20)),
        ((8000, 2), (WEB_SIDE, 1), (THUMBNAIL_SIDE, 1)),
    ],
    ids=str,
)
def test_picture_is_made_smaller_and_never_larger_when_it_is_shown(size, web, thumbnail) -> None:  # type: ignore[no-untyped-def]
    made = _made(files.picture(size=size))
    assert (_seen(made.web).size, _seen(made.thumbnail).size) == (web, thumbnail)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_picture_is_shown_when_its_pixels_are_of_any_kind(mode: str) -> None:
    made = _made(files.picture("PNG", mode=mode if mode != "I;16" else "L"), "image/png")
    assert _seen(made.web).mode == "RGB"


def test_see_through_parts_are_white_when_a_picture_has_some() -> None:
    buffer = io.BytesIO()
    Image.new("RGBA", (20, 20), (0, 0, 0, 0)).save(buffer, "PNG")
    assert _is(_seen(_made(buffer.getvalue(), "image/png").web).getpixel((10, 10)), (255, 255, 255))


def test_first_frame_is_shown_when_a_picture_moves() -> None:
    frames = [Image.new("RGB", (20, 20), colour) for colour in (files.RED, files.BLUE)]
    buffer = io.BytesIO()
    frames[0].save(buffer, "GIF", save_all=True, append_images=frames[1:])
    assert _is(_seen(_made(buffer.getvalue(), "image/gif").web).getpixel((10, 10)), files.RED)


@pytest.mark.parametrize(
    ("taken", "offset", "at", "facts"),
    [
        (
            "2025:06:01 12:34:56",
            "+02:00",
            dt.datetime(2025, 6, 1, 10, 34, 56, tzinfo=dt.UTC),
            {"taken": "2025-06-01T12:34:56", "taken_offset": "+02:00"},
        ),
        (
            "2025:06:01 12:34:56",
            "nonsense",
            dt.datetime(2025, 6, 1, 12, 34, 56, tzinfo=dt.UTC),
            {"taken": "2025-06-01T12:34:56", "taken_offset": ""},
        ),
        (
            "2025:06:01 12:34:56",
            "",
            dt.datetime(2025, 6, 1, 12, 34, 56, tzinfo=dt.UTC),
            {"taken": "2025-06-01T12:34:56", "taken_offset": ""},
        ),
        ("0000:00:00 00:00:00", "", None, {}),
        ("yesterday", "+02:00", None, {}),
        ("", "", None, {}),
    ],
    ids=["with_offset", "odd_offset", "no_offset", "zeros", "words", "nothing"],
)
def test_time_and_camera_are_facts_when_the_camera_tells_them(taken, offset, at, facts) -> None:  # type: ignore[no-untyped-def]
    made = _made(files.picture(exif=files.exif(make="Kam\nera ", model="X\x00100", taken=taken, offset=offset)))
    assert made.captured_at == at
    assert made.facts.items() >= facts.items()
    assert made.facts["camera"] == "Kam era X 100"
    assert "gps" not in str(made.facts).lower()


@pytest.mark.parametrize("content", [b"", b"\xff\xd8\xff", files.picture()[:300], b"GIF89a", b"\x00" * 1000])
def test_picture_is_not_readable_when_it_is_broken(content: bytes) -> None:
    with pytest.raises(NotReadable):
        _made(content)


def test_picture_is_not_readable_when_it_has_too_many_pixels() -> None:
    buffer = io.BytesIO()
    Image.new("1", (9000, 8000)).save(buffer, "PNG")
    bomb = buffer.getvalue()
    assert len(bomb) < 100_000
    with pytest.raises(NotReadable):
        _made(bomb, "image/png")
    assert store_file("bomb.png", "", bomb, limit_bytes=MB).refusal == refusals.TOO_MANY_PIXELS
