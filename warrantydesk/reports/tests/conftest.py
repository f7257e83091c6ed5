"""Mail of the reports' tests is files."""

import pytest


@pytest.fixture
def mail_folder(settings, tmp_path):
    settings.EMAIL_BACKEND = "cases.outbox.files.EmailBackend"
    settings.EMAIL_FILE_PATH = tmp_path / "outbox"
