"""The stepper: where is it? The way a request takes, with what is done, what is now, and what comes after."""

from dataclasses import dataclass
from datetime import date, datetime

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from cases.models import ClaimedPart
from warrantydesk.faces import formats
from warrantydesk.faces.drawn import Step
from warrantydesk.portal.case_of_customer import CaseOfCustomer
from warrantydesk.portal.parcels import words_of_parcel
from warrantydesk.portal.situation import Situation, is_travelling

Word = str | Promise


@dataclass(frozen=True)
class Stage:
    """A station of the way: what it is called while it is ahead, while it is now, and once it is behind."""

    ahead: Word
    now: Word
    done: Word
    icon: str = ""


STAGES = {
    "received": Stage("", gettext_lazy("We received your request"), gettext_lazy("We received your request"), "inbox"),
    "need": Stage(
        "",
        gettext_lazy("We need something from you"),
        gettext_lazy("We asked you for something"),
        "question",
    ),
    "look": Stage(
        gettext_lazy("We look at it"), gettext_lazy("We are looking at it"), gettext_lazy("We looked at it"), "eye"
    ),
    "answer": Stage(
        gettext_lazy("You get our answer"),
        gettext_lazy("You get our answer"),
        gettext_lazy("You got our answer"),
        "mail",
    ),
    "outcome": Stage(gettext_lazy("If the warranty covers it: repair or replacement"), "", "", "wrench"),
    "costs": Stage(
        gettext_lazy("You decide about the costs"),
        gettext_lazy("You decide about the costs"),
        gettext_lazy("You accepted the costs"),
        "receipt",
    ),
    "to_us": Stage(
        gettext_lazy("It travels to us"),
        gettext_lazy("Your parcel to us comes next"),
        gettext_lazy("Your parcel arrived at our workshop"),
        "truck",
    ),
    "repair": Stage(
        gettext_lazy("We repair it"), gettext_lazy("We are repairing it"), gettext_lazy("We repaired it"), "wrench"
    ),
    "home": Stage(
        gettext_lazy("It travels back to you"),
        gettext_lazy("It is travelling back to you"),
        gettext_lazy("It is back with you"),
        "home",
    ),
    "replacement": Stage(
        gettext_lazy("You get a replacement"),
        gettext_lazy("We make your replacement ready"),
        gettext_lazy("Your replacement is with you"),
        "gift",
    ),
    "unrepaired": Stage(
        gettext_lazy("It comes back to you unrepaired"),
        gettext_lazy("It comes back to you unrepaired"),
        gettext_lazy("It is back with you, unrepaired"),
        "home",
    ),
}
S = Situation
# Which station each situation stands at; None: behind the last one.
NOW: dict[Situation, str | None] = {
    S.WAITING_FOR_YOU: "need", S.ANSWERED: "look", S.RECEIVED: "look", S.LOOKING: "look", S.LOOKING_AGAIN: "look",
    S.QUOTE_OPEN: "costs", S.APPROVED: "to_us", S.PARCEL_TO_US: "to_us", S.PARCEL_HERE: "repair",
    S.REPAIRING: "repair", S.TRAVELLING_HOME: "home", S.REPLACEMENT_PREPARING: "replacement",
    S.REPLACEMENT_TRAVELLING: "replacement", S.DECLINED: None, S.UNREPAIRED_HERE: "unrepaired",
    S.UNREPAIRED_TRAVELLING: "unrepaired", S.REPAIRED: None, S.REPLACED: None, S.UNREPAIRED: None,
    S.CLOSED_UNSENT: None,
}  # fmt: skip
# What the station is called in this situation, where that says more than its own name.
CALLED: dict[Situation, Word] = {
    S.ANSWERED: gettext_lazy("We read what you sent"),
    S.RECEIVED: gettext_lazy("We look at it next"),
    S.LOOKING_AGAIN: gettext_lazy("We are looking at it once more"),
    S.PARCEL_TO_US: gettext_lazy("Your parcel is travelling to us"),
    S.PARCEL_HERE: gettext_lazy("The repair comes next"),
    S.REPLACEMENT_TRAVELLING: gettext_lazy("Your replacement is travelling to you"),
    S.UNREPAIRED_TRAVELLING: gettext_lazy("It is travelling back to you, unrepaired"),
}


def steps_of(page: CaseOfCustomer, situation: Situation) -> list[Step]:
    if situation == S.WITHDRAWN:
        return [_done(page, "received"), _withdrawn(page)]
    if situation == S.DENIED:
        return [_done(page, "received"), Step("stopped", _looked(page), _look_note(page))]
    way = _way(page, situation)
    now = _place(page, way, situation)
    return [_step(page, stage, place - now, situation) for place, stage in enumerate(way)]


def _way(page: CaseOfCustomer, situation: Situation) -> list[str]:
    if situation in (S.WAITING_FOR_YOU, S.ANSWERED):
        return ["received", "need", "look", "answer"]
    if situation in (S.RECEIVED, S.LOOKING, S.LOOKING_AGAIN):
        return ["received", "look", "answer", "outcome"]
    costs = ["costs"] if page.quote and page.quote_standing != "unsent" else []
    if situation in (S.DECLINED, S.CLOSED_UNSENT):
        return ["received", "look", *costs]
    if situation in (S.UNREPAIRED_HERE, S.UNREPAIRED_TRAVELLING, S.UNREPAIRED):
        return ["received", "look", *costs, "unrepaired"]
    return ["received", "look", *costs, *(["to_us", "repair", "home"] if page.has_repairs else ["replacement"])]


