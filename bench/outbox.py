"""How many mails a second leave: two workers, a mail server on this machine, and PostgreSQL.

    DATABASE_URL=postgres://…/wd_outbox python -m bench.outbox [--mails 5000] [--workers 2]

Each mail belongs to a case and carries a private link and a reply token, which are minted as it leaves. The workers run
what the sweep runs. Needs a PostgreSQL database of its own.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.memory import peak_megabytes
from bench.table import Row, tell

ROOT = Path(__file__).resolve().parent.parent
LEAST = 200  # a second


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mails", type=int, default=5000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--work", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.work:
        _work()
        return
    with tempfile.TemporaryDirectory(prefix="warrantydesk-bench-") as name:
        _measure(asked, Path(name))


def _measure(asked: argparse.Namespace, folder: Path) -> None:
    os.environ["DATA_DIR"] = str(folder)
    sink = subprocess.Popen([sys.executable, "-m", "bench.sink", name := str(folder)], cwd=ROOT, stdout=subprocess.PIPE)
    try:
        port = sink.stdout.readline().decode().strip()
        os.environ.update(EMAIL_HOST="127.0.0.1", EMAIL_PORT=port, EMAIL_USE_TLS="0", DEBUG="0", SECRET_KEY="bench")
        _write(asked.mails)
        command = [sys.executable, "-m", "bench.outbox", "--work"]
        workers = [
            subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            for _ in range(asked.workers)
        ]
        for worker in workers:
            worker.stdout.readline()  # it is ready
        began = time.monotonic()
        for worker in workers:
            worker.stdin.write(b"go\n")
            worker.stdin.flush()
        said = [worker.communicate()[0].decode().split() for worker in workers]
        took = max(float(ended) for ended, *_ in said) - began
    finally:
        sink.kill()
        sink.wait()
    _report(asked, took, said, (Path(name) / "taken").read_text(encoding="utf-8").splitlines())


def _write(mails: int) -> None:
    from django.core.management import call_command
    from django.utils import timezone

    import bench.django_ready  # noqa: F401 - sets Django up
    from cases.models import Case, OutgoingMail
    from products.models import Customer

    call_command("migrate", verbosity=0)
    now, stamp = timezone.now(), time.time_ns()
    customer = Customer.objects.create(email=f"owner{stamp}@example.com")
    cases = Case.objects.bulk_create(
        Case(
            reference=f"B{stamp % 10**9}-{n}", customer=customer, source="mail", received_at=now, changed_at=now,
            submitted_on=now.date(), submitted_zone="UTC", submitted_zone_found="customer",
        )
        for n in range(mails)
    )  # fmt: skip
    OutgoingMail.objects.bulk_create(
        OutgoingMail(
            key=f"bench:{stamp}:{n}", case=case, kind="acknowledgement", automatic=True, to_address=customer.email,
            subject="Your request", body=f"We have it. {OutgoingMail.LINK_PLACE} {OutgoingMail.TOKEN_PLACE}",
            rfc_message_id=f"<{stamp}.{n}@desk.example>", created_at=now, not_before=now,
        )
        for n, case in enumerate(cases)
    )  # fmt: skip


def _work() -> None:
    from django.db import connection
    from django.utils import timezone

    import bench.django_ready  # noqa: F401 - sets Django up
    from cases.outbox.sending import send_due

    connection.ensure_connection()
    print("ready", flush=True)
    sys.stdin.readline()
    began = time.process_time()
    while send_due(timezone.now()):
        pass
    print(f"{time.monotonic()} {time.process_time() - began:.1f} {peak_megabytes():.0f}")


def _report(asked: argparse.Namespace, took: float, said: list[list[str]], taken: list[str]) -> None:
    from cases.models import OutgoingMail

    sent, once = OutgoingMail.objects.filter(status="sent").count(), len(set(taken))
    whole = sent >= asked.mails == len(taken) == once
    rate = len(taken) / took
    cpu, most = sum(float(one[1]) for one in said), max(float(one[2]) for one in said)
    figure = f"{rate:.0f} a second, {asked.workers} workers, {1000 * cpu / len(taken):.1f} ms of a processor a mail"
    print(f"outbox      {figure}; {len(taken):,} taken, {once:,} different, {sent:,} noted as sent")
    tell(Row("Background", "outbox to a mail server on this machine", asked.mails, figure, None, f"≥ {LEAST} a second",
             megabytes=most, met=whole and rate >= LEAST))  # fmt: skip


if __name__ == "__main__":
    main()
