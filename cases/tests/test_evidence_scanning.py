"""The virus scan: what it finds, and what happens while there is nobody to ask."""

import datetime as dt
import io
import socket
from collections.abc import Iterator

import pytest
from pytest_django import Settings

from cases.actors import Actor
from cases.evidence import processing, refusals, scanning
from cases.evidence.scanner import Answer, ScannerDown, ask_scanner
from cases.evidence.storage import MB, store_file
from cases.models import Case, CaseEvent, Evidence, OutgoingMail
from cases.services.guarding import quarantine_file
from cases.services.opening import add_evidence
from cases.tests import files
from cases.tests.factories import CaseFactory, staff
from cases.tests.fake_clamd import Scanner, running_scanner
from cases.tests.mailroom import NOW
from cases.tests.shelf import Shelf

Scan, Status = Evidence.Scan, Evidence.Status
# A paper with a virus in it: EICAR's own type would be refused before anybody scans it.
INFECTED = files.PDF + files.EICAR
LATER = NOW + scanning.TRY_AGAIN_AFTER + dt.timedelta(seconds=1)
MUCH_LATER = NOW + scanning.STALE_AFTER + dt.timedelta(seconds=1)


@pytest.fixture
def scanner(settings: Settings) -> Iterator[Scanner]:
    with running_scanner() as server:
        settings.CLAMD_URL, settings.CLAMD_TIMEOUT = server.url, 5
        yield server


def _case_with(content: bytes = files.PDF, name: str = "invoice.pdf", actor: Actor | None = None) -> Evidence:
    case = CaseFactory(files=())
    stored = store_file(name, "", content, limit_bytes=MB)
    (row,) = add_evidence(case.pk, files=[stored], actor=actor or Actor.customer(), now=NOW)
    return row


def _asked(server: Scanner, content: bytes) -> Answer:
    return ask_scanner(server.url, io.BytesIO(content), seconds=2)


@pytest.mark.parametrize(
    ("content", "answer"),
    [
        (b"", Answer("clean")),
        (files.PDF, Answer("clean")),
        (bytes(3 * MB), Answer("clean")),
        (files.EICAR, Answer("infected", "Win.Test.EICAR_HDB-1")),
        (bytes(3 * MB) + files.EICAR, Answer("infected", "Win.Test.EICAR_HDB-1")),
    ],
    ids=["nothing", "paper", "long", "virus", "virus_at_the_end"],
)
def test_scanner_sees_every_byte_when_it_is_asked(scanner: Scanner, content: bytes, answer: Answer) -> None:
    assert _asked(scanner, content) == answer
    assert scanner.scanned == [len(content)]


def test_file_is_too_large_when_the_scanner_hangs_up_half_way(scanner: Scanner) -> None:
    scanner.limit = 100_000
    assert _asked(scanner, bytes(20 * MB)) == Answer("too_large")


@pytest.mark.parametrize(
    "says",
    [
        b"",
        b"\n",
        b"OK\n",
        b"stream: OK",
        b"stream: OK but\n",
        b"stream: OK\nstream: OK\n",
        b" FOUND\n",
        b"stream: FOUND\n",
        b"stream: lstat() failed ERROR\n",
        b"\xff\xfe\x00" * 10_000,
        b"HTTP/1.1 200 OK\r\n\r\n",
    ],
    ids=lambda says: repr(says[:24]),
)
def test_scanner_counts_as_down_when_it_says_anything_else(scanner: Scanner, says: bytes) -> None:
    scanner.says = says
    with pytest.raises(ScannerDown):
        _asked(scanner, files.PDF)


def test_scanner_counts_as_down_when_it_takes_too_long(scanner: Scanner) -> None:
    scanner.after.clear()
    with pytest.raises(ScannerDown):
        ask_scanner(scanner.url, io.BytesIO(files.PDF), seconds=0.05)


def test_scanner_is_down_when_nobody_listens_or_its_address_is_none() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        for url in (f"tcp://127.0.0.1:{unused.getsockname()[1]}", "unix:///no/such.sock", "http://x", "tcp://", ""):
            with pytest.raises(ScannerDown):
                ask_scanner(url, io.BytesIO(b"x"), seconds=2)


@pytest.mark.django_db
@pytest.mark.parametrize(("content", "found"), [(files.PDF, Scan.CLEAN), (INFECTED, Scan.INFECTED)])
def test_file_is_scanned_once_when_it_came_in(shelf: Shelf, scanner: Scanner, content: bytes, found: str) -> None:
    evidence = _case_with(content)
    assert (evidence.scan, evidence.may_go_to_customer) == (Scan.WAITING, False)
    assert [scanning.scan(evidence.pk, NOW) for _ in range(2)] == [found, None]
    evidence.refresh_from_db()
    assert (evidence.scan, evidence.scanned_at) == (found, NOW)
    assert evidence.may_go_to_customer is (found == Scan.CLEAN)
    assert len(scanner.scanned) == 1


@pytest.mark.django_db(transaction=True)
def test_infected_file_is_locked_away_and_everybody_told_when_it_is_found(
    eager_tasks: None, shelf: Shelf, scanner: Scanner
) -> None:
    evidence = _case_with(files.picture() + files.EICAR, "IMG_1.jpg")
    case = Case.objects.get(pk=evidence.case_id)
    evidence.refresh_from_db()
    assert (evidence.status, evidence.is_kept, evidence.refusal) == (Status.INFECTED, False, refusals.INFECTED)
    assert evidence.facts["virus"] == "Win.Test.EICAR_HDB-1"
    assert shelf.keys() == {evidence.original.name}, "the original stays, its pictures go"
    assert case.events.get(name="quarantined").data == {"files": [evidence.pk]}
    mail = OutgoingMail.objects.get(kind="file_quarantined")
    assert "IMG_1.jpg" in mail.body
    assert "virus" in mail.body


