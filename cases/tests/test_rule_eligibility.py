"""Is a part covered, and why: the questions of policy 3, in their order."""

from __future__ import annotations

import datetime as dt
from dataclasses import astuple, replace

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from cases.rules.eligibility import CAUSES, CLAUSES, MOTOR_CAUSES, ClaimFacts, cause_fits, propose
from products.reference import REASONS

SUBMITTED_ON = dt.date(2025, 11, 5)
FINE = ClaimFacts(
    category="standard",
    invoice_known=True,
    on_invoice=True,
    serial_belongs=True,
    submitted_on=SUBMITTED_ON,
    state_on_submission="covered",
    covered_through=dt.date(2026, 3, 3),
    is_voided=False,
    cause_recorded=True,
    cause=None,
    defect_found=False,
)
# One thing wrong at each question, in the order in which they are asked.
WRONG: dict[str, dict] = {
    "not_ours": {"on_invoice": False},
    "expired": {"state_on_submission": "expired", "covered_through": dt.date(2025, 3, 3)},
    "refunded": {"refunded_on": dt.date(2025, 4, 1)},
    "voided": {"is_voided": True},
    "improper_use": {"cause": "improper_use"},
    "wear": {"category": "consumable"},
    "incomplete": {"still_missing": ("evidence",), "asked_for": ("evidence",)},
}

