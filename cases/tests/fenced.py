"""Takes in every file of some folders, each in a fork that has five seconds of the processor and 200 MB for it.

A program of its own, with one thread, so that forking it is sound: `python -m cases.tests.fenced FOLDER…`.
"""

import os
import sys
from pathlib import Path

import cases.evidence.decoding  # noqa: F401 - configures settings; nothing below reads one
from cases.evidence.images import header_problem, make_renditions
from cases.evidence.names import harmless_name
from cases.evidence.renditions import NotReadable
from cases.evidence.sniff import HEAD_BYTES, PICTURES, sniff
from products.fencing import address_space, fence

SECONDS, MEMORY_MB = 5, 200


def take_in(path: Path) -> None:
    """What receipt and processing do with the content of a file."""
    harmless_name(path.name)
    with path.open("rb") as file:
        sniffed = sniff(file.read(HEAD_BYTES), path.stat().st_size)
        if sniffed.content_type not in PICTURES:
            return
        problem = header_problem(file, sniffed.content_type)
        # Also what would be refused is decoded, as if the look at the header had let it pass.
        try:
            made = make_renditions(file, sniffed.content_type)
        except NotReadable as error:
            if isinstance(error.__cause__, MemoryError):
                raise error.__cause__ from error
            return
    assert made.web or problem


def kept_within(path: Path) -> bool:
    child = os.fork()
    if child == 0:
        fence(SECONDS, address_space() + MEMORY_MB * 1024 * 1024, for_good=True)
        try:
            take_in(path)
        except BaseException as error:
            sys.stdout.write(f"{path}: {type(error).__name__}: {error}\n")
            sys.stdout.flush()
            os._exit(1)
        os._exit(0)
    _pid, status = os.waitpid(child, 0)
    if status:
        sys.stdout.write(f"{path}: ended with {status}\n")
    return status == 0


if __name__ == "__main__":
    from PIL import Image

    # The decoders are loaded before the fence is up: they are not the file's fault.
    Image.init()
    paths = [path for folder in sys.argv[1:] for path in sorted(Path(folder).rglob("*")) if path.is_file()]
    bad = [path for path in paths if not kept_within(path)]
    sys.stdout.write(f"{len(paths) - len(bad)} files kept within the limits\n")
    sys.exit(bool(bad))
