"""A clock written down as plain data, so that a letter can draw it years later exactly as it stood on its day."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from products.coverage import Pause, clock
from products.explaining import Explained
from products.models import CoveredPart
from products.timeline import Drawing, Marks, Words, draw_all

Kept = Mapping[str, Any]


def clock_to_keep(part: CoveredPart, told: Explained) -> dict[str, Any]:
    """What the drawing of this clock needs. Empty for an outsider, who is told the cover and nothing else."""
    if told.audience == "outsider":
        return {}
    marks = told.marks
    return {
        "starts_on": part.starts_on.isoformat(),
        "term_months": part.term_months,
        "pauses": [[one.left_on.isoformat(), _iso(one.back_on)] for one in part.pauses.all()],
        "on": told.clock.on.isoformat(),
        "about": told.about,
        "received_on": _iso(marks.received_on),
        "replacements": [[on.isoformat(), serial] for on, serial in marks.replacements],
        "voided_on": _iso(marks.voided_on),
        "void_reason": marks.void_reason,
        "refunded_on": _iso(marks.refunded_on),
        "proofs": {on.isoformat(): words for on, words in marks.proofs.items()},
    }


def drawings_of(kept: Kept, words: Words) -> Sequence[Drawing]:
    """The drawing in every layout, in these words; none where nothing was kept."""
    if not kept:
        return ()
    pauses = [Pause(_day(left), _day(back) if back else None) for left, back in kept["pauses"]]
    at_the_time = clock(_day(kept["starts_on"]), kept["term_months"], pauses, _day(kept["on"]))
    marks = Marks(
        about=kept["about"],
        received_on=_day(kept["received_on"]) if kept["received_on"] else None,
        replacements=[(_day(on), serial) for on, serial in kept["replacements"]],
        voided_on=_day(kept["voided_on"]) if kept["voided_on"] else None,
        void_reason=kept["void_reason"],
        refunded_on=_day(kept["refunded_on"]) if kept.get("refunded_on") else None,  # older letters do not say
        proofs={_day(on): said for on, said in kept["proofs"].items()},
    )
    return draw_all(at_the_time, marks, words)


def _day(written: str) -> dt.date:
    return dt.date.fromisoformat(written)


def _iso(day: dt.date | None) -> str | None:
    return day.isoformat() if day else None
