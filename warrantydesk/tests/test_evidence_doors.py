"""Files through both doors, mail and portal, on both storages: each meets its expectation, none becomes active."""

import datetime as dt
import json
import re
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from html.parser import HTMLParser
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from cases.actors import Actor
from cases.evidence import processing
from cases.evidence.sniff import ACCEPTED
from cases.evidence.storage import MB, store_file
from cases.models import Case, CaseLink, Evidence, OutgoingMail
from cases.services.opening import add_evidence
from cases.tests import files
from cases.tests.factories import CaseFactory, staff
from cases.tests.shelf import Shelf
from products.tests.factories import CustomerFactory
from warrantydesk.intake.services import receive
from warrantydesk.portal.tests.door import let_in, text_of

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2025, 11, 5, 9, 30, tzinfo=dt.UTC)
WHICH = ("original", "web", "thumbnail", "video")
SETS = ("generated", "pillow", "python-magic", "dompurify", "bleach")


@pytest.fixture(autouse=True)
def _own_places(settings: Settings, tmp_path: Path) -> Iterator[None]:
    settings.EMAIL_BACKEND = "cases.outbox.files.EmailBackend"
    settings.EMAIL_FILE_PATH = tmp_path / "outbox"
    settings.EVIDENCE_FILES_PER_CASE = settings.DATA_UPLOAD_MAX_NUMBER_FILES = 500
    cache.clear()
    yield
    cache.clear()


