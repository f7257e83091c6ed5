"""How a clock explains itself: its steps, its one sentence, and the days of each pause."""

from datetime import date

import pytest

from products.coverage import Clock, History, Pause, clock
from products.explanation import Proof, ProofFile, Replacement, Start, Step, Void
from products.tests.kit_clock import BASE_END, JUNE, START, kit_clock


def test_days_of_counts_an_open_pause_through_the_day():
    answer = kit_clock((JUNE[0], None), on=JUNE[1])
    assert answer.days_of(answer.pauses[0]) == 19


def test_days_of_counts_nothing_for_a_pause_that_is_not_its_own():
    assert kit_clock().days_of(Pause(*JUNE)) == 0


def test_days_of_sums_to_the_extension():
    answer = kit_clock((date(2025, 2, 20), date(2025, 3, 5)), JUNE, (date(2026, 4, 1), date(2026, 4, 2)))
    assert sum(map(answer.days_of, answer.pauses)) == answer.extended_days == 21


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        pytest.param(kit_clock(), "Bought 3 Mar 2025 → covered through 3 Mar 2026.", id="no pause"),
        pytest.param(
            kit_clock(JUNE),
            "Bought 3 Mar 2025 → 3 Mar 2026; paused 19 days (11–29 Jun 2025) → covered through 22 Mar 2026.",
            id="one pause",
        ),
        pytest.param(
            kit_clock((date(2025, 2, 20), date(2025, 3, 4)), (date(2025, 12, 30), date(2026, 1, 2))),
            "Bought 3 Mar 2025 → 3 Mar 2026; paused 5 days (4 Mar 2025, 30 Dec 2025–2 Jan 2026)"
            " → covered through 8 Mar 2026.",
            id="two pauses, one over the start",
        ),
        pytest.param(
            kit_clock((date(2025, 6, 29), date(2025, 7, 2)), (date(2025, 8, 1), None), on=date(2025, 9, 1)),
            "Bought 3 Mar 2025 → 3 Mar 2026; paused 4 days (29 Jun–2 Jul 2025), paused since 1 Aug 2025"
            " → covered through 8 Apr 2026 if it is back today (1 Sep 2025).",
            id="still away",
        ),
        pytest.param(
            kit_clock((date(2026, 3, 4), None)), "Bought 3 Mar 2025 → covered through 3 Mar 2026.", id="away too late"
        ),
    ],
)
def test_sentence_tells_the_whole_clock(answer: Clock, sentence: str):
    assert answer.sentence() == sentence


def test_sentence_sums_many_pauses_up():
    away = [(date(2025, month, 5), date(2025, month, 9)) for month in (4, 6, 8, 10)]
    proofs = [Proof(left, back, "UPS 1Z9, verified") for left, back in away]
    few, many = (kit_clock(*away[:count]).sentence("Bought", History(proofs=proofs)) for count in (3, 4))
    assert few.count("UPS 1Z9, verified") == 3
    assert "→ 3 Mar 2026; paused 20 days (4 times, 5 Apr–9 Oct 2025) → covered through 23 Mar 2026." in many


def test_sentence_begins_with_the_word_for_the_start():
    assert kit_clock().sentence("Delivered") == "Delivered 3 Mar 2025 → covered through 3 Mar 2026."


def test_explain_lists_every_step_in_order():
    answer = kit_clock(
        (date(2025, 1, 1), date(2025, 1, 5)),
        (date(2025, 2, 20), date(2025, 3, 4)),
        JUNE,
        (date(2026, 5, 1), date(2026, 5, 2)),
    )
    steps = [(step.kind, step.on, step.until, step.days, step.text) for step in answer.explain()]
    assert steps == [
        ("start", START, None, None, "The warranty starts on 3 Mar 2025."),
        ("term", START, BASE_END, None, "It lasts 12 months."),
        ("base_end", BASE_END, None, None, "Without pauses that is through 3 Mar 2026, the day with the same number."),
        (
            "ignored_pause",
            date(2025, 1, 1),
            date(2025, 1, 5),
            0,
            "Away 1–5 Jan 2025, no later than the start: adds nothing.",
        ),
        (
            "pause",
            date(2025, 2, 20),
            date(2025, 3, 4),
            1,
            "Away 20 Feb–4 Mar 2025: 1 day after the start.",
        ),
        ("pause", *JUNE, 19, "Away 11–29 Jun 2025: 19 days."),
        (
            "ignored_pause",
            date(2026, 5, 1),
            date(2026, 5, 2),
            0,
            "Away 1–2 May 2026, after the last covered day: revives nothing.",
        ),
        ("covered_through", date(2026, 3, 23), None, 20, "Covered through 23 Mar 2026, 20 days more."),
    ]


