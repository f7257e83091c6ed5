"""The timeline in words, with the names behind the keys its rows keep."""

from collections.abc import Sequence
from dataclasses import dataclass

from cases.models import CaseEvent
from warrantydesk.faces.timeline import Told
from warrantydesk.staff.case_on_desk import CaseOnDesk
from warrantydesk.staff.event_words import Names, told
from warrantydesk.staff.folds import Forms, More

LATEST = 12


@dataclass(frozen=True)
class History:
    """The latest lines, and those `before` them once somebody opens `more`; None where there are no more."""

    latest: list[Told]
    before: list[Told]
    more: More | None


def history_panel(on_desk: CaseOnDesk, forms: Forms) -> History:
    more = forms.more("history") if len(on_desk.events) > LATEST else None
    shown = told_of(on_desk, on_desk.events if more and more.is_open else on_desk.events[:LATEST])
    return History(shown[:LATEST], shown[LATEST:], more)


def told_of(on_desk: CaseOnDesk, events: Sequence[CaseEvent]) -> list[Told]:
    """Rows of the timeline in words, as they stand."""
    names = Names(
        parts=_parts(events, on_desk),
        claims={claim.pk: claim.part.label for claim in on_desk.claims},
        people=_people(events, on_desk),
        tags=_tags(events, on_desk),
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


def _tags(events: Sequence[CaseEvent], on_desk: CaseOnDesk) -> dict[int, str]:
    """The names of the tags the events speak of: those it has no more are fetched only where one is spoken of."""
    spoken = {event.data.get("tag") for event in events} - {None}
    known = on_desk.beside.tags
    return known if spoken <= known.keys() else on_desk.all_tags
