"""The answer before it goes and after: the preview is the very mail, and the letter is kept as it was told."""

import datetime as dt
from decimal import Decimal

import pytest

from cases.actors import Actor
from cases.errors import Stale
from cases.models import Case, ClaimedPart, DecisionLetter, OutgoingMail, RightsNotice
from cases.outbox import decision
from cases.services import deciding, quoting
from cases.services.quoting import QuoteLineData
from cases.tests.factories import DECIDED_AT, REVIEWED_AT, CaseFactory, judge, judge_all, photo
from products.coverage import clock
from products.kept_clock import drawings_of
from products.models import VoidReason
from products.services import WindowData, set_pauses
from products.tests.factories import CustomerFactory, InvoiceFactory, parts_of
from products.timeline import Words

pytestmark = pytest.mark.django_db


@pytest.fixture
def mixed(reviewer: Actor) -> Case:
    """Three parts decided and not told yet: repaired, replaced, and one whose denial voids it."""
    invoice = InvoiceFactory()
    case = CaseFactory(customer=invoice.customer, parts=parts_of(invoice)[:3])
    first, second, third = case.claimed_parts.order_by("pk")
    judge(first, reviewer)
    judge(second, reviewer, resolution="replacement")
    judge(third, reviewer, deny="motor_disassembled", words="The housing was open.")
    return Case.objects.get(pk=case.pk)


def kept(case: Case) -> DecisionLetter:
    return DecisionLetter.objects.get(case=case)


@pytest.mark.parametrize("language", ["en", "de", "xx"])
def test_preview_is_the_very_mail_that_leaves(mixed: Case, reviewer: Actor, language: str) -> None:
    Case.objects.filter(pk=mixed.pk).update(language=language)
    read = decision.preview(Case.objects.get(pk=mixed.pk), DECIDED_AT)
    deciding.approve(mixed.pk, actor=reviewer, now=DECIDED_AT)
    mail = OutgoingMail.objects.get(case=mixed, kind="decision")
    assert read is not None
    assert (read.subject, read.body) == (mail.subject, mail.body)


def test_preview_changes_nothing(mixed: Case) -> None:
    decision.preview(mixed, DECIDED_AT)
    decision.letter_content(mixed, DECIDED_AT)
    assert not OutgoingMail.objects.filter(case=mixed, kind="decision").exists()
    assert not mixed.letters.exists()
    assert not ClaimedPart.objects.filter(part__voided_at__isnull=False).exists()


def test_there_is_no_preview_while_a_part_is_undecided_nor_once_it_is_told(mixed: Case, reviewer: Actor) -> None:
    claim = mixed.claimed_parts.order_by("pk").first()
    assert claim is not None
    deciding.clear_verdict(claim.pk, actor=reviewer, now=REVIEWED_AT)
    assert decision.preview(mixed, DECIDED_AT) is None
    deciding.decide_part(claim.pk, verdict="covered", resolution="repair", actor=reviewer, now=REVIEWED_AT)
    decided = deciding.approve(mixed.pk, actor=reviewer, now=DECIDED_AT)
    assert decision.preview(decided, DECIDED_AT) is None


def test_draft_of_the_letter_is_the_letter_that_is_kept(mixed: Case, reviewer: Actor) -> None:
    draft = decision.letter_content(mixed, DECIDED_AT)
    deciding.approve(mixed.pk, actor=reviewer, now=DECIDED_AT)
    assert kept(mixed).content == draft
    assert draft["answers"][2]["drawing"]["voided_on"] == "2025-11-05"


def test_decision_is_refused_when_its_words_changed_since_they_were_read(mixed: Case, reviewer: Actor) -> None:
    read = decision.preview(mixed, DECIDED_AT)
    assert read is not None
    claim = mixed.claimed_parts.order_by("pk").last()
    assert claim is not None
    deciding.clear_verdict(claim.pk, actor=reviewer, now=REVIEWED_AT)
    judge(claim, reviewer, deny="motor_disassembled", words="Other words.")
    with pytest.raises(Stale) as refusal:
        deciding.approve(mixed.pk, seen=decision.fingerprint(read), actor=reviewer, now=DECIDED_AT)
    assert refusal.value.code == "letter_changed"
    again = decision.preview(Case.objects.get(pk=mixed.pk), DECIDED_AT)
    assert again is not None
    done = deciding.approve(mixed.pk, seen=decision.fingerprint(again), actor=reviewer, now=DECIDED_AT)
    assert done.state == "approved"


