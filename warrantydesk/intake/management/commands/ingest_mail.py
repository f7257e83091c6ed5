"""Mail from files takes the same path as mail from the mailbox (contracts.md, "Commands")."""

from argparse import ArgumentParser
from collections.abc import Callable
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.utils import timezone

from cases.evidence.storage import storage_failures
from cases.waking import calling_together
from warrantydesk.intake.ahead import Ahead, beginning_ahead
from warrantydesk.intake.services import Outcome, finish, one_behind
from warrantydesk.intake.sources import Found, messages_in
from warrantydesk.intake.telling import as_line, not_told, told


class Command(BaseCommand):
    help = "Takes in .eml files, mbox files, Maildirs and folders; a JSON line a message, in order. `-` reads one."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("paths", nargs="+", metavar="PATH")

    def handle(self, *_args: Any, paths: list[str], **_options: Any) -> None:
        read = failed = 0
        all_found = (found for path in paths for found in messages_in(path))
        with calling_together(), beginning_ahead() as begin:
            for found, begun in one_behind((found, _begun(found, begin)) for found in all_found):
                read += 1
                failed += not self._take_in(found, begun)
                if read % 100 == 0:
                    self.stderr.write(f"{read} messages, {failed} failed")
        self.stderr.write(f"{read} messages, {failed} failed")
        if failed:
            raise CommandError(f"{failed} of {read} messages could not be read", returncode=1)

    def _take_in(self, found: Found, ahead: Ahead | None) -> bool:
        """Print the line of one message; whether all went well with it."""
        if ahead is None:
            return self._not_taken(found, found.problem)
        try:
            begun = ahead.result()
        except storage_failures(DatabaseError) as error:
            return self._not_taken(found, str(error))  # not lost: a message without a row is still in its file
        try:
            receipt = finish(begun, timezone.now())
        except storage_failures(DatabaseError) as error:
            # Nothing is lost: a row without an outcome is read by the sweep.
            begun.let_go()
            return self._not_taken(found, str(error))
        self.stdout.write(as_line(told(found.source, receipt)))
        return receipt.outcome != Outcome.QUARANTINED

    def _not_taken(self, found: Found, problem: str) -> bool:
        self.stdout.write(as_line(not_told(found.source, problem)))
        return False


def _begun(found: Found, begin: Callable[..., Ahead]) -> Ahead | None:
    """The message on its way to be kept and read; None where there is none."""
    return None if found.problem else begin(found.raw, source=found.source, now=timezone.now())
