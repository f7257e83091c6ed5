"""The lights of the system page: which figure of /metrics is red from where on, and what to do about it.

One table. The runbook has a row for each of them (docs/runbook.md), and a test holds the two together.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Tone = Literal["ok", "warn", "bad"]


@dataclass(frozen=True)
class Watch:
    """`figure` is one of /metrics without its first word; of several (by label) the highest counts. `warn` and `bad`:
    from more than that on. `seconds`: it is a time."""

    figure: str
    label: Promise
    do: Promise
    warn: float
    bad: float
    seconds: bool = False


@dataclass(frozen=True)
class Light:
    watch: Watch
    value: float
    tone: Tone


MINUTE, HOUR = 60, 3600
WATCHED = (
    Watch("heartbeat_age_seconds", _("Beat and a worker were last alive together"),
          _("Start beat and a worker; the sweeps catch up by themselves, nothing is lost."), 45, 90, seconds=True),
    Watch("queue_length", _("Messages that wait for a worker"),
          _("Start more workers, or give the long queue one of its own (WORKER_QUEUES). Nothing is lost meanwhile."),
          1000, 10_000),
    Watch("sweeps_late", _("Sweeps that are late"),
          _("See which below; if all are, beat or the workers are down. The sweep repeats itself."), 0, 3),
    Watch("sweeps_failing", _("Sweeps whose last run failed"),
          _("Read the worker's log at that time; the next run tries again."), 0, 2),
    Watch("mail_lag_seconds", _("The oldest mail kept and not read"),
          _("Start a worker for the queue “mail”; what stopped its reader three times is put aside for a person."),
          5 * MINUTE, 30 * MINUTE, seconds=True),
    Watch("mail_held_too_long", _("Held mails older than a day"),
          _("Settle them on the desk: make a case, attach them, or dismiss them with a word."), 0, 20),
    Watch("mailbox_failures", _("Passes over the mailbox that failed in a row"),
          _("The sentence beside the held mail says why; password, line or certificate."), 0, 3),
    Watch("outbox_lag_seconds", _("The oldest outgoing mail is overdue by"),
          _("Is the mail server reachable, and a worker for the queue “mail” running?"),
          5 * MINUTE, HOUR, seconds=True),
    Watch("outbox_failed", _("Outgoing mails that were refused for good"),
          _("The reason stands on the case: correct the address and send once more."), 0, 50),
    Watch("outbox_uncertain", _("Outgoing mails nobody knows the fate of"),
          _("Ask the mail server's log or the customer, then say on the case which it was."), 0, 20),
    Watch("evidence_waiting", _("Files not looked at yet"),
          _("Start a worker for the queue “media”."), 100, 1000),
    Watch("evidence_unscanned", _("Files that wait for the virus scanner"),
          _("Bring clamd back; the sweep scans what waited, and no customer gets a file before."), 100, 1000),
    Watch("evidence_in_trouble", _("Stored files that are missing or were changed"),
          _("Bring them back from the backup under the same key; the next night calls the alarm off."), 0, 0),
    Watch("carrier_resting", _("Carriers that rest because they keep failing"),
          _("See the last problem at the carriers; wrong keys: set them and restart."), 0, 1),
    Watch("parcels_due", _("Parcels due for a look"),
          _("Start a worker for the queue “tracking”; raise CARRIER_LIMITS where the contract allows it."),
          1000, 20_000),
    Watch("tracking_hooks_unread", _("Calls of carriers not taken in yet"),
          _("Start a worker for the queue “tracking”; the sweep reads them."), 100, 1000),
    Watch("tracking_hooks_failed", _("Calls of carriers nobody could take in"),
          _("Read the problem beside them in the administration; enter by hand what is missing."), 0, 20),
    Watch("pauses_different", _("Pauses the scans do not prove"),
          _("Run rebuild_pauses --check, then rebuild_pauses."), 0, 0),
    Watch("storage_used_percent", _("The disk of the files is full, in percent"),
          _("Make room or move the files to an S3-compatible store; mails are refused for later, not lost."), 85, 95),
)  # fmt: skip


def lights(figures: Mapping[str, float]) -> list[Light]:
    """Every watched figure that is there, the worst first."""
    found = [Light(watch, figures[watch.figure], _tone(watch, figures[watch.figure])) for watch in WATCHED
             if watch.figure in figures]  # fmt: skip
    return sorted(found, key=lambda light: ("bad", "warn", "ok").index(light.tone))


def _tone(watch: Watch, value: float) -> Tone:
    return "bad" if value > watch.bad else "warn" if value > watch.warn else "ok"
