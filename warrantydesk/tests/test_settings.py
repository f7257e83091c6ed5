"""The settings as a process meets them: nothing set, and production."""

import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError

from warrantydesk.tests import environment

PRODUCTION = {
    "DEBUG": "0",
    "SECRET_KEY": "a-long-enough-secret-key-for-the-checks-9d8f7a6b5c4e3f2a1b0c",
    "SITE_URL": "https://desk.example",
    "ALLOWED_HOSTS": "desk.example",
}


def _manage(*arguments: str, tmp_path, **environment: str) -> subprocess.CompletedProcess[str]:
    return _python("manage.py", *arguments, tmp_path=tmp_path, **environment)


def _settings_say(expression: str, tmp_path, **environment: str) -> str:
    """What a process reads in its settings; it takes no application to be loaded."""
    code = f"from django.conf import settings; print({expression})"
    done = _python("-c", code, tmp_path=tmp_path, DJANGO_SETTINGS_MODULE="warrantydesk.settings", **environment)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def _python(*arguments: str, tmp_path, **environment: str) -> subprocess.CompletedProcess[str]:
    inherited = {
        name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "LD_LIBRARY_PATH")
    }
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=settings.BASE_DIR,
        env={**inherited, "DATA_DIR": str(tmp_path), **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_check_passes_when_nothing_is_configured(tmp_path):
    done = _manage("check", tmp_path=tmp_path)
    assert (done.returncode, done.stdout) == (0, "System check identified no issues (0 silenced).\n"), done.stderr


def test_check_deploy_is_clean_when_configured_for_production(tmp_path):
    done = _manage("check", "--deploy", "--fail-level", "WARNING", tmp_path=tmp_path, **PRODUCTION)
    assert done.returncode == 0, done.stderr


def test_settings_refuse_to_start_without_a_secret_when_debug_is_off(tmp_path):
    done = _manage("check", tmp_path=tmp_path, **{**PRODUCTION, "SECRET_KEY": ""})
    assert done.returncode != 0
    assert "SECRET_KEY is not set" in done.stderr


def test_simulated_carrier_is_off_in_production_unless_asked_for(tmp_path):
    assert _settings_say("settings.SIMULATED_CARRIER", tmp_path, **PRODUCTION) == "False"
    assert _settings_say("settings.SIMULATED_CARRIER", tmp_path, **PRODUCTION, SIMULATED_CARRIER="1") == "True"


def test_no_setting_of_a_carrier_leaks_into_the_suite(settings):
    leaking = [name for name in settings.CARRIER_ACCESS if not name.startswith(environment.OUTSIDE)]
    assert leaking == [], "its beginning belongs into CARRIERS of warrantydesk/tests/environment.py"


def test_settings_page_is_what_the_code_says():
    call_command("settings_page", check=True)


def test_settings_page_complains_when_stale(tmp_path, settings):
    settings.BASE_DIR = tmp_path
    with pytest.raises(CommandError, match="stale"):
        call_command("settings_page", check=True)
    call_command("settings_page")
    call_command("settings_page", check=True)


@pytest.mark.parametrize(
    ("store", "seen"),
    [
        ({}, []),
        ({"S3_BUCKET": "b", "S3_ENDPOINT": "http://files:9000"}, ["http://files:9000"]),
        (
            {"S3_BUCKET": "b", "S3_ENDPOINT": "http://files:9000", "S3_PUBLIC_ENDPOINT": "https://f.example/x"},
            ["https://f.example"],
        ),
        (
            {"S3_BUCKET": "b", "S3_REGION": "eu-west-1"},
            ["https://b.s3.amazonaws.com", "https://b.s3.eu-west-1.amazonaws.com"],
        ),
    ],
    ids=["files", "own_store", "two_names", "amazon"],
)
def test_page_may_play_videos_of_the_store_and_of_nobody_else(tmp_path, store, seen):
    sources = _settings_say("settings.CONTENT_SECURITY_POLICY['DIRECTIVES']['media-src']", tmp_path, **store)
    assert sources == repr(["'self'", *seen])
