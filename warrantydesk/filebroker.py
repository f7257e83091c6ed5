"""The broker of the embedded desk: kombu's broker of files, where a message appears whole or not at all.

kombu opens the file of a message under its final name and writes it then. A worker that looks in between takes an empty
file for a message, cannot read it and ends for good: with it the whole embedded desk.
"""

import uuid
from pathlib import Path
from time import monotonic_ns
from typing import Any

from kombu.exceptions import ChannelError
from kombu.transport import TRANSPORT_ALIASES, filesystem, virtual
from kombu.utils.json import dumps

SCHEME = "files"


class Channel(filesystem.Channel):
    def _put(self, queue: str, payload: Any, **_kwargs: Any) -> None:  # type: ignore[override] # the bases disagree
        """Written under a name no queue looks for, and then given its own. Their order is that of their names."""
        name = f"{monotonic_ns() // 1_000_000}_{uuid.uuid4()}.{queue}.msg"
        folder = Path(self.data_folder_out)
        unfinished = folder / f".{name}.part"
        try:
            unfinished.write_text(dumps(payload), encoding="utf-8")
            unfinished.rename(folder / name)
        except OSError as error:
            raise ChannelError(f"Cannot add {name!r} to the folder of messages.") from error


class Transport(filesystem.Transport):
    Channel = Channel
    global_state = virtual.BrokerState()


def register() -> None:
    TRANSPORT_ALIASES[SCHEME] = f"{__name__}:Transport"
