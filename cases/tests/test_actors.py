"""Who acts, and the refusals they meet."""

from __future__ import annotations

import pytest
from django.utils.translation import gettext_lazy

from cases.actors import Actor
from cases.errors import NotAllowed, NotPossible, Refused, Stale
from cases.models import Case, ClaimedPart
from cases.rules.lifecycle import Unmet
from cases.services import deciding, talking
from cases.tests.factories import RECEIVED_AT, staff

HANDLE = "cases.handle_case"


def test_the_desk_may_everything_and_the_customer_nothing() -> None:
    assert Actor.system().may(HANDLE)
    assert not Actor.customer().may(HANDLE)


def test_staff_may_what_their_role_gives(db: None) -> None:
    assert staff("support").may(HANDLE)
    assert not staff("viewer").may(HANDLE)
    assert not staff("manager", is_active=False).may(HANDLE)


def test_require_refuses_with_a_sentence_and_the_permission_as_its_code() -> None:
    with pytest.raises(NotAllowed, match="Your account may not do this") as refused:
        Actor.customer().require(HANDLE)
    assert refused.value.code == HANDLE


def test_not_possible_says_everything_unmet_as_sentences() -> None:
    refused = NotPossible(unmet=[Unmet("a", "The quote is not answered yet"), Unmet("b", "No proof")])
    assert str(refused) == "The quote is not answered yet. No proof."
    assert [one.code for one in refused.unmet] == ["a", "b"]
    assert (refused.field, refused.code) == ("", "not_possible")


def test_stale_is_a_not_possible_and_all_are_refusals() -> None:
    assert issubclass(Stale, NotPossible)
    assert issubclass(NotPossible, Refused)
    assert issubclass(NotAllowed, Refused)
    assert str(Stale(gettext_lazy("Done already."), code="unchanged")) == "Done already."


def test_verb_on_what_does_not_exist_is_not_found(reviewer: Actor) -> None:
    with pytest.raises(Case.DoesNotExist):
        talking.add_note(10**9, text="Hello", actor=reviewer, now=RECEIVED_AT)
    with pytest.raises(ClaimedPart.DoesNotExist):
        deciding.clear_verdict(10**9, actor=reviewer, now=RECEIVED_AT)
