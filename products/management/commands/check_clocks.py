"""`manage.py check_clocks [--fix] [--processes N]`: stored clocks against recomputed ones (contracts: Commands)."""

import json
from collections.abc import Sequence
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from products.clock_check import Difference, count_parts, differing_clocks, fitting_processes
from products.management.progress import Progress
from products.models import CoveredPart
from products.services import recompute


class Command(BaseCommand):
    help = (
        "Recomputes the clock of every part and prints each one whose row says something else, as a JSON line. "
        "Exit 1 if there was any."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--fix", action="store_true", help="store what was recomputed, with a row of history")
        parser.add_argument(
            "--processes",
            type=int,
            metavar="N",
            help="share the parts out among so many processes (default: as fits)",
        )

    def handle(self, *args: Any, fix: bool, processes: int | None, **options: Any) -> None:
        if processes is not None and processes < 1:
            raise CommandError("--processes: at least one is needed.", returncode=2)
        found = fixed = 0
        parts = count_parts()
        progress = Progress(self.stderr, parts, "parts looked at")
        for chunk in differing_clocks(processes or fitting_processes(parts)):
            repaired = self._fix(chunk.differences) if fix else set()
            self._print(chunk.differences, repaired)
            found += len(chunk.differences)
            fixed += len(repaired)
            progress.add(chunk.size)
        progress.end()
        if found:
            raise CommandError(f"{found} of {progress.done} clocks differ, {fixed} repaired.", returncode=1)
        self.stderr.write(f"{progress.done} clocks agree.", self.style.SUCCESS)

    def _fix(self, differences: Sequence[Difference]) -> set[int]:
        wrong = [difference.part_id for difference in differences if not difference.error]
        changes = recompute(wrong, cause="check_clocks --fix", now=timezone.now()) if wrong else []
        return {change.part_id for change in changes}

    def _print(self, differences: Sequence[Difference], repaired: set[int]) -> None:
        ids = [difference.part_id for difference in differences]
        rows = CoveredPart.objects.filter(pk__in=ids).values_list("pk", "unit__line__invoice__number", "serial")
        names = {pk: {"invoice": number, "serial": serial} for pk, number, serial in rows} if ids else {}
        for difference in differences:
            line = {
                "part": difference.part_id,
                **names.get(difference.part_id, {}),
                "fields": difference.fields,
                "stored": difference.stored,
                "computed": difference.computed,
                "fixed": difference.part_id in repaired,
                **({"error": difference.error} if difference.error else {}),
            }
            self.stdout.write(json.dumps(line, default=str))
