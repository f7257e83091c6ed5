"""What a parcel tells moves the clocks of the parts packed in it, and of no other part (policy 1.1, 2.1)."""

import pytest

from cases.tests.factories import CaseFactory
from products.models import ClockChange, CoveredPart, PauseWindow
from products.tests.factories import InvoiceFactory, parts_of
from shipments.services import record_events
from shipments.tests.factories import BACK, NOW, OUT, ShipmentFactory

pytestmark = pytest.mark.django_db


def test_events_of_a_parcel_touch_the_parts_packed_and_no_other() -> None:
    parts = parts_of(InvoiceFactory())
    packed, others = parts[1:3], [parts[0], *parts[3:]]
    stored = {part.pk: vars(CoveredPart.objects.get(pk=part.pk)) for part in others}
    case = CaseFactory(state="approved", parts=packed, customer=parts[0].unit.line.invoice.customer)
    for direction, events in (("to_workshop", OUT), ("to_customer", BACK)):
        parcel = ShipmentFactory(case=case, direction=direction)
        record_events(parcel.pk, events, heard="webhook", now=NOW)
    touched = {part.pk for part in packed}
    assert set(PauseWindow.objects.values_list("part", flat=True)) == touched
    assert set(ClockChange.objects.values_list("part", flat=True)) == touched
    for pk, before in stored.items():
        after = vars(CoveredPart.objects.get(pk=pk))
        assert {name: value for name, value in after.items() if name != "_state"} == {
            name: value for name, value in before.items() if name != "_state"
        }
