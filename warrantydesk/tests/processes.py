"""A whole desk in real processes, started by the Procfile's own lines, and a person with a browser's manners.

Used by the story: nothing is mocked, nothing is called in the test's own process. On SQLite and files, or on the
PostgreSQL and Redis of DATABASE_URL and REDIS_URL, in a database of its own.
"""

import fcntl
import http.cookiejar
import itertools
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from django.conf import settings

from warrantydesk.tests.line_by_line import LineByLine
from warrantydesk.tests.migrated import copy_migrated
from warrantydesk.tests.ports import free_port

PROCFILE = dict(
    line.split(": ", 1) for line in (settings.BASE_DIR / "Procfile").read_text(encoding="utf-8").splitlines()
)
# Seconds until something that has to happen is given up: a machine that is shared with others is slow, not wrong.
PATIENCE = int(os.environ.get("FAULTS_PATIENCE", "90"))

CALLED = """
import io
from django.core.management import call_command
out = io.StringIO()
call_command(*{arguments!r}, stdout=out)
answer = out.getvalue()
"""


def wait_for(what: str, look: Callable[[], Any], seconds: float = PATIENCE) -> Any:
    """What `look` returns as soon as it is true. The pause between two looks is not a guess at how long it takes."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        found = look()
        if found:
            return found
        time.sleep(0.2)
    raise AssertionError(f"not within {seconds} seconds: {what}")


class Desk:
    """The processes of one desk, with its own folder, port and database."""

    def __init__(self, folder: Path, database: str, redis: str) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        inherited = ("HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH")
        self.environment = {
            **{name: os.environ[name] for name in inherited if name in os.environ},
            "PATH": f"{Path(sys.executable).parent}:{os.environ.get('PATH', '')}",
            "DATA_DIR": str(folder),
            "WEB_PORT": str(self.port),
            "SITE_URL": self.url,
            "UNDO_SECONDS": "2",
            "SWEEP_SECONDS": "1",
            "CLAIM_SECONDS": "5",
            "WORKER_CONCURRENCY": "2",
            **({"DATABASE_URL": database} if database else {}),
            **({"REDIS_URL": redis} if redis else {}),
        }
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self._asked: LineByLine | None = None

    def manage(self, *arguments: str, stdin: str = "") -> str:
        """The standard output of a management command; AssertionError with its errors where it fails."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=settings.BASE_DIR,
            env=self.environment,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert done.returncode == 0, f"{arguments}: {done.stderr[-3000:]}"
        return done.stdout

    def ask(self, code: str) -> Any:
        """Run Python on the desk's database; `code` leaves its answer in `answer`."""
        if self._asked is None:
            environment, log = self.environment, self.folder / "asked.log"
            self._asked = LineByLine("warrantydesk.tests.answering", environment=environment, log=log)
        told = self._asked.ask(code)
        assert "error" not in told, told["error"]
        return told["answer"]

    def call(self, *arguments: str) -> str:
        """The standard output of a command, called in the process that answers; AssertionError where it fails."""
        return str(self.ask(CALLED.format(arguments=arguments)))

    def start(self, name: str, *, again: str = "", most_kilobytes: int = 0) -> None:
        """A line of the Procfile; `again` names one more of a kind. `most_kilobytes`: no file may grow larger."""
        called = f"{name} {again}".strip()
        log = (self.folder / f"{called}.log").open("ab")
        # A write beyond the limit fails as it does on a full disk; the signal that comes first is not for us.
        narrow = f"trap '' XFSZ; ulimit -f {most_kilobytes}; " if most_kilobytes else ""
        own = {"DATA_DIR": str(self.folder / again)} if again else {}
        (self.folder / again).mkdir(exist_ok=True)
        self.processes[called] = subprocess.Popen(
            ["bash", "-c", f"{narrow}exec {PROCFILE[name]}"],
            cwd=settings.BASE_DIR,
            env=self.environment | own,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        log.close()

    def kill(self, name: str, how: signal.Signals = signal.SIGKILL) -> None:
        """End a process and all its children, by the group that we started."""
        process = self.processes.pop(name)
        os.killpg(process.pid, how)
        process.wait(timeout=30)

    def stop(self) -> None:
        for name in list(self.processes):
            self.kill(name, signal.SIGKILL)
        if self._asked is not None:
            self._asked.end()

    def log_of(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text(errors="replace")

    def logs(self) -> str:
        return "\n".join(
            f"--- {path.name}\n{path.read_text(errors='replace')[-4000:]}" for path in sorted(self.folder.glob("*.log"))
        )

    def is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/readyz?format=json", timeout=5) as answer:
                return answer.status == 200
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False

    def mails(self) -> list[EmailMessage]:
        """Every mail that left, oldest first."""
        paths = sorted((self.folder / "outbox").glob("*.eml"), key=lambda path: path.stat().st_mtime_ns)
        return [message_from_bytes(path.read_bytes(), policy=policy.default) for path in paths]


class Person:
    """Somebody with a browser: keeps cookies, reads a page, fills in a form that really is on it."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
        self.at = ""
        self.page = ""

    def open(self, path: str) -> str:
        return self._answer(urllib.request.Request(urllib.parse.urljoin(self.desk.url, path)))

    def submit(self, action: str, **fields: str) -> str:
        """Send the form of the present page whose address ends with `action`, with what is typed into it."""
        form = self._form(action)
        data = {**_hidden_fields(form), **fields}
        address = urllib.parse.urljoin(self.at, _attribute(form, "action") or self.at)
        request = urllib.request.Request(
            address, data=urllib.parse.urlencode(data).encode(), headers={"Referer": self.at}
        )
        return self._answer(request)

    def _form(self, action: str) -> str:
        forms = re.findall(r"<form\b.*?</form>", self.page, re.DOTALL)
        for form in forms:
            goes_to = urllib.parse.urlsplit(_attribute(form, "action") or self.at).path
            if goes_to.endswith(action) and 'method="post"' in form.lower():
                return form
        raise AssertionError(f"no form {action!r} on {self.at}: {[_attribute(form, 'action') for form in forms]}")

    def _answer(self, request: urllib.request.Request) -> str:
        try:
            with self.browser.open(request, timeout=30) as answer:
                self.at, self.page = answer.url, answer.read().decode("utf-8")
        except urllib.error.HTTPError as error:
            raise AssertionError(
                f"{error.code} at {request.full_url}: {error.read().decode('utf-8', 'replace')[:3000]}"
            ) from error
        return self.page


@contextmanager
def running_desk(folder: Path) -> Iterator[Desk]:
    """A desk with web, worker and beat alive; everything ended afterwards, the database dropped."""
    with _database(folder) as (database, redis):
        desk = Desk(folder, database, redis)
        if not database:
            copy_migrated(folder / "desk.sqlite3")
        try:
            desk.manage("migrate", "--verbosity", "0")
            for name in ("web", "worker", "beat"):
                desk.start(name)
            wait_for("web, worker and beat alive", desk.is_ready)
            yield desk
        except AssertionError as error:
            error.add_note(desk.logs())
            raise
        finally:
            desk.stop()


@contextmanager
def _database(folder: Path) -> Iterator[tuple[str, str]]:
    """The address of a fresh database and of a Redis of our own number; empty ones mean the embedded stack."""
    if not os.environ.get("DATABASE_URL"):
        yield "", ""
        return
    import psycopg
    import redis

    server = os.environ["DATABASE_URL"]
    name = f"story_{os.getpid()}_{folder.name[-12:]}".lower().replace("-", "_")
    own = urllib.parse.urlsplit(server)._replace(path=f"/{name}").geturl()
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    try:
        with _redis_number(os.environ["REDIS_URL"]) as broker, redis.Redis.from_url(broker) as client:
            client.flushdb()
            yield own, broker
            client.flushdb()
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@contextmanager
def _redis_number(server: str) -> Iterator[str]:
    """The address of a number from 10 to 15 that no other desk has, whoever runs the suite beside us."""
    address = urllib.parse.urlsplit(server)
    for number in itertools.cycle(range(10, 16)):
        taken = Path(tempfile.gettempdir()) / f"warrantydesk-redis-{address.port or 6379}-{number}"
        with taken.open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                time.sleep(0.1)
                continue
            yield address._replace(path=f"/{number}").geturl()
            return


def _attribute(tag: str, name: str) -> str:
    found = re.search(rf'<form\b[^>]*\b{name}="([^"]*)"', tag)
    return found[1].replace("&amp;", "&") if found else ""


def _hidden_fields(form: str) -> dict[str, str]:
    fields = {}
    for tag in re.findall(r"<input\b[^>]*>", form):
        if 'type="hidden"' in tag:
            name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
            if name:
                fields[name[1]] = value[1] if value else ""
    return fields
