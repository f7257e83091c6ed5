"""Ready-made words and lines on the case page, without a script: filled in behind what was typed, and nothing sent."""

import html
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from cases.models import CannedReply, Case, CaseEvent, QuoteTemplate
from cases.services import talking
from cases.tests.factories import DECIDED_AT, CaseFactory, quote, staff
from products.tests.factories import CoveredPartFactory, CustomerFactory, ProductFactory
from warrantydesk.staff.tests.driver import Driver

FILLS = ("fill_reply", "fill_quote")


def address(name: str, case: Case) -> str:
    return reverse(f"staff:{name}", args=[case.reference])


def reply(**given: Any) -> CannedReply:
    return CannedReply.objects.create(**{"title": "Thanks", "text": "Hello {name}, about {reference}.", **given})


def template(name: str = "Standard repair", *, currency: str = "EUR", product: Any = None) -> QuoteTemplate:
    made = QuoteTemplate.objects.create(name=name, currency=currency, product=product)
    made.lines.create(position=1, kind="repair", description="Labour", amount=Decimal("45.00"))
    made.lines.create(position=2, kind="shipping", description="Parcel home", amount=Decimal("9.90"))
    return made


def text_of(page: str) -> str:
    found = re.search(
        r'<textarea name="text"[^>]*id="write-to-customer-text"[^>]*>\n?(.*?)</textarea>', page, re.DOTALL
    )
    assert found
    return html.unescape(found[1])


def test_canned_reply_is_filled_behind_what_was_typed_and_nothing_is_sent(desk: Callable) -> None:
    case, canned, client = CaseFactory(customer=CustomerFactory(name="Ingrid")), reply(), desk("support")
    assert f'formaction="{address("fill_reply", case)}#talk"' in Driver(client, case).look("write_to_customer")
    before = CaseEvent.objects.count(), case.messages.count()
    page = client.post(address("fill_reply", case), {"text": "Typed first.", "canned": canned.pk}).content.decode()
    assert text_of(page) == f"Typed first.\n\nHello Ingrid, about {case.reference}."
    assert "was not done" not in page
    assert before == (CaseEvent.objects.count(), case.messages.count())
    Driver(client, case).does("write_to_customer", text=text_of(page))


@pytest.mark.parametrize(
    ("language", "titles"),
    [("en", ["Any", "English"]), ("de-at", ["Any", "German"]), ("ja", ["Any"])],
)
def test_replies_are_offered_in_the_language_of_the_customer(desk: Callable, language: str, titles: list[str]) -> None:
    case, client = CaseFactory(language=language), desk("support")
    for title, spoken, active in (
        ("Any", "", True),
        ("English", "en", True),
        ("German", "de", True),
        ("Old", "", False),
    ):
        reply(title=title, language=spoken, is_active=active)
    page = Driver(client, case).look("write_to_customer").split('id="canned"')[1].split("</select>")[0]
    assert re.findall(r"<option[^>]*>([^<]+)", page) == titles
    hidden = CannedReply.objects.get(title="Old")
    assert client.post(address("fill_reply", case), {"canned": hidden.pk}).status_code == 404


def test_canned_reply_tells_a_sender_nothing_of_another_persons_purchase(desk: Callable) -> None:
    part = CoveredPartFactory(customer=CustomerFactory(name="Lars Holder"), serial="SECRET-1")
    case = CaseFactory(customer=CustomerFactory(name="Ingrid"), part=part)
    canned = reply(text="{product}|{serial}|{parts}|{name}")
    page = desk("support").post(address("fill_reply", case), {"canned": canned.pk}).content.decode()
    assert text_of(page) == "|||Ingrid"


def test_name_of_a_customer_fills_no_place_of_its_own(desk: Callable) -> None:
    case = CaseFactory(customer=CustomerFactory(name="{serial}<script>"))
    page = desk("support").post(address("fill_reply", case), {"canned": reply().pk}).content.decode()
    assert text_of(page).startswith("Hello {serial}<script>,")
    assert "<script>," not in page


