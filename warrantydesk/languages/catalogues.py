"""The catalogues in locale/: brought up to date from the code, checked, and compiled.

Only the .po files are kept in the repository. The desk compiles them itself when it starts, wherever it is started,
so nothing but Python is needed and no step can be forgotten.
"""

import logging
import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from babel.messages import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation import to_locale

logger = logging.getLogger(__name__)
_PLACES = re.compile(r"%\((\w+)\)s|\{(\w*)\}|%%")


def languages() -> list[str]:
    """Every language but that of the source."""
    return [code for code, _name in settings.LANGUAGES if code != settings.LANGUAGE_CODE]


def path_of(language: str) -> Path:
    return settings.BASE_DIR / "locale" / to_locale(language) / "LC_MESSAGES" / "django.po"


def read(language: str) -> Catalog:
    with path_of(language).open("rb") as file:
        return read_po(file, locale=to_locale(language), domain="django")


def update(language: str, template: Catalog) -> None:
    """What is new is added beside its file's others, what is gone is dropped. A translation that is there stays where
    it stands: what changes in a catalogue is what changed in the code."""
    path = path_of(language)
    catalog = read(language) if path.exists() else Catalog(locale=to_locale(language), project="Warrantydesk")
    stood = {_key(message): place for place, message in enumerate(catalog)}
    catalog.fuzzy = False
    catalog.version = catalog.msgid_bugs_address = catalog.last_translator = catalog.language_team = ""
    catalog.header_comment = f"# Warrantydesk in {dict(settings.LANGUAGES)[language]}: what customers read."
    catalog.update(template, no_fuzzy_matching=True, update_creation_date=False)
    _put_in_order(catalog, stood)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(file, catalog, width=120, ignore_obsolete=True, include_lineno=False)


def _put_in_order(catalog: Catalog, stood: dict[tuple[str | None, str], int]) -> None:
    """Where each message stood; a new one after the last of the file it is in, in the order of the code."""
    messages = [message for message in catalog if message.id]
    last: dict[str, int] = {}
    for message in messages:
        last[_file(message)] = max(last.get(_file(message), -1), stood.get(_key(message), -1))

    def place(message: Message) -> tuple[int, bool]:
        is_new = _key(message) not in stood
        after = last[_file(message)] if last[_file(message)] >= 0 else len(stood)
        return (after if is_new else stood[_key(message)], is_new)

    for message in sorted(messages, key=place):
        catalog.delete(message.id, message.context)
        catalog[message.id] = message


def _file(message: Message) -> str:
    return message.locations[0][0] if message.locations else ""


def compile_stale() -> None:
    """Write every .mo that is missing or older than its .po. Two processes may do it at once: each writes a whole one.

    Where the folder cannot be written the desk speaks English, and says so in its log.
    """
    for language in languages():
        source = path_of(language)
        target = source.with_suffix(".mo")
        if source.exists() and (not target.exists() or target.stat().st_mtime <= source.stat().st_mtime):
            try:
                _compile(language, target)
            except OSError as error:
                logger.warning("%s could not be compiled (%s): customers read English instead.", source, error)


def _compile(language: str, target: Path) -> None:
    descriptor, name = tempfile.mkstemp(dir=target.parent, suffix=".tmp")
    with os.fdopen(descriptor, "wb") as file:
        write_mo(file, read(language))
    Path(name).chmod(0o644)
    Path(name).replace(target)


def problems(language: str, template: Catalog) -> Iterator[str]:
    """What is wrong with a catalogue, a sentence each: strings that are missing, gone, empty, or have lost a place."""
    catalog = read(language)
    wanted, there = {_key(one) for one in template if one.id}, {_key(one) for one in catalog if one.id}
    for _context, text in sorted(wanted - there, key=str):
        yield f"{language}: “{text}” is not in the catalogue"
    for _context, text in sorted(there - wanted, key=str):
        yield f"{language}: “{text}” is not in the code any more"
    for message in catalog:
        if message.id and _key(message) in wanted:
            yield from (f"{language}: “{_first(message)}” {what}" for what in _wrong_with(message, catalog.num_plurals))


def _wrong_with(message: Message, plurals: int) -> Iterator[str]:
    said = _forms(message.string)
    if message.fuzzy:
        yield "is only a guess (fuzzy)"
    if message.pluralizable and len(said) != plurals:
        yield f"has {len(said)} plural forms instead of {plurals}"
    if not all(text.strip() for text in said):
        yield "is not translated"
    elif any(places(text) not in _places_of(message, form, plurals) for form, text in enumerate(said)):
        yield f"has other places: {said}"


def places(text: str) -> list[str]:
    """What is filled in, in alphabetical order: %(name)s, {name}, and the percent sign itself."""
    return sorted(found[0] for found in _PLACES.finditer(text))


def _places_of(message: Message, form: int, plurals: int) -> list[list[str]]:
    """What this form may fill in: the form for one may leave the number out, as the English one does."""
    return [places(_last(message)), *([places(_first(message))] if form == 0 and plurals > 1 else [])]


def _key(message: Message) -> tuple[str | None, str]:
    return (message.context, _first(message))


def _first(message: Message) -> str:
    return _forms(message.id)[0]


def _last(message: Message) -> str:
    return _forms(message.id)[-1]


def _forms(text: Any) -> tuple[str, ...]:
    """One form, or one for each plural."""
    return tuple(text) if isinstance(text, list | tuple) else (str(text or ""),)