def by_mail(given: dict[str, bytes]) -> Case:
    """A request by mail with these files."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "ada@example.com", "warranty@positron.example", "[Warranty Request] x"
    mail["Message-ID"] = "<doors@example.com>"
    mail.set_content("The hinge broke.")
    for name, content in given.items():
        mail.add_attachment(content, maintype="image", subtype="jpeg", filename=name)
    case = receive(mail.as_bytes(), source="test", now=NOW).case
    assert case is not None
    return case


def by_portal(given: dict[str, bytes]) -> Case:
    """The same files sent on the private page of a request."""
    case = CaseFactory(customer=CustomerFactory(email="ada@example.com"), files=())
    uploads = [SimpleUploadedFile(name, content, content_type="image/jpeg") for name, content in given.items()]
    answer = let_in(case).post("/status/photos/", {"photos": uploads}, follow=True)
    assert answer.status_code == 200
    return case


DOORS = pytest.mark.parametrize("door", [by_mail, by_portal])


@pytest.fixture(scope="session")
def hostile(shared_data: Path) -> dict[str, bytes]:
    """Every file of the shared sets by its name (numbered where two have one), and the two made at test time."""
    found = {"generated/eicar.com": files.EICAR, "generated/eicar.zip": b"PK\x03\x04" + bytes(26) + files.EICAR}
    for folder in SETS:
        for path in sorted((shared_data / "files" / folder).rglob("*")):
            if path.is_file() and path.suffix != ".json":
                found[path.relative_to(shared_data / "files").as_posix()] = path.read_bytes()
    assert len(found) > 120
    return found


def _expectations(shared_data: Path) -> dict[str, str]:
    rows = json.loads((shared_data / "files/generated/expected.json").read_text(encoding="utf-8"))
    return {row["file"]: row["expect"] for row in rows}


@DOORS
@pytest.mark.shared_data
@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
def test_every_file_of_the_shared_sets_meets_its_expectation(
    shared_data: Path, hostile: dict[str, bytes], shelf: Shelf, door: Callable[[dict[str, bytes]], Case]
) -> None:
    case = door({name.replace("/", "_"): content for name, content in hostile.items()})
    rows = {row.name: row for row in case.evidence.all()}
    assert len(rows) == len(hostile), "none is dropped without a word"
    for row in rows.values():
        assert bool(row.refusal) != row.is_kept, row.name
        assert row.content_type in ACCEPTED or not row.is_kept, row.name
    for name, expected in _expectations(shared_data).items():
        row = rows[f"generated_{name}"]
        if re.match(r"refuse(?! or| type, or|, or| /)|quarantined|as above", expected):
            assert not row.is_kept, f"{name}: {expected}"
        if expected.startswith("accept") and " or refuse" not in expected and "only after" not in expected:
            assert row.is_kept, f"{name}: {expected}"
    assert not [row.name for row in rows.values() if row.name.startswith(("dompurify", "bleach")) and row.is_kept]
    _told_by_name(case, [row for row in rows.values() if not row.is_kept], door)


def _told_by_name(case: Case, refused: list[Evidence], door: Any) -> None:
    """The customer reads each name and why on the page, and in the answer to a mail; staff see it too."""
    page = text_of(let_in(case).get("/status/"))
    desk = _staff().get(f"/desk/cases/{case.reference}/").content.decode()
    for row in refused:
        assert row.name in page
        assert row.refusal in page
        assert row.name in desk
    if door is by_mail:
        letter = OutgoingMail.objects.get(case=case, kind="acknowledgement").body
        assert all(row.refusal in letter for row in refused)
        assert letter.count("  • ") >= len(refused)


@pytest.mark.shared_data
@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
def test_nothing_hostile_is_ever_served_as_something_active(hostile: dict[str, bytes], storage: object) -> None:
    case = by_portal({name.replace("/", "_"): content for name, content in hostile.items()})
    kept = [row for row in case.evidence.order_by("-pk") if row.is_kept]
    one_of_a_kind = {row.content_type: row for row in kept}.values()
    customer, colleague = let_in(case), _staff()
    for row in {*one_of_a_kind, *(row for row in kept if row.name.startswith("generated"))}:
        processing.process(row.pk, NOW)
        for which in WHICH:
            for client, address in (
                (customer, f"/status/files/{row.pk}/{which}/"),
                (colleague, f"/desk/cases/{case.reference}/files/{row.pk}/{which}/"),
            ):
                _is_harmless(client.get(address), which)


def _is_harmless(answer: Any, which: str) -> None:
    if answer.status_code == 404:
        return
    body = b"".join(answer.streaming_content)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] in ACCEPTED
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    if which == "original":
        assert answer.headers["Content-Disposition"].startswith("attachment")
    elif which != "video":
        assert body.startswith(b"\xff\xd8\xff")
        assert not re.search(rb"<script|<html|<svg|Exif|GPS", body)


def _staff() -> Client:
    client = Client()
    client.force_login(staff("support").user)  # type: ignore[arg-type]
    return client


@DOORS
@pytest.mark.shared_data
def test_every_hostile_name_is_shown_harmless(
    shared_data: Path, storage: object, door: Callable[[dict[str, bytes]], Case]
) -> None:
    names = json.loads((shared_data / "files/generated/hostile_filenames.json").read_text(encoding="utf-8"))
    given = {name: files.PDF + b"%d" % n for n, name in enumerate(names) if door is by_portal or "\0" not in name}
    case = door(given)
    rows = list(case.evidence.all())
    assert len(rows) == len(given)
    for row in rows:
        assert not set(row.name) & set('/\\<>"\x00\u202e\ufeff|')
        assert str(row.original.name).startswith("evidence/20")
    for client, address in ((let_in(case), "/status/"), (_staff(), f"/desk/cases/{case.reference}/")):
        html = client.get(address).content.decode()
        assert "<img src=x" not in html
        assert "\u202e" not in html


# ── Words that would be a page ───────────────────────────────────────────────────────────────────────────────────────


class _Active(HTMLParser):
    """Everything of a page that could act: scripts, handlers, frames, odd addresses."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "iframe", "object", "embed", "svg", "math", "base", "style", "form", "link", "meta"):
            self.found.append((tag, ""))
        for name, value in attrs:
            if (
                name.startswith("on")
                or name == "style"
                or re.match(r"\s*(javascript|data|vbscript):", value or "", re.I)
            ):
                self.found.append((tag, name))


def _active(client: Client, address: str) -> list[tuple[str, str]]:
    parser = _Active()
    answer = client.get(address)
    assert answer.status_code == 200
    parser.feed(answer.content.decode())
    return parser.found


@pytest.mark.shared_data
def test_payloads_of_other_projects_stay_words_when_a_customer_writes_them(shared_data: Path, storage: object) -> None:
    folder = shared_data / "files"
    texts = [path.read_text(encoding="utf-8", errors="replace") for path in sorted(folder.glob("bleach/**/*.test"))]
    texts += [(folder / "dompurify/test/fixtures/expect.mjs").read_text(encoding="utf-8")[at : at + 15_000]
              for at in (0, 15_000, 30_000)]  # fmt: skip
    assert len(texts) > 15
    case, plain = (CaseFactory(customer=CustomerFactory(), files=()) for _ in range(2))
    customer, quiet, colleague = let_in(case), let_in(plain), _staff()
    for n, text in enumerate(texts):
        assert customer.post("/status/message/", {"text": text}).status_code == 302
        assert quiet.post("/status/message/", {"text": f"Word {n}."}).status_code == 302
    assert case.messages.count() == len(texts) + 1
    pages = ((customer, quiet, "/status/", "/status/"),)
    desk = (colleague, colleague, f"/desk/cases/{case.reference}/", f"/desk/cases/{plain.reference}/")
    for first, second, hostile_page, harmless_page in (*pages, desk):
        assert _active(first, hostile_page) == _active(second, harmless_page)


