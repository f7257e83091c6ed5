"""A crawl in a language that is none: every word that went through the catalogues stands in brackets, and whatever a
customer reads outside of them is data, or somebody forgot it."""

import re
from collections.abc import Iterator
from functools import partial
from gettext import NullTranslations
from html.parser import HTMLParser

import pytest
from django.template import engines
from django.test import Client
from django.utils.translation import trans_real

from cases.tests.factories import CaseFactory
from products import tongues
from shipments.carriers.registry import offered_carriers
from warrantydesk.faces import clock_steps
from warrantydesk.faces.paper import NoPaper
from warrantydesk.portal import blank_forms
from warrantydesk.portal.tests import states
from warrantydesk.portal.tests.door import let_in, send_mails

pytestmark = pytest.mark.django_db
# Japanese writes dates, numbers and counts without a letter of ours: what is left is ours to explain.
STANDS_IN = "ja"
READ_ALOUD = ("alt", "aria-label", "placeholder", "title")
SILENT = ("script", "style", "head")
EMPTY = ("area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr")
MAIL = "https?://\\S+|\\S+@\\S+|WD-[\\w-]+"
# Names of things and people of these tests, and words that are the same in every language.
DATA = re.compile(
    rf"{MAIL}|NEMA 17 motor|Ball bearings 608|Kit \d+|[XY] axis|X-Achse|Schrittmotor\w+|Ingrid Sørensen|Mateo Ruiz|Noor"
    r"|Colleague( \d+)?|INV-[\w-]+|PK3-\d+|IMG_\w+\.jpg|setup\.exe|1Z\w+|UPS|EUR|MB|GB|PDF|JPEG|PNG|JSON|Bergen|Berlin"
    r"|Positron Makers|Positron|Printer kit \d+|Deutsch|English|Français|Español|JA|Norway|QR|HS code"
    r"|Workshop|Musterstraße 1|Germany|RETURNED GOODS[^\n]*"  # customs read English
    r"|KIT-\w+|PART-\w+|SKU-\w+|Product \d+"
    r"|It moves, then[^⟦]*|Please send the motor[^⟦]*|Repair service|Return shipping[^⟦]*|The screws were turned[^⟦]*"
)


class Pseudo(NullTranslations):
    """Puts what it translates into brackets. `⟦` within is what was filled in."""

    def gettext(self, message: str) -> str:
        return f"⟦{message}⟧" if message else ""

    def ngettext(self, one: str, many: str, count: int) -> str:
        return f"⟦{one if count == 1 else many}⟧"

    def pgettext(self, context: str, message: str) -> str:
        return self.gettext(message)

    def npgettext(self, context: str, one: str, many: str, count: int) -> str:
        return self.ngettext(one, many, count)


@pytest.fixture(autouse=True)
def pseudo(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    spoken = Pseudo()
    for name, value in {"language": lambda: STANDS_IN, "to_language": lambda: STANDS_IN, "domain": "django"}.items():
        setattr(spoken, f"_{name}", value)
    spoken.language = lambda: STANDS_IN  # type: ignore[attr-defined]
    spoken.to_language = lambda: STANDS_IN  # type: ignore[attr-defined]
    monkeypatch.setitem(trans_real._translations, STANDS_IN, spoken)
    _read_anew()
    yield
    _read_anew()


def _read_anew() -> None:
    """What is the same on every page is kept in each language, with its template or beside what draws it."""
    for loader in engines["django"].engine.template_loaders:
        loader.reset()
    for kept in (blank_forms._drawn, clock_steps._head, tongues._clock_words):
        kept.cache_clear()


class Words(HTMLParser):
    """What is read of a page, on the screen and aloud, block by block."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._within: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag not in EMPTY:
            self._within.append(tag)
        self.found += [value for name, value in attributes if name in READ_ALOUD and value]

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.found += [value for name, value in attributes if name in READ_ALOUD and value]

    def handle_endtag(self, tag: str) -> None:
        while self._within and self._within.pop() != tag:
            pass

    def handle_data(self, text: str) -> None:
        if not set(SILENT) & set(self._within):
            self.found.append(text)


def no_paper(*_given: object, **_more: object) -> bytes:
    raise NoPaper("the page itself is looked at")


def forgotten(texts: list[str]) -> set[str]:
    """Brackets may close in another piece than they open in: a sentence has its links within."""
    return {one.strip() for one in re.findall(r"[^\n]*[A-Za-z]{2}[^\n]*", _outside("\n".join(texts)))}


def _outside(text: str) -> str:
    while (shorter := re.sub(r"⟦[^⟦⟧]*⟧", "", text)) != text:
        text = shorter
    for carrier in offered_carriers().values():
        text = text.replace(carrier.name, "")
    return DATA.sub("", text)


def words_of(page: bytes) -> list[str]:
    reader = Words()
    reader.feed(page.decode())
    return reader.found


def outside_pages(client: Client) -> Iterator[tuple[str, bytes]]:
    for path in ("/", "/check/", "/request/", "/request/where/", "/link/sent/", f"/status/{'x' * 32}/", "/status/"):
        yield path, client.get(f"{path}?lang={STANDS_IN}").content
    yield "/check/ wrong", client.post(f"/check/?lang={STANDS_IN}", {"invoice": "", "serial": ""}).content


def test_no_page_before_the_door_holds_a_word_that_was_not_translated():
    left = {path: words for path, page in outside_pages(Client()) if (words := forgotten(words_of(page)))}
    assert left == {}


@pytest.mark.parametrize("made", ["incomplete", "parcel_to_us", "denied"])
def test_no_page_of_a_case_holds_a_word_that_was_not_translated(made: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(states, "CaseFactory", partial(CaseFactory, language=STANDS_IN))
    case = getattr(states, made)()
    send_mails(case)
    client = let_in(case)
    letters = [f"/status/letters/{one}/" for one in case.letters.values_list("pk", flat=True)]
    monkeypatch.setattr("warrantydesk.faces.paper.write_pdf", no_paper)
    pages = {path: client.get(path) for path in ("/status/", "/status/my-data/", "/status/packing-slip/", *letters)}
    left = {
        path: words
        for path, page in pages.items()
        if page.status_code == 200 and (words := forgotten(words_of(page.content)))
    }
    assert left == {}
