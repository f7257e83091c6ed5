"""Held mail on the desk: shown as words, settled by those who may, each time through one service."""

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases.models import Case
from cases.tests.factories import CaseFactory, StaffFactory
from warrantydesk.intake.models import IncomingMail
from warrantydesk.intake.services import receive
from warrantydesk.intake.tests.mails import mail, picture
from warrantydesk.intake.views import VERBS

pytestmark = pytest.mark.django_db

NOW = dt.datetime(2025, 11, 5, 9, 30, tzinfo=dt.UTC)
LIST = reverse("intake:mail")
SCRIPT = "<script>alert('x')</script>"


@pytest.fixture(autouse=True)
def _own_outbox(settings, tmp_path):
    settings.EMAIL_BACKEND = "cases.outbox.files.EmailBackend"
    settings.EMAIL_FILE_PATH = tmp_path / "outbox"


def client_of(role: str, **options: Any) -> Client:
    client = Client(**options)
    client.person = StaffFactory(role=role)
    client.force_login(client.person)
    return client


@pytest.fixture
def support() -> Client:
    return client_of("support")


def held_mail(text: str = "Any news?", subject: str = "Hello", *, number: int = 1, **more: Any) -> IncomingMail:
    receipt = receive(mail(text, subject=subject, message_id=f"<{number}@x>", **more), source="test", now=NOW)
    assert receipt.outcome == "held"
    return receipt.incoming


@pytest.fixture
def held() -> IncomingMail:
    return held_mail(files={"fan.jpg": picture()})


def page(incoming: IncomingMail) -> str:
    return reverse("intake:held_mail", args=[incoming.pk])


def verb(name: str, incoming: IncomingMail) -> str:
    return reverse(f"intake:{name}", args=[incoming.pk])


def standing(incoming: IncomingMail) -> tuple:
    return IncomingMail.objects.values_list("outcome", "settled_at", "case", "details").get(pk=incoming.pk)


# ── who ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_addresses_are_below_desk_mail(held: IncomingMail):
    assert LIST == "/desk/mail/"
    assert page(held) == f"/desk/mail/{held.pk}/"
    assert verb("make_case", held) == f"/desk/mail/{held.pk}/make-case/"


def test_stranger_is_sent_to_the_log_in_and_from_there_to_the_mail(held: IncomingMail):
    login = reverse("login")
    assert Client().get(page(held))["Location"] == f"{login}?next={page(held)}"
    for name in VERBS:
        assert Client().post(verb(name, held))["Location"] == f"{login}?next={page(held)}"


def test_account_without_a_role_may_not_look(held: IncomingMail):
    client = client_of("")
    assert [client.get(address).status_code for address in (LIST, page(held))] == [403, 403]


@pytest.mark.parametrize("role", ["viewer", "administrator"])
@pytest.mark.parametrize("name", VERBS)
def test_role_that_may_only_look_gets_no_form_and_settles_nothing(held: IncomingMail, role: str, name: str):
    client, before = client_of(role), standing(held)
    text = client.get(page(held)).content.decode()
    assert verb(name, held) not in text
    assert "may look at held mail, but not settle it" in text
    assert client.post(verb(name, held), {"why": "x"}).status_code == 403
    assert standing(held) == before


@pytest.mark.parametrize("name", VERBS)
def test_verb_does_nothing_when_it_is_only_looked_at(held: IncomingMail, support: Client, name: str):
    before = standing(held)
    assert support.get(verb(name, held)).status_code == 405
    assert standing(held) == before


@pytest.mark.parametrize("name", VERBS)
def test_verb_without_its_token_is_refused(held: IncomingMail, name: str):
    before = standing(held)
    assert client_of("support", enforce_csrf_checks=True).post(verb(name, held), {"why": "x"}).status_code == 403
    assert standing(held) == before


def test_pages_are_not_posted_to(held: IncomingMail, support: Client):
    assert [support.post(address).status_code for address in (LIST, page(held))] == [405, 405]


# ── looking ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_list_shows_the_longest_waiting_first_and_the_side_counts_them(support: Client):
    first, second = held_mail(number=1, subject="First"), held_mail(number=2, subject="Second")
    IncomingMail.objects.filter(pk=second.pk).update(received_at=NOW - dt.timedelta(days=1))
    answer = support.get(LIST)
    assert [row["mail"].pk for row in answer.context["rows"]] == [second.pk, first.pk]
    item = next(item for group in answer.context["nav"] for item in group["items"] if item["url"] == LIST)
    assert (item["count"], item["current"]) == (2, True)


def test_empty_list_says_so(support: Client):
    assert "No mail waits for a person" in support.get(LIST).content.decode()


def test_list_asks_as_many_queries_for_twenty_mails_as_for_one(support: Client, held: IncomingMail):
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            support.get(LIST)
        return len(asked)

    queries()
    one = queries()
    case = CaseFactory()
    for number in range(20):
        other = held_mail(number=100 + number)
        IncomingMail.objects.filter(pk=other.pk).update(case=case)
    assert queries() == one


def test_mail_is_shown_as_words_when_it_came_as_markup(support: Client):
    incoming = held_mail(
        f"{SCRIPT} <img src='https://tracker.example/'>", f"{SCRIPT} now", sender="Eve <x@example.com>"
    )
    IncomingMail.objects.filter(pk=incoming.pk).update(from_name=SCRIPT)
    for address in (LIST, page(incoming)):
        text = support.get(address).content.decode()
        assert "&lt;script&gt;" in text
        assert "<script>alert" not in text
        assert "<img src='https://tracker" not in text


