import io
import json
import mailbox

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from cases.models import Case
from warrantydesk.intake.tests.mails import mail, picture

pytestmark = pytest.mark.django_db


def ingest(*paths) -> tuple[list[dict], int]:
    """The lines on stdout, and the exit code."""
    out = io.StringIO()
    try:
        call_command("ingest_mail", *map(str, paths), stdout=out, stderr=io.StringIO())
        code = 0
    except CommandError as error:
        code = error.returncode
    return [json.loads(line) for line in out.getvalue().splitlines()], code


def numbered(number: int) -> bytes:
    return mail(message_id=f"<m{number}@example.com>", subject=f"[Warranty Request] number {number}")


def test_eml_file_is_one_line_in_the_agreed_form(hinge, tmp_path):
    path = tmp_path / "one.eml"
    path.write_bytes(mail(files={"p.jpg": picture()}))
    (line,), code = ingest(path)
    assert code == 0
    assert line == {
        "source": str(path),
        "message_id": "<p1@example.com>",
        "outcome": "case_opened",
        "case": Case.objects.get().reference,
        "missing": [],
        "evidence": 1,
        "refused": 0,
        "reason": None,
    }


def test_mbox_is_read_in_order_with_the_number_of_each_message(tmp_path):
    box = mailbox.mbox(tmp_path / "box.mbox")
    for number in range(3):
        box.add(numbered(number))
    box.close()
    lines, code = ingest(tmp_path / "box.mbox")
    assert code == 0
    assert [line["source"] for line in lines] == [f"{tmp_path}/box.mbox#{number}" for number in (1, 2, 3)]
    assert [line["message_id"] for line in lines] == [f"<m{number}@example.com>" for number in range(3)]


def test_maildir_is_read_new_and_seen(tmp_path):
    box = mailbox.Maildir(tmp_path / "Maildir")
    box.add(numbered(1))
    seen = mailbox.MaildirMessage(numbered(2))
    seen.set_subdir("cur")
    box.add(seen)
    lines, code = ingest(tmp_path / "Maildir")
    assert (len(lines), code) == (2, 0)
    assert {line["outcome"] for line in lines} == {"case_opened"}


def test_folder_is_read_by_name_and_what_is_no_mail_is_left_alone(tmp_path):
    (tmp_path / "b.eml").write_bytes(numbered(2))
    (tmp_path / "a.eml").write_bytes(numbered(1))
    (tmp_path / "notes.txt").write_text("not a mail", encoding="utf-8")
    (tmp_path / "deeper").mkdir()
    (tmp_path / "deeper" / "c.eml").write_bytes(numbered(3))
    lines, _code = ingest(tmp_path)
    assert [line["message_id"] for line in lines] == [f"<m{number}@example.com>" for number in (1, 2, 3)]


def test_mailbox_inside_a_folder_is_read_as_a_mailbox(tmp_path):
    (tmp_path / "INBOX").write_bytes(b"From ada@example.com Mon Mar  3 10:15:00 2025\n" + numbered(1))
    lines, _code = ingest(tmp_path)
    assert [line["source"] for line in lines] == [f"{tmp_path}/INBOX#1"]


def test_dash_reads_one_message_from_standard_input(monkeypatch):
    stdin = io.TextIOWrapper(io.BytesIO(numbered(1)))
    monkeypatch.setattr("sys.stdin", stdin)
    (line,), code = ingest("-")
    assert (line["source"], line["outcome"], code) == ("-", "case_opened", 0)


def test_bad_record_is_reported_and_the_rest_goes_in(tmp_path):
    (tmp_path / "a.eml").write_bytes(b"")
    (tmp_path / "b.eml").write_bytes(numbered(1))
    lines, code = ingest(tmp_path, tmp_path / "missing.eml")
    assert [line["outcome"] for line in lines] == ["quarantined", "case_opened", None]
    assert lines[2]["reason"] == "No such file or directory"
    assert code == 1


def test_reading_the_same_folder_again_adds_nothing(tmp_path):
    (tmp_path / "a.eml").write_bytes(numbered(1))
    (first,), _code = ingest(tmp_path)
    (again,), code = ingest(tmp_path)
    assert (again["outcome"], again["case"], code) == ("duplicate", first["case"], 0)


def test_no_path_is_a_usage_error():
    with pytest.raises(CommandError, match="PATH"):
        call_command("ingest_mail")
