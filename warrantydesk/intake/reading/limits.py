"""What a message may cost to read, and the one way of refusing it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Ceilings of one message. Sizes in bytes where the name says so, else in characters."""

    message_bytes: int = 50 * 1024 * 1024
    header_bytes: int = 2_000_000
    """All header blocks of the message together."""
    parts: int = 1_000
    depth: int = 30
    header_value: int = 20_000
    """One header's value, before anything is decoded from it."""
    subject: int = 250
    text: int = 100_000
    source: int = 1_000_000
    """Undecoded body text (HTML carries far more mark-up than words)."""
    file_name: int = 200
    addresses: int = 200
    candidates: int = 50
    """Numbers of one kind that are worth proposing to a person."""


class Unreadable(Exception):
    """The message must be quarantined; `reason` is a short phrase for the quarantine list."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
