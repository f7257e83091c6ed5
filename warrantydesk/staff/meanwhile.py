"""What happened to a case since somebody opened its page: told before their form does anything, and when refused."""

from django.db.models import Q

from cases.models import CaseEvent
from warrantydesk.staff.case_on_desk import CaseOnDesk

# What changes nothing about a decision.
QUIET = (CaseEvent.Kind.MAIL, CaseEvent.Kind.SHIPMENT, CaseEvent.Kind.ASSIGNED)
QUIET_NAMES = ("tagged", "untagged", "turned", "looked_again", "annotated")


def read_as_of(written: str) -> int | None:
    """The newest row of the timeline the page showed; None where the form does not say."""
    return int(written) if written.isascii() and written.isdigit() and len(written) < 19 else None


def news_since(on_desk: CaseOnDesk, as_of: int | None) -> list[CaseEvent]:
    """What others did to the case since then, newest first; what one did oneself is no news."""
    if as_of is None:
        return []
    others = Q(actor=None) | ~Q(actor=on_desk.user.pk)
    news = on_desk.case.events.filter(others, pk__gt=as_of).exclude(kind__in=QUIET).exclude(name__in=QUIET_NAMES)
    return list(news.select_related("actor").order_by("-pk"))
