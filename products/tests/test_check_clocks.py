"""check_clocks: every stored clock that says something else than its recomputed one is found, and can be repaired."""

import datetime as dt
import io
import json
from types import SimpleNamespace

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from products import clock_check
from products.models import CoveredPart, PauseWindow
from products.services import WindowData, set_pauses
from products.tests.factories import CoveredPartFactory, InvoiceFactory, parts_of

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> tuple[int, list[dict], str]:
    """Exit status, the JSON lines of standard output, and what was said to people."""
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command("check_clocks", *arguments, stdout=out, stderr=err)
        status = 0
    except CommandError as failure:
        status = failure.returncode
        err.write(str(failure))
    return status, [json.loads(line) for line in out.getvalue().splitlines()], err.getvalue()


@pytest.fixture
def part(now) -> CoveredPart:
    """A part whose one repair of 19 days is stored rightly: covered through 2026-03-22."""
    part = CoveredPartFactory(number="INV-1", serial="S-1")
    window = WindowData(dt.date(2025, 6, 11), dt.date(2025, 6, 29), "verified")
    set_pauses({part.pk: [window]}, source="tracking", cause="repair", now=now)
    return part


def spoil(part: CoveredPart, **columns) -> None:
    CoveredPart.objects.filter(pk=part.pk).update(**columns)


def test_clocks_that_agree_are_counted_and_nothing_is_printed(part: CoveredPart):
    InvoiceFactory()
    assert run() == (0, [], "6 clocks agree.\n")


def test_no_parts_at_all_agree():
    assert run() == (0, [], "0 clocks agree.\n")


@pytest.mark.parametrize(
    ("columns", "fields"),
    [
        ({"covered_through": "2026-03-23"}, ["covered_through"]),
        ({"covered_through": "2026-03-03", "extended_days": 0}, ["covered_through", "extended_days"]),
        ({"base_covered_through": "2026-03-01"}, ["base_covered_through"]),
        (
            {"covered_through": None, "extended_days": None, "paused_since": "2025-06-11"},
            ["covered_through", "extended_days", "paused_since"],
        ),
    ],
)
def test_clock_that_differs_is_printed_with_both_answers(part: CoveredPart, columns: dict, fields: list[str]):
    spoil(part, **columns)
    status, [line], words = run()
    assert (status, words) == (1, "1 of 1 clocks differ, 0 repaired.")
    assert (line["part"], line["invoice"], line["serial"]) == (part.pk, "INV-1", "S-1")
    assert (line["fields"], line["fixed"]) == (fields, False)
    assert {name: line["stored"][name] for name in columns} == columns
    assert line["computed"]["covered_through"] == "2026-03-22"


def test_fix_stores_what_was_recomputed_and_leaves_a_row(part: CoveredPart):
    spoil(part, covered_through="2027-01-01")
    status, [line], words = run("--fix")
    part.refresh_from_db()
    assert (status, line["fixed"], words) == (1, True, "1 of 1 clocks differ, 1 repaired.")
    assert part.covered_through == dt.date(2026, 3, 22)
    change = part.clock_changes.latest("pk")
    assert (change.cause, change.before["covered_through"]) == ("check_clocks --fix", "2027-01-01")
    assert run()[0] == 0


def test_window_written_past_the_service_is_noticed(part: CoveredPart):
    PauseWindow.objects.create(
        part=part, left_on=dt.date(2025, 8, 1), source="tracking", certainty="provisional", back_on=None
    )
    status, [line], _words = run("--fix")
    part.refresh_from_db()
    assert (status, line["computed"]["paused_since"]) == (1, "2025-08-01")
    assert (part.covered_through, part.paused_since) == (None, dt.date(2025, 8, 1))


def test_part_whose_dates_are_no_clock_is_reported_and_the_rest_looked_at(part: CoveredPart):
    other = CoveredPartFactory()
    spoil(part, starts_on="9999-06-01", base_covered_through="9999-12-31", covered_through="9999-12-31")
    spoil(other, covered_through="2027-01-01")
    status, [broken, wrong], _words = run("--fix")
    assert status == 1
    assert (broken["part"], broken["fixed"], "9999" in broken["error"]) == (part.pk, False, True)
    assert (wrong["part"], wrong["fixed"]) == (other.pk, True)


def test_every_chunk_is_looked_at(monkeypatch: pytest.MonkeyPatch, part: CoveredPart):
    monkeypatch.setattr(clock_check, "CHUNK", 2)
    spoiled = [parts_of(InvoiceFactory())[-1] for _invoice in range(3)]
    for wrong in spoiled:
        spoil(wrong, covered_through="2027-01-01")
    assert [chunk.size for chunk in clock_check.differing_clocks()] == [2] * 8
    assert [line["part"] for line in run()[1]] == [wrong.pk for wrong in spoiled]


def test_chunk_costs_three_queries_however_many_parts_and_pauses_it_has(part: CoveredPart):
    InvoiceFactory()
    with CaptureQueriesContext(connection) as queries:
        assert [chunk.size for chunk in clock_check.differing_clocks()] == [6]
    assert len(queries) == 4  # where the keys end; and for the chunk where it begins, its parts and their pauses
    assert not [query for query in queries if "FOR UPDATE" in query["sql"]]


def test_gap_in_the_keys_is_passed_over(monkeypatch: pytest.MonkeyPatch, part: CoveredPart):
    monkeypatch.setattr(clock_check, "CHUNK", 2)
    far = CoveredPart.objects.get(pk=part.pk)
    far.pk, far.position = part.pk + 1_000_000, 2
    far.save(force_insert=True)
    assert [chunk.size for chunk in clock_check.differing_clocks()] == [1, 1]
    assert [line["part"] for line in run()[1]] == [far.pk]  # it has its clock, but not the pause


def test_processes_are_at_least_one():
    with pytest.raises(CommandError) as failure:
        call_command("check_clocks", "--processes", "0")
    assert failure.value.returncode == 2


@pytest.mark.parametrize(
    ("vendor", "parts", "cores", "processes"),
    [
        ("postgresql", 1_000_000, 2, 2),
        ("postgresql", 1_000_000, 64, 4),
        ("postgresql", 1_000_000, None, 1),
        ("postgresql", 99_999, 8, 1),
        ("sqlite", 1_000_000, 8, 1),
    ],
)
def test_processes_fit_the_machine_and_the_work(monkeypatch: pytest.MonkeyPatch, vendor, parts, cores, processes):
    monkeypatch.setattr(clock_check, "connection", SimpleNamespace(vendor=vendor))
    monkeypatch.setattr(clock_check.os, "cpu_count", lambda: cores)
    assert clock_check.fitting_processes(parts) == processes
