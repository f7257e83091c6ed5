"""What happened, in words a colleague reads tomorrow: one row for every kind and name an event can have.

The names are those of the table in cases/services/__init__.py.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.utils.translation import ngettext

from cases.models import CaseEvent
from warrantydesk.faces import formats
from warrantydesk.faces.timeline import Told

# (kind, name): icon, tone, sentence
SENTENCES: dict[tuple[str, str], tuple[str, str, Promise]] = {
    ("opened", "opened"): ("inbox", "info", _l("Request received, case opened")),
    ("transition", "begin_review"): ("eye", "warn", _l("Review begun")),
    ("transition", "request_information"): ("question", "warn", _l("Customer asked for what is missing")),
    ("transition", "approve"): ("check-circle", "ok", _l("Approved")),
    ("transition", "deny"): ("cross-circle", "bad", _l("Denied")),
    ("transition", "undo"): ("undo", "", _l("Decision undone, its mail held back")),
    ("transition", "reopen"): ("rotate", "warn", _l("Reopened")),
    ("transition", "start_repair"): ("wrench", "accent", _l("Repair begun")),
    ("transition", "send_back"): ("home", "ok", _l("Back with the customer")),
    ("transition", "deliver_replacement"): ("gift", "ok", _l("Replacement delivered")),
    ("transition", "return_unrepaired"): ("undo", "", _l("Back with the customer, unrepaired")),
    ("transition", "reopen_return"): ("rotate", "warn", _l("The delivery was not final: in repair again")),
    ("transition", "withdraw"): ("void", "", _l("Case closed")),
    ("details", "described"): ("edit", "", _l("Description changed")),
    ("details", "tagged"): ("tag", "", _l("Tag put on")),
    ("details", "untagged"): ("tag", "", _l("Tag taken off")),
    ("details", "language_chosen"): ("globe", "", _l("Customer chose another language")),
    ("details", "purchase_set"): ("receipt", "", _l("Invoice and product matched")),
    ("details", "unrepaired_return_planned"): ("undo", "warn", _l("Goes home unrepaired")),
    ("details", "unrepaired_return_dropped"): ("wrench", "", _l("Will be repaired after all")),
    ("part", "claimed"): ("plus", "", _l("Part claimed")),
    ("part", "confirmed"): ("check", "", _l("Part confirmed")),
    ("part", "dropped"): ("minus", "", _l("Part no longer claimed")),
    ("part", "replaced"): ("refresh", "accent", _l("Replacement took over the clock")),
    ("part", "repair_reported"): ("wrench", "", _l("Report of the workshop")),
    ("part", "part_used"): ("plus", "", _l("Spare part built in")),
    ("part", "part_taken_back"): ("minus", "", _l("Spare part not built in after all")),
    ("verdict", "finding_recorded"): ("search", "", _l("Finding recorded")),
    ("verdict", "decided"): ("check", "", _l("Part decided")),
    ("verdict", "cleared"): ("undo", "", _l("Verdict taken back")),
    ("evidence", "added"): ("image", "", _l("Files added")),
    ("evidence", "refused"): ("alert", "warn", _l("Files refused")),
    ("evidence", "quarantined"): ("alert", "bad", _l("A virus was found in a file, and it is locked away")),
    ("evidence", "trouble"): ("alert", "bad", _l("A stored file is missing or was changed")),
    ("evidence", "trouble_over"): ("check", "ok", _l("The stored file is as it came again")),
    ("evidence", "erased"): ("void", "", _l("Files erased")),
    ("message", "received"): ("mail", "info", _l("Customer wrote")),
    ("message", "written"): ("send", "", _l("We wrote to the customer")),
    ("message", "taken_out"): ("undo", "warn", _l("A message was taken out: it did not belong here")),
    ("message", "noted"): ("note", "", _l("Note kept")),
    ("quote", "written"): ("receipt", "", _l("Quote written")),
    ("quote", "sent"): ("send", "", _l("Quote sent")),
    ("quote", "answered"): ("receipt", "info", _l("Quote answered")),
    ("assigned", "assigned"): ("user", "", _l("Looked after by")),
    ("clock", "moved"): ("clock", "accent", _l("Warranty clock moved")),
    ("clock", "returned"): ("clock", "accent", _l("Warranty clock runs again")),
    ("evidence", "marked"): ("flag", "", _l("A file is marked: it shows the fault")),
    ("evidence", "unmarked"): ("flag", "", _l("A file does not show the fault after all")),
    ("evidence", "annotated"): ("note", "", _l("Note on a file")),
    ("evidence", "turned"): ("rotate", "", _l("A picture was turned")),
    ("evidence", "looked_again"): ("refresh", "", _l("A file is prepared once more")),
    ("evidence", "not_shown"): ("alert", "warn", _l("A file cannot be shown")),
    ("shipment", "proposed"): ("question", "info", _l("Parcel named by the customer")),
    ("shipment", "taken_back"): ("undo", "", _l("Parcel taken back by the customer")),
    ("shipment", "receipt"): ("receipt", "info", _l("Receipt of a parcel")),
    ("shipment", "booked"): ("truck", "", _l("Parcel booked")),
    ("shipment", "confirmed"): ("check", "", _l("Parcel confirmed")),
    ("shipment", "repacked"): ("box", "", _l("Contents of the parcel corrected")),
    ("shipment", "cancelled"): ("void", "", _l("Parcel given up")),
    ("shipment", "handed_over"): ("truck", "accent", _l("Parcel handed over")),
    ("shipment", "delivered"): ("home", "ok", _l("Parcel delivered")),
    ("shipment", "delivered_to_sender"): ("undo", "warn", _l("Parcel back with its sender")),
    ("shipment", "returned_to_sender"): ("undo", "warn", _l("Parcel on its way back to its sender")),
    ("shipment", "lost"): ("question", "bad", _l("Parcel lost")),
    ("shipment", "delivery_not_final"): ("rotate", "warn", _l("The delivery was not final")),
    ("shipment", "pause_stated"): ("clock", "accent", _l("Days away stated by hand")),
    ("shipment", "pause_withdrawn"): ("undo", "warn", _l("Days away taken back")),
    ("shipment", "waits"): ("hourglass", "warn", _l("The parcel arrived, but the case cannot move on yet")),
    ("mail", "failed"): ("cross-circle", "bad", _l("Mail could not be sent")),
    ("mail", "uncertain"): ("question", "warn", _l("Mail may have been sent: look, and settle it")),
    ("mail", "bounced"): ("undo", "bad", _l("Mail came back")),
    ("mail", "sent_again"): ("send", "", _l("Mail sent once more")),
    ("mail", "taken_as_sent"): ("check", "", _l("Mail taken as sent")),
    ("mail", "capped"): ("hourglass", "warn", _l("Mail not written: too many today")),
    ("mail", "no_address"): ("alert", "warn", _l("Mail not written: the customer has no address")),
    ("mail", "own_address"): ("alert", "warn", _l("Mail not written: the address is one of ours")),
    ("mail", "link_asked"): ("link", "", _l("Private link sent once more")),
    ("mail", "forgotten"): ("void", "", _l("Mails kept no longer")),
    ("mail", "links_revoked"): ("lock", "warn", _l("Every private link ended")),
}
PLAIN_ICONS = {"shipment": "truck", "mail": "mail", "refused": "alert"}


@dataclass(frozen=True)
class Names:
    """The names behind the ids an event keeps, each by its id."""

    parts: dict[int, str]
    claims: dict[int, str]
    people: dict[int, str]
    tags: dict[int, str]


def told(event: CaseEvent, names: Names) -> Told:
    key = (event.kind, event.name)
    icon, tone, sentence = SENTENCES.get(key, (PLAIN_ICONS.get(event.kind, "dot"), "", None))
    text = str(sentence) if sentence else _plainly(event)
    more = _more(event, names)
    return Told(
        at=event.at,
        text=f"{text}: {more}" if more else text,
        who=_who(event),
        why=event.why,
        icon=icon,
        tone=tone,
        automatic=event.actor_kind == CaseEvent.Actor.SYSTEM,
    )


def _plainly(event: CaseEvent) -> str:
    """An event of a storey above `cases`, which names its own: the kind, then its name as words."""
    return f"{event.get_kind_display()}: {event.name.replace('_', ' ')}".capitalize()


def _who(event: CaseEvent) -> str:
    if event.actor is not None:
        return str(event.actor)
    return _("the customer") if event.actor_kind == CaseEvent.Actor.CUSTOMER else ""


def _more(event: CaseEvent, names: Names) -> str:
    """What exactly: read from the event's ids, and left out where an id has no name any more."""
    teller = _TELLERS.get(event.kind)
    return teller(event.data, names) if teller else ""


