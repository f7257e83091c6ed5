"""Finished weeks, the weekly mail, and what each manager keeps for themselves."""

import datetime as dt
import io
import json

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from cases.services import deciding
from cases.tests.factories import CaseFactory, StaffFactory, staff
from products.models import Product
from warrantydesk.reports import weekly
from warrantydesk.reports.counting.rounds import count_changed
from warrantydesk.reports.exports.csv_file import csv_lines
from warrantydesk.reports.exports.pdf_file import report_html
from warrantydesk.reports.exports.text_files import json_lines, text_lines
from warrantydesk.reports.exports.xlsx_file import write_xlsx
from warrantydesk.reports.kept import FrozenWeek, SavedFilter, Subscription, WeeklyMail
from warrantydesk.reports.registry import REPORTS
from warrantydesk.reports.restated import figures_of, restated
from warrantydesk.reports.tests.nasty import ZONE
from warrantydesk.reports.weeks import answer_of_week, finished_week, freeze_week

pytestmark = pytest.mark.django_db
MONDAY = dt.date(2025, 11, 3)
OVER = dt.datetime(2025, 11, 10, 8, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("now", "monday"),
    [
        (dt.datetime(2025, 11, 9, 22, 59, tzinfo=dt.UTC), dt.date(2025, 10, 27)),  # a minute before midnight in Berlin
        (dt.datetime(2025, 11, 9, 23, 0, tzinfo=dt.UTC), MONDAY),
        (dt.datetime(2025, 11, 16, 12, 0, tzinfo=dt.UTC), MONDAY),
    ],
)
def test_finished_week_ends_at_midnight_of_the_desk(now: dt.datetime, monday: dt.date):
    assert finished_week(now, ZONE) == monday


def test_figures_of_a_finished_week_are_kept_and_a_change_is_told():
    case = CaseFactory(state="denied")
    list(count_changed())
    assert freeze_week(MONDAY, OVER, ZONE) == len(REPORTS)
    assert freeze_week(MONDAY, OVER, ZONE) == 0
    frozen = FrozenWeek.objects.get(report="decisions")
    tables = answer_of_week(REPORTS["decisions"], MONDAY, OVER, ZONE).tables
    assert [restated(table, frozen) for table in tables] == [[]] * len(tables)
    deciding.reopen(case.pk, why="New photo.", actor=staff("support"), now=OVER)
    list(count_changed())
    later = answer_of_week(REPORTS["decisions"], MONDAY, OVER, ZONE).tables
    told = {table.code: restated(table, frozen) for table in later}
    assert len(told["reasons"]) == 2  # the one row, and the total
    assert all("was there" in words for words in told["reasons"])
    assert FrozenWeek.objects.get(report="decisions").figures == frozen.figures


def test_a_changed_number_says_what_it_was():
    CaseFactory(state="denied")
    list(count_changed())
    table = next(one for one in answer_of_week(REPORTS["overview"], MONDAY, OVER, ZONE).tables if one.code == "weeks")
    figures = figures_of([table])
    figures["weeks"]["2025-11-03"]["cells"][0] = 7
    assert restated(table, FrozenWeek(figures=figures)) == ["3 Nov 2025, Requests: 1, was 7"]


def test_a_product_that_got_another_name_is_no_other_row():
    case = CaseFactory(state="denied")
    list(count_changed())
    kept = figures_of(answer_of_week(REPORTS["decisions"], MONDAY, OVER, ZONE).tables)
    Product.objects.filter(pk=case.claimed_parts.get().part.product_id).update(name="As it is called now")
    later = answer_of_week(REPORTS["decisions"], MONDAY, OVER, ZONE).tables
    assert [restated(table, FrozenWeek(figures=kept)) for table in later] == [[]] * len(later)
    parts = next(table for table in later if table.code == "parts")
    assert parts.rows[0].cells[0] == "As it is called now"


def test_a_week_that_is_not_over_is_not_kept():
    with pytest.raises(ValueError, match="not over"):
        freeze_week(MONDAY, OVER - dt.timedelta(days=1), ZONE)


def test_page_of_a_kept_week_marks_what_was_restated():
    CaseFactory(state="denied")
    list(count_changed())
    freeze_week(MONDAY, OVER, ZONE)
    frozen = FrozenWeek.objects.get(report="overview")
    frozen.figures["weeks"]["2025-11-03"]["cells"][0] = 9
    frozen.save()
    client = manager_client()
    page = client.get(reverse("reports:overview"), {"from": "2025-11-03", "to": "2025-11-09"}).content.decode()
    assert "Restated since the week was over" in page
    assert "was 9" in page
    other = client.get(reverse("reports:overview"), {"from": "2025-11-03", "to": "2025-11-08"}).content.decode()
    assert "Restated" not in other


def test_every_file_of_a_kept_week_says_what_was_restated():
    CaseFactory(state="denied")
    list(count_changed())
    freeze_week(MONDAY, OVER, ZONE)
    frozen = FrozenWeek.objects.get(report="overview")
    frozen.figures["weeks"]["2025-11-03"]["cells"][0] = 9
    frozen.save()
    answer = answer_of_week(REPORTS["overview"], MONDAY, OVER, ZONE)
    told = "3 Nov 2025, Requests: 1, was 9"
    assert next(one for one in json.loads("".join(json_lines(answer)))["tables"] if one["restated"])["restated"] == [
        told
    ]
    sheet = io.BytesIO()
    write_xlsx(answer, sheet)
    book = load_workbook(io.BytesIO(sheet.getvalue()))
    assert told in [row[3] for row in book.worksheets[-1].iter_rows(values_only=True)]
    assert all(told in "".join(lines(answer)) for lines in (csv_lines, text_lines))
    assert told in report_html([answer])


