"""A migrated and empty SQLite database, made once by `manage.py migrate` and copied by everybody who begins with one.

Migrating from nothing takes longer than most modules of tests, and each process of the suite and each desk it starts
would do it again. The file is kept in var/ under the fingerprint of all migrations, so a changed one makes it anew.
What `migrate` fills in by itself is not in it: whoever copies it runs `migrate`, which then has nothing else to do.
"""

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from hashlib import sha256
from pathlib import Path
from typing import Any

import django
from django.apps import apps
from django.conf import settings
from django.db import connection

FOLDER = Path(settings.BASE_DIR) / "var" / "suite"
MAKE = """
from django.core.management import call_command
call_command('migrate', verbosity=0)
call_command('flush', interactive=False, verbosity=0, inhibit_post_migrate=True)
"""


def begin_with_a_copy() -> None:
    """The suite's own SQLite file is a copy from now on. PostgreSQL migrates by itself."""
    if connection.vendor != "sqlite":
        return
    creation = connection.creation
    cleared = creation._create_test_db

    def create(*arguments: Any, **options: Any) -> Any:
        name = cleared(*arguments, **options)
        copy_migrated(Path(name))
        return name

    creation._create_test_db = create


def copy_migrated(to: Path) -> None:
    """Two processes that both need it to be made wait for the one that is first."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    kept = FOLDER / f"migrated-{_fingerprint()}.sqlite3"
    with (FOLDER / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            for old in FOLDER.glob("migrated-*"):
                old.unlink()
            _make(kept)
        shutil.copyfile(kept, to)


def _fingerprint() -> str:
    found = sha256(django.__version__.encode())
    for app in sorted(apps.get_app_configs(), key=lambda one: one.label):
        for file in sorted(Path(app.path).glob("migrations/*.py")):
            found.update(f"{app.label}/{file.name}\n".encode() + file.read_bytes())
    return found.hexdigest()[:16]


def _make(path: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="warrantydesk-migrated-") as folder:
        environment = {**os.environ, "DATA_DIR": folder, "DATABASE_URL": "", "REDIS_URL": ""}
        command = [sys.executable, "manage.py", "shell", "--verbosity", "0", "-c", MAKE]
        subprocess.run(command, cwd=settings.BASE_DIR, env=environment, check=True)
        shutil.move(Path(folder) / "desk.sqlite3", path)
