"""What became of the mails that came in, told by the face that reads them to whoever reports on it.

The mail face registers its count in its AppConfig.ready(); no face knows another.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

Outcomes = Callable[[datetime, datetime], dict[str, int]]
Mails = Callable[[datetime, datetime, str], QuerySet[Any]]
ListOf = Callable[[str], str]
_told: list[tuple[Outcomes, Mails, ListOf]] = []


def register(outcomes: Outcomes, mails: Mails, list_of: ListOf) -> None:
    """Let `outcomes` count the mails of a half-open time by outcome, `mails` give those of one outcome, each with its
    `case` where it has one, and `list_of` say where a person finds those without. The last one registered speaks."""
    _told[:] = [(outcomes, mails, list_of)]


def mail_outcomes(start: datetime, end: datetime) -> dict[str, int]:
    """How many mails became what in [start, end): case_opened, reply_added, held, automatic, quarantined."""
    return _told[-1][0](start, end) if _told else {}


def mails_that_became(outcome: str, start: datetime, end: datetime) -> QuerySet[Any] | None:
    """The mails of [start, end) that became `outcome`; None where nobody reads mail."""
    return _told[-1][1](start, end, outcome) if _told else None


def mail_list_of(outcome: str) -> str:
    """The address of the list of mails that became `outcome` and wait; empty where there is none."""
    return _told[-1][2](outcome) if _told else ""
