"""What a pass over the mailbox came to, and what it tells of each message."""

from dataclasses import dataclass

from warrantydesk.intake.receipt import Receipt


@dataclass(frozen=True)
class Taken:
    """One message of the inbox. `receipt` is None where it was not read yet, `folder` empty where it stays."""

    source: str
    receipt: Receipt | None = None
    folder: str = ""
    problem: str = ""


@dataclass
class Pass:
    """What a pass came to: `fetched` and stored, `taken` out of the inbox, `left` in it.

    `busy`: another poller is at this mailbox, and nothing was done.
    """

    fetched: int = 0
    taken: int = 0
    left: int = 0
    problem: str = ""
    busy: bool = False
    is_whole: bool = False