def test_explain_says_what_is_not_known_yet_when_frozen():
    answer = kit_clock((JUNE[0], None), on=JUNE[1])
    last_two = [(step.kind, step.on, step.until, step.days, step.text) for step in answer.explain()][-2:]
    assert last_two == [
        ("open_pause", JUNE[0], None, 19, "Away since 11 Jun 2025: the clock stands still."),
        (
            "if_back",
            date(2026, 3, 22),
            JUNE[1],
            19,
            "Covered through 22 Mar 2026 if it is back today (29 Jun 2025).",
        ),
    ]


def test_explain_says_why_the_number_of_the_day_changed():
    steps = clock(date(2024, 2, 29), 12, [], START).explain()
    assert steps[2].text == "Without pauses that is through 28 Feb 2025, the last day of that month."


HISTORY = History(
    start=Start("invoice", "INV-1"),
    terms_from=date(2020, 1, 1),
    proofs=[Proof(JUNE[0], JUNE[1], "DHL 0034043…, verified", "DHL 00340434161094042557, verified")],
    replacements=[Replacement(date(2025, 7, 4), "M-1", "M-2", "by Ann")],
    voids=[Void(date(2025, 8, 1), "improper use", "4(b)", "by Bea")],
    received_on=date(2025, 7, 30),
)


def test_explain_says_where_everything_comes_from_in_the_order_of_the_calendar():
    steps = [(step.kind, step.text, step.proof, step.rule) for step in kit_clock(JUNE).explain(HISTORY)]
    assert steps == [
        ("start", "The warranty starts on 3 Mar 2025, the date of the invoice.", "invoice INV-1", "1.2"),
        ("term", "It lasts 12 months, by the terms in force since 1 Jan 2020.", "", "1.3"),
        ("base_end", "Without pauses that is through 3 Mar 2026, the day with the same number.", "", "1.4"),
        ("pause", "Away 11–29 Jun 2025: 19 days.", "DHL 00340434161094042557, verified", "1.5"),
        ("replaced", "Replaced on 4 Jul 2025 (M-1 → M-2): the clock goes on as it was.", "by Ann", "1.7"),
        ("received", "The request reached us on 30 Jul 2025: in time.", "", "1.10"),
        ("voided", "Void since 1 Aug 2025 under clause 4(b) “improper use”: the dates stay.", "by Bea", "1.8"),
        ("covered_through", "Covered through 22 Mar 2026, 19 days more.", "", "1.4"),
    ]


def test_sentence_names_the_proof_and_the_void():
    assert kit_clock(JUNE).sentence("Bought", HISTORY) == (
        "Bought 3 Mar 2025 → 3 Mar 2026; paused 19 days (11–29 Jun 2025, DHL 0034043…, verified)"
        " → covered through 22 Mar 2026, but void since 1 Aug 2025 (clause 4(b))."
    )


@pytest.mark.parametrize(
    ("start", "words"),
    [
        pytest.param(None, "The warranty starts on 3 Mar 2025.", id="unknown"),
        pytest.param(Start("delivery"), "The warranty starts on 3 Mar 2025, the day of delivery.", id="delivery"),
        pytest.param(
            Start("invoice", "", True),
            "The warranty starts on 3 Mar 2025, the date of the invoice: it would start with the delivery, whose day is"
            " not known.",
            id="delivery awaited",
        ),
    ],
)
def test_rule_1_2_start_says_what_it_was_taken_from(start: Start | None, words: str):
    assert kit_clock().explain(History(start=start))[0].text == words


def test_absence_of_several_windows_tells_each_with_its_days():
    proofs = [
        Proof(date(2025, 6, 11), date(2025, 6, 20), "UPS 1Z9, verified"),
        Proof(date(2025, 6, 18), date(2025, 6, 29), "confirmed", "confirmed by Ann"),
    ]
    answer = kit_clock((date(2025, 6, 11), date(2025, 6, 20)), (date(2025, 6, 18), date(2025, 6, 29)))
    step = next(step for step in answer.explain(History(proofs=proofs)) if step.kind == "pause")
    assert step.proof == "11–20 Jun 2025: UPS 1Z9, verified; 18–29 Jun 2025: confirmed by Ann"
    assert "(11–29 Jun 2025, UPS 1Z9, verified and confirmed)" in answer.sentence("Bought", History(proofs=proofs))


