"""The table of transitions: what is unmet, in the words a supporter reads (policy 5)."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from django.conf import settings

from cases.models import Case
from cases.models.case import State
from cases.rules.lifecycle import MATERIAL, TRANSITIONS, CaseFacts, Given, unmet
from cases.rules.requirements import MISSING_WORDS, REQUIREMENTS

# For each transition: facts that let it through, from the first of its sources, done by staff.
READY = {
    "begin_review": CaseFacts("submitted", given=Given(why="Told on the phone")),
    "request_information": CaseFacts("evidence_review", given=Given(missing=("evidence",))),
    "approve": CaseFacts("evidence_review", parts=2, covered=1, denied=1),
    "deny": CaseFacts("evidence_review", parts=2, denied=2),
    "undo": CaseFacts("approved", parts=1, covered=1, by_decider=True),
    "reopen": CaseFacts("denied", parts=1, denied=1, given=Given(why="The photo shows the other motor")),
    "start_repair": CaseFacts("approved", parts=1, covered=1, repairs=1, given=Given(proof="staff")),
    "send_back": CaseFacts("in_repair", given=Given(proof="tracked")),
    "deliver_replacement": CaseFacts("approved", parts=1, covered=1, given=Given(proof="tracked")),
    "return_unrepaired": CaseFacts("approved", quote="declined", given=Given(why="Too dear", proof="staff")),
    "reopen_return": CaseFacts("returned", given=Given(why="The neighbour refused it")),
    "withdraw": CaseFacts("submitted", given=Given(withdrawal="not_a_request")),
}


def but(name: str, **changed: object) -> CaseFacts:
    return replace(READY[name], **changed)


def test_table_and_state_machine_agree_on_every_path() -> None:
    field = Case._meta.get_field("state")
    machine = {(path.name, path.source, path.target) for path in field.get_all_transitions(Case)}
    table = {(rule.name, source, rule.target) for rule in TRANSITIONS.values() for source in rule.sources}
    assert machine == table


def test_policy_page_tells_every_transition_and_its_path() -> None:
    page = (settings.BASE_DIR / "docs" / "policy.md").read_text(encoding="utf-8")
    told = re.findall(r"^\| `(\w+)` \| ([\w, ]+) → (\w+) \|", page, re.MULTILINE)
    assert {(name, *sources.split(", "), target) for name, sources, target in told} == {
        (rule.name, *rule.sources, rule.target) for rule in TRANSITIONS.values()
    }


def test_table_names_only_states_the_model_knows() -> None:
    named = {state for rule in TRANSITIONS.values() for state in (*rule.sources, rule.target)}
    assert named == set(State.values)


def test_every_requirement_is_used_and_every_used_one_exists() -> None:
    used = {requirement for rule in TRANSITIONS.values() for requirement in rule.requires}
    assert used == set(REQUIREMENTS)


@pytest.mark.parametrize("name", TRANSITIONS)
def test_transition_is_let_through_when_everything_is_met(name: str) -> None:
    assert unmet(name, READY[name], "staff") == ()


@pytest.mark.parametrize("name", TRANSITIONS)
@pytest.mark.parametrize("state", State.values)
def test_transition_is_refused_with_the_state_alone_when_the_state_is_wrong(name: str, state: str) -> None:
    reasons = unmet(name, but(name, state=state), "staff")
    if state in TRANSITIONS[name].sources:
        assert "state" not in {reason.code for reason in reasons}
    else:
        assert [reason.code for reason in reasons] == ["state"]
        assert reasons[0].message.startswith("Not possible while the case is ")


@pytest.mark.parametrize(
    ("name", "state", "kind", "said"),
    [
        ("reopen", "evidence_review", "staff",
         "Not possible while the case is under review: it would have to be denied or approved or returned"),
        ("send_back", "withdrawn", "staff", "Not possible while the case is withdrawn: it would have to be in repair"),
        ("approve", "submitted", "customer",
         "Not possible while the case is submitted: it would have to be under review"),
        ("approve", "evidence_review", "system", "Only a person of the staff may do this"),
    ],
)  # fmt: skip
def test_refusal_names_the_state_and_those_it_would_have_to_be(name: str, state: str, kind: str, said: str) -> None:
    assert [one.message for one in unmet(name, but(name, state=state), kind)] == [said]  # type: ignore[arg-type]


@pytest.mark.parametrize("name", TRANSITIONS)
@pytest.mark.parametrize("kind", ["staff", "customer", "system"])
def test_transition_is_refused_when_somebody_else_does_it(name: str, kind: str) -> None:
    codes = [reason.code for reason in unmet(name, READY[name], kind)]  # type: ignore[arg-type]
    assert ("who" in codes) == (kind not in TRANSITIONS[name].who)


def test_the_desk_itself_never_decides() -> None:
    deciding = {"approve", "deny", "undo", "reopen", "request_information"}
    assert {name for name in deciding if "system" in TRANSITIONS[name].who} == set()


def test_the_customer_can_only_withdraw() -> None:
    assert [rule.name for rule in TRANSITIONS.values() if "customer" in rule.who] == ["withdraw"]


def test_unknown_transition_is_an_error() -> None:
    with pytest.raises(KeyError):
        unmet("teleport", CaseFacts("submitted"), "staff")


UNMET = [
    ("review_without_a_reason", "begin_review", "staff", {"given": Given()}, ["A reason is needed"]),
    ("review_with_a_blank_reason", "begin_review", "staff", {"given": Given(why="  ")}, ["A reason is needed"]),
    ("review_by_itself", "begin_review", "system", {}, []),
    (
        "review_by_itself_incomplete", "begin_review", "system", {"missing": ("serial", "evidence")},
        ["Serial number missing: no product we sold is matched yet", "Evidence missing: photo or video"],
    ),
    (
        "review_by_itself_after_a_question", "begin_review", "system", {"asked": True},
        ["Nothing new has arrived since we asked the customer"],
    ),
    ("review_by_itself_after_an_answer", "begin_review", "system", {"asked": True, "new_material": True}, []),
    (
        "question_about_nothing", "request_information", "staff", {"given": Given()},
        ["Say what is missing: the customer is told"],
    ),
    ("approval_of_no_part", "approve", "staff", {"parts": 0, "covered": 0},
     ["No part is claimed yet", "No part is decided as covered"]),
    ("approval_with_one_open", "approve", "staff", {"undecided": 1}, ["1 part is still undecided"]),
    ("approval_with_two_open", "approve", "staff", {"undecided": 2}, ["2 parts are still undecided"]),
    ("approval_of_denied_parts", "approve", "staff", {"covered": 0, "denied": 2}, ["No part is decided as covered"]),
    (
        "approval_without_resolution", "approve", "staff", {"unresolved": 1},
        ["1 covered part has no resolution yet: repair or replacement"],
    ),
    (
        "approval_overtaken", "approve", "staff", {"overtaken": ("X axis: Motor",)},
        ["Something changed after the verdict, decide again: X axis: Motor"],
    ),
    ("denial_with_one_open", "deny", "staff", {"undecided": 1}, ["1 part is still undecided"]),
    ("denial_of_a_covered_part", "deny", "staff", {"covered": 1}, ["1 part is covered: approve the case instead"]),
    (
        "approval_without_resolutions", "approve", "staff", {"unresolved": 2},
        ["2 covered parts have no resolution yet: repair or replacement"],
    ),
    ("denial_of_covered_parts", "deny", "staff", {"covered": 2}, ["2 parts are covered: approve the case instead"]),
    ("denial_without_a_reason", "deny", "staff", {"unreasoned": 1}, ["1 denied part has no reason yet"]),
    ("denial_without_reasons", "deny", "staff", {"unreasoned": 2}, ["2 denied parts have no reason yet"]),
    ("undo_by_another", "undo", "staff", {"by_decider": False}, ["Only the person who decided can undo it"]),
    (
        "undo_too_late", "undo", "staff", {"decision_mail_left": True},
        ["The decision mail has already left: an appeal can reopen the case"],
    ),
    ("appeal_about_nothing", "reopen", "staff", {"denied": 0}, ["No part was denied: there is nothing to appeal"]),
    ("appeal_without_grounds", "reopen", "staff", {"given": Given()}, ["An appeal needs new evidence or a reason"]),
    ("appeal_with_new_evidence", "reopen", "staff", {"given": Given(), "new_evidence": True}, []),
    ("repair_of_nothing", "start_repair", "staff", {"repairs": 0}, ["No part is to be repaired"]),
    ("repair_before_the_quote_is_sent", "start_repair", "staff", {"quote": "unsent"}, ["The quote is not sent yet"]),
    (
        "repair_on_an_unanswered_quote", "start_repair", "system", {"quote": "unanswered"},
        ["The quote is not answered yet"],
    ),
    ("repair_against_the_answer", "start_repair", "staff", {"quote": "declined"}, ["The customer declined the quote"]),
    ("repair_without_the_parcel", "start_repair", "staff", {"given": Given()}, ["No proof that the parcel arrived"]),
    (
        "repair_of_what_was_never_sent", "start_repair", "staff", {"given": Given(proof="nothing_sent")},
        ["No proof that the parcel arrived"],
    ),
    (
        "repair_with_everything_against_it", "start_repair", "staff",
        {"repairs": 0, "quote": "unanswered", "given": Given()},
        ["No part is to be repaired", "The quote is not answered yet", "No proof that the parcel arrived"],
    ),
    ("return_without_proof", "send_back", "staff", {"given": Given()},
     ["No proof that the parcel reached the customer"]),
    ("return_of_what_was_never_sent", "send_back", "staff", {"given": Given(proof="nothing_sent")},
     ["No proof that the parcel reached the customer"]),
    ("replacement_before_the_repair", "deliver_replacement", "staff", {"repairs": 1},
     ["1 part is to be repaired first"]),
    ("replacement_before_the_repairs", "deliver_replacement", "staff", {"repairs": 2},
     ["2 parts are to be repaired first"]),
    (
        "replacement_without_serial", "deliver_replacement", "staff", {"unrecorded": ("X axis: Motor",)},
        ["New serial number of the replacement missing: X axis: Motor"],
    ),
    (
        "replacement_on_an_unanswered_quote", "deliver_replacement", "staff", {"quote": "unanswered"},
        ["The quote is not answered yet"],
    ),
    ("replacement_without_proof", "deliver_replacement", "staff", {"given": Given()},
     ["No proof that the parcel reached the customer"]),
    ("unrepaired_beyond_repair", "return_unrepaired", "staff",
     {"quote": "cleared", "given": Given(why="Burnt", proof="staff", beyond_repair=True)}, []),
    ("unrepaired_as_planned", "return_unrepaired", "system",
     {"quote": "cleared", "unrepaired_planned": True, "given": Given(proof="tracked")}, []),
    ("repair_of_a_tracked_parcel", "start_repair", "system", {"given": Given(proof="tracked")}, []),
    ("unrepaired_by_itself_without_an_answer", "return_unrepaired", "system",
     {"quote": "cleared", "given": Given(proof="tracked", beyond_repair=True)}, ["A reason is needed"]),
    ("unrepaired_declined_and_delivered", "return_unrepaired", "system", {"given": Given(proof="tracked")}, []),
    ("unrepaired_never_sent", "return_unrepaired", "staff", {"given": Given(why="Kept it", proof="nothing_sent")}, []),
    (
        "unrepaired_never_sent_but_here", "return_unrepaired", "staff",
        {"state": "in_repair", "given": Given(why="Kept it", proof="nothing_sent")},
        ["The product is with us: it has to reach the customer first"],
    ),
    (
        "unrepaired_for_no_reason", "return_unrepaired", "staff", {"quote": "cleared", "given": Given()},
        [
            "The quote is not declined, and nobody has said that the product is beyond repair",
            "A reason is needed",
            "No proof that the parcel reached the customer",
        ],
    ),
    ("away_again_without_reason", "reopen_return", "system", {"given": Given()}, ["A reason is needed"]),
    ("withdrawn_by_the_customer", "withdraw", "customer", {"given": Given()}, []),
    ("withdrawn_by_support_in_words", "withdraw", "staff", {"given": Given(why="Spam")}, []),
    (
        "withdrawn_by_support_without_reason", "withdraw", "staff", {"given": Given()},
        ["A reason is needed: withdrawn by the customer, a duplicate, or not a request"],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("name", "kind", "changed", "messages"), [row[1:] for row in UNMET], ids=[r[0] for r in UNMET])
def test_unmet_says_everything_in_the_way(name: str, kind: str, changed: dict, messages: list[str]) -> None:
    assert [reason.message for reason in unmet(name, but(name, **changed), kind)] == messages  # type: ignore[arg-type]


# What programs read beside each sentence (docs/api.md): a code may not change with its words.
CODES = {
    "A reason is needed": "reason", "An appeal needs new evidence or a reason": "reason",
    "Serial number missing": "missing_serial", "Evidence missing": "missing_evidence",
    "Nothing new has arrived": "no_new_material", "Say what is missing": "nothing_asked",
    "No part is claimed yet": "no_part", "No part is decided as covered": "none_covered",
    "# still undecided": "undecided", "# no resolution yet": "unresolved", "# no reason yet": "unreasoned",
    "# covered: approve": "covered", "# to be repaired first": "to_repair",
    "Something changed after the verdict": "overtaken", "Only the person who decided": "not_the_decider",
    "The decision mail has already left": "mail_left", "No part was denied": "nothing_denied",
    "No part is to be repaired": "nothing_to_repair", "The quote is not sent yet": "quote_unsent",
    "The quote is not answered yet": "quote_unanswered", "The customer declined the quote": "quote_declined",
    "No proof that the parcel arrived": "no_arrival", "No proof that the parcel reached": "no_delivery",
    "New serial number": "new_serial", "The product is with us": "product_is_here",
    "The quote is not declined": "repair_not_ended",
}  # fmt: skip


def test_every_sentence_has_its_code() -> None:
    told = [one for row in UNMET for one in unmet(row[1], but(row[1], **row[3]), row[2])]  # type: ignore[arg-type]
    assert {(_beginning(one.message), one.code) for one in told} == set(CODES.items())


def _beginning(message: str) -> str:
    """The line of CODES a sentence is of: its beginning, or behind a number what follows."""
    return next(one for one in CODES if message.startswith(one) or (one[0] == "#" and one[2:] in message))


def test_every_material_has_its_words() -> None:
    assert tuple(MISSING_WORDS) == MATERIAL


@pytest.mark.parametrize("name", TRANSITIONS)
def test_what_a_form_supplies_is_marked_as_asked(name: str) -> None:
    """Without anything given, whatever is still in the way is what the form asks for."""
    rule, reasons = TRANSITIONS[name], unmet(name, but(name, given=Given(), quote="cleared"), "staff")
    assert bool(reasons) == bool(rule.asks)
    assert all(reason.asked for reason in reasons)