def test_template_fills_the_quote_behind_the_lines_typed_and_is_kept_as_usual(desk: Callable) -> None:
    product = ProductFactory()
    case = CaseFactory(state="approved", part=CoveredPartFactory(product=product))
    chosen, client = template(product=product), desk("support")
    typed = {"lines-TOTAL_FORMS": "3", "lines-INITIAL_FORMS": "0", "lines-0-kind": "other", "lines-0-amount": "1,50",
             "lines-0-description": "Customs", "lines-1-kind": "shipping", "lines-2-kind": "other"}  # fmt: skip
    page = client.post(address("fill_quote", case), {**typed, "template": chosen.pk}).content.decode()
    assert not case.quotes.exists()
    shown = re.findall(r'name="(lines-\d+-(?:description|amount))" value="([^"]*)"', page)
    assert shown[:6] == [
        ("lines-0-description", "Customs"), ("lines-0-amount", "1,50"),
        ("lines-1-description", "Labour"), ("lines-1-amount", "45.00"),
        ("lines-2-description", "Parcel home"), ("lines-2-amount", "9.90"),
    ]  # fmt: skip
    kinds = {f"lines-{number}-kind": kind for number, kind in enumerate(("other", "repair", "shipping"))}
    Driver(client, case).does(
        "write_quote", **{**dict(shown[:6]), **kinds, "lines-TOTAL_FORMS": "3", "lines-INITIAL_FORMS": "0"}
    )
    assert sum(line.amount for line in case.quotes.get().lines.all()) == Decimal("56.40")


def test_templates_are_offered_for_the_product_and_the_currency_of_the_invoice(desk: Callable) -> None:
    product = ProductFactory()
    case = CaseFactory(state="approved", part=CoveredPartFactory(product=product))
    names = {"Fits": template("Fits", product=product), "Any": template("Any")}
    names |= {"Dollars": template("Dollars", currency="USD"), "Other": template("Other", product=ProductFactory())}
    client = desk("support")
    page = Driver(client, case).look("write_quote")
    offered = re.findall(r'name="template" value="(\d+)"', page)
    assert offered == [str(names["Fits"].pk), str(names["Any"].pk)]
    assert client.post(address("fill_quote", case), {"template": names["Dollars"].pk}).status_code == 404


@pytest.mark.parametrize("name", FILLS)
def test_ready_made_words_are_for_those_who_may_handle_cases_by_post(desk: Callable, client: Client, name: str) -> None:
    case = CaseFactory(state="approved")
    url, page = address(name, case), reverse("staff:case", args=[case.reference])
    assert client.post(url)["Location"] == f"{reverse('login')}?next={page}"
    for role in ("", "viewer", "administrator"):
        assert desk(role).post(url).status_code == 403
    assert desk("support").get(url).status_code == 405
    for nonsense in ("", "0", "x", "\0", "9" * 30):
        assert desk("support").post(url, {"canned": nonsense, "template": nonsense}).status_code == 404
    assert desk("support").post(url.replace(case.reference, "WD-2222-2")).status_code == 404


def test_answer_is_recorded_with_the_message_it_came_in(desk: Callable) -> None:
    case, other, client = CaseFactory(state="approved"), CaseFactory(), desk("support")
    quote(case)
    said = talking.receive_message(case.pk, text="Yes, please repair it.", actor=staff("support"), now=DECIDED_AT)
    driver = Driver(client, case)
    assert "Yes, please repair it." in driver.look("answer_quote").split('name="message"')[1].split("</select>")[0]
    elsewhere = other.messages.first()
    assert elsewhere is not None
    assert driver.post("answer_quote", answer="accepted", message=elsewhere.pk).status_code == 422
    assert driver.post("answer_quote", answer="accepted").status_code == 422, "nobody knows how they answered"
    driver.does("answer_quote", answer="accepted", message=said.pk)
    answered = case.quotes.get()
    assert (answered.answer, answered.answered_in) == ("accepted", said)
    assert "in the message of" in driver.look()
