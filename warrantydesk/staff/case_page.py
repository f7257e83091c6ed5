"""What the case page shows, put together from one `CaseOnDesk`: panels of plain values for plain templates."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from cases.models import CaseEvent
from cases.models.case import State
from shipments.packing_slip import is_expected as packing_slip_is_expected
from warrantydesk.staff.access import SEE_PARCELS
from warrantydesk.staff.case_on_desk import CaseOnDesk
from warrantydesk.staff.event_words import Names, Told, told
from warrantydesk.staff.forms.base import VerbForm
from warrantydesk.staff.panels.evidence import evidence_panel
from warrantydesk.staff.panels.parcels import parcels_panel
from warrantydesk.staff.panels.parts import parts_panel
from warrantydesk.staff.panels.purchase import purchase_panel
from warrantydesk.staff.panels.steps import steps_panel
from warrantydesk.staff.panels.talk import talk_panel
from warrantydesk.staff.presence import note_presence
from warrantydesk.staff.rows import due_of
from warrantydesk.staff.verbs import STEPS, VERBS

# Their forms live in dialogs and menus: refused, they are shown open at the head of the page.
SHOWN_AT_THE_HEAD = {"assign", *(verb.name for verb in STEPS)}
AT_THE_BENCH = (State.APPROVED, State.IN_REPAIR, State.RETURNED)


class Forms:
    """A form for every verb: a fresh one, or, for the one verb that was refused, the one that was sent."""

    def __init__(self, on_desk: CaseOnDesk, refused: VerbForm | None = None) -> None:
        self._on_desk = on_desk
        self.refused = refused

    def of(self, name: str, about: Any = None) -> VerbForm:
        verb = VERBS[name]
        if self.refused is not None and self.refused.url == verb.url(self._on_desk, about):
            return self.refused
        return verb.form_for(self._on_desk, about)

    def whole_case(self) -> "WholeCase":
        """The forms of the verbs that are about the case as a whole, by name."""
        return WholeCase(self)


class WholeCase(dict[str, VerbForm]):
    """Each form is made when it is first asked for: a page shows about half of them."""

    def __init__(self, forms: Forms) -> None:
        super().__init__()
        self._forms = forms

    def __missing__(self, name: str) -> VerbForm:
        if name not in VERBS or VERBS[name].about:
            raise KeyError(name)
        form = self[name] = self._forms.of(name)
        return form


def case_context(
    on_desk: CaseOnDesk, refused: VerbForm | None = None, news: Sequence[CaseEvent] = ()
) -> dict[str, Any]:
    forms = Forms(on_desk, refused)
    whole = forms.whole_case()
    steps = steps_panel(on_desk, whole)
    parts = parts_panel(on_desk, forms, under_review=steps.offers("approve", "deny"))
    return {
        "case": on_desk.case,
        "there": _time_there(on_desk),
        "refused": refused,
        "refused_in_place": refused is not None and refused.verb_name not in SHOWN_AT_THE_HEAD,
        "forms": whole,
        "steps": steps,
        "parts": parts,
        "answer_to_read": bool(on_desk.case.decided_at or (parts.parts and not parts.undecided)),
        "to_workshop": on_desk.case.state in AT_THE_BENCH and on_desk.user.has_perm(SEE_PARCELS),
        "evidence": evidence_panel(on_desk, forms),
        "purchase": purchase_panel(on_desk),
        "quote": on_desk.quote,
        "quote_total": sum((line.amount for line in on_desk.quote.lines.all()), Decimal(0)) if on_desk.quote else None,
        "currency": on_desk.currency,
        "parcels": parcels_panel(on_desk, forms),
        "has_packing_slip": packing_slip_is_expected(on_desk.case),
        "talk": talk_panel(on_desk, forms),
        "history": history(on_desk, on_desk.events),
        "news": history(on_desk, news),
        "as_of": max((event.pk for event in on_desk.events), default=0),
        "others": note_presence(on_desk.case.pk, on_desk.user, on_desk.now),
        "tags_on": [tag for tag in on_desk.tags if tag.is_on],  # type: ignore[attr-defined]
        "tags_off": [tag for tag in on_desk.tags if not tag.is_on],  # type: ignore[attr-defined]
        "due": due_of(on_desk.case, on_desk.now),
    }


def _time_there(on_desk: CaseOnDesk) -> str:
    """What the customer's clock shows now, where their zone is known: whom to call, and whom to let sleep."""
    try:
        there = on_desk.now.astimezone(ZoneInfo(on_desk.case.customer.time_zone))
    except (ZoneInfoNotFoundError, ValueError):
        return ""
    return _("%(time)s there") % {"time": date_format(there, "TIME_FORMAT")}


def history(on_desk: CaseOnDesk, events: Sequence[CaseEvent]) -> list[Told]:
    """Rows of the timeline in words, as they stand."""
    names = Names(
        parts={claim.part_id: claim.part.label for claim in on_desk.claims}
        | {part.pk: part.label for part in on_desk.unit_parts},
        claims={claim.pk: claim.part.label for claim in on_desk.claims},
        people=_people(events, on_desk),
        tags={tag.pk: tag.name for tag in on_desk.tags},
    )
    return [told(event, names) for event in events]


def _people(events: Sequence[CaseEvent], on_desk: CaseOnDesk) -> dict[int, str]:
    if not any(event.kind == CaseEvent.Kind.ASSIGNED for event in events):
        return {}
    return {person.pk: str(person) for person in on_desk.colleagues}
