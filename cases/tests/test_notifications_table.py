"""What holds for every mail, in every language."""

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.template.loader import get_template

from cases import notifications
from cases.models import Case, CaseEvent, OutgoingMail
from cases.models.case import State
from cases.notifications import NOTICES, notify
from cases.tests.factories import (
    REVIEWED_AT,
    CaseFactory,
)

pytestmark = pytest.mark.django_db


def _opened(**given: Any) -> Case:
    return CaseFactory(acknowledge=True, **given)


def test_same_event_is_one_mail_when_it_is_told_twice() -> None:
    case = _opened()
    event = CaseEvent.objects.get(case=case, kind="opened")
    notify(event)
    notify(event)
    assert OutgoingMail.objects.count() == 1


def test_every_transition_is_in_the_table_or_silent_on_purpose() -> None:
    from cases.rules.lifecycle import TRANSITIONS

    silent = {"begin_review", "undo", "reopen", "reopen_return"}
    told = {name for kind, name in NOTICES if kind == CaseEvent.Kind.TRANSITION}
    assert told | silent == set(TRANSITIONS)
    assert not told & silent


def test_every_kind_of_mail_has_its_templates_when_the_table_names_it() -> None:
    folder = Path(django_settings.BASE_DIR) / "templates" / "mail"
    kinds = {notice.mail for notice in NOTICES.values()}
    for kind in kinds:
        get_template(f"mail/{kind}.txt")
        get_template(f"mail/{kind}.subject.txt")
    names = {path.name.split(".")[0] for path in folder.iterdir() if not path.name.startswith("_")}
    assert names == kinds, "no template without its event"


INTERNAL = ["evidence_review", "in_repair", "submitted", "denied", "void", "invalid", "None", "{{", "{%", "&#", "&amp;"]


def _every_mail(case_with: Callable[..., Case]) -> list[OutgoingMail]:
    for state, resolution in itertools.product(
        (State.RETURNED, State.DENIED, State.WITHDRAWN), ("repair", "replacement")
    ):
        case_with(state=state, resolution=resolution)
    case_with(state=State.SUBMITTED, files=[])
    case_with(state=State.SUBMITTED)
    return list(OutgoingMail.objects.all())


@pytest.mark.parametrize("language", [code for code, _ in django_settings.LANGUAGES])
def test_mail_reads_like_a_letter_when_it_is_written_in_any_language(language: str) -> None:
    mails = _every_mail(lambda **given: _opened(language=language, **given))
    assert {mail.kind for mail in mails} >= {
        "acknowledgement",
        "decision",
        "returned",
        "withdrawn",
        "information_request",
    }
    for mail in mails:
        assert mail.language == language
        for word in INTERNAL:
            assert word not in mail.body + mail.subject, f"{mail.kind}: {word}"
        assert "\n\n\n" not in mail.body
        assert not any(line != line.rstrip() for line in mail.body.splitlines())
        assert mail.case is not None
        assert mail.subject.startswith(mail.case.reference)
        assert len(mail.subject) < 80


def test_language_of_the_desk_is_untouched_when_a_mail_is_in_another() -> None:
    from django.utils.translation import get_language

    before = get_language()
    _opened(language="de")
    assert get_language() == before


def test_table_is_the_only_way_when_an_event_has_no_mail() -> None:
    case = CaseFactory()
    event = CaseEvent.objects.create(case=case, at=REVIEWED_AT, kind="assigned", name="assigned", actor_kind="system")
    notifications.notify(event)
    assert not OutgoingMail.objects.exists()
