"""void_part and lift_void: one part, one reason, and the dates stay (policy 1.8 and 3.4)."""

import datetime as dt

import pytest

from products.errors import Refused
from products.models import CoveredPart, PartVoid
from products.reference import REASONS
from products.services import lift_void, void_part
from products.tests.factories import CoveredPartFactory, InvoiceFactory, StaffFactory, parts_of

pytestmark = pytest.mark.django_db

FOR_ALL = [
    "improper_assembly", "improper_use", "lack_of_maintenance", "improper_conditions",
    "external_factors",
]  # fmt: skip
FOR_MOTORS = ["motor_disassembled", "wrong_rated_current"]
FOR_NONE = ["wear", "expired", "refunded", "not_ours", "voided", "incomplete", "", "no_such_reason"]


@pytest.fixture
def void(now):
    def voided(part: CoveredPart, code: str = "improper_use", **given) -> PartVoid:
        return void_part(
            part.pk, **{"reason_code": code, "case_reference": "WD-7F3K-2", "actor": None, "now": now, **given}
        )

    return voided


def test_rule_1_8_void_says_who_when_and_under_which_clause_and_keeps_the_dates(void, now):
    part, colleague = CoveredPartFactory(), StaffFactory()
    row = void(part, actor=colleague, note=" burnt ")
    part.refresh_from_db()
    assert (row.part, row.reason.code, row.reason.clause) == (part, "improper_use", "4(b)")
    assert (row.voided_at, row.voided_by, row.note, row.case_reference) == (now, colleague, "burnt", "WD-7F3K-2")
    assert part.voided_at == now
    assert part.covered_through == dt.date(2026, 3, 3)


def test_rule_1_8_void_leaves_every_other_part_of_the_kit_alone(void):
    first, *others = parts_of(InvoiceFactory())
    void(first)
    assert {part.voided_at for part in CoveredPart.objects.exclude(pk=first.pk)} == {None}
    assert len(others) == 4


def test_every_reason_is_tried():
    assert {code for code, *_ in REASONS} - {*FOR_ALL, *FOR_MOTORS, *FOR_NONE} == set(), "say here what it voids"


@pytest.mark.parametrize("category", ["standard", "motor", "consumable"])
@pytest.mark.parametrize("code", [*FOR_ALL, *FOR_MOTORS, *FOR_NONE])
def test_reason_voids_only_what_the_policy_lets_it(void, code: str, category: str):
    part = CoveredPartFactory(category=category)
    if code in FOR_ALL or (code in FOR_MOTORS and category == "motor"):
        assert void(part, code).reason.code == code
        return
    with pytest.raises(Refused) as refusal:
        void(part, code)
    assert refusal.value.field == "reason_code"
    part.refresh_from_db()
    assert part.voided_at is None
    assert not PartVoid.objects.exists()


def test_motor_is_what_was_sold_as_one_whatever_the_catalogue_says_now(void):
    part = CoveredPartFactory(category="motor")
    part.product.category = "standard"
    part.product.save()
    assert void(part, "motor_disassembled").part == part


def test_void_part_is_not_voided_again(void):
    part = CoveredPartFactory()
    void(part)
    with pytest.raises(Refused, match="void already"):
        void(part, "external_factors")
    assert part.voids.count() == 1


def test_rule_1_8_lifted_void_keeps_its_row_and_the_part_may_be_voided_anew(void, now):
    part, colleague = CoveredPartFactory(), StaffFactory()
    void(part)
    later = now + dt.timedelta(days=3)
    row = lift_void(part.pk, why=" wrong part ", actor=colleague, now=later)
    part.refresh_from_db()
    assert part.voided_at is None
    assert (row.voided_at, row.lifted_at, row.lifted_by, row.lift_reason) == (now, later, colleague, "wrong part")
    void(part)
    assert part.voids.count() == 2


@pytest.mark.parametrize(("voided", "why", "code"), [(True, "  ", "reason_missing"), (False, "mistake", "not_void")])
def test_lifting_without_reason_or_void_is_refused(void, now, voided: bool, why: str, code: str):
    part = CoveredPartFactory()
    if voided:
        void(part)
    with pytest.raises(Refused) as refusal:
        lift_void(part.pk, why=why, actor=None, now=now)
    assert refusal.value.code == code
    part.refresh_from_db()
    assert part.is_voided == voided
