"""A request becomes a case, and begins its review by itself when nothing is missing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from random import Random

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction

from cases.actors import Actor
from cases.errors import NotAllowed, NotPossible, Stale
from cases.models import Case, CaseEvent, Evidence, OutgoingMail
from cases.reference import parse_reference
from cases.services import deciding, opening, talking
from cases.services.opening import NewCase
from cases.tests.factories import RECEIVED_AT, CaseFactory, open_for_test, photo, refused_file, staff
from products.models import CoveredPart, Customer
from products.sent_together import sent_together
from products.tests.factories import BOUGHT_ON, CoveredPartFactory, InvoiceFactory, parts_of

pytestmark = pytest.mark.django_db
LATER = RECEIVED_AT + dt.timedelta(hours=3)
US = Actor.customer()


def kit_parts(owner: Customer) -> list[CoveredPart]:
    return parts_of(InvoiceFactory(customer=owner))


def names(case: Case) -> list[str]:
    return [event.name for event in case.events.order_by("id")]


def test_open_case_begins_the_review_when_nothing_is_missing(owner: Customer) -> None:
    case = open_for_test(
        customer=owner, source="mail", subject="Help", description="It stopped.", received_at=RECEIVED_AT
    )
    assert case.state == "evidence_review"
    assert parse_reference(case.reference) == case.reference
    assert names(case) == ["opened", "added", "begin_review"]
    begun = case.events.get(name="begin_review")
    assert (begun.actor_kind, begun.actor) == ("system", None)


def test_open_case_writes_the_first_message_with_its_files(owner: Customer) -> None:
    case = open_for_test(
        customer=owner, source="mail", subject="Help", description=" It stopped. ", received_at=RECEIVED_AT,
        files=[photo(1), refused_file()],
    )  # fmt: skip
    message = case.messages.get()
    assert (message.direction, message.text, message.sender_address) == ("in", "It stopped.", "owner@example.com")
    assert message.at == RECEIVED_AT
    assert [(row.name, row.status) for row in message.evidence.all()] == [
        ("photo-1.jpg", "pending"), ("setup.exe", "refused"),
    ]  # fmt: skip


MISSING = [
    ("invoice_and_serial_and_part", {"matched": False}, ["invoice", "serial", "part"]),
    ("evidence", {"files": ()}, ["evidence"]),
    ("only_a_refused_file", {"files": [refused_file()]}, ["evidence"]),
    ("description", {"description": "  "}, ["description"]),
    ("everything", {"matched": False, "description": "", "files": ()},
     ["invoice", "serial", "part", "description", "evidence"]),
]  # fmt: skip


@pytest.mark.parametrize(("given", "missing"), [row[1:] for row in MISSING], ids=[row[0] for row in MISSING])
def test_open_case_stays_submitted_and_says_what_is_missing(given: dict, missing: list[str]) -> None:
    case = CaseFactory(**given)
    assert case.state == "submitted"
    assert opening.missing_of(case) == missing
    assert case.events.get(name="opened").data["missing"] == missing


def test_open_case_waits_when_the_part_is_only_a_guess(owner: Customer) -> None:
    parts = kit_parts(owner)
    case = CaseFactory(customer=owner, parts=parts[:1], part_ids=[parts[0].pk], proposed_part_ids=[parts[1].pk])
    assert (case.state, opening.missing_of(case)) == ("submitted", ["part"])
    assert list(case.claimed_parts.values_list("part_id", "confirmed")) == [(parts[0].pk, True), (parts[1].pk, False)]


def test_open_case_takes_a_part_as_sure_when_it_is_guessed_as_well(owner: Customer) -> None:
    parts = kit_parts(owner)
    case = CaseFactory(customer=owner, parts=parts[:1], part_ids=[parts[0].pk], proposed_part_ids=[parts[0].pk])
    assert case.claimed_parts.get().confirmed


def test_open_case_acknowledges_once_and_only_when_asked_to() -> None:
    silent, told = CaseFactory(), CaseFactory(acknowledge=True)
    assert list(OutgoingMail.objects.filter(case=silent)) == []
    assert [mail.kind for mail in OutgoingMail.objects.filter(case=told)] == ["acknowledgement"]


DAYS = [
    ("customers_own_zone", "Pacific/Auckland", "DE", "2025-11-06", "Pacific/Auckland", "customer"),
    ("invoices_country", "", "US", "2025-11-05", "America/Adak", "country"),
    ("nothing_known", "", "", "2025-11-05", "UTC-12", "nowhere"),
]


@pytest.mark.parametrize(("zone", "country", "on", "used", "found"), [d[1:] for d in DAYS], ids=[d[0] for d in DAYS])
def test_open_case_stores_the_submission_day_and_how_it_was_found(
    owner: Customer, zone: str, country: str, on: str, used: str, found: str
) -> None:
    Customer.objects.filter(pk=owner.pk).update(time_zone=zone)
    part = CoveredPartFactory(customer=owner, country=country)
    case = CaseFactory(customer=owner, part=part, received_at=dt.datetime(2025, 11, 5, 13, 0, tzinfo=dt.UTC))
    assert case.submitted_on.isoformat() == on
    assert (case.submitted_zone, case.submitted_zone_found) == (used, found)


@pytest.mark.parametrize("together", [nullcontext, sent_together])
def test_open_case_draws_another_reference_when_one_is_taken(
    monkeypatch: pytest.MonkeyPatch, together: Callable[[], AbstractContextManager[None]]
) -> None:
    drawn = []
    for _ in range(3):
        monkeypatch.setattr(opening, "_random", Random(7))  # the same seed draws the same reference again
        with transaction.atomic(), together():
            drawn.append(CaseFactory().reference)
    assert len(set(drawn)) == 3
    assert sorted(Case.objects.values_list("reference", flat=True)) == sorted(drawn)
    assert sorted(CaseEvent.objects.filter(name="opened").values_list("case__reference", flat=True)) == sorted(drawn)


def test_open_case_gives_up_when_every_reference_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "new_reference", lambda _random, _attempt: "WD-2222-2")
    CaseFactory()
    with pytest.raises(RuntimeError, match="no free case reference"):
        CaseFactory()


def test_open_case_links_the_case_before_it() -> None:
    before = CaseFactory()
    after = CaseFactory(follows_id=before.pk)
    assert after.follows == before
    assert after.events.get(name="opened").data["follows"] == before.reference


def test_open_case_cuts_what_no_column_holds() -> None:
    case = CaseFactory(subject="x" * 5000, sender_name="y" * 5000, serial_as_given="z" * 5000)
    assert (len(case.subject), len(case.serial_as_given)) == (250, 250)


def test_open_case_refuses_a_unit_of_another_invoice(owner: Customer) -> None:
    one, other = CoveredPartFactory(), CoveredPartFactory()
    new = NewCase(owner.pk, "mail", "", "", RECEIVED_AT, invoice_id=one.unit.line.invoice_id, unit_id=other.unit_id)
    with pytest.raises(NotPossible, match="not sold on that invoice"):
        opening.open_case(new, actor=US, now=RECEIVED_AT)
    assert Case.objects.count() == 0


def test_open_case_needs_the_permission_when_staff_do_it(owner: Customer, outsider: Actor, colleague: Actor) -> None:
    with pytest.raises(NotAllowed):
        CaseFactory(customer=owner, actor=outsider)
    assert CaseFactory(customer=owner, actor=colleague).events.get(name="opened").actor == colleague.user


# ── becoming complete ────────────────────────────────────────────────────────────────────────────────────────────


def test_add_evidence_begins_the_review_when_it_was_all_that_was_missing() -> None:
    case = CaseFactory(files=())
    opening.add_evidence(case.pk, files=[photo()], actor=US, now=LATER)
    assert Case.objects.get(pk=case.pk).state == "evidence_review"


def test_add_evidence_keeps_a_file_once_when_it_comes_twice() -> None:
    case = CaseFactory(files=[photo(1)])
    there = opening.add_evidence(case.pk, files=[photo(1), photo(1)], actor=US, now=LATER)
    assert there == list(case.evidence.all())
    assert names(case).count("added") == 1


def test_add_evidence_removes_the_second_copy_of_a_file(
    django_capture_on_commit_callbacks: object, settings: object, tmp_path: object
) -> None:
    key = default_storage.save("evidence/test/second-copy", ContentFile(b"the same"))
    case = CaseFactory(files=[photo(1)])
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        opening.add_evidence(case.pk, files=[photo(1, key=key)], actor=US, now=LATER)
    assert not default_storage.exists(key)


def test_add_evidence_names_refused_files_without_counting_them() -> None:
    case = CaseFactory(files=())
    rows = opening.add_evidence(case.pk, files=[refused_file("a.exe"), refused_file("b.exe")], actor=US, now=LATER)
    assert [(row.name, row.refusal) for row in rows] == [
        ("a.exe", "This kind of file is not taken."), ("b.exe", "This kind of file is not taken."),
    ]  # fmt: skip
    assert names(case) == ["opened", "refused"]
    assert Case.objects.get(pk=case.pk).state == "submitted"


def test_add_evidence_refuses_what_is_beyond_the_limit(settings: object) -> None:
    settings.EVIDENCE_FILES_PER_CASE = 2  # type: ignore[attr-defined]
    case = CaseFactory(files=[photo(1)])
    opening.add_evidence(case.pk, files=[photo(2), photo(3)], actor=US, now=LATER)
    assert [row.status for row in case.evidence.order_by("id")] == ["pending", "pending", "refused"]


@pytest.mark.parametrize("state", ["denied", "returned", "withdrawn"])
def test_add_evidence_is_possible_when_the_case_is_over(state: str) -> None:
    case = CaseFactory(state=state)
    opening.add_evidence(case.pk, files=[photo(9)], actor=US, now=LATER)
    assert Case.objects.get(pk=case.pk).state == state
    assert Evidence.objects.filter(case=case, name="photo-9.jpg").exists()


def test_describe_begins_the_review_when_it_was_all_that_was_missing() -> None:
    case = CaseFactory(description="")
    after = opening.describe(case.pk, description=" It smells. ", actor=US, now=LATER)
    assert (after.state, after.description) == ("evidence_review", "It smells.")


def test_describe_refuses_nothing_and_the_same_again() -> None:
    case = CaseFactory(files=())
    with pytest.raises(NotPossible, match="say what happened"):
        opening.describe(case.pk, description=" ", actor=US, now=LATER)
    with pytest.raises(Stale):
        opening.describe(case.pk, description=case.description, actor=US, now=LATER)


def test_describe_is_for_staff_only_when_the_review_has_begun(colleague: Actor) -> None:
    case = CaseFactory()
    with pytest.raises(NotPossible, match="write us a message instead"):
        opening.describe(case.pk, description="Better words.", actor=US, now=LATER)
    assert opening.describe(case.pk, description="Better words.", actor=colleague, now=LATER).description


def test_refusal_is_a_sentence_of_everything_unmet(colleague: Actor) -> None:
    case = CaseFactory(state="denied")
    with pytest.raises(NotPossible) as refused:
        opening.describe(case.pk, description="More.", actor=colleague, now=LATER)
    assert str(refused.value) == "Not possible while the case is denied: it would have to be submitted or under review."


def test_set_purchase_brings_invoice_part_and_day_when_the_product_was_sold_singly(
    owner: Customer, colleague: Actor
) -> None:
    part = CoveredPartFactory(customer=owner, country="US")
    case = CaseFactory(
        customer=owner, matched=False, part=part, received_at=dt.datetime(2025, 11, 5, 11, tzinfo=dt.UTC)
    )
    assert (case.submitted_on.isoformat(), case.submitted_zone) == ("2025-11-04", "UTC-12")
    after = opening.set_purchase(case.pk, invoice_id=None, unit_id=part.unit_id, actor=colleague, now=LATER)
    assert (after.state, after.invoice, after.unit) == ("evidence_review", part.unit.line.invoice, part.unit)
    assert (after.submitted_on.isoformat(), after.submitted_zone) == ("2025-11-05", "America/Adak")
    assert after.claimed_parts.get().part == part
    assert names(case) == ["opened", "added", "purchase_set", "claimed", "begin_review"]


def test_set_purchase_drops_guesses_that_are_not_of_the_product(owner: Customer, colleague: Actor) -> None:
    right, wrong = kit_parts(owner)[0], CoveredPartFactory()
    case = CaseFactory(customer=owner, matched=False, proposed_part_ids=[wrong.pk])
    after = opening.set_purchase(case.pk, invoice_id=None, unit_id=right.unit_id, actor=colleague, now=LATER)
    assert case.events.get(name="purchase_set").data["dropped"] == [wrong.pk]
    assert opening.missing_of(after) == ["part"]


def test_set_purchase_refuses_the_same_again_and_a_unit_of_another_invoice(colleague: Actor) -> None:
    case, other = CaseFactory(), CoveredPartFactory()
    with pytest.raises(Stale):
        opening.set_purchase(case.pk, invoice_id=case.invoice_id, unit_id=case.unit_id, actor=colleague, now=LATER)
    with pytest.raises(NotPossible, match="not sold on that invoice"):
        opening.set_purchase(case.pk, invoice_id=case.invoice_id, unit_id=other.unit_id, actor=colleague, now=LATER)


def test_set_purchase_is_refused_when_a_part_is_decided_on_it(reviewer: Actor) -> None:
    case, other = CaseFactory(state="approved", reviewer=reviewer), CoveredPartFactory()
    deciding.undo(case.pk, actor=reviewer, now=case.decided_at)
    with pytest.raises(NotPossible, match="decided already"):
        opening.set_purchase(case.pk, invoice_id=None, unit_id=other.unit_id, actor=reviewer, now=LATER)


def test_customer_cannot_set_the_purchase() -> None:
    part = CoveredPartFactory()
    with pytest.raises(NotAllowed):
        opening.set_purchase(CaseFactory(matched=False).pk, invoice_id=None, unit_id=part.unit_id, actor=US, now=LATER)


def test_claim_parts_begins_the_review_when_it_was_all_that_was_missing(owner: Customer) -> None:
    parts = kit_parts(owner)
    case = CaseFactory(customer=owner, parts=parts[:1], part_ids=[])
    assert opening.missing_of(case) == ["part"]
    after = opening.claim_parts(case.pk, part_ids=[parts[2].pk, parts[1].pk], actor=US, now=LATER)
    assert after.state == "evidence_review"
    assert case.events.get(name="claimed").data == {"parts": [parts[1].pk, parts[2].pk], "confirmed": True}


def test_claim_parts_makes_a_guess_sure(owner: Customer) -> None:
    parts = kit_parts(owner)
    case = CaseFactory(customer=owner, parts=parts[:1], part_ids=[], proposed_part_ids=[parts[0].pk])
    opening.claim_parts(case.pk, part_ids=[parts[0].pk], actor=US, now=LATER)
    assert case.claimed_parts.get().confirmed


def test_claim_parts_refuses_the_same_again_and_parts_of_somebody_else(owner: Customer) -> None:
    parts, stranger = kit_parts(owner), CoveredPartFactory()
    case = CaseFactory(customer=owner, parts=parts[:1], files=())
    with pytest.raises(Stale):
        opening.claim_parts(case.pk, part_ids=[parts[0].pk], actor=US, now=LATER)
    for part_ids in ([stranger.pk], [parts[1].pk, stranger.pk], [], [10**9]):
        with pytest.raises(NotPossible, match="Choose among the parts"):
            opening.claim_parts(case.pk, part_ids=part_ids, actor=US, now=LATER)
    assert case.claimed_parts.count() == 1


def test_claim_parts_lets_staff_name_a_part_that_is_not_ours_to_cover(owner: Customer, colleague: Actor) -> None:
    stranger = CoveredPartFactory()
    case = CaseFactory(customer=owner)
    opening.claim_parts(case.pk, part_ids=[stranger.pk], actor=colleague, now=LATER)
    assert case.claimed_parts.filter(part=stranger, confirmed=True).exists()


def test_confirm_claims_drops_the_other_guesses_when_told_to(owner: Customer) -> None:
    parts = kit_parts(owner)
    guesses = [part.pk for part in parts[:3]]
    case = CaseFactory(customer=owner, parts=parts[:1], part_ids=[], proposed_part_ids=guesses)
    first = opening.confirm_claims(case.pk, part_ids=guesses[:1], actor=US, now=LATER)
    assert (first.state, case.claimed_parts.count()) == ("submitted", 3)
    with pytest.raises(Stale):
        opening.confirm_claims(case.pk, part_ids=guesses[:1], actor=US, now=LATER)
    after = opening.confirm_claims(case.pk, part_ids=guesses[:1], drop_others=True, actor=US, now=LATER)
    assert (after.state, case.claimed_parts.get().part) == ("evidence_review", parts[0])


def test_confirm_claims_refuses_a_part_nobody_named(owner: Customer) -> None:
    parts = kit_parts(owner)
    case = CaseFactory(customer=owner, parts=parts[:1], files=())
    with pytest.raises(NotPossible, match="Choose among the parts named"):
        opening.confirm_claims(case.pk, part_ids=[parts[1].pk], actor=US, now=LATER)


def test_drop_claim_makes_the_part_missing_again_and_only_once(owner: Customer) -> None:
    parts = kit_parts(owner)
    case = CaseFactory(customer=owner, parts=parts[:1], files=())
    after = opening.drop_claim(case.pk, part_id=parts[0].pk, actor=US, now=LATER)
    assert "part" in opening.missing_of(after)
    with pytest.raises(Stale):
        opening.drop_claim(case.pk, part_id=parts[0].pk, actor=US, now=LATER)


# ── after a question ─────────────────────────────────────────────────────────────────────────────────────────────


def test_review_waits_for_something_new_after_a_question(colleague: Actor) -> None:
    case = CaseFactory(state="submitted")  # complete, but a sharper photo was asked for
    assert opening.missing_of(case) == []
    opening.describe(case.pk, description="As told on the phone.", actor=colleague, now=LATER)
    assert Case.objects.get(pk=case.pk).state == "submitted"
    opening.add_evidence(case.pk, files=[refused_file()], actor=US, now=LATER)
    assert Case.objects.get(pk=case.pk).state == "submitted"
    opening.add_evidence(case.pk, files=[photo(1)], actor=US, now=LATER)  # the same photo once more
    assert Case.objects.get(pk=case.pk).state == "submitted"


NEWS = [
    ("a_photo", lambda pk: opening.add_evidence(pk, files=[photo(2)], actor=US, now=LATER)),
    ("a_message", lambda pk: talking.receive_message(pk, text="Here.", actor=US, now=LATER)),
    ("other_words", lambda pk: opening.describe(pk, description="Since May.", actor=US, now=LATER)),
]


@pytest.mark.parametrize("news", [row[1] for row in NEWS], ids=[row[0] for row in NEWS])
def test_review_begins_by_itself_when_something_new_arrives_after_a_question(news: object) -> None:
    case = CaseFactory(state="submitted")
    news(case.pk)  # type: ignore[operator]
    assert Case.objects.get(pk=case.pk).state == "evidence_review"


def test_timeline_holds_no_personal_data(owner: Customer, colleague: Actor) -> None:
    case = CaseFactory(customer=owner, files=[photo(1)], acknowledge=False)
    talking.receive_message(case.pk, text="Call me: owner@example.com", sender_name="Owner", actor=US, now=LATER)
    told = str(list(CaseEvent.objects.filter(case=case).values_list("data", "why")))
    assert "owner" not in told.lower()


def test_bought_on_is_inside_the_cover_of_the_factories() -> None:
    assert BOUGHT_ON < RECEIVED_AT.date() < BOUGHT_ON + dt.timedelta(days=365)


def test_staff_factory_gives_exactly_the_role() -> None:
    assert not staff("").may("cases.handle_case")
    assert staff("support").may("cases.handle_case")
    assert not staff("support").may("cases.decide_case")
    assert staff("reviewer").may("cases.decide_case")
