"""Pollers to be killed: a process that has everything loaded, and forks one `manage.py fetch_mail` after the other.

    python -m warrantydesk.intake.tests.poller DATABASE

A JSON line on stdin asks, a JSON line on stdout answers:

    {"fetch": {"lines": 2, "seconds": 0.01}}   → {"killed": true}    with signal 9, so long after its second line
    {"fetch": null}                            → {"killed": false, "code": 0}     to its end
    {"sweep": true}                            → {"code": 0}         what the beat's sweep does
"""

import json
import os
import select
import signal
import sys
import time


def main(database: str) -> None:
    import django
    from django.conf import settings
    from django.db import connections

    django.setup()
    connections["default"].settings_dict["NAME"] = database
    settings.IMAP_LEASE_SECONDS = 0  # a killed poller must not keep the next one waiting; nothing else depends on it
    # Loaded before the fork, so that a child is at its mailbox within milliseconds.
    from warrantydesk.intake.management.commands import fetch_mail

    for line in sys.stdin:
        asked = json.loads(line)
        done = _sweep() if "sweep" in asked else _fetch(fetch_mail.Command, asked["fetch"])
        sys.stdout.write(json.dumps(done) + "\n")
        sys.stdout.flush()


def _sweep() -> dict:
    from django.utils import timezone

    from warrantydesk.intake.services import read_waiting

    pid = os.fork()
    if pid == 0:
        read_waiting(timezone.now())
        os._exit(0)
    return {"code": os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])}


def _fetch(command: type, kill: dict | None) -> dict:
    ours, theirs = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(ours)
        _become_poller(command, theirs)
    os.close(theirs)
    with os.fdopen(ours, "rb", buffering=0) as told:
        if kill is not None:
            _wait_for_lines(told, kill["lines"])
            time.sleep(kill["seconds"])
            os.kill(pid, signal.SIGKILL)
        while told.read(65536):
            pass  # a full pipe would hold the poller up
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    return {"killed": code == -signal.SIGKILL, "code": code}


def _become_poller(command: type, stdout: int) -> None:
    from django.core.management import call_command
    from django.core.management.base import CommandError

    code = 0
    try:
        with os.fdopen(stdout, "w") as out:
            call_command(command(stdout=out))
    except CommandError as error:
        code = error.returncode
        sys.stderr.write(f"{error}\n")
    except BaseException as error:
        code = 70
        sys.stderr.write(f"{error!r}\n")
    os._exit(code)


def _wait_for_lines(told, lines: int) -> None:
    """Until the poller has told of so many messages, or is done."""
    while lines > 0:
        select.select([told], [], [])
        data = told.read(65536)
        if not data:
            return
        lines -= data.count(b"\n")


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "warrantydesk.settings")
    main(sys.argv[1])