def test_mail_says_so_when_its_bytes_are_gone_and_can_only_be_put_away(held: IncomingMail, support: Client):
    held.raw.storage.delete(held.raw.name)
    text = support.get(page(held)).content.decode()
    assert "The stored message is missing." in text
    assert verb("dismiss", held) in text
    assert verb("make_case", held) not in text


def test_mail_that_could_not_be_read_is_read_again_behind_the_fence(support: Client):
    incoming = receive(b"\x00\x01 no mail", source="test", now=NOW).incoming
    assert incoming.outcome == "quarantined"
    assert "This mail cannot be read" in support.get(page(incoming)).content.decode()


def test_mail_that_opened_a_case_by_itself_has_no_page_here(support: Client):
    incoming = receive(mail(), source="test", now=NOW).incoming
    assert incoming.outcome == "case_opened"
    assert support.get(page(incoming)).status_code == 404
    assert support.post(verb("dismiss", incoming), {"why": "x"}).status_code == 404
    assert support.get(reverse("intake:held_mail", args=[10**6])).status_code == 404


# ── settling ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_mail_becomes_a_case(held: IncomingMail, support: Client):
    answer = support.post(verb("make_case", held))
    held.refresh_from_db()
    assert (held.outcome, held.settled_at is not None) == ("case_opened", True)
    assert (answer.status_code, answer["Location"]) == (303, reverse("staff:case", args=[held.case.reference]))
    assert held.case.evidence.count() == 1
    event = held.case.events.get(name="held_mail_settled")
    assert event.actor == support.person
    text = support.get(page(held)).content.decode()
    assert "made a case" in text
    assert verb("dismiss", held) not in text


def test_mail_joins_the_case_that_was_named_however_it_was_written(held: IncomingMail, support: Client):
    case = CaseFactory()
    written = f" {case.reference.lower().replace('-', ' ')} "
    answer = support.post(verb("attach", held), {"reference": written})
    assert (answer.status_code, answer["Location"]) == (303, reverse("staff:case", args=[case.reference]))
    held.refresh_from_db()
    assert (held.outcome, held.case) == ("reply_added", case)
    assert case.messages.filter(direction="in", text__contains="Any news?").exists()
    assert Case.objects.count() == 1


@pytest.mark.parametrize("written", ["WD-ZZZZ-Z", "my case", "", "x" * 41, SCRIPT])
def test_case_that_is_not_there_is_refused_with_what_was_typed(held: IncomingMail, support: Client, written: str):
    before = standing(held)
    answer = support.post(verb("attach", held), {"reference": written})
    assert answer.status_code == 422
    assert answer.context["refused"].errors["reference"]
    assert answer.context["forms"]["attach"]["reference"].value() == written
    assert "<script>alert" not in answer.content.decode()
    assert standing(held) == before


def test_mail_is_put_away_and_taken_back(held: IncomingMail, support: Client):
    answer = support.post(verb("dismiss", held), {"why": "An advertisement."})
    assert (answer.status_code, answer["Location"]) == (303, LIST)
    assert not support.get(LIST).context["rows"]
    text = support.get(page(held)).content.decode()
    assert "An advertisement." in text
    assert str(support.person) in text
    assert verb("take_back", held) in text
    answer = support.post(verb("take_back", held))
    assert (answer.status_code, answer["Location"]) == (303, page(held))
    assert [row["mail"].pk for row in support.get(LIST).context["rows"]] == [held.pk]


def test_mail_is_not_put_away_without_a_word(held: IncomingMail, support: Client):
    answer = support.post(verb("dismiss", held), {"why": "  "})
    assert answer.status_code == 422
    assert "Say in a word why this is not a request." in answer.content.decode()
    assert standing(held)[1] is None


def test_words_are_kept_when_somebody_was_quicker(held: IncomingMail, support: Client):
    client_of("support").post(verb("dismiss", held), {"why": "Spam."})
    before = standing(held)
    for name, typed in (
        ("make_case", {}),
        ("attach", {"reference": CaseFactory().reference}),
        ("dismiss", {"why": "No."}),
    ):
        answer = support.post(verb(name, held), typed)
        assert answer.status_code == 422
        assert "Somebody has dealt with this mail already." in answer.content.decode()
        assert standing(held) == before


def test_mail_that_waits_cannot_be_taken_back(held: IncomingMail, support: Client):
    answer = support.post(verb("take_back", held))
    assert answer.status_code == 422
    assert "there is nothing to take back" in answer.content.decode()


def test_mail_that_cannot_be_read_becomes_no_case(support: Client):
    incoming = receive(b"\x00\x01 no mail", source="test", now=NOW).incoming
    answer = support.post(verb("make_case", incoming))
    assert answer.status_code == 422
    assert "can only be dismissed" in answer.content.decode()
    assert support.post(verb("dismiss", incoming), {"why": "Noise."}).status_code == 303


def test_guess_stands_in_the_form_already(support: Client):
    case = CaseFactory()
    incoming = held_mail(sender=f"Owner <{case.customer.email}>")
    assert incoming.case == case
    assert f'value="{case.reference}"' in support.get(page(incoming)).content.decode()
