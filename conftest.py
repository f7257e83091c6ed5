"""Fixtures every storey shares. The cast and the factories live in each storey's tests/."""

import gc
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.cache import cache
from django.utils import timezone, translation
from hypothesis import HealthCheck, settings
from pytest_django import DjangoDbBlocker

from warrantydesk.tests import emptying, migrated

ROOT = Path(__file__).resolve().parent
pytest_plugins = ["warrantydesk.tests.browser"]

# A busy machine is no fault of the code: nothing that hypothesis tries is judged by the clock on the wall.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The shared data set: $SHARED_DATA, or ../shared/data beside the repository. Its absence is said out loud."""
    folder = Path(os.environ.get("SHARED_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        if os.environ.get("CI"):
            pytest.fail(f"The shared data set is not at {folder}: CI allows no such skip.")
        pytest.skip(f"THE SHARED DATA SET IS NOT AT {folder}: set SHARED_DATA to its folder.")
    return folder


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None) -> None:
    migrated.begin_with_a_copy()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    with django_db_blocker.unblock():
        emptying.keep_as_migrated()


@pytest.fixture
def tmp_path(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder of this test's own, gone after it. pytest's own looks through all there are for the next number."""
    folder = Path(tempfile.mkdtemp(dir=tmp_path_factory.getbasetemp()))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(autouse=True)
def _nobody_has_spoken_yet() -> None:
    """A page leaves its reader's language, time zone and counts behind: each test begins with the desk's own."""
    translation.deactivate()
    timezone.deactivate()
    cache.clear()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The browser tests of a module stay together, in one process and one browser (warrantydesk.tests.browser)."""
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.xdist_group(item.nodeid.partition("::")[0]))


def pytest_collection_finish() -> None:
    """What thousands of tests and all libraries are made of stays to the end: it is not looked through for garbage."""
    gc.collect()
    gc.freeze()


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Under FORBID_SKIPS=1 (.ci/run) a test nobody ran is a failure, not a footnote."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.stats.get("skipped", []) if reporter else []
    if os.environ.get("FORBID_SKIPS") == "1" and skipped:
        reporter.write_line(f"{len(skipped)} tests were skipped, and FORBID_SKIPS=1 allows none.", red=True)
        session.exitstatus = max(exitstatus, pytest.ExitCode.TESTS_FAILED)
