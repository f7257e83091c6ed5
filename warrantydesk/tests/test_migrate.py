"""Deploying while the desk works: migrations that make nobody wait, and old code that runs on the new schema."""

from types import SimpleNamespace

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.core.management.commands.migrate import Command as Migrate
from django.db import OperationalError, connection, migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.models import NOT_PROVIDED

from warrantydesk.management.commands import migrate

# Before the first release no old code runs anywhere: migrations up to this number may do what they like.
RELEASED_FROM = 21
# What the code before it could not work with, each with why nobody was hurt.
KNOWN: dict[str, str] = {}


@pytest.mark.usefixtures("postgresql")
@pytest.mark.django_db
def test_migrate_gives_up_a_lock_it_does_not_get_and_tries_again(monkeypatch):
    seen, busy = [], OperationalError("canceling statement due to lock timeout")
    busy.__cause__ = Exception()
    busy.__cause__.sqlstate = "55P03"

    def handle(_self, *_args, **_options):
        with connection.cursor() as cursor:
            cursor.execute("SHOW lock_timeout")
            seen.append(cursor.fetchone()[0])
        if len(seen) < 3:
            raise busy

    monkeypatch.setattr(Migrate, "handle", handle)
    monkeypatch.setattr(migrate, "PAUSE", 0)
    call_command("migrate", stderr=SimpleNamespace(write=lambda words: None, isatty=lambda: False))
    assert seen == [migrate.LOCK_TIMEOUT] * 3
    with connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone()[0] == "0"


def test_no_migration_takes_away_what_the_code_before_it_still_uses():
    """Add first, use, and take away a release later (docs/scaling.md). A new one of these needs its line in KNOWN."""
    own = {one.label for one in apps.get_app_configs() if one.path.startswith(str(settings.BASE_DIR))}
    own -= {one.label for one in apps.get_app_configs() if "site-packages" in one.path}
    found = {
        f"{label}.{name}: {type(step).__name__} {_what(step)}"
        for (label, name), migration in MigrationLoader(None).disk_migrations.items()
        if label in own and int(name[:4]) >= RELEASED_FROM
        for step in migration.operations
        if _breaks_old_code(step)
    }
    assert found == set(KNOWN)


@pytest.mark.parametrize(
    ("step", "breaks"),
    [
        (migrations.AddField("case", "shelf", models.TextField(default="")), True),
        (migrations.AddField("case", "shelf", models.TextField(default="", db_default="")), False),
        (migrations.AddField("case", "shelf", models.TextField(null=True)), False),
        (migrations.AddIndex("case", models.Index(fields=["state"], name="x")), False),
        (migrations.RemoveField("case", "state"), True),
        (migrations.RenameField("case", "state", "stage"), True),
        (migrations.DeleteModel("case"), True),
    ],
    ids=lambda value: value.describe() if hasattr(value, "describe") else "",
)
def test_step_breaks_old_code_or_does_not(step, breaks):
    assert _breaks_old_code(step) is breaks


def _what(step: migrations.operations.base.Operation) -> str:
    return ".".join(getattr(step, name) for name in ("model_name", "name", "old_name") if hasattr(step, name))


def _breaks_old_code(step: migrations.operations.base.Operation) -> bool:
    if isinstance(step, migrations.AddField):
        # Old code inserts rows without it: the database itself must know what to put there.
        field = step.field
        return not (field.null or field.many_to_many or field.db_default is not NOT_PROVIDED)
    return isinstance(
        step, migrations.RemoveField | migrations.RenameField | migrations.DeleteModel | migrations.RenameModel
    )
