"""The counted rows of the reports: written anew, or proved."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cases.models import Case
from products.management.progress import Progress
from warrantydesk.reports.counting.rounds import (
    CASES,
    count_changed,
    count_everything,
    count_new_ledgers,
    differences,
)
from warrantydesk.reports.figures.spans import keep_weeks
from warrantydesk.reports.models import CaseFigures


class Command(BaseCommand):
    help = (
        "Counts what the reports show: what changed, or, where most of it is not counted yet, everything at once. "
        "--check only proves what is counted, and exits 1 where it is wrong."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--all", action="store_true", help="count everything anew, not only what changed")
        parser.add_argument("--check", action="store_true", help="change nothing: compare with a recount")

    def handle(self, *_args: Any, **options: Any) -> None:
        if options["check"]:
            self._check()
            return
        there = Case.objects.count()
        whole = options["all"] or CaseFigures.objects.count() < there // 2  # at once is far quicker for most of them
        bar = Progress(self.stderr, there if whole else 0, "cases counted")
        cases = 0
        for step in count_everything() if whole else count_changed():
            if step.what == CASES:
                cases += step.number
                bar.add(step.number)
        list(count_new_ledgers())
        bar.end()
        keep_weeks()
        self.stdout.write(f"{cases} cases counted")

    def _check(self) -> None:
        found = 0
        for difference in differences():
            found += 1
            self.stdout.write(str(difference))
        if found:
            raise CommandError(f"{found} differences", returncode=1)
        self.stdout.write("what is stored is what a recount gives")
