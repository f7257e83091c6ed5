"""`manage.py import_invoices FILE`: sales from a table, however often it is given (contracts: Commands)."""

import json
import os
from functools import partial
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from products.importing.runs import begin_run, end_run
from products.importing.tables import Unreadable, open_table
from products.importing.taking import LAYOUTS, RejectedFile, Tally, find_layout, take_orders
from products.management.progress import Progress
from products.models import ImportRun
from products.services import Registration, ShopsWord


class Command(BaseCommand):
    help = (
        "Takes in invoices from a CSV or XLSX file (our own columns, or Shopify's export of orders). The same file "
        "again changes nothing; rejected rows go to FILE.rejected.csv, each with its reason. Exit 1 if there was any."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", type=Path)
        parser.add_argument("--format", choices=LAYOUTS, default="auto", help="what the columns are (default: look)")
        parser.add_argument("--shop", default="", help="the shop the numbers belong to, where the file does not say")
        parser.add_argument("--column", action="append", default=[], metavar="OURS=THEIRS", help="name a column")
        parser.add_argument("--dry-run", action="store_true", help="say what would happen, and leave all as it is")

    def handle(self, *args: Any, file: Path, dry_run: bool, **options: Any) -> None:
        try:
            opened = file.open("rb")
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror}", returncode=2) from error
        with opened:
            try:
                table = open_table(opened)
                layout = find_layout(table, options["format"], mapping_of(options["column"]))
            except Unreadable as error:
                raise CommandError(f"{file}: {error}", returncode=2) from error
            now = timezone.now()
            run = None if dry_run else begin_run(ImportRun.Kind.INVOICES, file.name, shop=options["shop"], now=now)
            rejects = RejectedFile(partial(beside, file), table.header)
            progress = Progress(self.stderr, 1000, "‰ of the file")
            by = Registration.begin(ShopsWord("manage.py import_invoices"), now, run)
            try:
                tally = take_orders(
                    table, layout, by, shop=options["shop"], dry_run=dry_run, reject=rejects,
                    told=lambda _tally: progress.add(round(table.share() * 1000) - progress.done),
                )  # fmt: skip
            except Unreadable as error:
                raise CommandError(f"{file}: {error}", returncode=1) from error
            finally:
                rejects.close()
                progress.end()
            if run is not None:
                end_run(run, tally, timezone.now())
        self._tell(file, layout.name, tally, dry_run=dry_run, run=run)

    def _tell(self, file: Path, layout: str, tally: Tally, *, dry_run: bool, run: ImportRun | None) -> None:
        counts = {name: getattr(tally, name) for name in ("new", "changed", "unchanged", "skipped", "rejected")}
        said = {"file": str(file), "format": layout, **counts, "dry_run": dry_run, "import": run.pk if run else None}
        self.stdout.write(json.dumps(said))
        for words in tally.notes:
            self.stderr.write(words)
        if tally.rejected:
            raise CommandError(f"{tally.rejected} of {tally.seen} rejected: see {rejected_path(file)}", returncode=1)


def mapping_of(written: list[str]) -> dict[str, str]:
    pairs = [one.partition("=") for one in written]
    if any(not mark for _ours, mark, _theirs in pairs):
        raise CommandError("--column is written OURS=THEIRS.", returncode=2)
    return {ours: theirs for ours, _mark, theirs in pairs}


def rejected_path(file: Path) -> Path:
    return file.with_name(f"{file.name}.rejected.csv")


def beside(file: Path) -> Any:
    """Readable by its owner only: it holds people's names. The byte order mark tells spreadsheets that it is UTF-8."""
    descriptor = os.open(rejected_path(file), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    return os.fdopen(descriptor, "w", encoding="utf-8-sig", newline="")
