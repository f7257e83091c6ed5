"""Whatever a spreadsheet calls a table: encodings, marks, dates, broken rows and bombs; read in pieces."""

import datetime as dt
import io
import zipfile

import pytest
from django.conf import settings
from openpyxl import Workbook

from products.importing.columns import CATALOGUE_COLUMNS, INVOICE_COLUMNS
from products.importing.tables import LONGEST_LINE, Unreadable, open_table

TEXT = "number,name\nA1,Jürgen\nA2,Müller\n"
ROWS = [(2, ["A1", "Jürgen"]), (3, ["A2", "Müller"])]


def read(data: bytes) -> tuple[list[str], list]:
    table = open_table(io.BytesIO(data))
    return table.header, list(table.rows)


@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode(),
        TEXT.encode("utf-8-sig"),
        TEXT.encode("utf-16"),
        TEXT.encode("cp1252"),
        TEXT.replace(",", ";").encode(),
        TEXT.replace(",", "\t").encode(),
        TEXT.replace("\n", "\r\n").encode(),
        TEXT.replace("\n", "\r").encode(),
        TEXT.rstrip("\n").encode(),
    ],
    ids=["utf-8", "bom", "utf-16", "windows", "semicolons", "tabs", "crlf", "cr", "no-last-break"],
)
def test_csv_of_every_kind_is_the_same_table(data: bytes):
    assert read(data) == (["number", "name"], ROWS)


EAST = {
    "shift_jis": "注文番号,お名前,住所\nA1,佐藤 由美子,東京都千代田区丸の内一丁目\nA2,鈴木一郎,大阪府大阪市北区梅田\n",
    "gb18030": "订单号,姓名,地址\nA1,王小明,北京市朝阳区建国路\nA2,李丽,上海市浦东新区世纪大道\n",
    "big5": "訂單號碼,姓名,地址\nA1,陳美玲,臺北市信義區市府路\nA2,林志明,高雄市苓雅區四維路\n",
    "cp1252": "Nummer,Name,Straße\nA1,Jürgen Groß,Königsallee\nA2,Zoë Peña,Rue de l’Église\n",
    "latin-1": "number,name\nA1,Søren Ångström\nA2,José Núñez\nA3,François\n",
}


@pytest.mark.parametrize("encoding", EAST)
def test_old_encodings_of_east_and_west_are_told_apart(encoding: str):
    header, rows = read(EAST[encoding].encode(encoding))
    wanted = [line.split(",") for line in EAST[encoding].splitlines()]
    assert [header, *(cells for _position, cells in rows)] == wanted


def test_cell_with_a_line_break_keeps_the_rows_where_a_person_sees_them():
    assert read(b'a,b\n1,"two\nlines"\n3,x\n')[1] == [(2, ["1", "two\nlines"]), (4, ["3", "x"])]


def test_broken_row_comes_as_one_and_the_others_go_on():
    _header, rows = read(b"a,b\n1,2\n" + b'3,"' + b"x" * 200_000 + b'"\n5,6\n')
    assert [position for position, _cells in rows] == [2, -3, 4]
    assert "cannot be read" in rows[1][1][0]


@pytest.mark.parametrize("data", [b"", b"\n\n", b"PK\x03\x04 no archive", b"a" * (LONGEST_LINE * 2)])
def test_what_is_no_table_is_said_so(data: bytes):
    with pytest.raises(Unreadable):
        read(data)


def sheet(*rows: list) -> bytes:
    book, file = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(file)
    return file.getvalue()


def test_xlsx_days_and_numbers_come_as_they_would_in_csv():
    header, rows = read(sheet(["number", "date", "qty", ""], ["A1", dt.date(2025, 3, 31), 3.0, None], [None] * 3))
    assert (header, rows) == (["number", "date", "qty"], [(2, ["A1", "2025-03-31", "3", ""])])


def test_archive_that_unpacks_to_gigabytes_is_refused():
    file = io.BytesIO()
    with (
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/sharedStrings.xml", "w") as entry,
    ):
        for _megabyte in range(301):
            entry.write(b"\0" * 1024 * 1024)
    with pytest.raises(Unreadable, match="too large"):
        read(file.getvalue())


def test_file_is_read_in_pieces_and_says_how_far_it_is():
    data = b"a,b\n" + b"1,2\n" * 400_000
    table = open_table(io.BytesIO(data))
    next(table.rows)
    assert 0 < table.share() < 0.5
    assert sum(1 for _row in table.rows) == 399_999
    assert table.share() == 1.0


def test_every_column_stands_on_the_page_about_importing():
    page = (settings.BASE_DIR / "docs" / "importing.md").read_text(encoding="utf-8")
    assert {name for name in {**INVOICE_COLUMNS, **CATALOGUE_COLUMNS} if f"`{name}`" not in page} == set()
