"""Every page of the portal in every state, made once: whoever looks at them in another language makes nothing anew."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.test import Client
from django.utils import timezone

from cases.models import Case
from products.models import CoveredPart
from products.tests.factories import CustomerFactory, ProductFactory
from warrantydesk.portal.tests import states
from warrantydesk.portal.tests.door import let_in, send_mails, session_of, token_of
from warrantydesk.portal.tests.test_request import begin, go_through, sell

NUMBERS = {"invoice": "INV-2025-00812", "serial": "PK3-00417"}


@dataclass(frozen=True)
class Page:
    """`path` is opened by `browser`, a session, None outside; "" for the page that was looked at before. `filled` is
    written into the form that `sends`, a selector, before its button is pressed; `answers` is the status of what is
    looked at then."""

    name: str
    path: str = ""
    browser: Client | None = None
    sends: str = ""
    filled: dict[str, str] = field(default_factory=dict)
    answers: int = 200


# What may go wrong on the page of a case, one after the other.
AFTERWARDS = {
    "asked": (
        Page("nothing written", sends="#form-message", answers=422),
        Page("photos, none chosen", sends="#form-photos", answers=422),
    ),
    "approved": (
        Page("number of a parcel, wrong", sends="#form-tracking", filled={"tracking_number": "x"}, answers=422),
        Page("withdraw, not sure", sends="#form-withdraw", answers=422),
    ),
}


class EveryPage:
    """The cases, the drafts and the browsers that hold them."""

    def __init__(self) -> None:
        self._parts = self._sold()
        self._inside = dict(self._states())
        self._new, self._half, self._whole, self._sent = (begin() for _ in range(4))
        go_through(self._whole, self._parts)
        go_through(self._sent, self._parts[:1])
        assert self._sent.post("/request/review/").headers["Location"] == "/request/sent/"
        self._half.post("/request/product/", NUMBERS)
        self._old_link = token_of(Case.objects.earliest("pk"), now=timezone.now() - dt.timedelta(days=400))

    def _sold(self) -> list[CoveredPart]:
        """A kit whose warranty is over, with parts that wear: what a customer is warned of before they send."""
        bill = [
            (ProductFactory(motor=True, name="NEMA 17 motor"), 1, "singly", "X-Achse"),
            (ProductFactory(name=states.LONG), 1, "singly", ""),
            (ProductFactory(name="Ball bearings 608", consumable=True), 12, "lot", ""),
        ]
        return sell(CustomerFactory(), bill, days_ago=500)

    def _states(self) -> Iterator[tuple[str, Client]]:
        for make in states.STATES:
            case = make()
            send_mails(case)
            yield make.__name__, let_in(case)

    def speak(self, language: str) -> None:
        """Every case and every browser in this language from now on."""
        Case.objects.update(language=language)
        for client in (*self._inside.values(), self._new, self._half, self._whole, self._sent):
            session: Any = client.session
            session["language"] = language
            session.save()

    def pages(self, language: str) -> Iterator[Page]:
        yield from self._outside(f"?lang={language}")
        yield from self._requests()
        for name, client in self._inside.items():
            yield Page(name, "/status/", client)
            yield from AFTERWARDS.get(name, ())
        yield Page("my data", "/status/my-data/", self._inside["denied"])
        yield Page("erasure, not sure", sends="#form-erase", answers=422)

    def _outside(self, asked: str) -> Iterator[Page]:
        for path in ("/request/", "/request/where/", "/link/sent/", "/"):
            yield Page(path, path + asked)
        yield Page("no case number", sends="form[action*='/link/']", answers=422)
        yield Page("/check/", f"/check/{asked}")
        yield Page("check, nothing written", sends="main form", answers=422)
        yield Page("check, unknown", sends="main form", filled={"invoice": "1", "serial": "2"}, answers=422)
        yield Page("checked", sends="main form", filled=NUMBERS)
        yield Page("closed", f"/status/{asked}", answers=404)
        yield Page("button", f"/status/{self._old_link}/{asked}")
        yield Page("closed link", sends="main form", answers=404)

    def _requests(self) -> Iterator[Page]:
        for step in ("part", "what", "files", "contact", "review"):
            yield Page(f"request: {step}", f"/request/{step}/", self._whole)
        yield Page("request: product", "/request/product/", self._new)
        yield Page("request: product, nothing", sends="main form", answers=422)
        yield Page("request: part, none", "/request/part/", self._half, "main form", answers=422)
        yield Page("request: half a draft", "/request/", self._half)
        yield Page("request: sent", "/request/sent/", self._sent)

    @staticmethod
    def cookie(page: Page, address: str) -> list[dict[str, str]]:
        if page.browser is None:
            return []
        return [{"name": settings.SESSION_COOKIE_NAME, "value": session_of(page.browser), "url": address}]
