"""The files of a case: what can be seen of each, what is known of it, what speaks for a second look, and what was
refused and why. Everything is told of a file; nothing is concluded from it."""

import re
from dataclasses import dataclass
from datetime import UTC, date
from typing import Literal

from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cases.evidence.signals import Earlier, earlier_case, signals_of
from cases.models import CaseEvent, Evidence
from cases.queries import cases_visible_to
from warrantydesk.faces import formats
from warrantydesk.staff.case_on_desk import CaseOnDesk
from warrantydesk.staff.case_rows import MOST_RELATED
from warrantydesk.staff.folds import Fold, Forms, More

PRINT_SHOWN = 12


@dataclass(frozen=True)
class Telling:
    """A signal: a sentence, which names the cases it speaks of."""

    sentence: str
    references: tuple[str, ...] = ()

    @property
    def pieces(self) -> list[tuple[str, bool]]:
        """The sentence cut so that a reference stands alone: (words, whether they are one)."""
        if not self.references:
            return [(self.sentence, False)]
        cut = re.split(f"({'|'.join(map(re.escape, self.references))})", self.sentence)
        return [(words, words in self.references) for words in cut if words]


@dataclass(frozen=True)
class Shot:
    """One kept file. `shows` says how: as a picture, as a video, or only as a file to take away; `state` in words where
    there is nothing to see yet. `thumbnail_url` is all that the page itself loads, and `more` is its panel."""

    file: Evidence
    shows: Literal["image", "video", "file"]
    url: str
    thumbnail_url: str
    original_url: str
    state: str
    facts: list[dict[str, str]]
    signals: list[Telling]
    more: More
    forms: dict[str, Fold]
    length: str = ""

    @property
    def panel_id(self) -> str:
        return self.more.name

    @property
    def turned(self) -> int:
        """A quarter clockwise from where it stands."""
        return (self.file.rotation + 90) % 360

    @property
    def can_be_sent(self) -> bool:
        return self.file.status == Evidence.Status.READY and self.file.may_go_to_customer


@dataclass(frozen=True)
class EvidencePanel:
    shots: list[Shot]
    refused: list[Evidence]

    @property
    def pending(self) -> int:
        return sum(shot.file.status == Evidence.Status.PENDING for shot in self.shots)

    @property
    def signalled(self) -> list[Shot]:
        return [shot for shot in self.shots if shot.signals]

    @property
    def to_send(self) -> list[Shot]:
        return [shot for shot in self.shots if shot.can_be_sent]


def evidence_panel(on_desk: CaseOnDesk, forms: Forms) -> EvidencePanel:
    kept = [file for file in on_desk.evidence if file.is_kept]
    # What shows the fault comes first: it is what the others are compared with.
    kept.sort(key=lambda file: not file.shows_fault)
    signals = _signals(on_desk, kept)
    shots = [_shot(on_desk, forms, file, signals.get(file.pk, [])) for file in kept]
    return EvidencePanel(shots, [file for file in on_desk.evidence if not file.is_kept])


def _signals(on_desk: CaseOnDesk, kept: list[Evidence]) -> dict[int, list[Telling]]:
    """What is worth a second look, by file."""
    if not kept:
        return {}
    same = on_desk.beside.same_files
    found = signals_of(kept, case=on_desk.case, elsewhere=same, earlier=_earlier(on_desk))
    return {pk: [Telling(str(one.sentence), one.references) for one in signals] for pk, signals in found.items()}


def _earlier(on_desk: CaseOnDesk) -> Earlier | None:
    """The case this product came in with before, or the one this case follows: asked for where not all are at hand."""
    case, others = on_desk.case, on_desk.related_cases
    if len(others) == MOST_RELATED:
        return earlier_case(case, cases_visible_to(on_desk.user))
    about = (one for one in others if one.pk == case.follows_id or (case.unit_id and one.unit_id == case.unit_id))
    before = next((one for one in about if one.received_at < case.received_at), None)
    return Earlier(before.reference, before.received_at) if before else None


