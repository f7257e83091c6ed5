"""The official mailbox over IMAP: connect, look, fetch the raw bytes, move away. Keeps and decides nothing.

Every way in which the line or the server can fail comes out as `MailboxProblem`, so that whoever calls can tell the
mailbox's troubles from the storage's. No message is parsed here: imap-tools would, with the standard parser, and a
hostile mail can keep that busy for minutes or recurse to its end.
"""

import imaplib
import re
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from django.conf import settings
from imap_tools.errors import ImapToolsError, UnexpectedCommandStatusError
from imap_tools.folder import FolderInfo
from imap_tools.mailbox import BaseMailBox, MailBox, MailBoxStartTls, MailBoxUnencrypted
from imap_tools.utils import encode_folder

PORTS = {"tls": 993, "starttls": 143, "none": 143}
MONTHS = {name: number for number, name in enumerate(b"Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(), 1)}
LOOK = "(UID RFC822.SIZE INTERNALDATE)"
_UID = re.compile(rb"\bUID (\d+)")
_SIZE = re.compile(rb"\bRFC822\.SIZE (\d+)")
_DATE = re.compile(rb'INTERNALDATE "\s?(\d{1,2})-(\w{3})-(\d{4}) (\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)"')
_PERSONAL = re.compile(rb'^\(\("((?:[^"\\]|\\.)*)" (?:"(.)"|NIL)')
_EMPTY_BODY = re.compile(rb'BODY\[\](?:<0>)? (?:""|NIL)')


class MailboxProblem(Exception):
    """The mailbox cannot be used now. Says in a sentence why; another connection may go better."""


class MessageProblem(Exception):
    """The server will not give, or move, this one message; the others are not concerned."""


@dataclass(frozen=True)
class Address:
    """Where the mailbox is, from the settings."""

    host: str
    port: int
    tls: str
    user: str
    password: str
    folder: str
    timeout: int

    @property
    def name(self) -> str:
        """How the desk calls it. Without the password, and the same for every poller."""
        return f"{self.user}@{self.host}/{self.folder}"[:250]


def configured_mailbox() -> Address | None:
    """The mailbox of the settings; None where there is none, and nothing is polled."""
    if not settings.IMAP_HOST:
        return None
    return Address(
        host=settings.IMAP_HOST,
        port=settings.IMAP_PORT or PORTS[settings.IMAP_TLS],
        tls=settings.IMAP_TLS,
        user=settings.IMAP_USER,
        password=settings.IMAP_PASSWORD,
        folder=settings.IMAP_FOLDER,
        timeout=settings.IMAP_TIMEOUT,
    )


@dataclass(frozen=True)
class Waiting:
    """A message in the inbox, before it is fetched. `received_at` is None where the server gives no day that exists."""

    uid: int
    size: int
    received_at: datetime | None


class Mailbox:
    """An open, logged-in mailbox. One connection, one thread."""

    def __init__(self, box: BaseMailBox, folder: str) -> None:
        self._box = box
        self._folder = folder
        self._to_expunge: set[int] = set()
        self.uidvalidity: int | None = None

    def count(self) -> int:
        """Open the inbox afresh: how many messages are in it now. Message numbers given before are void."""
        with _said_plainly():
            _type, data = self._box.folder.set(self._folder)
            validity = self._box.client.response("UIDVALIDITY")[1][0]
        self.uidvalidity = int(validity) if validity else None
        return int(data[0] or 0)

    def look(self, first: int, last: int) -> list[Waiting]:
        """What the messages number `first` to `last` are, without fetching one. Counted from 1, as of `count`."""
        with _said_plainly():
            _status, data = self._box.client.fetch(f"{first}:{last}", LOOK)
        return _all_waiting(data)

    def look_at(self, uid: int) -> Waiting | None:
        """What this one message is; None where it is gone."""
        with _said_plainly():
            _status, data = self._box.client.uid("FETCH", str(uid), LOOK)
        return next(iter(_all_waiting(data)), None)

    def fetch(self, waiting: Waiting, most: int | None = None) -> bytes | None:
        """The raw bytes, `most` of them where that is given, without marking it as seen; None where it is gone."""
        part = "BODY.PEEK[]" if most is None else f"BODY.PEEK[]<0.{most}>"
        with _said_plainly():
            status, data = self._box.client.uid("FETCH", str(waiting.uid), f"({part})")
        if status != "OK":
            raise MessageProblem(f"the server does not give the message: {_text(data)}")
        for answer in data:
            raw = _body(answer)
            if raw is None:
                continue
            if waiting.size and not raw:
                raise MessageProblem(f"the server gives nothing of a message of {waiting.size} bytes")
            return raw
        return None

    def move(self, uids: Sequence[int], folder: str) -> None:
        """Out of the inbox into `folder`. A message that is gone already has been moved by somebody."""
        target, these = encode_folder(folder), ",".join(map(str, uids))
        if self._offers("MOVE"):
            self._must("MOVE", these, target)
            return
        # Without MOVE: the copy first, so that there is no moment without one.
        self._must("COPY", these, target)
        self._must("STORE", these, "+FLAGS.SILENT", r"(\Deleted)")
        if self._offers("UIDPLUS"):
            self._must("EXPUNGE", these)
        else:
            self._to_expunge.update(uids)

    def tidy(self) -> None:
        """Where the server can only expunge everything marked as deleted: do so, if all of that was moved by us.

        Somebody else may have marked a message that was never fetched. It is fetched first, in this pass or the next.
        """
        if not self._to_expunge:
            return
        with _said_plainly():
            _status, data = self._box.client.uid("SEARCH", "DELETED")
            marked = {int(uid) for uid in (data[0] or b"").split()}
            if marked <= self._to_expunge:
                self._box.client.expunge()
                self._to_expunge.clear()

    def find_folder(self, wanted: str) -> str:
        """The full name of one of our folders on this server, created where it is absent. `/` divides levels."""
        with _said_plainly():
            prefix, delimiter = self._namespace()
            name = wanted.replace("/", delimiter) if delimiter else wanted
            if not name.startswith(prefix):
                name = prefix + name
            if not self._exists(name):
                self._create(name)
        return name

    def idle(self, seconds: float) -> bool:
        """Wait up to `seconds` for something to happen; whether the server can tell. Returns at once if it cannot."""
        if not self._offers("IDLE"):
            return False
        with _said_plainly():
            self._box.idle.wait(timeout=seconds)
        return True

    def close(self) -> None:
        """Leave. The server may be gone already: that changes nothing any more."""
        try:
            self._box.client.logout()
        except (imaplib.IMAP4.error, OSError, ValueError):
            self._box.client.shutdown()

    def _offers(self, capability: str) -> bool:
        return capability in self._box.client.capabilities

    def _must(self, command: str, *arguments: str | bytes) -> None:
        with _said_plainly():
            status, data = self._box.client.uid(command, *arguments)  # type: ignore[arg-type]
        if status != "OK":
            raise MessageProblem(f"the server does not move the message ({command}): {_text(data)}")

    def _namespace(self) -> tuple[str, str]:
        """Before what our folders' names stand ("INBOX." on some servers), and what divides their levels."""
        if self._offers("NAMESPACE"):
            _status, data = self._box.client.namespace()
            personal = _PERSONAL.match(data[-1] or b"")
            if personal:
                return personal[1].decode("ascii", "replace"), (personal[2] or b"").decode("ascii", "replace")
        root: list[FolderInfo] = self._box.folder.list("", "")
        delimiter = root[0].delim if root else "/"
        return "", "" if delimiter.upper() == "NIL" else delimiter

    def _exists(self, name: str) -> bool:
        return any(found.name == name for found in self._box.folder.list("", name))

    def _create(self, name: str) -> None:
        try:
            self._box.folder.create(name)
        except UnexpectedCommandStatusError:
            if not self._exists(name):  # another poller may have been quicker
                raise
        # So that people see it in their mail program; a server without subscriptions is as good.
        self._box.client.subscribe(encode_folder(name))  # type: ignore[arg-type]


@contextmanager
def open_mailbox(address: Address) -> Iterator[Mailbox]:
    """Connect and log in. MailboxProblem says which of the two failed."""
    where = f"{address.host}:{address.port}"
    with _said_plainly(f"{where} cannot be reached"):
        box = _connect(address)
    mailbox = Mailbox(box, address.folder)
    try:
        with _said_plainly(f"{where} does not let {address.user or 'nobody'} in"):
            _log_in(box, address)
        yield mailbox
    finally:
        mailbox.close()


def _connect(address: Address) -> BaseMailBox:
    where = {"host": address.host, "port": address.port, "timeout": address.timeout}
    if address.tls == "tls":
        return MailBox(**where, ssl_context=ssl.create_default_context())
    if address.tls == "starttls":
        return MailBoxStartTls(**where, ssl_context=ssl.create_default_context())
    return MailBoxUnencrypted(**where)


def _log_in(box: BaseMailBox, address: Address) -> None:
    client = box.client
    if "AUTH=PLAIN" in client.capabilities:
        box.login_utf8(address.user, address.password, initial_folder=None)
    else:
        box.login(address.user, address.password, initial_folder=None)
    # Most servers say what they can do (MOVE, IDLE) only to those they know.
    _type, data = client.capability()
    client.capabilities = tuple(_text(data).upper().split())


@contextmanager
def _said_plainly(what: str = "") -> Iterator[None]:
    try:
        yield
    except ssl.SSLCertVerificationError as error:
        raise MailboxProblem(_sentence(what, f"its certificate is not trusted ({error.verify_message})")) from error
    except TimeoutError as error:
        raise MailboxProblem(_sentence(what, "the server fell silent")) from error
    except (OSError, imaplib.IMAP4.error, ImapToolsError, ValueError) as error:
        # ValueError: numbers that are none in an answer, or a name that cannot be said in ASCII.
        raise MailboxProblem(_sentence(what, _why(error))) from error


def _sentence(what: str, why: str) -> str:
    return f"{what}: {why}"[:480] if what else why[:480]


def _why(error: Exception) -> str:
    if isinstance(error, UnexpectedCommandStatusError):
        return _text(error.command_result[1])
    if isinstance(error, imaplib.IMAP4.abort):
        return f"the line broke ({error})"
    if isinstance(error, OSError):
        return error.strerror or str(error)
    return str(error).removeprefix("b'").removesuffix("'")


def _text(data: list[bytes | None]) -> str:
    return b" ".join(line for line in data if isinstance(line, bytes)).decode("utf-8", "replace")


def _all_waiting(data: Sequence[object]) -> list[Waiting]:
    return [waiting for line in data if isinstance(line, bytes) and (waiting := _waiting(line))]


def _waiting(line: bytes) -> Waiting | None:
    uid, size = _UID.search(line), _SIZE.search(line)
    if uid is None or size is None:
        return None  # flags somebody changed meanwhile: no answer to what was asked
    return Waiting(int(uid[1]), int(size[1]), internal_date(line))


def _body(answer: tuple[bytes, bytes] | bytes | None) -> bytes | None:
    if isinstance(answer, tuple):
        return answer[1]
    return b"" if answer and _EMPTY_BODY.search(answer) else None


def internal_date(line: bytes) -> datetime | None:
    """The instant of an INTERNALDATE in an answer of the server; None where there is none, or no such day."""
    found = _DATE.search(line)
    if found is None:
        return None
    day, month, year, hour, minute, second = found[1], found[2].title(), *found.groups()[2:6]
    offset = timedelta(hours=int(found[8]), minutes=int(found[9]))
    zone = timezone(-offset if found[7] == b"-" else offset) if offset < timedelta(hours=24) else UTC
    try:
        local = datetime(int(year), MONTHS.get(month, 0), int(day), int(hour), int(minute), int(second), tzinfo=zone)
        return local.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
