"""The clock on the customer's page: the drawing, the sentence and the steps of every other face, and whose they are."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cases.models import Case
from cases.services import deciding
from cases.tests.factories import CaseFactory, judge_all
from products.models import CoveredPart, Customer
from products.services import WindowData, replace_part, set_pauses, void_part
from products.tests.factories import CoveredPartFactory, CustomerFactory, InvoiceFactory, parts_of
from shipments.tests.factories import BACK, OUT, ShipmentFactory
from warrantydesk.portal.tests.door import let_in, send_mails, text_of

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2025, 12, 1, 12, tzinfo=dt.UTC)
EARLIER = {"left": 901, "back": 902, "left_by": "DHL 00340434161094042557", "back_by": "DHL 00340434161094049999"}
JUNE = WindowData(dt.date(2025, 6, 11), dt.date(2025, 6, 29), "verified", proof=EARLIER)


@pytest.fixture(autouse=True)
def _in_december(time_machine):
    time_machine.move_to(NOW)


@pytest.fixture
def part(owner: Customer) -> CoveredPart:
    """Bought by the owner, repaired in June, replaced in August."""
    part = CoveredPartFactory(customer=owner, number="INV-77", serial="MX-1")
    set_pauses({part.pk: [JUNE]}, source="tracking", cause="test", now=NOW)
    august = dt.datetime(2025, 8, 1, 12, tzinfo=dt.UTC)
    replace_part(part.pk, new_serial="MX-2", case_reference="WD-AAAA-2", actor=None, now=august)
    return CoveredPart.objects.get(pk=part.pk)


def page(case: Case) -> str:
    return let_in(case).get("/status/").content.decode()


def words(case: Case) -> str:
    return text_of(let_in(case).get("/status/"))


def test_buyer_finds_sentence_drawing_and_steps(owner, part):
    case = CaseFactory(customer=owner, part=part)
    html, told = page(case), words(case)
    assert html.count('class="clock-svg') == 3
    pause = "paused 19 days (11–29 Jun 2025, proved by tracking)"
    assert f"Bought 3 Mar 2025 → 3 Mar 2026; {pause} → covered through 22 Mar 2026." in told
    for step in (
        "Why this date",
        "The warranty starts on 3 Mar 2025, the date of the invoice. invoice INV-77",
        "Away 11–29 Jun 2025: 19 days. +19 proved by tracking",
        "Replaced on 1 Aug 2025 (MX-1 → MX-2): the clock goes on as it was.",
        "Covered through 22 Mar 2026, 19 days more. +19",
    ):
        assert step in told
    assert "clock-step-rule" not in html  # the numbers of our rules are ours


def test_parcels_of_this_case_are_named_and_those_of_another_are_not(owner, part):
    case = CaseFactory(customer=owner, part=part, state="approved")
    out = ShipmentFactory(case=case, events=OUT)
    back = ShipmentFactory(case=case, direction="to_customer", events=BACK)
    set_pauses({part.pk: [JUNE, *_november(out.pk, back.pk)]}, source="tracking", cause="test", now=NOW)
    html = page(case)
    assert "UPS 1Z999AA10123456784" in html
    assert "0034043" not in html


def _november(out: int, back: int) -> list[WindowData]:
    proof = {"left": out, "back": back, "left_by": "UPS 1Z999AA10123456784", "back_by": "UPS 1Z999AA10123456784"}
    return [WindowData(dt.date(2025, 11, 12), dt.date(2025, 11, 24), "verified", proof=proof)]


def test_clock_of_what_is_away_says_the_end_if_it_is_back_today(owner, part):
    case = CaseFactory(customer=owner, part=part, state="approved")
    ShipmentFactory(case=case, events=OUT)
    told = words(case)
    assert "If it were back today, it would run through 23 Mar 2026." in told
    assert "→ covered through 23 Mar 2026 if it is back today (1 Dec 2025)." in told
    assert "Away since 12 Nov 2025: the clock stands still." in told


@pytest.mark.parametrize("ended", [False, True], ids=["covered", "void by the buyer's own case"])
def test_another_sender_finds_the_cover_and_nothing_of_the_buyer(part, ended: bool):
    if ended:
        void_part(part.pk, reason_code="improper_use", case_reference="WD-AAAA-2", actor=None, now=NOW)
    case = CaseFactory(customer=CustomerFactory(email="second@example.com"), part=part)
    html = page(case)
    assert ("The warranty of this part has ended" in html) == ended
    assert ("Covered through 22 Mar 2026." in html) != ended
    secrets = ("clock-svg", "Why this date", "3 Mar 2025", "11–29 Jun", "19 days", "0034043", "INV-77", "MX-1", "MX-2")
    for secret in (*secrets, "Improper use", "1 Dec 2025"):
        assert secret not in html


def test_another_sender_is_told_the_end_if_it_were_back_today(part):
    case = CaseFactory(customer=CustomerFactory(email="second@example.com"), part=part, state="approved")
    ShipmentFactory(case=case, events=OUT)
    html = page(case)
    assert "If it were back today, it would run through 23 Mar 2026." in html
    assert "clock-svg" not in html


def test_void_is_told_with_its_decision_and_not_before(owner, part, reviewer):
    case = CaseFactory(customer=owner, part=part)
    judge_all(case, reviewer, deny="improper_use")
    deciding.deny(case.pk, actor=reviewer, now=timezone.now())
    assert "void" not in words(case).lower()
    send_mails(case)
    told = words(case)
    assert "It ended on 1 Dec 2025 (Improper use, maintenance or operation)." in told
    assert "covered through 22 Mar 2026, but void since 1 Dec 2025 (clause 4(b))." in told


def test_decision_that_was_undone_leaves_no_trace_of_its_void(owner, part, reviewer):
    case = CaseFactory(customer=owner, part=part)
    judge_all(case, reviewer, deny="improper_use")
    deciding.deny(case.pk, actor=reviewer, now=timezone.now())
    deciding.undo(case.pk, actor=reviewer, now=timezone.now())
    html = page(case)
    for trace in ("void", "Void", "lifted", "Improper"):
        assert trace not in html


def test_denial_for_its_day_shows_the_day_that_counted(time_machine, owner):
    part = CoveredPartFactory(customer=owner)
    time_machine.move_to(dt.datetime(2026, 4, 6, 12, tzinfo=dt.UTC))
    case = CaseFactory(customer=owner, part=part, received_at=dt.datetime(2026, 4, 5, 12, tzinfo=dt.UTC))
    assert "The request reached us on 5 Apr 2026: after the last covered day." in words(case)


def test_clock_is_told_in_the_language_of_the_case(owner, part):
    told = words(CaseFactory(customer=owner, part=part, language="de"))
    for step in (
        "Warum dieses Datum",
        "Die Garantie beginnt am 3. März 2025, dem Datum der Rechnung. Rechnung INV-77",
        "Unterwegs 11.–29. Juni 2025: 19 Tage. +19 durch Sendungsverfolgung belegt",
        "Ersetzt am 1. August 2025 (MX-1 → MX-2): Die Uhr läuft weiter wie bisher.",
        "Abgedeckt bis einschließlich 22. März 2026, 19 Tage mehr. +19",
    ):
        assert step in told


def test_queries_do_not_grow_with_the_parts_and_their_history(owner):
    few, many = (parts_of(InvoiceFactory(customer=owner))[:count] for count in (1, 4))
    asked = []
    for parts in (few, many):
        set_pauses({part.pk: [JUNE] for part in parts}, source="tracking", cause="test", now=NOW)
        client = let_in(CaseFactory(customer=owner, parts=parts))
        with CaptureQueriesContext(connection) as queries:
            assert client.get("/status/").status_code == 200
        asked.append(len(queries))
    assert asked[0] == asked[1]
