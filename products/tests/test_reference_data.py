"""What `migrate` writes where it is missing, on a new desk and on one whose maker has been at work."""

import pytest

from products.models import VoidReason, WarrantyTerms
from products.reference import FIRST_TERMS, REASONS, install_reference_data

pytestmark = pytest.mark.django_db

CODES = [code for code, *_ in REASONS]


def places() -> list[tuple[str, int]]:
    return list(VoidReason.objects.order_by("position").values_list("code", "position"))


def test_new_desk_has_every_reason_in_the_order_of_the_clauses_and_the_first_terms():
    VoidReason.objects.all().delete()
    WarrantyTerms.objects.all().delete()
    install_reference_data()
    assert places() == list(zip(CODES, range(1, len(CODES) + 1), strict=True))
    assert WarrantyTerms.objects.get().effective_from == FIRST_TERMS["effective_from"]


def test_nothing_is_written_when_nothing_is_missing(django_assert_num_queries):
    VoidReason.objects.filter(code="wear").update(title="Worn out", text="It wears.", clause="8(b)")
    with django_assert_num_queries(2):
        install_reference_data()
    assert VoidReason.objects.get(code="wear").title == "Worn out"


@pytest.mark.parametrize("missing", [[CODES[0]], ["improper_conditions"], CODES[4:7], [CODES[-1]]], ids=lambda c: c[0])
def test_new_reason_gets_a_place_of_its_own_on_a_desk_that_has_the_others(missing: list[str]):
    VoidReason.objects.all().delete()
    rest = [row for row in REASONS if row[0] not in missing]
    VoidReason.objects.bulk_create(
        VoidReason(code=code, effect=effect, motors_only=motors, clause=clause, title=title, text=text, position=place)
        for place, (code, effect, motors, clause, title, text) in enumerate(rest, start=1)
    )
    install_reference_data()
    assert places() == list(zip(CODES, range(1, len(CODES) + 1), strict=True))


def test_new_reason_goes_behind_the_one_it_follows_when_the_maker_has_another_order():
    VoidReason.objects.filter(code="improper_conditions").delete()
    for place, code in ((0, "external_factors"), (40, "lack_of_maintenance"), (50, "wear")):
        VoidReason.objects.filter(code=code).update(position=place, title="Ours")
    install_reference_data()
    assert places()[0] == ("external_factors", 0)
    assert places()[-3:] == [("lack_of_maintenance", 40), ("improper_conditions", 41), ("wear", 50)]
    assert VoidReason.objects.get(code="lack_of_maintenance").title == "Ours"


def test_two_reasons_that_shared_a_place_are_parted():
    VoidReason.objects.filter(code="wear").update(position=VoidReason.objects.get(code="expired").position)
    install_reference_data()
    assert [code for code, _place in places()] == ["not_ours", "expired", "wear", *CODES[2:-2], "incomplete"]
    assert len({place for _code, place in places()}) == len(CODES)
