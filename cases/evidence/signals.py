"""What is worth a second look about a file, said in words beside it. A signal proves nothing and decides nothing:
cameras have wrong clocks, people share phones, and one photo may honestly belong to two requests."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal, NamedTuple

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cases.models import Case, Evidence

Code = Literal["same_file", "before_purchase", "before_earlier_case", "after_earlier_case", "after_receipt", "camera"]
MOST_NAMED = 5
# A camera's clock names no zone: what it calls tomorrow may be today where we are.
CLOCK_MAY_DIFFER = timedelta(days=1)


@dataclass(frozen=True)
class Signal:
    """`references` are the other cases it speaks of, for a link; `sentence` names them too."""

    code: Code
    sentence: str
    references: tuple[str, ...] = ()


class Earlier(NamedTuple):
    """A case that came in before, as far as a signal tells of it."""

    reference: str
    received_at: datetime


def signals_of(
    files: Sequence[Evidence], *, case: Case, elsewhere: Mapping[str, list[str]], earlier: Earlier | None
) -> dict[int, list[Signal]]:
    """The signals of each file of `case` by its id, none for most. No query where `case` has its invoice at hand.

    `elsewhere`: the references of other cases that hold the same bytes, by fingerprint. `earlier`: the last case before
    this one about the same product, or the one it follows.
    """
    kept = [file for file in files if file.is_kept]
    usual = _usual_camera(kept)
    return {
        file.pk: [
            *_same_file(elsewhere.get(file.sha256, [])),
            *_times(file, case, earlier),
            *_camera(file, usual),
        ]
        for file in kept
    }


def same_files(case_id: int) -> QuerySet[Evidence]:
    """Files of other cases that hold the bytes of a file this case keeps."""
    prints = Evidence.objects.filter(case=case_id, status__in=Evidence.KEPT).order_by().values("sha256")
    return Evidence.objects.filter(sha256__in=prints).exclude(case=case_id)


def earlier_case(case: Case, among: QuerySet[Case]) -> Earlier | None:
    """The last case before this one about the same product, or the one it follows. One query, or none."""
    about = Q(pk=case.follows_id) if case.follows_id else Q()
    if case.unit_id:
        about |= Q(unit=case.unit_id)
    if not about:
        return None
    before = among.filter(about, received_at__lt=case.received_at).exclude(pk=case.pk)
    found = before.order_by("-received_at", "-pk").values_list(*Earlier._fields).first()
    return Earlier(*found) if found else None


def _same_file(references: list[str]) -> list[Signal]:
    if not references:
        return []
    named = ", ".join(references[:MOST_NAMED])
    more = len(references) - MOST_NAMED
    if more > 0:
        named = _("%(first)s and %(n)s more") % {"first": named, "n": more}
    sentence = _("The same file came with %(cases)s.") % {"cases": named}
    return [Signal("same_file", sentence, tuple(references[:MOST_NAMED]))]


def _times(file: Evidence, case: Case, earlier: Earlier | None) -> list[Signal]:
    """When it was taken, as the camera says, beside what else is dated."""
    if file.captured_at is None:
        return []
    taken = file.captured_at.astimezone(UTC).date()
    signals = []
    if file.captured_at > file.received_at + CLOCK_MAY_DIFFER:
        days = (taken - timezone.localdate(file.received_at)).days
        words = ngettext(
            "Taken %(n)s day after it reached us, as the camera says: its clock may be wrong.",
            "Taken %(n)s days after it reached us, as the camera says: its clock may be wrong.",
            days,
        )
        signals.append(Signal("after_receipt", words % {"n": days}))
    bought = case.invoice.issued_on if case.invoice else None
    if bought and taken < bought:
        words = ngettext(
            "Taken %(n)s day before the purchase (%(day)s), as the camera says.",
            "Taken %(n)s days before the purchase (%(day)s), as the camera says.",
            (bought - taken).days,
        )
        signals.append(Signal("before_purchase", words % {"n": (bought - taken).days, "day": _day(bought)}))
    return [*signals, *_beside_earlier(taken, earlier)]


def _beside_earlier(taken: date, earlier: Earlier | None) -> list[Signal]:
    if earlier is None:
        return []
    came = timezone.localdate(earlier.received_at)
    given = {"case": earlier.reference, "day": _day(came)}
    if taken > came:
        words = _("Taken after the earlier case %(case)s came in (%(day)s), as the camera says.") % given
        return [Signal("after_earlier_case", words, (earlier.reference,))]
    words = _("Not newer than the earlier case %(case)s (%(day)s), as the camera says.") % given
    return [Signal("before_earlier_case", words, (earlier.reference,))]


def _usual_camera(files: Iterable[Evidence]) -> str:
    """The camera most files of the case name; "" where none does, or two are as frequent."""
    cameras = Counter(camera for file in files if (camera := file.facts.get("camera")))
    (first, *rest) = cameras.most_common(2) or [("", 0)]
    return first[0] if not rest or first[1] > rest[0][1] else ""


def _camera(file: Evidence, usual: str) -> list[Signal]:
    camera = file.facts.get("camera", "")
    if not usual or not camera or camera == usual:
        return []
    words = _("Taken with another camera (%(camera)s) than the others (%(usual)s).") % {
        "camera": camera,
        "usual": usual,
    }
    return [Signal("camera", words)]


def _day(day: date) -> str:
    return date_format(day, "DATE_FORMAT")
