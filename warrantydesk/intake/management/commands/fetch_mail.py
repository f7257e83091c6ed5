"""The mailbox takes the same path as every mail (contracts.md, "Commands")."""

import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import close_old_connections
from django.utils import timezone

from warrantydesk.intake.fetching import Pass, Taken, fetch_pass
from warrantydesk.intake.mailbox import Address, Mailbox, MailboxProblem, configured_mailbox, open_mailbox
from warrantydesk.intake.mailbox_state import is_time, record_failure
from warrantydesk.intake.services import Outcome
from warrantydesk.intake.telling import as_line, not_told, told

USAGE = 2
IDLE_AT_MOST = 9 * 60  # firewalls forget a silent line, and servers end one after half an hour


class Command(BaseCommand):
    help = "One pass over the mailbox of IMAP_HOST: a JSON line a message. With --watch it stays and waits for more."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--watch",
            "--idle",
            action="store_true",
            help="stay: told by the server where it can (IDLE), else looking every IMAP_POLL_SECONDS; Ctrl-C ends it",
        )

    def handle(self, *_args: Any, watch: bool, **_options: Any) -> None:
        address = configured_mailbox()
        if address is None:
            raise CommandError("No mailbox is configured: set IMAP_HOST (docs/settings.md).", returncode=USAGE)
        self.read = self.failed = 0
        if watch:
            self._watch(address)
        done = fetch_pass(address, tell=self._tell)
        self._say(done)
        if done.problem or self.failed:
            raise CommandError(done.problem or f"{self.failed} of {self.read} messages could not be read", returncode=1)

    def _watch(self, address: Address) -> None:
        """For ever. A line that breaks is made again, after the wait that the mailbox's state says."""
        while True:
            close_old_connections()
            if is_time(address.name, timezone.now()):
                try:
                    with open_mailbox(address) as box:
                        self._watch_line(address, box)
                except MailboxProblem as problem:
                    self.stderr.write(str(problem))
                    record_failure(address.name, str(problem), timezone.now())
            time.sleep(min(settings.IMAP_POLL_SECONDS, 5))

    def _watch_line(self, address: Address, box: Mailbox) -> None:
        """Until the line breaks."""
        while True:
            done = fetch_pass(address, tell=self._tell, box=box)
            self._say(done)
            if not done.is_whole and not done.busy:
                return
            close_old_connections()
            try:
                told_of_mail = not done.busy and box.idle(IDLE_AT_MOST)
            except MailboxProblem as problem:
                self.stderr.write(str(problem))  # servers end a quiet line when they like: it is made again
                return
            if not told_of_mail:
                time.sleep(settings.IMAP_POLL_SECONDS)

    def _tell(self, taken: Taken) -> None:
        self.read += 1
        if taken.receipt is None:
            self.failed += 1
            fields = not_told(taken.source, taken.problem or "kept, and not read yet")
        else:
            self.failed += taken.receipt.outcome == Outcome.QUARANTINED
            fields = told(taken.source, taken.receipt)
        self.stdout.write(as_line({**fields, "folder": taken.folder or None}))
        self.stdout.flush()
        if self.read % 100 == 0:
            self.stderr.write(f"{self.read} messages, {self.failed} failed")

    def _say(self, done: Pass) -> None:
        if done.busy:
            self.stderr.write("Another poller is at this mailbox; nothing was done.")
        elif done.problem:
            self.stderr.write(done.problem)
        elif done.taken or not self.read:
            self.stderr.write(f"{done.taken} messages taken, {done.left} left in the inbox")
