"""Nothing a customer reads is left in English: the catalogues are whole, current, and compiled by themselves."""

import os
import re
from html import unescape
from pathlib import Path

import pytest
from babel.messages import Catalog, Message
from django.conf import settings
from django.template.base import Lexer, TokenType

from warrantydesk.languages import catalogues
from warrantydesk.languages.extracting import gather, strings_of
from warrantydesk.languages.sources import template_files

LANGUAGES = catalogues.languages()


@pytest.fixture(scope="module")
def template() -> Catalog:
    return gather()


def test_source_is_english_and_five_languages_are_translated():
    assert LANGUAGES == ["de", "fr", "es", "ja", "zh-hans"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_string_of_the_customers_is_translated(language: str, template: Catalog):
    assert list(catalogues.problems(language, template)) == [], "manage.py languages --update, then translate these"


@pytest.mark.parametrize(
    ("text", "said", "problem"),
    [
        ("Hello %(name)s,", "Guten Tag,", "has other places"),
        ("Away since {day}.", "Unterwegs seit {tag}.", "has other places"),
        ("{percent} %%", "{percent} %", "has other places"),
        ("Back", " ", "is not translated"),
        (("%(n)s day", "%(n)s days"), ("%(n)s Tag",), "has 1 plural forms instead of 2"),
        (("One day", "%(n)s days"), ("Ein Tag", "%(n)s Tage"), None),
        (("One day", "%(n)s days"), ("Ein Tag", "Tage"), "has other places"),
    ],
)
def test_what_is_wrong_with_a_translation_is_named(text, said, problem):
    found = list(catalogues._wrong_with(Message(text, said), 2))
    assert (problem is None and not found) or found[0].startswith(problem)


def test_guess_is_no_translation():
    assert list(catalogues._wrong_with(Message("Back", "Zurück", flags=("fuzzy",)), 2)) == ["is only a guess (fuzzy)"]


def test_strings_are_found_in_code_and_templates(tmp_path: Path):
    code, page = tmp_path / "code.py", tmp_path / "page.html"
    code.write_text('_("One")\ntongue.say("Two {day}")\nngettext("a", "b", n)\npgettext_lazy("x", "y")\n_(text)\n')
    page.write_text(
        '{% translate "It\'s 5 %" %}{% icon "x" label=_("Close") %}\n'
        "{% blocktranslate trimmed count n=n %}\n one {{ n }}\n{% plural %}\n many {{ n }}\n{% endblocktranslate %}"
    )
    assert list(strings_of(code)) == [
        (1, None, ("One",)),
        (2, None, ("Two {day}",)),
        (3, None, ("a", "b")),
        (4, "x", ("y",)),
    ]
    assert [(context, strings) for _line, context, strings in strings_of(page)] == [
        (None, ("It's 5 %%",)),
        (None, ("Close",)),
        (None, ("one %(n)s", "many %(n)s")),
    ]


def test_catalogue_is_compiled_where_it_is_missing_or_old(settings, tmp_path: Path):
    settings.BASE_DIR, settings.LANGUAGES = tmp_path, [("en", "English"), ("de", "Deutsch")]
    template = Catalog()
    template.add("Back")
    catalogues.update("de", template)
    compiled = catalogues.path_of("de").with_suffix(".mo")
    catalogues.compile_stale()
    first = compiled.read_bytes()
    source = catalogues.path_of("de")
    source.write_text(source.read_text().replace('msgid "Back"\nmsgstr ""', 'msgid "Back"\nmsgstr "Zurück"'))
    os.utime(source, (compiled.stat().st_mtime + 5,) * 2)
    catalogues.compile_stale()
    assert "Zurück".encode() not in first
    assert "Zurück".encode() in compiled.read_bytes()


def test_update_leaves_in_their_places_what_did_not_change(settings, tmp_path: Path):
    settings.BASE_DIR, settings.LANGUAGES = tmp_path, [("en", "English"), ("de", "Deutsch")]
    catalogues.update("de", of(("b", "one.py", 1), ("a", "one.py", 2), ("gone", "one.py", 3), ("z", "two.py", 1)))
    first = catalogues.path_of("de").read_bytes()
    moved = of(("a", "one.py", 1), ("new", "one.py", 2), ("b", "one.py", 9), ("z", "two.py", 1), ("n", "zoo.py", 1))
    catalogues.update("de", moved)
    assert [message.id for message in catalogues.read("de") if message.id] == ["b", "a", "new", "z", "n"]
    catalogues.update("de", of(("b", "one.py", 1), ("z", "two.py", 1), ("a", "one.py", 2), ("gone", "one.py", 3)))
    again = [message.id for message in catalogues.read("de") if message.id]
    assert again == ["b", "a", "gone", "z"]
    assert catalogues.path_of("de").read_bytes() == first


def of(*messages: tuple[str, str, int]) -> Catalog:
    template = Catalog()
    for text, file, line in messages:
        template.add(text, locations=[(file, line)])
    return template


# ── Words outside the catalogues ─────────────────────────────────────────────────────────────────────────────────

# Attributes that people read or hear.
_READ = re.compile(r"""\b(?:alt|title|aria-label|placeholder|label)="([^"]*)\"""")
_SILENT = re.compile(r"<(script|style|svg)\b.*?</\1>|<!--.*?-->", re.DOTALL)
# What is meant to be English, such as the words the customs of every country read.
_ENGLISH = re.compile(r"""<(\w+)\b[^>]* lang="en"[^>]*>.*?</\1>""", re.DOTALL)
# Names, units and marks that are the same in every language.
SAME_EVERYWHERE = {"Warrantydesk", "PDF", "wd"}


@pytest.mark.parametrize(
    "path", [pytest.param(path, id=str(path.relative_to(settings.BASE_DIR))) for path in template_files()]
)
def test_template_holds_no_words_outside_the_catalogues(path: Path):
    assert bare_words(path.read_text(encoding="utf-8"), is_page=path.suffix == ".html") == set()


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("<p>Hello</p>", {"Hello"}),
        ('<img alt="A photo">', {"photo"}),
        ('<p class="x">{% translate "Hello" %}</p>', set()),
        ("{% blocktranslate %}Hello {{ name }}{% endblocktranslate %}{# a word #}", set()),
        ("{% comment %}words{% endcomment %}&nbsp;· 3", set()),
        ('<p class="x" lang="en">NOT A SALE</p>', set()),
    ],
)
def test_bare_words_are_noticed(written: str, words: set[str]):
    assert bare_words(written, is_page=True) == words


def bare_words(source: str, *, is_page: bool) -> set[str]:
    """Words of two letters and more that stand in a template without a mark for translation."""
    text, skipped = "", ""
    for token in Lexer(source).tokenize():
        name = token.contents.split(" ", 1)[0] if token.token_type == TokenType.BLOCK else ""
        if skipped:
            skipped = "" if name == skipped else skipped
        elif name in ("blocktranslate", "comment") or token.contents == "block body_class":
            skipped = f"end{name}"
        elif token.token_type == TokenType.TEXT:
            text += token.contents
        else:
            text += "\N{OBJECT REPLACEMENT CHARACTER}"
    if is_page:
        text = _ENGLISH.sub(" ", _SILENT.sub(" ", text))
        read = " ".join(_READ.findall(text))
        # A block of a page may hold attributes alone, for a tag of the page it extends.
        text = unescape(re.sub(r"""<[^>]*>|[\w-]+="[^"]*\"""", " ", text) + " " + read)
    text = re.sub("\N{OBJECT REPLACEMENT CHARACTER}#\\w+", "", text)  # a place on the page of a link
    return set(re.findall(r"[^\W\d_]{2,}", text)) - SAME_EVERYWHERE
