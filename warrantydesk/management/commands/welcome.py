"""What `make run` prints before the servers start: where to go and how to log in."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Prints the addresses of the desk and the demo log-ins."

    def handle(self, *_args: Any, **_options: Any) -> None:
        site = settings.SITE_URL
        if settings.DEMO:
            self.stdout.write(f"\n  Start here       {site}/demo/")
        self.stdout.write(f"\n  The desk         {site}/desk/\n  The portal       {site}/")
        self.stdout.write(f"  Reports          {site}/desk/reports/\n  Admin            {site}/admin/")
        self.stdout.write(f"  Outgoing mail    {settings.EMAIL_FILE_PATH}")
        logins = settings.DATA_DIR / "demo-logins.txt"
        if logins.exists():
            self.stdout.write("\n  Demo log-ins (made for this machine, kept in DATA_DIR/demo-logins.txt)")
            self.stdout.write("".join(f"  {line}\n" for line in logins.read_text(encoding="utf-8").splitlines()))
        self.stdout.write("  Ctrl-C stops everything.\n")
