"""A PostgreSQL and a Redis of the tests' own, which may be stopped under everybody's feet, and a mail server."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connection

from warrantydesk.tests.ports import free_port
from warrantydesk.tests.processes import wait_for

BINARIES = max(Path("/usr/lib/postgresql").glob("*/bin"), default=None)


def missing() -> str:
    """What this machine lacks for these tests; empty where it has all."""
    lacks = [] if BINARIES else ["PostgreSQL's server"]
    return ", ".join(lacks + ([] if shutil.which("redis-server") else ["redis-server"]))


def answers(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


class Postgres:
    """A cluster in a folder of its own, with the schema in its database `desk`."""

    def __init__(self) -> None:
        # Not below pytest's own folder, which nobody else may enter: PostgreSQL refuses to run as root.
        folder = self.folder = Path(tempfile.mkdtemp(prefix="warrantydesk-faults-"))
        self.port = free_port()
        if os.getuid() == 0:
            shutil.chown(folder, "postgres")
        self._run("initdb", "-U", "postgres", "-A", "trust", "--no-sync")
        with (folder / "data/postgresql.conf").open("a", encoding="utf-8") as conf:
            conf.write(
                f"port={self.port}\nunix_socket_directories='{folder}'\nlisten_addresses='127.0.0.1'\n"
                "fsync=off\nmax_connections=60\nshared_buffers=32MB\ntimezone='UTC'\n"
            )
        self.start()
        self.sql("CREATE DATABASE desk", database="postgres")

    @property
    def url(self) -> str:
        return self.url_by(self.port)

    def url_by(self, port: int) -> str:
        return f"postgres://postgres@127.0.0.1:{port}/desk"

    def start(self) -> None:
        self._run("pg_ctl", "start", "-w", "-l", f"{self.folder}/log")

    def stop(self, how: str = "immediate") -> None:
        self._run("pg_ctl", "stop", "-m", how)

    def copy_of_the_test_database(self) -> bool:
        """Schema and reference data as the suite's own database has them; False where that is no PostgreSQL."""
        if connection.vendor != "postgresql":
            return False
        own = connection.settings_dict
        source = ["-h", own["HOST"], "-p", str(own["PORT"] or 5432), *(["-U", own["USER"]] if own["USER"] else [])]
        target = [
            "-q",
            "-v",
            "ON_ERROR_STOP=1",
            "-h",
            "127.0.0.1",
            "-p",
            str(self.port),
            "-U",
            "postgres",
            "-d",
            "desk",
        ]
        environment = {**os.environ, "PGPASSWORD": own["PASSWORD"]}
        dump = subprocess.run(
            [BINARIES / "pg_dump", *source, "--no-owner", "--no-privileges", own["NAME"]],
            env=environment, capture_output=True, check=True,
        )  # fmt: skip
        subprocess.run([BINARIES / "psql", *target], input=dump.stdout, stdout=subprocess.DEVNULL, check=True)
        return True

    def sql(self, statement: str, *, database: str = "desk") -> list[tuple]:
        import psycopg

        with psycopg.connect(self.url.replace("/desk", f"/{database}"), autocommit=True) as line:
            cursor = line.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(BINARIES / program), "-D", str(self.folder / "data"), *arguments]
        as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.getuid() == 0 else []
        subprocess.run([*as_user, *command], cwd="/", stdout=subprocess.DEVNULL, check=True)


class Redis:
    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.start()

    def start(self) -> None:
        command = ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        self.process = subprocess.Popen([*command, "--dir", str(self.folder)], stdout=subprocess.DEVNULL)
        wait_for("Redis listens", lambda: answers(self.port))

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def flush(self) -> None:
        subprocess.run(["redis-cli", "-p", str(self.port), "flushall"], stdout=subprocess.DEVNULL, check=True)


class MailServer:
    """bench.sink: what it took stands in a file before it says so."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        command = [sys.executable, "-m", "bench.sink", str(folder)]
        self.process = subprocess.Popen(command, cwd=settings.BASE_DIR, stdout=subprocess.PIPE)
        assert self.process.stdout is not None
        self.port = int(self.process.stdout.readline())

    def behave(self, how: str) -> None:
        (self.folder / "behaviour").write_text(how, encoding="ascii")

    def taken(self) -> list[str]:
        """The Message-IDs, in order."""
        lines = (self.folder / "taken").read_text(encoding="utf-8").splitlines()
        return [line.split()[0] for line in lines]

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()


@contextmanager
def servers(folder: Path) -> Iterator[tuple[Postgres, Redis, MailServer]]:
    (folder / "sink").mkdir()
    postgres, redis, mails = Postgres(), Redis(folder), MailServer(folder / "sink")
    try:
        yield postgres, redis, mails
    finally:
        mails.end()
        redis.kill()
        postgres.stop()
        shutil.rmtree(postgres.folder)
