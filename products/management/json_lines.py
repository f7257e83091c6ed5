"""The frame of every command that answers JSON lines from its standard input (contracts: Commands)."""

import sys
from abc import abstractmethod
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from products.json_lines import Record, answer_lines, read_lines

REPORT_EVERY = 10_000  # lines between two words to a person who is watching


class JsonLinesCommand(BaseCommand):
    """Answers each line as soon as it is read, so that it can also be talked to line by line.

    Exit 0 only if every line was answered, 1 if some were not; the count goes to stderr.
    """

    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--stdin", action="store_true", required=True, help="read JSON lines from the standard input"
        )

    @abstractmethod
    def answer(self, record: Record) -> Record:
        """The answer to one record, without its id. FieldError becomes the record's error line."""

    def handle(self, *args: Any, **options: Any) -> None:
        self.answer_stdin()

    def answer_stdin(self) -> None:
        total = failed = 0
        for answer in answer_lines(read_lines(sys.stdin.buffer), self.answer):
            self.stdout.write(answer.text)
            self.stdout.flush()
            total += 1
            failed += not answer.ok
            if total % REPORT_EVERY == 0:
                self.stderr.write(f"{total} lines read, {failed} refused …", self.style.NOTICE)
        if failed:
            raise CommandError(f"{failed} of {total} lines could not be answered.", returncode=1)
        self.stderr.write(f"{total} lines answered.", self.style.SUCCESS)
