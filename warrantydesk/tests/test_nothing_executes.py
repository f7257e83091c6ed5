"""The published lists of stored scripts through every field: nothing of them runs on any page, paper, mail or sheet."""

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.core.mail import get_connection
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from cases.models import DecisionLetter, OutgoingMail
from cases.outbox.envelope import sealed
from products.models import ImportRun
from products.spreadsheet import DANGEROUS
from warrantydesk.faces import paper
from warrantydesk.intake.models import IncomingMail
from warrantydesk.portal.tests.door import let_in, send_mails
from warrantydesk.reports.exports import jobs
from warrantydesk.reports.kept import ExportJob
from warrantydesk.reports.registry import REPORTS
from warrantydesk.tests.access_kinds import admin as admin_page
from warrantydesk.tests.access_kinds import admin_edit, admin_look, of_customer, page, public, public_form, signed_in
from warrantydesk.tests.access_walk import Address
from warrantydesk.tests.harmless import dangers
from warrantydesk.tests.planting import BOLD, MARK, Planted, planted_models, read_lists
from warrantydesk.tests.test_access_table import ADDRESSES, row_of

# All of them look at one world, so one process.
pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("nothing_executes")]
# No word of anybody stands in these: counted figures, keys and cursors.
UNMADE = {
    "api.HookCursor", "reports.CaseFigures", "reports.ClaimFigures", "reports.CountingMark",
    "reports.CountryHistoryTally", "reports.HistoryTally", "reports.NarrowedRunTally", "reports.NarrowedWeekSpread",
    "reports.ParcelFigures", "reports.QuoteFigures", "reports.Tally",
}  # fmt: skip
OURS, ADMIN = (page, of_customer, public, public_form, signed_in), (admin_page, admin_edit, admin_look)


@pytest.fixture(scope="module")
def planted(django_db_setup: None, django_db_blocker: Any, shared_data: Any) -> Iterator[Planted]:
    """Made once for the whole module, and taken back after it."""
    names = json.loads((shared_data / "files/generated/hostile_filenames.json").read_text(encoding="utf-8"))
    with django_db_blocker.unblock(), transaction.atomic():
        yield Planted(read_lists(shared_data / "files"), names)
        transaction.set_rollback(True)


@pytest.fixture
def boss(planted: Planted) -> Client:
    client = Client()
    client.force_login(planted.boss.user)
    return client


