"""Forget one customer."""

import dataclasses
import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from cases.actors import Actor
from products.errors import Refused
from warrantydesk.privacy.erasing import erase_customer


class Command(BaseCommand):
    help = "Erases all that is held about the customer with this address, but for the facts of the warranty."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("email")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            erased = erase_customer(options["email"], actor=Actor.system(), now=timezone.now())
        except Refused as refused:
            raise CommandError(str(refused), returncode=1) from refused
        self.stdout.write(json.dumps(dataclasses.asdict(erased)))
