"""The one table of what a status looks like and what it is called, on every face (look.md).

Staff and customer wording differ where it matters: a customer never reads the name of an internal state, and
never finds blame in a word. Colour is never alone: each status has an icon and a word beside it.
"""

import logging
from dataclasses import dataclass
from typing import Literal

from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

logger = logging.getLogger(__name__)

Tone = Literal["ok", "warn", "bad", "info", "accent", "calm"]
Word = str | Promise


@dataclass(frozen=True)
class Status:
    """How one status is shown. `tone` is a class of badge.css, `icon` a file of templates/icons."""

    code: str
    tone: Tone
    icon: str
    staff: Word
    customer: Word

    def word(self, audience: str = "staff") -> Word:
        """The word for "staff" or "customer"."""
        return self.customer if audience == "customer" else self.staff


def _table(*rows: tuple[str, Tone, str, Word, Word]) -> dict[str, Status]:
    return {row[0]: Status(*row) for row in rows}


# Looked up in this order where a code is given without its kind: "denied" alone is the case's.
STATUSES: dict[str, dict[str, Status]] = {
    "case": _table(
        ("submitted", "info", "inbox", _("Submitted"), _("Request received")),
        ("evidence_review", "warn", "eye", _("Evidence review"), _("Being looked at")),
        ("approved", "ok", "check-circle", pgettext_lazy("case", "Approved"), _("Approved")),
        ("denied", "bad", "cross-circle", pgettext_lazy("case", "Denied"), _("Not covered")),
        ("in_repair", "accent", "wrench", _("In repair"), _("In our workshop")),
        ("returned", "calm", "home", _("Returned"), _("Back with you")),
        ("withdrawn", "calm", "undo", _("Withdrawn"), _("Closed")),
    ),
    "clock": _table(
        ("upcoming", "info", "calendar", _("Not started"), _("Starts later")),
        ("covered", "ok", "shield-check", pgettext_lazy("clock", "Covered"), _("Covered")),
        ("paused", "accent", "pause", _("Paused"), _("Paused while away")),
        ("expired", "calm", "hourglass", _("Expired"), _("Warranty ended")),
        ("voided", "bad", "void", _("Voided"), _("Warranty not valid")),
    ),
    "verdict": _table(
        ("undecided", "calm", "circle", _("Undecided"), _("Being looked at")),
        ("covered", "ok", "check-circle", pgettext_lazy("verdict", "Covered"), _("Covered")),
        ("denied", "bad", "cross-circle", pgettext_lazy("verdict", "Not covered"), _("Not covered")),
        ("goodwill", "info", "gift", _("Goodwill"), _("Covered as goodwill")),
    ),
    "shipment": _table(
        ("label", "calm", "tag", _("Label made"), _("Label ready")),
        ("drop_off", "accent", "shop", _("Dropped off"), _("Handed to the carrier")),
        ("picked_up", "accent", "truck", _("Picked up"), _("Picked up by the carrier")),
        ("in_transit", "accent", "truck", _("In transit"), _("On the road")),
        ("out_for_delivery", "accent", "truck", _("Out for delivery"), _("Arrives today")),
        ("available_for_pickup", "warn", "shop", _("Waiting for pick-up"), _("Ready to be collected")),
        (
            "failed_attempt",
            "warn",
            "refresh",
            _("Delivery attempt failed"),
            _("Nobody was met; the carrier tries again"),
        ),
        ("pickup_failed", "warn", "alert", _("Pick-up failed"), _("The pick-up did not work")),
        ("delivered", "ok", "check-circle", _("Delivered"), _("Delivered")),
        ("returned_to_sender", "warn", "undo", _("Returned to sender"), _("Going back to its sender")),
        ("exception", "warn", "alert", _("Exception"), _("Delayed at the carrier")),
        ("lost", "bad", "question", _("Lost"), _("Lost by the carrier")),
        ("correction", "info", "edit", _("Correction"), _("Corrected by the carrier")),
        ("unknown", "warn", "question", _("Unknown code"), _("News from the carrier")),
    ),
    "mail": _table(
        ("queued", "calm", "clock", _("Queued"), _("Being sent")),
        ("sending", "info", "send", _("Sending"), _("Being sent")),
        ("sent", "ok", "check", _("Sent"), _("Sent")),
        ("failed", "bad", "cross-circle", _("Failed"), _("Could not be sent")),
        ("uncertain", "warn", "question", _("Perhaps sent"), _("Being sent")),
        ("cancelled", "calm", "void", _("Cancelled"), _("Not sent")),
    ),
    "carrier": _table(
        ("working", "ok", "check-circle", _("Answers"), _("Answers")),
        ("troubled", "warn", "alert", _("Some looks fail"), _("Delayed")),
        ("trying", "warn", "refresh", _("Asked once more"), _("Delayed")),
        ("resting", "bad", "hourglass", _("Left alone"), _("Delayed")),
        ("unknown", "calm", "circle", _("Not asked yet"), _("Not asked yet")),
    ),
    "window": _table(
        ("provisional", "warn", "hourglass", _("Provisional"), _("Being confirmed")),
        ("verified", "ok", "truck", _("Verified by tracking"), _("Proved by tracking")),
        ("confirmed", "ok", "user", _("Confirmed by staff"), _("Confirmed by us")),
    ),
}


def status_of(code: str, kind: str | None = None) -> Status:
    """The row for a code; `kind` (or a dotted "verdict.denied") tells equal codes apart.

    A code outside the table is a mistake of ours and is logged as one; it still gets a quiet badge, because a page
    that a customer waits for is worth more than the badge on it.
    """
    code = str(code)
    if kind is None and "." in code:
        kind, code = code.split(".", 1)
    for table in [STATUSES.get(kind, {})] if kind else STATUSES.values():
        if code in table:
            return table[code]
    logger.error("No status %r of kind %r in the table of statuses", code, kind)
    return Status(code, "calm", "circle", capfirst(code.replace("_", " ")), _("In progress"))