def test_lifted_void_is_told_twice_and_is_no_part_of_the_sentence():
    void = Void(date(2025, 8, 1), "improper use", "4(b)", "by Bea", date(2025, 8, 9), "by Cem", "Read the wrong photo.")
    history = History(voids=[void])
    assert [(step.kind, step.on, step.proof) for step in kit_clock().explain(history)[3:5]] == [
        ("voided", date(2025, 8, 1), "by Bea"),
        ("void_lifted", date(2025, 8, 9), "by Cem"),
    ]
    assert "void" not in kit_clock().sentence("Bought", history)


def test_open_absence_says_how_it_is_known():
    proofs = [Proof(JUNE[0], None, "UPS 1Z9, provisional")]
    words = kit_clock((JUNE[0], None)).sentence("Bought", History(proofs=proofs))
    assert "paused since 11 Jun 2025 (UPS 1Z9, provisional)" in words


@pytest.mark.parametrize(
    ("received_on", "words"),
    [
        (date(2025, 3, 1), "before the warranty began"),
        (date(2025, 3, 3), "in time"),
        (date(2025, 6, 20), "in time, while it was away"),
        (date(2026, 3, 22), "in time"),
        (date(2026, 3, 23), "after the last covered day"),
    ],
)
def test_rule_1_10_request_is_judged_as_of_the_day_it_reached_us(received_on: date, words: str):
    steps = kit_clock(JUNE).explain(History(received_on=received_on))
    assert next(step.text for step in steps if step.kind == "received").endswith(f": {words}.")


SLIP = ProofFile(7, "slip.pdf")
MAY = (date(2026, 5, 1), date(2026, 5, 2))


def known(*windows: tuple[date, date | None]) -> History:
    return History(proofs=[Proof(left, back, "UPS 1Z9", "UPS 1Z9, verified", SLIP) for left, back in windows])


@pytest.mark.parametrize(
    ("answer", "step"),
    [
        pytest.param(
            kit_clock(JUNE),
            Step("pause", *JUNE, 19, "Away 11–29 Jun 2025: 19 days.", "UPS 1Z9, verified", "1.5", (SLIP,)),
            id="over",
        ),
        pytest.param(
            kit_clock((START, date(2025, 3, 5))),
            Step(
                "pause", START, date(2025, 3, 5), 2, "Away 3–5 Mar 2025: 2 days after the start.",
                "UPS 1Z9, verified", "1.5", (SLIP,),
            ),
            id="from the day of the start",
        ),
        pytest.param(
            kit_clock((JUNE[0], None), on=JUNE[1]),
            Step(
                "open_pause", JUNE[0], None, 19, "Away since 11 Jun 2025: the clock stands still.",
                "UPS 1Z9, verified", "1.6", (SLIP,),
            ),
            id="still away",
        ),
        pytest.param(
            kit_clock(MAY),
            Step(
                "ignored_pause", *MAY, 0, "Away 1–2 May 2026, after the last covered day: revives nothing.",
                "UPS 1Z9, verified", "1.5", (SLIP,),
            ),
            id="too late",
        ),
        pytest.param(
            kit_clock((MAY[0], None)),
            Step(
                "ignored_pause", MAY[0], None, 0, "Away since 1 May 2026, after the last covered day: revives nothing.",
                "UPS 1Z9, verified", "1.5", (SLIP,),
            ),
            id="too late and still away",
        ),
        pytest.param(
            kit_clock((date(2025, 3, 1), START)),
            Step(
                "ignored_pause", date(2025, 3, 1), START, 0,
                "Away 1–3 Mar 2025, no later than the start: adds nothing.", "UPS 1Z9, verified", "1.5", (SLIP,),
            ),
            id="back on the day of the start",
        ),
    ],
)  # fmt: skip
def test_absence_is_told_with_its_days_its_proof_its_file_and_its_rule(answer: Clock, step: Step):
    (pause,) = (*answer.pauses, *answer.ignored)
    assert answer.explain(known(pause))[-2 if pause.left_on > START else 3] == step


def test_absence_of_several_windows_tells_the_open_one_by_its_first_day():
    later = (date(2025, 6, 29), None)
    step = kit_clock(JUNE, later, on=date(2025, 7, 5)).explain(known(JUNE, later))[3]
    assert step.proof == "11–29 Jun 2025: UPS 1Z9, verified; since 29 Jun 2025: UPS 1Z9, verified"
    assert step.files == (SLIP, SLIP)


