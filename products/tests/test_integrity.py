"""products.integrity: what the services would never leave behind is found when something else did."""

import datetime as dt

import pytest

from products.integrity import problems
from products.models import CoveredPart, Invoice, PartVoid, PauseWindow, SerialChange, VoidReason
from products.services import WindowData, lift_void, replace_part, set_pauses, void_part
from products.tests.factories import CoveredPartFactory, InvoiceFactory, StaffFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def motor(now) -> CoveredPart:
    """A motor with a history of every kind: paused, replaced twice, voided, lifted, voided again."""
    part = CoveredPartFactory(category="motor", serial="A-1", number="INV-1")
    window = WindowData(dt.date(2025, 6, 11), dt.date(2025, 6, 29), "verified")
    set_pauses({part.pk: [window]}, source="tracking", cause="repair", now=now)
    for serial in ("B-2", "C-3"):
        replace_part(part.pk, new_serial=serial, case_reference="", actor=None, now=now)
    void_part(part.pk, reason_code="improper_use", case_reference="", actor=None, now=now)
    lift_void(part.pk, why="mistake", actor=None, now=now)
    void_part(part.pk, reason_code="motor_disassembled", case_reference="", actor=None, now=now)
    return part


def test_what_the_services_leave_behind_has_no_problems(motor: CoveredPart):
    InvoiceFactory()
    assert list(problems()) == []


def spoil(**columns):
    return lambda motor: CoveredPart.objects.filter(pk=motor.pk).update(**columns)


def add_open_windows(motor: CoveredPart) -> None:
    given = {"part": motor, "left_on": dt.date(2026, 8, 1), "back_on": None, "certainty": "provisional"}
    staff = {
        "reason": "by hand",
        "confirmed_by": StaffFactory(),
        "confirmed_at": dt.datetime(2026, 8, 1, tzinfo=dt.UTC),
    }
    PauseWindow.objects.create(**given, source="tracking")
    PauseWindow.objects.create(**given, source="staff", **staff)


def void_a_frame(motor: CoveredPart) -> None:
    frame = CoveredPartFactory()
    void_part(frame.pk, reason_code="improper_use", case_reference="", actor=None, now=motor.voided_at)
    frame.voids.update(reason=VoidReason.objects.get(code="motor_disassembled"))


SPOILERS = [
    ("clock", spoil(covered_through="2027-01-01"), "stored clock differs"),
    ("marked void", lambda motor: PartVoid.objects.filter(lifted_at=None).delete(), "no void is in force"),
    ("void not marked", spoil(voided_at=None), "the part does not say so"),
    ("void marked with another moment", spoil(voided_at="2025-01-01T00:00:00Z"), "the part does not say so"),
    ("motor void elsewhere", void_a_frame, "a reason for motors"),
    ("end of the chain", spoil(serial="D-4", serial_fold="D4"), "the next in its chain is “D-4”"),
    ("a link of the chain", lambda motor: SerialChange.objects.filter(new_serial="B-2").update(new_serial="X"), "“X”"),
    ("months", spoil(term_months=24), "its terms say otherwise"),
    ("start", spoil(starts_on="2025-03-04"), "another date of invoice"),
    ("start by delivery", spoil(started_by="delivery"), "another date of delivery"),
    ("fold of a part", spoil(serial_fold="C"), "cannot be found by its number"),
    ("fold that is empty", spoil(serial_fold=""), "cannot be found by its number"),
    ("fold of a chain", lambda motor: SerialChange.objects.update(old_serial_fold="Z"), "cannot be found"),
    ("fold of an invoice", lambda motor: Invoice.objects.update(number_fold="Z"), "cannot be found"),
    ("two open windows", add_open_windows, "overlaps another pause"),
]


@pytest.mark.parametrize(("spoil", "says"), [row[1:] for row in SPOILERS], ids=[row[0] for row in SPOILERS])
def test_what_cannot_be_is_found(motor: CoveredPart, spoil, says: str):
    motor.refresh_from_db()
    spoil(motor)
    assert [problem for problem in problems() if says in problem]
