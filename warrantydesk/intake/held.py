"""Mail that waits for a person, or did: the views of it, one page at a time, and one mail as plain text.

What a stranger sent as HTML is never put into a page, and no picture of theirs is fetched.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Count, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from warrantydesk.faces.timeline import Told
from warrantydesk.intake.keeping import raw_bytes
from warrantydesk.intake.models import IncomingMail
from warrantydesk.intake.patterns import read_as_configured
from warrantydesk.intake.reading import ReadMail, Unreadable
from warrantydesk.intake.reading.cleaning import one_line

PREVIEW_CHARACTERS = 20_000
PAGE_SIZE = 50
MOST_COUNTED = 1000
ALARM_AFTER = timedelta(days=1)
Outcome, Why = IncomingMail.Outcome, IncomingMail.Why
STUCK = (Outcome.HELD, Outcome.QUARANTINED)
FOR_A_PERSON = (*STUCK, Outcome.AUTOMATIC)
_HEADERS_END = re.compile(rb"\r?\n\r?\n|\r\r")
_MOST_HEADER_BYTES, _MOST_HEADER_LINES = 20_000, 80

# What a person did with a held mail: the word, and how it looks in the log (settling.py names them).
DONE: dict[str, tuple[str | Promise, str, str]] = {
    "case_opened": (gettext_lazy("made a case"), "plus", "ok"),
    "reply_added": (gettext_lazy("attached to a case"), "link", "ok"),
    "dismissed": (gettext_lazy("not a request"), "cross", "calm"),
    "taken_back": (gettext_lazy("taken back: it waits again"), "undo", "warn"),
}


def unsettled_mail() -> QuerySet[IncomingMail]:
    """Held, or impossible to read, and nobody has dealt with it yet; the longest waiting first."""
    held = IncomingMail.objects.filter(outcome__in=STUCK, settled_at=None)
    return held.select_related("case").order_by("received_at", "pk")


def unsettled_automatic_mail() -> QuerySet[IncomingMail]:
    """What machines sent. Nobody need look at it, and anybody can; it waits for nobody and raises no alarm."""
    automatic = IncomingMail.objects.filter(outcome=Outcome.AUTOMATIC, settled_at=None)
    return automatic.select_related("case").order_by("received_at", "pk")


def _settled_mail() -> QuerySet[IncomingMail]:
    settled = IncomingMail.objects.filter(settled_at__isnull=False).exclude(raw="")
    return settled.select_related("case").order_by("-settled_at", "-pk")


def mail_of_before(moment: datetime) -> QuerySet[IncomingMail]:
    """The mails that have waited for a person since before then: too long, where that is ALARM_AFTER ago."""
    return unsettled_mail().filter(received_at__lt=moment)


@dataclass(frozen=True)
class Inbox:
    """One view of held mail: its address (`?view=code`), its name, its rows in order. `by` is what orders them."""

    code: str
    label: str | Promise
    rows: Callable[[], QuerySet[IncomingMail]]
    empty: str | Promise
    by: str = "received_at"


def _of(why: str) -> Inbox:
    nothing = gettext_lazy("No mail waits for a person for this reason.")
    return Inbox(str(why), Why(why).label, lambda: unsettled_mail().filter(why=why), nothing)


EVERYTHING = Inbox(
    "", gettext_lazy("waiting"), unsettled_mail,
    gettext_lazy("Whatever cannot become a case or a reply by itself is held here."),
)  # fmt: skip
INBOXES = {
    inbox.code: inbox
    for inbox in (
        EVERYTHING,
        _of(Why.NO_PREFIX),
        _of(Why.AMBIGUOUS),
        _of(Why.STRANGER),
        _of(Why.NO_ADDRESS),
        _of(Why.REFUSED),
        _of(Why.UNREADABLE),
        Inbox(
            Why.AUTOMATIC.value, gettext_lazy("automatic mail"), unsettled_automatic_mail,
            gettext_lazy("Bounces, out-of-office notes and lists are kept here, and never answered."),
        ),
        Inbox(
            "settled", gettext_lazy("dealt with"), _settled_mail,
            gettext_lazy("What people made of held mail appears here, and can be taken back."), by="settled_at",
        ),
    )
}  # fmt: skip


@dataclass(frozen=True)
class Counted:
    """A view with how many mails stand in it; None where nobody counts them. `more`: there are more than that."""

    inbox: Inbox
    count: int | None
    more: bool = False


def counted_inboxes() -> list[Counted]:
    """Every view worth a tab: those with something in them, and the three that are always there. Two queries."""
    by_why = dict(unsettled_mail().order_by().values_list("why").annotate(mails=Count("pk")))
    # Mail kept before there was a word for it has none: it stands in the view of everything only.
    counts: dict[str, int | None] = {**by_why, "": sum(by_why.values()), "settled": None}
    automatic = unsettled_automatic_mail().order_by()[: MOST_COUNTED + 1].count()
    counts[Why.AUTOMATIC.value] = min(automatic, MOST_COUNTED)
    always = ("", Why.AUTOMATIC.value, "settled")
    return [
        Counted(inbox, counts.get(code, 0), more=code == Why.AUTOMATIC.value and automatic > MOST_COUNTED)
        for code, inbox in INBOXES.items()
        if code in always or counts.get(code)
    ]


@dataclass(frozen=True)
class MailPage:
    """`next_after` is the mail the next page begins after, None on the last one."""

    mails: list[IncomingMail] = field(default_factory=list)
    next_after: int | None = None
    is_first: bool = True


def mail_page(inbox: Inbox, after: str = "") -> MailPage:
    """The page that begins after the mail `after`: what is settled meanwhile shifts nothing. At most two queries."""
    rows, place = inbox.rows(), _place(after, inbox.by)
    if place is not None:
        at, pk = place
        way = "lt" if inbox.by == "settled_at" else "gt"
        # The first condition alone is what the index walks along; the second splits rows of the same instant.
        rows = rows.filter(**{f"{inbox.by}__{way}e": at}).filter(
            Q(**{f"{inbox.by}__{way}": at}) | Q(**{f"pk__{way}": pk})
        )
    found = list(rows[: PAGE_SIZE + 1])
    shown = found[:PAGE_SIZE]
    return MailPage(shown, shown[-1].pk if len(found) > PAGE_SIZE else None, is_first=place is None)


def _place(after: str, by: str) -> tuple[datetime, int] | None:
    if not (after.isascii() and after.isdigit() and len(after) < 19):
        return None
    row = IncomingMail.objects.filter(pk=int(after)).values_list(by, "pk").first()
    return row if row and row[0] else None


def stuck_mail(mail_id: int) -> IncomingMail | None:
    """One mail that is held or was, or that a machine sent, whatever a person made of it; None for any other."""
    was_held = Q(outcome__in=FOR_A_PERSON) | Q(settled_at__isnull=False)
    return IncomingMail.objects.filter(was_held, pk=mail_id).select_related("case").first()


def waits(mail: IncomingMail) -> bool:
    """Whether a person may still say what it is."""
    return mail.outcome in FOR_A_PERSON and mail.settled_at is None


@dataclass(frozen=True)
class Preview:
    """What could be read of a mail; `problem` says why nothing could. `headers` are its own lines, made harmless."""

    mail: ReadMail | None
    problem: str = ""
    headers: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        return self.mail.full_text[:PREVIEW_CHARACTERS] if self.mail else ""

    @property
    def is_cut(self) -> bool:
        return self.mail is not None and len(self.mail.full_text) > PREVIEW_CHARACTERS


def preview(mail: IncomingMail) -> Preview:
    """Read the stored bytes again, under the same limits as the intake does. Never raises for what a stranger sent."""
    try:
        raw = raw_bytes(mail)
    except FileNotFoundError:
        gone = _("The stored message is missing.") if mail.raw else _("The message is kept no longer.")
        return Preview(None, gone)
    try:
        return Preview(
            read_as_configured(raw),
            headers=_header_lines(raw),
        )
    except Unreadable as unreadable:
        return Preview(None, str(unreadable), _header_lines(raw))


def _header_lines(raw: bytes) -> tuple[str, ...]:
    """The head of a message as it came, for people who know how to read one."""
    start = raw[:_MOST_HEADER_BYTES]
    end = _HEADERS_END.search(start.lstrip(b"\r\n"))
    head = start.lstrip(b"\r\n")[: end.start()] if end else start
    lines = [one_line(line, 500) for line in head.decode("utf-8", "replace").splitlines()]
    return tuple(line for line in lines if line)[:_MOST_HEADER_LINES]


def history(mail: IncomingMail) -> list[Told]:
    """What people did with this mail, the latest first."""
    said = mail.details.get("history", [])
    people = get_user_model().objects.in_bulk({line["by"] for line in said if line["by"]})
    return [_line(line, people) for line in reversed(said)]


def _line(line: dict[str, Any], people: dict[int, Any]) -> Told:
    text, icon, tone = DONE.get(line["name"], (line["name"], "dot", "calm"))
    who = people.get(line["by"]) if line["by"] else None
    at = datetime.fromisoformat(line["at"])
    why = " ".join(words for words in (line.get("case", ""), line["why"]) if words)
    return Told(at, text, who=who, why=why, icon=icon, tone=tone)