def _place(page: CaseOfCustomer, way: list[str], situation: Situation) -> int:
    stage = _astray_stage(page) if situation == S.ASTRAY else NOW[situation]
    return way.index(stage) if stage in way else len(way)


def _astray_stage(page: CaseOfCustomer) -> str:
    if page.latest_parcel("to_customer") is None:
        return "to_us"
    if page.goes_home_unrepaired:
        return "unrepaired"
    return "home" if page.has_repairs else "replacement"


def _step(page: CaseOfCustomer, stage: str, distance: int, situation: Situation) -> Step:
    if distance < 0:
        return _done(page, stage)
    called = STAGES[stage]
    if distance > 0:
        return Step("next", called.ahead, "", called.icon)
    return Step("now", CALLED.get(situation, called.now), _note_now(page, stage), called.icon)


def _done(page: CaseOfCustomer, stage: str) -> Step:
    title: Word = STAGES[stage].done
    if stage == "look":
        title = _looked(page)
    if stage == "costs" and page.quote_standing == "declined":
        title = _("You declined the costs")
    return Step("done", title, _note_done(page, stage))


def _looked(page: CaseOfCustomer) -> str:
    covered = sum(claim.verdict == ClaimedPart.Verdict.COVERED for claim in page.told_claims)
    if not covered:
        return _("We looked at it: it is not covered")
    if covered == len(page.told_claims):
        return _("We looked at it and approved it")
    return _("We looked at it and approved a part of it")


def _note_done(page: CaseOfCustomer, stage: str) -> str:
    if stage == "look":
        return _look_note(page)
    if stage == "received":
        return formats.day(page.case.received_at)
    if stage == "need":
        return _day(page.case.information_asked_at)
    if stage == "costs":
        return _day(page.quote.answered_at) if page.quote else ""
    if stage == "to_us":
        return _arrived(page, "to_workshop") or _event_day(page, "start_repair")
    if stage == "repair":
        return ""  # when it was done nobody records: it ends with the parcel home
    return _arrived(page, "to_customer") or _event_day(page, "send_back", "deliver_replacement", "return_unrepaired")


def _look_note(page: CaseOfCustomer) -> str:
    covered = [claim for claim in page.told_claims if claim.verdict == ClaimedPart.Verdict.COVERED]
    words = [_day(page.case.decided_at)]
    if len(page.told_claims) > 1 and covered:
        said = ngettext(
            "%(covered)s of %(all)s parts is covered", "%(covered)s of %(all)s parts are covered", len(covered)
        )
        words.append(said % {"covered": len(covered), "all": len(page.told_claims)})
    elif covered:
        words.append(_("covered: %(part)s") % {"part": covered[0].part.label})
    return " · ".join(word for word in words if word)


def _note_now(page: CaseOfCustomer, stage: str) -> str:
    if stage == "to_us":
        return _parcel_note(page, "to_workshop")
    if stage in ("home", "replacement", "unrepaired"):
        return _parcel_note(page, "to_customer")
    if stage == "repair":
        return _event_day(page, "start_repair")
    assignee = page.case.assignee
    if stage != "look":
        return ""
    who = _("%(who)s looks after your request.") % {"who": assignee.get_short_name()} if assignee else ""
    return " ".join(said for said in (who, _answer_by(page)) if said)


def _answer_by(page: CaseOfCustomer) -> str:
    """Until when we mean to answer; nothing where that day is over, and nothing is gained by saying it."""
    case = page.case
    due = min((at for at in (case.first_reply_due_at, case.decision_due_at) if at), default=None)
    if due is None or due < page.now:
        return ""
    return _("You hear from us by %(date)s.") % {"date": formats.day(due)}


def _parcel_note(page: CaseOfCustomer, direction: str) -> str:
    parcel = page.latest_parcel(direction)
    return words_of_parcel(page, parcel) if parcel else ""


def _arrived(page: CaseOfCustomer, direction: str) -> str:
    """The day of the delivery scan, at the place of the scan."""
    parcel = page.latest_parcel(direction)
    if parcel is None or parcel.arrived_at is None or is_travelling(parcel):
        return ""
    delivered = [scan for scan in parcel.tracking_events.all() if scan.kind == "delivered"]
    return formats.day(delivered[-1].occurred_on) if delivered else ""


def _withdrawn(page: CaseOfCustomer) -> Step:
    event = page.last_event("withdraw")
    by_customer = event is not None and event.actor_kind == "customer"
    title = _("You withdrew your request") if by_customer else _("Your request was closed")
    return Step("stopped", title, _day(event.at if event else None))


def _event_day(page: CaseOfCustomer, *names: str) -> str:
    event = page.last_event(*names)
    if event is None:
        return ""
    on = (event.data.get("proof") or {}).get("on")
    return formats.day(date.fromisoformat(on)) if on else _day(event.at)


def _day(at: datetime | None) -> str:
    return formats.day(at)
