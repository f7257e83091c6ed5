"""A copy of database and files to the same moment. The way back is rehearsed by `make rehearse`."""

import json

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command

from cases.models import Evidence
from cases.tests.factories import CaseFactory, photo
from warrantydesk.backup import key_columns


@pytest.fixture
def store(settings, tmp_path):
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path / "files", "base_url": None},
        },
    }
    return tmp_path / "files"


@pytest.mark.django_db(transaction=True)
def test_copy_holds_every_file_a_row_knows_and_names_those_that_are_missing(store, tmp_path, capsys):
    CaseFactory(files=[photo(1), photo(2)])
    there, gone = Evidence.objects.order_by("pk").values_list("original", flat=True)
    default_storage.save(there, ContentFile(b"a photo"))
    default_storage.save("evidence/nobody-knows-it", ContentFile(b"x"))
    with pytest.raises(CommandError, match="1 files are missing") as ended:
        call_command("backup", tmp_path / "copy")
    assert ended.value.returncode == 1
    assert capsys.readouterr().out.split() == [gone]
    assert [path.name for path in (tmp_path / "copy/files").rglob("*") if path.is_file()] == [there.rpartition("/")[2]]
    assert json.loads((tmp_path / "copy/backup.json").read_text()).items() >= {"files": 1, "missing": 1}.items()
    with pytest.raises(CommandError, match="is not empty"):
        call_command("backup", tmp_path / "copy")
    with pytest.raises(CommandError, match="The database is not empty"):
        call_command("restore", tmp_path / "copy")


def test_every_column_with_a_key_is_known():
    known = set(key_columns())
    assert {("cases_evidence", "original"), ("intake_incomingmail", "raw"), ("cases_heldfile", "key")} <= known
