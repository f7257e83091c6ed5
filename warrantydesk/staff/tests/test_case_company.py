"""The company of a case: who else looks, perhaps the same request, its parts' past, tags, and our answer."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.urls import reverse
from django.utils import timezone

from cases.models import Absence, AssignmentRule, Case
from cases.tests.factories import CaseFactory
from products.tests.factories import CoveredPartFactory
from warrantydesk.staff.presence import note_presence
from warrantydesk.staff.tests.driver import Driver

NOW = dt.datetime(2026, 3, 3, 12, 0, tzinfo=dt.UTC)


@pytest.fixture
def case(db: None) -> Case:
    return CaseFactory()


def test_others_are_named_until_they_have_been_gone_for_a_while(person: Callable, case: Case) -> None:
    rita, bob = person("reviewer", name="Rita"), person("support", name="Bob")
    assert note_presence(case.pk, rita, NOW) == []
    assert note_presence(case.pk, bob, NOW + dt.timedelta(seconds=20)) == ["Rita"]
    assert note_presence(case.pk, rita, NOW + dt.timedelta(seconds=40)) == ["Bob"]
    assert note_presence(case.pk + 1, bob, NOW) == []
    assert note_presence(case.pk, bob, NOW + dt.timedelta(seconds=120)) == []


def test_page_tells_who_looks_too_and_that_it_changed(desk: Callable, case: Case) -> None:
    rita, bob = desk("reviewer", name="Rita <b>"), desk("support")
    first = rita.get(reverse("staff:case", args=[case.reference]))
    assert "is looking at this too" not in first.content.decode()
    assert "Rita &lt;b&gt; is looking at this too" in Driver(bob, case).look()
    address = reverse("staff:presence", args=[case.reference])
    before = rita.get(address, {"as_of": first.context["as_of"]})
    assert "Changed meanwhile" not in before.content.decode()
    Driver(bob, case).does("add_note", text="Look at the belt.")
    after = rita.get(address, {"as_of": first.context["as_of"]})
    assert "Changed meanwhile" in after.content.decode()
    assert rita.get(address, {"as_of": "x"}).status_code == 200
    assert rita.get(reverse("staff:presence", args=["WD-2222-2"])).status_code == 404


def test_same_request_is_suspected_when_it_comes_twice(desk: Callable) -> None:
    part = CoveredPartFactory()
    customer = part.unit.line.invoice.customer
    first = CaseFactory(part=part, customer=customer)
    second = CaseFactory(part=part, customer=customer, received_at=first.received_at + dt.timedelta(days=2))
    late = CaseFactory(part=part, customer=customer, received_at=first.received_at + dt.timedelta(days=40))
    assert [one.pk for one in suspects(desk, second)] == [first.pk]
    assert suspects(desk, late) == []


def test_nothing_is_suspected_when_the_other_is_over_or_about_another_product(desk: Callable) -> None:
    part = CoveredPartFactory()
    customer = part.unit.line.invoice.customer
    CaseFactory(part=part, customer=customer, state="withdrawn")
    CaseFactory(part=CoveredPartFactory(customer=customer), customer=customer)
    assert suspects(desk, CaseFactory(part=part, customer=customer)) == []


def suspects(desk: Callable, case: Case) -> list[Case]:
    return desk("support").get(reverse("staff:case", args=[case.reference])).context["purchase"].suspects


def test_service_record_tells_what_was_decided_about_the_very_part_before(desk: Callable) -> None:
    part = CoveredPartFactory(serial="OLD-1")
    before = CaseFactory(part=part, state="returned", resolution="replacement")
    other = CaseFactory()
    client = desk("support")
    after = CaseFactory(part=part)
    (line,) = client.get(reverse("staff:case", args=[after.reference])).context["purchase"].record
    assert line.serials.startswith("OLD-1 → NEW-")
    assert [one.reference for one in line.before] == [before.reference]
    assert client.get(reverse("staff:case", args=[other.reference])).context["purchase"].record == []


def test_tag_is_put_on_and_taken_off_on_the_page(desk: Callable, case: Case) -> None:
    driver = Driver(desk("support"), case)
    driver.does("tag", name="batch 7")
    assert '<span class="tag">batch 7</span>' in driver.look()
    driver.does("untag", tag=case.tags.get().pk)
    page = driver.look()
    assert '<span class="tag">batch 7</span>' not in page
    assert "Tag taken off: batch 7" in page


def test_case_is_given_with_a_note_and_by_rule(desk: Callable, person: Callable, case: Case) -> None:
    driver, expert = Driver(desk("support"), case), person("support", name="Eve Expert")
    AssignmentRule.objects.create(product=case.product, person=expert)
    driver.does("assign", how="by-product", note="Call them.")
    page = driver.look()
    assert Case.objects.get(pk=case.pk).assignee == expert
    assert "Call them." in page
    today = timezone.localdate()
    Absence.objects.create(person=expert, first_on=today, last_on=today)
    assert "away until" in driver.look("assign")
    assert driver.post("assign", how="by-product").status_code == 422


def test_page_tells_when_our_answer_is_due_and_never_as_a_warranty(desk: Callable, case: Case) -> None:
    page = Driver(desk("viewer"), case).look()
    assert "our answer:" in page
    assert "is-late" in page  # received in the last year
    waiting = CaseFactory(state="submitted")
    assert "asked " in Driver(desk("viewer"), waiting).look()