def test_letter_stays_as_it_was_told_when_clock_and_clauses_change(mixed: Case, reviewer: Actor) -> None:
    deciding.approve(mixed.pk, actor=reviewer, now=DECIDED_AT)
    before = kept(mixed).content
    part = mixed.claimed_parts.order_by("pk")[0].part
    window = WindowData(dt.date(2025, 6, 11), dt.date(2025, 6, 29), "verified")
    set_pauses({part.pk: [window]}, source="tracking", cause="late scan", now=DECIDED_AT)
    VoidReason.objects.filter(code="motor_disassembled").update(text="Rewritten.")
    assert kept(mixed).content == before
    labels = {label.text for label in drawings_of(before["answers"][0]["drawing"], Words())[0].labels}
    assert "3 Mar 2026" in " ".join(labels)


def test_drawing_is_drawn_again_from_plain_data(reviewer: Actor) -> None:
    case = CaseFactory(state="approved")
    data = kept(case).content["answers"][0]["drawing"]
    part = case.claimed_parts.get().part
    told = clock(part.starts_on, part.term_months, [], dt.date(2025, 11, 5))
    assert (data["starts_on"], data["on"]) == (part.starts_on.isoformat(), told.on.isoformat())
    assert [one.layout for one in drawings_of(data, Words())] == ["wide", "medium", "narrow"]
    assert drawings_of({}, Words()) == ()


def test_letter_tells_a_sender_nothing_of_another_persons_purchase(reviewer: Actor) -> None:
    invoice = InvoiceFactory(customer=CustomerFactory(name="Lars Holder", email="lars@holder.example"))
    case = CaseFactory(customer=CustomerFactory(name="Ingrid"), parts=parts_of(invoice)[:1])
    judge_all(case, reviewer)
    deciding.approve(case.pk, actor=reviewer, now=DECIDED_AT)
    answer = kept(case).content["answers"][0]
    assert answer["drawing"] == {}
    assert "Bought" not in answer["clock"]
    assert "holder" not in str(kept(case).content).lower()


def test_undone_decision_takes_its_letter_with_it_and_a_reopened_one_leaves_it(mixed: Case, reviewer: Actor) -> None:
    deciding.approve(mixed.pk, actor=reviewer, now=DECIDED_AT)
    deciding.undo(mixed.pk, actor=reviewer, now=DECIDED_AT + dt.timedelta(seconds=5))
    assert not mixed.letters.exists()
    later = DECIDED_AT + dt.timedelta(minutes=5)
    deciding.approve(mixed.pk, actor=reviewer, now=later)
    OutgoingMail.objects.filter(case=mixed, kind="decision", status="queued").update(status="sent", sent_at=later)
    deciding.reopen(mixed.pk, why="A new photo", actor=reviewer, now=later + dt.timedelta(days=1))
    judge(mixed.claimed_parts.get(verdict="undecided"), reviewer, now=later + dt.timedelta(days=2))
    deciding.approve(mixed.pk, actor=reviewer, now=later + dt.timedelta(days=2))
    assert [one.content["denied"] for one in mixed.letters.order_by("decided_at")] == [1, 0]


def test_letter_lists_the_quote_in_plain_data(reviewer: Actor) -> None:
    case = CaseFactory(state="approved", reviewer=reviewer)
    lines = [QuoteLineData("repair", "Labour", Decimal("45.00"))]
    quoting.write_quote(case.pk, lines=lines, actor=reviewer, now=DECIDED_AT)
    quoting.send_quote(case.pk, actor=reviewer, now=DECIDED_AT)
    said = decision.letter_content(Case.objects.get(pk=case.pk), DECIDED_AT)["quote"]
    assert said["lines"] == [{"description": "Labour", "kind": "repair service", "amount": "45.00"}]
    assert (said["total"], said["currency"]) == ("45.00", "EUR")


@pytest.mark.parametrize(
    ("language", "starts"),
    [("en", "Our own line."), ("de-at", "Unsere eigene Zeile."), ("pt-br", "This warranty is given by the maker.")],
)
def test_line_about_statutory_rights_is_the_makers_own_where_it_is_written(
    reviewer: Actor, language: str, starts: str
) -> None:
    RightsNotice.objects.create(language="en", text="Our own line.")
    RightsNotice.objects.create(language="de", text="Unsere eigene Zeile.")
    case = CaseFactory(files=[photo()], language=language)
    judge_all(case, reviewer, deny="improper_use")
    deciding.deny(case.pk, actor=reviewer, now=DECIDED_AT)
    assert kept(case).content["rights"].startswith(starts)
    assert starts in OutgoingMail.objects.get(case=case, kind="decision").body


def test_approval_says_nothing_of_statutory_rights() -> None:
    assert kept(CaseFactory(state="approved")).content["rights"] == ""


def test_preview_says_why_no_mail_will_leave(reviewer: Actor) -> None:
    case = CaseFactory(customer=CustomerFactory(email=""))
    assert decision.unsent_because(case, DECIDED_AT) == "no_address"
    assert decision.unsent_because(CaseFactory(), DECIDED_AT) == ""
