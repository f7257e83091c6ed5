"""A real gunicorn on the Procfile's own line, a Redis of its own, and a reader who keeps the line open."""

import contextlib
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.production import not_in_production

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Answer:
    status: int
    seconds: float
    cpu_ms: float
    queries: int
    body: bytes


class Reader:
    """One line to the server, kept open; each session is its cookies."""

    def __init__(self, port: int, cookies: dict[str, str]) -> None:
        self.port, self.cookies = port, cookies
        self.line = http.client.HTTPConnection("127.0.0.1", port, timeout=300)

    def get(self, path: str, session: str, **headers: str) -> Answer:
        sent = {"Accept": "text/html", "Accept-Encoding": "identity", **headers}
        if session:
            sent["Cookie"] = f"sessionid={self.cookies[session]}"
        began = time.perf_counter()
        try:
            answer, body = self._ask(path, sent)
        except (http.client.RemoteDisconnected, ConnectionError):  # the server had closed an idle line
            self.line.close()
            began = time.perf_counter()
            answer, body = self._ask(path, sent)
        took = time.perf_counter() - began
        return Answer(
            answer.status, took, float(answer.getheader("X-Bench-Cpu", "0")),
            int(answer.getheader("X-Bench-Queries", "0")), body,
        )  # fmt: skip

    def _ask(self, path: str, headers: dict[str, str]) -> tuple[http.client.HTTPResponse, bytes]:
        self.line.request("GET", path, headers=headers)
        answer = self.line.getresponse()
        return answer, answer.read()


class Server:
    def __init__(self, process: "subprocess.Popen[bytes]", port: int, folder: Path) -> None:
        self.process, self.port, self.folder = process, port, folder

    @property
    def workers(self) -> list[int]:
        path = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(pid) for pid in path.read_text(encoding="ascii").split()]

    def megabytes(self, what: str = "VmRSS") -> float:
        """Of the largest worker; `VmHWM` for the most it ever had."""
        return max(_kilobytes(pid, what) for pid in self.workers) / 1024

    def said(self) -> str:
        return (self.folder / "web.log").read_text(errors="replace")[-3000:]

    def figures_sql(self) -> list[str]:
        """The statements of the last page that was asked with X-Bench-Sql."""
        return json.loads((self.folder / "sql.json").read_text(encoding="utf-8"))


def _kilobytes(pid: int, what: str) -> int:
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{what}:"))


def environment(folder: Path, database: str, redis: str, port: int) -> dict[str, str]:
    """As in production: DEBUG off, second factors demanded, static files collected, files and mail in `folder`."""
    return {
        "DATABASE_URL": database, "REDIS_URL": redis, "DATA_DIR": str(folder), "STATIC_DIR": str(folder / "static"),
        "DEBUG": "0", "SECRET_KEY": "only for measuring, of a process that listens to this machine alone",
        "SITE_URL": f"http://127.0.0.1:{port}", "WEB_PORT": str(port), "HOST": "127.0.0.1", "WEB_WORKERS": "1",
        "DJANGO_SETTINGS_MODULE": "warrantydesk.settings", "LOG_LEVEL": "WARNING",
        "BENCH_SQL": str(folder / "sql.json"), "BENCH_HIDDEN": not_in_production(),
        "PATH": f"{Path(sys.executable).parent}:{os.environ.get('PATH', '')}",
    }  # fmt: skip


@contextmanager
def serving(folder: Path, port: int) -> Iterator[Server]:
    """The Procfile's web line with the counting application in the place of the plain one; never restarted by count,
    so that memory that grows is seen."""
    procfile = (ROOT / "Procfile").read_text(encoding="utf-8").splitlines()
    line = next(one for one in procfile if one.startswith("web: ")).removeprefix("web: ")
    line = line.replace("warrantydesk.wsgi", "bench.serving") + " --max-requests 0 --max-requests-jitter 0"
    with (folder / "web.log").open("wb") as log:
        process = subprocess.Popen(["bash", "-c", f"exec {line}"], cwd=ROOT, stdout=log, stderr=log)
    try:
        _wait_for(port, process, folder)
        yield Server(process, port, folder)
    finally:
        process.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=30)
        process.kill()


def _wait_for(port: int, process: "subprocess.Popen[bytes]", folder: Path) -> None:
    for _try in range(300):
        if process.poll() is not None:
            break
        with contextlib.suppress(OSError, http.client.HTTPException):
            line = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            line.request("GET", "/healthz")
            if line.getresponse().status == 200:
                return
        time.sleep(0.2)
    sys.exit(f"The web server did not come up: {Server(process, port, folder).said()}")


@contextmanager
def redis_for(folder: Path, given: str) -> Iterator[str]:
    """The Redis that was named, or one of our own that keeps nothing."""
    if given or not shutil.which("redis-server"):
        yield given
        return
    port = free_port()
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    process = subprocess.Popen([*command, "--dir", str(folder)], stdout=subprocess.DEVNULL)
    try:
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        process.terminate()
        process.wait(timeout=30)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
