"""The inbox of held mail: its views, its pages, its alarm, and putting many away at once."""

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from cases.models import OutgoingMail
from warrantydesk.intake import held as inbox
from warrantydesk.intake.models import IncomingMail
from warrantydesk.intake.services import receive
from warrantydesk.intake.settling import MOST_AT_ONCE
from warrantydesk.intake.tests.conftest import NOW
from warrantydesk.intake.tests.mails import mail
from warrantydesk.intake.tests.test_held_pages import LIST, client_of, held_mail, page, standing

pytestmark = pytest.mark.django_db

PUT_AWAY = reverse("intake:dismiss_many")
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def support(time_machine) -> Client:
    time_machine.move_to(NOW, tick=False)
    return client_of("support")


def row(number: int, hours: float = 1, outcome: str = "held", why: str = "no_prefix", **more: Any) -> IncomingMail:
    return IncomingMail.objects.create(
        identity=f"{number:064}", sha256="", raw="mail/none.eml", size=1, source="t", subject=f"Mail {number}",
        received_at=NOW - hours * HOUR, outcome=outcome, why=why, read_at=NOW, **more,
    )  # fmt: skip


def listed(client: Client, **query: Any) -> list[str]:
    return [one["mail"].subject for one in client.get(LIST, query).context["rows"]]


def tabs(client: Client) -> dict[str, int | None]:
    return {tab.inbox.code: tab.count for tab in client.get(LIST).context["tabs"]}


# ── why ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_each_reason_is_the_word_it_is_held_under(hinge):
    case = receive(mail(), source="a", now=NOW).case
    ours = OutgoingMail.objects.get(kind="acknowledgement").rfc_message_id
    sent = {
        "no_prefix": mail("x", subject="hi", sender="new@example.com", message_id="<1@x>"),
        "ambiguous": mail("news?", subject="hi", message_id="<2@x>"),
        "stranger": mail("me too", subject="Re: x", sender="m@example.org", message_id="<3@x>", In_Reply_To=ours),
        "no_address": mail(sender="Ada Kunde", message_id="<4@x>"),
        "automatic": mail(Auto_Submitted="auto-replied", message_id="<5@x>"),
        "unreadable": b"no mail at all",
    }
    kept = {why: receive(raw, source="b", now=NOW).incoming for why, raw in sent.items()}
    assert {why: incoming.why for why, incoming in kept.items()} == {why: why for why in sent}
    assert kept["ambiguous"].case == kept["stranger"].case == case


def test_views_show_the_mail_of_their_reason_and_count_it(support: Client):
    for number, why in enumerate(["no_prefix", "no_prefix", "stranger", "ambiguous"]):
        row(number, hours=9 - number, why=why)
    row(5, outcome="quarantined", why="unreadable")
    row(6, outcome="automatic", why="automatic")
    row(7, settled_at=NOW)
    row(8, outcome="", why="")
    assert listed(support) == ["Mail 0", "Mail 1", "Mail 2", "Mail 3", "Mail 5"]
    assert listed(support, view="no_prefix") == ["Mail 0", "Mail 1"]
    assert listed(support, view="stranger") == ["Mail 2"]
    assert listed(support, view="unreadable") == ["Mail 5"]
    assert listed(support, view="automatic") == ["Mail 6"]
    assert listed(support, view="settled") == ["Mail 7"]
    assert listed(support, view="nonsense") == listed(support)
    assert tabs(support) == {
        "": 5, "no_prefix": 2, "ambiguous": 1, "stranger": 1, "unreadable": 1, "automatic": 1, "settled": None,
    }  # fmt: skip


def test_empty_views_say_what_would_be_there(support: Client):
    assert tabs(support) == {"": 0, "automatic": 0, "settled": None}
    for view, words in (("automatic", "never answered"), ("settled", "taken back"), ("stranger", "for this reason")):
        assert words in support.get(LIST, {"view": view}).content.decode()


# ── pages ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_pages_follow_each_other_and_settling_in_between_shifts_nothing(support: Client, monkeypatch):
    monkeypatch.setattr(inbox, "PAGE_SIZE", 2)
    mails = [row(number, hours=5 if number in (1, 2) else 9 - number) for number in range(5)]
    assert listed(support) == ["Mail 0", "Mail 3", "Mail 1"][:2]
    first = support.get(LIST).context["page"]
    assert (first.is_first, first.next_after) == (True, mails[3].pk)
    IncomingMail.objects.filter(pk=mails[3].pk).update(settled_at=NOW)
    assert listed(support, after=mails[3].pk) == ["Mail 1", "Mail 2"]
    assert listed(support, after=mails[2].pk) == ["Mail 4"]
    last = support.get(LIST, {"after": mails[4].pk})
    assert (last.context["rows"], last.context["page"].is_first) == ([], False)


def test_settled_pages_begin_with_the_latest(support: Client, monkeypatch):
    monkeypatch.setattr(inbox, "PAGE_SIZE", 2)
    mails = [row(number, settled_at=NOW - number * HOUR) for number in range(3)]
    assert listed(support, view="settled") == ["Mail 0", "Mail 1"]
    assert listed(support, view="settled", after=mails[1].pk) == ["Mail 2"]


