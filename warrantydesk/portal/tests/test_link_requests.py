""" "Send me my link again": a mail to the address we know, and not a word or a moment more for anybody else."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cases import notifications
from cases.models import CaseEvent, OutgoingMail
from cases.tests.factories import CaseFactory
from products.tests.factories import CustomerFactory
from warrantydesk.faces.limits import DEFAULTS
from warrantydesk.portal.link_requests import answer_link_requests
from warrantydesk.portal.models import LinkRequest
from warrantydesk.portal.tests.door import text_of

pytestmark = pytest.mark.django_db
# The counters of the limits are written for an address the first time it asks, whoever it belongs to.
NOT_ITS_WORK = re.compile("SAVEPOINT|faces_limitcount")
ASKS_AN_HOUR = DEFAULTS["portal_link"].most


@pytest.fixture
def case(owner):
    return CaseFactory(customer=owner)


def ask(reference, email, client=None, **headers):
    answer = (client or Client()).post("/link/", {"reference": reference, "email": email}, **headers)
    answer_link_requests(timezone.now())
    return answer


@pytest.mark.parametrize("written", ["{}", " {} ", "my case is {}"])
@pytest.mark.parametrize("address", ["ingrid@example.com", "Ingrid@Example.COM "])
def test_link_is_mailed_where_case_and_address_belong_together(case, written, address):
    answer = ask(written.format(case.reference.lower()), address)
    assert answer.headers["Location"] == "/link/sent/"
    mail = OutgoingMail.objects.get(kind="link")
    assert (mail.case, mail.to_address) == (case, "ingrid@example.com")


@pytest.mark.parametrize(
    ("reference", "email"),
    [
        ("WD-2222-2", "ingrid@example.com"),
        ("nonsense", "ingrid@example.com"),
        (None, "other@example.com"),
        (None, "ingrid+x@example.com"),
    ],
    ids=["unknown case", "no reference", "another address", "nearly the address"],
)
def test_nothing_is_mailed_and_nothing_is_left_behind_otherwise(case, reference, email):
    before = CaseEvent.objects.count()
    ask(reference or case.reference, email)
    assert not OutgoingMail.objects.filter(kind="link").exists()
    assert CaseEvent.objects.count() == before


def test_answer_is_the_same_whether_there_is_a_case_or_not(case):
    known, unknown = ask(case.reference, "ingrid@example.com"), ask("WD-2222-2", "nobody@example.com")
    assert (known.status_code, known.headers["Location"]) == (unknown.status_code, unknown.headers["Location"])
    assert known.content == unknown.content
    assert not known.cookies
    assert not unknown.cookies


def test_work_is_the_same_whether_there_is_a_case_or_not(case):
    """Not a question to the database more or less, and none that looks for the case."""
    shapes = []
    ask("WD-2222-2", "x@example.com")  # whoever asks for the first time is counted from now on
    for reference, email in ((case.reference, "ingrid@example.com"), ("WD-2222-2", "x@example.com")):
        with CaptureQueriesContext(connection) as asked:
            Client().post("/link/", {"reference": reference, "email": email})
        shapes.append([query["sql"].split("(")[0] for query in asked if not NOT_ITS_WORK.search(query["sql"])])
    assert shapes[0] == shapes[1]
    assert [sql.split()[0] for sql in shapes[0]] == ["INSERT"]


def test_one_request_that_fails_holds_up_no_other(case, monkeypatch):
    answered = notifications.send_link

    def stumble(broken, **given):
        if broken == case:
            raise RuntimeError("the disk is full")
        return answered(broken, **given)

    monkeypatch.setattr(notifications, "send_link", stumble)
    other = CaseFactory(customer=CustomerFactory(email="jonas@example.com"))
    ask(case.reference, "ingrid@example.com")
    ask(other.reference, "jonas@example.com")
    assert list(OutgoingMail.objects.filter(kind="link").values_list("to_address", flat=True)) == ["jonas@example.com"]
    assert LinkRequest.objects.get().reference == case.reference


def test_whole_answer_is_the_same_headers_and_all(owner, settings):
    """Only the pages: how long they take is measured by `python -m bench.link_answers`."""
    settings.LIMITS = dict.fromkeys(("portal_link", "portal_link_network", "portal_link_address"), (10000, 3600))
    pairs = [("WD-2345-6", "ingrid@example.com"), ("WD-2345-7", "nobody@example.com")]
    CaseFactory(customer=owner)
    pairs.append((owner.cases.get().reference, "ingrid@example.com"))
    answers = set()
    for reference, address in pairs:
        answer = Client().post("/link/", {"reference": reference, "email": address})
        answers.add((answer.status_code, answer.content, tuple(sorted(answer.headers.items()))))
    assert len(answers) == 1


def test_desk_without_a_case_answers_all_the_same(db):
    assert ask("WD-2222-2", "x@example.com").headers["Location"] == "/link/sent/"


def test_caps_on_automatic_mail_hold_here_too(case, settings):
    settings.MAIL_CAP_PER_ADDRESS_DAY = 2
    for _ in range(4):
        assert ask(case.reference, "ingrid@example.com").headers["Location"] == "/link/sent/"
    assert OutgoingMail.objects.filter(kind="link").count() == 2


def test_asking_too_often_is_said_and_costs_no_more_work(case):
    for _ in range(ASKS_AN_HOUR):
        ask("WD-2222-2", "x@example.com")
    with CaptureQueriesContext(connection) as asked:
        answer = Client().post("/link/", {"reference": case.reference, "email": "ingrid@example.com"})
    assert answer.status_code == 429
    assert "You have asked often just now" in text_of(answer)
    assert case.reference in answer.content.decode()
    # Taking a use, seeing that there is none, and counting the refusal: nothing about the case is looked for.
    assert all("faces_limitcount" in query["sql"] or "SAVEPOINT" in query["sql"] for query in asked)


def test_other_visitors_may_still_ask(case):
    for _ in range(ASKS_AN_HOUR + 1):
        ask("WD-2222-2", "x@example.com")
    assert ask(case.reference, "ingrid@example.com", REMOTE_ADDR="203.0.113.9").status_code == 302


def test_address_behind_our_proxy_is_the_one_the_proxy_saw(case, settings):
    settings.BEHIND_PROXY = True
    for _ in range(ASKS_AN_HOUR + 1):
        last = ask("WD-2222-2", "x@example.com", headers={"x-forwarded-for": "1.1.1.1, 203.0.113.9"})
    assert last.status_code == 429
    other = ask("WD-2222-2", "y@example.com", headers={"x-forwarded-for": "1.1.1.1, 203.0.113.10"})
    assert other.status_code == 302


@pytest.mark.parametrize("sent", [{}, {"reference": "WD-2222-2"}, {"reference": "WD-2222-2", "email": "no address"}])
def test_incomplete_form_comes_back_with_what_was_typed(db, sent):
    answer = Client().post("/link/", sent)
    assert answer.status_code == 422
    for value in sent.values():
        assert value in answer.content.decode()


def test_start_page_sets_no_cookie_and_says_how_to_ask(db):
    answer = Client().get("/")
    words = text_of(answer)
    assert not answer.cookies
    assert "warranty@positron.example" in words
    assert "[Warranty Request]" in words
    assert "For staff" in words


def test_start_page_leads_back_to_an_open_request(case):
    from warrantydesk.portal.tests.door import let_in

    assert "Go to your request" in text_of(let_in(case).get("/"))
    assert "Go to your request" not in text_of(Client().get("/"))
