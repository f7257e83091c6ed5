"""Reading settings from the environment: typed, each with its default and its sentence of documentation.

Every reader records what it was asked for in `SETTINGS`, so docs/settings.md is generated from the code and a
test fails when the page is stale. A secret may be given as NAME or as a file named by NAME_FILE.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from django.core.exceptions import ImproperlyConfigured

TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off", ""}
Number = TypeVar("Number", int, float)


@dataclass(frozen=True)
class Setting:
    name: str
    kind: str
    default: str
    says: str


SETTINGS: dict[str, Setting] = {}


def _raw(name: str) -> str | None:
    if name in os.environ:
        return os.environ[name]
    path = os.environ.get(f"{name}_FILE")
    return Path(path).read_text(encoding="utf-8").strip() if path else None


def _record(name: str, kind: str, default: str, says: str) -> None:
    SETTINGS[name] = Setting(name, kind, default, says)


def text(name: str, default: str, says: str, *, shown_default: str | None = None) -> str:
    """The text of setting `name`. `shown_default` is what the documentation prints where the default is computed."""
    _record(name, "text", default if shown_default is None else shown_default, says)
    raw = _raw(name)
    return default if raw is None else raw


def flag(name: str, default: bool, says: str, *, shown_default: str | None = None) -> bool:
    _record(name, "on/off", shown_default or ("on" if default else "off"), says)
    raw = _raw(name)
    if raw is None:
        return default
    if raw.lower() not in TRUE | FALSE:
        raise ImproperlyConfigured(f"{name} is {raw!r}: say 1 or 0 (or true/false, yes/no, on/off).")
    return raw.lower() in TRUE


def number(name: str, default: int, says: str, *, least: int = 0) -> int:
    _record(name, "whole number", str(default), says)
    raw = _raw(name)
    if raw is None:
        return default
    try:
        value = int(raw)
    except ValueError:
        raise ImproperlyConfigured(f"{name} is {raw!r}: a whole number is needed.") from None
    if value < least:
        raise ImproperlyConfigured(f"{name} is {value}: at least {least} is needed.")
    return value


def words(name: str, default: list[str], says: str, *, shown_default: str | None = None) -> list[str]:
    """A comma-separated list, blanks around the commas ignored."""
    _record(name, "list", ",".join(default) if shown_default is None else shown_default, says)
    raw = _raw(name)
    return default if raw is None else [word.strip() for word in raw.split(",") if word.strip()]


def rates(name: str, number: Callable[[str], Number], says: str, *, form: str) -> dict[str, tuple[Number, int]]:
    """A list of NAME=N/M: `portal_link=6/3600` is {"portal_link": (6, 3600)}. N is a `number` of 0 or more, M a whole
    number of 1 or more; `form` is what a wrong one is told to look like."""
    return dict(_rate(name, number, written, form) for written in words(name, [], says))


def _rate(name: str, number: Callable[[str], Number], written: str, form: str) -> tuple[str, tuple[Number, int]]:
    key, _, pair = written.partition("=")
    first, _, second = pair.partition("/")
    try:
        rate = number(first), int(second)
    except ValueError:
        rate = None
    if rate is None or not 0 <= rate[0] < float("inf") or rate[1] < 1:
        raise ImproperlyConfigured(f"{name}: {written!r} is not {form}.")
    return key.strip().lower(), rate
