"""`manage.py import_catalogue FILE`: products, kits and what is in their boxes (contracts: Commands)."""

import json
from functools import partial
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from products.importing.catalogue import Taking, take_catalogue
from products.importing.tables import Unreadable, open_table
from products.importing.taking import RejectedFile
from products.management.commands.import_invoices import beside, mapping_of, rejected_path


class Command(BaseCommand):
    help = (
        "Takes in products and bills of materials from a CSV or XLSX file and prints each difference. What was sold "
        "before keeps the bill it was sold with. Rejected rows go to FILE.rejected.csv. Exit 1 if there was any."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", type=Path)
        parser.add_argument("--column", action="append", default=[], metavar="OURS=THEIRS", help="name a column")
        parser.add_argument("--dry-run", action="store_true", help="print the differences, and leave all as it is")

    def handle(self, *args: Any, file: Path, column: list[str], dry_run: bool, **options: Any) -> None:
        try:
            with file.open("rb") as opened:
                rejects = RejectedFile(partial(beside, file), open_table(opened).header)
                taking = Taking(None, timezone.localdate(), dry_run, rejects)
                tally = take_catalogue(opened, mapping_of(column), taking)
                rejects.close()
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror}", returncode=2) from error
        except Unreadable as error:
            raise CommandError(f"{file}: {error}", returncode=2) from error
        for words in tally.notes:
            self.stderr.write(words)
        counts = {name: getattr(tally, name) for name in ("new", "changed", "unchanged", "rejected")}
        self.stdout.write(json.dumps({"file": str(file), **counts, "dry_run": dry_run}))
        if tally.rejected:
            raise CommandError(f"{tally.rejected} of {tally.seen} rejected: see {rejected_path(file)}", returncode=1)
