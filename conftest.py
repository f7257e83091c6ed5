"""Fixtures every storey shares. The cast and the factories live in each storey's tests/."""

import gc
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.cache import cache
from django.db import connection
from django.utils import timezone, translation
from hypothesis import HealthCheck, settings
from pytest_django import DjangoDbBlocker

from warrantydesk.tests import emptying, migrated, together

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


@pytest.fixture
def postgresql() -> None:
    """Whoever asks for this runs on PostgreSQL alone, and is marked `services` for it (below). Its absence is said out
    loud."""
    if connection.vendor != "postgresql":
        if os.environ.get("CI"):
            pytest.fail("DATABASE_URL names no PostgreSQL: CI allows no such skip.")
        pytest.skip("THE DATABASE IS NOT POSTGRESQL: set DATABASE_URL to a server of your own.")


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
    yield from _folder(tmp_path_factory)


@pytest.fixture
def other_path(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Another one, for what must not lie in the first."""
    yield from _folder(tmp_path_factory)


def _folder(factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(dir=factory.getbasetemp()))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(autouse=True)
def _nobody_has_spoken_yet() -> None:
    """A page leaves its reader's language, time zone and counts behind: each test begins with the desk's own."""
    translation.deactivate()
    timezone.deactivate()
    cache.clear()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The browser tests of a module stay together, in one process and one browser (warrantydesk.tests.browser). What
    asks for PostgreSQL is a services test, whether its author thought of the mark or not.

    Under NOTHING_TWICE=1 (.ci/run, on its second stack) what meets neither a database nor a server is left out: it ran
    on the first.
    """
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.xdist_group(item.nodeid.partition("::")[0]))
        if config.getoption("loadgroup", False):
            together.name_the_group(item)
        if "postgresql" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.services)
    if os.environ.get("NOTHING_TWICE") == "1":
        config.hook.pytest_deselected(items=[item for item in items if _is_alike_on_every_stack(item)])
        items[:] = [item for item in items if not _is_alike_on_every_stack(item)]


def _is_alike_on_every_stack(item: pytest.Item) -> bool:
    marked = any(item.get_closest_marker(name) for name in ("django_db", "browser", "services", "processes"))
    asks = {"db", "transactional_db", "live_server", "settings", "client"} & set(getattr(item, "fixturenames", ()))
    return not (marked or asks or "cache" in vars(getattr(item, "module", None) or object))


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop() -> None:
    """What thousands of tests and all libraries are made of stays to the end: it is not looked through for garbage."""
    gc.collect()
    gc.freeze()
    gc.enable()


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Under FORBID_SKIPS=1 (.ci/run) a test nobody ran is a failure, not a footnote."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.stats.get("skipped", []) if reporter else []
    if os.environ.get("FORBID_SKIPS") == "1" and skipped:
        reporter.write_line(f"{len(skipped)} tests were skipped, and FORBID_SKIPS=1 allows none.", red=True)
        session.exitstatus = max(exitstatus, pytest.ExitCode.TESTS_FAILED)
