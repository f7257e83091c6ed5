"""What of a page a browser would run, fetch or obey, and that is not ours, read as a browser parses it."""

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

import tinyhtml5

from warrantydesk.tests.planting import MARK

ADDRESSES = {"href", "src", "action", "formaction", "data", "poster", "srcset", "background", "xlink:href", "ping"}
# No page of ours has any of these; the admin's library neither.
FOREIGN = {"iframe", "object", "embed", "base", "applet", "frameset", "marquee", "math", "isindex", "bgsound", "audio"}
_RUNS = re.compile(r"\s*(javascript|vbscript|data|livescript|mocha)\s*:", re.IGNORECASE)
_UNSEEN = re.compile(r"[\x00-\x20\u200b\ufeff]")


def dangers(html: str, *, strict: bool = True) -> list[str]:
    """Whatever should not be there. `strict`: a page of ours, with no inline script, style or handler at all; else a
    page of the admin, whose own are known by carrying none of what was planted."""
    tree = tinyhtml5.parse(html, namespace_html_elements=False)
    return [danger for element in tree.iter() if isinstance(element.tag, str) for danger in _of(element, strict)]


def _of(element: Element, strict: bool) -> Iterator[str]:
    tag = element.tag.rpartition("}")[2].lower()
    if tag in FOREIGN:
        yield f"<{tag}>"
    if tag in ("script", "style") and _is_ours(element) is False and (strict or MARK in (element.text or "")):
        yield f"<{tag}>{(element.text or '')[:60]}"
    if tag == "meta" and element.get("http-equiv", "").lower() == "refresh":
        yield "<meta refresh>"
    for name, value in element.attrib.items():
        yield from (f"<{tag} {name}={value[:60]!r}>" for _ in [0] if _is_bad(str(name).lower(), value, strict))


def _is_ours(element: Element) -> bool:
    """A script by its address on our own site, or data that no browser runs."""
    if (element.text or "").strip():
        return element.get("type", "") in ("application/json", "application/ld+json", "text/template")
    return element.get("src", "/static/").startswith("/static/")


def _is_bad(name: str, value: str, strict: bool) -> bool:
    name = name.rpartition("}")[2]
    planted = MARK in value or "alert(" in value
    if name.startswith("on") or name == "srcdoc":
        return strict or planted
    if name == "style" or name.startswith(("hx-on", "x-", "@", ":", "hx-vals", "hx-headers")):
        return planted
    return name in ADDRESSES and bool(_RUNS.match(_UNSEEN.sub("", value))) and (strict or planted)
