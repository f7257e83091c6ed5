"""Every page of the portal in every state, made once: whoever looks at them in another language makes nothing anew."""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.test import Client
from django.utils import timezone

from cases.models import Case
from cases.services import deciding
from cases.tests.factories import staff
from products.models import CoveredPart, Customer
from products.tests.factories import CustomerFactory
from warrantydesk.portal.tests import test_portal_browser as states
from warrantydesk.portal.tests.door import let_in, send_mails, session_of, token_of
from warrantydesk.portal.tests.test_request import begin, go_through, sell

NUMBERS = {"invoice": "INV-2025-00812", "serial": "PK3-00417"}
STATES = (
    "incomplete", "asked", "looking", "quote_open", "approved", "parcel_to_us", "in_repair", "partly_denied", "denied",
    "reopened", "returned", "withdrawn",
)  # fmt: skip


@dataclass(frozen=True)
class Page:
    """`browser`: the session that opens it, None outside. `filled` is written into the form that `sends`, a selector,
    before its button is pressed; `answers` is the status of what is looked at then."""

    name: str
    path: str
    browser: Client | None = None
    sends: str = ""
    filled: dict[str, str] = field(default_factory=dict)
    answers: int = 200


def approved() -> Case:
    return states._decided(states._owner())


def in_repair() -> Case:
    """In our workshop: the warranty is paused, and the parcel home has not left."""
    case = states.parcel_to_us()
    states.record_events(
        case.repair_shipments.get().pk,
        [states.scan("delivered", timezone.now().strftime("%Y-%m-%dT00:15:00+00:00"), place="Berlin")],
        heard="poll", now=timezone.now(),
    )  # fmt: skip
    assert Case.objects.get(pk=case.pk).state == "in_repair"
    return case


def reopened() -> Case:
    case = states.denied()
    send_mails(case)
    deciding.reopen(case.pk, why="A new video shows the fault.", actor=staff("support"), now=timezone.now())
    return case


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
        product = states.ProductFactory
        bill = [
            (product(motor=True, name="NEMA 17 motor"), 1, "singly", "X-Achse"),
            (product(name=states.LONG), 1, "singly", ""),
            (product(name="Ball bearings 608", consumable=True), 12, "lot", ""),
        ]
        return sell(CustomerFactory(), bill, days_ago=500)

    def _states(self) -> Iterator[tuple[str, Client]]:
        for name in STATES:
            made: Callable[[], Case] = globals().get(name) or getattr(states, name)
            pk = made().pk
            # They are all the same person's: each gets an address of its own.
            Customer.objects.filter(cases=pk).update(email=f"{name}@example.com")
            case = Case.objects.get(pk=pk)
            send_mails(case)
            yield name, let_in(case)

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
        yield from (Page(name, "/status/", client) for name, client in self._inside.items())
        asked, denied, ready = self._inside["asked"], self._inside["denied"], self._inside["approved"]
        yield Page("nothing written", "/status/", asked, "#form-message", answers=422)
        yield Page("photos, none chosen", "/status/", asked, "#form-photos", answers=422)
        yield Page("number of a parcel, wrong", "/status/", ready, "#form-tracking", {"tracking_number": "x"}, 422)
        yield Page("withdraw, not sure", "/status/", ready, "#form-withdraw", answers=422)
        yield Page("my data", "/status/my-data/", denied)
        yield Page("erasure, not sure", "/status/my-data/", denied, "#form-erase", answers=422)

    def _outside(self, asked: str) -> Iterator[Page]:
        for path in ("/", "/check/", "/request/", "/request/where/", "/link/sent/", f"/status/{'x' * 32}/"):
            yield Page(path, path + asked)
        yield Page("no case number", f"/{asked}", sends="form[action*='/link/']", answers=422)
        yield Page("check, nothing written", f"/check/{asked}", sends="main form", answers=422)
        yield Page("check, unknown", f"/check/{asked}", None, "main form", {"invoice": "1", "serial": "2"}, 422)
        yield Page("checked", f"/check/{asked}", None, "main form", NUMBERS)
        yield Page("closed", f"/status/{asked}", answers=404)
        yield Page("closed link", f"/status/{self._old_link}/{asked}", None, "main form", answers=404)

    def _requests(self) -> Iterator[Page]:
        for step in ("part", "what", "files", "contact", "review"):
            yield Page(f"request: {step}", f"/request/{step}/", self._whole)
        yield Page("request: product", "/request/product/", self._new)
        yield Page("request: product, nothing", "/request/product/", self._new, "main form", answers=422)
        yield Page("request: part, none", "/request/part/", self._half, "main form", answers=422)
        yield Page("request: half a draft", "/request/", self._half)
        yield Page("request: sent", "/request/sent/", self._sent)

    @staticmethod
    def cookie(page: Page, address: str) -> list[dict[str, str]]:
        if page.browser is None:
            return []
        return [{"name": settings.SESSION_COOKIE_NAME, "value": session_of(page.browser), "url": address}]
