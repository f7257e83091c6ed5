"""Every state × every transition, through the verbs of the desk: it works with everything met, or leaves no trace."""

from __future__ import annotations

import ast
import datetime as dt
import logging
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django_fsm import TransitionNotAllowed

from cases.actors import Actor
from cases.errors import NotPossible, Stale
from cases.models import Case, CaseEvent, ClaimedPart, Message, OutgoingMail
from cases.models.case import State
from cases.rules.lifecycle import TRANSITIONS
from cases.services import deciding, repairing
from cases.tests.factories import (
    ARRIVED,
    DECIDED_AT,
    DELIVERED,
    CaseFactory,
    judge,
    judge_all,
    lead_to,
    record_serials,
)
from products.models import CoveredPart, PartVoid
from products.tests.factories import InvoiceFactory, parts_of

pytestmark = pytest.mark.django_db
AT_ONCE = DECIDED_AT + dt.timedelta(seconds=5)

VERBS: dict[str, Callable[[int, Actor], Case]] = {
    "begin_review": lambda pk, by: deciding.begin_review(pk, why="Told on the phone", actor=by, now=AT_ONCE),
    "request_information": lambda pk, by: deciding.request_information(
        pk, missing=["evidence"], words="Another photo, please.", actor=by, now=AT_ONCE
    ),
    "approve": lambda pk, by: deciding.approve(pk, actor=by, now=AT_ONCE),
    "deny": lambda pk, by: deciding.deny(pk, actor=by, now=AT_ONCE),
    "undo": lambda pk, by: deciding.undo(pk, actor=by, now=AT_ONCE),
    "reopen": lambda pk, by: deciding.reopen(pk, why="It is the other motor", actor=by, now=AT_ONCE),
    "start_repair": lambda pk, by: repairing.start_repair(pk, proof=ARRIVED, actor=by, now=AT_ONCE),
    "send_back": lambda pk, by: repairing.send_back(pk, proof=DELIVERED, actor=by, now=AT_ONCE),
    "deliver_replacement": lambda pk, by: repairing.deliver_replacement(pk, proof=DELIVERED, actor=by, now=AT_ONCE),
    "return_unrepaired": lambda pk, by: repairing.return_unrepaired(
        pk, why="Burnt through", beyond_repair=True, proof=DELIVERED, actor=by, now=AT_ONCE
    ),
    "reopen_return": lambda pk, by: repairing.reopen_return(pk, why="Refused at the door", actor=by, now=AT_ONCE),
    "withdraw": lambda pk, by: deciding.withdraw(pk, reason="not_a_request", actor=by, now=AT_ONCE),
}


def ready(state: str, name: str, reviewer: Actor) -> Case:
    """A case of two parts in that state, with everything met that this transition asks for."""
    case = CaseFactory(parts=parts_of(InvoiceFactory())[:2], state="evidence_review")
    resolution = "replacement" if (state, name) == ("approved", "deliver_replacement") else "repair"
    if name != "deny":
        judge(case.claimed_parts.last(), reviewer, deny="improper_use")  # type: ignore[arg-type]
    if state == "evidence_review":
        judge_all(case, reviewer, deny="improper_use" if name == "deny" else "")
    lead_to(case, state, reviewer=reviewer, resolution=resolution)
    if state == "approved" and resolution == "replacement":
        record_serials(case, reviewer)
    return Case.objects.get(pk=case.pk)


def everything(case: Case) -> dict[str, Any]:
    """All that a refused transition could have touched."""
    return {
        "case": Case.objects.filter(pk=case.pk).values().get(),
        "claims": list(ClaimedPart.objects.filter(case=case).order_by("pk").values()),
        "events": CaseEvent.objects.filter(case=case).count(),
        "messages": Message.objects.filter(case=case).count(),
        "mails": list(OutgoingMail.objects.filter(case=case).order_by("pk").values_list("pk", "status")),
        "voids": list(PartVoid.objects.order_by("pk").values()),
        "serials": list(CoveredPart.objects.order_by("pk").values_list("pk", "serial")),
    }


@pytest.mark.parametrize(
    ("state", "name"), [(state, name) for name, rule in TRANSITIONS.items() for state in rule.sources]
)
def test_transition_works_from_each_of_its_states(state: str, name: str, reviewer: Actor) -> None:
    rule, case = TRANSITIONS[name], ready(state, name, reviewer)
    after = VERBS[name](case.pk, reviewer)
    assert after.state == rule.target
    event = case.events.order_by("id").last()
    assert event is not None
    assert (event.kind, event.name, event.from_state, event.to_state) == ("transition", name, state, rule.target)
    assert (event.actor, event.at) == (reviewer.user, AT_ONCE)


