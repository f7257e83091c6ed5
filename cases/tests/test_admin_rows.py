"""The admin's pages of every row of a case: found, looked at, and changed by nobody."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cases.models import Case, CaseLink
from cases.tests.eventful import CASE, MODELS, client_of, eventful_case, page
from cases.tests.factories import StaffFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("cases")]
Pair = tuple[Case, Case]


@pytest.fixture(scope="module")
def cases(django_db_setup: None, django_db_blocker: Any) -> Iterator[Pair]:
    """Made once for the whole module, and taken back after it; each test undoes what it did."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield eventful_case(), eventful_case()
        transaction.set_rollback(True)


@pytest.fixture
def boss() -> Client:
    """A superuser: whatever is refused here is refused to everybody."""
    return client_of(StaffFactory(role="", is_superuser=True))


@pytest.mark.parametrize("model", MODELS)
def test_list_and_detail_page_open(boss: Client, model: type):
    assert boss.get(page(model, "changelist")).status_code == 200
    assert boss.get(page(model, "change", model.objects.latest("pk").pk)).status_code == 200


@pytest.mark.parametrize("model", MODELS)
def test_list_never_counts_its_rows(boss: Client, model: type):
    with CaptureQueriesContext(connection) as queries:
        answer = boss.get(page(model, "changelist"))
    assert answer.context["cl"].result_list
    assert not [query for query in queries if "COUNT(" in query["sql"]]


@pytest.mark.parametrize("written", ["reference", "address", "invoice"])
@pytest.mark.parametrize("model", MODELS)
def test_row_is_found_through_its_case_however_it_is_written(boss: Client, cases: Pair, model: type, written: str):
    wanted, other = cases
    asked = {
        "reference": wanted.reference.lower().replace("-", " "),
        "address": f" {wanted.customer.email.upper()} ",
        "invoice": wanted.invoice.number,
    }[written]
    found = boss.get(page(model, "changelist", q=asked)).context["cl"].queryset
    its_case = "pk" if model is Case else CASE[model]
    assert {row[0] for row in found.values_list(its_case)} == {wanted.pk}
    assert model.objects.filter(**{its_case: other.pk}).exists()


def test_search_for_a_reference_asks_the_index(boss: Client, cases: Pair):
    case, _other = cases
    with CaptureQueriesContext(connection) as queries:
        boss.get(page(Case, "changelist", q=case.reference))
    assert any(f"\"reference\" = '{case.reference}'" in query["sql"] for query in queries)


def test_hash_of_a_private_link_is_never_shown(boss: Client):
    for link in CaseLink.objects.all():
        for address in (page(CaseLink, "change", link.pk), page(CaseLink, "changelist")):
            assert link.token_hash not in boss.get(address).content.decode()


@pytest.mark.parametrize("model", MODELS)
def test_row_cannot_be_added_changed_or_deleted_by_anybody(boss: Client, model: type):
    row = model.objects.latest("pk")
    before = list(model.objects.order_by("pk").values())
    assert boss.get(page(model, "add")).status_code == 403
    assert boss.post(page(model, "add"), {}).status_code == 403
    assert boss.post(page(model, "change", row.pk), {"state": "denied"}).status_code == 403
    assert boss.post(page(model, "delete", row.pk), {"post": "yes"}).status_code == 403
    boss.post(page(model, "changelist"), {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"})
    assert list(model.objects.order_by("pk").values()) == before
