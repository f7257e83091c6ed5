"""Mail of the embedded desk: one .eml file a mail, in the folder EMAIL_FILE_PATH."""

import hashlib
import os
import re
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

LONGEST_NAME = 150


def file_name(message_id: str) -> str:
    """A harmless file name for a Message-ID, the same for the same one; a hash keeps names apart that look alike."""
    bare = message_id.strip().strip("<>")
    plain = re.sub(r"[^A-Za-z0-9@_.\-]", "_", bare).lstrip(".")
    if plain == bare and 0 < len(plain) <= LONGEST_NAME:
        return f"{plain}.eml"
    digest = hashlib.sha256(bare.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return f"{plain[:LONGEST_NAME]}-{digest}.eml"


class EmailBackend(BaseEmailBackend):
    """Writes a mail under a name made from its Message-ID. The same mail a second time changes nothing and counts as
    sent, so this backend can always tell whether a mail has left (`has_mail`).
    """

    def __init__(self, *args: Any, file_path: str | os.PathLike[str] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.folder = Path(file_path or settings.EMAIL_FILE_PATH)

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        self.folder.mkdir(parents=True, exist_ok=True)
        for mail in email_messages:
            message = mail.message()
            self._write_once(str(message["Message-ID"]), message.as_bytes())
        return len(email_messages)

    def has_mail(self, message_id: str) -> bool:
        """Whether a mail with this Message-ID was written, whole."""
        return (self.folder / file_name(message_id)).exists()

    def _write_once(self, message_id: str, content: bytes) -> None:
        # Written whole beside its place, then linked into it: a link fails where the name is taken, and whoever
        # reads the folder never sees half a mail.
        handle, draft = tempfile.mkstemp(dir=self.folder, prefix=".", suffix=".part")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.link(draft, self.folder / file_name(message_id))
        except FileExistsError:
            pass  # this very mail was written before
        finally:
            Path(draft).unlink()