@pytest.mark.parametrize("after", ["", "x", "-1", "9" * 30, "٣", "7 OR 1=1", "999999"])
def test_page_that_was_made_up_is_the_first(support: Client, after: str):
    row(1)
    assert listed(support, after=after) == ["Mail 1"]


# ── alarm ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("hours", "outcome", "settled", "late"),
    [
        (23, "held", None, False),
        (25, "held", None, True),
        (25, "quarantined", None, True),
        (25, "held", NOW, False),
        (25, "automatic", None, False),
    ],
    ids=["a day not yet", "held", "quarantined", "settled", "automatic"],
)
def test_mail_that_waits_for_more_than_a_day_is_marked_and_the_side_says_so(support, hours, outcome, settled, late):
    row(1, hours=hours, outcome=outcome, settled_at=settled)
    row(2, hours=1)
    answer = support.get(LIST)
    assert [one["is_late"] for one in answer.context["rows"] if one["mail"].subject == "Mail 1"] == (
        [late] if settled is None and outcome != "automatic" else []
    )
    item = next(item for group in answer.context["nav"] for item in group["items"] if item["url"] == LIST)
    assert item.get("alarm") == ("1 waits for more than a day" if late else None)
    assert ("Waits too long" in answer.content.decode()) is late


# ── many at once ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_ticked_mails_are_put_away_together_and_can_be_taken_back(support: Client):
    mails = [row(number) for number in range(3)]
    ticked = {"mail": [mails[0].pk, mails[2].pk], "why": "Advertisements.", "view": "no_prefix"}
    answer = support.post(PUT_AWAY, ticked, follow=True)
    assert answer.redirect_chain == [(f"{LIST}?view=no_prefix", 303)]
    assert "2 mails were put away" in answer.content.decode()
    assert listed(support) == ["Mail 1"]
    mails[2].refresh_from_db()
    assert mails[2].details["history"][-1]["why"] == "Advertisements."
    support.post(reverse("intake:take_back", args=[mails[2].pk]))
    assert listed(support) == ["Mail 1", "Mail 2"]


def test_mails_somebody_settled_meanwhile_are_left_and_counted(support: Client):
    first, second = row(1), row(2, settled_at=NOW)
    before = standing(second)
    answer = support.post(PUT_AWAY, {"mail": [first.pk, second.pk, 10**6], "why": "Spam."}, follow=True)
    assert "1 mail was put away as not a request. 2 had been dealt with already." in answer.content.decode()
    assert standing(second) == before


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"why": "Spam."}, "Tick the mails first."),
        ({"mail": ["x", "-1", "9" * 40], "why": "Spam."}, "Select a valid choice"),
        ({"mail": [1]}, "Say in a word"),
        ({"mail": list(range(1, MOST_AT_ONCE + 2)), "why": "Spam."}, "At most 200 mails"),
    ],
    ids=["none", "no numbers", "no word", "too many"],
)
def test_mails_are_not_put_away_and_what_was_ticked_stays_when_something_is_missing(support, typed, says):
    incoming = row(1, pk=1)
    answer = support.post(PUT_AWAY, {"view": "no_prefix", **typed})
    assert answer.status_code == 422
    text = answer.content.decode()
    assert says in text
    assert ('value="1" checked' in text) == (1 in typed.get("mail", []))
    assert answer.context["inbox"].code == "no_prefix"
    assert standing(incoming)[1] is None


@pytest.mark.parametrize(("role", "status"), [("viewer", 403), ("administrator", 403), ("support", 303)])
def test_mails_are_put_away_by_those_who_may(time_machine, role, status):
    time_machine.move_to(NOW, tick=False)
    incoming, client = row(1), client_of(role)
    assert ('name="mail"' in client.get(LIST).content.decode()) is (status == 303)
    assert client.post(PUT_AWAY, {"mail": [incoming.pk], "why": "Spam."}).status_code == status
    assert client.get(PUT_AWAY).status_code == 405


# ── one mail ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_preview_names_the_files_with_their_claimed_types_and_shows_the_head_as_words(support: Client):
    incoming = held_mail(
        files={"fan.jpg": b"not looked at"}, X_Odd="<script>alert(1)</script>", Reply_To="evil@example.org"
    )
    text = support.get(page(incoming)).content.decode()
    assert "fan.jpg" in text
    assert "image/jpeg" in text
    assert "Reply-To: evil@example.org" in text
    assert "&lt;script&gt;alert(1)" in text
    assert "<script>alert(1)" not in text


def test_automatic_mail_can_be_looked_at_and_settled(support: Client):
    incoming = receive(mail(Auto_Submitted="auto-replied"), source="a", now=NOW).incoming
    assert "automatic" in support.get(page(incoming)).content.decode().lower()
    support.post(reverse("intake:make_case", args=[incoming.pk]))
    incoming.refresh_from_db()
    assert incoming.outcome == "case_opened"
    assert not OutgoingMail.objects.exists()
    support.post(reverse("intake:take_back", args=[incoming.pk]))
    incoming.refresh_from_db()
    assert (incoming.outcome, incoming.settled_at, incoming.case) == ("automatic", None, None)
