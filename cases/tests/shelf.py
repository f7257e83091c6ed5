"""The storage of a test: a folder of its own, or a bucket of its own on an S3 server of this process.

A test that asks for `shelf` runs on both (law 9). What no storage can do by itself, make a file older or put other
bytes in its place, the shelf does behind its back.
"""

import datetime as dt
import logging
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import pytest
from django.core.files.storage import default_storage
from pytest_django import Settings

ACCOUNT, PARTITION = "123456789012", "aws"  # what moto calls whoever asks


class Shelf(Protocol):
    is_s3: bool

    def keys(self) -> set[str]: ...
    def overwrite(self, key: str, content: bytes) -> None: ...
    def make_old(self, key: str, then: dt.datetime) -> None: ...


def _backend() -> Any:
    from moto.s3.models import s3_backends

    return s3_backends[ACCOUNT][PARTITION]


class Folder:
    is_s3 = False

    def __init__(self, place: Path) -> None:
        self.place = place

    def keys(self) -> set[str]:
        return {path.relative_to(self.place).as_posix() for path in self.place.rglob("*") if path.is_file()}

    def overwrite(self, key: str, content: bytes) -> None:
        (self.place / key).write_bytes(content)

    def make_old(self, key: str, then: dt.datetime) -> None:
        os.utime(self.place / key, (then.timestamp(), then.timestamp()))


class Bucket:
    is_s3 = True

    def __init__(self, name: str) -> None:
        self.inside: Any = _backend().buckets[name].keys

    def keys(self) -> set[str]:
        return set(self.inside.keys())

    def overwrite(self, key: str, content: bytes) -> None:
        default_storage.bucket.Object(key).put(Body=content)  # type: ignore[attr-defined]

    def make_old(self, key: str, then: dt.datetime) -> None:
        self.inside[key].last_modified = then.replace(tzinfo=None)


def folder_backend(place: Path) -> dict[str, Any]:
    options = {"location": place, "base_url": None}
    return {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": options}


def bucket_backend(name: str, endpoint: str) -> dict[str, Any]:
    """As warrantydesk/settings/files.py makes it where S3_BUCKET is set."""
    options = {
        "bucket_name": name,
        "endpoint_url": endpoint,
        "access_key": "key",
        "secret_key": "secret",
        "region_name": "us-east-1",
        "signature_version": "s3v4",
        "addressing_style": "path",
        "default_acl": None,
        "querystring_auth": True,
        "querystring_expire": 300,
        "file_overwrite": False,
        "max_memory_size": 8 * 1024 * 1024,
    }
    return {"BACKEND": "cases.tests.quick_s3.QuickS3Storage", "OPTIONS": options}


@pytest.fixture(scope="session")
def s3_server() -> Iterator[str]:
    """The address of an S3 server in this process, on a free port of the loopback."""
    from moto.server import ThreadedMotoServer  # half a second, for those who need it

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


def use_bucket(settings: Settings, server: str) -> Bucket:
    name = f"evidence-{secrets.token_hex(6)}"
    _backend().create_bucket(name, "us-east-1")
    settings.STORAGES = {**settings.STORAGES, "default": bucket_backend(name, server)}
    return Bucket(name)


def use_folder(settings: Settings, place: Path) -> Folder:
    settings.STORAGES = {**settings.STORAGES, "default": folder_backend(place)}
    return Folder(place)


@pytest.fixture(params=["files", "s3"])
def shelf(request: pytest.FixtureRequest, settings: Settings, tmp_path: Path) -> Shelf:
    """A storage of this test's own; the test runs on local files and on S3."""
    if request.param == "s3":
        return use_bucket(settings, request.getfixturevalue("s3_server"))
    return use_folder(settings, tmp_path / "shelf")
