"""Recognise a tracking number as people write and paste it: whose it may be, and what is wrong with it.    [pure]

Blanks, dashes, case, full-width digits and whole tracking addresses are read for what they are. A number is `valid`
when at least one carrier writes numbers like it and its check digit, where there is one, fits. A number nobody here
knows is not valid, but may be kept for a carrier that staff follow by hand (`may_be_kept`). Some numbers are too plain
to say whose they are: those are believed where the carrier is named (`may_be_of`), or a link to its pages is pasted.
"""

import re
import unicodedata
from dataclasses import dataclass
from urllib.parse import unquote

from shipments.number_formats import CARRIER_NAMES, FORMATS, HOSTS, PLAIN_FORMATS, POSTS, Format

__all__ = ["CARRIER_NAMES", "PROBLEMS", "Candidate", "Recognised", "may_be_of", "normalise", "recognise"]

SHORTEST, LONGEST = 8, 42
SHORTEST_KEPT, LONGEST_KEPT = 4, 40
LONGEST_WRITTEN = 2000
UPS_LENGTH = 18


def gettext_noop(sentence: str) -> str:
    """The sentence itself: the name is what the translators' tools look for, and Django stays out of here."""
    return sentence


PROBLEMS = {
    "empty": gettext_noop("There is no number."),
    "no_digit": gettext_noop("There is no digit in it."),
    "bad_character": gettext_noop("Only letters and digits belong in a tracking number."),
    "same_digit": gettext_noop("It is one digit over and over."),
    "too_short": gettext_noop("It is too short."),
    "too_long": gettext_noop("It is too long."),
    "check_digit": gettext_noop("The check digit does not fit: one character is wrong, or two are swapped."),
    "unknown_format": gettext_noop("No carrier known here writes numbers like this."),
    "several": gettext_noop("There is more than one number in it."),
    "no_number_in_address": gettext_noop("There is no tracking number in this address."),
}
# What was written is a number, only not one that can be vouched for.
_KEPT = {"unknown_format", "check_digit", "too_short"}
_IGNORED = re.compile(r"[\s\-‐-―−.·_\u00ad\u200b-\u200f\u2060\ufeff]+")
_APART = re.compile(r"[/?&=#:;,|<>()\[\]\"'\n]+")
_BLANKS = re.compile(r"\s+")
_HOST = re.compile(r"(?:https?://|^)([\w.-]+\.[a-z]{2,})(?=[/:?#])", re.IGNORECASE)
_ADDRESS = re.compile(r"https?://|www\.|\w\.[a-z]{2,}/", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Candidate:
    """Whose number it may be. `check` is `ok` where a check digit was computed and fits, `none` where there is none."""

    carrier: str
    service: str
    check: str


@dataclass(frozen=True, slots=True)
class Recognised:
    """What was made of a written number. `problem` is a sentence and `problem_code` its name; both empty if valid."""

    normalised: str
    candidates: tuple[Candidate, ...] = ()
    problem_code: str = ""

    @property
    def valid(self) -> bool:
        return bool(self.candidates)

    @property
    def problem(self) -> str:
        return PROBLEMS[self.problem_code] if self.problem_code else ""

    @property
    def carriers(self) -> tuple[str, ...]:
        """The carriers it may belong to, likeliest first: a fitting check digit says more than a length."""
        ranked = sorted(self.candidates, key=lambda candidate: candidate.check != "ok")
        return tuple(dict.fromkeys(candidate.carrier for candidate in ranked))

    @property
    def may_be_kept(self) -> bool:
        """Whether it can stand as the number of a carrier that nobody here can ask."""
        fits = SHORTEST_KEPT <= len(self.normalised) <= LONGEST_KEPT
        return fits and (self.valid or self.problem_code in _KEPT)


def normalise(written: str) -> str:
    """Upper case, plain digits, nothing between them: ` 1z 999-aa1… ` → `1Z999AA1…`."""
    plain = unicodedata.normalize("NFKC", written)
    bare = _IGNORED.sub("", "".join(_plain_digit(char) for char in plain))
    return bare.upper().lstrip("#%").rstrip(",;")


def recognise(written: str) -> Recognised:
    """Whose number this may be. Never raises; what is wrong stands in `problem`."""
    if len(written) > LONGEST_WRITTEN:
        return Recognised(written[:LONGEST], problem_code="too_long")
    whole = _recognise_one(normalise(written))
    if whole.valid:
        return whole
    text = unquote(unicodedata.normalize("NFKC", written)).strip()
    # A number is often written with blanks in it, so they part nothing until all else has failed.
    within = _recognise_within(text, _APART) or _recognise_within(text, _BLANKS)
    return within or _recognise_by_page(text) or _without_number(text) or whole


def may_be_of(carrier: str, number: str) -> bool:
    """Whether a normalised number can be this carrier's, somebody having said that it is."""
    return carrier in recognise(number).carriers or bool(_plain(carrier, number))


def _plain_digit(char: str) -> str:
    value = unicodedata.decimal(char, None)
    return char if value is None else str(value)


def _recognise_one(number: str) -> Recognised:
    problem = _problem_of_shape(number)
    if problem:
        return Recognised(number, problem_code=problem)
    fitting = [form for form in FORMATS if form.pattern.fullmatch(number)]
    candidates = [candidate for form in fitting for candidate in _candidates(form, number)]
    if candidates:
        return Recognised(number, tuple(dict.fromkeys(candidates)))
    return Recognised(number, problem_code="check_digit" if fitting else _problem_of_length(number))


def _candidates(form: Format, number: str) -> list[Candidate]:
    if form.check is None:
        return [Candidate(form.carrier, form.service, "none")]
    if not form.check(number):
        return []
    found = Candidate(form.carrier, form.service, "ok")
    post = POSTS.get(number[-2:]) if form.carrier == "s10" else None
    return [Candidate(post, "s10", "ok"), found] if post else [found]


def _problem_of_shape(number: str) -> str:
    """What keeps it from being anybody's number, or nothing."""
    if not number:
        return "empty"
    if not (number.isascii() and number.isalnum()):
        return "bad_character"
    if not any(char.isdigit() for char in number):
        return "no_digit"
    if len(set(number)) == 1:
        return "same_digit"
    return "too_long" if len(number) > LONGEST else ""


def _problem_of_length(number: str) -> str:
    if number.startswith("1Z") and len(number) != UPS_LENGTH:
        return "too_short" if len(number) < UPS_LENGTH else "too_long"
    return "too_short" if len(number) < SHORTEST else "unknown_format"


def _recognise_within(text: str, apart: re.Pattern[str]) -> Recognised | None:
    """The one number among the pieces of a text; None where no piece is one."""
    readings = [_recognise_one(piece) for piece in dict.fromkeys(map(normalise, apart.split(text)))]
    valid = [reading for reading in readings if reading.valid]
    found = [reading for reading in valid if any(c.check == "ok" for c in reading.candidates)] or valid
    if len(found) > 1:
        return Recognised(normalise(text)[:LONGEST], problem_code="several")
    return found[0] if found else None


def _recognise_by_page(text: str) -> Recognised | None:
    """The number in a link to a carrier's own pages, however plain it is; None where there is not exactly one."""
    host = _HOST.search(text)
    carrier = next((HOSTS[end] for end in HOSTS if host and f".{host[1].lower()}".endswith(f".{end}")), "")
    found = {number: plain for piece in _APART.split(text) if (plain := _plain(carrier, number := normalise(piece)))}
    return Recognised(*found.popitem()) if len(found) == 1 else None


def _plain(carrier: str, number: str) -> tuple[Candidate, ...]:
    fitting = [form for form in PLAIN_FORMATS if form.carrier == carrier and form.pattern.fullmatch(number)]
    return tuple(candidate for form in fitting for candidate in _candidates(form, number))


def _without_number(text: str) -> Recognised | None:
    """What to say of an address that holds no number; None of what is no address."""
    if not _ADDRESS.search(text):
        return None
    return Recognised(normalise(text)[:LONGEST], problem_code="no_number_in_address")
