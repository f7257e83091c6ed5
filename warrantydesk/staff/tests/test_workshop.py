"""The workshop, walked with a scanner: from the code on the slip to the tested part."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cases.models import Case
from cases.tests.factories import CaseFactory, staff
from products.tests.factories import InvoiceFactory, ProductFactory, parts_of
from shipments import services as parcels

BENCH = {"from": "bench"}


def expected_parcel(case: Case, number: str = "ABC12345") -> Any:
    return parcels.book(
        case.pk, direction="to_workshop", carrier="manual", tracking_number=number, actor=staff("support"),
        now=timezone.now(),
    )  # fmt: skip


def bench_of(case: Case) -> str:
    return reverse("staff:bench", args=[case.reference])


@pytest.mark.parametrize(
    "written", ["https://desk.example/desk/cases/{}/", "{}", "abc12345"], ids=["code", "reference", "number"]
)
def test_scan_opens_the_bench_of_its_case(desk: Callable, written: str) -> None:
    case = CaseFactory(state="approved")
    expected_parcel(case)
    answer = desk("support").get(reverse("staff:workshop"), {"code": written.format(case.reference)})
    assert (answer.status_code, answer["Location"]) == (302, bench_of(case))


def test_scan_says_so_when_nothing_is_known_by_it(desk: Callable) -> None:
    page = desk("support").get(reverse("staff:workshop"), {"code": "<b>WD-2222-2\0"})
    assert page.status_code == 200
    assert "No case and no parcel is known by" in page.content.decode()
    assert "<b>WD" not in page.content.decode()


def test_scan_offers_a_choice_when_the_parcel_is_of_two_cases(desk: Callable) -> None:
    one, two = CaseFactory(state="approved"), CaseFactory(state="approved")
    expected_parcel(one)
    expected_parcel(two)
    page = desk("support").get(reverse("staff:workshop"), {"code": "ABC12345"}).content.decode()
    assert bench_of(one) in page
    assert bench_of(two) in page


def test_repair_is_walked_from_the_scan_to_the_test(desk: Callable) -> None:
    case, client = CaseFactory(state="approved"), desk("support")
    parcel, claim, spare = expected_parcel(case), case.claimed_parts.get(), ProductFactory()
    assert case.reference in client.get(reverse("staff:workshop")).content.decode()

    def does(verb: str, *about: int, **said: str) -> str:
        address = reverse(f"staff:{verb}", args=[case.reference, *about])
        assert f'action="{address}"' in client.get(bench_of(case)).content.decode()
        answer = client.post(address, {**BENCH, **said})
        assert answer.status_code == 303, answer.context["refused"].errors
        assert answer["Location"].startswith(bench_of(case)), "back to the bench, not to the desk"
        return client.get(bench_of(case)).content.decode()

    assert "The parcel has arrived." in does("receive_parcel", parcel.pk)
    assert Case.objects.get(pk=case.pk).state == "in_repair"
    assert "SN-77" in does("use_part", claim.pk, article=spare.sku, quantity="1", serial="SN-77")
    does("take_back_part", claim.used_parts.get().pk)
    page = does("report_repair", claim.pk, found="Coil open.", done="Coil replaced.", test="passed", measured="1.5 A")
    assert "Coil replaced." in page
    assert "bench-passed" in page
    does("plan_unrepaired_return", why="Cracked through", beyond_repair="on")
    assert "It goes home unrepaired" in client.get(bench_of(case)).content.decode()


def test_refused_report_stays_on_the_bench_with_what_was_typed(desk: Callable) -> None:
    case, client = CaseFactory(state="in_repair"), desk("support")
    address = reverse("staff:report_repair", args=[case.reference, case.claimed_parts.get().pk])
    page = client.post(address, {**BENCH, "found": "Typed words", "test": "passed"})
    assert page.status_code == 422
    assert "staff/bench.html" in [template.name for template in page.templates]
    for words in ("Typed words", "It runs again: say what was done."):
        assert words in page.content.decode()


def test_replacement_gets_its_serial_number_on_the_bench(desk: Callable) -> None:
    case, client = CaseFactory(state="approved", resolution="replacement"), desk("support")
    claim = case.claimed_parts.get()
    address = reverse("staff:record_replacement", args=[case.reference, claim.pk])
    assert f'action="{address}"' in client.get(bench_of(case)).content.decode()
    assert client.post(address, {**BENCH, "new_serial": "NEW-9"}).status_code == 303
    assert "NEW-9" in client.get(bench_of(case)).content.decode()


def test_viewer_sees_the_bench_and_no_form_on_it(desk: Callable) -> None:
    case = CaseFactory(state="in_repair")
    page = desk("viewer").get(bench_of(case)).content.decode()
    assert page.count("<form") == page.count('action="/desk/logout/"')


def test_bench_asks_no_query_for_every_part(desk: Callable) -> None:
    client = desk("support")

    def queries(count: int) -> int:
        case = CaseFactory(state="in_repair", parts=parts_of(InvoiceFactory())[:count])
        for claim in case.claimed_parts.all():
            for verb, said in (
                ("report_repair", {"found": "a", "test": "none"}),
                ("use_part", {"article": spare.sku, "quantity": "1"}),
            ):
                assert client.post(reverse(f"staff:{verb}", args=[case.reference, claim.pk]), said).status_code == 303
        with CaptureQueriesContext(connection) as asked:
            assert client.get(bench_of(case)).status_code == 200
        return len(asked)

    spare = ProductFactory()
    client.get(reverse("staff:queue"))  # what the side counts once a minute
    assert queries(1) == queries(3)


def test_bench_is_unknown_when_the_case_is(desk: Callable, client: Client) -> None:
    assert desk("support").get(reverse("staff:bench", args=["WD-2222-2"])).status_code == 404
