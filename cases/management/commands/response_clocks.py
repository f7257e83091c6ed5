"""`manage.py response_clocks [--check]`: count the desk's response clocks anew, as JSON lines of those that changed.

To be run after the desk's hours, holidays or targets changed (the admin does it by itself), and once after the upgrade
that brought these clocks. With `--check` nothing is written, and exit 1 says that something would change.
"""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from cases.models import Case
from cases.services.responding import recount_response_clocks
from products.management.progress import Progress


class Command(BaseCommand):
    help = "Counts the response clocks of all open cases anew. The warranty clocks are another matter: check_clocks."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="write nothing; exit 1 where something differs")

    def handle(self, *args: Any, check: bool, **options: Any) -> None:
        progress, changed = Progress(self.stderr, Case.objects.count(), "cases"), 0
        for one in recount_response_clocks(keep=not check):
            progress.add(1)
            if one.changed:
                changed += 1
                self.stdout.write(json.dumps({"case": one.reference}))
        progress.end()
        if check and changed:
            raise CommandError(f"{changed} response clocks are not what the timeline says.", returncode=1)
