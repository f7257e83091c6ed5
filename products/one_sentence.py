"""The whole clock in one sentence, in any language: one pattern for each shape a clock can have. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from products.explanation import NOTHING_KNOWN, History, proof_of
from products.telling import ENGLISH, Tongue, pattern

if TYPE_CHECKING:
    from products.coverage import Clock, Pause

StartWord = Literal["Bought", "Delivered"]
Ended = Literal["kept", "void", "refunded"]
MOST_IN_A_SENTENCE = 3  # pauses named one by one

# By the start, by what has happened (absences that are over, one that is not), and by what ended the cover early.
# fmt: off
_SENTENCES: dict[tuple[StartWord, bool, bool, Ended], str] = {
    ("Bought", False, False, "kept"): pattern("Bought {start} → covered through {end}."),
    ("Bought", True, False, "kept"): pattern("Bought {start} → {base}; paused {days} ({times}) → covered through {end}."),
    ("Bought", False, True, "kept"): pattern("Bought {start} → {base}; paused since {since} → covered through {end} if it is back today ({today})."),
    ("Bought", True, True, "kept"): pattern("Bought {start} → {base}; paused {days} ({times}), paused since {since} → covered through {end} if it is back today ({today})."),
    ("Bought", False, False, "void"): pattern("Bought {start} → covered through {end}, but void since {ended}."),
    ("Bought", True, False, "void"): pattern("Bought {start} → {base}; paused {days} ({times}) → covered through {end}, but void since {ended}."),
    ("Bought", False, True, "void"): pattern("Bought {start} → {base}; paused since {since} → covered through {end} if it is back today ({today}), but void since {ended}."),
    ("Bought", True, True, "void"): pattern("Bought {start} → {base}; paused {days} ({times}), paused since {since} → covered through {end} if it is back today ({today}), but void since {ended}."),
    ("Bought", False, False, "refunded"): pattern("Bought {start} → covered through {end}, but not covered since the refund on {ended}."),
    ("Bought", True, False, "refunded"): pattern("Bought {start} → {base}; paused {days} ({times}) → covered through {end}, but not covered since the refund on {ended}."),
    ("Bought", False, True, "refunded"): pattern("Bought {start} → {base}; paused since {since} → covered through {end} if it is back today ({today}), but not covered since the refund on {ended}."),
    ("Bought", True, True, "refunded"): pattern("Bought {start} → {base}; paused {days} ({times}), paused since {since} → covered through {end} if it is back today ({today}), but not covered since the refund on {ended}."),
    ("Delivered", False, False, "kept"): pattern("Delivered {start} → covered through {end}."),
    ("Delivered", True, False, "kept"): pattern("Delivered {start} → {base}; paused {days} ({times}) → covered through {end}."),
    ("Delivered", False, True, "kept"): pattern("Delivered {start} → {base}; paused since {since} → covered through {end} if it is back today ({today})."),
    ("Delivered", True, True, "kept"): pattern("Delivered {start} → {base}; paused {days} ({times}), paused since {since} → covered through {end} if it is back today ({today})."),
    ("Delivered", False, False, "void"): pattern("Delivered {start} → covered through {end}, but void since {ended}."),
    ("Delivered", True, False, "void"): pattern("Delivered {start} → {base}; paused {days} ({times}) → covered through {end}, but void since {ended}."),
    ("Delivered", False, True, "void"): pattern("Delivered {start} → {base}; paused since {since} → covered through {end} if it is back today ({today}), but void since {ended}."),
    ("Delivered", True, True, "void"): pattern("Delivered {start} → {base}; paused {days} ({times}), paused since {since} → covered through {end} if it is back today ({today}), but void since {ended}."),
    ("Delivered", False, False, "refunded"): pattern("Delivered {start} → covered through {end}, but not covered since the refund on {ended}."),
    ("Delivered", True, False, "refunded"): pattern("Delivered {start} → {base}; paused {days} ({times}) → covered through {end}, but not covered since the refund on {ended}."),
    ("Delivered", False, True, "refunded"): pattern("Delivered {start} → {base}; paused since {since} → covered through {end} if it is back today ({today}), but not covered since the refund on {ended}."),
    ("Delivered", True, True, "refunded"): pattern("Delivered {start} → {base}; paused {days} ({times}), paused since {since} → covered through {end} if it is back today ({today}), but not covered since the refund on {ended}."),
}
# fmt: on


def sentence(clock: Clock, start_word: StartWord, history: History = NOTHING_KNOWN, tongue: Tongue = ENGLISH) -> str:
    """The whole clock in one sentence."""
    over = [pause for pause in clock.pauses if pause.back_on]
    ended, when = _ended(history, tongue)
    words = tongue.say(_SENTENCES[start_word, bool(over), clock.covered_through is None, ended])
    return words.format(
        start=tongue.day(clock.starts_on),
        base=tongue.day(clock.base_covered_through),
        end=tongue.day(clock.covered_through_if_back),
        today=tongue.day(clock.on),
        days=tongue.days(sum(map(clock.days_of, over))),
        times=_times(clock, over, history, tongue),
        since=_since(clock, history, tongue),
        ended=when,
    )


def _times(clock: Clock, over: Sequence[Pause], history: History, tongue: Tongue) -> str:
    """Each pause with its proof; of many only how often and between which days: the steps have them one by one."""
    if len(over) > MOST_IN_A_SENTENCE:
        often = tongue.count("{count} time, {span}", "{count} times, {span}", len(over))
        span = tongue.span(over[0].left_on, over[-1].back_on or over[-1].left_on)
        return often.format(count=len(over), span=span)
    told = [(_days(clock, pause, tongue), _proof(clock, pause, history, tongue)) for pause in over]
    spans = [tongue.say("{span}, {proof}").format(span=days, proof=proof) if proof else days for days, proof in told]
    # A span with its proof holds commas of its own.
    return (tongue.semicolon if any(proof for _days, proof in told) else tongue.comma).join(spans)


def _days(clock: Clock, pause: Pause, tongue: Tongue) -> str:
    span = clock.span_of(pause)
    return tongue.span(*span) if span else tongue.day(pause.left_on)


def _since(clock: Clock, history: History, tongue: Tongue) -> str:
    if clock.paused_since is None:
        return ""
    day, proof = tongue.day(clock.paused_since), _proof(clock, clock.pauses[-1], history, tongue)
    return tongue.say("{day} ({proof})").format(day=day, proof=proof) if proof else day


def _ended(history: History, tongue: Tongue) -> tuple[Ended, str]:
    """What ended the cover early, and when."""
    if history.refunded_on is not None:
        return "refunded", tongue.day(history.refunded_on)
    void = next((void for void in history.voids if void.lifted_on is None), None)
    if void is None:
        return "kept", ""
    day = tongue.day(void.on)
    return "void", tongue.say("{day} (clause {clause})").format(day=day, clause=void.clause) if void.clause else day


def _proof(clock: Clock, pause: Pause, history: History, tongue: Tongue) -> str:
    shorts = (proof.short for proof in proof_of(clock, pause, history.proofs) if proof.short)
    return tongue.both(list(dict.fromkeys(shorts)))
