"""The words of a mail: templates/mail/<name>.subject.txt and <name>.txt, and the footer they share."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.template import Context
from django.template.loader import get_template
from django.utils import translation

from cases.models import Case, OutgoingMail
from cases.outbox.headers import one_line

SUBJECT_LENGTH = 250
_PLACES = (OutgoingMail.LINK_PLACE, OutgoingMail.TOKEN_PLACE)


@dataclass(frozen=True)
class Letter:
    """A mail in words. `body` still holds the places of link and token; `said` is what the conversation shows."""

    subject: str
    body: str
    said: str


def write_letter(template: str, case: Case, context: Mapping[str, Any]) -> Letter:
    """The mail `template` in the language of its case."""
    with translation.override(case.language):
        known = {
            **context,
            "case": case,
            "maker": settings.MAKER_NAME,
            "link_place": OutgoingMail.LINK_PLACE,
            "token_place": OutgoingMail.TOKEN_PLACE,
            "link_days": settings.LINK_DAYS,
        }
        words = _render(f"mail/{template}.txt", known)
        footer = _render("mail/_footer.txt", known)
        subject = one_line(_render(f"mail/{template}.subject.txt", known), SUBJECT_LENGTH)
    return Letter(subject=subject, body=f"{words}\n\n{footer}\n", said=_without_places(words))


def _render(name: str, context: Mapping[str, Any]) -> str:
    # Plain text: an apostrophe must not arrive as &#x27;, so nothing is escaped, whatever the file is called.
    engine_template = get_template(name).template  # type: ignore[attr-defined]
    return _tidy(engine_template.render(Context(dict(context), autoescape=False)))


def _tidy(text: str) -> str:
    """Template tags leave blanks and empty lines behind; at most one empty line stays between two paragraphs."""
    lines = "\n".join(line.rstrip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    return re.sub(r"\n{3,}", "\n\n", lines).strip()


def _without_places(words: str) -> str:
    return _tidy("\n".join(line for line in words.split("\n") if not any(place in line for place in _PLACES)))
