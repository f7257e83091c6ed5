"""The tongue of whoever reads now: the clock's sentences, steps and drawing in the language that is active.

Call them while the reader's language is active; what they give back keeps speaking it for as long as it stays so.
"""

from functools import lru_cache

from django.utils.translation import get_language, gettext, ngettext
from django.utils.translation import gettext as _

from products import localised
from products.telling import ENGLISH, Tongue
from products.timeline import Words

# What parts the items of a list, where a language has signs of its own.
_COMMAS = {"ja": ("、", "；"), "zh-hans": ("，", "；")}


def active_tongue() -> Tongue:
    """The active language for the clock's sentence and steps."""
    language = get_language() or "en"
    if language.startswith("en"):
        return ENGLISH
    comma, semicolon = _COMMAS.get(language, (", ", "; "))
    return Tongue(
        say=gettext,
        count=ngettext,
        day=localised.day,
        span=localised.span,
        both=localised.listed,
        comma=comma,
        semicolon=semicolon,
    )


def clock_words() -> Words:
    """What the drawing says."""
    return _clock_words(get_language())


@lru_cache(maxsize=16)
def _clock_words(_language: str | None) -> Words:
    """Kept: a page asks for them once for every part."""
    return Words(
        bought=_("bought"),
        starts=_("starts"),
        paused=_("paused {days}"),
        paused_since=_("paused since"),
        ignored=_("away, not counted"),
        won=_("{day} + {days}"),
        covered_through=_("covered through"),
        if_back=_("if back today, through"),
        if_not_void=_("were it not void, through"),
        if_not_refunded=_("were it not refunded, through"),
        today=_("today"),
        received=_("request received"),
        replaced=_("replaced"),
        voided=_("voided"),
        refunded=_("refunded"),
        day=localised.day,
        span=localised.span,
        days=_days,
    )


def _days(count: int) -> str:
    return active_tongue().days(count)
