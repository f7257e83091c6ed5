"""Mail that waits for a person, or did.

Shown as plain text: what a stranger sent as HTML is never put into a page, and no picture of theirs is fetched.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from warrantydesk.intake.keeping import raw_bytes
from warrantydesk.intake.models import IncomingMail
from warrantydesk.intake.reading import ReadMail, Unreadable, read_mail
from warrantydesk.intake.reading.bounded import read_bounded
from warrantydesk.intake.services import READ_IN_CHILD_FROM

PREVIEW_CHARACTERS = 20_000
STUCK = (IncomingMail.Outcome.HELD, IncomingMail.Outcome.QUARANTINED)

# What a person did with a held mail: the word, and how it looks in the log (settling.py names them).
DONE: dict[str, tuple[str | Promise, str, str]] = {
    "case_opened": (gettext_lazy("made a case"), "plus", "ok"),
    "reply_added": (gettext_lazy("attached to a case"), "link", "ok"),
    "dismissed": (gettext_lazy("not a request"), "cross", "calm"),
    "taken_back": (gettext_lazy("taken back: it waits again"), "undo", "warn"),
}


@dataclass(frozen=True)
class Preview:
    """What could be read of a mail; `problem` says why nothing could."""

    mail: ReadMail | None
    problem: str = ""

    @property
    def text(self) -> str:
        return self.mail.full_text[:PREVIEW_CHARACTERS] if self.mail else ""

    @property
    def is_cut(self) -> bool:
        return self.mail is not None and len(self.mail.full_text) > PREVIEW_CHARACTERS


def unsettled_mail() -> QuerySet[IncomingMail]:
    """Held, or impossible to read, and nobody has dealt with it yet; the longest waiting first."""
    held = IncomingMail.objects.filter(outcome__in=STUCK, settled_at=None)
    return held.select_related("case").order_by("received_at", "pk")


def stuck_mail(mail_id: int) -> IncomingMail | None:
    """One mail that is held or was, whatever a person made of it; None for any other."""
    was_held = Q(outcome__in=STUCK) | Q(settled_at__isnull=False)
    return IncomingMail.objects.filter(was_held, pk=mail_id).select_related("case").first()


def waits(mail: IncomingMail) -> bool:
    return mail.outcome in STUCK and mail.settled_at is None


def is_dismissed(mail: IncomingMail) -> bool:
    return mail.outcome in STUCK and mail.settled_at is not None


def preview(mail: IncomingMail) -> Preview:
    """Read the stored bytes again, under the same limits as the intake does. Never raises for what a stranger sent."""
    # What is large, or broke its reader before, is read behind the second fence: this is a web page's own process.
    is_risky = mail.size >= READ_IN_CHILD_FROM or mail.outcome == IncomingMail.Outcome.QUARANTINED
    read = read_bounded if is_risky else read_mail
    try:
        return Preview(read(raw_bytes(mail), own_addresses=settings.OWN_ADDRESSES))
    except FileNotFoundError:
        return Preview(None, _("The stored message is missing."))
    except Unreadable as unreadable:
        return Preview(None, str(unreadable))


def history(mail: IncomingMail) -> list[dict[str, Any]]:
    """What people did with this mail, the latest first, as components/timeline.html wants it."""
    said = mail.details.get("history", [])
    people = get_user_model().objects.in_bulk({line["by"] for line in said if line["by"]})
    return [_line(line, people) for line in reversed(said)]


def _line(line: dict[str, Any], people: dict[int, Any]) -> dict[str, Any]:
    text, icon, tone = DONE.get(line["name"], (line["name"], "dot", "calm"))
    who = people.get(line["by"]) if line["by"] else None
    at = datetime.fromisoformat(line["at"])
    return {"at": at, "text": text, "who": who, "why": line["why"], "icon": icon, "tone": tone}