def test_proof_without_its_long_words_is_told_in_short():
    proofs = [Proof(*JUNE, "confirmed")]
    assert kit_clock(JUNE).explain(History(proofs=proofs))[3].proof == "confirmed"


def test_last_step_has_its_day_and_its_rule_whatever_it_says():
    assert kit_clock().explain()[-1] == Step(
        "covered_through", BASE_END, None, 0, "Covered through 3 Mar 2026.", "", "1.4"
    )
    assert kit_clock((JUNE[0], None), on=JUNE[1]).explain()[-1] == Step(
        "if_back", date(2026, 3, 22), JUNE[1], 19, "Covered through 22 Mar 2026 if it is back today (29 Jun 2025).",
        "", "1.6",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("", "", "Replaced on 4 Jul 2025: the clock goes on as it was."),
        ("M-1", "", "Replaced on 4 Jul 2025: the clock goes on as it was."),
        ("", "M-2", "Replaced on 4 Jul 2025 (no number → M-2): the clock goes on as it was."),
    ],
    ids=["no number", "old number alone", "new number alone"],
)
def test_replacement_tells_the_numbers_there_are(old: str, new: str, words: str):
    history = History(replacements=[Replacement(date(2025, 7, 4), old, new)])
    assert kit_clock().explain(history)[3].text == words


@pytest.mark.parametrize(
    ("clause", "because", "told", "lifted"),
    [
        ("4(b)", "Wrong photo.", "Voided on 1 Aug 2025 under clause 4(b) “improper use”: lifted again.",
         "The void was lifted on 9 Aug 2025: Wrong photo."),
        ("", "", "Voided on 1 Aug 2025 “improper use”: lifted again.", "The void was lifted on 9 Aug 2025."),
    ],
    ids=["with a clause and a reason", "with neither"],
)  # fmt: skip
def test_lifted_void_tells_its_clause_and_why_it_was_lifted(clause: str, because: str, told: str, lifted: str):
    day, again = date(2025, 8, 1), date(2025, 8, 9)
    void = Void(day, "improper use", clause, "by Bea", again, "by Cem", because)
    assert kit_clock().explain(History(voids=[void]))[3:5] == [
        Step("voided", day, again, None, told, "by Bea", "1.8"),
        Step("void_lifted", again, None, None, lifted, "by Cem", "1.8"),
    ]


def test_void_without_a_clause_tells_its_reason():
    void = Void(date(2025, 8, 1), "improper use", "")
    assert kit_clock().explain(History(voids=[void]))[3].text == "Void since 1 Aug 2025 “improper use”: the dates stay."


def test_refund_is_a_step_of_its_own():
    day = date(2025, 9, 1)
    words = "The purchase was refunded on 1 Sep 2025: not covered since; the dates stay."
    assert kit_clock().explain(History(refunded_on=day))[3] == Step("refunded", day, None, None, words)


@pytest.mark.parametrize(
    ("history", "sentence"),
    [
        (
            History(refunded_on=date(2025, 9, 1)),
            "Bought 3 Mar 2025 → covered through 3 Mar 2026, but not covered since the refund on 1 Sep 2025.",
        ),
        (
            History(refunded_on=date(2025, 9, 1), voids=[Void(date(2025, 8, 1), "improper use", "4(b)")]),
            "Bought 3 Mar 2025 → covered through 3 Mar 2026, but not covered since the refund on 1 Sep 2025.",
        ),
        (
            History(voids=[Void(date(2025, 8, 1), "improper use", "")]),
            "Bought 3 Mar 2025 → covered through 3 Mar 2026, but void since 1 Aug 2025.",
        ),
    ],
    ids=["refunded", "refunded and void", "void without a clause"],
)
def test_sentence_names_what_ended_the_cover_early(history: History, sentence: str):
    assert kit_clock().sentence("Bought", history) == sentence


def test_sentence_parts_absences_with_their_proofs_by_a_semicolon():
    later = (date(2025, 8, 1), date(2025, 8, 2))
    assert "(11–29 Jun 2025, UPS 1Z9; 1–2 Aug 2025)" in kit_clock(JUNE, later).sentence("Bought", known(JUNE))


def test_one_month_is_no_plural():
    assert clock(START, 1, [], START).explain()[1].text == "It lasts 1 month."
