"""Database and files, to the same moment: what `manage.py backup` and `restore` do.

The database is copied as of one instant, and then every file that this copy knows of. Files are never changed and get a
new name each, so a file that is there is the right one; one that came later is left out by itself.
"""

import json
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import connection, models, transaction

from cases.models import Case, HeldFile, UploadedPiece

DUMP = {"postgresql": "database.dump", "sqlite": "database.sqlite3"}
FILES, NOTE = "files", "backup.json"
# Keys that stand in plain text columns; all others are file fields.
PLAIN_KEYS: tuple[tuple[type[models.Model], str], ...] = ((HeldFile, "key"), (UploadedPiece, "key"))


class NotPossible(Exception):
    """The copy cannot be made, or cannot be brought back, as it was asked for."""


def back_up(target: Path) -> Iterator[str]:
    """Write a copy of everything into the folder `target`; yields the keys of files that could not be found."""
    if target.exists() and any(target.iterdir()):
        raise NotPossible(f"{target} is not empty.")
    (target / FILES).mkdir(parents=True, exist_ok=True, mode=0o700)
    copied = lost = 0
    for key in _copy_database(target / DUMP[connection.vendor]):
        if _copy_out(key, target / FILES / key):
            copied += 1
        else:
            lost += 1
            yield key
    note = {"database": connection.vendor, "files": copied, "missing": lost, "cases": Case.objects.count()}
    (target / NOTE).write_text(json.dumps(note) + "\n", encoding="utf-8")


def bring_back(source: Path) -> int:
    """Fill an empty database and the storage from a copy; how many files. NotPossible before anything is touched."""
    if not (source / NOTE).exists():
        raise NotPossible(f"{source} holds no finished backup.")
    note = json.loads((source / NOTE).read_text(encoding="utf-8"))
    if note["database"] != connection.vendor:
        raise NotPossible(f"The copy is of {note['database']}, this desk runs on {connection.vendor}.")
    if connection.introspection.table_names():
        raise NotPossible("The database is not empty: bring the copy back into a fresh one.")
    number = 0
    for path in sorted((source / FILES).rglob("*")):
        if path.is_file():
            _copy_in(path, path.relative_to(source / FILES).as_posix())
            number += 1
    # The database last: a desk that has rows has their files.
    _restore_database(source / DUMP[connection.vendor])
    return number


def key_columns() -> Iterator[tuple[str, str]]:
    """Every table and column in which keys of the storage stand."""
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, models.FileField) or (model, field.name) in PLAIN_KEYS:
                yield str(model._meta.db_table), str(field.column)


def _copy_database(target: Path) -> list[str]:
    """The keys in it."""
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        with closing(sqlite3.connect(target)) as copy:
            connection.connection.backup(copy)
            return sorted(_keys(copy.execute))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SELECT pg_export_snapshot()")
        # Both see the very same moment.
        _postgres("pg_dump", "--format=custom", f"--file={target}", f"--snapshot={cursor.fetchone()[0]}", _name())

        def ask(statement: str) -> Iterable[tuple[Any, ...]]:
            cursor.execute(statement)
            return list(cursor.fetchall())

        return sorted(_keys(ask))


def _keys(ask: Any) -> set[str]:
    found: set[str] = set()
    for table, column in key_columns():
        found.update(row[0] for row in ask(f'SELECT "{column}" FROM "{table}" WHERE "{column}" <> \'\''))  # noqa: S608 - names of ours
    return found


def _restore_database(dump: Path) -> None:
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        with closing(sqlite3.connect(dump)) as copy:
            copy.backup(connection.connection)
    else:
        _postgres("pg_restore", "--exit-on-error", "--no-owner", "--no-privileges", f"--dbname={_name()}", str(dump))


def _name() -> str:
    return str(connection.settings_dict["NAME"])


def _postgres(*command: str) -> None:
    own = connection.settings_dict
    access = {"PGHOST": own["HOST"], "PGPORT": own["PORT"], "PGUSER": own["USER"], "PGPASSWORD": own["PASSWORD"]}
    environment = {**os.environ, **{name: str(value) for name, value in access.items() if value}}
    try:
        subprocess.run(command, env=environment, check=True)  # noqa: S603 - our own words
    except FileNotFoundError:
        raise NotPossible(f"{command[0]} is not installed here (the PostgreSQL client).") from None
    except subprocess.CalledProcessError as error:
        raise NotPossible(f"{command[0]} ended with {error.returncode}.") from None


def _copy_out(key: str, target: Path) -> bool:
    if not target.resolve().is_relative_to(target.parents[len(Path(key).parts) - 1].resolve()):
        raise NotPossible(f"{key!r} leads out of the folder.")
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        with default_storage.open(key, "rb") as file, target.open("wb") as copy:
            shutil.copyfileobj(file, copy, 1024 * 1024)
    except FileNotFoundError:
        target.unlink(missing_ok=True)
        return False
    return True


def _copy_in(path: Path, key: str) -> None:
    if default_storage.exists(key):
        return  # the same name is the same file
    with path.open("rb") as file:
        kept = default_storage.save(key, File(file))
    if kept != key:
        raise NotPossible(f"The storage calls {key} {kept}.")
