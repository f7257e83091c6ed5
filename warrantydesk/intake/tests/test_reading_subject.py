"""The rule about subjects (policy text 7; contracts, "Mail")."""

import pytest

from warrantydesk.intake.reading.subject import read_subject


@pytest.mark.parametrize(
    ("subject", "title"),
    [
        pytest.param("[Warranty Request] hinge", "hinge", id="plain"),
        pytest.param("[WARRANTY REQUEST] Hinge", "Hinge", id="upper_case"),
        pytest.param("[warranty  request]hinge", "hinge", id="two_blanks_no_blank_after"),
        pytest.param("  [ Warranty\tRequest ]  hinge ", "hinge", id="blanks_everywhere"),
        pytest.param("[Warranty\u00a0Request] x", "x", id="no_break_space"),
        pytest.param("［Ｗａｒｒａｎｔｙ\u3000Ｒｅｑｕｅｓｔ］½ kaputt", "½ kaputt", id="full_width_title_untouched"),
        pytest.param("[Warranty\u200b Re\u00adquest] x", "x", id="invisible_letters"),
        pytest.param("[Warr\x00anty Request] x", "x", id="nul_inside"),
        pytest.param("Re: FWD: [Warranty Request] x", "x", id="two_marks"),
        pytest.param("RE[2]: AW: WG: SV: VS: [Warranty Request] x", "x", id="german_swedish_finnish"),
        pytest.param("Re(3): Re^4: Re*2: [Warranty Request] x", "x", id="counted_marks"),
        pytest.param("TR : R: RIF: Antw: RV: Odp: [Warranty Request] x", "x", id="french_italian_dutch_spanish_polish"),
        pytest.param("回复：转发: 返信: 転送： 답장: [Warranty Request] x", "x", id="east_asian"),
        pytest.param("Отв: YNT: ΑΠ: [Warranty Request] x", "x", id="russian_turkish_greek"),
        pytest.param("Re:" * 500 + "[Warranty Request] x", "x", id="five_hundred_marks"),
        pytest.param("[Warranty Request] Re: [Warranty Request] x", "x", id="tag_twice"),
        pytest.param("[Warranty Request]", "", id="nothing_else"),
    ],
)
def test_subject_is_a_request_when_it_begins_with_the_tag(subject: str, title: str) -> None:
    assert read_subject(subject) == (True, title)


@pytest.mark.parametrize(
    ("subject", "title"),
    [
        pytest.param("", "", id="empty"),
        pytest.param("hinge broken", "hinge broken", id="no_tag"),
        pytest.param("Warranty Request hinge", "Warranty Request hinge", id="no_brackets"),
        pytest.param("hinge [Warranty Request]", "hinge [Warranty Request]", id="not_at_the_beginning"),
        pytest.param("Question: [Warranty Request]", "Question: [Warranty Request]", id="a_word_that_is_no_mark"),
        pytest.param("[Warranty Requests] x", "[Warranty Requests] x", id="another_word"),
        pytest.param("(Warranty Request) x", "(Warranty Request) x", id="round_brackets"),
        pytest.param("Undelivered Mail: [Warranty Request] x", "Undelivered Mail: [Warranty Request] x", id="bounce"),
        pytest.param("Re: Re: hello", "hello", id="marks_only"),
    ],
)
def test_subject_is_no_request_when_it_begins_with_anything_else(subject: str, title: str) -> None:
    assert read_subject(subject) == (False, title)
