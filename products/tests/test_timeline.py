"""The drawing of a clock: everything inside the picture, nothing on top of anything, nothing left unsaid."""

from datetime import date, timedelta
from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from products.coverage import Clock, clock
from products.timeline import LAYOUTS, NARROW, WIDE, Drawing, Layout, Marks, Words, draw, draw_all
from products.timeline.saying import letter

BOUGHT = date(2025, 3, 3)
JUNE = (date(2025, 6, 11), date(2025, 6, 29))
GERMAN = Words(
    bought="Rechnungsdatum",
    paused="Garantiezeitraum unterbrochen: {days}",
    paused_since="Garantiezeitunterbrechung seit",
    ignored="Abwesenheit ohne Anrechnung",
    covered_through="Gewährleistungszeitraum einschließlich",
    if_back="wenn heute zurückgekehrt, einschließlich",
    received="Garantieantrag eingegangen",
    replaced="Ersatzteil eingebaut",
    voided="Garantieanspruch erloschen",
    days=lambda count: f"{count} Kalendertage",
)
JAPANESE = Words(
    bought="購入日",
    paused="{days}停止",
    covered_through="保証期間満了日",
    received="修理依頼を受け付けました",
    days=lambda n: f"{n}日間",
)
LONG = "Paketzustellungsnachweisnummer 00340434292135100186, nachgewiesen"


def days(first: int, last: int) -> tuple[date, date]:
    """A window by its distance from the purchase."""
    return BOUGHT + timedelta(first), BOUGHT + timedelta(last)


def boxes(drawing: Drawing) -> list[tuple[str, float, float, float, float]]:
    """What each label covers: left, top, right, bottom."""
    font = drawing.font
    return [(one.text, one.left, one.y - 0.9 * font, one.right, one.y + 0.25 * font) for one in drawing.labels]


def assert_sound(drawing: Drawing) -> None:
    for one, other in combinations(boxes(drawing), 2):
        apart = one[3] <= other[1] or other[3] <= one[1] or one[4] <= other[2] or other[4] <= one[2]
        assert apart, f"{one} lies on {other}"
    for text, left, top, right, bottom in boxes(drawing):
        assert -0.01 <= left <= right <= drawing.width + 0.01, text
        assert 0 <= top <= bottom <= drawing.height, text
    for shape in (*drawing.bars, *drawing.hatches):
        assert shape.width > 0
        assert -0.01 <= shape.x <= shape.x + shape.width <= drawing.width + 0.01
        assert 0 <= shape.y <= shape.y + shape.height <= drawing.height
    for line in (*drawing.ticks, *drawing.leaders):
        assert all(-4.01 <= x <= drawing.width + 4.01 for x in (line.x1, line.x2))
        assert all(-0.01 <= y <= drawing.height for y in (line.y1, line.y2))


def said(drawing: Drawing) -> str:
    return " | ".join(label.title or label.text for label in drawing.labels)


