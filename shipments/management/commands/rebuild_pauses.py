"""`manage.py rebuild_pauses [--check]`: the pauses once more from the scans; with --check only the proof that they
are what is stored (runs nightly)."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from shipments.rebuilding import count_parts, differences, rebuild_all


class Command(BaseCommand):
    help = "Rebuilds every tracked pause from its scans. With --check nothing is changed; exit 1 if any differs."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="print what differs and change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["check"]:
            self._check()
        else:
            self._rebuild()

    def _check(self) -> None:
        different = 0
        for one in differences(timezone.now()):
            different += 1
            self.stdout.write(json.dumps({"part": one.part_id, "stored": one.stored, "proved": one.proved}))
        if different:
            raise CommandError(f"{different} parts have pauses their scans do not prove.", returncode=1)
        self.stderr.write(f"The pauses of all {count_parts()} parts are what their scans prove.", self.style.SUCCESS)

    def _rebuild(self) -> None:
        total, done, moved = count_parts(), 0, 0
        for parts, clocks in rebuild_all(timezone.now()):
            done, moved = done + parts, moved + clocks
            self.stderr.write(f"{done} of {total} parts rebuilt, {moved} clocks moved …", self.style.NOTICE)
        self.stdout.write(json.dumps({"parts": done, "clocks_moved": moved}))
