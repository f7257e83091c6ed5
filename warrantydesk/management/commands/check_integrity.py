"""The invariants of the whole house, storey by storey."""

import json
from collections.abc import Callable, Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

import cases.evidence.integrity
import cases.integrity
import products.integrity
import shipments.integrity
from warrantydesk.audit import chain
from warrantydesk.audit import integrity as audit_integrity
from warrantydesk.intake import integrity as intake_integrity
from warrantydesk.reports import integrity as reports_integrity

CHECKS: dict[str, Callable[[], Iterator[object]]] = {
    "products": products.integrity.problems,
    "cases": cases.integrity.problems,
    "evidence": cases.evidence.integrity.problems,
    "shipments": shipments.integrity.problems,
    "intake": intake_integrity.problems,
    "reports": reports_integrity.problems,
    "audit": audit_integrity.problems,
}


class Command(BaseCommand):
    help = "Proves the invariants of the stored data; prints a JSON line a problem and exits 1 if there is any."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--witness", metavar="POSITION:HASH", help="an earlier head of the audit trail, as the log has it"
        )

    def handle(self, *_args: Any, witness: str | None = None, **_options: Any) -> None:
        found, checks = 0, dict(CHECKS)
        if witness:
            try:
                seen = chain.Link.read(witness)
            except ValueError as wrong:
                raise CommandError(f"--witness: {wrong}", returncode=2) from wrong
            checks["audit"] = lambda: audit_integrity.problems(seen)
        for storey, problems in checks.items():
            for problem in problems():
                found += 1
                self.stdout.write(json.dumps({"storey": storey, "problem": str(problem)}, ensure_ascii=False))
            self.stderr.write(f"{storey}: looked through")
        self.stderr.write(f"audit: the chain ends at {chain.head()}")
        if found:
            raise CommandError(f"{found} problems", returncode=1)