EXAMPLES = {
    "no pause": (clock(BOUGHT, 12, [], date(2025, 9, 1)), Marks()),
    "one pause, asked near the end": (clock(BOUGHT, 12, [JUNE], date(2026, 3, 3)), Marks(received_on=date(2026, 3, 2))),
    "frozen": (
        clock(BOUGHT, 12, [JUNE, (date(2026, 3, 5), None)], date(2026, 3, 8)),
        Marks(received_on=date(2026, 3, 2)),
    ),
    "frozen since before the start": (clock(BOUGHT, 12, [(date(2025, 2, 1), None)], BOUGHT), Marks()),
    "leaves only later": (clock(BOUGHT, 12, [(date(2025, 12, 1), None)], date(2025, 9, 1)), Marks()),
    "expired": (clock(BOUGHT, 12, [JUNE], date(2026, 4, 20)), Marks(received_on=date(2026, 4, 18))),
    "expired for years": (clock(BOUGHT, 12, [], date(2039, 4, 20)), Marks(received_on=date(2039, 4, 18))),
    "voided": (clock(BOUGHT, 12, [JUNE], date(2025, 12, 20)), Marks(voided_on=date(2025, 11, 3), void_reason=LONG)),
    "voided before it began": (clock(BOUGHT, 12, [], date(2025, 12, 20)), Marks(voided_on=date(2025, 1, 3))),
    "refunded": (clock(BOUGHT, 12, [JUNE], date(2025, 12, 20)), Marks(refunded_on=date(2025, 11, 3))),
    "refunded, then voided": (
        clock(BOUGHT, 12, [JUNE], date(2026, 3, 30)),
        Marks(refunded_on=date(2026, 3, 25), voided_on=date(2026, 3, 26), void_reason=LONG),
    ),
    "upcoming": (clock(BOUGHT, 12, [], date(2024, 1, 1)), Marks()),
    "eight pauses": (clock(BOUGHT, 12, [days(30 * n + 10, 30 * n + 20) for n in range(8)], date(2026, 1, 1)), Marks()),
    "eight pauses at the start": (
        clock(BOUGHT, 12, [days(3 * n + 1, 3 * n + 1) for n in range(8)], date(2026, 1, 1)),
        Marks(),
    ),
    "pause over the start": (clock(BOUGHT, 12, [days(-12, 2)], date(2025, 6, 1)), Marks()),
    "pause over the end": (clock(BOUGHT, 12, [days(360, 420)], date(2026, 6, 1)), Marks()),
    "pause after the end": (clock(BOUGHT, 12, [days(380, 390)], date(2026, 4, 1)), Marks()),
    "one month": (clock(BOUGHT, 1, [days(2, 16)], date(2025, 3, 28)), Marks(received_on=date(2025, 3, 21))),
    "36 months": (clock(BOUGHT, 36, [JUNE], date(2026, 12, 3)), Marks(received_on=date(2026, 12, 1))),
    "a hundred years": (clock(BOUGHT, 1200, [JUNE], date(2026, 12, 3)), Marks()),
    "the end of the calendar": (clock(date(9990, 1, 1), 119, [(date(9991, 1, 1), None)], date(9999, 12, 31)), Marks()),
    "replaced again and again": (
        clock(BOUGHT, 12, [JUNE], date(2026, 1, 20)),
        Marks(replacements=[(BOUGHT + timedelta(9 * n), f"MX-9021{n}-LONG-SERIAL") for n in range(1, 31)]),
    ),
    "replaced twice while away": (
        clock(BOUGHT, 12, [JUNE, (date(2025, 10, 1), date(2025, 10, 20))], date(2025, 12, 20)),
        Marks(
            replacements=[(date(2025, 6, 20), "MX-90211"), (date(2025, 10, 11), "MX-99102")],
            received_on=date(2025, 9, 25),
            proofs={JUNE[0]: LONG},
        ),
    ),
}
EVERY_EXAMPLE = pytest.mark.parametrize(("example", "marks"), EXAMPLES.values(), ids=EXAMPLES)
EVERY_LAYOUT = pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)


@EVERY_LAYOUT
@EVERY_EXAMPLE
@pytest.mark.parametrize("words", [Words(), GERMAN, JAPANESE], ids=["english", "german", "japanese"])
def test_draw_keeps_labels_apart_and_inside(example: Clock, marks: Marks, layout: Layout, words: Words):
    assert_sound(draw(example, layout, marks, words))


def some_days(least: int, most: int) -> st.SearchStrategy[date]:
    return st.integers(least, most).map(lambda n: BOUGHT + timedelta(n))


@st.composite
def windows(draw_from: st.DrawFn) -> list[tuple[date, date | None]]:
    found: list[tuple[date, date | None]] = []
    for _ in range(draw_from(st.integers(0, 8))):
        left = draw_from(some_days(-40, 500))
        found.append((left, left + timedelta(draw_from(st.integers(0, 60)))))
    if draw_from(st.booleans()):
        found.append((draw_from(some_days(-40, 500)), None))
    return found


TEXTS = st.text(max_size=60, alphabet=st.characters(categories=["L", "N", "P", "Zs"]))


