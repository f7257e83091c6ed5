"""The file that proves a pause: a signed slip, a carrier's letter. Kept before the transaction that names it."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any

from django.core.files import File
from django.core.files.storage import default_storage
from django.utils.translation import gettext as _

from cases.evidence.names import harmless_name
from cases.evidence.sniff import HEAD_BYTES, PICTURES, sniff
from cases.evidence.storage import fingerprint
from products.errors import Refused

FOLDER = "proof"
ACCEPTED = (*PICTURES, "application/pdf")
MOST_BYTES = 20 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class KeptProof:
    """A stored file: `key` is the `proof_file` of confirm_pause, `data` belongs into its `proof`."""

    key: str
    name: str
    content_type: str
    sha256: str

    @property
    def data(self) -> dict[str, Any]:
        return {"file": {"name": self.name, "type": self.content_type, "sha256": self.sha256}}


def keep_proof(name: str, file: IO[bytes], size: int, now: datetime) -> KeptProof:
    """Store a picture or a PDF under a key nobody can guess. Refused for anything else, and for more than 20 MB.

    What the file is, its content says: neither its name nor the type its sender claims.
    """
    file.seek(0)
    sniffed = sniff(file.read(HEAD_BYTES), size)
    if sniffed.refusal or sniffed.content_type not in ACCEPTED:
        raise Refused(_("Proof: attach a picture or a PDF."), field="proof_file", code="proof_type")
    if size > MOST_BYTES:
        raise Refused(_("Proof: the file is larger than 20 MB."), field="proof_file", code="proof_size")
    sha256 = fingerprint(file)
    file.seek(0)
    key = default_storage.save(f"{FOLDER}/{now:%Y}/{secrets.token_urlsafe(24)}", File(file))
    return KeptProof(key, harmless_name(name), sniffed.content_type, sha256)
