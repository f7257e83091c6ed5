"""A reader thought dead that wakes up again: the mail is dealt with once, by whoever wrote its outcome first."""

import datetime as dt

import pytest
from django.core.files.storage import default_storage

from cases.models import Case, Evidence, OutgoingMail
from warrantydesk.intake import services
from warrantydesk.intake.integrity import problems
from warrantydesk.intake.models import IncomingMail
from warrantydesk.intake.services import receive
from warrantydesk.intake.tests.conftest import NOW
from warrantydesk.intake.tests.mails import mail, picture

pytestmark = pytest.mark.django_db(transaction=True)

LATER = NOW + dt.timedelta(hours=1)
COMPLETE = mail(files={"hinge.jpg": picture()})


@pytest.fixture
def _overtaken(monkeypatch):
    """The first reader stops before its transaction; a sweep comes an hour later and reads the mail itself."""
    store, reads = services.store_attachments, []

    def slow(read):
        files = store(read)
        if not reads:
            reads.append(read)
            assert services.read_waiting(LATER) == 1
        return files

    monkeypatch.setattr(services, "store_attachments", slow)


@pytest.mark.usefixtures("_overtaken")
def test_overtaken_reader_opens_no_second_case(hinge):
    receipt = receive(COMPLETE, source="a", now=NOW)
    assert (receipt.outcome, receipt.case) == ("case_opened", Case.objects.get())
    assert (receipt.missing, receipt.evidence, receipt.refused) == ((), 1, 0)
    assert (OutgoingMail.objects.count(), IncomingMail.objects.get().read_at) == (1, LATER)
    kept = [Evidence.objects.get().original.name]
    assert [name for name in kept if not default_storage.exists(name)] == []
    assert list(problems()) == []


def test_overtaken_reader_quarantines_nothing_that_became_a_case(hinge):
    incoming, _new = services.keep_mail(COMPLETE, source="a", now=NOW)
    services.read_incoming(incoming.pk, NOW)
    opened = IncomingMail.objects.values().get()
    stale = IncomingMail.objects.get()
    stale.outcome = ""
    receipt = services._deal_with(stale, b"no mail at all", NOW)
    assert (receipt.outcome, receipt.case) == ("case_opened", Case.objects.get())
    assert IncomingMail.objects.values().get() == opened
