"""Through the customer's door: a private link, the button behind it, and what stands on the page."""

import datetime as dt
import re
from functools import cache
from html import unescape
from random import Random

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from cases.links import mint
from cases.models import Case, CaseLink, OutgoingMail
from warrantydesk.demo.photos import photo

HOUR = dt.timedelta(hours=1)


def token_of(case: Case, *, now: dt.datetime | None = None) -> str:
    return mint(case, CaseLink.Kind.PORTAL, case.customer.email, None, now or timezone.now())


def let_in(case: Case, client: Client | None = None) -> Client:
    client = client or Client()
    response = client.post(f"/status/{token_of(case)}/")
    assert response.status_code == 302, response.status_code
    return client


def text_of(response: HttpResponse) -> str:
    """The words of a page, in one line, without its marks."""
    html = re.sub(r"<(svg|title|style)\b.*?</\1>", " ", response.content.decode(), flags=re.DOTALL)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", html)))


def send_mails(case: Case) -> None:
    """As if every mail of the case had left: what they told is told."""
    now = timezone.now()
    OutgoingMail.objects.filter(case=case, status="queued").update(status="sent", sent_at=now)


def picture(name: str = "IMG_2291.jpg", number: int = 1) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, _photo(number), content_type="image/jpeg")


@cache
def _photo(number: int) -> bytes:
    return photo(f"Motor {number}", dt.datetime(2025, 11, 4, 12, tzinfo=dt.UTC), Random(number))


def program(name: str = "setup.exe") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, b"MZ\x90\x00" + bytes(200), content_type="image/jpeg")


def session_of(client: Client) -> str:
    cookie = client.cookies.get(settings.SESSION_COOKIE_NAME)
    return cookie.value if cookie else ""
