"""The verbs of the admin: each a POST form that calls one service; corrections show before and after first."""

import datetime as dt

import pytest
from django.test import Client

from products.models import CoveredPart, Invoice, PartVoid, SaleCorrection, SerialChange, SoldUnit
from products.services import void_part
from products.tests.desk import as_role, page
from products.tests.factories import CoveredPartFactory, InvoiceFactory, ProductFactory, parts_of
from products.tests.manager import manager

pytestmark = pytest.mark.django_db
DATE = {"issued_on": "2025-03-10", "reason": "Typing error"}


@pytest.fixture
def part() -> CoveredPart:
    return CoveredPartFactory(number="INV-1", serial="S-1")


@pytest.fixture
def office() -> Client:
    """A manager at the admin."""
    client = Client()
    client.force_login(manager())
    return client


def do(client: Client, row, name: str, **data):
    return client.post(page(type(row), "do", row.pk, name), data)


def text_of(answer) -> str:
    return answer.content.decode()


# ── a part ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_void_is_lifted_again_and_both_leave_their_row(part):
    reviewer = as_role("reviewer")
    answer = do(reviewer, part, "void", reason_code="improper_use", case_reference="WD-2", note="Burnt")
    assert (answer.status_code, answer["Location"]) == (303, page(CoveredPart, "change", part.pk))
    void = PartVoid.objects.get()
    assert (void.reason.code, void.case_reference, void.note, void.lifted_at) == ("improper_use", "WD-2", "Burnt", None)
    assert do(reviewer, part, "lift_void", why="Wrong photo").status_code == 303
    void.refresh_from_db()
    assert (void.lift_reason, void.lifted_by) == ("Wrong photo", void.voided_by)
    assert not CoveredPart.objects.get().is_voided


def test_replacement_is_recorded_and_the_clock_stays(part):
    assert do(as_role("support"), part, "replace", new_serial="S-2", case_reference="WD-2").status_code == 303
    change = SerialChange.objects.get()
    assert (change.old_serial, change.new_serial, change.case_reference) == ("S-1", "S-2", "WD-2")
    assert CoveredPart.objects.get().covered_through == part.covered_through


@pytest.mark.parametrize(
    ("role", "name"),
    [
        ("viewer", "void"), ("support", "void"), ("administrator", "void"), ("support", "lift_void"),
        ("viewer", "replace"), ("administrator", "replace"),
    ],
)  # fmt: skip
def test_verb_is_forbidden_without_its_permission(part, role: str, name: str):
    client = as_role(role)
    data = {"reason_code": "improper_use", "why": "x", "new_serial": "S-9"}
    assert do(client, part, name, **data).status_code == 403
    assert f'id="verb-{name}"' not in text_of(client.get(page(CoveredPart, "change", part.pk)))
    assert not PartVoid.objects.exists()
    assert not SerialChange.objects.exists()


def test_refusal_of_the_service_is_shown_beside_what_was_typed(part):
    answer = do(as_role("reviewer"), part, "void", reason_code="motor_disassembled", note="Seen on the photo")
    assert answer.status_code == 422
    assert "is for motors only" in text_of(answer)
    assert "Seen on the photo" in text_of(answer)
    assert not PartVoid.objects.exists()


def test_form_that_says_nothing_is_shown_again(part, now):
    void_part(part.pk, reason_code="improper_use", case_reference="", actor=None, now=now)
    answer = do(as_role("reviewer"), part, "lift_void", why=" ")
    assert (answer.status_code, "needs a reason" in text_of(answer)) == (422, True)


def test_only_what_fits_is_offered(part, now):
    reviewer, address = as_role("reviewer"), page(CoveredPart, "change", part.pk)
    text = text_of(reviewer.get(address))
    assert ('id="verb-void"' in text, 'id="verb-lift_void"' in text) == (True, False)
    void_part(part.pk, reason_code="improper_use", case_reference="", actor=None, now=now)
    text = text_of(reviewer.get(address))
    assert ('id="verb-void"' in text, 'id="verb-lift_void"' in text) == (False, True)


def test_own_purchase_is_voided_by_a_colleague():
    from django.contrib.auth.models import Group

    from products.tests.factories import CustomerFactory, StaffFactory

    own = CoveredPartFactory(customer=CustomerFactory(email="ann@example.com"))
    ann = StaffFactory(email="ann@example.com")
    ann.groups.add(Group.objects.get(name="reviewer"))
    client = Client()
    client.force_login(ann)
    assert do(client, own, "void", reason_code="improper_use").status_code == 403
    assert not PartVoid.objects.exists()


def test_verb_takes_a_post_only_and_knows_its_row(part):
    reviewer = as_role("reviewer")
    assert reviewer.get(page(CoveredPart, "do", part.pk, "void")).status_code == 405
    assert reviewer.post(page(CoveredPart, "do", part.pk, "nonsense")).status_code == 404
    assert reviewer.post(page(CoveredPart, "do", part.pk + 1, "void")).status_code == 404