@given(
    months=st.sampled_from([1, 2, 6, 12, 24, 36]),
    pauses=windows(),
    on=some_days(-400, 1500),
    received=st.none() | some_days(-60, 900),
    replaced=st.lists(st.tuples(some_days(-10, 700), TEXTS), max_size=3),
    voided=st.none() | some_days(-10, 700),
    proof=TEXTS,
    layout=st.sampled_from(LAYOUTS),
    words=st.sampled_from([Words(), GERMAN, JAPANESE]),
)
def test_draw_keeps_labels_apart_and_inside_whatever_happened(
    months, pauses, on, received, replaced, voided, proof, layout, words
):
    marks = Marks("Motor", received, replaced, voided, proof, {left: proof for left, _ in pauses})
    assert_sound(draw(clock(BOUGHT, months, pauses, on), layout, marks, words))


@EVERY_LAYOUT
@EVERY_EXAMPLE
def test_draw_paints_bars_side_by_side_in_the_order_of_time(example: Clock, marks: Marks, layout: Layout):
    bars = draw(example, layout, marks).bars
    for one, following in pairwise(bars):
        assert one.x + one.width == pytest.approx(following.x)


@EVERY_LAYOUT
@EVERY_EXAMPLE
def test_draw_always_says_the_start_and_the_last_covered_day(example: Clock, marks: Marks, layout: Layout):
    words = Words()
    everything = said(draw(example, layout, marks, words))
    assert words.day(example.starts_on) in everything
    assert words.day(example.covered_through_if_back) in everything


def test_draw_writes_days_and_proof_at_the_rail_when_pauses_are_few():
    marks = Marks(proofs={JUNE[0]: "DHL 00340434, verified"})
    everything = said(draw(clock(BOUGHT, 12, [JUNE], date(2025, 9, 1)), WIDE, marks))
    assert "paused 19 days | 11–29 Jun 2025 | DHL 00340434, verified" in everything
    assert "3 Mar 2026 + 19 days" in everything


def test_draw_numbers_pauses_and_lists_them_when_they_are_many():
    pauses = [days(30 * n + 10, 30 * n + 20) for n in range(4)]
    proofs = {left: f"UPS {n}, verified" for n, (left, _) in enumerate(pauses)}
    drawing = draw(clock(BOUGHT, 12, pauses, date(2025, 9, 1)), WIDE, Marks(proofs=proofs))
    texts = [label.text for label in drawing.labels]
    assert [text for text in texts if text in {"1", "2", "3", "4"}] == ["1", "2", "3", "4"] * 2
    assert texts[-1] == "11 days, 11–21 Jun 2025 · UPS 3, verified"


def test_draw_letters_replacements_and_lists_them_when_they_are_many():
    swaps = [(BOUGHT + timedelta(30 * n), f"MX-{n}") for n in range(1, 4)]
    drawing = draw(clock(BOUGHT, 12, [JUNE], date(2025, 9, 1)), WIDE, Marks(replacements=swaps))
    texts = [label.text for label in drawing.labels]
    assert [text for text in texts if text in {"a", "b", "c"}] == ["a", "b", "c"] * 2
    assert texts[-1] == "1 Jun 2025 · replaced MX-3"
    assert "replaced MX-1" in said(draw(clock(BOUGHT, 12, [], date(2025, 9, 1)), WIDE, Marks(replacements=swaps[:2])))


@pytest.mark.parametrize(
    ("place", "sign"), [(0, "a"), (25, "z"), (26, "aa"), (27, "ab"), (51, "az"), (52, "ba"), (702, "aaa")]
)
def test_letters_go_on_after_the_last_one(place: int, sign: str):
    assert letter(place) == sign


@EVERY_LAYOUT
@pytest.mark.parametrize("on", [date(2025, 3, 3), date(2025, 9, 1), date(2026, 1, 10), date(2026, 3, 1)], ids=str)
def test_draw_says_today_wherever_it_stands_and_moves_no_date_for_it(on: date, layout: Layout):
    drawing = draw(clock(BOUGHT, 12, [], on), layout)
    assert "today" in said(drawing)
    # The two dates of the clock begin on one line, next to the rail.
    first = {label.text: label.y for label in drawing.labels}
    assert first["3 Mar 2025"] == first["covered through"]


