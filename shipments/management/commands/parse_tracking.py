"""`manage.py parse_tracking CARRIER FILE…`: what an adapter makes of a carrier's raw answer or of a webhook's body,
without the network (contracts: Commands)."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from shipments.carriers.base import TrackAnswer, TrackedEvent
from shipments.carriers.registry import readers

REPORT_EVERY = 100
# What an answer with several parcels in it is called: by the best of them.
BEST_FIRST = ("events", "not_found", "error", "not_an_answer")


class Command(BaseCommand):
    help = "Reads raw answers and webhook bodies of a carrier: one file in, one JSON line out."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("carrier", metavar="CARRIER", help="whose answers: dhl, ups, fedex, usps, gls, easypost, …")
        parser.add_argument("files", metavar="FILE", nargs="+", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        code, known = options["carrier"].lower(), readers()
        if code not in known:
            raise CommandError(f"There is no adapter for {code}. Choose one of {', '.join(known)}.", returncode=2)
        failed = 0
        for total, path in enumerate(options["files"], start=1):
            told, whole = _told(path, known[code].parse)
            failed += not whole
            self.stdout.write(json.dumps({"file": str(path), "carrier": code, **told}, ensure_ascii=False))
            if total % REPORT_EVERY == 0:
                self.stderr.write(f"{total} files read …", self.style.NOTICE)
        self.stderr.write(f"{len(options['files'])} files read.", self.style.SUCCESS)
        if failed:
            raise CommandError(f"{failed} of {len(options['files'])} files could not be read whole.", returncode=1)


def _told(path: Path, parse: Any) -> tuple[dict[str, Any], bool]:
    """What is said of a file, and whether all of it could be read."""
    try:
        answers: Sequence[TrackAnswer] = parse(path.read_bytes())
    except OSError as error:
        return {"answer": "not_an_answer", "reason": f"The file cannot be read: {error.strerror}."}, False
    problems = [problem for answer in answers for problem in answer.problems]
    told = _answer(answers) | ({"problems": problems} if problems else {})
    return told, not problems


def _answer(answers: Sequence[TrackAnswer]) -> dict[str, Any]:
    best = min((answer.outcome for answer in answers), key=BEST_FIRST.index)
    if best == "events":
        return {"answer": best, "events": [_event(one.number, scan) for one in answers for scan in one.events]}
    reasons = dict.fromkeys(answer.reason for answer in answers if answer.outcome == best)
    return {"answer": best, "reason": " ".join(reasons)}


def _event(number: str, event: TrackedEvent) -> dict[str, Any]:
    told = {
        "number": number,
        "kind": event.kind,
        "code": event.code,
        "occurred_at": event.occurred_at.isoformat() if event.occurred_at else None,
        "occurred_on": event.day.isoformat(),
        "place": event.place,
        "text": event.text,
    }
    return told | ({"voids": event.voids} if event.voids else {})
