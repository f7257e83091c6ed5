"""explained(): everything known of a part's clock, for whoever asks, in a fixed number of queries."""

import datetime as dt

import pytest
from django.conf import settings
from django.utils import translation

from products.explaining import audience_of, explainable, explained
from products.models import CoveredPart
from products.services import WindowData, lift_void, replace_part, set_pauses, void_part
from products.tests.factories import CoveredPartFactory, InvoiceFactory, KitFactory, ProductFactory, StaffFactory

pytestmark = pytest.mark.django_db
ON = dt.date(2025, 12, 24)
PARCELS = {"left": 1, "back": 2, "left_by": "DHL 00340434161094042557", "back_by": "UPS 1Z999AA10123456784"}


@pytest.fixture
def ann(db):
    return StaffFactory(name="Ann")


@pytest.fixture
def part(now, ann) -> CoveredPart:
    """Away twice (tracked, then by staff's word), replaced, and void."""
    part = CoveredPartFactory(number="INV-1", serial="S-1")
    tracked = WindowData(dt.date(2025, 6, 11), dt.date(2025, 6, 29), "verified", proof=PARCELS)
    stated = WindowData(
        dt.date(2025, 8, 1), dt.date(2025, 8, 2), "confirmed", reason="Brought by hand.", confirmed_by=ann,
        proof={
            "words": "Signed slip", "overruled": [{"left_on": "2025-08-01", "back_on": "2025-08-09"}],
            "file": {"name": "slip.pdf", "type": "application/pdf"},
        },
        proof_file="proof/secret-key",
    )  # fmt: skip
    set_pauses({part.pk: [tracked]}, source="tracking", cause="parcel", now=now)
    set_pauses({part.pk: [stated]}, source="staff", cause="hand", now=now)
    replace_part(part.pk, new_serial="S-2", case_reference="WD-AAAA-2", actor=ann, now=now)
    void_part(part.pk, reason_code="improper_use", case_reference="WD-BBBB-3", actor=ann, now=now)
    return known(part)


def known(part: CoveredPart) -> CoveredPart:
    return explainable(CoveredPart.objects.filter(pk=part.pk)).get()


def proof_of(kind: str, of) -> str:
    return next(step.proof for step in of.steps if step.kind == kind)


def test_steps_tell_who_and_how_to_staff(part):
    answer = explained(part, ON)
    pauses = [step.proof for step in answer.steps if step.kind == "pause"]
    assert pauses == [
        "DHL 00340434161094042557 / UPS 1Z999AA10123456784, verified",
        "confirmed by Ann; Signed slip; Brought by hand; stands instead of 1–9 Aug 2025, as tracking has it",
    ]
    files = [file for step in answer.steps for file in step.files]
    assert [(file.key, file.name) for file in files] == [(part.pauses.get(source="staff").pk, "slip.pdf")]
    assert proof_of("start", answer) == "invoice INV-1"
    assert proof_of("replaced", answer) == "by Ann, case WD-AAAA-2"
    assert proof_of("voided", answer) == "by Ann, case WD-BBBB-3"


def all_words(answer) -> str:
    """Everything a reader of the page, the drawing or a mail could find."""
    steps = [f"{step.text} {step.proof} {[file.name for file in step.files]}" for step in answer.steps]
    drawn = [drawing.aria_label + " ".join(label.text for label in drawing.labels) for drawing in answer.drawings]
    return " ".join([*steps, answer.sentence, *drawn])


def test_customer_reads_neither_names_nor_what_staff_wrote_for_each_other(part, now, ann):
    lift_void(part.pk, why="Read the wrong photo.", actor=ann, now=now)
    told = all_words(explained(known(part), ON, audience="customer"))
    for secret in ("Ann", "slip", "by hand", "WD-", "wrong photo", "instead of"):
        assert secret not in told
    for said in ("1–2 Aug 2025", "19 days", "confirmed by us", "proved by tracking", "S-2"):
        assert said in told


@pytest.mark.parametrize(
    ("own", "told"),
    [((), []), ((1,), ["DHL"]), ((2,), ["UPS"]), ((1, 2), ["DHL", "UPS"]), ((3,), [])],
    ids=["none", "the way there", "the way home", "both", "another"],
)
def test_customer_reads_no_tracking_number_but_those_of_their_own_parcels(part, own, told):
    words = all_words(explained(part, ON, audience="customer", own_parcels=own))
    assert [carrier for carrier in ("DHL", "UPS") if carrier in words] == told


def test_customer_never_hears_of_a_void_that_was_lifted(part, now, ann):
    """A decision that was undone before its mail left was never told; that it had been made is not told either."""
    lift_void(part.pk, why="Undone.", actor=ann, now=now)
    assert "void" not in all_words(explained(known(part), ON, audience="customer")).lower()
    assert "lifted" in all_words(explained(known(part), ON))


def test_outsider_learns_the_cover_of_the_part_and_nothing_else(part, now, ann):
    lift_void(part.pk, why="Undone.", actor=ann, now=now)
    answer = explained(known(part), ON, received_on=ON, audience="outsider", own_parcels=(1, 2))
    assert all_words(answer) == "Covered through 24 Mar 2026."
    assert (answer.steps, answer.drawings) == ([], ())


def test_outsider_learns_that_a_part_is_void_and_not_why(part):
    assert all_words(explained(part, ON, audience="outsider")) == "The warranty of this part has ended."
    untold = explained(part, ON, audience="outsider", untold="WD-BBBB-3")
    assert untold.sentence == "Covered through 24 Mar 2026."