def _parts(data: dict[str, Any], names: Names) -> str:
    known = [names.parts[pk] for pk in data.get("parts", [data.get("part")]) if pk in names.parts]
    return listed(known)


def _claim(data: dict[str, Any], names: Names) -> str:
    words = [names.claims.get(data.get("claim", 0), "")]
    verdict = {"covered": _("covered"), "denied": _("not covered")}.get(data.get("verdict", ""))
    words += [verdict] if verdict else []
    words += [_("goodwill")] if data.get("goodwill") else []
    return ", ".join(word for word in words if word)


def _files(data: dict[str, Any], _names: Names) -> str:
    kept, refused = len(data.get("evidence", [])) or len(data.get("files", [])), len(data.get("refused", []))
    words = [ngettext("%(n)s file", "%(n)s files", kept) % {"n": kept}] if kept else []
    words += [ngettext("%(n)s refused", "%(n)s refused", refused) % {"n": refused}] if refused else []
    return ", ".join(words)


def _quote(data: dict[str, Any], _names: Names) -> str:
    if data.get("answer"):
        return {"accepted": _("accepted"), "declined": _("declined")}.get(data["answer"], "")
    return formats.money(data["total"], data["currency"]) if data.get("total") is not None else ""


def _person(data: dict[str, Any], names: Names) -> str:
    return names.people.get(data.get("user") or 0, _("nobody"))


