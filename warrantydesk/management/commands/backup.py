"""`manage.py backup FOLDER`: database and files, to the same moment."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from warrantydesk.backup import NotPossible, back_up


class Command(BaseCommand):
    help = "Copies database and files into an empty FOLDER, while the desk works. Exits 1 where a file is missing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path)

    def handle(self, *_args: Any, folder: Path, **_options: Any) -> None:
        missing = 0
        try:
            for key in back_up(folder):
                missing += 1
                self.stdout.write(key)
        except NotPossible as problem:
            raise CommandError(str(problem), returncode=2) from problem
        if missing:
            raise CommandError(f"{missing} files are missing in the storage; everything else is in {folder}")
        self.stderr.write(f"everything is in {folder}")
