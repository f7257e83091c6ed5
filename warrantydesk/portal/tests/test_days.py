from datetime import date

import pytest
from django.conf import settings
from django.utils import translation

from products import localised
from warrantydesk.portal.days import read_day

MARCH = date(2025, 3, 3)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2025-03-03", MARCH),
        ("3.3.2025", MARCH),
        ("03.03.25", MARCH),
        ("3 March 2025", MARCH),
        ("March 3rd, 2025", MARCH),
        ("3. März 2025", MARCH),
        ("3 mars 2025", MARCH),
        ("3 de marzo de 2025", MARCH),
        ("2025年3月3日", MARCH),
        ("2025-12-24", date(2025, 12, 24)),
        ("24.12.2025", date(2025, 12, 24)),
        ("2025年12月24日", date(2025, 12, 24)),
        ("２０２５／３／３", MARCH),
        ("3/3/2025", MARCH),
        ("13/3/2025", date(2025, 3, 13)),
        ("3/13/2025", date(2025, 3, 13)),
        ("3/4/2025", None),
        ("31.2.2025", None),
        ("two weeks ago", None),
        ("", None),
        ("9" * 500, None),
    ],
)
def test_day_is_read_as_people_write_it(written, meant):
    assert read_day(written) == meant


@pytest.mark.parametrize("language", [code for code, _name in settings.LANGUAGES])
def test_day_as_the_desk_writes_it_is_read_again(language: str):
    with translation.override(language):
        for month in range(1, 13):
            day = date(2025, month, 24)
            written = localised.day(day)
            assert read_day(written) == day, f"“{written}” is not read: LANGUAGES in warrantydesk/portal/days.py"
