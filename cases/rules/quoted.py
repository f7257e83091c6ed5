"""Where the words of a mail end and the mail it answers begins, in the ways mail programs write it. No Django."""

import re

_BEGINS = re.compile(r"^(>|_{5,}|-{2,} ?(Original|Ursprüngliche|Mensaje|Message d)|(On|Am|Le|El) .{1,200}:$)")


def split_quoted(text: str) -> tuple[str, str]:
    """The words of this message, and the earlier one below it; all of it where it is quotes only."""
    lines = text.splitlines()
    for number, line in enumerate(lines):
        if _BEGINS.match(line) and any(before.strip() for before in lines[:number]):
            return "\n".join(lines[:number]).rstrip(), "\n".join(lines[number:])
    return text, ""
