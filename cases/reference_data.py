"""What the desk cannot work without: one calendar, so that every case has a response clock.

Written once, by `migrate`, where there is none; afterwards it is the maker's to edit in the admin.
"""

from typing import Any

from django.conf import settings

OFFICE_HOURS = "09:00-17:00"


def install_calendar(using: str = "default", **_kwargs: Any) -> None:
    from cases.models import DeskCalendar

    if DeskCalendar.objects.using(using).exists():
        return
    week = dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday"), OFFICE_HOURS)
    DeskCalendar.objects.using(using).create(name="Desk", is_default=True, time_zone=settings.TIME_ZONE, **week)
