"""Reports as files and on the terminal: what they hold, that no cell is a formula, and what a wrong question gets."""

import csv
import io
import json
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from openpyxl import load_workbook

from cases.tests.factories import CaseFactory, StaffFactory
from products.tests.factories import CoveredPartFactory, ProductFactory
from warrantydesk.reports.answer import Answer
from warrantydesk.reports.exports import jobs
from warrantydesk.reports.exports.csv_file import csv_lines
from warrantydesk.reports.exports.xlsx_file import write_xlsx
from warrantydesk.reports.kept import ExportJob
from warrantydesk.reports.registry import REPORTS
from warrantydesk.reports.tables import COUNT, MONEY, TEXT, Column, Money, Row, Table
from warrantydesk.reports.tests.nasty import asked

NASTY = ["=1+1", "+1", "-1+2", "@SUM(A1)", "\tx", "\rx"]


@pytest.fixture
def answer() -> Answer:
    columns = (Column("Name"), Column("Number", COUNT), Column("Amount", MONEY), Column("Word", TEXT))
    rows = [Row((words, -3, Money(Decimal("1.50"), "EUR"), words)) for words in NASTY]
    table = Table("t", "=Title", columns, rows, "meaning", "=formula", total=Row(("All", -18)))
    return Answer(REPORTS["overview"], asked(), [table, table])


def test_no_cell_of_a_csv_is_a_formula(answer: Answer):
    rows = list(csv.reader(io.StringIO("".join(csv_lines(answer)).removeprefix("\ufeff"), newline="")))
    cells = [cell for row in rows for cell in row]
    assert [row[1] for row in rows[1:7]] == [f"'{words}" for words in NASTY]
    assert {cell for cell in cells if cell.startswith(("=", "+", "@", "\t", "\r"))} == set()
    assert rows[1][2] == "-3"  # a number is a number, also a negative one


def test_no_cell_of_an_xlsx_is_a_formula(answer: Answer):
    file, told = io.BytesIO(), []
    write_xlsx(answer, file, told.append)
    book = load_workbook(io.BytesIO(file.getvalue()))
    cells = [cell for sheet in book for row in sheet for cell in row]
    assert all(cell.data_type != "f" for cell in cells)
    assert len({sheet.title for sheet in book}) == 3
    assert book.worksheets[0]["C2"].value == 1.5
    assert sum(told) == 14


@pytest.fixture
def one_case(db) -> None:
    CaseFactory(part=CoveredPartFactory(product=ProductFactory(name="=cmd|' /C calc'!A0")), state="denied")


def client_of(role: str) -> Client:
    client = Client()
    client.force_login(StaffFactory(role=role))
    return client


SPAN = {"from": "2025-11-01", "to": "2025-11-30"}


def made(client: Client, name: str, kind: str) -> bytes:
    """The file as whoever asked for it takes it."""
    client.post(reverse("reports:ask_export", args=[name]), {"kind": kind, "query": urlencode(SPAN)})
    assert jobs.work_off(timezone.now()) == 1
    taken = client.get(reverse("reports:export_file", args=[ExportJob.objects.latest("pk").pk]))
    return b"".join(taken.streaming_content)


@pytest.mark.parametrize("name", REPORTS)
def test_files_of_a_report_hold_its_tables(one_case, name: str):
    client = client_of("manager")
    read = {kind: made(client, name, kind) for kind in ("csv", "xlsx", "json")}
    tables = json.loads(read["json"])["tables"]
    rows = list(csv.reader(io.StringIO(read["csv"].decode("utf-8-sig"))))
    assert {table["title"] for table in tables} == {row[0] for row in rows}
    assert len(load_workbook(io.BytesIO(read["xlsx"])).worksheets) == len(tables) + 1
    assert all(table["meaning"] and table["formula"] for table in tables)
    assert "=cmd" not in {cell[:4] for row in rows for cell in row}


@pytest.mark.parametrize(("role", "status"), [("reviewer", 403), ("administrator", 403), ("manager", 302)])
def test_files_are_for_those_who_may_export(one_case, role: str, status: int):
    asked_for = client_of(role).post(reverse("reports:ask_export", args=["overview"]), {"kind": "csv"})
    assert asked_for.status_code == status


def test_cases_behind_a_number_come_as_a_file(one_case):
    address = reverse("reports:cases", args=["overview", "states", "denied"])
    answer = client_of("manager").get(address, {**SPAN, "as": "csv"})
    rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    assert len(rows) == 2
    assert rows[1][3] == "'=cmd|' /C calc'!A0"


def test_a_report_on_paper_is_a_pdf(one_case):
    assert made(client_of("manager"), "decisions", "pdf").startswith(b"%PDF-")


@pytest.mark.parametrize("name", REPORTS)
def test_command_prints_every_report(one_case, capsys, name: str):
    call_command("report", name, "--from", "2025-11-01", "--to", "2025-11-30")
    assert "  " in capsys.readouterr().out


def test_command_prints_json_with_a_filter(one_case, capsys):
    call_command(
        "report", "overview", "--from", "2025-11-01", "--to", "2025-11-30", "--country", "JP", "--format", "json"
    )
    told = json.loads(capsys.readouterr().out)
    assert (told["report"], told["from"]) == ("overview", "2025-11-01")
    assert next(one for one in told["tables"] if one["code"] == "states")["rows"] == []


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["nothing"], "There is no report"),
        (["overview", "--from", "2026-02-30"], "--from: There is no such day"),
        (["overview", "--product", "NO-SUCH"], "--product: There is no such choice"),
        (["exposure", "--reviewer", "x@y.example"], "knows no such filter"),
    ],
)
def test_command_says_what_is_wrong_and_exits_2(db, arguments: list[str], says: str):
    with pytest.raises(CommandError, match=says) as refused:
        call_command("report", *arguments)
    assert refused.value.returncode == 2