@pytest.mark.django_db
def test_customer_is_not_told_when_the_infected_file_was_not_theirs(storage: object, scanner: Scanner) -> None:
    evidence = _case_with(INFECTED, actor=staff("support"))
    assert scanning.scan(evidence.pk, NOW) == Scan.INFECTED
    assert not OutgoingMail.objects.filter(kind="file_quarantined").exists()


@pytest.mark.django_db
def test_quarantine_happens_once_when_it_is_asked_for_twice(storage: object) -> None:
    evidence = _case_with(INFECTED)
    for _ in range(2):
        quarantine_file(evidence.pk, virus="x", now=NOW)
    assert CaseEvent.objects.filter(name="quarantined").count() == 1


@pytest.mark.django_db
def test_infected_file_is_no_evidence_when_the_case_is_looked_through(storage: object) -> None:
    from cases.services.opening import missing_of

    evidence = _case_with(INFECTED)
    assert "evidence" not in missing_of(evidence.case)
    quarantine_file(evidence.pk, virus="x", now=NOW)
    assert "evidence" in missing_of(evidence.case)


@pytest.mark.django_db
def test_same_infected_file_is_refused_at_once_when_it_comes_again(storage: object) -> None:
    evidence = _case_with(INFECTED)
    quarantine_file(evidence.pk, virus="x", now=NOW)
    again = store_file("invoice.pdf", "", INFECTED, limit_bytes=MB)
    (row,) = add_evidence(evidence.case_id, files=[again], actor=Actor.customer(), now=NOW)
    assert (row.pk, row.is_kept) == (evidence.pk, False)


@pytest.mark.django_db
def test_picture_is_not_brought_back_when_it_was_quarantined_while_being_made(storage: object, shelf: Shelf) -> None:
    evidence = _case_with(files.picture())
    at_work = processing._claim(evidence.pk, NOW)
    quarantine_file(evidence.pk, virus="x", now=NOW)
    assert at_work is not None
    processing._finish_picture(at_work, processing.Renditions(b"w", b"t"))
    evidence.refresh_from_db()
    assert (evidence.status, evidence.web.name) == (Status.INFECTED, "")
    assert shelf.keys() == {evidence.original.name}


@pytest.mark.django_db
def test_file_waits_and_is_never_clean_when_the_scanner_is_down(shelf: Shelf, scanner: Scanner) -> None:
    scanner.says = b"stream: thinking\n"
    evidence = _case_with()
    assert scanning.scan(evidence.pk, NOW) == Scan.WAITING
    assert scanning.scan_waiting(NOW) == 0, "the claim is a pause"
    scanner.says = None
    assert scanning.scan_waiting(LATER) == 1
    evidence.refresh_from_db()
    assert evidence.scan == Scan.CLEAN


@pytest.mark.django_db
def test_sweep_asks_only_once_when_the_scanner_is_down(storage: object, scanner: Scanner) -> None:
    for n in range(3):
        _case_with(files.PDF + b"%d" % n)
    scanner.says = b"?\n"
    assert scanning.scan_waiting(NOW) == 0
    assert len(scanner.scanned) == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("fields", "swept"),
    [
        ({}, 1),
        ({"scan": Scan.NONE}, 1),
        ({"scan": Scan.CLEAN}, 0),
        ({"scan": Scan.TOO_LARGE}, 0),
        ({"scan_claimed_at": NOW}, 0),
        ({"status": Status.FAILED}, 1),
        ({"status": Status.REFUSED, "refusal": "no"}, 0),
    ],
    ids=["waiting", "older_than_the_scanner", "clean", "too_large", "at_it", "not_shown", "refused"],
)
def test_sweep_scans_what_is_left_to_do(
    storage: object, scanner: Scanner, fields: dict[str, object], swept: int
) -> None:
    evidence = _case_with()
    Evidence.objects.filter(pk=evidence.pk).update(**fields)
    assert scanning.scan_waiting(NOW) == swept


@pytest.mark.django_db
def test_dead_scan_is_taken_over_when_its_claim_is_stale(storage: object, scanner: Scanner) -> None:
    evidence = _case_with()
    Evidence.objects.filter(pk=evidence.pk).update(scan_claimed_at=NOW)
    assert scanning.scan_waiting(MUCH_LATER) == 1


@pytest.mark.django_db
def test_file_that_is_gone_waits_when_it_should_be_scanned(shelf: Shelf, scanner: Scanner) -> None:
    evidence = _case_with()
    shelf_key = str(evidence.original.name)
    from django.core.files.storage import default_storage

    default_storage.delete(shelf_key)
    assert scanning.scan(evidence.pk, NOW) == Scan.WAITING


@pytest.mark.django_db
def test_nothing_waits_when_there_is_no_scanner(storage: object) -> None:
    evidence = _case_with()
    assert (evidence.scan, evidence.may_go_to_customer) == (Scan.NONE, True)
    assert (scanning.scan(evidence.pk, NOW), scanning.scan_waiting(NOW)) == (None, 0)
