"""How reading the mailbox goes: the lease of the poller that is at it, what /readyz asks, and the words of the desk."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from health_check.base import HealthCheck
from health_check.exceptions import ServiceUnavailable

from warrantydesk.faces.formats import age_in_words, moment
from warrantydesk.intake.mailbox import configured_mailbox
from warrantydesk.intake.models import MailboxState

FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(minutes=15)


@dataclass
class Lease:
    """The right to read one mailbox, until it is given back or its holder falls silent."""

    state: MailboxState
    holder: str

    def renew(self, now: datetime, **seen: Any) -> bool:
        """Whether we still hold it. `seen` is written beside it, so that the desk sees a long pass go on."""
        return bool(self._row().update(lease_until=_until(now), **seen))

    def give_back(self, now: datetime, **seen: Any) -> None:
        self._row().update(lease_holder="", lease_until=None, pass_finished_at=now, **seen)

    def _row(self) -> QuerySet[MailboxState]:
        return MailboxState.objects.filter(pk=self.state.pk, lease_holder=self.holder)


def take_lease(name: str, now: datetime) -> Lease | None:
    """Of any number of pollers one gets it; None for the others. Two at once would do no harm, only twice the work."""
    state, _created = MailboxState.objects.get_or_create(name=name)
    holder = secrets.token_hex(16)
    free = Q(lease_until=None) | Q(lease_until__lt=now)
    taken = MailboxState.objects.filter(free, pk=state.pk).update(
        lease_holder=holder, lease_until=_until(now), pass_started_at=now, fetched_in_pass=0
    )
    return Lease(MailboxState.objects.get(pk=state.pk), holder) if taken else None


def _until(now: datetime) -> datetime:
    return now + timedelta(seconds=settings.IMAP_LEASE_SECONDS)


def is_time(name: str, now: datetime) -> bool:
    """Whether the mailbox may be asked again: after a failure not at once, and every time later."""
    return not MailboxState.objects.filter(name=name, not_before__gt=now).exists()


def after_success(now: datetime) -> dict[str, Any]:
    """What a pass that reached the end writes into the state."""
    return {"failures": 0, "not_before": None, "succeeded_at": now}


def after_failure(state: MailboxState, now: datetime, *, got_on: bool) -> dict[str, Any]:
    """What a broken pass writes. One that got on starts the waits anew: a weak line is not a locked door."""
    failures = 1 if got_on else state.failures + 1
    wait = min(FIRST_WAIT * 2 ** min(failures - 1, 10), LONGEST_WAIT)
    return {"failures": failures, "not_before": now + wait}


def record_failure(name: str, problem: str, now: datetime) -> None:
    """A poller could not even begin its pass."""
    state, _created = MailboxState.objects.get_or_create(name=name)
    seen = after_failure(state, now, got_on=False) | problem_seen(state, problem, now)
    MailboxState.objects.filter(pk=state.pk).update(**seen)


def problem_seen(state: MailboxState, problem: str, now: datetime) -> dict[str, Any]:
    since = None if not problem else (state.problem_since if state.problem else now) or now
    return {"problem": problem[:500], "problem_since": since}


def count_fetched(how_many: int) -> dict[str, Any]:
    return {"fetched": F("fetched") + how_many, "fetched_in_pass": F("fetched_in_pass") + how_many}


def current_state() -> MailboxState | None:
    """The state of the configured mailbox; a fresh one where no pass was ever begun, None where none is configured."""
    address = configured_mailbox()
    if address is None:
        return None
    return MailboxState.objects.filter(name=address.name).first() or MailboxState(name=address.name)


def why_alarming(state: MailboxState, now: datetime) -> str:
    """Why somebody should look after the mailbox, as a sentence; empty where it is not bad, or not for long."""
    long_ago = now - timedelta(minutes=settings.IMAP_ALARM_MINUTES)
    if state.succeeded_at is None:
        return f"The mailbox has not been read yet: {state.problem or 'are beat and a worker running?'}"
    if state.problem and state.problem_since and state.problem_since < long_ago:
        return f"Trouble with the mailbox since {state.problem_since:%Y-%m-%d %H:%M} UTC: {state.problem}"
    if state.succeeded_at < long_ago:
        minutes = int((now - state.succeeded_at).total_seconds() // 60)
        return f"The mailbox was last read {minutes} minutes ago: {state.problem or 'are beat and a worker running?'}"
    return ""


@dataclass
class Mailbox(HealthCheck):
    """The mailbox is being read, and nothing stays behind in it."""

    def run(self) -> None:
        try:
            with connection.temporary_connection():  # this thread lives only for the check
                state = current_state()
        except DatabaseError as error:
            raise ServiceUnavailable("The database does not say how the mailbox is.") from error
        if state is not None and (alarm := why_alarming(state, timezone.now())):
            raise ServiceUnavailable(alarm)


@dataclass(frozen=True)
class MailboxLine:
    """One line for people: how the mailbox does. `tone` and `icon` are a badge's."""

    tone: str
    icon: str
    word: str
    text: str
    waiting: str = ""


def mailbox_line(state: MailboxState, now: datetime) -> MailboxLine:
    """What the held mail page says about the mailbox."""
    waiting = _waiting(state, now)
    if state.problem:
        since = _("since %(when)s") % {"when": moment(state.problem_since)}
        return MailboxLine("bad", "alert", _("Trouble with the mailbox"), f"{since}: {state.problem}", waiting)
    if state.succeeded_at is None:
        return MailboxLine(
            "warn", "clock", _("The mailbox was never read"), _("No pass has come to its end yet."), waiting
        )
    ago = _("%(age)s ago") % {"age": age_in_words(now - state.succeeded_at)}
    if why_alarming(state, now):
        return MailboxLine(
            "bad", "alert", _("The mailbox is not being read"), _("Last read %(ago)s.") % {"ago": ago}, waiting
        )
    return MailboxLine("ok", "check", _("The mailbox is being read"), _("Last read %(ago)s.") % {"ago": ago}, waiting)


def _waiting(state: MailboxState, now: datetime) -> str:
    if not state.waiting:
        return ""
    words = ngettext("%(n)s mail still lies in it", "%(n)s mails still lie in it", state.waiting) % {"n": state.waiting}
    if state.oldest_waiting_at is None:
        return f"{words}."
    oldest = _("the oldest for %(age)s") % {"age": age_in_words(now - state.oldest_waiting_at)}
    return f"{words}, {oldest}."
