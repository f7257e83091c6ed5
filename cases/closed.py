"""Which cases have been closed for so many months: the periods of what is kept with a case count from its last step."""

from datetime import UTC, date, datetime, time, timedelta

from django.db.models import Exists, OuterRef, QuerySet

from cases.models import Case, CaseEvent
from cases.models.case import OPEN_STATES
from products.coverage import add_months


def closed_for(months: int, now: datetime) -> QuerySet[Case]:
    """Closed cases that made their last step more than so many calendar months ago; none for 0, which is for good."""
    if not months:
        return Case.objects.none()
    since = months_ago(months, now)
    lately = CaseEvent.objects.filter(case=OuterRef("pk"), at__gte=since, kind=CaseEvent.Kind.TRANSITION)
    return Case.objects.exclude(state__in=OPEN_STATES).filter(~Exists(lately), received_at__lt=since).order_by("pk")


def months_ago(months: int, now: datetime) -> datetime:
    """The instant before which whatever happened is more than `months` calendar months old: a midnight in UTC."""
    today = now.astimezone(UTC).date()
    years, month = divmod(today.year * 12 + today.month - 1 - months, 12)
    day = date(max(years, 1), month + 1, 1)
    while add_months(day, months) < today:
        day += timedelta(days=1)
    return datetime.combine(day, time.min, UTC)
