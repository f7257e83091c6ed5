"""Lists to choose from, written in one go: a template for each of 250 countries costs a third of a page."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from django import forms
from django.forms.utils import flatatt
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django_countries import countries


class PlainSelect(forms.Select):
    """Looks like Django's own. No groups, and one choice at a time."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        options = _options(tuple((str(code), str(label)) for code, label in self.choices), *self.format_value(value))
        head = flatatt(self.build_attrs({**self.attrs, "name": name}, attrs))
        return mark_safe(f"<select{head}>{options}</select>")  # noqa: S308 - every word in it is escaped


class PlainDate(forms.DateInput):
    """A day or a month, as Django's own widget writes it."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        told = self.format_value(value)
        written = {} if told in (None, "") else {"value": str(told)}
        head = {"type": "date", **self.attrs, "name": name, **written}
        return format_html("<input{}>", flatatt(self.build_attrs(head, attrs)))


@lru_cache(maxsize=64)  # the same few lists on every page, each with what is chosen of it
def _options(choices: tuple[tuple[str, str], ...], *chosen: str) -> str:
    return "".join(_option(code, label, chosen) for code, label in choices)


def _option(code: str, label: str, chosen: Sequence[str]) -> str:
    is_chosen = " selected" if code in chosen else ""
    return f'<option value="{escape(code)}"{is_chosen}>{escape(label)}</option>'


def country_choices() -> list[tuple[str, str]]:
    """Every country, in the order of the reader's language."""
    return list(_countries_in(get_language() or ""))


@lru_cache(maxsize=20)  # a list for each language; to sort one costs as much as to write it
def _countries_in(_language: str) -> tuple[tuple[str, str], ...]:
    return tuple((str(code), str(name)) for code, name in countries)
