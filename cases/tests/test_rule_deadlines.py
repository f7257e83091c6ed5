"""The submission day: the customer's calendar date when the request reached us (policy 1.10)."""

from __future__ import annotations

import datetime as dt
from zoneinfo import available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.rules.deadlines import NOWHERE, submission_day, westernmost_zone, zones_by_country

NOON = dt.datetime(2026, 3, 4, 12, 0, tzinfo=dt.UTC)
EARLY = dt.datetime(2026, 3, 4, 3, 30, tzinfo=dt.UTC)  # still the 3rd in all of America

DAYS = [
    ("own_zone", EARLY, "Europe/Oslo", "", "2026-03-04", "Europe/Oslo", "customer"),
    ("own_zone_west", EARLY, "America/New_York", "DE", "2026-03-03", "America/New_York", "customer"),
    ("own_zone_before_the_country", EARLY, "Asia/Tokyo", "US", "2026-03-04", "Asia/Tokyo", "customer"),
    ("country_of_one_zone", EARLY, "", "DE", "2026-03-04", "Europe/Berlin", "country"),
    ("country_of_many_zones", dt.datetime(2026, 3, 4, 9, 59, tzinfo=dt.UTC), "", "US", "2026-03-03",
     "America/Adak", "country"),
    ("country_a_minute_later", dt.datetime(2026, 3, 4, 10, 0, tzinfo=dt.UTC), "", "US", "2026-03-04",
     "America/Adak", "country"),
    ("country_in_small_letters", EARLY, "", "us", "2026-03-03", "America/Adak", "country"),
    ("unknown_zone_falls_through", EARLY, "Mars/Olympus", "DE", "2026-03-04", "Europe/Berlin", "country"),
    ("a_path_is_no_zone", EARLY, "../../etc/passwd", "DE", "2026-03-04", "Europe/Berlin", "country"),
    ("a_folder_is_no_zone", EARLY, "America", "DE", "2026-03-04", "Europe/Berlin", "country"),
    ("unknown_country", NOON, "", "XX", "2026-03-04", NOWHERE, "nowhere"),
    ("nothing_known", NOON, "", "", "2026-03-04", NOWHERE, "nowhere"),
    ("nothing_known_a_minute_before", NOON - dt.timedelta(minutes=1), "", "", "2026-03-03", NOWHERE, "nowhere"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("received_at", "zone", "country", "on", "used", "found"), [day[1:] for day in DAYS], ids=[day[0] for day in DAYS]
)
def test_rule_1_10_submission_day_is_the_customers(
    received_at: dt.datetime, zone: str, country: str, on: str, used: str, found: str
) -> None:
    day = submission_day(received_at, zone, country)
    assert (day.on.isoformat(), day.zone, day.found) == (on, used, found)


def test_westernmost_zone_follows_summer_time() -> None:
    """Chile: the mainland is west of Magallanes in winter only; Easter Island is west of both, all year."""
    assert str(westernmost_zone("CL", NOON)) == "Pacific/Easter"
    winter, summer = dt.datetime(2026, 1, 15, tzinfo=dt.UTC), dt.datetime(2026, 7, 15, tzinfo=dt.UTC)
    # In the United States Adak keeps summer time and Honolulu does not.
    assert str(westernmost_zone("US", winter)) == "America/Adak"
    assert str(westernmost_zone("US", summer)) == "Pacific/Honolulu"


def test_submission_day_refuses_an_instant_without_offset() -> None:
    with pytest.raises(ValueError, match="offset"):
        submission_day(dt.datetime(2026, 3, 4, 12, 0), "", "DE")


def test_zone_table_is_read_once_and_names_real_zones() -> None:
    table = zones_by_country()
    assert table is zones_by_country()
    assert len(table) > 200
    assert {name for names in table.values() for name in names} <= available_timezones()


@given(
    at=st.datetimes(dt.datetime(2015, 1, 1), dt.datetime(2035, 1, 1), timezones=st.just(dt.UTC)),
    country=st.sampled_from(sorted(zones_by_country())),
    zone=st.integers(0, 50),
)
def test_rule_1_10_doubt_favours_the_customer(at: dt.datetime, country: str, zone: int) -> None:
    """The less is known, the earlier the day: nowhere ≤ country ≤ any zone of that country."""
    own = zones_by_country()[country][zone % len(zones_by_country()[country])]
    exact, by_country, unknown = (
        submission_day(at, own, ""),
        submission_day(at, "", country),
        submission_day(at, "", ""),
    )
    assert unknown.on <= by_country.on <= exact.on
