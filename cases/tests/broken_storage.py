"""A storage that is out of order."""

from typing import Any

from django.core.files.storage import Storage


class BrokenStorage(Storage):
    def _open(self, name: str, mode: str = "rb") -> Any:
        raise ConnectionError("the store does not answer")
