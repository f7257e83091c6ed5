"""Forget what is kept no longer, now."""

import json
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from warrantydesk.privacy.forgetting import count_old, forget_old


class Command(BaseCommand):
    help = "Erases what is kept no longer (docs/privacy.md), one JSON line a kind; --dry-run only counts it."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--dry-run", action="store_true", help="says how much of each kind is over; erases nothing")

    def handle(self, *_args: Any, dry_run: bool, **_options: Any) -> None:
        now, failed = timezone.now(), 0
        if dry_run:
            for kind, count in count_old(now):
                self.stdout.write(json.dumps({"kind": kind.code, "over": count}))
            return
        for one in forget_old(now):
            self.stdout.write(json.dumps({"kind": one.kind, "gone": one.gone, "failed": one.failed}))
            failed += one.failed
        if failed:
            self.stderr.write(f"{failed} could not be erased: see the log.")
            raise SystemExit(1)
