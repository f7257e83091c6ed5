"""PDF from a child process: it fetches nothing, it does not run for ever, and its absence is an answer."""

import io
import os
import shutil
import subprocess
from pathlib import Path

import pytest
import zxingcpp
from django.test import RequestFactory
from PIL import Image

from cases.models import DecisionLetter
from cases.tests.factories import CaseFactory
from warrantydesk.faces import letter, paper
from warrantydesk.faces.letter import Answer
from warrantydesk.faces.packing_slip import case_code
from warrantydesk.faces.paper import NoPaper, write_pdf

SHEET = "css/document.css"


def write(html: str, **given: int) -> bytes:
    """The PDF. Where Pango is missing the test is skipped, out loud."""
    try:
        return write_pdf(html, [SHEET], **given)
    except NoPaper as missing:
        if str(missing) != "Pango is missing" or os.environ.get("CI"):
            raise
        pytest.skip("PANGO IS NOT INSTALLED: install Debian's libpango-1.0-0 and libpangoft2-1.0-0.")


def child(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str) -> None:
    script = tmp_path / "child.py"
    script.write_text(source)
    monkeypatch.setattr(paper, "CHILD", script)


def test_code_on_the_packing_slip_is_read_by_a_reader(settings):
    """From the paper itself, as a workshop's scanner sees it: PDF, drawn as a picture, read by another library."""
    settings.SITE_URL = "https://desk.example"
    seen = drawn(write(f'<div style="width: 34mm">{case_code("WD-7F3K-2")}</div>'))
    (code,) = zxingcpp.read_barcodes(seen)
    assert (code.text, code.format) == ("https://desk.example/desk/cases/WD-7F3K-2/", zxingcpp.BarcodeFormat.QRCode)


def drawn(pdf: bytes) -> Image.Image:
    """The first page at the 150 dots an inch of an office printer; skipped, out loud, where poppler is missing."""
    if not shutil.which("pdftoppm"):
        pytest.skip("POPPLER IS NOT INSTALLED: install Debian's poppler-utils.")
    command = ["pdftoppm", "-png", "-r", "150", "-singlefile", "-"]
    return Image.open(io.BytesIO(subprocess.run(command, input=pdf, capture_output=True, check=True).stdout))


def test_page_becomes_a_pdf_whatever_its_script():
    assert write("<h1>Schrittmotor 日本語 עברית</h1>").startswith(b"%PDF-")


@pytest.mark.parametrize("scheme", ["file", "plain", "css", "attachment"])
def test_page_fetches_nothing_from_anywhere(tmp_path, scheme):
    secret = tmp_path / "secret.txt"
    secret.write_text("SECRET-WORDS")
    page = {
        "file": f'<img src="file://{secret}"><object data="file://{secret}"></object>',
        "plain": f'<iframe src="{secret}"></iframe><link rel="stylesheet" href="http://127.0.0.1:9/x.css">',
        "css": f'<style>@import "file://{secret}"; body {{ background: url(http://127.0.0.1:9/x.png) }}</style>',
        "attachment": f'<link rel="attachment" href="file://{secret}">',
    }[scheme]
    pdf = write(f"<p>Nothing else</p>{page}")
    assert b"SECRET-WORDS" not in pdf
    assert b"/EmbeddedFile" not in pdf


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("import sys; sys.exit(4)", "Pango is missing"),
        ("import sys; sys.exit(1)", "could not be written"),
        ("print('no pdf')", "could not be written"),
        ("import os; os.kill(os.getpid(), 9)", "could not be written"),
        ("import time; time.sleep(60)", "took too long"),
    ],
    ids=["no-pango", "crash", "rubbish", "killed", "endless"],
)
def test_there_is_no_paper_when_the_child_fails(tmp_path, monkeypatch, source, words):
    child(tmp_path, monkeypatch, source)
    with pytest.raises(NoPaper, match=words):
        write_pdf("<p>x</p>", [SHEET], seconds=1 if "sleep" in source else 20)


def test_there_is_no_paper_when_it_grows_beyond_all_bounds(tmp_path, monkeypatch):
    child(tmp_path, monkeypatch, "print('%PDF-' + 'x' * 2000)")
    monkeypatch.setattr(paper, "MOST_BYTES", 1000)
    with pytest.raises(NoPaper):
        write_pdf("<p>x</p>", [SHEET])


def test_there_is_no_paper_when_too_many_write_at_once(monkeypatch):
    class Busy:
        def acquire(self, timeout: float) -> bool:
            return False

    monkeypatch.setattr(paper, "_writing", Busy())
    with pytest.raises(NoPaper, match="too many"):
        write_pdf("<p>x</p>", [SHEET])


def test_place_is_given_back_when_the_child_fails(tmp_path, monkeypatch):
    child(tmp_path, monkeypatch, "import sys; sys.exit(1)")
    for _ in range(paper.AT_ONCE + 1):
        with pytest.raises(NoPaper, match="could not be written"):
            write_pdf("<p>x</p>", [SHEET])


def test_sheet_that_is_not_ours_is_an_error():
    with pytest.raises(FileNotFoundError):
        write_pdf("<p>x</p>", ["css/none.css"])


def test_letter_is_a_pdf_with_its_timeline(db, tmp_path):
    answer = Answer.kept(DecisionLetter.objects.get(case=CaseFactory(state="approved")))
    page = letter._page(RequestFactory().get("/"), answer, screen={}, for_paper=True)
    try:
        pdf = write_pdf(page, letter.SHEETS)
    except NoPaper as missing:
        if str(missing) != "Pango is missing" or os.environ.get("CI"):
            raise
        pytest.skip("PANGO IS NOT INSTALLED: install Debian's libpango-1.0-0 and libpangoft2-1.0-0.")
    assert pdf.startswith(b"%PDF-")
    assert page.count('class="clock-svg clock-wide') == 1
    assert answer.case.reference in page
