"""`manage.py clock`: the warranty clock for scripts and for people (contracts: Commands).

`--stdin` answers JSON lines; `INVOICE [SERIAL]` explains the parts of a registered invoice, as JSON lines on standard
output and in words on standard error.
"""

import json
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from products.clock_lines import answer_clock
from products.clock_report import in_words, lines_of_invoice
from products.fields import FieldError, as_date
from products.json_lines import Record
from products.management.json_lines import JsonLinesCommand
from products.queries import find_invoice


class Command(JsonLinesCommand):
    help = "Works out warranty clocks: JSON lines in, one out each; or explains those of a registered invoice."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("invoice", nargs="?", help="number of a registered invoice")
        parser.add_argument("serial", nargs="?", default="", help="only the part or unit with this serial number")
        parser.add_argument("--on", help="judge as of this day (YYYY-MM-DD), by default today")
        parser.add_argument("--stdin", action="store_true", help="read JSON lines from the standard input")

    def answer(self, record: Record) -> Record:
        return answer_clock(record)

    def handle(self, *args: Any, **options: Any) -> None:
        if bool(options["invoice"]) == options["stdin"]:
            raise CommandError("Say either --stdin or INVOICE [SERIAL].", returncode=2)
        if options["stdin"]:
            self.answer_stdin()
        else:
            self.explain_invoice(options["invoice"], options["serial"], options["on"])

    def explain_invoice(self, number: str, serial: str, on: str | None) -> None:
        try:
            day = as_date(on, "--on") if on else timezone.localdate()
        except FieldError as error:
            raise CommandError(str(error), returncode=2) from None
        invoices = find_invoice(number)
        lines = [line for invoice in invoices for line in lines_of_invoice(invoice, serial, day)]
        for line in lines:
            self.stdout.write(json.dumps(line, ensure_ascii=False))
            self.stderr.write(in_words(line), self.style.NOTICE)
        if not invoices:
            raise CommandError(f"No invoice {number} is registered.", returncode=1)
        if not lines:
            raise CommandError(f"Nothing on invoice {number} has the serial number {serial}.", returncode=1)
