"""The weekly mail: the reports of the finished week as one PDF, to everybody who wants it, once.

A row comes first, is claimed by one sender, and says when the mail was handed over: a sender that dies before that has
sent nothing, one that dies after may have, and such a mail is never sent again by itself.
"""

from __future__ import annotations

import logging
import smtplib
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import F
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from warrantydesk.faces.formats import span
from warrantydesk.faces.paper import NoPaper
from warrantydesk.reports.allowed import SEE_REPORTS
from warrantydesk.reports.exports.pdf_file import report_pdf
from warrantydesk.reports.kept import Subscription, WeeklyMail
from warrantydesk.reports.ranges import WEEK, midnight
from warrantydesk.reports.registry import REPORTS
from warrantydesk.reports.weeks import answer_of_week, finished_week, freeze_week

logger = logging.getLogger(__name__)
Status = WeeklyMail.Status
AFTER = timedelta(hours=6)  # of Monday: late scans and mails of Sunday are in
STALE_AFTER = timedelta(minutes=15)
WAIT = timedelta(minutes=30)
MOST_ATTEMPTS = 20


def prepare_week(now: datetime) -> int:
    """Freeze the finished week and write a row for each subscriber that has none; how many were written."""
    zone = timezone.get_default_timezone()
    week = finished_week(now, zone)
    if now < midnight(week + WEEK, zone) + AFTER:
        return 0
    freeze_week(week, now, zone)
    known = set(WeeklyMail.objects.filter(monday=week).values_list("user", flat=True))
    rows = [
        WeeklyMail(user=one.user, monday=week, created_at=now, not_before=now)
        for one in Subscription.objects.select_related("user").exclude(user__in=known)
        # Who subscribed after the week was over gets the next one; who lost the permission gets none.
        if one.since < midnight(week + WEEK, zone) and one.user.is_active and one.user.has_perm(SEE_REPORTS)
    ]
    WeeklyMail.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def send_due(now: datetime) -> int:
    """Send what waits; how many left. What a dead sender left behind is settled first."""
    _settle_abandoned(now)
    sent, papers = 0, Papers(now)
    for pk in WeeklyMail.objects.filter(status=Status.QUEUED, not_before__lte=now).values_list("pk", flat=True):
        mail = _claim(pk, now)
        sent += mail is not None and _send(mail, papers)
    return sent


@dataclass
class Papers:
    """The reports of each week as one PDF, made once however many get it. NoPaper where none can be written here."""

    now: datetime
    made: dict[date, bytes] = field(default_factory=dict)

    def of(self, week: date) -> bytes:
        if week not in self.made:
            zone = timezone.get_default_timezone()
            self.made[week] = report_pdf([answer_of_week(one, week, self.now, zone) for one in REPORTS.values()])
        return self.made[week]


def _claim(pk: int, now: datetime) -> WeeklyMail | None:
    """Compare and swap: of any number of senders exactly one gets the mail."""
    waiting = WeeklyMail.objects.filter(pk=pk, status=Status.QUEUED)
    taken = waiting.update(status=Status.SENDING, claimed_at=now, handed_over_at=None, attempts=F("attempts") + 1)
    return WeeklyMail.objects.select_related("user").get(pk=pk) if taken else None


def _send(mail: WeeklyMail, papers: Papers) -> bool:
    now = papers.now
    with translation.override(settings.LANGUAGE_CODE):
        try:
            letter = _letter(mail, papers)
        except NoPaper as missing:
            return _later(mail, now, f"No PDF: {missing}")
    if not _held(mail, handed_over_at=now):
        return False
    try:
        letter.send()
    except (smtplib.SMTPServerDisconnected, TimeoutError) as error:
        logger.warning("weekly mail %s: %s", mail.pk, error)
        _held(mail, status=Status.UNCERTAIN, problem=str(error)[:500])
        return False
    except OSError as error:  # refused, or never reached: nothing has left
        return _later(mail, now, str(error))
    return _held(mail, status=Status.SENT, sent_at=now, problem="")


def _letter(mail: WeeklyMail, papers: Papers) -> EmailMessage:
    days = span(mail.monday, mail.monday + timedelta(days=6))
    query = f"from={mail.monday}&to={mail.monday + timedelta(days=6)}"
    address = f"{settings.SITE_URL.rstrip('/')}{reverse('reports:overview')}?{query}"
    body = _(
        "The reports of %(days)s are attached.\n\nThe same figures, with the cases behind them:\n%(address)s\n\n"
        "You get this because you asked for it on that page, where you can also end it."
    ) % {"days": days, "address": address}
    letter = EmailMessage(subject=_("Warranty desk, %(days)s") % {"days": days}, body=body, to=[mail.user.email])
    letter.extra_headers = {"Auto-Submitted": "auto-generated"}
    letter.attach(f"reports-{mail.monday}.pdf", papers.of(mail.monday), "application/pdf")
    return letter


def _held(mail: WeeklyMail, **fields: object) -> bool:
    """Change a mail we hold; False where the claim is no longer ours."""
    held = WeeklyMail.objects.filter(pk=mail.pk, status=Status.SENDING, attempts=mail.attempts)
    return bool(held.update(**fields))


def _later(mail: WeeklyMail, now: datetime, problem: str) -> bool:
    status = Status.FAILED if mail.attempts >= MOST_ATTEMPTS else Status.QUEUED
    _held(mail, status=status, not_before=now + WAIT, problem=problem[:500])
    return False


def _settle_abandoned(now: datetime) -> None:
    stale = WeeklyMail.objects.filter(status=Status.SENDING, claimed_at__lt=now - STALE_AFTER)
    stale.filter(handed_over_at=None).update(status=Status.QUEUED, not_before=now)
    stale.filter(handed_over_at__isnull=False).update(
        status=Status.UNCERTAIN, problem="The sender stopped after handing the mail over."
    )
