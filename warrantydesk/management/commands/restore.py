"""`manage.py restore FOLDER`: what `backup` wrote, into an empty database and the storage."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from warrantydesk.backup import NotPossible, bring_back


class Command(BaseCommand):
    help = "Brings a backup back into an empty database and the storage. Run check_integrity afterwards."
    requires_system_checks: tuple[str, ...] = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path)

    def handle(self, *_args: Any, folder: Path, **_options: Any) -> None:
        try:
            files = bring_back(folder)
        except NotPossible as problem:
            raise CommandError(str(problem), returncode=2) from problem
        self.stderr.write(f"the database and {files} files are back; now run migrate and check_integrity")
