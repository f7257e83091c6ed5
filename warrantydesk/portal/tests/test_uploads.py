"""Files in pieces, over a line that breaks: what arrives is what left, once, and only for whom it may."""

import base64
import datetime as dt
import hashlib
import http.client
import json
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from django.core.files.storage import default_storage
from django.test import Client
from django.utils import timezone
from moto import mock_aws

from cases.actors import Actor
from cases.evidence.pieces import PIECES
from cases.evidence.storage import store_file
from cases.models import Case, CaseEvent, Evidence, EvidenceUpload, UploadedPiece
from cases.services import uploading
from cases.tests.factories import CaseFactory
from cases.tests.files import video
from cases.tests.test_services_together import at_once
from warrantydesk.portal.tests.door import let_in, program, text_of

pytestmark = pytest.mark.django_db
KB = 1024
BEGIN = "/status/uploads/"
PATCH_TYPE = "application/offset+octet-stream"
CLIP = video() + Random(7).randbytes(300 * KB)
US = Actor.customer()


@pytest.fixture(params=["files", "s3"])
def store(request: pytest.FixtureRequest, settings: Any) -> Iterator[str]:
    """Local files (as every test here has them), and a store that speaks S3."""
    if request.param == "files":
        yield request.param
        return
    options = {"bucket_name": "evidence", "access_key": "key", "secret_key": "secret", "region_name": "eu-central-1"}
    with mock_aws():
        keys = {"aws_access_key_id": "key", "aws_secret_access_key": "secret"}
        made = boto3.client("s3", region_name="eu-central-1", **keys)
        made.create_bucket(Bucket="evidence", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
        backend = {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": {**options, "file_overwrite": False}}
        settings.STORAGES = {**settings.STORAGES, "default": backend}
        yield request.param


@pytest.fixture
def case(owner: Any) -> Case:
    return CaseFactory(customer=owner)


@pytest.fixture
def browser(case: Case) -> Client:
    return let_in(case)


def key_of(number: int = 1) -> str:
    return f"{number:0>22}"


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def begin(client: Client, *, size: int = len(CLIP), key: str = key_of(), name: str = "clip.mp4", **headers: str) -> Any:
    given = {"Upload-Key": key, "Upload-Length": str(size), "Upload-Metadata": f"filename {encoded(name)}", **headers}
    return client.post(BEGIN, content_type=PATCH_TYPE, data=b"", headers=given)


def patch(client: Client, offset: Any, content: bytes, key: str = key_of(), content_type: str = PATCH_TYPE) -> Any:
    headers = {"Upload-Offset": str(offset)}
    # The client leaves the type out of a request without a body.
    return client.patch(
        f"{BEGIN}{key}/", data=content, content_type=content_type, headers=headers, CONTENT_TYPE=content_type
    )


def offset_of(client: Client, key: str = key_of()) -> int:
    return int(client.head(f"{BEGIN}{key}/").headers["Upload-Offset"])


def send(client: Client, content: bytes = CLIP, **given: Any) -> Any:
    begun = begin(client, size=len(content), **given)
    assert begun.status_code == 201, begun.content
    return patch(client, 0, content, given.get("key", key_of()))


def pieces_stored() -> list[str]:
    try:
        folders, _files = default_storage.listdir(PIECES)
    except FileNotFoundError:
        return []
    return [name for folder in folders for name in default_storage.listdir(f"{PIECES}/{folder}")[1]]


def bytes_of(row: Evidence) -> bytes:
    with default_storage.open(row.original.name, "rb") as file:
        return file.read()


def latest(case: Case) -> Evidence:
    return case.evidence.order_by("pk").last()


# ── What arrives is what left ────────────────────────────────────────────────────────────────────────────────────


def test_file_arrives_byte_for_byte_when_it_was_cut_at_half(
    store: str, case: Case, browser: Client, django_capture_on_commit_callbacks: Any
) -> None:
    half = len(CLIP) // 2
    assert begin(browser).status_code == 201
    assert patch(browser, 0, CLIP[:half]).headers["Upload-Offset"] == str(half)
    # The answer to that was lost: the same piece comes again, and is not taken twice.
    again = patch(browser, 0, CLIP[:half])
    assert (again.status_code, again.headers["Upload-Offset"]) == (409, str(half))
    assert offset_of(browser) == half
    with django_capture_on_commit_callbacks(execute=True):
        done = patch(browser, half, CLIP[half:])
    assert (done.status_code, done.json()) == (200, {"name": "clip.mp4", "refused": ""})
    row = latest(case)
    assert bytes_of(row) == CLIP
    assert (row.sha256, row.size, row.content_type) == (hashlib.sha256(CLIP).hexdigest(), len(CLIP), "video/mp4")
    assert pieces_stored() == []
    assert not UploadedPiece.objects.exists()


@pytest.mark.parametrize("sizes", [[64] * 4, [64, 128], [200]], ids=["many", "growing", "one_and_a_rest"])
def test_file_arrives_whole_when_its_pieces_differ(case: Case, browser: Client, sizes: list[int]) -> None:
    begin(browser)
    for size in sizes:
        at = offset_of(browser)
        assert patch(browser, at, CLIP[at : at + size * KB]).status_code == 204
    at = offset_of(browser)
    assert patch(browser, at, CLIP[at:]).status_code == 200
    assert bytes_of(latest(case)) == CLIP


@pytest.mark.django_db(transaction=True)
def test_upload_goes_on_where_it_was_when_the_line_broke_inside_a_piece(case: Case, live_server: Any) -> None:
    """Over a real socket: half of a piece, then silence. Nothing of it counts, and the same piece is taken next."""
    browser = let_in(case)
    begin(browser)
    patch(browser, 0, CLIP[: 100 * KB])
    line = http.client.HTTPConnection(urlsplit(live_server.url).netloc, timeout=20)
    line.putrequest("PATCH", f"{BEGIN}{key_of()}/")
    cookies = "; ".join(f"{name}={one.value}" for name, one in browser.cookies.items())
    token = browser.get("/status/").context["csrf_token"]
    for name, value in {
        "Cookie": cookies,
        "X-CSRFToken": str(token),
        "Content-Type": PATCH_TYPE,
        "Content-Length": str(100 * KB),
        "Upload-Offset": str(100 * KB),
    }.items():
        line.putheader(name, value)
    line.endheaders()
    line.send(CLIP[100 * KB : 150 * KB])
    line.sock.shutdown(1)
    answer = line.getresponse()
    assert answer.status == 400, answer.read()
    assert b"broke off" in answer.read()
    line.close()
    assert offset_of(browser) == 100 * KB
    assert patch(browser, 100 * KB, CLIP[100 * KB :]).status_code == 200
    assert bytes_of(latest(case)) == CLIP


def test_file_is_taken_in_once_when_the_last_answer_was_lost(case: Case, browser: Client) -> None:
    first = send(browser)
    events = CaseEvent.objects.count()
    again = patch(browser, len(CLIP), b"")
    assert (again.status_code, again.json()) == (200, first.json())
    assert begin(browser).status_code == 200
    assert CaseEvent.objects.count() == events
    assert case.evidence.filter(name="clip.mp4").count() == 1


def test_upload_is_one_when_it_is_begun_twice(browser: Client) -> None:
    assert begin(browser).headers["Location"] == begin(browser).headers["Location"] == f"{BEGIN}{key_of()}/"
    assert EvidenceUpload.objects.count() == 1
    assert begin(browser, name="other.mp4").status_code == 409


def test_file_is_refused_by_name_when_its_content_is_no_evidence(case: Case, browser: Client) -> None:
    answer = send(browser, program().read(), name="clip.mp4")
    assert answer.status_code == 200
    assert answer.json()["refused"].startswith("It is a program")
    row = latest(case)
    assert (row.name, row.status) == ("clip.mp4", "refused")
    assert "clip.mp4 : not kept. It is a program" in text_of(browser.get("/status/"))


@pytest.mark.shared_data
def test_file_is_judged_as_ever_when_it_comes_in_pieces(case: Case, browser: Client, shared_data: Path) -> None:
    paths = [path for path in sorted((shared_data / "files/generated").iterdir()) if path.suffix != ".json"]
    assert len(paths) > 20
    for number, path in enumerate(paths):
        content = path.read_bytes()
        judged = store_file(path.name, "", content, limit_bytes=10**8)
        if not content:
            assert begin(browser, size=0, key=key_of(number), name=path.name).status_code == 413
            continue
        begin(browser, size=len(content), key=key_of(number), name=path.name)
        half = len(content) // 2 if len(content) > 128 * KB else 0
        if half:
            assert patch(browser, 0, content[:half], key_of(number)).status_code == 204
        refused = patch(browser, half, content[half:], key_of(number)).json()["refused"]
        assert refused == judged.refusal, path.name
        assert refused or bytes_of(latest(case)) == content, path.name


def test_name_is_made_harmless_when_it_is_hostile(case: Case, browser: Client) -> None:
    assert send(browser, name="../../etc/pass\x00wd\u202egpj.mp4" + "x" * 400).status_code == 200
    name = latest(case).name
    assert "/" not in name
    assert "\u202e" not in name
    assert len(name) <= 120


# ── What is not taken ────────────────────────────────────────────────────────────────────────────────────────────

HEADERS = [
    ("no_key", {"Upload-Key": ""}, 400),
    ("short_key", {"Upload-Key": "abc"}, 400),
    ("key_with_path", {"Upload-Key": "../" * 10}, 400),
    ("no_length", {"Upload-Length": ""}, 400),
    ("negative", {"Upload-Length": "-1"}, 400),
    ("words", {"Upload-Length": "many"}, 400),
    ("endless", {"Upload-Length": "9" * 40}, 400),
    ("name_no_base64", {"Upload-Metadata": "filename ***"}, 400),
    ("name_no_utf8", {"Upload-Metadata": "filename /w=="}, 400),
    ("name_endless", {"Upload-Metadata": f"filename {'A' * 8000}"}, 400),
    ("other_version", {"Tus-Resumable": "0.2.2"}, 412),
]


@pytest.mark.parametrize(("headers", "status"), [row[1:] for row in HEADERS], ids=[row[0] for row in HEADERS])
def test_upload_is_not_begun_when_a_header_is_wrong(browser: Client, headers: dict[str, str], status: int) -> None:
    answer = begin(browser, **headers)
    assert answer.status_code == status
    assert answer.json()["message"]
    assert not EvidenceUpload.objects.exists()


PIECES_REFUSED = [
    ("before", 0, b"x" * 70 * KB, PATCH_TYPE, 409),
    ("behind", 150 * KB, b"x" * 70 * KB, PATCH_TYPE, 409),
    ("beyond_the_end", 100 * KB, b"x" * len(CLIP), PATCH_TYPE, 400),
    ("tiny", 100 * KB, b"x" * KB, PATCH_TYPE, 400),
    ("huge", 100 * KB, bytes(uploading.MOST_BYTES + 1), PATCH_TYPE, 413),
    ("no_number", "here", b"x", PATCH_TYPE, 400),
    ("other_type", 100 * KB, b"x" * 70 * KB, "application/octet-stream", 415),
    ("a_form", 100 * KB, b"x" * 70 * KB, "application/x-www-form-urlencoded", 415),
]


@pytest.mark.parametrize(
    ("offset", "content", "kind", "status"), [row[1:] for row in PIECES_REFUSED], ids=[row[0] for row in PIECES_REFUSED]
)
def test_piece_is_not_taken_when_it_does_not_fit(
    browser: Client, offset: Any, content: bytes, kind: str, status: int
) -> None:
    begin(browser)
    patch(browser, 0, CLIP[: 100 * KB])
    assert patch(browser, offset, content, content_type=kind).status_code == status
    assert offset_of(browser) == 100 * KB
    assert len(pieces_stored()) == 1


SIZES = [
    ("empty", 0, "It arrived empty"),
    ("too_large", 501 * KB * KB, "a file may have 500 MB"),
    ("too_much", 400 * KB * KB, "already holds as much as we can keep"),
]


@pytest.mark.parametrize(("size", "said"), [row[1:] for row in SIZES], ids=[row[0] for row in SIZES])
def test_file_is_refused_before_a_byte_is_sent_when_there_is_no_room(
    case: Case, browser: Client, settings: Any, size: int, said: str
) -> None:
    settings.EVIDENCE_CASE_MB = 700
    begin(browser, key=key_of(9), size=400 * KB * KB)  # on its way, and counted
    for _again in range(2):
        answer = begin(browser, size=size)
        assert answer.status_code == 413
        assert said in answer.json()["message"]
    assert case.evidence.filter(status="refused", name="clip.mp4", size=size).count() == 1


def test_room_is_free_again_when_an_upload_is_taken_back(browser: Client, settings: Any) -> None:
    settings.EVIDENCE_FILES_PER_CASE = 2  # one is there
    begin(browser, key=key_of(1))
    assert begin(browser, key=key_of(2)).status_code == 413
    patch(browser, 0, CLIP[: 100 * KB])
    assert browser.delete(f"{BEGIN}{key_of(1)}/").status_code == 204
    assert pieces_stored() == []
    assert browser.head(f"{BEGIN}{key_of(1)}/").status_code == 404
    assert begin(browser, key=key_of(2)).status_code == 201


def test_file_stays_when_it_is_taken_back_too_late(case: Case, browser: Client) -> None:
    send(browser)
    assert browser.delete(f"{BEGIN}{key_of()}/").status_code == 409
    assert case.evidence.filter(name="clip.mp4").exists()


@pytest.mark.django_db(transaction=True)
def test_limit_holds_when_many_are_begun_at_once(case: Case, settings: Any) -> None:
    settings.EVIDENCE_FILES_PER_CASE = 3  # one is there

    def begin_one(number: int) -> Any:
        return uploading.begin_upload(
            case.pk, key=key_of(number), name=f"{number}.mp4", claimed_type="", size=KB, actor=US, now=timezone.now()
        )

    begun = at_once(*(lambda n=n: begin_one(n) for n in range(4)))
    assert sum(one.upload is not None for one in begun) == 2
    assert EvidenceUpload.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_piece_is_kept_once_when_it_comes_twice_at_once(case: Case) -> None:
    now = timezone.now()
    begun = uploading.begin_upload(
        case.pk, key=key_of(), name="a.mp4", claimed_type="", size=len(CLIP), actor=US, now=now
    )

    def add() -> Any:
        return uploading.add_piece(begun.upload, offset=0, content=CLIP[: 100 * KB], actor=US, now=now)  # type: ignore[arg-type]

    taken = [one for one in at_once(add, add) if isinstance(one, EvidenceUpload)]
    assert [one.received for one in taken] == [100 * KB]
    assert len(pieces_stored()) == UploadedPiece.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_file_is_taken_in_once_when_two_finish_it_at_once(case: Case) -> None:
    now = timezone.now()
    begun = uploading.begin_upload(
        case.pk, key=key_of(), name="a.mp4", claimed_type="", size=len(CLIP), actor=US, now=now
    )
    upload = uploading.add_piece(begun.upload, offset=0, content=CLIP, actor=US, now=now)  # type: ignore[arg-type]
    rows = at_once(*[lambda: uploading.finish_upload(upload, actor=US, now=now)] * 2)
    assert [row.name for row in rows if row][:1] == ["a.mp4"]
    assert case.evidence.filter(name="a.mp4").count() == 1
    assert bytes_of(latest(case)) == CLIP


# ── Whose it is ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_upload_is_unknown_when_the_session_is_of_another_case(case: Case, browser: Client) -> None:
    begin(browser)
    other = let_in(CaseFactory())
    assert other.head(f"{BEGIN}{key_of()}/").status_code == 404
    assert patch(other, 0, CLIP).status_code == 404
    assert other.delete(f"{BEGIN}{key_of()}/").status_code == 404
    assert begin(other).status_code == 409
    assert offset_of(browser) == 0


@pytest.mark.parametrize("method", ["head", "patch", "delete", "post"])
def test_upload_is_unknown_when_nobody_was_let_in(browser: Client, method: str) -> None:
    begin(browser)
    address = BEGIN if method == "post" else f"{BEGIN}{key_of()}/"
    answer = getattr(Client(), method)(address)
    assert answer.status_code == 404
    assert "Tus-Resumable" not in answer.headers  # by which the page tells a closed door from an unknown file


@pytest.mark.parametrize("method", ["post", "patch", "delete"])
def test_upload_needs_the_token_when_it_changes_something(case: Case, method: str) -> None:
    strict = let_in(case, Client(enforce_csrf_checks=True))
    address = BEGIN if method == "post" else f"{BEGIN}{key_of()}/"
    assert getattr(strict, method)(address).status_code == 403


def test_upload_refuses_when_the_method_is_none_of_its_own(browser: Client) -> None:
    assert browser.get(BEGIN).status_code == 405
    assert browser.post(f"{BEGIN}{key_of()}/").status_code == 405


def test_key_is_kept_only_as_a_hash(browser: Client) -> None:
    begin(browser)
    assert EvidenceUpload.objects.filter(key_hash=hashlib.sha256(key_of().encode()).hexdigest()).exists()
    assert key_of() not in json.dumps(list(EvidenceUpload.objects.values("folder", "name", "key_hash")))


# ── What becomes of it later ─────────────────────────────────────────────────────────────────────────────────────


def later(**passed: int) -> dt.datetime:
    return timezone.now() + dt.timedelta(**passed)


def test_sweep_takes_in_what_is_whole_when_nobody_asked_for_it(case: Case) -> None:
    now = timezone.now()
    begun = uploading.begin_upload(
        case.pk, key=key_of(), name="a.mp4", claimed_type="", size=len(CLIP), actor=US, now=now
    )
    uploading.add_piece(begun.upload, offset=0, content=CLIP, actor=US, now=now)  # type: ignore[arg-type]
    uploading.sweep_uploads(now)
    assert not case.evidence.filter(name="a.mp4").exists()  # its sender may be just doing so
    uploading.sweep_uploads(later(days=30))
    assert bytes_of(case.evidence.get(name="a.mp4")) == CLIP


def test_sweep_gives_up_what_broke_off_a_day_ago(browser: Client, django_capture_on_commit_callbacks: Any) -> None:
    begin(browser, key=key_of(1))
    patch(browser, 0, CLIP[: 100 * KB], key_of(1))
    uploading.sweep_uploads(later(hours=23))
    assert EvidenceUpload.objects.count() == 1
    uploading.sweep_uploads(later(hours=25))
    assert EvidenceUpload.objects.count() == UploadedPiece.objects.count() == len(pieces_stored()) == 0


def test_customer_is_told_when_a_piece_was_lost_in_the_store(case: Case, browser: Client) -> None:
    begin(browser)
    patch(browser, 0, CLIP[: 100 * KB])
    default_storage.delete(UploadedPiece.objects.get().key)
    answer = patch(browser, 100 * KB, CLIP[100 * KB :])
    assert answer.json()["refused"] == "It is damaged or did not arrive whole. Please send it once more."
    assert latest(case).status == "refused"


def test_uploads_go_with_the_case(case: Case, browser: Client) -> None:
    begin(browser)
    patch(browser, 0, CLIP[: 100 * KB])
    uploading.remove_uploads(case.pk)
    assert EvidenceUpload.objects.count() == len(pieces_stored()) == 0


# ── The form that follows ────────────────────────────────────────────────────────────────────────────────────────


def test_files_stand_under_the_message_when_they_were_sent_before_it(case: Case, browser: Client) -> None:
    send(browser, key=key_of(1))
    send(browser, program().read(), key=key_of(2), name="setup.exe")
    answer = browser.post(
        "/status/message/", {"text": "Look at 0:12.", "uploads": f"{key_of(1)} {key_of(2)} {key_of(3)}"}, follow=True
    )
    said = text_of(answer)
    assert "Your message is with us." in said
    assert "“setup.exe” was not kept." in said
    message = case.messages.get(text="Look at 0:12.")
    assert sorted(row.name for row in message.evidence.all()) == ["clip.mp4", "setup.exe"]


def test_page_says_what_came_when_the_form_only_names_it(case: Case, browser: Client) -> None:
    send(browser)
    for verb in ("message", "photos"):
        answer = browser.post(f"/status/{verb}/", {"text": "", "uploads": key_of()}, follow=True)
        assert "1 file is with us." in text_of(answer)


def test_nothing_of_another_case_is_named_when_its_key_is_known(browser: Client) -> None:
    other = CaseFactory()
    send(let_in(other))
    browser.post("/status/message/", {"text": "Mine?", "uploads": key_of()})
    assert latest(other).message_id is None
