"""Where reports and mail meet: the weekly mail through a real server, and mails that lead to what became of them."""

import datetime as dt
from email import message_from_bytes
from email.policy import default

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cases.tests.factories import CaseFactory, StaffFactory
from warrantydesk.intake.models import IncomingMail
from warrantydesk.intake.services import receive
from warrantydesk.intake.tests.smtp_sink import sink  # noqa: F401 - a fixture
from warrantydesk.reports import weekly
from warrantydesk.reports.kept import Subscription

pytestmark = pytest.mark.django_db
OVER = dt.datetime(2025, 11, 10, 8, tzinfo=dt.UTC)


@pytest.mark.usefixtures("sink")
def test_weekly_mail_with_its_paper_goes_through_a_real_server(request):
    user = StaffFactory(role="manager")
    Subscription.objects.create(user=user, since=OVER - dt.timedelta(days=30))
    weekly.prepare_week(OVER)
    assert weekly.send_due(OVER) == 1
    [envelope] = request.getfixturevalue("sink").taken
    letter = message_from_bytes(envelope.content, policy=default)
    [paper] = letter.iter_attachments()
    assert (envelope.rcpt_tos, paper.get_filename()) == ([user.email], "reports-2025-11-03.pdf")
    assert paper.get_content().startswith(b"%PDF-")
    assert len(paper.get_content()) > 20_000  # seven reports, drawn
    assert letter["Auto-Submitted"] == "auto-generated"


def test_mails_lead_to_their_cases_or_to_the_list_they_wait_in():
    case, now = CaseFactory(), timezone.now()
    became = [("case_opened", case), ("reply_added", case), ("held", None), ("automatic", None)]
    for number, (outcome, of) in enumerate(became):
        kept = receive(b"From: x@example.com\nSubject: hello %d\n\nHello" % number, source="test", now=now).incoming
        IncomingMail.objects.filter(pk=kept.pk).update(outcome=outcome, case=of)
    client = Client()
    client.force_login(StaffFactory(role="manager"))
    page = client.get(reverse("reports:report", args=["intake"]))
    [table] = [one for one in page.context["tables"] if one.table.code == "mails"]
    links = [row.url for row in table.rows]
    assert [bool(link) for link in links] == [True, True, True, True, False, False]
    assert [one.reference for one in client.get(links[0]).context["page"].cases] == [case.reference]
    assert client.get(links[0].replace("case_opened", "held")).status_code == 404
    subjects = [[row["mail"].subject for row in client.get(link).context["rows"]] for link in links[2:4]]
    assert subjects == [["hello 2"], ["hello 3"]]
