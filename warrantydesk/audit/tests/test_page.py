"""The managers' page: what is asked is what is shown, in pages by key, with no query a row; and the CSV."""

import csv
import datetime as dt
import io
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cases.tests.factories import CaseFactory, StaffFactory
from products.auditing import put_on_record
from warrantydesk.audit.models import AuditEntry
from warrantydesk.audit.reading import PAGE_SIZE
from warrantydesk.audit.reading import _facts as facts_in_words
from warrantydesk.audit.tests.trail import mark, written_since

pytestmark = pytest.mark.django_db
PAGE = "/desk/audit/"


@pytest.fixture
def manager(desk: Callable) -> Client:
    return desk("manager", name="=Mara Manager")


def shown(client: Client, **asked: str) -> list[AuditEntry]:
    answer = client.get(PAGE, asked)
    assert answer.status_code == 200
    return [row.entry for row in answer.context["page"].rows]


def test_each_question_is_answered_by_its_entries_alone(manager: Client) -> None:
    case, rita, before = CaseFactory(), StaffFactory(), mark()
    put_on_record("evidence.opened", "case", case.pk, who="staff", person=rita.pk)
    put_on_record("case.approve", "case", case.pk, who="staff", person=manager.person.pk)
    put_on_record("part.voided", "part", 4711, who="system")
    put_on_record("export.my_data", "case", case.pk, who="customer")
    opened, approved, voided, taken = written_since(before)
    today = timezone.localdate().isoformat()
    for asked, answered in (
        ({"by": str(rita.pk)}, {opened}),
        ({"by": "customer", "object": case.reference}, {taken}),
        ({"what": "evidence.*", "object": case.reference.lower()}, {opened}),
        ({"what": "case.approve", "by": str(manager.person.pk)}, {approved}),
        ({"object": "part 4711"}, {voided}),
        ({"object": "part:4711", "from": today, "to": today}, {voided}),
        ({"object": "part 4711", "to": "2020-01-01"}, set()),
    ):
        found = shown(manager, **asked)
        assert {entry.pk for entry in found if entry.pk > before} == {entry.pk for entry in answered}, asked


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"object": "WD-ZZZZ-Z"}, "Write the reference of a case"),
        ({"object": "part four"}, "Write the reference of a case"),
        ({"from": "2026-02-30"}, "There is no such day"),
        ({"from": "2026-03-02", "to": "2026-03-01"}, "swap them"),
        ({"by": "\x00"}, "not one of the available choices"),
        ({"before": "yesterday~x"}, "Audit trail"),
    ],
    ids=["no reference", "no number", "no day", "days swapped", "nobody", "a place made up"],
)
def test_what_cannot_be_asked_is_said_and_what_was_typed_stays(manager: Client, asked: dict, says: str) -> None:
    page = manager.get(PAGE, asked)
    assert page.status_code == 200
    assert says in page.content.decode()
    if "before" not in asked:
        assert manager.get(f"{PAGE}export/", asked).status_code == 422


def test_pages_hang_on_keys_and_ask_no_more_for_more_rows(manager: Client) -> None:
    case, people = CaseFactory(), [StaffFactory() for _ in range(3)]
    about = {"object": case.reference, "what": "evidence.opened"}

    def look() -> tuple[list[AuditEntry], str, int]:
        with CaptureQueriesContext(connection) as queries:
            answer = manager.get(PAGE, about)
        return [row.entry for row in answer.context["page"].rows], answer.context["page"].before, len(queries)

    put_on_record("evidence.opened", "case", case.pk, who="staff", person=people[0].pk)
    look()
    few = look()
    for number in range(PAGE_SIZE + 9):
        put_on_record("evidence.opened", "case", case.pk, who="staff", person=people[number % 3].pk)
    first, before, queries = look()
    assert queries == few[2]
    rest = shown(manager, **about, before=before)
    assert (len(first), len(rest)) == (PAGE_SIZE, 10)
    keys = [entry.pk for entry in [*first, *rest]]
    assert keys == sorted(keys, reverse=True)
    assert len(set(keys)) == PAGE_SIZE + 10


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        ({"from": "submitted", "to": "withdrawn", "reason": ""}, [("state", "submitted → withdrawn")]),
        ({"from": "", "to": "ja"}, [("state", "– → ja")]),
        ({"before": {"is_staff": True}, "after": {"is_staff": False}}, [("is staff", "yes → no")]),
        ({"before": {}, "after": {"delivered_on": "2026-03-02"}}, [("delivered on", "– → 2026-03-02")]),
        (
            {"changes": [{"part": 3, "before": "2026-03-02", "after": None}]},
            [("changes", "part 3, day 2026-03-02 → –")],
        ),
        ({"parts": [1, 2], "files": [], "first": None}, [("parts", "1, 2")]),
        ({"to": "x"}, [("to", "x")]),
    ],
    ids=["states", "from nothing", "rights", "days", "clocks", "what says nothing", "half a pair"],
)  # fmt: skip
def test_facts_are_told_in_one_line(facts: dict, told: list) -> None:
    assert list(facts_in_words(facts)) == told


def test_row_tells_names_states_and_the_way_to_the_object(manager: Client) -> None:
    case = CaseFactory()
    facts = {"from": "evidence_review", "to": "approved", "before": {"is_staff": True}, "after": {"is_staff": False}}
    put_on_record("case.approve", "case", case.pk, who="staff", person=manager.person.pk, facts=facts)
    page = manager.get(PAGE, {"object": case.reference, "what": "case.approve"}).content.decode()
    for words in ("Approved", "=Mara Manager", "evidence_review → approved", "yes → no"):
        assert words in page
    assert f'href="/desk/cases/{case.reference}/"' in page
    # And back from the case.
    assert f'href="{PAGE}?object={case.reference}"' in manager.get(f"/desk/cases/{case.reference}/").content.decode()


def test_export_is_harmless_bounded_and_itself_on_record(manager: Client, desk: Callable, settings) -> None:
    case, before = CaseFactory(), mark()
    put_on_record("case.approve", "case", case.pk, who="staff", person=manager.person.pk)
    settings.LIMITS = {"export": (1, 3600)}
    answer = manager.get(f"{PAGE}export/", {"object": case.reference, "what": "case.approve"})
    rows = list(csv.DictReader(io.StringIO(answer.getvalue().decode("utf-8-sig"))))
    assert [(row["by"], row["what"], row["about"]) for row in rows] == [
        ("'=Mara Manager", "case.approve", case.reference)
    ]
    entry = written_since(before)[-1]
    assert (entry.verb, entry.person, entry.facts["key"]) == ("export.audit", manager.person.pk, case.pk)
    assert manager.get(f"{PAGE}export/").status_code == 429
    assert desk("reviewer").get(f"{PAGE}export/").status_code == 403


def test_page_says_when_nothing_is_sealed_for_long(manager: Client) -> None:
    assert "wait for their seal" not in manager.get(PAGE).content.decode()
    AuditEntry.objects.create(at=timezone.now() - dt.timedelta(hours=1), who="system", verb="x", kind="case")
    assert "wait for their seal" in manager.get(PAGE).content.decode()
