"""`manage.py replay --all | INVOICE`: decided cases that the clocks of today would answer otherwise, as JSON lines.

Nothing is changed. On standard error the same in words; exit 0 whether there are any or none.
"""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from cases.replay import Replayed, cases_whose_answer_would_change
from products.queries import find_invoice, parts_of_invoices


class Command(BaseCommand):
    help = "Lists the decided cases whose answer the clocks of today would change. Changes none of them."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("invoice", nargs="?", help="only cases about parts of this invoice")
        parser.add_argument("--all", action="store_true", help="every decided case there is")

    def handle(self, *args: Any, invoice: str | None, **options: Any) -> None:
        if bool(invoice) == options["all"]:
            raise CommandError("Say either --all or INVOICE.", returncode=2)
        found = 0
        for one in cases_whose_answer_would_change(None if invoice is None else self._parts(invoice)):
            self.stdout.write(json.dumps(line_of(one), ensure_ascii=False))
            found += 1
        self.stderr.write(f"{found} decided parts would be answered otherwise; none was changed.")

    def _parts(self, number: str) -> list[int]:
        invoices = find_invoice(number)
        if not invoices:
            raise CommandError(f"No invoice {number} is registered.", returncode=1)
        return parts_of_invoices(invoices)


def line_of(one: Replayed) -> dict[str, Any]:
    return {
        "case": one.case.reference,
        "part": one.claim.part_id,
        "label": one.claim.part.label,
        "submitted_on": one.case.submitted_on.isoformat(),
        "answered": {"verdict": one.answered.verdict, "reason": one.answered.reason_code},
        "would_answer": {"verdict": one.would_answer.verdict, "reason": one.would_answer.reason_code},
        "because": one.because,
    }
