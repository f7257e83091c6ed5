"""The vocabulary of the timeline, as `cases.services` promises it to whoever reads events."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.db.models import Q

import cases.services
from cases.actors import Actor
from cases.links import mint
from cases.models import Case, CaseEvent, CaseLink, Evidence
from cases.models.case import State
from cases.rules.lifecycle import TRANSITIONS
from cases.services import (
    deciding,
    guarding,
    linking,
    opening,
    picturing,
    repairing,
    speaking,
    tagging,
    talking,
    unsaying,
    workshop,
)
from cases.tests.factories import DECIDED_AT, CaseFactory, photo, quote, refused_file
from products.models import CoveredPart
from products.tests.factories import InvoiceFactory, ProductFactory, parts_of

pytestmark = pytest.mark.django_db
LATER = DECIDED_AT + dt.timedelta(seconds=5)
GIVEN_BY_CALLER = "(given by the caller)"


def promised() -> dict[tuple[str, str], set[str]]:
    """(kind, name) → the keys of its data, from the table in the docstring."""
    rows = {}
    for line in (cases.services.__doc__ or "").splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if len(cells) != 3 or cells[0] in ("kind", "") or set(cells[0]) == {"-"}:
            continue
        kind, names, data = cells
        without_notes = re.sub(r"\([^)]*\)|\[[^\]]*\]|\{[^}]*\}|;.*", "", data)
        keys = {key.split()[0] for key in without_notes.split(",") if key.strip()}
        for name in names.split(", "):
            rows[kind, name] = {GIVEN_BY_CALLER} if data == GIVEN_BY_CALLER else keys
    return rows


def live_a_little(colleague: Actor, reviewer: Actor) -> None:
    """Every verb that leaves a row, at least once."""
    for state in State.values:
        CaseFactory(state=state)
    CaseFactory(state="returned", resolution="replacement")
    deciding.reopen(CaseFactory(state="denied").pk, why="Appeal", actor=colleague, now=LATER)
    deciding.undo(CaseFactory(state="denied", reviewer=reviewer).pk, actor=reviewer, now=LATER)
    repairing.reopen_return(CaseFactory(state="returned").pk, why="Moved on", actor=colleague, now=LATER)
    _complete_one(colleague, parts_of(InvoiceFactory()))
    review = CaseFactory(files=[photo(1)])
    claim = review.claimed_parts.get()
    deciding.decide_part(claim.pk, verdict="denied", reason_code="improper_use", actor=reviewer, now=LATER)
    deciding.clear_verdict(claim.pk, actor=reviewer, now=LATER)
    talking.add_note(review.pk, text="Hm.", actor=colleague, now=LATER)
    talking.write_to_customer(review.pk, text="Soon.", actor=colleague, now=LATER)
    talking.receive_message(review.pk, text="When?", actor=Actor.customer(), now=LATER)
    talking.assign(review.pk, user=colleague.user, actor=colleague, now=LATER)
    _take_out_a_message(review, colleague)
    _sort_and_speak(review, colleague)
    _work_on(CaseFactory(state="in_repair"), colleague)
    _look_after_a_file(CaseFactory(files=[photo(2)]), colleague)
    approved = CaseFactory(state="approved")
    quote(approved, answer="declined")
    for _twice in range(2):
        repairing.plan_unrepaired_return(approved.pk, why="Too dear", actor=colleague, now=LATER)
        repairing.drop_unrepaired_return(approved.pk, why="A discount", actor=colleague, now=LATER)
    repairing.note_shipment(approved.pk, name="booked", data={"shipment": 1}, actor=colleague, now=LATER)
    guarding.forget_mail(CaseFactory(state="denied").pk, received=[1], now=LATER)
    for returned in (True, False):
        repairing.tell_clock(approved.pk, changes=[], returned=returned, actor=colleague, now=LATER)
    repairing.plan_unrepaired_return(approved.pk, why="Too dear", actor=colleague, now=LATER)
    home = repairing.Proof("staff", "Collected.")
    repairing.close_on_delivery(approved.pk, proof=home, actor=Actor.system(), now=LATER)


def _sort_and_speak(case: Case, colleague: Actor) -> None:
    tag = tagging.tag_case(case.pk, name="Batch 2506", actor=colleague, now=LATER)
    tagging.untag_case(case.pk, tag_id=tag.pk, actor=colleague, now=LATER)
    speaking.choose_language(case.pk, language="ja", actor=Actor.customer(), now=LATER)
    mint(case, CaseLink.Kind.PORTAL, case.customer.email, None, LATER)
    linking.revoke_links(case.pk, actor=colleague, now=LATER)


def _work_on(case: Case, colleague: Actor) -> None:
    """At the bench: what was found, and a part that was built in and taken out again."""
    claim = case.claimed_parts.get()
    workshop.report_repair(claim.pk, found="A worn belt.", done="A new one.", test="passed", actor=colleague, now=LATER)
    used = workshop.use_part(claim.pk, article=ProductFactory().sku, actor=colleague, now=LATER)
    workshop.take_back_part(used.pk, actor=colleague, now=LATER)


def _take_out_a_message(case: Case, colleague: Actor) -> None:
    stray = talking.receive_message(case.pk, text="Another case.", files=[photo(3)], actor=Actor.customer(), now=LATER)
    unsaying.take_out_message(stray.pk, why="Not theirs", actor=colleague, now=LATER)


def _look_after_a_file(case: Case, colleague: Actor) -> None:
    """Everything that is said of a file, until a virus is found in it and all is erased."""
    file = case.evidence.get()
    for shows in (True, False):
        picturing.mark_fault(file.pk, shows=shows, actor=colleague, now=LATER)
    picturing.note_picture(file.pk, text="The left bearing.", actor=colleague, now=LATER)
    picturing.turn_picture(file.pk, rotation=90, actor=colleague, now=LATER)
    case.evidence.update(status=Evidence.Status.FAILED)
    picturing.look_again(file.pk, actor=colleague, now=LATER)
    for trouble in (Evidence.Trouble.MISSING, ""):
        guarding.note_trouble(file.pk, trouble, now=LATER)
    guarding.quarantine_file(file.pk, virus="Eicar-Signature", now=LATER)
    guarding.erase_evidence(case.pk, why="Asked for", actor=Actor.system(), now=LATER)


def _complete_one(colleague: Actor, parts: list[CoveredPart]) -> None:
    """A case that begins with nothing and is put right step by step."""
    case = CaseFactory(matched=False, files=[refused_file()], description="", proposed_part_ids=[parts[2].pk])
    opening.set_purchase(case.pk, invoice_id=None, unit_id=parts[0].unit_id, actor=colleague, now=LATER)
    opening.confirm_claims(case.pk, part_ids=[parts[2].pk], actor=colleague, now=LATER)
    opening.claim_parts(case.pk, part_ids=[parts[0].pk], actor=colleague, now=LATER)
    opening.drop_claim(case.pk, part_id=parts[0].pk, actor=colleague, now=LATER)
    opening.describe(case.pk, description="It stopped.", actor=colleague, now=LATER)


def test_every_row_of_the_timeline_is_promised_with_exactly_its_keys(colleague: Actor, reviewer: Actor) -> None:
    live_a_little(colleague, reviewer)
    rows, seen = promised(), set()
    # What becomes of mails is told by the outbox, all but the end of a link and of a mail's words.
    for event in CaseEvent.objects.exclude(Q(kind="mail") & ~Q(name__in=["links_revoked", "forgotten"])):
        name = GIVEN_BY_CALLER if event.kind == "shipment" else event.name
        assert (event.kind, name) in rows
        seen.add((event.kind, name))
        if rows[event.kind, name] != {GIVEN_BY_CALLER} and (event.kind, name) != ("transition", "begin_review"):
            assert set(event.data) == rows[event.kind, name], (event.kind, name)
    assert seen == set(rows)
    assert {name for kind, name in rows if kind == "transition"} == set(TRANSITIONS)
