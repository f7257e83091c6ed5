"""Two people at one case: who comes second is told what changed, keeps what was typed, and decides nothing twice."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from cases.models import Case, CaseEvent, ClaimedPart
from cases.tests.factories import CaseFactory
from warrantydesk.staff.tests.driver import Driver


@pytest.fixture
def case(db: None) -> Case:
    return CaseFactory()


@pytest.fixture
def claim(case: Case) -> ClaimedPart:
    return case.claimed_parts.get()


def as_of(client: Client, case: Case) -> int:
    return client.get(reverse("staff:case", args=[case.reference])).context["as_of"]


def test_second_reviewer_is_told_and_keeps_what_was_typed(desk: Callable, case: Case, claim: ClaimedPart) -> None:
    rita, second = desk("reviewer", name="Rita Reviewer"), desk("reviewer")
    looked = as_of(second, case)
    first = Driver(rita, case)
    first.does("record_finding", claim, cause="none", finding="")
    first.does("decide_part", claim, verdict="covered", resolution="repair", as_of=as_of(rita, case))
    typed = {"verdict": "denied", "reason": "improper_use", "words": "Please read the manual.", "as_of": looked}
    answer = Driver(second, case).post("decide_part", claim, **typed)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Meanwhile" in page
    assert "Rita Reviewer" in page.partition("Meanwhile")[2][:400]
    assert "Please read the manual." in page
    claim.refresh_from_db()
    assert (claim.verdict, claim.decided_by) == ("covered", rita.person)
    assert CaseEvent.objects.filter(case=case, name="decided").count() == 1


def test_form_is_sent_when_the_person_has_seen_the_news(desk: Callable, case: Case, claim: ClaimedPart) -> None:
    client, colleague = desk("reviewer"), desk("support")
    looked = as_of(client, case)
    Driver(colleague, case).does("add_note", text="The customer called: it was the cat.")
    driver = Driver(client, case)
    refused = driver.post("record_finding", claim, cause="none", finding="Typed before", as_of=looked)
    assert refused.status_code == 422
    assert "Typed before" in refused.content.decode()
    again = driver.post("record_finding", claim, cause="none", finding="Typed before", as_of=refused.context["as_of"])
    assert again.status_code == 303


@pytest.mark.parametrize(
    ("verb", "typed", "kept"),
    [
        ("write_to_customer", {"text": "Please send the box."}, "Please send the box."),
        (
            "write_quote",
            {"lines-TOTAL_FORMS": "1", "lines-INITIAL_FORMS": "0", "lines-0-kind": "repair",
             "lines-0-description": "Two hours", "lines-0-amount": "90"},
            "Two hours",
        ),
        ("set_purchase", {"invoice": "RE-77", "serial": "PK9"}, "RE-77"),
        ("describe", {"description": "It hums at noon."}, "It hums at noon."),
    ],
)  # fmt: skip
def test_nothing_is_sent_over_what_somebody_else_did(
    desk: Callable, case: Case, verb: str, typed: dict[str, str], kept: str
) -> None:
    driver, colleague = Driver(desk("support"), case), Driver(desk("support", name="Cora Colleague"), case)
    looked = as_of(driver.client, case)
    assert f'name="as_of" value="{looked}"' in driver.look(verb).split(f'id="form-{verb}"')[1].split("</form>")[0]
    colleague.does("add_note", text="The customer called: it was the cat.")
    before = case.events.count()
    answer = driver.post(verb, **typed, as_of=looked)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Cora Colleague" in page.partition("Meanwhile")[2][:400]
    assert kept in page.split(f'id="form-{verb}"')[1].split("</form>")[0]
    assert case.events.count() == before


@pytest.mark.parametrize("written", ["", "x", "-1", "9" * 40, "\x00"])
def test_form_is_sent_when_it_does_not_say_as_of_when(
    desk: Callable, case: Case, claim: ClaimedPart, written: str
) -> None:
    driver = Driver(desk("reviewer"), case)
    assert driver.post("record_finding", claim, cause="none", finding="", as_of=written).status_code == 303


def test_own_work_in_another_window_is_no_news(desk: Callable, case: Case, claim: ClaimedPart) -> None:
    client = desk("reviewer")
    looked = as_of(client, case)
    driver = Driver(client, case)
    driver.does("add_note", text="Mine.")
    assert driver.post("record_finding", claim, cause="none", finding="", as_of=looked).status_code == 303


def test_one_decision_is_left_when_two_approve(desk: Callable, case: Case) -> None:
    rita, second = desk("reviewer"), desk("reviewer")
    Driver(rita, case).decides(verdict="covered", resolution="repair")
    looked = as_of(second, case)
    assert Driver(rita, case).post("approve", as_of=as_of(rita, case)).status_code == 303
    answer = Driver(second, case).post("approve", as_of=looked)
    assert answer.status_code == 422
    assert "Meanwhile" in answer.content.decode()
    assert CaseEvent.objects.filter(case=case, name="approve").count() == 1
    assert Case.objects.get(pk=case.pk).decided_by == rita.person
