"""The response clock beside the case: due, asked, answered, decided, undone, reopened; and a calendar that changes."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command

from cases.actors import Actor
from cases.models import Case, DeskCalendar, Holiday
from cases.services import deciding, quoting, talking
from cases.services.responding import recount_response_clocks, response_clock_of
from cases.tests.factories import CaseFactory, judge_all, quote
from products.tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db

# RECEIVED_AT of the factories is Wednesday 5 Nov 2025, 10:30 in Berlin; a desk day there has eight hours.
DAY = dt.timedelta(days=1)


def at(written: str) -> dt.datetime:
    """A moment on the wall clock of the desk in November, when Berlin is an hour before UTC."""
    return dt.datetime.fromisoformat(written).replace(tzinfo=dt.timezone(dt.timedelta(hours=1)))


def fresh(case: Case) -> Case:
    return Case.objects.get(pk=case.pk)


@pytest.fixture
def case(db: None) -> Case:
    return CaseFactory()


def test_case_is_due_in_working_hours_when_it_is_opened(case: Case) -> None:
    assert case.first_reply_due_at == case.due_at == at("2025-11-06T10:30")
    assert case.decision_due_at == at("2025-11-10T10:30")  # a weekend lies between
    assert (case.first_replied_at, case.waiting_since) == (None, None)


def test_reply_leaves_only_the_decision_due_when_a_person_writes(case: Case, colleague: Actor) -> None:
    now = at("2025-11-05T14:00")
    talking.add_note(case.pk, text="Looks like batch 7.", actor=colleague, now=now)
    assert fresh(case).first_replied_at is None
    talking.write_to_customer(case.pk, text="We look at it.", actor=colleague, now=now)
    case = fresh(case)
    assert (case.first_reply_due_at, case.first_replied_at) == (None, now)
    assert case.due_at == case.decision_due_at


def test_clock_stands_still_when_the_customer_is_asked_and_goes_on_when_they_answer(
    case: Case, colleague: Actor
) -> None:
    asked = at("2025-11-05T12:30")  # two hours used
    deciding.request_information(case.pk, missing=["evidence"], actor=colleague, now=asked)
    case = fresh(case)
    assert (case.due_at, case.decision_due_at, case.waiting_since) == (None, None, asked)
    answered = at("2025-11-12T09:00")
    talking.receive_message(case.pk, text="Here it is.", actor=Actor.customer(), now=answered)
    case = fresh(case)
    assert case.waiting_since is None
    assert case.due_at == case.decision_due_at == at("2025-11-14T15:00")  # 22 hours are left


def test_clock_goes_on_where_it_stood_when_a_decision_is_undone(case: Case, reviewer: Actor) -> None:
    due = case.decision_due_at
    decided = at("2025-11-05T15:30")
    judge_all(case, reviewer, now=decided)
    deciding.approve(case.pk, actor=reviewer, now=decided)
    assert (fresh(case).due_at, fresh(case).decision_due_at) == (None, None)
    deciding.undo(case.pk, actor=reviewer, now=decided + dt.timedelta(seconds=20))
    case = fresh(case)
    assert (case.decision_due_at, case.first_replied_at) == (due, None)


def test_clock_goes_on_with_what_is_left_when_a_case_is_reopened(case: Case, reviewer: Actor) -> None:
    judge_all(case, reviewer, deny="improper_use")
    deciding.deny(case.pk, actor=reviewer, now=at("2025-11-05T15:30"))  # five hours used
    deciding.reopen(case.pk, why="An appeal.", actor=reviewer, now=at("2025-12-01T09:00"))
    assert fresh(case).due_at == at("2025-12-03T12:00")


def test_customer_is_waited_for_when_a_quote_is_unanswered() -> None:
    case = CaseFactory(state="approved")
    quote(case)
    assert fresh(case).waiting_since is not None
    quoting.answer_quote(case.pk, answer="accepted", through="portal", actor=Actor.customer(), now=case.changed_at)
    assert fresh(case).waiting_since is None


def test_desk_of_the_customers_country_counts_when_there_is_one() -> None:
    week = dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday"), "08:00-12:00")
    DeskCalendar.objects.create(name="Tokyo", countries=["JP"], time_zone="Asia/Tokyo", first_reply_hours=2, **week)
    case = CaseFactory(customer=CustomerFactory(country="JP"))
    assert case.first_reply_due_at == dt.datetime(2025, 11, 6, 1, 0, tzinfo=dt.UTC)


def test_recount_moves_what_is_due_when_a_holiday_is_added(case: Case) -> None:
    Holiday.objects.create(calendar=DeskCalendar.objects.get(), on=dt.date(2025, 11, 6), name="Founders' day")
    with pytest.raises(CommandError):
        call_command("response_clocks", check=True)
    assert fresh(case).due_at == case.due_at
    assert [one.changed for one in recount_response_clocks()] == [True]
    assert fresh(case).due_at == at("2025-11-07T10:30")
    call_command("response_clocks", check=True)


def test_case_has_no_response_clock_when_no_desk_has_hours() -> None:
    DeskCalendar.objects.all().delete()
    case = CaseFactory()
    assert (case.due_at, response_clock_of(case)) == (None, None)


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"monday": "9 to 5"}, "monday"),
        ({"time_zone": "Berlin"}, "time_zone"),
        ({"monday": ""}, "__all__"),
        ({"first_reply_hours": -1}, "first_reply_hours"),
    ],
)
def test_calendar_is_refused_in_words_when_it_cannot_work(fields, wrong) -> None:
    calendar = DeskCalendar(**{"name": "Night", "time_zone": "Europe/Oslo", "monday": "09:00-17:00", **fields})
    with pytest.raises(ValidationError) as refused:
        calendar.full_clean()
    assert set(refused.value.error_dict) == {wrong}


def test_product_of_the_case_follows_the_unit(case: Case) -> None:
    assert case.product == case.unit.line.product
