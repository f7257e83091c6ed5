"""Everything held about one customer: JSON on standard output, or a ZIP with the files."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from cases.actors import Actor
from products.errors import Refused
from warrantydesk.privacy.exporting import as_json, as_zip, export_customer


class Command(BaseCommand):
    help = "Everything held about the customer with this address, as JSON; with --zip FILE, the files too."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("email")
        parser.add_argument("--zip", type=Path, help="write a ZIP with data.json and every file to this path")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            exported = export_customer(options["email"], actor=Actor.system(), now=timezone.now())
        except Refused as refused:
            raise CommandError(str(refused), returncode=1) from refused
        if options["zip"]:
            options["zip"].write_bytes(as_zip(exported))
            self.stderr.write(f"written: {options['zip']}")
        else:
            self.stdout.write(as_json(exported))