def _tag(data: dict[str, Any], names: Names) -> str:
    return names.tags.get(data.get("tag") or 0, "")


def _clocks(data: dict[str, Any], _names: Names) -> str:
    return listed([_clock(change) for change in data.get("changes", [])], most=2)


def _parcel(data: dict[str, Any], _names: Names) -> str:
    return str(data.get("number") or (formats.day(date.fromisoformat(data["on"])) if data.get("on") else ""))


def _mail(data: dict[str, Any], _names: Names) -> str:
    return str(data.get("to", ""))


def _clock(change: dict[str, Any]) -> str:
    after = change.get("after") or {}
    through = after.get("covered_through") if isinstance(after, dict) else after
    until = formats.day(date.fromisoformat(through)) if through else _("standing still")
    return f"{change.get('label', '')} → {until}".strip()


def _closing(data: dict[str, Any], _names: Names) -> str:
    words = {
        "withdrawn": _("withdrawn by the customer"),
        "duplicate": _("a duplicate of %(case)s") % {"case": data.get("duplicate_of") or "?"},
        "not_a_request": _("not a request"),
    }
    return words.get(data.get("reason", ""), "")


def listed(words: list[str], most: int = 4) -> str:
    """The first few, and how many more: a kit of eighty parts is one line of the history, not eighty."""
    shown = ", ".join(words[:most])
    rest = len(words) - most
    return _("%(first)s and %(n)s more") % {"first": shown, "n": rest} if rest > 0 else shown


_TELLERS = {
    "details": _tag,
    "part": _parts,
    "verdict": _claim,
    "evidence": _files,
    "quote": _quote,
    "assigned": _person,
    "clock": _clocks,
    "transition": _closing,
    "shipment": _parcel,
    "mail": _mail,
}
