"""The words of the clock drawing in the reader's language: draw_all(clock, marks, clock_words())."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from products.timeline import Words
from warrantydesk.faces import formats


def clock_words() -> Words:
    """What the drawing says, translated now: call it while the reader's language is active."""
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
        today=_("today"),
        received=_("request received"),
        replaced=_("replaced"),
        voided=_("voided"),
        day=formats.day,
        span=formats.span,
        days=lambda count: ngettext("%(count)s day", "%(count)s days", count) % {"count": count},
    )
