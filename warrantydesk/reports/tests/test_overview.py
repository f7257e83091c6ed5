"""The overview: who may open it, what it counts (checked with plain SQL beside it), and its file."""

import csv
import datetime as dt
import io
from statistics import median

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cases.models import Case
from cases.tests.factories import CaseFactory, StaffFactory
from warrantydesk.reports.overview import Overview
from warrantydesk.reports.queries import cases_by_state, moves_of_range, requests_by_week
from warrantydesk.reports.ranges import Range
from warrantydesk.reports.stages import DECISION, stage_figures

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mail_folder")]

PAGE, FILE = reverse("reports:overview"), reverse("reports:overview_csv")
ZONE = timezone.get_default_timezone()
AUTUMN = Range(dt.date(2025, 10, 1), dt.date(2025, 12, 31))


@pytest.fixture
def mail_folder(settings, tmp_path):
    settings.EMAIL_BACKEND = "cases.outbox.files.EmailBackend"
    settings.EMAIL_FILE_PATH = tmp_path / "outbox"


def as_role(role: str) -> Client:
    client = Client()
    client.force_login(StaffFactory(role=role))
    return client


@pytest.fixture
def manager() -> Client:
    return as_role("manager")


@pytest.fixture
def desk_with_cases() -> list[Case]:
    """A case in every state, received around the ends of AUTUMN in the desk's own time."""
    midnight = dt.datetime(2025, 9, 30, 22, tzinfo=dt.UTC)  # 1 October in Berlin
    states = ["submitted", "evidence_review", "approved", "denied", "in_repair", "returned", "withdrawn"]
    cases = [CaseFactory(state=state) for state in states]
    cases += [CaseFactory(state="returned") for _number in range(2)]
    cases += [CaseFactory(received_at=midnight), CaseFactory(received_at=midnight - dt.timedelta(seconds=1))]
    end = dt.datetime(2025, 12, 31, 23, tzinfo=dt.UTC)
    cases += [CaseFactory(received_at=end), CaseFactory(received_at=end - dt.timedelta(microseconds=1))]
    return cases


# ── who ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("address", [PAGE, FILE])
def test_stranger_is_sent_to_the_log_in(address: str):
    answer = Client().get(address)
    assert answer["Location"] == f"{reverse('login')}?next={address}"


@pytest.mark.parametrize("address", [PAGE, FILE])
@pytest.mark.parametrize("role", ["", "viewer", "support", "reviewer", "administrator"])
def test_reports_are_not_for_this_role(role: str, address: str):
    assert as_role(role).get(address).status_code == 403


@pytest.mark.parametrize("address", [PAGE, FILE])
def test_manager_looks_and_cannot_post(manager: Client, address: str):
    assert manager.get(address).status_code == 200
    assert manager.post(address).status_code == 405


def test_side_leads_to_the_reports_those_who_may_see_them(manager: Client):
    def links(client: Client) -> list[str]:
        groups = client.get(reverse("staff:queue")).context["nav"]
        return [item["url"] for group in groups for item in group["items"]]

    assert PAGE in links(manager)
    assert PAGE not in links(as_role("reviewer"))
    here = [item for group in manager.get(PAGE).context["nav"] for item in group["items"] if item["current"]]
    assert [item["url"] for item in here] == [PAGE]


# ── what ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def plainly(sql: str, *values: object) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()


def as_stored(moment: dt.datetime) -> object:
    return connection.ops.adapt_datetimefield_value(moment)


def test_counts_by_state_are_those_of_plain_sql(desk_with_cases: list[Case]):
    start, end = (as_stored(moment) for moment in AUTUMN.instants(ZONE))
    expected = dict(
        plainly(
            "SELECT state, COUNT(*) FROM cases_case WHERE received_at >= %s AND received_at < %s GROUP BY state",
            start,
            end,
        )
    )
    counts = cases_by_state(AUTUMN, ZONE)
    assert {state: count for state, count in counts.items() if count} == expected
    assert counts["returned"] == 3
    assert sum(counts.values()) == len(desk_with_cases) - 2  # one came a second too early, one at the end itself


def test_weeks_add_up_to_the_cases_of_the_range_each_in_its_own(desk_with_cases: list[Case]):
    weeks = requests_by_week(AUTUMN, ZONE)
    assert list(weeks) == AUTUMN.weeks
    received = plainly("SELECT received_at FROM cases_case")
    days = [_aware(moment).astimezone(ZONE).date() for (moment,) in received]
    for monday, count in weeks.items():
        week = [day for day in days if AUTUMN.first <= day <= AUTUMN.last and 0 <= (day - monday).days < 7]
        assert count == len(week), monday
    assert sum(weeks.values()) == len(desk_with_cases) - 2


