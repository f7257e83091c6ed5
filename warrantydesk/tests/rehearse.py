"""`make rehearse`: a small desk is backed up, lost, and brought back; check_integrity proves what came back.

On SQLite, or with DATABASE_URL on that PostgreSQL, in databases of its own.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent.parent
COUNT = (
    "from cases.models import *; print(Case.objects.count(), Evidence.objects.count(), OutgoingMail.objects.count())"
)


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="warrantydesk-rehearsal-") as name:
        folder, server = Path(name), os.environ.get("DATABASE_URL", "")
        desks = []
        for one in ("before", "after"):
            (folder / one).mkdir()
            desks.append({**os.environ, "DATA_DIR": str(folder / one), "REDIS_URL": ""})
            if server:
                address = urlsplit(server)._replace(path=f"/rehearsal_{os.getpid()}_{one}").geturl()
                desks[-1]["DATABASE_URL"] = address
                _sql(server, f'CREATE DATABASE "{urlsplit(address).path[1:]}"')
        try:
            return _rehearse(folder / "backup", *desks)
        finally:
            for desk in desks if server else []:
                _sql(server, f'DROP DATABASE "{urlsplit(desk["DATABASE_URL"]).path[1:]}" WITH (FORCE)')


def _rehearse(backup: Path, before: dict[str, str], after: dict[str, str]) -> int:
    _manage(before, "migrate", "--verbosity", "0")
    _manage(before, "demo", "--size", "5")
    _manage(before, "backup", str(backup))
    _manage(after, "restore", str(backup))
    _manage(after, "migrate", "--verbosity", "0")
    _manage(after, "check_integrity")
    _manage(after, "check_clocks")
    there, back = (_manage(desk, "shell", "--verbosity", "0", "-c", COUNT).split()[-3:] for desk in (before, after))
    note = json.loads((backup / "backup.json").read_text(encoding="utf-8"))
    said = f"cases, files, mails: {there} before, {back} after; files in the copy: {note['files']}"
    sys.stdout.write(f"{said}, missing: {note['missing']}\n")
    return 0 if there == back and not note["missing"] else 1


def _manage(desk: dict[str, str], *arguments: str) -> str:
    sys.stdout.write(f"== manage.py {' '.join(arguments[:1])}\n")
    sys.stdout.flush()
    done = subprocess.run([sys.executable, "manage.py", *arguments], cwd=ROOT, env=desk, text=True,
                          stdout=subprocess.PIPE, check=False)  # fmt: skip
    if done.returncode:
        sys.exit(f"{arguments[0]} ended with {done.returncode}: {done.stdout[-2000:]}")
    return done.stdout


def _sql(server: str, statement: str) -> None:
    import psycopg

    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(statement)


if __name__ == "__main__":
    sys.exit(main())
