"""Pages as PDF: written by WeasyPrint in a child process that can neither fetch anything nor run for ever.

The child gets a page and the texts of our own style sheets and gives back a PDF; files, network and settings are out
of its reach. Where Pango is missing, or a page takes too long, `NoPaper` says so, and the page is offered to the
browser's own printer instead.
"""

import json
import logging
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import BoundedSemaphore

from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse

logger = logging.getLogger(__name__)

CHILD = Path(__file__).with_name("paper_child.py")
NO_PANGO = 4
SECONDS = 20
MEMORY_MB = 2048  # of addresses: the fonts of every script are mapped, though little of them is read
MOST_BYTES = 10 * 1024 * 1024
AT_ONCE = 2
_writing = BoundedSemaphore(AT_ONCE)


class NoPaper(Exception):
    """There is no PDF of this page now: no Pango here, too many at once, or it took too long."""


def write_pdf(html: str, sheets: Sequence[str], *, seconds: int = SECONDS) -> bytes:
    """The page as PDF, dressed in these style sheets of ours (`css/…`). NoPaper where there is none. Never call it
    inside a transaction: it takes seconds."""
    question = json.dumps({"html": html, "sheets": [_sheet(name) for name in sheets]}).encode()
    if not _writing.acquire(timeout=seconds):
        raise NoPaper("too many at once")
    try:
        return _ask(question, seconds)
    finally:
        _writing.release()


def paper_response(request: HttpRequest, page: Callable[..., str], sheets: Sequence[str], *, name: str) -> HttpResponse:
    """The page as PDF, or with `?as=page` as a page to print; that page too, with a note, where no PDF can be written.
    `page(for_paper=True)` gives what the PDF is made of, `page(no_pdf=True)` the page with the note."""
    if request.GET.get("as") == "page":
        return HttpResponse(page())
    try:
        pdf = write_pdf(page(for_paper=True), sheets)
    except NoPaper:
        return HttpResponse(page(no_pdf=True))
    return pdf_response(pdf, name)


def pdf_response(pdf: bytes, name: str) -> HttpResponse:
    """Shown by the browser under a name to keep it by."""
    response = HttpResponse(pdf, content_type="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="{name}"'
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _sheet(name: str) -> str:
    path = finders.find(name)
    if not isinstance(path, str):
        raise FileNotFoundError(f"There is no style sheet {name}.")
    return Path(path).read_text(encoding="utf-8")


def _ask(question: bytes, seconds: int) -> bytes:
    command = [sys.executable, "-I", str(CHILD), str(seconds), str(MEMORY_MB)]
    try:
        child = subprocess.run(command, input=question, capture_output=True, timeout=seconds, check=False)  # noqa: S603 - ours
    except subprocess.TimeoutExpired:
        logger.error("A PDF took longer than %s seconds", seconds)
        raise NoPaper("took too long") from None
    if child.returncode == NO_PANGO:
        raise NoPaper("Pango is missing")
    if child.returncode or not child.stdout.startswith(b"%PDF-") or len(child.stdout) > MOST_BYTES:
        logger.error("A PDF ended with %s: %s", child.returncode, child.stderr[-2000:].decode("utf-8", "replace"))
        raise NoPaper("could not be written")
    return child.stdout
