"""A real Dovecot of the suite's own, and a line to it that can be cut.

Any user may log in with the same password and finds an empty mailbox, so that every test has one to itself. Mail is
delivered as a mail server does it: as a file in the Maildir's `new`, dated by the moment it came.
"""

import contextlib
import getpass
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from warrantydesk.tests.ports import free_port

PASSWORD = "secret-of-the-suite"
PATIENCE = 20
CONFIG = """
base_dir = {folder}/run
state_dir = {folder}/run
log_path = {folder}/log
protocols = imap
listen = 127.0.0.1
ssl = {ssl}
{certificate}
disable_plaintext_auth = no
auth_mechanisms = plain login
auth_failure_delay = 0
mail_max_userip_connections = 100
default_login_user = {login_user}
default_internal_user = {internal_user}
default_internal_group = {internal_group}
first_valid_uid = 1
first_valid_gid = 1
mail_location = maildir:~/Maildir
mail_fsync = never
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/home/%u
}}
namespace inbox {{
  inbox = yes
  prefix = {prefix}
  separator = {separator}
}}
service imap-login {{
  {chroot}
  process_min_avail = 1
  service_count = 0
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
service anvil {{
  {chroot}
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  {chroot}
}}
"""


class Dovecot:
    """A running server. `prefix` is before every folder but INBOX, as some servers want it."""

    def __init__(self, prefix: str = "", separator: str = ".", certificate: Path | None = None) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="wd-dovecot-"))
        self.folder.chmod(0o755)
        (self.folder / "home").mkdir()
        self.port = free_port()
        self.tls_port = free_port() if certificate else 0
        self.uid, self.gid, names = _accounts()
        os.chown(self.folder / "home", self.uid, self.gid)
        config = CONFIG.format(
            folder=self.folder, port=self.port, tls_port=self.tls_port, password=PASSWORD, uid=self.uid,
            gid=self.gid, prefix=prefix, separator=separator, chroot="" if os.geteuid() == 0 else "chroot =",
            ssl="yes" if certificate else "no",
            certificate=f"ssl_cert = <{certificate}\nssl_key = <{certificate}" if certificate else "", **names,
        )  # fmt: skip
        (self.folder / "dovecot.conf").write_text(config, encoding="utf-8")
        self.process = subprocess.Popen(
            ["dovecot", "-F", "-c", str(self.folder / "dovecot.conf")],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        self._wait_until_it_answers()

    def _wait_until_it_answers(self) -> None:
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until and self.process.poll() is None:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=5) as line:
                if line.recv(100).startswith(b"* OK"):
                    return
            time.sleep(0.05)
        self.process.kill()
        said = self.process.communicate()[1].decode("utf-8", "replace")
        log = self.folder / "log"
        raise AssertionError(f"Dovecot does not start: {said}\n{log.read_text() if log.exists() else ''}")

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        assert self.process.stderr is not None
        self.process.stderr.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def account(self) -> "Account":
        return Account(self, f"box-{secrets.token_hex(6)}")


