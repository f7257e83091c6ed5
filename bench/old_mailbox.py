"""A mailbox with years of old mail in it, read by `manage.py fetch_mail` from a real Dovecot, killed on the way.

    DATABASE_URL=postgres://…/x python -m bench.old_mailbox [--messages 50000] [--kills 3]

Some are requests, most are not, as in a mailbox that was somebody's before it was the desk's. The poller is a process
of its own and dies of signal 9 a few times; the next one goes on. Told are messages a second and the memory of the
poller and the child it reads in; it fails where a message was lost, or stored or made a case of twice. Works in a
database of its own beside the one of DATABASE_URL and removes it afterwards.
"""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.table import Row, tell

ROOT = Path(__file__).resolve().parent.parent
REQUESTS_EVERY = 5
LOOK_SECONDS = 2
MOST_MB = 400  # of the poller and its child together, however many messages lie there


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=50_000)
    parser.add_argument("--kills", type=int, default=3)
    asked = parser.parse_args(arguments)
    folder = Path(tempfile.mkdtemp(prefix="warrantydesk-bench-"))
    os.environ["DATA_DIR"] = str(folder)
    try:
        import bench.django_ready  # noqa: F401 - sets Django up

        return _with_database(asked, folder)
    finally:
        shutil.rmtree(folder)


def _with_database(asked: argparse.Namespace, folder: Path) -> int:
    from django.db import connection

    from warrantydesk.intake.tests.dovecot import Dovecot

    if connection.vendor != "postgresql":
        print("DATABASE_URL must name a PostgreSQL database.", file=sys.stderr)
        return 2
    name, server = connection.settings_dict["NAME"], Dovecot()
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        box = server.account()
        for number in range(asked.messages):
            box.deliver(_message(number), at=time.time() - (asked.messages - number) * 3600)
        return _read_it_all(asked, box, _environment(folder, server, box))
    finally:
        server.stop()
        connection.creation.destroy_test_db(name, verbosity=0)


def _environment(folder: Path, server: Any, box: Any) -> dict[str, str]:
    from django.db import connection

    address, _, _name = os.environ["DATABASE_URL"].rpartition("/")
    return {
        **os.environ,
        "DATABASE_URL": f"{address}/{connection.settings_dict['NAME']}",
        "DATA_DIR": str(folder),
        "IMAP_HOST": "127.0.0.1",
        "IMAP_PORT": str(server.port),
        "IMAP_TLS": "none",
        "IMAP_USER": box.user,
        "IMAP_PASSWORD": box.password,
        "IMAP_LEASE_SECONDS": "5",  # so long the next poller waits for one that was killed
        "LOG_LEVEL": "ERROR",
    }


def _message(number: int) -> bytes:
    subject = "[Warranty Request] hinge broken" if number % REQUESTS_EVERY == 0 else "Your newsletter settings"
    text = f"Hello,\r\n\r\nthis is letter {number} of many, about nothing.\r\n" + "More of it.\r\n" * 60
    return (
        f"From: Ada Kunde <ada@d{number}.example.com>\r\nTo: warranty@positron.example\r\nSubject: {subject}\r\n"
        f"Message-ID: <old-{number}@example.com>\r\nDate: Mon, 3 Mar 2025 10:00:00 +0000\r\n\r\n{text}"
    ).encode()


def _read_it_all(asked: argparse.Namespace, box: Any, environment: dict[str, str]) -> int:
    from warrantydesk.intake.models import IncomingMail

    began, most_mb = time.monotonic(), 0.0
    kill_at = [asked.messages * (one + 1) // (asked.kills + 1) for one in range(asked.kills)]
    while box.counts().get("INBOX"):
        poller = subprocess.Popen(
            [sys.executable, str(ROOT / "manage.py"), "fetch_mail"],
            env=environment, cwd=ROOT, stdout=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        while poller.poll() is None:
            time.sleep(LOOK_SECONDS)
            most_mb = max(most_mb, _megabytes(poller.pid))
            stored = IncomingMail.objects.count()
            print(f"{stored} stored, {most_mb:.0f} MB at most", file=sys.stderr)
            if kill_at and stored >= kill_at[0]:
                kill_at.pop(0)
                os.kill(poller.pid, signal.SIGKILL)
                poller.wait()
                time.sleep(6)  # the lease of the dead one
    return _verdict(asked, box, time.monotonic() - began, most_mb)


def _megabytes(pid: int) -> float:
    """What a process and its children hold, in memory of their own."""
    total = 0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            if pid in (int(folder.name), parent):
                resident, shared = (folder / "statm").read_text().split()[1:3]
                total += int(resident) - int(shared)
        except (OSError, IndexError):
            continue  # it ended meanwhile
    return total * os.sysconf("SC_PAGE_SIZE") / 1024 / 1024


def _verdict(asked: argparse.Namespace, box: Any, seconds: float, most_mb: float) -> int:
    from django.db.models import Count
    from django.utils import timezone

    from cases.models import Case
    from warrantydesk.intake.models import IncomingMail
    from warrantydesk.intake.services import STALE_AFTER, read_waiting

    while read_waiting(timezone.now() + STALE_AFTER * 2):  # what the killed ones had begun
        pass
    kept = IncomingMail.objects.count()
    twice = IncomingMail.objects.values("rfc_message_id").annotate(times=Count("pk")).filter(times__gt=1).count()
    unread, cases = IncomingMail.objects.filter(outcome="").count(), Case.objects.count()
    requests = len(range(0, asked.messages, REQUESTS_EVERY))
    moved = sum(count for folder, count in box.counts().items() if folder != "INBOX")
    is_well = (kept, twice, unread, cases, moved) == (asked.messages, 0, 0, requests, asked.messages)
    rate = asked.messages / seconds
    print(
        f"old mail    {asked.messages:,} messages read from a real server in {seconds:.0f} s ({rate:.0f} a second), "
        f"{asked.kills} pollers killed: {kept:,} stored, {twice} twice, {unread} unread, {cases:,} cases of "
        f"{requests:,} requests, {moved:,} moved; at most {most_mb:.0f} MB"
    )
    tell(
        Row(
            "intake",
            f"a mailbox of old mail, {asked.kills} pollers killed on the way",
            asked.messages,
            f"{rate:.0f} a second",
            asked=f"none lost or doubled, {MOST_MB} MB",
            megabytes=most_mb,
            met=is_well and most_mb <= MOST_MB,
        )
    )
    return 0 if is_well and most_mb <= MOST_MB else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
