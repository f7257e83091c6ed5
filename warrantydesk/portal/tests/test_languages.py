"""Who reads which language: staff English, customers what they chose, then their country's, then their browser's."""

import datetime as dt
import re

import pytest
from django.test import Client
from django.utils import timezone

from cases.actors import Actor
from cases.links import revoke_links
from cases.models import Case, CaseEvent, OutgoingMail
from cases.services import deciding
from cases.services.opening import set_purchase
from cases.services.speaking import language_for
from cases.tests.factories import CaseFactory, staff
from products.models import Customer
from products.tests.factories import CustomerFactory, InvoiceFactory
from warrantydesk.portal.tests.door import let_in, token_of

# ── On the pages ─────────────────────────────────────────────────────────────────────────────────────────────────


def language_of(client: Client, address: str, **headers: str) -> str:
    response = client.get(address, headers=headers)
    found = re.search(r'<html lang="([^"]+)"', response.content.decode())
    assert found, response
    assert response.headers["Content-Language"] == found[1]
    return found[1]


def choose(client: Client, language: str, page: str = "/", **headers: str):
    return client.post("/language/", {"language": language, "page": page}, headers=headers)


@pytest.mark.django_db
def test_page_is_in_the_language_of_the_browser_until_another_is_chosen():
    client = Client()
    assert language_of(client, "/", **{"accept-language": "fr-CA, en;q=0.5"}) == "fr"
    assert language_of(client, "/?lang=ja", **{"accept-language": "fr"}) == "ja"
    assert language_of(client, "/?lang=xx", **{"accept-language": "fr"}) == "fr"
    assert language_of(client, "/nowhere/", **{"accept-language": "de"}) == "de"
    assert not client.cookies
    assert language_of(client, "/desk/login/", **{"accept-language": "fr"}) == "en"


@pytest.mark.django_db
@pytest.mark.parametrize("page", ["/", "/check/", "/request/", "/request/where/", "/link/sent/"])
def test_choice_before_the_first_button_sets_no_cookie_and_goes_from_page_to_page(page: str):
    client = Client()
    answer = choose(client, "de", page)
    assert (answer.status_code, answer.headers["Location"]) == (302, f"{page}?lang=de")
    html = client.get(answer.headers["Location"]).content.decode()
    assert not client.cookies
    ways = re.findall(r'(?:href|action)="(/(?:check/|request/|request/where/|link/)?(?:\?[^"]*)?)"', html)
    assert ways
    assert {re.sub(r".*\?", "?", way) for way in ways} == {"?lang=de"}


@pytest.mark.django_db
@pytest.mark.parametrize("page", ["https://evil.example/", "//evil.example/", "", "javascript:alert(1)", "/\\evil"])
def test_choice_leads_to_no_page_of_others(page: str):
    location = choose(Client(), "de", page).headers["Location"]
    assert location.startswith("/?lang=de") or re.match(r"/[^/\\]", location)


@pytest.mark.django_db
def test_choice_from_a_foreign_page_changes_nothing(owner: Customer):
    case = CaseFactory(customer=owner)
    choose(let_in(case), "de", **{"Sec-Fetch-Site": "cross-site"})
    assert Case.objects.get(pk=case.pk).language == "en"


@pytest.mark.django_db
def test_choice_inside_is_kept_with_the_customer_and_every_open_case(owner: Customer):
    case, other, closed = CaseFactory(customer=owner), CaseFactory(customer=owner), CaseFactory(customer=owner)
    Case.objects.filter(pk=closed.pk).update(language="fr")
    now = dt.datetime(2025, 12, 1, 12, tzinfo=dt.UTC)
    deciding.withdraw(closed.pk, why="", reason="withdrawn", actor=Actor.customer(), now=now)
    client = let_in(case)
    assert choose(client, "de", "/status/").headers["Location"] == "/status/"
    assert language_of(client, "/status/") == "de"
    assert language_of(client, "/") == "de"
    assert {one.language for one in Case.objects.filter(pk__in=[case.pk, other.pk])} == {"de"}
    assert Case.objects.get(pk=closed.pk).language == "fr"
    assert Customer.objects.get(pk=owner.pk).language == "de"
    event = CaseEvent.objects.get(case=case, name="language_chosen")
    assert event.data == {"from": "en", "to": "de"}
    client.post("/status/withdraw/", {"sure": "on"})
    mail = OutgoingMail.objects.get(case=case, kind="withdrawn")
    assert mail.language == "de"
    assert "Ihr Garantieantrag ist zurückgezogen" in mail.body


@pytest.mark.django_db
def test_page_behind_a_private_link_is_in_the_language_of_its_case(owner: Customer):
    case = CaseFactory(customer=owner, language="ja")
    client = Client()
    page = f"/status/{token_of(case)}/"
    assert language_of(client, page, **{"accept-language": "fr"}) == "ja"  # that of the mail the link stood in
    assert language_of(client, f"{page}?lang=de") == "de"
    assert not client.cookies
    revoke_links(case, timezone.now())
    assert language_of(client, page, **{"accept-language": "fr"}) == "fr"
    assert language_of(let_in(case, client), "/status/") == "ja"
    assert language_of(client, "/") == "ja"


@pytest.mark.django_db
@pytest.mark.parametrize(("chosen", "language"), [("", "ja"), ("fr", "fr")])
def test_invoice_found_later_brings_its_language_unless_the_customer_chose_one(chosen: str, language: str):
    invoice = InvoiceFactory(country="JP")
    case = CaseFactory(matched=False, customer=CustomerFactory(language=chosen), language=chosen or "en")
    unit, now = invoice.lines.get().units.get(), timezone.now()
    support = staff("support")
    set_purchase(case.pk, invoice_id=invoice.pk, unit_id=unit.pk, actor=support, now=now)
    now_said = Case.objects.get(pk=case.pk)
    assert (now_said.language, now_said.customer.language) == (language, chosen)
    assert CaseEvent.objects.get(case=case, name="purchase_set").data["language"] == language
    set_purchase(case.pk, invoice_id=None, unit_id=None, actor=support, now=now)
    assert Case.objects.get(pk=case.pk).language == language  # a match that was none takes no language back


@pytest.mark.django_db
def test_new_case_is_in_the_language_of_its_invoices_country():
    customer = CustomerFactory(language="")
    invoice = InvoiceFactory(customer=customer, country="JP")
    assert language_for(customer, invoice, "fr") == "ja"
    assert language_for(customer, None, "fr") == "fr"
    assert language_for(customer, None) == "en"
