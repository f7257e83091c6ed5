"""The broker of files: nobody ever sees half a message."""

from pathlib import Path

from kombu import Connection
from kombu.transport import TRANSPORT_ALIASES

from warrantydesk import filebroker


class Looking:
    """Written into a message, it notes which messages lie in the folder just then."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.seen: list[list[str]] = []

    def __json__(self) -> str:
        self.seen.append([path.name for path in self.folder.iterdir() if path.name.endswith(".msg")])
        return "written"


def test_message_appears_whole(tmp_path: Path) -> None:
    filebroker.register()
    folder = tmp_path / "queue"
    folder.mkdir()
    options = {"data_folder_in": str(folder), "data_folder_out": str(folder), "control_folder": str(tmp_path)}
    with Connection(f"{filebroker.SCHEME}://localhost", transport_options=options) as connection:
        channel, looking = connection.channel(), Looking(folder)
        channel._put("mail", {"body": looking})
        assert looking.seen == [[]]
        [message] = folder.iterdir()
        assert message.name.endswith(".mail.msg")
        # A worker that finds a message of a writer who died in the middle takes no notice of it.
        (folder / f".{message.name}.part").write_text("")
        assert channel._get("mail") == {"body": "written"}
        assert channel._size("mail") == 0


def test_desk_uses_it() -> None:
    assert TRANSPORT_ALIASES[filebroker.SCHEME] == "warrantydesk.filebroker:Transport"
