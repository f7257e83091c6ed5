"""Mail from files takes the same path as mail from the mailbox (contracts.md, "Commands")."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.utils import timezone

from cases.evidence.storage import storage_failures
from cases.waking import calling_together
from warrantydesk.intake.services import Begun, Outcome, begin, finish, one_behind
from warrantydesk.intake.sources import Found, messages_in
from warrantydesk.intake.telling import as_line, not_told, told


class Command(BaseCommand):
    help = "Takes in .eml files, mbox files, Maildirs and folders; a JSON line a message, in order. `-` reads one."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("paths", nargs="+", metavar="PATH")

    def handle(self, *_args: Any, paths: list[str], **_options: Any) -> None:
        read = failed = 0
        all_found = (found for path in paths for found in messages_in(path))
        with calling_together():
            for found, begun in one_behind((found, _begun(found)) for found in all_found):
                read += 1
                failed += not self._take_in(found, begun)
                if read % 100 == 0:
                    self.stderr.write(f"{read} messages, {failed} failed")
        self.stderr.write(f"{read} messages, {failed} failed")
        if failed:
            raise CommandError(f"{failed} of {read} messages could not be read", returncode=1)

    def _take_in(self, found: Found, begun: Begun | str) -> bool:
        """Print the line of one message; whether all went well with it."""
        if isinstance(begun, str):
            self.stdout.write(as_line(not_told(found.source, begun)))
            return False
        try:
            receipt = finish(begun, timezone.now())
        except storage_failures(DatabaseError) as error:
            # Nothing is lost: a row without an outcome is read by the sweep.
            begun.let_go()
            self.stdout.write(as_line(not_told(found.source, str(error))))
            return False
        self.stdout.write(as_line(told(found.source, receipt)))
        return receipt.outcome != Outcome.QUARANTINED


def _begun(found: Found) -> Begun | str:
    """The message, kept and being read; or what went wrong with it."""
    if found.problem:
        return found.problem
    try:
        return begin(found.raw, source=found.source, now=timezone.now())
    except storage_failures(DatabaseError) as error:
        # Nor here: a message without a row is still in its file.
        return str(error)
