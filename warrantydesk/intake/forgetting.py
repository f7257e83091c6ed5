"""Mail whose time is over: the bytes as they came, and the words taken from them.

Of a mail that belongs to a case the row stays, and with it that it came, when, and what became of it: the same message
again is still known. What no case needs goes as a whole, but never what waits for a person (law 8).
"""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from cases.closed import closed_for, months_ago
from cases.evidence.storage import delete_once_committed
from cases.models import Case, OutgoingMail
from cases.services.guarding import OVER, forget_mail
from warrantydesk.intake.models import IncomingMail

FORGOTTEN = "forgotten"  # in `details`: that the bytes are missing because they were to go
Outcome = IncomingMail.Outcome


def cases_with_old_mail(now: datetime) -> QuerySet[Case]:
    """Cases closed for MAIL_KEEP_MONTHS of which a mail, as received or as sent, still has its words."""
    received = IncomingMail.objects.filter(case=OuterRef("pk")).exclude(raw="")
    sent = OutgoingMail.objects.filter(case=OuterRef("pk"), status__in=OVER).exclude(body="")
    return closed_for(settings.MAIL_KEEP_MONTHS, now).filter(Exists(received) | Exists(sent))


@transaction.atomic
def forget_mail_of(case_id: int, now: datetime) -> int:
    """Empty the mails of such a case; how many. None where it was reopened a moment ago."""
    rows = list(IncomingMail.objects.filter(case=case_id).exclude(raw="").order_by("pk"))
    sent = forget_mail(case_id, received=[row.pk for row in rows], now=now)
    if sent is None:
        return 0
    keys = [str(row.raw.name) for row in rows]
    for row in rows:
        row.raw, row.from_name, row.from_address, row.subject, row.reason = "", "", "", "", ""
        row.details = {FORGOTTEN: now.isoformat()}
    IncomingMail.objects.bulk_update(rows, ["raw", "from_name", "from_address", "subject", "reason", "details"])
    delete_once_committed(keys)
    return len(rows) + len(sent)


def old_mail_of_nobody(now: datetime) -> QuerySet[IncomingMail]:
    """Automatic mail, and mail that a person put aside, once HELD_MAIL_KEEP_MONTHS are over; none for 0."""
    if not settings.HELD_MAIL_KEEP_MONTHS:
        return IncomingMail.objects.none()
    until = months_ago(settings.HELD_MAIL_KEEP_MONTHS, now)
    dealt_with = Q(outcome=Outcome.AUTOMATIC, settled_at=None) | Q(settled_at__lt=until)
    return IncomingMail.objects.filter(dealt_with, received_at__lt=until, case=None).exclude(outcome="").order_by("pk")


def remove_mail(rows: QuerySet[IncomingMail]) -> int:
    """Remove these mails, and their files once that is committed; how many."""
    found = list(rows)
    IncomingMail.objects.filter(pk__in=[row.pk for row in found]).delete()
    delete_once_committed([str(row.raw.name) for row in found if row.raw])
    return len(found)