def test_draw_promises_no_cover_of_a_void_part():
    drawing = draw(clock(BOUGHT, 12, [JUNE], date(2025, 12, 20)), marks=Marks(voided_on=date(2025, 11, 3)))
    assert "were it not void, through | 22 Mar 2026" in said(drawing)
    assert "covered through" not in said(drawing) + drawing.aria_label
    assert "22 Mar 2026" not in [label.text for label in drawing.labels if label.strong]


def test_draw_shows_a_refund_where_it_ended_the_cover():
    """Its own day still counts, unlike that of a void (docs/decisions/0011)."""
    drawing = draw(clock(BOUGHT, 12, [], date(2025, 12, 20)), marks=Marks(refunded_on=date(2025, 11, 3)))
    assert "refunded 3 Nov 2025" in said(drawing)
    assert "were it not refunded, through | 3 Mar 2026" in said(drawing)
    assert drawing.aria_label.endswith("refunded 3 Nov 2025; were it not refunded, through 3 Mar 2026")
    assert [bar.css for bar in drawing.bars] == ["lived", "lost"]
    voided = draw(clock(BOUGHT, 12, [], date(2025, 12, 20)), marks=Marks(voided_on=date(2025, 11, 4)))
    assert [bar.width for bar in drawing.bars] == [bar.width for bar in voided.bars]
    assert [mark.css for mark in drawing.marks] == ["today", "refunded"]


def test_draw_says_if_back_today_when_the_part_is_away():
    drawing = draw(clock(BOUGHT, 12, [(date(2026, 3, 1), None)], date(2026, 3, 8)))
    everything = said(drawing)
    assert "paused since | 1 Mar 2026" in everything
    assert "if back today, through | 11 Mar 2026" in everything
    assert any("guess" in bar.css for bar in drawing.bars)


def test_draw_cuts_a_long_label_and_keeps_its_full_text():
    drawing = draw(clock(BOUGHT, 12, [JUNE], date(2025, 9, 1)), NARROW, Marks(proofs={JUNE[0]: LONG}))
    cut = next(label for label in drawing.labels if label.title)
    assert cut.title == LONG
    assert cut.text.endswith("…")
    assert cut.text[:20] == LONG[:20]


def test_draw_breaks_the_line_when_the_request_came_years_later():
    late = draw(clock(BOUGHT, 12, [], date(2029, 1, 1)), marks=Marks(received_on=date(2029, 1, 1)))
    soon = draw(clock(BOUGHT, 12, [], date(2026, 3, 20)), marks=Marks(received_on=date(2026, 3, 20)))
    assert [any(tick.css == "break" for tick in one.ticks) for one in (late, soon)] == [True, False]


@pytest.mark.parametrize(
    ("on", "pauses", "voided", "classes"),
    [
        (date(2025, 9, 1), [], None, ["lived", "ahead"]),
        (date(2025, 9, 1), [JUNE], None, ["lived", "ahead", "won"]),
        (date(2026, 3, 10), [JUNE], None, ["lived", "won"]),
        (date(2026, 5, 1), [], None, ["lived spent"]),
        (date(2025, 1, 1), [], None, ["ahead"]),
        (date(2025, 9, 1), [], date(2025, 8, 1), ["lived", "lost"]),
        (date(2025, 9, 1), [(date(2025, 8, 20), None)], None, ["lived", "ahead guess", "won guess"]),
    ],
    ids=["covered", "won days ahead", "in won days", "expired", "upcoming", "voided", "away"],
)
def test_draw_shows_the_state_in_the_pieces_of_the_rail(on, pauses, voided, classes):
    drawing = draw(clock(BOUGHT, 12, pauses, on), marks=Marks(voided_on=voided))
    assert [bar.css for bar in drawing.bars] == classes


def test_draw_gives_a_pause_of_one_day_a_width_that_can_be_seen():
    drawing = draw(clock(BOUGHT, 36, [days(100, 100)], date(2026, 1, 1)), NARROW)
    assert drawing.hatches[0].width >= 3


