"""Reports as files made by a worker: asked for, looked at, taken by their owner alone, and gone after a day."""

import csv
import datetime as dt
import io
import json

import pytest
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cases.tests.factories import CaseFactory, StaffFactory
from warrantydesk.faces.paper import NoPaper
from warrantydesk.reports.exports import jobs
from warrantydesk.reports.kept import ExportJob

pytestmark = pytest.mark.django_db
SPAN = "from=2025-11-01&to=2025-11-30"
ASK = reverse("reports:ask_export", args=["overview"])


def client_of(role: str) -> Client:
    client = Client()
    client.force_login(StaffFactory(role=role))
    return client


def taken(client: Client, job: ExportJob) -> bytes:
    answer = client.get(reverse("reports:export_file", args=[job.pk]))
    assert answer["Content-Disposition"].startswith("attachment")
    return b"".join(answer.streaming_content)


def test_a_file_is_asked_for_made_taken_and_gone_after_a_day():
    CaseFactory(state="denied")
    client = client_of("manager")
    page = client.post(ASK, {"kind": "json", "query": SPAN})["Location"]
    job = ExportJob.objects.get()
    assert page == reverse("reports:export_page", args=[job.pk])
    text = client.get(page).content.decode()
    assert "Waiting for its turn" in text
    assert "<noscript>" in text  # without a script there is a link to look again
    assert client.get(reverse("reports:export_file", args=[job.pk])).status_code == 404
    assert jobs.work_off(timezone.now()) == 1
    job.refresh_from_db()
    assert job.name in client.get(page, headers={"HX-Request": "true"}).content.decode()
    assert json.loads(taken(client, job))["from"] == "2025-11-01"
    other = client_of("manager")
    for name in ("export_page", "export_file"):
        assert other.get(reverse(f"reports:{name}", args=[job.pk])).status_code == 404
    assert jobs.forget_old(job.finished_at + jobs.KEPT) == 0
    assert jobs.forget_old(job.finished_at + jobs.KEPT + dt.timedelta(seconds=1)) == 1
    assert not ExportJob.objects.exists()
    assert not default_storage.exists(job.file.name)


def test_cases_behind_a_number_are_a_file_that_tells_how_far_it_is():
    for _number in range(3):
        CaseFactory(state="denied")
    client = client_of("manager")
    client.post(ASK, {"kind": "csv", "query": SPAN, "table": "states", "key": "denied"})
    jobs.work_off(timezone.now())
    job = ExportJob.objects.get()
    assert (job.status, job.rows, job.rows_done) == ("done", 3, 1)  # the first is told at once, then once a second
    assert len(list(csv.reader(io.StringIO(taken(client, job).decode("utf-8-sig"))))) == 4


def test_page_says_how_much_is_done():
    client = client_of("manager")
    client.post(ASK, {"kind": "csv", "query": ""})
    ExportJob.objects.update(status="working", rows=8, rows_done=2)
    page = client.get(reverse("reports:export_page", args=[ExportJob.objects.get().pk])).content.decode()
    assert '<progress max="100" value="25"' in page
    assert "2 of 8 rows" in page


@pytest.mark.parametrize(
    ("posted", "status"),
    [
        ({"kind": "exe"}, 404),
        ({"kind": "csv", "query": "from=2026-02-30"}, 422),
        ({"kind": "csv", "query": "product=999999"}, 422),
    ],
)
def test_what_nobody_can_make_is_refused_at_once(posted: dict[str, str], status: int):
    answer = client_of("manager").post(ASK, posted)
    assert answer.status_code == status
    assert status == 404 or answer["Content-Type"] == "text/plain; charset=utf-8"
    assert not ExportJob.objects.exists()


def test_where_no_pdf_can_be_written_there_is_a_page_to_print(monkeypatch: pytest.MonkeyPatch):
    def nothing(*_given: object, **_named: object) -> bytes:
        raise NoPaper("Pango is missing")

    monkeypatch.setattr("warrantydesk.reports.exports.pdf_file.write_pdf", nothing)
    client = client_of("manager")
    told = client.post(ASK, {"kind": "pdf", "query": SPAN})["Location"]
    jobs.work_off(timezone.now())
    text = client.get(told).content.decode()
    address = f"{reverse('reports:print_page', args=['overview'])}?{SPAN.replace('&', '&amp;')}"
    assert "Pango is missing" in text
    assert f'href="{address}"' in text
    page = client.get(address.replace("&amp;", "&")).content.decode()
    assert "print this page from the browser instead" in page
    assert "<title>Overview · 1–30 Nov 2025</title>" in page
    wrong = client.get(reverse("reports:print_page", args=["overview"]), {"from": "2026-02-30"})
    assert (wrong.status_code, wrong["Content-Type"]) == (422, "text/plain; charset=utf-8")
    assert wrong.content.decode().startswith("from: There is no such day")


def asked_for(**fields: object) -> ExportJob:
    fields = {"user": StaffFactory(role="manager"), "language": "en", "created_at": timezone.now(), **fields}
    return ExportJob.objects.create(report="money", kind="csv", **fields)


@pytest.mark.parametrize(("attempts", "status"), [(1, "done"), (3, "failed")])
def test_what_a_dead_worker_left_is_taken_up_again_three_times(attempts: int, status: str):
    job = asked_for(status="working", attempts=attempts, claimed_at=timezone.now())
    assert jobs.work_off(timezone.now()) == 0
    jobs.work_off(timezone.now() + jobs.STALE_AFTER + dt.timedelta(seconds=1))
    job.refresh_from_db()
    assert job.status == status


def test_who_lost_the_permission_gets_nothing():
    job = asked_for(user=StaffFactory(role="support"))
    assert jobs.work_off(timezone.now()) == 0
    job.refresh_from_db()
    assert (job.status, job.file.name) == ("failed", "")


def test_one_person_waits_for_five_files_at_the_most():
    client = client_of("manager")
    for _number in range(6):
        client.post(ASK, {"kind": "csv"})
    assert ExportJob.objects.count() == 5
