"""Messages out of files: `.eml`, mbox, Maildir, and folders of them. One at a time, each with where it stood."""

import mailbox
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

MAIL_ENDINGS = (".eml", ".msg", ".mail")
MBOX_ENDINGS = (".mbox", ".mbx")


@dataclass(frozen=True)
class Found:
    """A message and its source: the path as given, `#N` for the N-th of an mbox. `problem` where it cannot be read."""

    source: str
    raw: bytes = b""
    problem: str = ""


def messages_in(path: str) -> Iterator[Found]:
    """Every message under `path`, in order; `-` is one message on standard input."""
    if path == "-":
        yield Found("-", sys.stdin.buffer.read())
        return
    place = Path(path)
    try:
        if place.is_dir():
            yield from _in_folder(place)
        else:
            yield from _in_file(place)
    except OSError as error:
        yield Found(path, problem=error.strerror or str(error))


def _in_folder(folder: Path) -> Iterator[Found]:
    if _is_maildir(folder):
        for part in ("new", "cur"):
            for file in sorted((folder / part).iterdir()):
                yield from _one(file)
        return
    for entry in sorted(folder.iterdir()):
        if entry.name.startswith("."):
            continue
        if entry.is_dir():
            yield from _in_folder(entry)
        elif _is_mail(entry):
            yield from _in_file(entry)


def _is_maildir(folder: Path) -> bool:
    return (folder / "cur").is_dir() and (folder / "new").is_dir()


def _is_mail(file: Path) -> bool:
    """In a folder only what is mail by its name, or says so by beginning like an mbox, is taken for mail."""
    return file.suffix.lower() in MAIL_ENDINGS or _is_mbox(file)


def _is_mbox(file: Path) -> bool:
    if file.suffix.lower() in MBOX_ENDINGS:
        return True
    if file.suffix.lower() in MAIL_ENDINGS:
        return False  # a single message may begin with a "From " line that a mailbox left behind
    with file.open("rb") as opened:
        return opened.read(5) == b"From "


def _in_file(file: Path) -> Iterator[Found]:
    if not _is_mbox(file):
        yield from _one(file)
        return
    box = mailbox.mbox(file, create=False)
    try:
        for number, key in enumerate(box.keys(), start=1):
            yield Found(f"{file}#{number}", box.get_bytes(key))
    finally:
        box.close()


def _one(file: Path) -> Iterator[Found]:
    try:
        yield Found(str(file), file.read_bytes())
    except OSError as error:
        yield Found(str(file), problem=error.strerror or str(error))
