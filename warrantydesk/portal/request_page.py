"""What the pages of a new request show: plain values for plain templates."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from products.models import CoveredPart, Product
from warrantydesk.faces.formats import day
from warrantydesk.portal.models import RequestDraft
from warrantydesk.portal.request_forms import PartForm, StepForm
from warrantydesk.portal.request_steps import STEPS, Step, before
from warrantydesk.portal.requesting import files_coming, files_of

CONSUMABLE = gettext_lazy(
    "This part wears out with use. Wear is not covered; a defect in the material or in how it was made is."
)


@dataclass(frozen=True)
class PartRow:
    """A part to choose: its checkbox, and what its warranty says today. `warns` where that may lead to a no."""

    tag: str
    label: str
    note: str
    warns: bool
    is_chosen: bool
    is_shown: bool


@dataclass(frozen=True)
class Warning:  # noqa: A001 - it is what a customer would call it
    part: str
    text: str | Promise


def base_context(step: Step, draft: RequestDraft) -> dict[str, Any]:
    place = STEPS.index(step)
    return {
        "step": step,
        "number": place + 1,
        "count": len(STEPS),
        "back": before(step),
        "draft": draft,
        "days_kept": settings.DRAFT_KEEP_DAYS,
        "product": draft.unit.line.product if draft.unit else None,
    }


def page_context(step: Step, form: StepForm, *, now: datetime, search: str = "") -> dict[str, Any]:
    draft = form.draft
    context = {**base_context(step, draft), "form": form}
    if isinstance(form, PartForm):
        rows = part_rows(form, search)
        notes = {(row.note, row.warns) for row in rows}
        # Said once where it is the same for all: sixty equal lines hide the names.
        context |= {"rows": rows, "search": search, "note_of_all": notes.pop() if len(notes) == 1 else None}
    if step.name in ("files", "review"):
        context |= {"held": files_of(draft), "coming": files_coming(draft, now)}
    if step.name == "files":
        context |= {
            "upload_url": reverse("portal:draft_begin"),
            "upload_place": f"request-{draft.pk}",
            "megabytes": settings.EVIDENCE_PORTAL_MB,
        }
    if step.name == "review":
        context |= {"parts": draft.parts(), "warnings": warnings_of(draft, timezone.localdate(now), now)}
    return context


def part_rows(form: PartForm, search: str) -> list[PartRow]:
    """Every part of the product; what does not fit the search is hidden, never what was chosen."""
    if "part_ids" not in form.fields:
        return []
    tags = {str(choice.data["value"]): choice for choice in form["part_ids"]}
    rows = [_row(part, tags[str(part.pk)], form.today, search) for part in form.parts]
    return sorted(rows, key=lambda row: not row.is_chosen) if search else rows


def _row(part: CoveredPart, choice: Any, today: date, search: str) -> PartRow:
    chosen = bool(choice.data["selected"])
    note, warns = cover_note(part, today)
    fits = all(word in part.label.casefold() for word in search.casefold().split())
    return PartRow(choice.tag(), part.label, note, warns, chosen, fits or chosen)


def cover_note(part: CoveredPart, today: date) -> tuple[str, bool]:
    """Until when a part is covered, in a few words; True where it is not covered today."""
    if part.covered_through is None:
        return _("warranty paused while it is away"), False
    through = {"date": day(part.covered_through)}
    if part.covered_through < today:
        return _("covered through %(date)s, which is over") % through, True
    return _("covered through %(date)s") % through, False


def warnings_of(draft: RequestDraft, today: date, now: datetime) -> list[Warning]:
    """What may lead to a no, said before anything is sent. None of it keeps anybody from sending."""
    found = []
    for part in draft.parts():
        text = _ended(part, today, now)
        if text:
            found.append(Warning(part.label, text))
        elif part.category == Product.Category.CONSUMABLE:
            found.append(Warning(part.label, CONSUMABLE))
    return found


def _ended(part: CoveredPart, today: date, now: datetime) -> str:
    # A decision is told by its mail, which leaves when it cannot be undone any more; until then nothing has ended.
    if part.voided_at is not None and part.voided_at < now - timedelta(seconds=settings.UNDO_SECONDS):
        return _("The warranty of this part ended on %(date)s.") % {"date": day(part.voided_at)}
    if part.covered_through is not None and part.covered_through < today:
        said = _("This part was covered through %(date)s. The warranty most likely does not cover it any more.")
        return said % {"date": day(part.covered_through)}
    return ""
