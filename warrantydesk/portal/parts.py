"""The claimed parts as their customer sees them: the answer once it is told, and the clock of each part."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cases.models import ClaimedPart
from cases.models.case import State
from products.coverage import Clock, Pause, clock
from products.models import CoveredPart, PartVoid, PauseWindow, WarrantyTerms
from products.queries import clock_of
from products.timeline import Drawing, Marks, draw_all
from warrantydesk.faces.clock_words import clock_words
from warrantydesk.faces.formats import day
from warrantydesk.faces.statuses import status_of
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
    """`drawings` are empty where the purchase is somebody else's: then only the cover itself is told."""

    key: int
    label: str
    serial: str
    answer: Answer | None
    clock_title: str
    clock_said: str
    drawings: Sequence[Drawing] = ()


def parts_panel(page: CaseOfCustomer) -> list[PartPanel]:
    return [_panel(page, claim) for claim in page.claims]


def _panel(page: CaseOfCustomer, claim: ClaimedPart) -> PartPanel:
    part = claim.part
    today = clock_of(part, page.today)
    void = _void(page, claim)
    own = page.bought_by_customer(part)
    return PartPanel(
        key=part.pk,
        label=part.label,
        serial=part.serial if own else "",
        answer=_answer(page, claim) if page.is_told(claim) else None,
        clock_title=_title(today, void),
        clock_said=_said(page, part, today, void, own=own),
        drawings=draw_all(today, _marks(page, part, today, void), clock_words()) if own else (),
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


def _void(page: CaseOfCustomer, claim: ClaimedPart) -> PartVoid | None:
    """The void in force, unless it came with a decision that is not told yet."""
    void = next((void for void in claim.part.voids.all() if void.lifted_at is None), None)
    if void and void.case_reference == page.case.reference and not page.is_told(claim):
        return None
    return void


def _title(answer: Clock, void: PartVoid | None) -> str:
    if void:
        return _("The warranty of this part has ended")
    if answer.covered_through is None:
        return _("Your warranty is paused")
    return _("The warranty of this part has ended") if answer.state == "expired" else _("Your warranty")


def _said(page: CaseOfCustomer, part: CoveredPart, answer: Clock, void: PartVoid | None, *, own: bool) -> str:
    if void:
        said = _("It ended on %(date)s (%(reason)s). Every other part keeps its own warranty.")
        return said % {"date": day(timezone.localdate(void.voided_at)), "reason": _translated(void.reason.title)}
    if answer.covered_through is None:
        said = _(
            "While it is away, your warranty does not run down. If it were back today, it would run through %(date)s."
        )
        return said % {"date": day(answer.covered_through_if_back)}
    words = [_bought(part, answer) if own else _through(answer)]
    if page.shown_state == State.RETURNED and (added := _days_added(page, part)):
        words.append(added)
    return " ".join(words)


def _bought(part: CoveredPart, answer: Clock) -> str:
    delivered = part.started_by == WarrantyTerms.StartsFrom.DELIVERY
    start = _("Delivered on %(date)s.") if delivered else _("Bought on %(date)s.")
    words = [start % {"date": day(answer.starts_on)}]
    if answer.extended_days:
        paused = ngettext(
            "It was away for repair for %(days)s day, which does not count.",
            "It was away for repair for %(days)s days, which do not count.",
            answer.extended_days,
        )
        words.append(paused % {"days": answer.extended_days})
    return " ".join([*words, _through(answer)])


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


def _marks(page: CaseOfCustomer, part: CoveredPart, answer: Clock, void: PartVoid | None) -> Marks:
    return Marks(
        about=part.label,
        # Where cover has ended since, the day that counted is the one thing a reader looks for.
        received_on=page.case.submitted_on if answer.state == "expired" else None,
        replacements=[(timezone.localdate(one.changed_at), one.new_serial) for one in part.serial_changes.all()],
        voided_on=timezone.localdate(void.voided_at) if void else None,
        void_reason=_translated(void.reason.title) if void else "",
        proofs={one.left_on: str(status_of(one.certainty, "window").customer) for one in part.pauses.all()},
    )


def _translated(text: str) -> str:
    # The reasons are rows the maker may edit; as long as nobody did, their words are in our catalogue of translations.
    return _(text) if text else ""
