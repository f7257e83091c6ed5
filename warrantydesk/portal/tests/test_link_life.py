"""The life of a private link after its mail: it grows old and is renewed by mail, it is ended by its owner or by us."""

import datetime as dt

import pytest
from django.test import Client
from django.utils import timezone

from cases.links import revoke_links
from cases.models import OutgoingMail
from cases.services import linking
from cases.tests.factories import CaseFactory, staff
from warrantydesk.portal.link_requests import answer_link_requests
from warrantydesk.portal.tests.door import let_in, text_of, token_of
from warrantydesk.privacy.held import TABLES

pytestmark = pytest.mark.django_db
LONG_AGO = dt.timedelta(days=40)


@pytest.fixture
def case(owner):
    return CaseFactory(customer=owner)


def renew(token, **given):
    answer = Client().post(f"/status/{token}/", {"renew": "on"}, **given)
    answer_link_requests(timezone.now())
    return answer


def links_mailed() -> list[str]:
    return list(OutgoingMail.objects.filter(kind="link").values_list("to_address", flat=True))


def test_old_link_is_renewed_by_one_button_and_only_by_mail(case):
    token = token_of(case, now=timezone.now() - LONG_AGO)
    closed = Client().post(f"/status/{token}/")
    assert "Send me a new link" in text_of(closed)
    answer = renew(token)
    assert answer.headers["Location"] == "/link/sent/"
    assert not answer.cookies
    assert links_mailed() == ["ingrid@example.com"]


def _revoked(case):
    token = token_of(case, now=timezone.now() - LONG_AGO)
    revoke_links(case, timezone.now())
    return token


def _left(case):
    token = token_of(case, now=timezone.now() - LONG_AGO)
    case.customer.email = "new@example.com"
    case.customer.save()
    return token


@pytest.mark.parametrize(
    "spoilt", [lambda case: "y" * 32, _revoked, _left], ids=["unknown", "revoked", "address changed"]
)
def test_nothing_is_mailed_for_another_token_and_the_answer_is_the_same(case, spoilt):
    answer = renew(spoilt(case))
    assert (answer.status_code, answer.headers["Location"]) == (302, "/link/sent/")
    assert links_mailed() == []


def test_asking_often_is_said_with_the_way_to_us(case, settings):
    settings.LIMITS = {"portal_link": (1, 3600)}
    token = token_of(case, now=timezone.now() - LONG_AGO)
    assert [renew(token).status_code for _ in range(2)] == [302, 429]
    assert renew("z" * 32).content == renew(token).content


@pytest.mark.parametrize(
    ("limit", "first", "second", "third"),
    [
        ("portal_link_address", "ingrid@example.com", "Ingrid+shop@EXAMPLE.com", "jonas@example.com"),
        ("portal_link_address", "nobody@gmail.com", "no.body@googlemail.com", "somebody@gmail.com"),
    ],
    ids=["case and tag", "dots of gmail"],
)
def test_limit_holds_for_the_mailbox_however_it_is_written(case, settings, limit, first, second, third):
    settings.LIMITS = {limit: (1, 3600)}

    def ask(address, network):
        return Client().post("/link/", {"reference": "WD-2222-2", "email": address}, REMOTE_ADDR=network).status_code

    assert [ask(first, "203.0.113.1"), ask(second, "198.51.100.1"), ask(third, "192.0.2.1")] == [302, 429, 302]


@pytest.mark.parametrize(
    ("addresses", "statuses"),
    [
        (["203.0.113.1", "203.0.113.2", "203.0.114.1"], [302, 429, 302]),
        (["2001:db8:0:1::1", "2001:db8:0:1:ffff::2", "2001:db8:0:2::1"], [302, 429, 302]),
    ],
    ids=["the same /24", "the same /64"],
)
def test_limit_holds_for_the_network_around_an_address(case, settings, addresses, statuses):
    settings.LIMITS = {"portal_link_network": (1, 3600)}
    asked = [
        Client().post("/link/", {"reference": "WD-2222-2", "email": f"x{n}@example.com"}, REMOTE_ADDR=address)
        for n, address in enumerate(addresses)
    ]
    assert [one.status_code for one in asked] == statuses


def test_customer_ends_every_link_and_is_out_everywhere(case):
    here, elsewhere = let_in(case), let_in(case)
    answer = here.post("/status/end-links/")
    assert answer.headers["Location"] == "/?done=closed"
    assert "No private link to your request works any more." in text_of(here.get("/?done=closed"))
    assert elsewhere.get("/status/").status_code == 404
    event = case.events.get(name="links_revoked")
    assert (event.actor_kind, event.data) == ("customer", {"links": 2})


def test_staff_end_every_link(case):
    token, client = token_of(case), let_in(case)
    linking.revoke_links(case.pk, actor=staff("support"), now=timezone.now())
    assert client.get("/status/").status_code == 404
    assert Client().post(f"/status/{token}/").status_code == 404


def test_my_data_is_shown_and_taken_along(case):
    client = let_in(case)
    words = text_of(client.get("/status/my-data/"))
    assert "ingrid@example.com" in words
    kept = client.get("/status/my-data/?as=file")
    assert kept.headers["Content-Disposition"] == f'attachment; filename="{case.reference}-my-data.json"'
    data = kept.json()
    assert data["person"]["name"] == "Ingrid Sørensen"
    assert data["request"]["reference"] == case.reference
    assert len(data["files"]) == case.evidence.count()
    assert (data["quote"], data["answers"]) == (None, [])


def test_my_data_tells_every_fact_of_the_person_and_the_request(case):
    data = let_in(case).get("/status/my-data/?as=file").json()
    facts = {held.model: set(held.facts) for held in TABLES}
    missing = facts["cases.Case"] - data["request"].keys() | facts["products.Customer"] - data["person"].keys()
    assert missing - {"created_at"} == set(), "data_of in warrantydesk/portal/my_data.py (and person_rows for the page)"


def test_my_data_holds_no_note_of_ours_and_no_untold_answer(case, reviewer):
    from cases.services import talking
    from cases.tests.factories import judge

    talking.add_note(case.pk, text="Looks like a fall.", actor=reviewer, now=timezone.now())
    judge(case.claimed_parts.get(), reviewer, deny="improper_assembly", words="Too much force.")
    data = let_in(case).get("/status/my-data/?as=file").content.decode()
    assert "Looks like a fall" not in data
    assert "Improper assembly" not in data


@pytest.mark.parametrize("path", ["/status/my-data/", "/status/my-data/?as=file"])
def test_my_data_is_behind_the_door(case, path):
    assert Client().get(path).status_code == 404


def test_erasure_is_asked_for_and_a_person_reads_it(case):
    client = let_in(case)
    assert client.post("/status/erase/", {}).status_code == 422
    assert client.post("/status/erase/", {"sure": "on"}).headers["Location"] == "/status/#messages"
    assert case.messages.latest("pk").text == "I ask you to erase the personal data you hold about me."
