"""Master data in the admin: what may be edited, what is frozen, and what is refused with a reason."""

import csv
import datetime as dt
import io

import pytest
from django.test import Client

from products.models import KitPart, Product, VoidReason, WarrantyTerms
from products.tests.desk import as_role, page
from products.tests.factories import CoveredPartFactory, KitFactory, ProductFactory, StaffFactory

pytestmark = pytest.mark.django_db

# ── terms ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_terms_parts_were_sold_under_are_frozen_and_say_why(boss: Client):
    terms = CoveredPartFactory().terms
    answer = boss.get(page(WarrantyTerms, "change", terms.pk))
    assert "Parts have been sold under these terms" in answer.content.decode()
    changed = {"effective_from": "2015-01-01", "months": 6, "starts_from": "invoice", "note": ""}
    assert boss.post(page(WarrantyTerms, "change", terms.pk), changed).status_code == 403
    assert boss.post(page(WarrantyTerms, "delete", terms.pk), {"post": "yes"}).status_code == 403
    terms.refresh_from_db()
    assert terms.months == 12


def test_terms_nobody_bought_under_may_be_changed_and_deleted(boss: Client):
    CoveredPartFactory()
    terms = WarrantyTerms.objects.create(effective_from=dt.date(2030, 1, 1), months=24)
    changed = {"effective_from": "2030-01-01", "months": 36, "starts_from": "invoice", "note": ""}
    assert boss.post(page(WarrantyTerms, "change", terms.pk), changed).status_code == 302
    terms.refresh_from_db()
    assert terms.months == 36
    assert boss.post(page(WarrantyTerms, "delete", terms.pk), {"post": "yes"}).status_code == 302
    assert not WarrantyTerms.objects.filter(pk=terms.pk).exists()


def test_words_of_a_reason_change_and_its_code_does_not(boss: Client):
    reason = VoidReason.objects.get(code="wear")
    changed = {"title": "Worn out", "text": "It wears.", "clause": "8", "position": 11, "code": "x", "effect": "void"}
    assert boss.post(page(VoidReason, "change", reason.pk), changed).status_code == 302
    reason.refresh_from_db()
    assert (reason.title, reason.code, reason.effect) == ("Worn out", "wear", "exclusion")


# ── the catalogue ────────────────────────────────────────────────────────────────────────────────────────────────


def bill_form(kit: Product, *rows: dict) -> dict:
    """What the browser sends for a kit whose bill of materials gets these rows in addition."""
    prefix, form = "bill_of_materials", {"sku": kit.sku, "name": kit.name, "category": kit.category, "is_active": "on"}
    form |= {f"{prefix}-TOTAL_FORMS": len(rows), f"{prefix}-INITIAL_FORMS": 0}
    for number, row in enumerate(rows):
        whole = {"kit": kit.pk, "place": "", "quantity": 1, "tracked": "lot", "position": number, **row}
        form |= {f"{prefix}-{number}-{name}": value for name, value in whole.items()}
    return form


def test_administrator_adds_parts_to_a_kit():
    kit, part = KitFactory(bill=()), ProductFactory()
    rows = [{"part": part.pk, "quantity": 3, "place": "X axis", "tracked": "singly"}]
    answer = as_role("administrator").post(page(Product, "change", kit.pk), bill_form(kit, *rows))
    assert answer.status_code == 302
    line = kit.bill_of_materials.get()
    assert (line.part, line.quantity, line.place, line.tracked) == (part, 3, "X axis", "singly")


def test_kit_that_would_contain_itself_is_refused_with_a_reason(boss: Client):
    inner = KitFactory(bill=())
    outer = KitFactory(bill=[(inner, 1, "lot", "")])
    answer = boss.post(page(Product, "change", inner.pk), bill_form(inner, {"part": outer.pk}))
    assert answer.status_code == 200
    assert "a kit cannot contain itself" in answer.content.decode()
    row = {"kit": inner.pk, "part": outer.pk, "place": "", "quantity": 1, "tracked": "lot", "position": 0}
    assert "a kit cannot contain itself" in boss.post(page(KitPart, "add"), row).content.decode()
    assert not inner.bill_of_materials.exists()


def test_single_product_gets_no_parts_and_keeps_its_kind(boss: Client):
    single, part = ProductFactory(), ProductFactory()
    boss.post(page(Product, "change", single.pk), {**bill_form(single, {"part": part.pk}), "kind": "kit"})
    single.refresh_from_db()
    assert single.kind == "single"
    row = {"kit": single.pk, "part": part.pk, "place": "", "quantity": 1, "tracked": "lot", "position": 0}
    assert "only a kit has parts" in boss.post(page(KitPart, "add"), row).content.decode()
    assert not KitPart.objects.exists()


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("8501.10", True),
        ("85011000", True),
        ("8501.10.10.00", True),
        ("850110", True),
        ("8501", False),
        ("85O1.10", False),
    ],
)
def test_customs_tariff_number_is_kept_when_it_can_be_one(boss: Client, written: str, kept: bool):
    part = ProductFactory()
    form = {**bill_form(part), "hs_code": written, "country_of_origin": "TW"}
    answer = boss.post(page(Product, "change", part.pk), form)
    part.refresh_from_db()
    assert (part.hs_code, str(part.country_of_origin)) == ((written, "TW") if kept else ("", ""))
    assert ("has 6 to 12 digits" in answer.content.decode()) != kept


def test_part_just_chosen_is_still_named_when_another_field_is_wrong(boss: Client):
    kit, part = KitFactory(bill=()), ProductFactory(name="Fan duct")
    answer = boss.post(page(Product, "change", kit.pk), bill_form(kit, {"part": part.pk, "quantity": 0}))
    assert answer.status_code == 200
    assert "Fan duct" in answer.content.decode()


@pytest.mark.parametrize(
    ("model", "heading"),
    [
        (Product, ["sku", "name", "kind", "category", "manual_url", "hs_code", "country_of_origin", "is_active"]),
        (KitPart, ["kit__sku", "part__sku", "place", "quantity", "tracked", "position"]),
    ],
)
def test_catalogue_is_taken_along_as_a_file(model: type, heading: list[str]):
    KitFactory()
    form = {"format": "0", "resource": "0", **{f"{model._meta.model_name}resource_{name}": "on" for name in heading}}
    answer = as_role("viewer").post(page(model, "export"), form)
    rows = list(csv.reader(io.StringIO(answer.content.decode())))
    assert sorted(rows[0]) == sorted(heading)
    assert len(rows) - 1 == model.objects.count()


def test_catalogue_is_not_for_those_who_may_not_look_at_it():
    outsider = Client()
    outsider.force_login(StaffFactory())
    assert outsider.post(page(Product, "export"), {"format": "0"}).status_code == 403
