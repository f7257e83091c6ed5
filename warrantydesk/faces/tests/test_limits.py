"""Limits: so many uses within a window, for one key and no other, however many ask at once."""

import datetime as dt
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import settings as running
from django.core.exceptions import ImproperlyConfigured
from django.db import connection, connections
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from cases.tests.factories import StaffFactory
from warrantydesk.audit.models import AuditEntry
from warrantydesk.faces.limits import (
    forget,
    give_back,
    limits,
    network_of,
    old_counts,
    refuse_unknown_limits,
    take,
)
from warrantydesk.faces.models import LimitCount

NOW = dt.datetime(2026, 5, 4, 10, tzinfo=dt.UTC)
LIMIT = "portal_check"


@pytest.fixture(autouse=True)
def three_an_hour(settings) -> None:
    settings.LIMITS = {LIMIT: (3, 3600)}


def take_many(many: int, key: str = "203.0.113.9", at: dt.datetime = NOW) -> int:
    return sum(take(LIMIT, key, now=at) for _number in range(many))


@pytest.mark.django_db
def test_limit_grants_so_many_and_no_more():
    assert (take_many(5), LimitCount.objects.get().used, LimitCount.objects.get().refused) == (3, 3, 2)


@pytest.mark.django_db
def test_limit_is_one_for_each_key_and_each_name():
    take_many(4)
    assert take_many(1, "203.0.113.10") == 1
    assert take("portal_link", "203.0.113.9", now=NOW)


@pytest.mark.django_db
@pytest.mark.parametrize(("later", "granted"), [(3599, 0), (3600, 3), (9999, 3)])
def test_window_begins_anew_when_it_is_over(later: int, granted: int):
    take_many(4)
    assert take_many(4, at=NOW + dt.timedelta(seconds=later)) == granted


@pytest.mark.django_db
def test_limit_of_none_grants_nothing(settings):
    settings.LIMITS = {LIMIT: (0, 60)}
    assert take_many(2) == 0


@pytest.mark.django_db
def test_use_given_back_is_one_more_and_forgetting_clears_all():
    take_many(3)
    give_back(LIMIT, "203.0.113.9")
    assert take_many(2) == 1
    forget(LIMIT, "203.0.113.9")
    assert take_many(4) == 3


@pytest.mark.django_db
def test_nobodys_address_is_kept():
    take_many(1)
    assert "203.0.113" not in str(LimitCount.objects.values().get())


@pytest.mark.django_db
def test_old_windows_are_cleared_away_and_running_ones_stay():
    take_many(1)
    assert old_counts(NOW + dt.timedelta(hours=2)).count() == 0
    assert old_counts(NOW + dt.timedelta(days=2)).count() == 1


@pytest.mark.django_db(transaction=True)
def test_threads_at_once_get_no_more_than_there_is():
    def ask(_number: int) -> bool:
        try:
            return take(LIMIT, "at once", now=NOW)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as threads:
        assert sum(threads.map(ask, range(24))) == 3


RACER = """
import datetime as dt, sys
from django.conf import settings
settings.DATABASES["default"]["NAME"] = sys.argv[1]
settings.LIMITS = {name: (30, 3600) for name in sys.argv[2].split(",")}
import django
django.setup()
from warrantydesk.faces.limits import take
print("ready", flush=True)
sys.stdin.readline()
now = dt.datetime(2026, 5, 4, 10, tzinfo=dt.UTC)
print(",".join(str(sum(take(name, "race", now=now) for _ in range(25))) for name in settings.LIMITS))
"""


@pytest.mark.processes
@pytest.mark.django_db(transaction=True)
def test_two_processes_race_each_limit_and_it_holds():
    """Both run off the same mark; each asks 25 times of 30, for every limit there is."""
    arguments = [str(connection.settings_dict["NAME"]), ",".join(limits())]
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", RACER, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=running.BASE_DIR,
            env=_environment(),
        )
        for _number in range(2)
    ]
    for racer in racers:
        assert racer.stdout.readline() == "ready\n"
    for racer in racers:
        racer.stdin.write("go\n")
        racer.stdin.flush()
    granted = [[int(one) for one in racer.communicate(timeout=120)[0].split(",")] for racer in racers]
    assert [sum(pair) for pair in zip(*granted, strict=True)] == [30] * len(limits())


def _environment() -> dict[str, str]:
    return {**os.environ, "DJANGO_SETTINGS_MODULE": "warrantydesk.settings"}


@pytest.mark.parametrize(
    ("remote", "forwarded", "behind", "network"),
    [
        ("203.0.113.9", "", False, "203.0.113.9"),
        ("203.0.113.9", "198.51.100.1", False, "203.0.113.9"),
        ("10.0.0.2", "198.51.100.1", True, "198.51.100.1"),
        ("10.0.0.2", "6.6.6.6, 198.51.100.1", True, "198.51.100.1"),
        ("10.0.0.2", "", True, "10.0.0.2"),
        ("2001:db8:1:2:3:4:5:6", "", False, "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.9", "", False, "203.0.113.9"),
        ("", "", False, ""),
        ("10.0.0.2", "no address", True, "no address"),
    ],
)
def test_network_is_that_of_the_visitor(settings, remote: str, forwarded: str, behind: bool, network: str):
    settings.BEHIND_PROXY = behind
    headers = {"x-forwarded-for": forwarded} if forwarded else {}
    assert network_of(RequestFactory().get("/", REMOTE_ADDR=remote, headers=headers)) == network


def test_limit_in_the_settings_changes_the_numbers(settings):
    settings.LIMITS = {"portal_link": (12, 60)}
    assert (limits()["portal_link"].most, limits()["portal_link"].seconds) == (12, 60)


def test_limit_nobody_knows_is_refused_at_start(settings):
    settings.LIMITS = {"portal_lnik": (1, 1)}
    with pytest.raises(ImproperlyConfigured, match="portal_lnik"):
        refuse_unknown_limits()


@pytest.mark.django_db
def test_page_shows_what_is_counted_and_refused(settings):
    take_many(5, at=timezone.now())
    client = Client()
    client.force_login(StaffFactory(role="administrator"))
    page = client.get(reverse("limits"))
    row = next(row for row in page.context["rows"] if row["name"] == LIMIT)
    assert (row["most"], row["keys"], row["held"], row["refusals"]) == (3, 1, 1, 2)
    assert [cap["most"] for cap in page.context["caps"]] == [600, 30, 3]
    assert "203.0.113" not in page.content.decode()


@pytest.mark.django_db
def test_administrator_sees_who_is_nearest_and_lifts_it():
    take_many(5, at=timezone.now())
    assert take("api", "somebody", now=timezone.now())
    client = Client()
    client.force_login(person := StaffFactory(role="administrator"))
    near = client.get(reverse("limits")).context["near"]
    assert [(row["name"], row["used"], row["refused"], row["is_full"]) for row in near] == [
        (LIMIT, 3, 2, True), ("api", 1, 0, False),
    ]  # fmt: skip
    lifting = reverse("lift_limit", args=[near[0]["pk"]])
    assert client.get(lifting).status_code == 405
    assert client.post(lifting).status_code == 303
    assert take(LIMIT, "203.0.113.9", now=timezone.now())
    entry = AuditEntry.objects.filter(verb="limit.lifted").latest("pk")
    assert (entry.person, entry.facts) == (person.pk, {"what": LIMIT})
    assert client.post(lifting).status_code == 404
    client.force_login(StaffFactory(role="manager"))
    assert client.post(lifting).status_code == 403
