"""Days off and deputies: what is refused, and who gets what would have come to somebody away."""

import datetime as dt
from typing import Any

import pytest

from cases.actors import Actor
from cases.models import Absence, AssignmentRule, Case
from cases.services import being_away, talking
from cases.services.assigning import assign, assign_by_product
from cases.tests.factories import CaseFactory, staff
from products.errors import Refused

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)
TODAY = dt.date(2026, 3, 2)


def away(actor: Actor, first: int = 0, last: int = 7, **given: Any) -> Absence:
    days = {"first_on": TODAY + dt.timedelta(days=first), "last_on": TODAY + dt.timedelta(days=last)}
    return being_away.say_away(**days, **given, actor=actor, now=NOW)


@pytest.fixture
def ada() -> Actor:
    return staff("support", name="Ada")


@pytest.fixture
def bob() -> Actor:
    return staff("support", name="Bob")


@pytest.mark.parametrize(
    ("first", "last", "field"),
    [(2, 1, "last_on"), (-9, -1, "last_on"), (10, 12, "first_on")],
    ids=["backwards", "over", "noted_already"],
)
def test_days_are_refused_when_they_cannot_be(ada: Actor, first: int, last: int, field: str) -> None:
    away(ada, 11, 20)
    with pytest.raises(Refused) as refused:
        away(ada, first, last)
    assert refused.value.field == field


def test_deputy_is_a_colleague_who_handles_cases(ada: Actor) -> None:
    for nobody in (ada.user, staff("viewer").user):
        with pytest.raises(Refused):
            away(ada, deputy=nobody)


def test_days_are_taken_back_by_whoever_noted_them(ada: Actor, bob: Actor) -> None:
    absence = away(ada)
    with pytest.raises(Absence.DoesNotExist):
        being_away.take_back(absence.pk, actor=bob)
    being_away.take_back(absence.pk, actor=ada)
    assert not Absence.objects.exists()


def test_deputy_gets_what_a_rule_gives_while_the_other_is_away(ada: Actor, bob: Actor) -> None:
    case = CaseFactory()
    AssignmentRule.objects.create(product=case.product, person=ada.user)
    away(ada, deputy=bob.user)
    assert assign_by_product(case.pk, actor=staff(), now=NOW).assignee == bob.user


@pytest.mark.parametrize("deputy_is_away", [False, True], ids=["there", "away_too"])
def test_answer_of_a_customer_goes_to_the_deputy_who_is_there(ada: Actor, bob: Actor, deputy_is_away: bool) -> None:
    case = CaseFactory()
    assign(case.pk, user=ada.user, actor=ada, now=NOW)
    away(ada, deputy=bob.user)
    if deputy_is_away:
        away(bob, deputy=ada.user)
    talking.receive_message(case.pk, text="Any news?", actor=Actor.customer(), now=NOW)
    assert Case.objects.get(pk=case.pk).assignee == (None if deputy_is_away else bob.user)
