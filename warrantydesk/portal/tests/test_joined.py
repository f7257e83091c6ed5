"""What is read along with a left join is what `prefetch_related` would have found."""

import datetime as dt

import pytest
from django.db import connection
from django.db.models import Max
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cases.claims_told import claims_told
from cases.models import Case, ClaimedPart
from cases.services._proposing import claim_of, claims_of
from cases.tests.factories import CaseFactory, quote, staff
from products.explaining import explaining_prefetches
from products.models import PauseWindow
from products.services import replace_part, void_part
from products.tests.factories import InvoiceFactory, KitFactory, parts_of
from shipments.tests.factories import OUT, ShipmentFactory
from warrantydesk.portal.case_rows import parcels_of, quote_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(owner) -> Case:
    """Two parts: one with two pauses, replaced twice and void; one with nothing."""
    by, now = staff("support").user, timezone.now()
    parts = parts_of(InvoiceFactory(customer=owner, products=[KitFactory()]))[:2]
    case = CaseFactory(customer=owner, parts=parts, state="approved")
    for left, back in ((60, 50), (90, 80)):
        PauseWindow.objects.create(
            part=parts[0], left_on=now.date() - dt.timedelta(days=left), back_on=now.date() - dt.timedelta(days=back),
            source="tracking", certainty="verified", proof={"left": left},
        )  # fmt: skip
    for serial in ("NEW-1", "NEW-2"):
        replace_part(parts[0].pk, new_serial=serial, case_reference=case.reference, actor=by, now=now)
    void_part(parts[0].pk, reason_code="improper_use", case_reference=case.reference, actor=by, now=now)
    return case


def test_rows_read_along_are_those_that_prefetching_finds(case):
    plain = ClaimedPart.objects.filter(case=case).order_by("pk").prefetch_related(*explaining_prefetches("part__"))
    along = claims_told(case)
    assert along == list(plain)
    with CaptureQueriesContext(connection) as asked:
        for one, other in zip(along, plain, strict=True):
            for relation in ("pauses", "serial_changes", "voids"):
                assert list(getattr(one.part, relation).all()) == list(getattr(other.part, relation).all())
        first = along[0].part
        assert [window.proof for window in first.pauses.all()] == [{"left": 90}, {"left": 60}]
        assert [change.new_serial for change in first.serial_changes.all()] == ["NEW-1", "NEW-2"]
        assert [void.reason.clause for void in first.voids.all()] == [
            void.reason.clause for void in plain[0].part.voids.all()
        ]
        assert [change.changed_by for change in first.serial_changes.all()] == [None, None], "no customer reads names"
    assert not asked.captured_queries, "everything was there"


def test_claims_a_verb_reads_are_those_that_prefetching_finds(case):
    plain = list(case.claimed_parts.prefetch_related("part__pauses", "part__serial_changes"))
    along = claims_of(case)
    assert along == plain
    assert [claim_of(case, one.pk) for one in plain] == plain
    with CaptureQueriesContext(connection) as asked:
        for one, other in zip(along, plain, strict=True):
            assert one.case is case
            for relation in ("pauses", "serial_changes"):
                assert list(getattr(one.part, relation).all()) == list(getattr(other.part, relation).all())
        windows = along[0].part.pauses.all()
        assert [(one.source, one.certainty) for one in windows] == [("tracking", "verified")] * 2
        assert len({change.old_serial_fold for change in along[0].part.serial_changes.all()}) == 2
    assert not asked.captured_queries, "everything was there"


def test_claim_of_another_case_is_none_of_this_one(case):
    [other] = CaseFactory().claimed_parts.all()
    with pytest.raises(ClaimedPart.DoesNotExist):
        claim_of(case, other.pk)


def test_rows_without_any_beside_them_are_there_once(case):
    ShipmentFactory(case=case, events=OUT)
    ShipmentFactory(case=case)
    parcels = parcels_of(case)
    assert [len(parcel.tracking_events.all()) for parcel in parcels] == [len(OUT), 0]
    assert quote_of(CaseFactory(state="approved")) is None


def test_another_question_about_rows_read_along_is_a_fresh_one(case):
    quote(case)
    found = quote_of(case)
    assert found is not None
    with CaptureQueriesContext(connection) as asked:
        assert found.lines.all()[0].amount
        assert not asked
        assert found.lines.filter(amount__lt=0).count() == 0
    assert len(asked) == 1


def test_rows_put_beside_answer_for_their_holder_alone(case):
    """Every question but `all()` is asked afresh, and of nobody else's rows."""
    other = CaseFactory()
    part, elsewhere = claims_told(case)[0].part, parts_of(InvoiceFactory(products=[KitFactory()]))[0]
    PauseWindow.objects.create(part=elsewhere, left_on=dt.date(2025, 3, 3), source="tracking", certainty="provisional")
    assert part.pauses.count() == 2
    assert part.pauses.filter(left_on__lt=timezone.localdate()).count() == 2
    assert {window.part_id for window in part.pauses.filter(source="tracking")} == {part.pk}
    assert part.pauses.all().filter(source="tracking").first().part is part
    assert part.pauses.all().aggregate(last=Max("back_on"))["last"] == timezone.localdate() - dt.timedelta(days=50)
    assert part.pauses.all().update(reason="") == 2
    assert PauseWindow.objects.filter(part__in=part.pauses.all().values("part")).count() == 2
    assert case.events.exists()
    assert other.events.exists()