@pytest.mark.parametrize("state", State.values)
def test_transition_leaves_no_trace_in_any_other_state(
    state: str, reviewer: Actor, caplog: pytest.LogCaptureFixture
) -> None:
    """All of them on one case, which each has to leave as it was."""
    case = ready(state, "approve", reviewer)
    before, others = everything(case), [name for name, rule in TRANSITIONS.items() if state not in rule.sources]
    assert others
    for name in others:
        caplog.clear()
        with caplog.at_level(logging.WARNING), pytest.raises(NotPossible) as refused:
            VERBS[name](case.pk, reviewer)
        assert everything(case) == before, name
        assert [one.code for one in refused.value.unmet] == ["state"], name
        assert isinstance(refused.value, Stale) == (state == TRANSITIONS[name].target), name
        told = [line.getMessage() for line in caplog.records if line.name == "cases.services._transition"]
        assert told == [f"refused: case={case.reference} doing={name} codes=state"]


def test_state_cannot_be_set_by_hand() -> None:
    case = CaseFactory()
    with pytest.raises(AttributeError, match="Direct state modification"):
        case.state = State.APPROVED


def test_machine_refuses_a_path_that_does_not_exist() -> None:
    case = CaseFactory()
    with pytest.raises(TransitionNotAllowed):
        case.send_back()


def test_database_refuses_a_state_nobody_knows() -> None:
    case = CaseFactory()
    with pytest.raises(IntegrityError), transaction.atomic():
        Case.objects.filter(pk=case.pk).update(state="teleported")


def test_event_cannot_be_changed_or_deleted() -> None:
    event = CaseFactory().events.first()
    assert event is not None
    with pytest.raises(TypeError):
        event.save()
    with pytest.raises(TypeError):
        event.delete()


def test_transition_is_undone_as_a_whole_when_something_fails_half_way(
    reviewer: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The mail cannot be written: then nothing was decided, nothing voided, nothing recorded."""
    case = ready("evidence_review", "approve", reviewer)
    before = everything(case)

    def fail(*_args: Any, **_given: Any) -> None:
        raise OSError("no room left")

    monkeypatch.setattr("cases.notifications.notify", fail)
    with pytest.raises(OSError, match="no room left"):
        deciding.approve(case.pk, actor=reviewer, now=AT_ONCE)
    assert everything(case) == before


def test_only_the_one_path_calls_the_machine() -> None:
    """No source file calls a transition of the model: the one path does, by name, after the rule allowed it."""
    callers = [
        f"{path.relative_to(settings.BASE_DIR)}:{node.lineno} {node.func.attr}"
        for path, text in sources()
        if any(name in text for name in TRANSITIONS)
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        and node.func.attr in TRANSITIONS and not node.args and not node.keywords
    ]  # fmt: skip
    assert callers == []


def test_no_source_file_writes_the_state_past_the_machine() -> None:
    """`update(state=…)` and the constructor would go past it; nobody uses them for a case."""
    writers = [
        f"{path.relative_to(settings.BASE_DIR)}:{node.lineno}"
        for path, text in sources()
        if re.search(r"\bstate\s*=", text)
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call) and is_writer(node) and any(word.arg == "state" for word in node.keywords)
    ]
    assert writers == []


def is_writer(call: ast.Call) -> bool:
    name = getattr(call.func, "attr", getattr(call.func, "id", ""))
    return name in {"update", "create", "bulk_create", "get_or_create", "update_or_create", "Case"}


def sources() -> list[tuple[Path, str]]:
    folders = ["cases", "shipments", "warrantydesk", "products"]
    return [
        (path, path.read_text(encoding="utf-8"))
        for folder in folders
        for path in sorted((settings.BASE_DIR / folder).rglob("*.py"))
        if "tests" not in path.parts and "migrations" not in path.parts
    ]


def test_row_is_locked_before_it_is_read(reviewer: Actor, django_assert_max_num_queries: Any) -> None:
    if not connection.features.has_select_for_update:
        # SQLite takes the lock of the whole file at BEGIN instead: settings/database.py asks for it.
        assert settings.DATABASES["default"]["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
        return
    case = ready("evidence_review", "approve", reviewer)
    with django_assert_max_num_queries(100) as queries:
        deciding.approve(case.pk, actor=reviewer, now=AT_ONCE)
    reads = [query["sql"] for query in queries if 'FROM "cases_case"' in query["sql"]]
    assert "FOR UPDATE OF" in reads[0]
