"""A refusal is an answer: it stands beside the form, with everything that was typed, and nothing was changed."""

import html
from collections.abc import Callable

import pytest

from cases.models import CaseEvent
from cases.tests.factories import CaseFactory
from products.tests.factories import CoveredPartFactory
from warrantydesk.staff.tests.driver import Driver

TYPED = "Zwölf Boxkämpfer jagten Viktor <quer> & über"
PROOF = {"on": "2025-11-10", "text": TYPED}


@pytest.fixture
def submitted(desk: Callable) -> Driver:
    return Driver(desk("reviewer"), CaseFactory(files=()))


@pytest.fixture
def under_review(desk: Callable) -> Driver:
    return Driver(desk("reviewer"), CaseFactory(part=CoveredPartFactory(category="consumable")))


@pytest.fixture
def approved(desk: Callable) -> Driver:
    return Driver(desk("reviewer"), CaseFactory(state="approved"))


def refused(drive: Driver, verb: str, about: object = None, **data: object) -> str:
    """The page that came back, after seeing that nothing happened."""
    events, state = CaseEvent.objects.count(), drive.state
    answer = drive.post(verb, about, **data)
    assert answer.status_code == 422
    assert (CaseEvent.objects.count(), drive.state) == (events, state)
    return answer.content.decode()


def test_step_keeps_the_words_when_it_is_not_possible(submitted: Driver) -> None:
    page = refused(submitted, "start_repair", **PROOF)
    assert html.escape(TYPED) in page
    assert "Not possible while the case is submitted" in page


def test_step_keeps_the_words_when_a_field_is_missing(approved: Driver) -> None:
    page = refused(approved, "withdraw", reason="duplicate", duplicate_of="WD-XXXX", why=TYPED)
    assert html.escape(TYPED) in page
    assert "reference of the other case" in page


def test_proof_is_refused_when_its_day_lies_ahead(approved: Driver) -> None:
    page = refused(approved, "start_repair", on="2999-01-01", text=TYPED)
    assert "lies in the future" in page
    assert html.escape(TYPED) in page


def test_verdict_keeps_the_words_when_goodwill_has_no_reason(under_review: Driver) -> None:
    claim = under_review.case.claimed_parts.get()
    under_review.does("record_finding", claim, cause="none", finding="")
    page = refused(under_review, "decide_part", claim, verdict="covered", resolution="repair", words=TYPED)
    assert html.escape(TYPED) in page
    assert "is goodwill, and needs a written reason" in page
    # Beside its field, which is marked.
    assert f'aria-describedby="decide-part-{claim.pk}-goodwill_reason' in page


def test_verdict_is_asked_for_when_none_was_chosen(under_review: Driver) -> None:
    claim = under_review.case.claimed_parts.get()
    page = refused(under_review, "decide_part", claim, words=TYPED)
    assert "Choose whether the part is covered." in page
    assert html.escape(TYPED) in page


def test_finding_keeps_the_words_when_the_defect_is_not_described(under_review: Driver) -> None:
    claim = under_review.case.claimed_parts.get()
    page = refused(under_review, "record_finding", claim, cause="none", defect_found="on", finding=" ")
    assert "Describe the defect" in page


def test_form_stays_when_the_case_moved_on_meanwhile(under_review: Driver) -> None:
    """Two tabs: the part was decided in the other one."""
    claim = under_review.case.claimed_parts.get()
    under_review.does("record_finding", claim, cause="none", finding="")
    under_review.does("decide_part", claim, verdict="denied", reason="wear")
    page = refused(under_review, "decide_part", claim, verdict="denied", reason="wear", words=TYPED)
    assert "decided already" in page
    assert html.escape(TYPED) in page


def test_button_says_why_when_the_step_is_blocked(under_review: Driver) -> None:
    page = refused(under_review, "approve")
    assert "1 part is still undecided" in page


def test_message_is_refused_when_it_is_empty(approved: Driver) -> None:
    assert "There is nothing to send yet." in refused(approved, "write_to_customer", text="   ")


def test_message_is_kept_when_it_is_too_long(approved: Driver) -> None:
    long = "ä" * 10_001
    page = refused(approved, "write_to_customer", text=long)
    assert long in page


def test_parcel_keeps_its_number_when_it_is_none(approved: Driver) -> None:
    data = {"direction": "to_workshop", "tracking_number": "?", "carrier": "manual", "booked_on": "2025-11-10"}
    page = refused(approved, "book_parcel", **data)
    assert 'name="tracking_number" value="?"' in page


def test_case_is_decided_once_when_the_button_is_pressed_twice(under_review: Driver) -> None:
    claim = under_review.case.claimed_parts.get()
    under_review.does("decide_part", claim, verdict="denied", reason="wear")
    under_review.does("deny")
    assert "done already" in refused(under_review, "deny")


@pytest.mark.parametrize("written", ["", "nonsense", "1999-13-45", "0000-00-00"])
def test_date_is_refused_when_it_is_none(approved: Driver, written: str) -> None:
    refused(approved, "start_repair", on=written, text=TYPED)
