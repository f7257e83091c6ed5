"""In which language a customer is written to: what they chose, else that of their invoice's country, else the
browser's. Pure.
"""

from collections.abc import Sequence

from babel.languages import get_official_languages

# Official languages of a country that only few of its people read are no answer (Babel lists them after the others).
_MOST = 3


def preferred_language(chosen: str, country: str, spoken: str, ours: Sequence[str]) -> str:
    """One of `ours`, the first of which is spoken where nothing else is known. Codes such as de, de-AT, zh_CN.

    A country whose first language is none of ours has no answer, unless the browser speaks another one of its
    languages: a reader in Antwerp is asked in neither French nor German by force.
    """
    at_home = _of_country(country, ours)
    heard = nearest(spoken, ours)
    of_country = heard if heard and heard in at_home else next(iter(at_home), "")
    return nearest(chosen, ours) or of_country or heard or ours[0]


def nearest(code: str, ours: Sequence[str]) -> str:
    """The one of ours a code stands for, or "": de-AT is de, zh-CN and zh are zh-hans, and zh-TW is none."""
    written = code.strip().lower().replace("_", "-")
    if written in ours:
        return written
    tongue, _, rest = written.partition("-")
    if tongue == "zh":
        return "zh-hans" if "zh-hans" in ours and not {"hant", "tw", "hk", "mo"} & set(rest.split("-")) else ""
    return tongue if tongue in ours else ""


def _of_country(country: str, ours: Sequence[str]) -> list[str]:
    """Ours among its languages, its first one first; none where its first is not ours. The first may be "", where the
    country has another language before it."""
    official = [nearest(code, ours) for code in get_official_languages(country.upper(), de_facto=True)[:_MOST]]
    return official if any(official) else []
