"""`manage.py track_number --stdin`: whose numbers these may be, and what is wrong with them (contracts: Commands)."""

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from shipments.carriers.registry import identify
from shipments.numbers import LONGEST_WRITTEN, Recognised

REPORT_EVERY = 10_000


class Command(BaseCommand):
    help = "Recognises tracking numbers: one a line in, one JSON line out each."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--stdin", action="store_true", required=True, help="read numbers from the standard input")

    def handle(self, *args: Any, **options: Any) -> None:
        total = 0
        # One line at a time and none longer than a number can be: a line is answered as soon as it is read.
        while line := sys.stdin.buffer.readline(LONGEST_WRITTEN * 4):
            written = line.decode(errors="replace").rstrip("\r\n").removeprefix("\ufeff")
            self.stdout.write(json.dumps(_told(written, identify(written)), separators=(",", ":")))
            self.stdout.flush()
            total += 1
            if total % REPORT_EVERY == 0:
                self.stderr.write(f"{total} numbers read …", self.style.NOTICE)
        self.stderr.write(f"{total} numbers answered.", self.style.SUCCESS)


def _told(written: str, found: Recognised) -> dict[str, Any]:
    told: dict[str, Any] = {
        "number": written,
        "normalised": found.normalised,
        "valid": found.valid,
        "candidates": [{"carrier": c.carrier, "service": c.service, "check": c.check} for c in found.candidates],
    }
    return told if found.valid else {**told, "problem": found.problem, "problem_code": found.problem_code}
