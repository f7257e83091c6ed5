"""File names as strangers write them, made harmless. Only ever shown or offered for a download: nothing is stored
under such a name."""

import re
import unicodedata

LONGEST = 120
_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_RESERVED = re.compile(r"(con|prn|aux|nul|clock\$|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?", re.IGNORECASE)
_ENDING = re.compile(r"\.[A-Za-z0-9]{1,5}$")


def harmless_name(written: str) -> str:
    """The name without folders, control marks and characters that mean something to a shell, a page or a file system.

    Never empty, at most LONGEST characters; the ending is kept when the rest has to be cut.
    """
    name = unicodedata.normalize("NFC", written).replace("\\", "/").rpartition("/")[2]
    name = "".join(" " if unicodedata.category(char) in _HIDDEN else char for char in name)
    name = re.sub(r'[<>:"|?*`$;&{}\']', "_", name)
    name = re.sub(r"\s+", " ", name).strip(" .")
    # A leading sign would make a spreadsheet calculate, a leading dash an option of a program.
    name = name.lstrip("=+-@ ") or "file"
    return _shortened(f"_{name}" if _RESERVED.fullmatch(name) else name, LONGEST)


def mailable_name(name: str) -> str:
    """A harmless name cut down to what a stranger cannot use as a message: letters, digits, `_`, `-`, one ending.

    An automatic mail may go to somebody who never wrote to us, so nothing in it may read, or be linked, as an address.
    """
    ending = _ENDING.search(name)
    stem = name[: ending.start()] if ending else name
    plain = re.sub(r"_{2,}", "_", "".join(char if char.isalnum() or char in "-_ " else "_" for char in stem))
    return f"{plain.strip('_ ')[:40] or 'file'}{ending.group().lower() if ending else ''}"


def _shortened(name: str, limit: int) -> str:
    if len(name) <= limit:
        return name
    ending = _ENDING.search(name)
    kept = ending.group() if ending else ""
    return f"{name[: limit - len(kept) - 1]}…{kept}"
