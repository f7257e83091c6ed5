"""What becomes of a picture, in words of our own: whoever only passes it on loads no decoder."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


class NotReadable(Exception):
    """The picture cannot be decoded, or only at a price nobody should pay."""


@dataclass(frozen=True)
class Renditions:
    """JPEGs without metadata. `captured_at` is the camera's own clock, read as UTC where it names no offset."""

    web: bytes
    thumbnail: bytes
    facts: dict[str, Any] = field(default_factory=dict)
    captured_at: datetime | None = None
