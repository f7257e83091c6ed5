"""How a clock is told in one language: the patterns of its sentences, and how days and counts are written. Pure.

The patterns stand in English where they are used, `tongue.say("Away since {day}: the clock stands still.")`, whole
sentences with places in braces, so that each language can put the words in its own order. The catalogues of
translations find them by the names `say`, `count` and `pattern`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from products.written import written_date, written_span


def pattern(text: str) -> str:
    """Marks a pattern that is said elsewhere: the catalogues need to know it."""
    return text


def _english_count(one: str, many: str, count: int) -> str:
    return one if count == 1 else many


def _english_list(items: Sequence[str]) -> str:
    return " and ".join(items)


@dataclass(frozen=True)
class Tongue:
    """One language. `say` and `count` give back the pattern, with its places still open."""

    say: Callable[[str], str] = pattern
    count: Callable[[str, str, int], str] = _english_count
    day: Callable[[date], str] = written_date
    span: Callable[[date, date], str] = written_span
    both: Callable[[Sequence[str]], str] = _english_list
    comma: str = ", "
    semicolon: str = "; "

    def days(self, count: int) -> str:
        return self.count("{count} day", "{count} days", count).format(count=count)

    def months(self, count: int) -> str:
        return self.count("{count} month", "{count} months", count).format(count=count)


ENGLISH = Tongue()
