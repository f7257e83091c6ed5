"""The answer a part would get by the clock of today: a table."""

import datetime as dt

import pytest

from cases.rules.replaying import Answer, answer_again

DAY = dt.date(2025, 11, 5)
COVERED, OPEN = Answer("covered"), Answer("open")
EXPIRED, VOIDED, WEAR = Answer("denied", "expired"), Answer("denied", "voided"), Answer("denied", "wear")


def asked(**answers: str) -> list[dict[str, str]]:
    """The questions as a snapshot holds them; a "no" with its reason: `no wear`."""
    usual = {"ours": "yes", "in_time": "yes", "not_voided": "yes", "cause": "yes"}
    parted = {code: answer.partition(" ") for code, answer in {**usual, **answers}.items()}
    return [
        {"code": code, "answer": answer, "words": "", "clause": "", "reason_code": reason}
        for code, (answer, _blank, reason) in parted.items()
    ]


@pytest.mark.parametrize(
    ("answers", "state", "lifted", "again"),
    [
        pytest.param({}, "covered", False, COVERED, id="as it was"),
        pytest.param({"in_time": "no expired"}, "covered", False, COVERED, id="in time after all"),
        pytest.param({"in_time": "no expired"}, "paused", False, COVERED, id="paused after all"),
        pytest.param({}, "expired", False, EXPIRED, id="too late after all"),
        pytest.param({}, "upcoming", False, EXPIRED, id="too early after all"),
        pytest.param({"cause": "open"}, "covered", False, OPEN, id="a finding is waited for"),
        pytest.param({"cause": "open"}, "expired", False, EXPIRED, id="too late, whatever is found"),
        pytest.param({"in_time": "no expired", "wear": "no wear"}, "covered", False, WEAR, id="another no behind it"),
        pytest.param({"wear": "no wear"}, "expired", False, EXPIRED, id="the first no is told"),
        pytest.param({"cause": "open", "wear": "no wear"}, "covered", False, WEAR, id="a no ends the waiting"),
        pytest.param({"not_voided": "no voided"}, "covered", False, VOIDED, id="void, and it stands"),
        pytest.param({"not_voided": "no voided"}, "covered", True, COVERED, id="void, and lifted since"),
        pytest.param({"not_voided": "no voided"}, "expired", True, EXPIRED, id="void lifted, and too late"),
    ],
)
def test_answer_again_asks_only_whether_it_was_in_time(answers: dict, state: str, lifted: bool, again: Answer) -> None:
    found = answer_again(asked(**answers), submitted_on=DAY, state=state, covered_through=DAY, void_lifted=lifted)
    assert found == again


def test_void_counts_as_standing_when_nobody_says_otherwise() -> None:
    assert (
        answer_again(asked(not_voided="no voided"), submitted_on=DAY, state="covered", covered_through=None) == VOIDED
    )
