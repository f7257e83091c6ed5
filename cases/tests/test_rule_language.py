"""In which language a customer is written to: a table."""

import pytest
from django.conf import settings

from cases.rules.language import nearest, preferred_language

OURS = [code for code, _name in settings.LANGUAGES]


@pytest.mark.parametrize(
    ("chosen", "country", "spoken", "language"),
    [
        pytest.param("fr", "DE", "es", "fr", id="chosen"),
        pytest.param("", "DE", "es", "de", id="country"),
        pytest.param("nl", "JP", "en", "ja", id="chosen, but none of ours"),
        pytest.param("", "", "es", "es", id="browser"),
        pytest.param("", "NL", "es", "es", id="country without one of ours"),
        pytest.param("", "NL", "", "en", id="nobody says"),
        pytest.param("", "CH", "fr", "fr", id="browser among the languages of the country"),
        pytest.param("", "CH", "en", "de", id="first language of the country"),
        pytest.param("", "BE", "en", "en", id="a country whose first language is not ours"),
        pytest.param("", "BE", "fr-BE", "fr", id="the same, with a browser of its second"),
        pytest.param("", "TW", "", "en", id="traditional signs are not simplified ones"),
        pytest.param("de-AT", "US", "", "de", id="a country's own way"),
        pytest.param("", "XX", "", "en", id="no such country"),
        pytest.param("", "MX", "", "es", id="official by custom alone"),
        pytest.param("", "de", "", "de", id="country in small letters"),
        pytest.param("", "CH", "es", "de", id="a browser of none of its languages"),
        pytest.param("tlh", "", "sv", "en", id="nothing of it is ours"),
    ],
)
def test_language_is_the_customers_then_the_countrys_then_the_browsers(chosen, country, spoken, language):
    assert preferred_language(chosen, country, spoken, OURS) == language


@pytest.mark.parametrize(
    ("code", "ours"),
    [
        ("zh", "zh-hans"),
        ("zh-CN", "zh-hans"),
        ("zh_Hans_SG", "zh-hans"),
        ("zh-TW", ""),
        ("ZH-HANT", ""),
        ("zh-HK", ""),
        ("zh-MO", ""),
        ("zh_Hant_TW", ""),
        ("tlh", ""),
        (" De_at ", "de"),
        ("", ""),
    ],
)
def test_chinese_is_ours_where_it_is_simplified(code, ours):
    assert nearest(code, OURS) == ours


def test_language_is_that_of_the_desk_where_ours_are_few():
    assert nearest("zh-CN", ["en", "de"]) == ""
    assert preferred_language("", "", "", ["de", "en"]) == "de"