class Account:
    """One user's mailbox, as files."""

    def __init__(self, server: Dovecot, user: str) -> None:
        self.server, self.user, self.password = server, user, PASSWORD
        self.maildir = server.folder / "home" / user / "Maildir"
        for folder in (self.maildir.parent, self.maildir, *(self.maildir / one for one in ("new", "cur", "tmp"))):
            self._own(folder)
        self._delivered = 0

    def _own(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        os.chown(folder, self.server.uid, self.server.gid)

    def deliver(self, raw: bytes, at: float | None = None, flags: str = "") -> None:
        """A mail arrives. `at` is when: it becomes the message's INTERNALDATE."""
        self._delivered += 1
        name = f"{1_700_000_000 + self._delivered}.M{secrets.token_hex(4)}.suite"
        path = self.maildir / "tmp" / name
        path.write_bytes(raw)
        os.chown(path, self.server.uid, self.server.gid)
        if at is not None:
            os.utime(path, (at, at))
        path.rename(self.maildir / (f"cur/{name}:2,{flags}" if flags else f"new/{name}"))

    def forget_uids(self) -> None:
        """The server counts anew: another UIDVALIDITY, other UIDs for the same messages."""
        for path in self.maildir.glob("dovecot*"):
            path.unlink()

    def messages(self, folder: str = "INBOX") -> list[bytes]:
        """The messages lying in a folder, as files say."""
        return [path.read_bytes() for path in self._paths(folder)]

    def counts(self) -> dict[str, int]:
        """How many messages lie in each folder that has any."""
        found = {folder: len(list(self._paths(folder))) for folder in ("INBOX", "Processed", "Held")}
        return {folder: count for folder, count in found.items() if count}

    def _paths(self, folder: str) -> Iterator[Path]:
        place = self.maildir if folder == "INBOX" else self.maildir / f".{folder}"
        for part in ("new", "cur"):
            yield from sorted((place / part).glob("*"))


def _accounts() -> tuple[int, int, dict[str, str]]:
    """Who owns the mail (never root: Dovecot refuses), and who runs the server's parts."""
    if os.geteuid() != 0:
        own, group = getpass.getuser(), str(os.getgid())
        return os.geteuid(), os.getegid(), {"login_user": own, "internal_user": own, "internal_group": group}
    nobody = pwd.getpwnam("nobody")
    return (
        nobody.pw_uid,
        nobody.pw_gid,
        {"login_user": "dovenull", "internal_user": "dovecot", "internal_group": "dovecot"},
    )


def need_dovecot() -> None:
    """Its absence is said out loud, and fails under CI."""
    if shutil.which("dovecot"):
        return
    if os.environ.get("CI"):
        pytest.fail("Dovecot is not installed (Debian: dovecot-imapd): CI allows no such skip.")
    pytest.skip("DOVECOT IS NOT INSTALLED (Debian: dovecot-imapd): the mailbox is not tested.")


class Line:
    """A line to a server that can be cut: after so many bytes from it, at a moment's notice, or made to lie.

    `hide` is taken out of what the server says it can do. `said` is all the client sent.
    """

    def __init__(self, port: int, *, cut_after: int | None = None, hide: tuple[bytes, ...] = ()) -> None:
        self._target, self._left, self._hide = port, cut_after, hide
        self.said = bytearray()
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._server.getsockname()[1])
        self._open: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _address = self._server.accept()
                server = socket.create_connection(("127.0.0.1", self._target))
                self._open += [client, server]
                for a, b, change in ((client, server, self._heard), (server, client, self._answered)):
                    threading.Thread(target=self._carry, args=(a, b, change), daemon=True).start()

    def _carry(self, a: socket.socket, b: socket.socket, change: Callable[[bytes], tuple[bytes, bool]]) -> None:
        with contextlib.suppress(OSError):
            goes_on = True
            while goes_on and (data := a.recv(65536)):
                passed, goes_on = change(data)
                b.sendall(passed)
        for end in (a, b):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def _heard(self, data: bytes) -> tuple[bytes, bool]:
        self.said += data
        return data, True

    def _answered(self, data: bytes) -> tuple[bytes, bool]:
        for capability in self._hide:
            data = data.replace(b" " + capability + b" ", b" X" + capability[1:] + b" ")
        if self._left is None:
            return data, True
        passed, self._left = data[: self._left], self._left - len(data)
        if self._left > 0:
            return passed, True
        self._left = None  # the next connection is whole
        return passed, False

    def cut(self) -> None:
        for end in self._open:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        # A thread waiting in accept() is woken by a shutdown, not by a close.
        with contextlib.suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        self.cut()
        for end in self._open:
            end.close()


@pytest.fixture(scope="session")
def dovecot() -> Iterator[Dovecot]:
    need_dovecot()
    server = Dovecot()
    yield server
    server.stop()


@pytest.fixture
def account(dovecot: Dovecot, settings) -> Account:
    """An empty mailbox, and a desk that reads it."""
    account = dovecot.account()
    read_from(settings, account)
    return account


@pytest.fixture
def line(dovecot: Dovecot, settings) -> Iterator[Callable[..., Line]]:
    """Lay a line that can be cut between the desk and the server."""
    lines: list[Line] = []

    def lay(**behaviour) -> Line:
        lines.append(Line(dovecot.port, **behaviour))
        settings.IMAP_PORT = lines[-1].port
        return lines[-1]

    yield lay
    for one in lines:
        one.close()


def read_from(settings, account: Account) -> None:
    settings.IMAP_HOST, settings.IMAP_PORT, settings.IMAP_TLS = "127.0.0.1", account.server.port, "none"
    settings.IMAP_USER, settings.IMAP_PASSWORD = account.user, PASSWORD