# ── the weekly mail ──────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def subscriber(monkeypatch):
    monkeypatch.setattr(weekly, "report_pdf", lambda answers: b"%PDF-" + str(len(answers)).encode())
    user = StaffFactory(role="manager")
    Subscription.objects.create(user=user, since=OVER - dt.timedelta(days=30))
    return user


def test_weekly_mail_goes_once_to_each_who_may_see_the_reports(subscriber):
    gone = StaffFactory(role="support")
    Subscription.objects.create(user=gone, since=OVER - dt.timedelta(days=30))
    late = StaffFactory(role="manager")
    Subscription.objects.create(user=late, since=OVER)
    assert weekly.prepare_week(OVER) == 1
    assert weekly.prepare_week(OVER) == 0
    assert weekly.send_due(OVER) == 1
    assert weekly.send_due(OVER) == 0
    assert [letter.to for letter in mail.outbox] == [[subscriber.email]]
    assert mail.outbox[0].attachments[0][0] == "reports-2025-11-03.pdf"
    assert f"?from={MONDAY}" in mail.outbox[0].body
    assert WeeklyMail.objects.get().status == "sent"


def test_paper_of_a_week_is_made_once_however_many_get_it(subscriber, monkeypatch):
    made = []
    monkeypatch.setattr(weekly, "report_pdf", lambda answers: made.append(len(answers)) or b"%PDF-")
    for _number in range(2):
        Subscription.objects.create(user=StaffFactory(role="manager"), since=subscriber.report_subscription.since)
    weekly.prepare_week(OVER)
    assert weekly.send_due(OVER) == 3
    assert made == [len(REPORTS)]


def test_weekly_mail_waits_for_monday_morning(subscriber):
    assert weekly.prepare_week(dt.datetime(2025, 11, 10, 4, 59, tzinfo=dt.UTC)) == 0
    assert weekly.prepare_week(dt.datetime(2025, 11, 10, 5, 0, tzinfo=dt.UTC)) == 1


class Refusing:
    def __init__(self, error: Exception) -> None:
        self.error = error

    def __call__(self, *_args, **_kwargs) -> None:
        raise self.error


@pytest.mark.parametrize(
    ("error", "status"), [(ConnectionRefusedError("no"), "queued"), (TimeoutError("silence"), "uncertain")]
)
def test_weekly_mail_is_tried_again_only_where_nothing_can_have_left(subscriber, monkeypatch, error, status: str):
    monkeypatch.setattr(weekly.EmailMessage, "send", Refusing(error))
    weekly.prepare_week(OVER)
    assert weekly.send_due(OVER) == 0
    assert WeeklyMail.objects.get().status == status
    assert weekly.send_due(OVER + dt.timedelta(minutes=1)) == 0


@pytest.mark.parametrize(("handed_over", "status"), [(None, "sent"), (OVER, "uncertain")])
def test_what_a_dead_sender_left_is_settled(subscriber, handed_over, status: str):
    weekly.prepare_week(OVER)
    WeeklyMail.objects.update(status="sending", claimed_at=OVER, handed_over_at=handed_over, attempts=1)
    weekly.send_due(OVER + dt.timedelta(hours=1))
    assert WeeklyMail.objects.get().status == status


# ── saved filters ────────────────────────────────────────────────────────────────────────────────────────────────


def manager_client() -> Client:
    client = Client()
    client.force_login(StaffFactory(role="manager"))
    return client


SAVE = reverse("reports:save_filter", args=["money"])


def test_filters_are_saved_under_a_name_and_dropped_again():
    client = manager_client()
    client.post(SAVE, {"called": " Norway ", "query": "country=NO&from=2025-11-01&next=//evil.example"})
    saved = SavedFilter.objects.get()
    assert (saved.name, saved.query) == ("Norway", "from=2025-11-01&country=NO")
    client.post(SAVE, {"called": "Norway", "query": "country=SE"})
    assert SavedFilter.objects.get().query == "country=SE"
    drop = reverse("reports:drop_filter", args=["money", saved.pk])
    assert manager_client().post(drop).status_code == 404
    assert client.post(drop).status_code == 302
    assert not SavedFilter.objects.exists()


def test_a_filter_without_a_name_is_refused_in_words():
    page = manager_client().post(SAVE, {"called": " ", "query": "country=NO"}, follow=True)
    assert not SavedFilter.objects.exists()
    assert "Give the filter a name" in page.content.decode()


def test_the_weekly_mail_is_asked_for_and_ended():
    client = manager_client()
    client.post(reverse("reports:subscribe"), {"wanted": "yes"})
    client.post(reverse("reports:subscribe"), {"wanted": "yes"})
    assert Subscription.objects.count() == 1
    client.post(reverse("reports:subscribe"), {"wanted": "no"})
    assert not Subscription.objects.exists()


@pytest.mark.parametrize(
    "address", [SAVE, reverse("reports:subscribe"), reverse("reports:drop_filter", args=["money", 1])]
)
def test_what_changes_something_is_posted_by_managers_only(address: str):
    assert Client().post(address).status_code == 302
    for role in ("viewer", "support", "reviewer", "administrator"):
        client = Client()
        client.force_login(StaffFactory(role=role))
        assert client.post(address).status_code == 403
    assert manager_client().get(address).status_code == 405