PROPOSALS = [
    ("all_is_well", {}, "covered", ""),
    ("clock_stood_still", {"state_on_submission": "paused", "covered_through": None}, "covered", ""),
    ("invoice_unknown", {"invoice_known": False}, "denied", "not_ours"),
    ("not_on_the_invoice", {"on_invoice": False}, "denied", "not_ours"),
    ("serial_of_another_product", {"serial_belongs": False}, "denied", "not_ours"),
    ("expired", {"state_on_submission": "expired"}, "denied", "expired"),
    ("before_the_cover_began", {"state_on_submission": "upcoming"}, "denied", "expired"),
    ("refunded_before", {"refunded_on": SUBMITTED_ON - dt.timedelta(days=1)}, "denied", "refunded"),
    ("refunded_that_day", {"refunded_on": SUBMITTED_ON}, "covered", ""),
    ("void_already", {"is_voided": True}, "denied", "voided"),
    ("nobody_looked_for_the_cause", {"cause_recorded": False}, "open", ""),
    ("assembled_wrongly", {"cause": "improper_assembly"}, "denied", "improper_assembly"),
    ("motor_taken_apart", {"category": "motor", "cause": "motor_disassembled"}, "denied", "motor_disassembled"),
    ("motor_on_other_current", {"category": "motor", "cause": "wrong_rated_current"}, "denied", "wrong_rated_current"),
    ("motor_without_cause", {"category": "motor"}, "covered", ""),
    ("consumable", {"category": "consumable"}, "denied", "wear"),
    ("consumable_nobody_looked_at", {"category": "consumable", "cause_recorded": False}, "denied", "wear"),
    ("consumable_with_defect", {"category": "consumable", "defect_found": True}, "covered", ""),
    (
        "consumable_with_defect_and_cause", {"category": "consumable", "defect_found": True, "cause": "improper_use"},
        "denied", "improper_use",
    ),
    (
        "consumable_with_defect_nobody_looked_for_a_cause",
        {"category": "consumable", "defect_found": True, "cause_recorded": False}, "open", "",
    ),
    ("nothing_shown_not_asked_for", {"still_missing": ("evidence",)}, "open", ""),
    (
        "nothing_shown_although_asked", {"still_missing": ("evidence",), "asked_for": ("evidence", "part")},
        "denied", "incomplete",
    ),
    (
        "asked_for_one_of_two", {"still_missing": ("description", "evidence"), "asked_for": ("evidence",)}, "open", "",
    ),
    (
        "nothing_shown_although_asked_nobody_looked",
        {"cause_recorded": False, "still_missing": ("evidence",), "asked_for": ("evidence",)}, "denied", "incomplete",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("changed", "verdict", "reason"), [p[1:] for p in PROPOSALS], ids=[p[0] for p in PROPOSALS])
def test_propose_follows_from_the_facts(changed: dict, verdict: str, reason: str) -> None:
    proposal = propose(replace(FINE, **changed))
    assert (proposal.verdict, proposal.reason_code) == (verdict, reason)


@pytest.mark.parametrize("first", WRONG)
def test_propose_names_the_first_question_that_fails(first: str) -> None:
    """Everything from `first` on is wrong: the reason is `first`, whatever comes after it."""
    names = list(WRONG)
    changed: dict = {}
    for name in names[names.index(first) :]:
        changed |= WRONG[name]
    assert propose(replace(FINE, **changed)).reason_code == first


def test_proposal_explains_every_question_in_order() -> None:
    proposal = propose(replace(FINE, category="consumable", defect_found=True))
    assert [(step.code, step.answer, step.clause) for step in proposal.because] == [
        ("ours", "yes", "7(a)"),
        ("in_time", "yes", "2"),
        ("not_voided", "yes", "4"),
        ("cause", "yes", "4"),
        ("not_wear", "yes", "8"),
        ("complete", "yes", "7"),
    ]


# Every answer to every question, word by word: code, answer, words, clause, reason. Customers and courts read these.
ANSWERS = [
    ("no_invoice", {"invoice_known": False}, ("ours", "no", "no invoice of ours is known", "7(a)", "not_ours")),
    ("not_on_invoice", {"on_invoice": False}, ("ours", "no", "the part is not on the invoice", "7(a)", "not_ours")),
    (
        "foreign_serial", {"serial_belongs": False},
        ("ours", "no", "the serial number does not belong to the product", "7(a)", "not_ours"),
    ),
    ("ours", {}, ("ours", "yes", "invoice and serial number belong together", "7(a)", "")),
    (
        "paused", {"state_on_submission": "paused", "covered_through": None},
        ("in_time", "yes", "the clock stood still on 5 Nov 2025, the day of the request", "2", ""),
    ),
    ("covered", {}, ("in_time", "yes", "requested on 5 Nov 2025, covered through 3 Mar 2026", "2", "")),
    ("covered_end_unknown", {"covered_through": None}, ("in_time", "yes", "requested on 5 Nov 2025", "2", "")),
    (
        "upcoming", {"state_on_submission": "upcoming"},
        ("in_time", "no", "requested on 5 Nov 2025, before the cover began", "2", "expired"),
    ),
    (
        "expired", {"state_on_submission": "expired", "covered_through": dt.date(2025, 11, 4)},
        ("in_time", "no", "requested on 5 Nov 2025, covered only through 4 Nov 2025", "2", "expired"),
    ),
    (
        "expired_end_unknown", {"state_on_submission": "expired", "covered_through": None},
        ("in_time", "no", "requested on 5 Nov 2025", "2", "expired"),
    ),
    (
        "refunded_that_day", {"refunded_on": SUBMITTED_ON},
        ("not_refunded", "yes", "requested before the purchase was refunded on 5 Nov 2025", "2", ""),
    ),
    (
        "refunded_the_day_before", {"refunded_on": dt.date(2025, 11, 4)},
        ("not_refunded", "no", "the purchase was refunded on 4 Nov 2025, and the cover ended", "2", "refunded"),
    ),
    (
        "voided", {"is_voided": True},
        ("not_voided", "no", "the warranty of this part is void already", "4", "voided"),
    ),
    ("not_voided", {}, ("not_voided", "yes", "not void", "4", "")),
    (
        "cause", {"cause": "lack_of_maintenance"},
        ("cause", "no", "cause seen: lack of maintenance", "4(c)", "lack_of_maintenance"),
    ),
    ("cause_of_no_clause", {"cause": "sabotage"}, ("cause", "no", "cause seen: sabotage", "4", "sabotage")),
    ("nobody_looked", {"cause_recorded": False}, ("cause", "open", "nobody has recorded the cause yet", "4", "")),
    ("no_cause", {}, ("cause", "yes", "no cause seen that would void the warranty", "4", "")),
    (
        "wear", {"category": "consumable"},
        ("not_wear", "no", "a consumable, and no defect is recorded", "8", "wear"),
    ),
    (
        "defect", {"category": "consumable", "defect_found": True},
        ("not_wear", "yes", "a consumable with a defect in materials or production", "8", ""),
    ),
    ("complete", {}, ("complete", "yes", "the request is complete", "7", "")),
    (
        "missing_though_asked", {"still_missing": ("serial", "evidence"), "asked_for": ("evidence", "serial")},
        ("complete", "no", "still missing after we asked: serial, evidence", "7", "incomplete"),
    ),
    (
        "missing_not_asked", {"still_missing": ("serial", "evidence"), "asked_for": ("evidence",)},
        ("complete", "open", "missing, and not asked for yet: serial, evidence", "7", ""),
    ),
]  # fmt: skip


@pytest.mark.parametrize(("changed", "answer"), [a[1:] for a in ANSWERS], ids=[a[0] for a in ANSWERS])
def test_question_is_answered_word_by_word(changed: dict, answer: tuple[str, ...]) -> None:
    steps = {step.code: step for step in propose(replace(FINE, **changed)).because}
    assert astuple(steps[answer[0]]) == answer


SENTENCES = [
    (
        "covered", {},
        "Covered: requested on 5 Nov 2025, covered through 3 Mar 2026; no cause seen that would void the warranty.",
    ),
    (
        "expired", WRONG["expired"],
        "Not covered: requested on 5 Nov 2025, covered only through 3 Mar 2025 (clause 2).",
    ),
    ("cause", WRONG["improper_use"], "Not covered: cause seen: improper use (clause 4(b))."),
    ("wear", WRONG["wear"], "Not covered: a consumable, and no defect is recorded (clause 8)."),
    ("open", {"cause_recorded": False}, "Open: nobody has recorded the cause yet."),
    (
        "open_twice", {"cause_recorded": False, "still_missing": ("evidence",)},
        "Open: nobody has recorded the cause yet; missing, and not asked for yet: evidence.",
    ),
    (
        "defect", {"category": "consumable", "defect_found": True},
        ("Covered: requested on 5 Nov 2025, covered through 3 Mar 2026; "
        "a defect in materials or production is recorded."),
    ),
]  # fmt: skip


@pytest.mark.parametrize(("changed", "sentence"), [s[1:] for s in SENTENCES], ids=[s[0] for s in SENTENCES])
def test_proposal_says_it_in_one_sentence(changed: dict, sentence: str) -> None:
    assert propose(replace(FINE, **changed)).sentence == sentence


@pytest.mark.parametrize("cause", MOTOR_CAUSES)
@pytest.mark.parametrize("category", ["standard", "consumable"])
def test_motor_causes_are_refused_on_any_other_part(cause: str, category: str) -> None:
    assert not cause_fits(cause, category)
    with pytest.raises(ValueError, match="motors only"):
        propose(replace(FINE, category=category, cause=cause))


def test_causes_and_clauses_are_those_of_the_reasons_in_the_database() -> None:
    shipped = {code: (effect, motors_only, clause) for code, effect, motors_only, clause, *_ in REASONS}
    assert {code for code, row in shipped.items() if row[0] == "void" and not row[1]} == set(CAUSES)
    assert {code for code, row in shipped.items() if row[1]} == set(MOTOR_CAUSES)
    assert {code: row[2] for code, row in shipped.items()} == CLAUSES
    page = (settings.BASE_DIR / "docs" / "policy.md").read_text(encoding="utf-8")
    assert {code for code in shipped if f"`{code}`" not in page} == set()


facts = st.builds(
    ClaimFacts,
    category=st.sampled_from(["standard", "motor", "consumable"]),
    invoice_known=st.booleans(),
    on_invoice=st.booleans(),
    serial_belongs=st.booleans(),
    submitted_on=st.dates(),
    state_on_submission=st.sampled_from(["upcoming", "covered", "paused", "expired"]),
    covered_through=st.none() | st.dates(),
    is_voided=st.booleans(),
    cause_recorded=st.booleans(),
    cause=st.none() | st.sampled_from(CAUSES),
    defect_found=st.booleans(),
    still_missing=st.sampled_from([(), ("evidence",), ("description", "evidence")]),
    asked_for=st.sampled_from([(), ("evidence",), ("description", "evidence")]),
)


@given(facts)
def test_proposal_holds_together_whatever_the_facts(facts: ClaimFacts) -> None:
    proposal = propose(facts)
    answers = [step.answer for step in proposal.because]
    assert (proposal.verdict == "denied") == ("no" in answers) == bool(proposal.reason_code)
    assert (proposal.verdict == "covered") == (set(answers) == {"yes"})
    if facts.category == "consumable" and proposal.verdict == "covered":
        assert facts.defect_found
    assert proposal.sentence.endswith(".")