def test_draw_outlines_an_absence_that_counts_nothing():
    drawing = draw(clock(BOUGHT, 12, [days(380, 390)], date(2026, 4, 1)))
    assert [hatch.css for hatch in drawing.hatches] == ["away-idle"]
    assert "not counted" in drawing.hatches[0].title


def test_draw_puts_the_whole_story_into_one_sentence_for_ears():
    marks = Marks(
        about="X-axis motor",
        received_on=date(2026, 3, 2),
        replacements=[(date(2025, 6, 20), "MX-2")],
        proofs={JUNE[0]: "DHL 1, verified"},
    )
    drawing = draw(clock(BOUGHT, 12, [JUNE], date(2026, 3, 3)), marks=marks)
    assert drawing.aria_label == (
        "X-axis motor: bought 3 Mar 2025; paused 19 days, 11–29 Jun 2025 · DHL 1, verified; replaced MX-2 20 Jun 2025; "
        "request received 2 Mar 2026; covered through 22 Mar 2026"
    )


def test_draw_all_draws_every_layout_widest_first():
    widths = [one.width for one in draw_all(EXAMPLES["frozen"][0])]
    assert widths == sorted(widths, reverse=True)
    assert len(widths) == len(LAYOUTS)


TOLD = Marks(
    replacements=((date(2025, 7, 4), "M-1 → M-2"),),
    received_on=date(2025, 11, 5),
    voided_on=date(2025, 12, 1),
    refunded_on=date(2026, 1, 9),
)


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
def test_marks_stand_on_the_rail_at_the_middle_of_their_day(layout: Layout):
    drawing = draw(clock(BOUGHT, 12, [JUNE], date(2025, 12, 24)), layout, TOLD)
    marks = {mark.css: mark for mark in drawing.marks}
    assert list(marks) == ["base", "today", "replaced", "received", "void", "refunded"]
    assert {mark.y for mark in drawing.marks} == {drawing.rail_y + drawing.rail_height / 2}
    when = {
        "base": date(2026, 3, 3).toordinal() + 1,  # the end of that day
        "today": date(2025, 12, 24).toordinal() + 0.5,
        "replaced": date(2025, 7, 4).toordinal() + 0.5,
        "received": date(2025, 11, 5).toordinal() + 0.5,
        "void": date(2025, 12, 1).toordinal() + 0.5,
        "refunded": date(2026, 1, 9).toordinal() + 0.5,
    }
    a_day = (marks["refunded"].x - marks["replaced"].x) / (when["refunded"] - when["replaced"])
    for kind, mark in marks.items():
        assert mark.x - marks["replaced"].x == pytest.approx((when[kind] - when["replaced"]) * a_day)


@pytest.mark.parametrize(
    ("marks", "state"),
    [(Marks(), "covered"), (Marks(voided_on=date(2025, 12, 1)), "voided")],
    ids=["as the clock says", "void"],
)
def test_drawing_has_the_state_of_the_part_and_the_name_of_its_layout(marks: Marks, state: str):
    drawings = draw_all(clock(BOUGHT, 12, [JUNE], date(2025, 12, 24)), marks, GERMAN)
    assert [(one.layout, one.state) for one in drawings] == [(layout.name, state) for layout in LAYOUTS]
    assert all("Garantie" in one.aria_label for one in drawings)
    assert all({line.css for line in one.leaders} == {"leader"} for one in drawings)
    assert [mark.css for mark in drawings[0].marks] == ["base", "today", *(["void"] if marks.voided_on else [])]


def test_leaders_lead_from_the_rail_to_their_words_and_not_into_it():
    drawing = draw(clock(BOUGHT, 12, [JUNE], date(2025, 12, 24)), WIDE, TOLD)
    top, foot = drawing.rail_y, drawing.rail_y + drawing.rail_height
    for line in drawing.leaders:
        assert line.x1 == line.x2
        assert line.y2 < line.y1 < top or foot < line.y1 < line.y2
