"""Days, instants and amounts as a reader of each language expects them."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.conf import settings
from django.utils import timezone, translation

from products.localised import SHORT_DAYS
from warrantydesk.faces import formats

NB = formats.NBSP


@pytest.mark.parametrize(
    ("language", "written"),
    [
        ("en", "3 Mar 2026"),
        ("de", "3. März 2026"),
        ("fr", "3 mars 2026"),
        ("ja", "2026年3月3日"),
        ("zh-hans", "2026年3月3日"),
    ],
)
def test_day_is_written_out_in_the_readers_language(language, written):
    with translation.override(language):
        assert formats.day(date(2026, 3, 3)) == written


@pytest.mark.parametrize(
    ("language", "first", "last", "written"),
    [
        ("en", date(2025, 6, 11), date(2025, 6, 29), "11–29 Jun 2025"),
        ("en", date(2025, 6, 11), date(2025, 7, 2), "11 Jun – 2 Jul 2025"),
        ("en", date(2025, 12, 28), date(2026, 1, 4), "28 Dec 2025 – 4 Jan 2026"),
        ("en", date(2025, 6, 11), date(2025, 6, 11), "11 Jun 2025"),
        ("de", date(2025, 6, 11), date(2025, 6, 29), "11.–29. Juni 2025"),
        ("de", date(2025, 6, 11), date(2025, 7, 2), "11. Juni – 2. Juli 2025"),
        ("fr", date(2025, 6, 11), date(2025, 6, 29), "11–29 juin 2025"),
        ("es", date(2025, 6, 11), date(2025, 7, 2), "11 de junio – 2 de julio de 2025"),
        ("ja", date(2025, 6, 11), date(2025, 6, 29), "2025年6月11日–29日"),
        ("ja", date(2025, 6, 11), date(2025, 7, 2), "2025年6月11日 – 7月2日"),
        ("nb", date(2025, 6, 11), date(2025, 6, 29), "11. juni 2025 – 29. juni 2025"),
    ],
)
def test_span_says_month_and_year_once_where_the_language_allows(language, first, last, written):
    with translation.override(language):
        assert formats.span(first, last) == written


def test_every_language_of_ours_has_its_short_day():
    assert {code.split("-")[0] for code, _name in settings.LANGUAGES} <= set(SHORT_DAYS)


def test_moment_is_in_the_readers_zone_when_the_instant_is_utc():
    with translation.override("en"), timezone.override("Asia/Tokyo"):
        assert formats.moment(datetime(2026, 3, 2, 23, 5, tzinfo=UTC)) == "3 Mar 2026, 08:05"
        assert formats.day(datetime(2026, 3, 2, 23, 5, tzinfo=UTC)) == "3 Mar 2026"
        assert formats.time_of_day(datetime(2026, 3, 2, 23, 5, tzinfo=UTC)) == "08:05"


def test_nothing_is_written_when_there_is_no_date_or_amount():
    assert (formats.day(None), formats.moment(None), formats.time_of_day(None), formats.money(None, "EUR")) == ("",) * 4


@pytest.mark.parametrize(
    ("language", "amount", "currency", "written"),
    [
        ("en", "45", "EUR", "€45.00"),
        ("en", "1234.5", "EUR", "€1,234.50"),
        ("en", "6400", "JPY", "¥6,400"),
        ("en", "450", "SEK", f"SEK{NB}450.00"),
        ("en", "-18.5", "EUR", "−€18.50"),
        ("en", "1.2345", "KWD", f"KWD{NB}1.234"),
        ("de", "1234.5", "EUR", f"1.234,50{NB}€"),
        ("ja", "6400", "JPY", "¥6,400"),
    ],
)
def test_money_follows_language_and_currency(language, amount, currency, written):
    with translation.override(language):
        assert formats.money(Decimal(amount), currency) == written


def test_moment_is_the_readers_own_in_every_time_zone_and_language():
    instant = datetime(2026, 3, 3, 12, 0, 59, tzinfo=UTC)
    for zone, language, written in (
        ("UTC", "en", "3 Mar 2026, 12:00"),
        ("Asia/Tokyo", "en", "3 Mar 2026, 21:00"),
        ("Asia/Tokyo", "de", "3. März 2026 21:00"),
        ("UTC", "en", "3 Mar 2026, 12:00"),
    ):
        with timezone.override(zone), translation.override(language):
            assert formats.moment(instant) == written
