"""The files a customer sent: what can be shown, what was refused and why, and where else the same file was seen."""

from dataclasses import dataclass
from datetime import UTC, date
from typing import Literal

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cases.models import Evidence
from cases.queries import cases_visible_to
from warrantydesk.faces import formats
from warrantydesk.staff.case_on_desk import CaseOnDesk


@dataclass(frozen=True)
class Shot:
    """One kept file. `shows` says how: as a picture, as a video, or only as a file to take away."""

    file: Evidence
    shows: Literal["image", "video", "file"]
    url: str
    thumbnail_url: str
    caption: str


@dataclass(frozen=True)
class EvidencePanel:
    shots: list[Shot]
    refused: list[Evidence]
    seen_in: list[str]
    note: str

    @property
    def pending(self) -> int:
        return sum(shot.file.status == Evidence.Status.PENDING for shot in self.shots)


def evidence_panel(on_desk: CaseOnDesk) -> EvidencePanel:
    kept = [file for file in on_desk.evidence if file.is_kept]
    bought = on_desk.case.invoice.issued_on if on_desk.case.invoice else None
    return EvidencePanel(
        [_shot(on_desk, file, bought) for file in kept],
        [file for file in on_desk.evidence if not file.is_kept],
        _seen_elsewhere(on_desk, kept),
        next((words for file in kept if (words := _taken(file, bought))), ""),
    )


def _shot(on_desk: CaseOnDesk, file: Evidence, bought: date | None) -> Shot:
    shows: Literal["image", "video", "file"] = "file"
    if file.is_video:
        shows = "video"
    elif file.web:
        shows = "image"
    which = {"image": "web", "video": "video", "file": "original"}[shows]
    thumbnail = _url(on_desk, file, "thumbnail") if file.thumbnail else ""
    words = [file.name, _("received %(day)s") % {"day": formats.day(file.received_at)}, _taken(file, bought)]
    return Shot(file, shows, _url(on_desk, file, which), thumbnail, " · ".join(word for word in words if word))


def _url(on_desk: CaseOnDesk, file: Evidence, which: str) -> str:
    return reverse("staff:file", args=[on_desk.case.reference, file.pk, which])


def _taken(file: Evidence, bought: date | None) -> str:
    """When it was taken, as the camera says, and how far that is from the purchase."""
    if file.captured_at is None:
        return ""
    # The camera's own wall clock: kept as it is, never moved to another zone.
    taken = file.captured_at.astimezone(UTC).date()
    words = _("taken %(day)s") % {"day": formats.day(taken)}
    if bought is None:
        return words
    days = (taken - bought).days
    if days < 0:
        distance = ngettext("%(n)s day before the purchase", "%(n)s days before the purchase", -days) % {"n": -days}
    else:
        distance = ngettext("%(n)s day after the purchase", "%(n)s days after the purchase", days) % {"n": days}
    return f"{words}, {distance}"


def _seen_elsewhere(on_desk: CaseOnDesk, kept: list[Evidence]) -> list[str]:
    """References of other cases that hold the very same bytes: one photo sent for two cases is worth knowing."""
    prints = [file.sha256 for file in kept if file.sha256]
    if not prints:
        return []
    same = cases_visible_to(on_desk.user).filter(evidence__sha256__in=prints).exclude(pk=on_desk.case.pk)
    return list(same.order_by("reference").values_list("reference", flat=True).distinct()[:5])