def _aware(moment: dt.datetime | str) -> dt.datetime:
    moment = dt.datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)


def test_days_to_the_decision_are_those_of_plain_sql(desk_with_cases: list[Case]):
    rows = plainly(
        "SELECT c.received_at, e.at FROM cases_case c JOIN cases_caseevent e ON e.case_id = c.id "
        "WHERE e.kind = 'transition' AND e.name IN ('approve', 'deny')"
    )
    expected = [(_aware(at) - _aware(received)).total_seconds() / 86400 for received, at in rows]
    figure = stage_figures(moves_of_range(AUTUMN, ZONE), *AUTUMN.instants(ZONE))[0]
    assert (figure.stage, figure.runs) == (DECISION, len(expected))
    assert figure.runs == 6
    assert figure.median_days == pytest.approx(median(expected))


def test_history_reaches_back_before_the_range(desk_with_cases: list[Case]):
    """Decided in October, received in September: the whole time counts, in October."""
    decision_day = Range(dt.date(2025, 11, 5), dt.date(2025, 11, 5))
    case = CaseFactory(state="denied", received_at=dt.datetime(2025, 10, 1, tzinfo=dt.UTC))
    figure = stage_figures(moves_of_range(decision_day, ZONE), *decision_day.instants(ZONE))[0]
    decided = case.events.get(name="deny").at
    longest = max(
        (move for move in moves_of_range(decision_day, ZONE) if move.case_id == case.pk), key=lambda move: move.at
    )
    assert longest.at == decided
    assert figure.runs == 7


@pytest.mark.parametrize("more", [0, 20])
def test_report_takes_three_queries_however_many_cases_there_are(more: int):
    for _number in range(more):
        CaseFactory(state="denied")
    with CaptureQueriesContext(connection) as queries:
        Overview.of(AUTUMN, ZONE)
    assert len(queries) == 3


# ── the page ─────────────────────────────────────────────────────────────────────────────────────────────────────


def page(client: Client, chosen: Range = AUTUMN) -> str:
    return client.get(PAGE, {"from": chosen.first, "to": chosen.last}).content.decode()


def test_page_shows_charts_with_their_tables_and_what_they_mean(manager: Client, desk_with_cases: list[Case]):
    text = page(manager)
    assert text.count('<svg class="chart-svg') == 2
    assert text.count('<details class="meaning">') == 3
    assert "1 Oct 2025 – 31 Dec 2025" in text
    assert f"{len(desk_with_cases) - 2} requests" in text
    assert 'style="' not in text


def test_page_in_german_draws_the_same_numbers(manager: Client, desk_with_cases: list[Case]):
    manager.cookies["django_language"] = "de"
    text = page(manager)
    drawing = text[text.index('<svg class="chart-svg') :]
    assert ' width="194.0"' in drawing  # a comma would be no number of an SVG


def test_page_says_which_day_is_wrong_and_shows_the_usual_ones(manager: Client):
    CaseFactory(received_at=timezone.now())
    answer = manager.get(PAGE, {"from": "2026-02-30", "to": "2026-03-01"})
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "There is no such day" in text
    assert "this is the report of the latest 12 weeks" in text
    assert 'value="2026-03-01"' in text


def test_page_without_any_case_says_so_and_leads_on(manager: Client):
    assert "The figures come with the first request" in manager.get(PAGE).content.decode()
    text = page(manager)
    assert "Nothing happened in these days" in text
    assert '<svg class="chart-svg' not in text


def test_words_of_a_wrong_day_are_never_markup(manager: Client):
    assert "<script>alert" not in manager.get(PAGE, {"from": '"><script>alert(1)</script>'}).content.decode()


# ── the file ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_file_holds_the_tables_of_the_page(manager: Client, desk_with_cases: list[Case]):
    answer = manager.get(FILE, {"from": AUTUMN.first, "to": AUTUMN.last})
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"] == 'attachment; filename="overview-2025-10-01-2025-12-31.csv"'
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert rows[0] == ["Table", "Row", "Number", "Median days"]
    numbers = {(table, name): number for table, name, number, _days in rows[1:]}
    assert numbers["Requests by state", "Returned"] == "3"
    assert numbers["Requests by week", "2025-11-03"] == "9"
    assert numbers["Days per stage", "Request to decision"] == "6"
    assert len(rows) == 1 + 7 + len(AUTUMN.weeks) + 4


def test_file_of_wrong_days_is_refused(manager: Client):
    answer = manager.get(FILE, {"from": "2026-02-30"})
    assert answer.status_code == 422
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.content.decode().startswith("from: There is no such day")
