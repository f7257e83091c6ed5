"""What happens at the bench: reports and spare parts, each refusal naming what is missing."""

from typing import Any

import pytest

from cases.actors import Actor
from cases.errors import NotAllowed, NotPossible, Stale
from cases.models import CaseEvent, ClaimedPart, RepairReport, UsedPart
from cases.services import workshop
from cases.tests.factories import DECIDED_AT, CaseFactory
from products.tests.factories import KitFactory, ProductFactory

pytestmark = pytest.mark.django_db
REPORT = {"found": "Coil open.", "done": "Coil replaced.", "test": "passed", "measured": "1.5 A"}


@pytest.fixture
def claim() -> ClaimedPart:
    return CaseFactory(state="in_repair").claimed_parts.get()


def report(claim: ClaimedPart, actor: Actor, **said: Any) -> RepairReport:
    return workshop.report_repair(claim.pk, **{**REPORT, **said}, actor=actor, now=DECIDED_AT)


def use(claim: ClaimedPart, actor: Actor, article: str, **said: Any) -> UsedPart:
    return workshop.use_part(claim.pk, article=article, **said, actor=actor, now=DECIDED_AT)


def test_report_is_kept_with_its_row_in_the_timeline(claim: ClaimedPart, colleague: Actor) -> None:
    kept = report(claim, colleague)
    assert (kept.found, kept.test, kept.reported_by) == ("Coil open.", "passed", colleague.user)
    event = CaseEvent.objects.filter(case=claim.case).latest("pk")
    assert (event.name, event.data["report"], event.data["test"]) == ("repair_reported", kept.pk, "passed")
    report(claim, colleague, test="failed")
    assert claim.repair_reports.last().test == "failed", "a second turn is a second report"


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"found": "  "}, "found"),
        ({"test": ""}, "test"),
        ({"test": "perhaps"}, "test"),
        ({"done": ""}, "done"),
    ],
    ids=["nothing found", "no test", "no such test", "runs by itself"],
)
def test_report_is_refused_when_something_is_missing(
    claim: ClaimedPart, colleague: Actor, said: dict[str, str], field: str
) -> None:
    with pytest.raises(NotPossible) as refusal:
        report(claim, colleague, **said)
    assert refusal.value.field == field


def test_report_is_refused_when_it_is_sent_twice_or_nobody_may(
    claim: ClaimedPart, colleague: Actor, outsider: Actor
) -> None:
    report(claim, colleague)
    with pytest.raises(Stale):
        report(claim, colleague)
    with pytest.raises(NotAllowed):
        report(claim, outsider)


@pytest.mark.parametrize("state", ["approved", "returned", "evidence_review"])
def test_bench_is_closed_when_the_case_is_not_in_repair(colleague: Actor, state: str) -> None:
    claim = CaseFactory(state=state).claimed_parts.get()
    with pytest.raises(NotPossible):
        report(claim, colleague)
    with pytest.raises(NotPossible):
        use(claim, colleague, ProductFactory().sku)


def test_spare_part_is_noted_however_its_article_is_written(claim: ClaimedPart, colleague: Actor) -> None:
    spare = ProductFactory(sku="COIL-7")
    used = use(claim, colleague, " coil-7 ", serial=" SN 12 ")
    assert (used.product, used.quantity) == (spare, 1)
    assert used.serial == "SN 12"
    assert CaseEvent.objects.filter(case=claim.case).latest("pk").data["used"] == used.pk
    assert use(claim, colleague, "COIL-7", quantity=3).quantity == 3


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"article": "NONE"}, "article"),
        ({"article": " "}, "article"),
        ({"article": "KIT"}, "article"),
        ({"article": "COIL", "quantity": 0}, "quantity"),
        ({"article": "COIL", "quantity": 1001}, "quantity"),
        ({"article": "COIL", "quantity": 2, "serial": "SN1"}, "quantity"),
    ],
)
def test_spare_part_is_refused_when_it_cannot_be(
    claim: ClaimedPart, colleague: Actor, given: dict[str, Any], field: str
) -> None:
    ProductFactory(sku="COIL")
    KitFactory(sku="KIT")
    with pytest.raises(NotPossible) as refusal:
        use(claim, colleague, **given)
    assert refusal.value.field == field
    assert not claim.used_parts.exists()


def test_piece_is_built_in_once(claim: ClaimedPart, colleague: Actor) -> None:
    spare, other = ProductFactory(), CaseFactory(state="in_repair").claimed_parts.get()
    used = use(claim, colleague, spare.sku, serial="SN-1")
    with pytest.raises(Stale):
        use(claim, colleague, spare.sku, serial="sn 1")
    with pytest.raises(NotPossible, match=claim.case.reference):
        use(other, colleague, spare.sku, serial="SN-1")
    workshop.take_back_part(used.pk, actor=colleague, now=DECIDED_AT)
    assert use(other, colleague, spare.sku, serial="SN-1").claim == other
    assert CaseEvent.objects.filter(case=claim.case).latest("pk").name == "part_taken_back"
