"""The invariants of the whole house, storey by storey."""

import json
from collections.abc import Callable, Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError

import cases.evidence.integrity
import cases.integrity
import products.integrity
import shipments.integrity
from warrantydesk.intake import integrity as intake_integrity
from warrantydesk.reports import integrity as reports_integrity

CHECKS: dict[str, Callable[[], Iterator[object]]] = {
    "products": products.integrity.problems,
    "cases": cases.integrity.problems,
    "evidence": cases.evidence.integrity.problems,
    "shipments": shipments.integrity.problems,
    "intake": intake_integrity.problems,
    "reports": reports_integrity.problems,
}


class Command(BaseCommand):
    help = "Proves the invariants of the stored data; prints a JSON line a problem and exits 1 if there is any."

    def handle(self, *_args: Any, **_options: Any) -> None:
        found = 0
        for storey, problems in CHECKS.items():
            for problem in problems():
                found += 1
                self.stdout.write(json.dumps({"storey": storey, "problem": str(problem)}, ensure_ascii=False))
            self.stderr.write(f"{storey}: looked through")
        if found:
            raise CommandError(f"{found} problems", returncode=1)
