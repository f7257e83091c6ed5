"""Every string a customer may read, gathered from code and templates with Babel: no program of gettext's is needed."""

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from babel.messages import Catalog
from babel.messages.extract import extract_python
from django.conf import settings
from django.utils.translation.template import templatize

from warrantydesk.languages.sources import code_files, template_files

# The functions that take strings, and which of their arguments these are; "c" is a context.
_ONE, _MANY = (1,), (1, 2)
KEYWORDS: Mapping[str, Any] = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy", "gettext_noop", "pattern", "say"), _ONE),
    **dict.fromkeys(("ngettext", "ngettext_lazy", "count"), _MANY),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), ((1, "c"), 2)),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), ((1, "c"), 2, 3)),
}
_TEXT = r"""u?(?:'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")"""
_CALL = re.compile(rf"\b(gettext|ngettext|pgettext|npgettext|_)\(\s*({_TEXT}(?:\s*,\s*{_TEXT})*)")


def gather() -> Catalog:
    """The template of all catalogues: each string with the files it stands in."""
    catalog = Catalog(project="Warrantydesk", charset="utf-8", fuzzy=False)
    for path in (*code_files(), *template_files()):
        for line, context, strings in strings_of(path):
            text = strings[0] if len(strings) == 1 else strings
            catalog.add(text, locations=[(_name(path), line)], context=context)
    return catalog


def strings_of(path: Path) -> Iterator[tuple[int, str | None, tuple[str, ...]]]:
    """Line, context, and the string (singular and plural where it counts) of everything to translate in a file."""
    calls = _calls_in_code(path) if path.suffix == ".py" else _calls_in_template(path)
    for line, name, arguments in calls:
        places = KEYWORDS[name]
        context = next((arguments[place[0] - 1] for place in places if isinstance(place, tuple)), None)
        strings = tuple(arguments[place - 1] for place in places if isinstance(place, int))
        if all(strings):
            yield line, context, strings


def _calls_in_code(path: Path) -> Iterator[tuple[int, str, tuple[str, ...]]]:
    with path.open("rb") as file:
        for line, name, found, _comments in extract_python(file, KEYWORDS, (), {}):
            arguments: Any = found if isinstance(found, tuple) else (found,)
            wanted = max(place if isinstance(place, int) else place[0] for place in KEYWORDS[str(name)])
            # A string that is put together elsewhere is found where it is written.
            if len(arguments) >= wanted and all(isinstance(text, str) for text in arguments[:wanted]):
                yield line, str(name), arguments


def _calls_in_template(path: Path) -> Iterator[tuple[int, str, tuple[str, ...]]]:
    code = templatize(path.read_text(encoding="utf-8"), origin=str(path))
    for call in _CALL.finditer(code):
        arguments = tuple(ast.literal_eval(text) for text in re.findall(_TEXT, call[2]))
        yield code.count("\n", 0, call.start()) + 1, call[1], arguments


def _name(path: Path) -> str:
    return path.relative_to(settings.BASE_DIR).as_posix()