def test_outsider_is_told_the_end_if_it_were_back_today_while_it_is_away(now):
    part = CoveredPartFactory()
    set_pauses(
        {part.pk: [WindowData(dt.date(2025, 12, 20), None, "provisional")]}, source="tracking", cause="x", now=now
    )
    told = all_words(explained(known(part), ON, audience="outsider"))
    assert told == "While this part is away, its warranty is paused. If it is back today: through 8 Mar 2026."


def test_audience_is_the_buyer_or_an_outsider(part):
    buyer = part.unit.line.invoice.customer_id
    assert [audience_of(part, person) for person in (buyer, buyer + 1)] == ["customer", "outsider"]


def test_void_not_told_yet_is_kept_back(part):
    answer = explained(part, ON, audience="customer", untold="WD-BBBB-3")
    assert "void" not in answer.sentence
    assert "voided" not in {drawing.state for drawing in answer.drawings}
    assert "voided" not in {step.kind for step in answer.steps}
    assert "but void since 1 Dec 2025" in explained(part, ON, audience="customer", untold="WD-CCCC-4").sentence


def test_sentence_and_drawing_name_the_parcel_that_came_home(part):
    answer = explained(part, ON)
    assert "11–29 Jun 2025, UPS 1Z999AA1012…, verified; 1–2 Aug 2025, confirmed" in answer.sentence
    assert "UPS 1Z999AA1012…, verified" in answer.drawings[0].aria_label
    assert "replaced S-2" in [label.text for label in answer.drawings[0].labels]


def test_submission_day_is_a_mark_and_a_step(part):
    answer = explained(part, ON, received_on=dt.date(2025, 11, 5))
    assert "request received" in [label.text for label in answer.drawings[0].labels]
    assert [step.text for step in answer.steps if step.kind == "received"] == [
        "The request reached us on 5 Nov 2025: in time."
    ]


def test_two_proofs_of_one_day_are_both_told_in_the_drawing(now, ann):
    part = CoveredPartFactory()
    tracked = WindowData(dt.date(2025, 6, 11), dt.date(2025, 6, 29), "verified", proof=PARCELS)
    stated = WindowData(dt.date(2025, 6, 11), dt.date(2025, 7, 2), "confirmed", reason="x", confirmed_by=ann)
    set_pauses({part.pk: [tracked]}, source="tracking", cause="parcel", now=now)
    set_pauses({part.pk: [stated]}, source="staff", cause="hand", now=now)
    answer = explained(known(part), ON)
    assert answer.clock.extended_days == 22
    assert "UPS 1Z999AA1012…, verified / confirmed" in answer.drawings[0].aria_label


CLOSED = WindowData(dt.date(2025, 6, 11), dt.date(2025, 6, 29), "verified")
OPEN = WindowData(dt.date(2025, 6, 11), None, "provisional")


TOLD = {
    "de": (
        CLOSED,
        (
            "Gekauft am 3. März 2025 → 3. März 2026; 19 Tage pausiert (11.–29. Juni 2025, durch Sendungsverfolgung"
            " belegt) → abgedeckt bis einschließlich 22. März 2026."
        ),
    ),
    "fr": (
        CLOSED,
        (
            "Acheté le 3 mars 2025 → 3 mars 2026 ; suspendue 19 jours (11–29 juin 2025, prouvé par le suivi)"
            " → couvert jusqu’au 22 mars 2026 inclus."
        ),
    ),
    "es": (
        OPEN,
        (
            "Comprado el 3 de marzo de 2025 → 3 de marzo de 2026; en pausa desde el 11 de junio de 2025"
            " (en confirmación) → cubierto hasta el 16 de septiembre de 2026 inclusive si vuelve hoy"
            " (24 de diciembre de 2025)."
        ),
    ),
    "ja": (
        CLOSED,
        (
            "2025年3月3日購入 → 2026年3月3日；19日停止（2025年6月11日–29日、追跡記録で証明済み）"
            " → 2026年3月22日まで保証。"
        ),
    ),
    "zh-hans": (
        OPEN,
        (
            "2025年3月3日购买 → 2026年3月3日；自2025年6月11日（确认中）起暂停"
            " → 如今天（2025年12月24日）送回，保修至2026年9月16日（含当日）。"
        ),
    ),
}


@pytest.mark.parametrize("language", TOLD)
def test_sentence_is_told_in_the_readers_language(now, language: str):
    part, (window, sentence) = CoveredPartFactory(), TOLD[language]
    set_pauses({part.pk: [window]}, source="tracking", cause="parcel", now=now)
    with translation.override(language):
        assert explained(known(part), ON, audience="customer").sentence == sentence


def test_every_language_of_ours_is_told_above():
    assert {"en", *TOLD} == {code for code, _name in settings.LANGUAGES}, "TOLD: a window and the whole sentence"


def test_sentence_of_a_void_part_says_so_in_another_language(part):
    with translation.override("de"):
        sentence = explained(part, ON).sentence
    assert sentence.endswith(", aber erloschen seit 1. Dezember 2025 (Klausel 4(b)).")


def test_explained_parts_cost_four_queries_however_many_there_are(django_assert_num_queries):
    InvoiceFactory(products=[KitFactory(bill=[(ProductFactory(), 30, "singly", "")])])
    with django_assert_num_queries(4):
        for part in explainable(CoveredPart.objects.all()):
            answer = explained(part, ON)
            assert answer.steps
            assert answer.drawings
