"""Fixtures for tests across the storeys."""

from pathlib import Path

import pytest
from pytest_django import Settings

from cases.tests.shelf import s3_server, shelf, use_folder  # noqa: F401 - fixtures
from warrantydesk.staff.tests.conftest import desk, person  # noqa: F401 - fixtures


@pytest.fixture
def storage(settings: Settings, tmp_path: Path) -> Path:
    """A storage of this test's own; the folder its files lie in."""
    return use_folder(settings, tmp_path / "files").place