def _shot(on_desk: CaseOnDesk, forms: Forms, file: Evidence, signals: list[Telling]) -> Shot:
    folds = {name: fold for name in _verbs(file) if (fold := forms.fold(name, file)).allowed}
    more = forms.more(f"file-{file.pk}", open_anyway=any(fold.is_open for fold in folds.values()))
    return Shot(
        file,
        file.shows,
        url=on_desk.file_url(file.pk, file.seen_as),
        thumbnail_url=on_desk.file_url(file.pk, "thumbnail") if file.thumbnail else "",
        original_url=on_desk.file_url(file.pk, "original"),
        state=_state(file),
        facts=_facts(on_desk, file) if more.is_open else [],
        signals=signals,
        more=more,
        forms=folds,
        length=_length(file),
    )


def _verbs(file: Evidence) -> list[str]:
    names = ["mark_fault", "note_picture"]
    names += ["turn_picture"] if file.web and not file.is_video else []
    return [*names, "look_again"] if file.status == Evidence.Status.FAILED else names


def _state(file: Evidence) -> str:
    if file.status == Evidence.Status.PENDING:
        return _("Not looked at yet")
    return _("Could not be shown") if file.status == Evidence.Status.FAILED else ""


def _facts(on_desk: CaseOnDesk, file: Evidence) -> list[dict[str, str]]:
    """What is known of a file, the day it was taken beside the day of the purchase."""
    scan = file.get_scan_display() if file.scan not in (Evidence.Scan.NONE, Evidence.Scan.CLEAN) else ""
    rows = [
        (_("Taken"), _taken(file)),
        (_("Bought"), _bought(on_desk, file)),
        (_("Camera"), str(file.facts.get("camera", ""))),
        (_("Received"), formats.moment(file.received_at)),
        (_("From"), _sender(on_desk, file)),
        (_("File"), ", ".join(word for word in (_kind(file), _size(file), filesizeformat(file.size)) if word)),
        (_("Fingerprint"), file.sha256[:PRINT_SHOWN]),
        (_("Virus scan"), str(scan)),
        (_("Storage"), str(file.get_trouble_display()) if file.trouble else ""),
        (_("Problem"), str(file.facts.get("problem", "")) if file.status == Evidence.Status.FAILED else ""),
    ]
    return [{"term": term, "value": value} for term, value in rows if value]


def _taken(file: Evidence) -> str:
    if file.captured_at is None:
        return _("the file does not say")
    # The camera's own wall clock: kept as it is, never moved to another zone.
    return formats.day(_camera_day(file))


def _camera_day(file: Evidence) -> date | None:
    """The day on the camera's own clock, None where the file does not tell."""
    if file.captured_at is None:
        return None
    written = str(file.facts.get("taken", ""))[:10]
    try:
        return date.fromisoformat(written)
    except ValueError:
        return file.captured_at.astimezone(UTC).date()


def _bought(on_desk: CaseOnDesk, file: Evidence) -> str:
    bought = on_desk.case.invoice.issued_on if on_desk.case.invoice else None
    if bought is None:
        return ""
    taken = _camera_day(file)
    return f"{formats.day(bought)} ({_distance((taken - bought).days)})" if taken else formats.day(bought)


def _distance(days: int) -> str:
    if days < 0:
        return ngettext("taken %(n)s day before", "taken %(n)s days before", -days) % {"n": -days}
    return ngettext("taken %(n)s day after", "taken %(n)s days after", days) % {"n": days}


def _sender(on_desk: CaseOnDesk, file: Evidence) -> str:
    if file.message_id is not None:
        return on_desk.senders.get(file.message_id) or str(on_desk.case.customer)
    added = next((event for event in on_desk.events if file.pk in _added(event)), None)
    if added is not None and added.actor is not None:
        return str(added.actor)
    return _("%(customer)s, through the private page") % {"customer": on_desk.case.customer}


def _added(event: CaseEvent) -> list[int]:
    is_arrival = event.kind == CaseEvent.Kind.EVIDENCE and event.name == "added"
    return event.data.get("evidence", []) if is_arrival else []


def _kind(file: Evidence) -> str:
    return file.content_type.partition("/")[2].removeprefix("x-").upper().replace("QUICKTIME", "MOV")


def _size(file: Evidence) -> str:
    width, height = file.facts.get("width"), file.facts.get("height")
    return f"{width} × {height}" if width and height else ""


def _length(file: Evidence) -> str:
    seconds = file.facts.get("seconds")
    if not isinstance(seconds, (int, float)):
        return ""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02}"