def test_verb_leads_to_the_login_and_back_to_the_page_when_nobody_is_logged_in(part):
    answer = Client().post(page(CoveredPart, "do", part.pk, "void"))
    assert answer.status_code == 302
    assert answer["Location"].endswith(f"?next={page(CoveredPart, 'change', part.pk)}")


def test_verb_needs_the_token_of_its_form(part):
    client = Client(enforce_csrf_checks=True)
    client.force_login(manager())
    assert do(client, part, "replace", new_serial="S-2").status_code == 403
    assert not SerialChange.objects.exists()


# ── corrections ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_correction_shows_before_and_after_and_changes_nothing_yet(office, part):
    answer = do(office, part.unit.line.invoice, "correct_invoice_date", **DATE)
    text = text_of(answer)
    assert answer.status_code == 200
    for words in ("3 Mar 2026", "10 Mar 2026", "Typing error", 'name="confirmed"'):
        assert words in text
    assert CoveredPart.objects.get().covered_through == dt.date(2026, 3, 3)
    assert not SaleCorrection.objects.exists()


def test_confirmed_correction_is_made_and_points_to_the_decisions_it_may_overtake(office, part):
    answer = office.post(
        page(Invoice, "do", part.unit.line.invoice_id, "correct_invoice_date"), {**DATE, "confirmed": "1"}, follow=True
    )
    assert CoveredPart.objects.get().covered_through == dt.date(2026, 3, 10)
    assert SaleCorrection.objects.get().reason == "Typing error"
    assert "/desk/replay/?invoice=INV-1" in text_of(answer)


def test_correction_that_moves_nothing_says_so(office, part):
    text = text_of(do(office, part.unit.line.invoice, "correct_delivery_date", delivered_on="2025-03-09", reason="x"))
    assert "No clock of any part would move" in text


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"issued_on": "2025-03-10", "reason": ""}, "needs a reason"),
        ({"issued_on": "2999-01-01", "reason": "x"}, "lies in the future"),
        ({"issued_on": "2025-03-03", "reason": "x"}, "already stored"),
        ({"issued_on": "soon", "reason": "x"}, "Enter a valid date"),
    ],
)
def test_correction_is_refused_already_at_the_preview(office, part, typed: dict, words: str):
    answer = do(office, part.unit.line.invoice, "correct_invoice_date", **typed)
    assert (answer.status_code, words in text_of(answer)) == (422, True)


@pytest.mark.parametrize("role", ["viewer", "support", "reviewer", "administrator"])
def test_correction_is_for_managers(part, role: str):
    client, invoice = as_role(role), part.unit.line.invoice
    assert do(client, invoice, "correct_invoice_date", **DATE, confirmed="1").status_code == 403
    assert 'id="verb-correct_invoice_date"' not in text_of(client.get(page(Invoice, "change", invoice.pk)))
    assert not SaleCorrection.objects.exists()


def test_box_is_corrected_in_one_form(office):
    invoice = InvoiceFactory()
    ProductFactory(sku="FAN")
    frame, _x, _y, _bearings, screws = parts_of(invoice)
    unit = SoldUnit.objects.get()
    typed = {
        "remove": [frame.pk],
        f"quantity_{screws.pk}": "60",
        "add_sku": "FAN",
        "add_place": "hot end",
        "reason": "x",
    }
    preview = text_of(do(office, unit, "correct_bill", **typed))
    assert "(added)" in preview
    assert "(removed)" in preview
    assert do(office, unit, "correct_bill", **typed, confirmed="1").status_code == 303
    assert [(part.product.sku, part.quantity) for part in parts_of(invoice)][-2:] == [
        (screws.product.sku, 60),
        ("FAN", 1),
    ]
    assert frame.pk not in {part.pk for part in parts_of(invoice)}


def test_refund_is_noted_seen_and_taken_back(office):
    invoice = InvoiceFactory()
    unit, part = SoldUnit.objects.get(), parts_of(invoice)[0]
    early = do(office, unit, "refund", refunded_on="2025-01-01", reason="x")
    assert (early.status_code, "older than the invoice" in text_of(early)) == (422, True)
    typed = {"refunded_on": "2025-06-11", "reason": "The shop told us."}
    assert "2025-06-11" in text_of(do(office, unit, "refund", **typed))
    assert do(office, unit, "refund", **typed, confirmed="1").status_code == 303
    seen = text_of(office.get(page(CoveredPart, "change", part.pk)))
    assert "refunded 11 Jun 2025" in seen
    assert "not covered since the refund on 11 Jun 2025" in seen
    assert do(office, unit, "take_refund_back", reason="Another piece.", confirmed="1").status_code == 303
    unit.refresh_from_db()
    assert unit.refunded_on is None
    assert [one.what for one in SaleCorrection.objects.all()] == ["refund", "refund"]


def test_part_with_a_history_stays_in_the_box_and_it_is_said_why(office, now):
    invoice = InvoiceFactory()
    frame = parts_of(invoice)[0]
    void_part(frame.pk, reason_code="improper_use", case_reference="", actor=None, now=now)
    answer = do(office, SoldUnit.objects.get(), "correct_bill", remove=[frame.pk], reason="x")
    assert (answer.status_code, "it was voided" in text_of(answer)) == (422, True)
