"""What the case page shows, put together from one `CaseOnDesk`: panels of plain values for plain templates."""

from collections.abc import Collection, Iterable, Sequence
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from cases.models import CaseEvent
from cases.models.case import State
from cases.services.claiming import EDITABLE
from shipments.packing_slip import is_expected as packing_slip_is_expected
from warrantydesk.staff.access import SEE_PARCELS
from warrantydesk.staff.case_on_desk import CaseOnDesk
from warrantydesk.staff.event_words import Names, Told, told
from warrantydesk.staff.folds import Fold, More
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
LATEST_EVENTS = 12
AT_THE_BENCH = (State.APPROVED, State.IN_REPAIR, State.RETURNED)


class Forms:
    """A form for every verb: a fresh one, or, for the one verb that was refused, the one that was sent."""

    def __init__(self, on_desk: CaseOnDesk, refused: VerbForm | None = None, opened: Collection[str] = ()) -> None:
        self._on_desk = on_desk
        self.refused = refused
        self._opened = opened

    def of(self, name: str, about: Any = None) -> VerbForm:
        verb = VERBS[name]
        if self.refused is not None and self.refused.url == verb.url(self._on_desk, about):
            return self.refused
        return verb.form_for(self._on_desk, about)

    def fold(self, name: str, about: Any = None) -> Fold:
        """The verb with its form folded away, unless it is the one that was refused, or is to be open."""
        fold = Fold(VERBS[name], self._on_desk, about, opened=self._opened)
        if self.refused is not None and self.refused.url == fold.url:
            fold.refused = self.refused
        return fold

    def folds(self, names: Iterable[str], about: Any) -> dict[str, Fold]:
        return {name: self.fold(name, about) for name in names}

    def more(self, name: str, *, open_anyway: bool = False) -> More:
        return More(self._on_desk, name, open_anyway or name in self._opened)

    def whole_case(self) -> "WholeCase":
        """The verbs that are about the case as a whole, by name."""
        return WholeCase(self)


class WholeCase(dict[str, Fold]):
    """Each is made when it is first asked for: a page shows about half of them."""

    def __init__(self, forms: Forms) -> None:
        super().__init__()
        self._forms = forms

    def __missing__(self, name: str) -> Fold:
        if name not in VERBS or VERBS[name].about:
            raise KeyError(name)
        fold = self[name] = self._forms.fold(name)
        return fold


def case_context(
    on_desk: CaseOnDesk,
    refused: VerbForm | None = None,
    news: Sequence[CaseEvent] = (),
    opened: Collection[str] = (),
) -> dict[str, Any]:
    """`opened` are the names of the forms to be shown open; the others are folded away (staff/folds.py)."""
    forms = Forms(on_desk, refused, opened)
    whole = forms.whole_case()
    steps = steps_panel(on_desk, whole)
    before = forms.more("history")
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
        "unclaimed": on_desk.unclaimed_parts if on_desk.case.state in EDITABLE else [],
        "has_packing_slip": packing_slip_is_expected(on_desk.case),
        "talk": talk_panel(on_desk, forms),
        "history": history(on_desk, on_desk.events if before.is_open else on_desk.events[:LATEST_EVENTS]),
        "before": before if len(on_desk.events) > LATEST_EVENTS else None,
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
        parts=_parts(events, on_desk),
        claims={claim.pk: claim.part.label for claim in on_desk.claims},
        people=_people(events, on_desk),
        tags={tag.pk: tag.name for tag in on_desk.tags},
    )
    return [told(event, names) for event in events]


def _parts(events: Sequence[CaseEvent], on_desk: CaseOnDesk) -> dict[int, str]:
    """The labels of the parts the events speak of. Those not claimed are fetched only where one is spoken of."""
    known = {claim.part_id: claim.part.label for claim in on_desk.claims}
    spoken = {pk for event in events for pk in (*event.data.get("parts", ()), event.data.get("part"))} - {None}
    return known if spoken <= known.keys() else known | {part.pk: part.label for part in on_desk.unit_parts}


def _people(events: Sequence[CaseEvent], on_desk: CaseOnDesk) -> dict[int, str]:
    """The names of those it was given to. Whoever did something here, or has the case now, is known already."""
    there = [*(event.actor for event in events), on_desk.case.assignee]
    known = {person.pk: str(person) for person in there if person}
    given = {event.data.get("user") for event in events if event.kind == CaseEvent.Kind.ASSIGNED} - {None}
    return known if given <= known.keys() else known | {person.pk: str(person) for person in on_desk.colleagues}
