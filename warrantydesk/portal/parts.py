"""The claimed parts as their customer sees them: the answer once it is told, and the clock of each part."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cases.models import ClaimedPart
from cases.models.case import State
from products.coverage import Clock, Pause, clock
from products.explaining import Explained, audience_of, explained
from products.models import CoveredPart, PauseWindow
from products.queries import clock_of
from warrantydesk.faces.clock_words import clock_words
from warrantydesk.faces.formats import day
from warrantydesk.portal.case_of_customer import CaseOfCustomer


@dataclass(frozen=True)
class Answer:
    """What was decided about one part. `reason` … `text` only where it is not covered."""

    status: str
    said: str
    reason: str = ""
    clause: str = ""
    text: str = ""
    words: str = ""


@dataclass(frozen=True)
class PartPanel:
    """`explained` tells an outsider, whose purchase it is not, the cover of the part and nothing else (policy 3)."""

    key: int
    label: str
    serial: str
    answer: Answer | None
    clock_title: str
    clock_said: str
    explained: Explained


def parts_panel(page: CaseOfCustomer) -> list[PartPanel]:
    return [_panel(page, claim) for claim in page.claims]


def _panel(page: CaseOfCustomer, claim: ClaimedPart) -> PartPanel:
    part = claim.part
    told = _explained(page, claim)
    return PartPanel(
        key=part.pk,
        label=part.label,
        serial=part.serial if page.bought_by_customer(part) else "",
        answer=_answer(page, claim) if page.is_told(claim) else None,
        clock_title=_title(told, came_in_time=_came_in_time(page, part)),
        clock_said=_said(page, part, told),
        explained=told,
    )


def _explained(page: CaseOfCustomer, claim: ClaimedPart) -> Explained:
    part = claim.part
    ended = clock_of(part, page.today).state == "expired"
    return explained(
        part,
        page.today,
        # Where cover has ended since, the day that counted is the one thing a reader looks for.
        received_on=page.case.submitted_on if ended else None,
        words=clock_words(),
        audience=audience_of(part, page.case.customer_id),
        # A void of this very case came with its decision, which the customer may not have been told yet.
        untold="" if page.is_told(claim) else page.case.reference,
        own_parcels={parcel.pk for parcel in page.parcels},
    )


def _answer(page: CaseOfCustomer, claim: ClaimedPart) -> Answer:
    if claim.verdict == ClaimedPart.Verdict.COVERED:
        said = _resolved(page, claim)
        return Answer("goodwill" if claim.is_goodwill else "covered", said, words=claim.words.strip())
    reason = claim.reason
    return Answer(
        "denied",
        _("The warranty does not cover this part."),
        reason=_translated(reason.title) if reason else "",
        clause=reason.clause if reason else "",
        text=_translated(reason.text) if reason else "",
        words=claim.words.strip(),
    )


def _resolved(page: CaseOfCustomer, claim: ClaimedPart) -> str:
    """What becomes, or became, of a covered part."""
    replaced = claim.resolution == ClaimedPart.Resolution.REPLACEMENT
    ended = page.last_event("send_back", "deliver_replacement", "return_unrepaired")
    if page.shown_state == State.RETURNED and ended and ended.name != "return_unrepaired":
        done = _("You got a replacement, free of charge.")
        return done if replaced else _("We repaired it. The part was free of charge.")
    if page.shown_state in (State.RETURNED, State.WITHDRAWN) or page.goes_home_unrepaired:
        return _("The warranty covers this part.")
    return _("You get a replacement, free of charge.") if replaced else _("We repair it. The part is free of charge.")


def _came_in_time(page: CaseOfCustomer, part: CoveredPart) -> bool:
    return clock_of(part, page.case.submitted_on).state in ("covered", "paused")


def _title(told: Explained, *, came_in_time: bool) -> str:
    if told.ended:
        return _("The warranty of this part has ended")
    if told.clock.covered_through is None:
        return _("Your warranty is paused")
    if told.clock.state != "expired":
        return _("Your warranty")
    # What counts is the day of the request: however long we take, nobody is to read that they are too late.
    return _("Your request came in time") if came_in_time else _("The warranty of this part has ended")


def _said(page: CaseOfCustomer, part: CoveredPart, told: Explained) -> str:
    """Until when, in plain words; how it comes to that day is in the sentence, the drawing and the steps below."""
    if told.ended:
        return " ".join([_voided(told), _("Every other part keeps its own warranty.")])
    if told.clock.covered_through is None:
        said = _(
            "While it is away, your warranty does not run down. If it were back today, it would run through %(date)s."
        )
        return said % {"date": day(told.clock.covered_through_if_back)}
    words = [_through(told.clock)]
    if page.shown_state == State.RETURNED and (added := _days_added(page, part)):
        words.append(added)
    return " ".join(words)


def _voided(told: Explained) -> str:
    if told.void is None:
        return ""
    return _("It ended on %(date)s (%(reason)s).") % {"date": day(told.void.on), "reason": told.void.reason}


def _through(answer: Clock) -> str:
    if answer.state == "expired":
        return _("The warranty ran through %(date)s.") % {"date": day(answer.covered_through)}
    return _("Covered through %(date)s.") % {"date": day(answer.covered_through)}


def _days_added(page: CaseOfCustomer, part: CoveredPart) -> str:
    """What the parcels of this case added (policy 2.11): the days the clock would be short of without them."""
    parcels = {parcel.pk for parcel in page.parcels}
    windows = list(part.pauses.all())
    others = [one for one in windows if not parcels & {one.proof.get("left"), one.proof.get("back")}]
    won = [_extended_days(part, some, page.today) for some in (windows, others)]
    if won[0] is None or won[1] is None or won[0] == won[1]:
        return ""
    days = won[0] - won[1]
    said = ngettext("This repair added %(days)s day.", "This repair added %(days)s days.", days)
    return said % {"days": days}


def _extended_days(part: CoveredPart, windows: Sequence[PauseWindow], on: date) -> int | None:
    pauses = [Pause(one.left_on, one.back_on) for one in windows]
    return clock(part.starts_on, part.term_months, pauses, on).extended_days


def _translated(text: str) -> str:
    # The reasons are rows the maker may edit; as long as nobody did, their words are in our catalogue of translations.
    return _(text) if text else ""
