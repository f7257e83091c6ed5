"""The catalogues of the customers' languages: `--update` after words have changed, `--check` to see what is missing."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from warrantydesk.languages import catalogues
from warrantydesk.languages.extracting import gather


class Command(BaseCommand):
    help = "Brings locale/*.po up to date with the code, or checks that every string of the customers is translated."

    def add_arguments(self, parser: ArgumentParser) -> None:
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--update", action="store_true", help="add what is new, drop what is gone")
        what.add_argument("--check", action="store_true", help="name what is not translated, and fail")

    def handle(self, *args: Any, **options: Any) -> None:
        template = gather()
        if options["update"]:
            for language in catalogues.languages():
                catalogues.update(language, template)
            catalogues.compile_stale()
        found = [one for language in catalogues.languages() for one in catalogues.problems(language, template)]
        for problem in found:
            self.stderr.write(problem)
        self.stderr.write(f"{len(template)} strings, {len(found)} to be looked at")
        if found and options["check"]:
            raise CommandError("The catalogues are not whole: manage.py languages --update, then translate.")
