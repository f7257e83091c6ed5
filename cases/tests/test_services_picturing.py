"""What the staff say about a file: each once, by whom it may be said, and with a row of the timeline."""

from typing import Any

import pytest
from django.core import mail

from cases.actors import Actor
from cases.errors import NotAllowed, NotPossible, Stale
from cases.models import Case, CaseEvent, Evidence, OutgoingMail
from cases.services import picturing, talking
from cases.tests.factories import DECIDED_AT as NOW
from cases.tests.factories import CaseFactory, photo, refused_file

pytestmark = pytest.mark.django_db

VERBS = [
    ("marked", picturing.mark_fault, {"shows": True}, {"shows_fault": True}),
    ("annotated", picturing.note_picture, {"text": "  The left bearing.  "}, {"note": "The left bearing."}),
    ("turned", picturing.turn_picture, {"rotation": 270}, {"rotation": 270}),
]
each_verb = pytest.mark.parametrize(("name", "verb", "given", "after"), VERBS, ids=[row[0] for row in VERBS])


@pytest.fixture
def case() -> Case:
    return CaseFactory(files=[photo(1), refused_file()])


@pytest.fixture
def file(case: Case) -> Evidence:
    return case.evidence.get(status="pending")


@each_verb
def test_file_says_it_and_the_timeline_too(
    file: Evidence, colleague: Actor, name: str, verb: Any, given: dict[str, Any], after: dict[str, Any]
) -> None:
    verb(file.pk, **given, actor=colleague, now=NOW)
    assert Evidence.objects.filter(pk=file.pk, **after).exists()
    event = CaseEvent.objects.latest("pk")
    assert (event.kind, event.name, event.data["file"], event.actor) == ("evidence", name, file.pk, colleague.user)


@each_verb
def test_nothing_happens_when_it_is_said_twice(
    file: Evidence, colleague: Actor, name: str, verb: Any, given: dict[str, Any], after: dict[str, Any]
) -> None:
    verb(file.pk, **given, actor=colleague, now=NOW)
    events = CaseEvent.objects.count()
    with pytest.raises(Stale):
        verb(file.pk, **given, actor=colleague, now=NOW)
    assert CaseEvent.objects.count() == events


@each_verb
@pytest.mark.parametrize("who", ["outsider", "customer"])
def test_it_is_not_said_by_those_who_may_not(
    request: pytest.FixtureRequest, file: Evidence, who: str, name: str, verb: Any, given: Any, after: Any
) -> None:
    actor = Actor.customer() if who == "customer" else request.getfixturevalue(who)
    with pytest.raises(NotAllowed):
        verb(file.pk, **given, actor=actor, now=NOW)
    assert not Evidence.objects.filter(pk=file.pk, **after).exists()


@each_verb
def test_it_is_not_said_of_a_file_that_was_not_kept(
    case: Case, colleague: Actor, name: str, verb: Any, given: Any, after: Any
) -> None:
    with pytest.raises(NotPossible, match="not kept"):
        verb(case.evidence.get(status="refused").pk, **given, actor=colleague, now=NOW)


def test_mark_and_note_are_taken_away_again(file: Evidence, colleague: Actor) -> None:
    picturing.mark_fault(file.pk, shows=True, actor=colleague, now=NOW)
    picturing.note_picture(file.pk, text="Hm", actor=colleague, now=NOW)
    picturing.mark_fault(file.pk, shows=False, actor=colleague, now=NOW)
    picturing.note_picture(file.pk, text=" ", actor=colleague, now=NOW)
    assert Evidence.objects.filter(pk=file.pk, shows_fault=False, note="").exists()
    assert list(CaseEvent.objects.order_by("pk").values_list("name", flat=True))[-2:] == ["unmarked", "annotated"]


@pytest.mark.parametrize("rotation", [-90, 45, 360])
def test_picture_is_not_turned_when_it_is_no_quarter(file: Evidence, colleague: Actor, rotation: int) -> None:
    with pytest.raises(NotPossible):
        picturing.turn_picture(file.pk, rotation=rotation, actor=colleague, now=NOW)


def test_note_is_refused_with_its_length_when_it_is_too_long(file: Evidence, colleague: Actor) -> None:
    with pytest.raises(NotPossible, match="2001 characters; it may have 2000"):
        picturing.note_picture(file.pk, text="x" * 2001, actor=colleague, now=NOW)


def test_case_keeps_its_place_in_the_queue_when_a_picture_is_only_turned(
    case: Case, file: Evidence, colleague: Actor
) -> None:
    picturing.turn_picture(file.pk, rotation=90, actor=colleague, now=NOW)
    assert Case.objects.get(pk=case.pk).changed_at == case.changed_at
    picturing.mark_fault(file.pk, shows=True, actor=colleague, now=NOW)
    assert Case.objects.get(pk=case.pk).changed_at == NOW


def test_file_is_looked_at_again_when_that_had_failed(file: Evidence, colleague: Actor) -> None:
    with pytest.raises(Stale):
        picturing.look_again(file.pk, actor=colleague, now=NOW)
    Evidence.objects.filter(pk=file.pk).update(status="failed", work_failures=4, work_claimed_at=NOW)
    picturing.look_again(file.pk, actor=colleague, now=NOW)
    assert Evidence.objects.filter(pk=file.pk, status="pending", work_failures=0, work_claimed_at=None).exists()
    assert CaseEvent.objects.latest("pk").name == "looked_again"


# ── Shown to the customer again ──────────────────────────────────────────────────────────────────────────────────


def test_mail_names_the_picture_when_one_is_sent_along(case: Case, file: Evidence, colleague: Actor) -> None:
    Evidence.objects.filter(pk=file.pk).update(status="ready", name="IMG 2291; www.evil.example.jpg")
    message = talking.write_to_customer(case.pk, text="This one?", enclosed=[file.pk], actor=colleague, now=NOW)
    assert list(message.enclosures.all()) == [file]
    body = OutgoingMail.objects.get(message=message).body
    assert "With this message comes a picture, which you see on your private page:\n- IMG 2291" in body
    assert "www.evil.example" not in body
    assert not mail.outbox


def test_mail_is_as_ever_when_nothing_is_sent_along(case: Case, colleague: Actor) -> None:
    message = talking.write_to_customer(case.pk, text="Hello.", actor=colleague, now=NOW)
    assert "private page:\n-" not in OutgoingMail.objects.get(message=message).body


@pytest.mark.parametrize("which", ["pending", "refused", "of_another_case", "unknown"])
def test_nothing_is_sent_when_the_picture_cannot_be_shown(case: Case, colleague: Actor, which: str) -> None:
    pk = {
        "pending": case.evidence.get(status="pending").pk,
        "refused": case.evidence.get(status="refused").pk,
        "of_another_case": CaseFactory().evidence.get().pk,
        "unknown": 10**9,
    }[which]
    Evidence.objects.exclude(case=case).update(status="ready")
    with pytest.raises(NotPossible, match="cannot be sent"):
        talking.write_to_customer(case.pk, text="This one?", enclosed=[pk], actor=colleague, now=NOW)
    assert not case.messages.filter(direction="out").exists()
