"""Realistic data for a desk that is being looked at."""

import os
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from products.models import Invoice, Product
from warrantydesk.accounts.models import User
from warrantydesk.celery import app
from warrantydesk.demo.building import build
from warrantydesk.demo.sales import Login


class Command(BaseCommand):
    help = "Fills an empty desk with kits, customers, invoices and cases in every state; the same for the same seed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--size", type=int, default=150, help="how many cases (150)")
        parser.add_argument("--seed", type=int, default=2025, help="chance's beginning (2025)")
        parser.add_argument("--if-empty", action="store_true", help="do nothing, quietly, where there is data already")

    def handle(self, *_args: Any, size: int, seed: int, if_empty: bool, **_options: Any) -> None:
        if User.objects.exists() or Product.objects.exists() or Invoice.objects.exists():
            if if_empty:
                return
            raise CommandError("There is data already: the demo fills an empty desk only.", returncode=2)
        if size < 1:
            raise CommandError(f"--size is {size}: at least 1 case is needed.", returncode=2)
        if not settings.SIMULATED_CARRIER:
            raise CommandError("The demo's parcels need the simulated carrier: set SIMULATED_CARRIER=1.", returncode=2)
        # The history is lived through here and now; nobody needs to be woken for it.
        app.conf.update(broker_url="memory://")
        logins = build(size, seed, timezone.now(), lambda words: self.stderr.write(f"demo: {words}"))
        self._tell(logins)

    def _tell(self, logins: list[Login]) -> None:
        """The log-ins on stdout, and in a file only its owner can read, so that `make run` can show them again."""
        lines = "".join(f"{login.role:<14} {login.email:<24} {login.password}\n" for login in logins)
        path = settings.DATA_DIR / "demo-logins.txt"
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            file.write(lines)
        self.stdout.write(lines)
