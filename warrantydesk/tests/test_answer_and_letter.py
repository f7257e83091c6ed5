"""The answer on the desk before it goes, and its letter, for staff and for the customer."""

import html
from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone

from cases.models import Case, DecisionLetter, OutgoingMail
from cases.tests.factories import CaseFactory, judge, staff
from products.tests.factories import InvoiceFactory, parts_of
from warrantydesk.faces import paper
from warrantydesk.portal.tests.door import let_in, send_mails
from warrantydesk.staff.tests.driver import Driver


def answer_page(case: Case) -> str:
    return reverse("staff:answer", args=[case.reference])


def words_of(response: HttpResponse) -> str:
    return html.unescape(response.content.decode())


@pytest.fixture
def decided(db: None) -> Case:
    """Every part is decided, and the customer has not been told."""
    invoice, reviewer = InvoiceFactory(), staff("reviewer")
    case = CaseFactory(customer=invoice.customer, parts=parts_of(invoice)[:2])
    covered, denied = case.claimed_parts.order_by("pk")
    judge(covered, reviewer)
    judge(denied, reviewer, deny="improper_use", words="The bed was set to <b>150</b> °C.")
    return Case.objects.get(pk=case.pk)


def seen_on(page: str) -> str:
    return page.split('name="seen" value="')[1].split('"', maxsplit=1)[0]


def test_mail_is_read_word_by_word_and_told_from_the_page(desk: Callable, decided: Case) -> None:
    client = desk("reviewer")
    page = client.get(answer_page(decided))
    driver = Driver(client, decided)
    assert answer_page(decided) in driver.look()
    assert driver.post("approve", seen=seen_on(page.content.decode())).status_code == 303
    mail = OutgoingMail.objects.get(case=decided, kind="decision")
    paragraphs = [one for one in mail.body.split("\n\n") if "[[" not in one]
    assert all(one.strip() in words_of(page) for one in paragraphs)
    assert "<b>150</b> °C" not in page.content.decode()
    told = words_of(client.get(answer_page(decided)))
    assert mail.subject in told
    assert reverse("staff:letter", args=[decided.reference, DecisionLetter.objects.get().pk]) in told


def test_answer_is_refused_when_a_colleague_changed_it_meanwhile(desk: Callable, decided: Case) -> None:
    client = desk("reviewer")
    driver, seen = Driver(client, decided), seen_on(client.get(answer_page(decided)).content.decode())
    denied = decided.claimed_parts.get(verdict="denied")
    driver.does("clear_verdict", denied)
    driver.does("decide_part", denied, verdict="denied", reason="improper_use", words="Other words.")
    refused = driver.post("approve", seen=seen)
    assert refused.status_code == 422
    assert "Read it again." in words_of(refused)
    assert driver.state == "evidence_review"


@pytest.mark.parametrize(("role", "says"), [("support", "A reviewer does this"), ("viewer", "A reviewer does this")])
def test_answer_is_readable_but_not_told_when_the_role_may_not_decide(
    desk: Callable, decided: Case, role: str, says: str
) -> None:
    page = words_of(desk(role).get(answer_page(decided)))
    assert says in page
    assert f'action="{reverse("staff:approve", args=[decided.reference])}"' not in page


def test_there_is_nothing_to_read_while_a_part_is_undecided(desk: Callable) -> None:
    case, client = CaseFactory(), desk("reviewer")
    assert "There is nothing to read yet" in words_of(client.get(answer_page(case)))
    assert client.get(reverse("staff:draft_letter", args=[case.reference])).status_code == 404


def letter_page(client: Any, name: str, *args: object) -> str:
    answer = client.get(reverse(name, args=args, query={"as": "page"}))
    assert answer.status_code == 200
    return words_of(answer)


def test_letter_is_the_same_for_staff_and_customer_once_it_is_told(desk: Callable, decided: Case) -> None:
    client = desk("reviewer")
    draft = letter_page(client, "staff:draft_letter", decided.reference)
    assert "A draft: the customer has not been told." in draft
    Driver(client, decided).does("approve")
    letter, customer = DecisionLetter.objects.get(case=decided), let_in(decided)
    assert customer.get(reverse("portal:letter", args=[letter.pk])).status_code == 404, "it can still be undone"
    assert reverse("portal:letter", args=[letter.pk]) not in words_of(customer.get("/status/"))
    send_mails(decided)
    assert reverse("portal:letter", args=[letter.pk]) in words_of(customer.get("/status/"))
    theirs = letter_page(customer, "portal:letter", letter.pk)
    ours = letter_page(client, "staff:letter", decided.reference, letter.pk)
    assert theirs.split("<main")[1] == ours.split("<main")[1]
    for words in ("If you see it differently", "Statutory rights", "clause 4(b)", "&lt;b&gt;150", decided.reference):
        assert words in client.get(reverse("staff:letter", args=[decided.reference, letter.pk]) + "?as=page").text
    assert theirs.count('class="clock-svg clock-wide') == 2, "one drawing a part"


def test_letter_of_another_case_is_unknown(desk: Callable, decided: Case) -> None:
    other = CaseFactory(state="approved")
    letter = DecisionLetter.objects.get(case=other)
    assert desk("manager").get(reverse("staff:letter", args=[decided.reference, letter.pk])).status_code == 404
    assert let_in(decided).get(reverse("portal:letter", args=[letter.pk])).status_code == 404


def test_letter_is_a_pdf_or_else_a_page_with_a_note(
    desk: Callable, decided: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    address, client = reverse("staff:draft_letter", args=[decided.reference]), desk("viewer")
    asked: list[str] = []

    def write(page: str, sheets: Any, *, seconds: int = 20) -> bytes:
        asked.append(page)
        return b"%PDF-1.7 made by a stand-in for Pango"

    monkeypatch.setattr(paper, "write_pdf", write)
    answer = client.get(address)
    assert answer["Content-Type"] == "application/pdf"
    assert f'filename="{decided.reference}-answer-{timezone.now():%Y-}' in answer["Content-Disposition"]
    assert "<nav" not in asked[0]

    def missing(page: str, sheets: Any, *, seconds: int = 20) -> bytes:
        raise paper.NoPaper("Pango is missing")

    monkeypatch.setattr(paper, "write_pdf", missing)
    assert "A PDF cannot be made just now" in words_of(client.get(address))