@pytest.fixture
def papers(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What PDFs would be made of."""
    asked: list[str] = []

    def write(html: str, sheets: Any, *, seconds: int = 20) -> bytes:
        asked.append(html)
        return b"%PDF-1.7"

    monkeypatch.setattr(paper, "write_pdf", write)
    return asked


def addresses(*kinds: Any) -> list[Address]:
    return [one for one in ADDRESSES if "!" not in one.name and (row := row_of(one)) and row.kind in kinds]


def url_of(address: Address, planted: Planted) -> str:
    known: dict[str, object] = {
        "reference": planted.case.reference, "case_id": planted.case.pk, "which": "web", "key": "a-key-of-its-own",
        "file_id": planted.case.evidence.order_by("pk").first().pk, "mail_id": IncomingMail.objects.first().pk,
        "run_id": ImportRun.objects.first().pk, "letter_id": DecisionLetter.objects.get(case=planted.case).pk,
        "url": "no/such/page/", "app_label": "cases", "content_type_id": 1, "name": "cases",
        "token": f"{MARK}{'x' * 30}",
    }  # fmt: skip
    for model in admin.site._registry:
        if f"/{model._meta.label_lower.replace('.', '/')}/" in address.route:
            first = model._default_manager.first()
            known["object_id"] = first.pk if first else 1
    row = row_of(address)
    return address.url({**dict.fromkeys(address.parts, 1), **known, **(row.args if row else {})})


def found_on(answer: HttpResponse, *, strict: bool = True) -> list[str]:
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if not answer.headers.get("Content-Type", "").startswith("text/html"):
        return []
    if not strict and MARK.encode() not in content:
        return []  # the library's own page, with nothing of ours in it
    return dangers(content.decode(), strict=strict)


def walk(clients: list[Client], planted: Planted, *kinds: Any, strict: bool = True) -> tuple[list[str], int, int]:
    """What was found anywhere, on how many pages, and how many of those show what was planted."""
    found, opened, showing = [], 0, 0
    for address in addresses(*kinds):
        if address.name.endswith(("_add", "_history")):
            continue  # the same words in the same frames as on the record's own page
        url = url_of(address, planted)
        for client in clients:
            with transaction.atomic():
                answer = client.get(url)
                transaction.set_rollback(True)
            found += [f"{url}: {danger}" for danger in found_on(answer, strict=strict)]
            opened += answer.status_code == 200
            showing += not answer.streaming and MARK.encode() in answer.content
    return found, opened, showing


def test_everything_is_planted(planted: Planted):
    """Or the pages below prove nothing: every table has a row, and what people write is in them."""
    empty = {model._meta.label for model in planted_models() if not model._base_manager.exists()}
    assert empty == UNMADE
    for column in (
        "products.Customer.name", "products.Customer.address", "cases.Case.subject", "cases.Message.text",
        "cases.Evidence.name", "cases.Case.description", "cases.CannedReply.text", "products.Product.name",
        "products.CoveredPart.serial", "cases.Tag.name", "cases.QueueView.name", "products.ImportProblem.cells",
        "shipments.TrackingEvent.text", "shipments.RepairShipment.tracking_number", "intake.IncomingMail.subject",
    ):  # fmt: skip
        assert column in planted.columns


def test_nothing_runs_on_any_page_of_desk_and_portal(planted: Planted, boss: Client, papers: list[str]):
    send_mails(planted.case)
    found, opened, showing = walk([boss, let_in(planted.case)], planted, *OURS)
    assert found == []
    assert (opened > 50, showing >= 20) == (True, True), (opened, showing)
    assert len(papers) >= 3
    assert [danger for html in papers for danger in dangers(html, strict=False)] == []
    assert sum(MARK in html for html in papers) >= 2


@pytest.mark.parametrize(
    "url",
    [
        "/desk/?view=all&q={bold}", "/desk/?view={bold}&tag={bold}&sort={bold}", "/desk/login/?next={bold}",
        "/desk/no-such-page/{bold}", "/desk/parcels/?tab={bold}", "/desk/reports/?from={bold}&product={bold}",
        "/desk/mail/?view={bold}", "/{bold}", "/admin/cases/case/?q={bold}", "/admin/login/?next={bold}",
        "/api/v1/docs/?{bold}", "/?done={bold}&lang={bold}",
    ],
)  # fmt: skip
def test_nothing_runs_that_came_in_an_address(boss: Client, url: str):
    for client in (boss, Client()):
        answer = client.get(url.format(bold=BOLD.replace("#", "")))
        assert found_on(answer, strict=not url.startswith("/admin/")) == []


def test_nothing_runs_on_any_page_of_the_admin(planted: Planted, boss: Client):
    found, opened, showing = walk([boss], planted, *ADMIN, strict=False)
    assert found == []
    assert (opened > 60, showing > 40) == (True, True), (opened, showing)


def test_mails_are_words_and_nothing_else(planted: Planted):
    """No mail of ours is HTML, whatever it tells; and an automatic one carries no name that its reader never wrote."""
    seen = 0
    for row in OutgoingMail.objects.exclude(case=None):
        row.to_address = "owner@example.com"
        letter = sealed(row, timezone.now(), get_connection()).message()
        assert letter.get_content_type() == "text/plain"
        assert not letter.is_multipart()
        assert MARK not in (letter["To"] if row.automatic else "")
        seen += MARK in letter.get_payload(decode=True).decode()
    assert seen > 3


def test_no_cell_of_a_sheet_is_a_formula(planted: Planted, boss: Client):
    cells, marked = 0, 0
    run = ImportRun.objects.get()
    rejected = boss.get(reverse("sales:rejected", args=[run.pk]))
    assert rejected.status_code == 200
    for content in (content_of(rejected), *(file_of(boss, name, "csv") for name in REPORTS)):
        for row in csv.reader(io.StringIO(content.decode("utf-8-sig"))):
            cells, marked = cells + len(row), marked + sum(MARK in cell for cell in row)
            assert not [cell for cell in row if cell.startswith(DANGEROUS) and not _is_number(cell)]
    for name in REPORTS:
        book = load_workbook(io.BytesIO(file_of(boss, name, "xlsx")))
        assert not [cell.value for sheet in book for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    assert (cells > 100, marked > 2) == (True, True), (cells, marked)


def content_of(answer: Any) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def file_of(client: Client, report: str, kind: str) -> bytes:
    """A report as a file, as whoever asked for it takes it."""
    client.post(reverse("reports:ask_export", args=[report]), {"kind": kind})
    assert jobs.work_off(timezone.now()) == 1
    taken = client.get(reverse("reports:export_file", args=[ExportJob.objects.latest("pk").pk]))
    assert taken.status_code == 200, (report, kind)
    return content_of(taken)


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


@pytest.mark.parametrize(
    "html",
    [
        BOLD, f"<b onclick={MARK}()>", f"<a href=' java\tscript:{MARK}()'>", "<iframe src=//evil.example>",
        "<base href=//x>", f"<svg><script>{MARK}()</script></svg>", f"<p x-data='{MARK}()'>",
        f"<script>var a = '{MARK}'</script>", "<form action=javascript:alert(1)>",
        "<meta http-equiv=refresh content=0>", "<script src=//evil.example/x.js></script>",
    ],
)  # fmt: skip
def test_detector_sees_what_would_run(html: str):
    """Or every page above is called harmless because nobody looked."""
    assert dangers(f"<!doctype html><title>x</title><textarea></textarea>{html}") != []
    assert dangers('<script src="/static/a.js"></script><a href="/desk/">ok</a><p>javascript: alert(1)</p>') == []