# ── Many at once ─────────────────────────────────────────────────────────────────────────────────────────────────────


@DOORS
def test_files_beyond_the_limit_are_refused_by_name(
    settings: Settings, storage: object, door: Callable[[dict[str, bytes]], Case]
) -> None:
    settings.EVIDENCE_FILES_PER_CASE, settings.DATA_UPLOAD_MAX_NUMBER_FILES = 3, 15
    case = door({f"paper{n}.pdf": files.PDF + b"%d" % n for n in range(5)})
    assert [row.is_kept for row in case.evidence.order_by("pk")] == [True] * 3 + [False] * 2
    page = text_of(let_in(case).get("/status/"))
    assert "paper3.pdf" in page
    assert "paper4.pdf" in page
    assert page.count("already holds as many files") >= 2


def test_page_says_what_to_do_when_far_too_many_files_come_at_once(settings: Settings, storage: object) -> None:
    settings.DATA_UPLOAD_MAX_NUMBER_FILES = 4
    case = CaseFactory(customer=CustomerFactory(), files=())
    uploads = [SimpleUploadedFile(f"{n}.pdf", files.PDF) for n in range(5)]
    answer = let_in(case).post("/status/photos/", {"photos": uploads})
    assert answer.status_code == 413
    assert "At most 4 files can be sent in one go" in text_of(answer)
    assert not case.evidence.exists()


@pytest.mark.django_db(transaction=True)
def test_limit_holds_when_two_send_at_the_same_time(settings: Settings, storage: object) -> None:
    settings.EVIDENCE_FILES_PER_CASE = 3
    case = CaseFactory(customer=CustomerFactory(), files=())
    barrier = Barrier(2)

    def send(who: int) -> None:
        try:
            stored = [
                store_file(f"{who}-{n}.pdf", "", files.PDF + b"%d %d" % (who, n), limit_bytes=MB) for n in range(3)
            ]
            barrier.wait()
            add_evidence(case.pk, files=stored, actor=Actor.customer(), now=timezone.now())
        finally:
            connection.close()

    threads = [Thread(target=send, args=(who,)) for who in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert case.evidence.filter(status__in=Evidence.KEPT).count() == 3
    assert case.evidence.filter(status="refused").count() == 3


# ── Nothing without its door ─────────────────────────────────────────────────────────────────────────────────────────


def _status(client: Client, address: str) -> int:
    answer = client.get(address)
    if answer.streaming:
        b"".join(answer.streaming_content)  # to its end, which closes the file
    return answer.status_code


def test_direct_address_another_link_and_an_expired_link_all_get_nothing(shelf: Shelf) -> None:
    case = by_portal({"a.pdf": files.PDF, "b.jpg": files.picture()})
    other = CaseFactory(customer=CustomerFactory(), files=())
    rows = list(case.evidence.all())
    for row in rows:
        processing.process(row.pk, NOW)
        row.refresh_from_db()
    owner, stranger, nobody, expired = let_in(case), let_in(other), Client(), let_in(case)
    session = expired.session["portal"]
    CaseLink.objects.filter(pk=session["link"]).update(expires_at=timezone.now() - dt.timedelta(seconds=1))
    keys = [str(file.name) for row in rows for file in (row.original, row.web, row.thumbnail) if file]
    assert len(keys) == 4
    for key in keys:
        for client in (owner, nobody):
            for start in ("/", "/static/", "/media/", f"/{django_settings.DATA_DIR.name}/"):
                assert client.get(f"{start}{key}").status_code == 404
    for row in rows:
        addresses = [f"/status/files/{row.pk}/{which}/" for which in WHICH]
        assert {_status(owner, address) for address in addresses} & {200, 302}
        for client in (stranger, nobody, expired):
            answers = [client.get(address) for address in addresses]
            assert {answer.status_code for answer in answers} == {404 if client is stranger else answers[0].status_code}
            assert all(answer.status_code in (403, 404, 410) for answer in answers)
            assert not any(files.PDF in getattr(answer, "content", b"") for answer in answers)
        for address in (f"/desk/cases/{case.reference}/files/{row.pk}/{which}/" for which in WHICH):
            assert nobody.get(address).status_code == 302
            assert "/desk/login/" in nobody.get(address).headers["Location"]
            assert _staff().get(address.replace(case.reference, other.reference)).status_code == 404
