"""`manage.py api_token NAME --for EMAIL --scope …`: a token, told once on standard output."""

import argparse
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from products.errors import Refused
from warrantydesk.api.scopes import SCOPES
from warrantydesk.api.tokens import make_service_token, make_token

Accounts: Any = get_user_model()


class Command(BaseCommand):
    help = "Makes a token for the API. With --service it belongs to an account nobody logs in with, made where missing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.formatter_class = argparse.RawDescriptionHelpFormatter
        parser.add_argument("name", help="what the token is for")
        parser.add_argument("--for", dest="email", required=True, metavar="EMAIL", help="the account it acts as")
        parser.add_argument("--scope", action="append", required=True, choices=list(SCOPES))
        parser.add_argument("--service", metavar="ROLE", help="make it a service account with this role")

    def handle(self, *args: Any, name: str, email: str, scope: list[str], service: str | None, **options: Any) -> None:
        how: dict[str, Any] = {"name": name, "scopes": scope, "now": timezone.now()}
        try:
            if service:
                _token, text = make_service_token(email=email, role=service, **how)
            else:
                _token, text = make_token(self._account(email), **how)
        except Refused as refusal:
            raise CommandError(str(refusal), returncode=2) from refusal
        self.stdout.write(text)
        self.stderr.write("Keep it safe: it is told only now.")

    def _account(self, email: str) -> Any:
        user = Accounts.objects.filter(email=email.strip().lower()).first()
        if user is None:
            raise CommandError(f"There is no account {email}.", returncode=2)
        return user
