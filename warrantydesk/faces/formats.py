"""Days, instants and money in the reader's language (`products.localised`), and how long something has waited."""

from datetime import timedelta

from django.utils.translation import gettext as _

from products.localised import NBSP, day, listed, moment, money, short_day, span, time_of_day

__all__ = ["NBSP", "age_in_words", "day", "listed", "moment", "money", "short_day", "span", "time_of_day"]


def age_in_words(age: timedelta) -> str:
    """40 min, 5 h, 12 d: how long something has waited, in one short word."""
    minutes = max(int(age.total_seconds() // 60), 0)
    if minutes < 60:
        return _("%(n)s min") % {"n": minutes}
    if minutes < 48 * 60:
        return _("%(n)s h") % {"n": minutes // 60}
    return _("%(n)s d") % {"n": minutes // (24 * 60)}
