"""The parts, parcels and files of the status page, written in one go: they stand there several times, and a template
takes many times as long for each. What comes from outside goes through `text`, which escapes it; the words of our
catalogues stand as they are, as in a template.
"""

from collections.abc import Iterable

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from products.templatetags.clock import figure
from warrantydesk.faces.badges import status_badge
from warrantydesk.faces.clock_steps import clock_steps
from warrantydesk.faces.conversation import FileLink
from warrantydesk.faces.drawn import text
from warrantydesk.faces.formats import day
from warrantydesk.faces.icons import icon
from warrantydesk.portal.parcels import ParcelPanel
from warrantydesk.portal.parts import Answer, PartPanel
from warrantydesk.portal.talk import Shot


def parts(panels: Iterable[PartPanel]) -> SafeString:
    return _safe("".join(map(_part, panels)))


def _part(part: PartPanel) -> str:
    serial = f'<span class="mono small">{text(part.serial)}</span>' if part.serial else ""
    answer = part.answer
    badge = status_badge(answer.status if answer else "undecided", "customer", "verdict")
    return (
        f'\n<section class="card" aria-labelledby="part-{part.key}">\n  <header class="card-head">\n'
        f'    <h2 id="part-{part.key}">{text(part.label)}</h2>\n    {serial}\n'
        f'    <span class="end">{badge}</span>\n  </header>\n  {_answer(answer) if answer else _unanswered()}\n'
        f'  <div class="card-section">\n    <h3>{text(part.clock_title)}</h3>\n    <p>{text(part.clock_said)}</p>\n'
        f"    {_clock(part)}\n  </div>\n</section>\n"
    )


def _unanswered() -> str:
    said = _("We are looking at it. You get an answer for this part as soon as it is decided.")
    return f"<p>{said}</p>"


def _answer(answer: Answer) -> str:
    why = words = ""
    if answer.reason:
        clause = _("clause %(clause)s") % {"clause": text(answer.clause)}
        why = (
            f'<div class="why portal-gap"><p><b>{text(answer.reason)}</b> <span class="nowrap">({clause})</span></p>'
            f"<p>{text(answer.text)}</p></div>"
        )
    if answer.words:
        words = f'<p class="portal-gap msg-body">{text(answer.words)}</p>'
    return f"<p>{text(answer.said)}</p>\n    {why}\n    {words}"


def _clock(part: PartPanel) -> str:
    """components/clock_explained.html; an outsider has no drawing, and reads no more than what is said above."""
    told = part.explained
    svgs = told.svgs(f"k{part.key}")
    if not svgs:
        return ""
    return f'{figure(svgs)}\n<p class="clock-explained">{text(told.sentence)}</p>\n{clock_steps(told)}'


def parcel(panel: ParcelPanel) -> SafeString:
    """What is known of one parcel. The forms about it, which few still have, follow in the template."""
    way = _("To our workshop") if panel.direction == "to_workshop" else _("To you")
    seen = f'<span class="dim small">{text(panel.last_seen)}</span>' if panel.last_seen else ""
    lines = [f"<h3>{way}</h3>", f"<p>{_status(panel)} {seen}</p>"]
    if panel.proposed:
        lines.append('<p class="dim small">' + _("You told us this number; we are checking it.") + "</p>")
    lines.append(f'<p class="small">{_carrier(panel)}<span class="mono portal-number">{text(panel.number)}</span>')
    if panel.simulated:
        lines[-1] += f' <span class="badge tone-calm">{icon("robot")}' + _("simulated, for practice") + "</span>"
    lines[-1] += "</p>"
    if panel.handed_in_on:
        said = _("Handed in on %(day)s, as you told us") % {"day": text(day(panel.handed_in_on))}
        lines.append(f'<p class="small dim">{said}</p>')
    if panel.receipts:
        lines.append(f'<ul class="msg-files">{"".join(map(_receipt, panel.receipts))}</ul>')
    return _safe("\n  ".join(lines))


def _status(panel: ParcelPanel) -> SafeString:
    if panel.proposed:
        return status_badge("label", kind="shipment", text=_("Being checked"))
    if panel.status:
        return status_badge(panel.status, "customer", "shipment")
    return status_badge("label", kind="shipment", text=_("Not handed over yet"))


def _carrier(panel: ParcelPanel) -> str:
    if panel.carrier:
        return f"{text(panel.carrier)} "
    return '<span class="dim">' + _("Carrier not recognised") + "</span> " if panel.forms.get("correct") else ""


def _receipt(file: FileLink) -> str:
    name = f'<span class="truncate">{text(file.name)}</span>'
    return f'<li><a class="file-chip" href="{text(file.url)}">{icon("receipt")}{name}</a></li>'


def shots(files: Iterable[Shot]) -> SafeString:
    """The kept files, each as its small picture or by its name."""
    return _safe("\n".join(map(_shot, files)))


def _shot(shot: Shot) -> str:
    name = text(shot.name)
    if shot.thumbnail:
        kind = f'<span class="shot-kind">{icon("play")}' + _("video") + "</span>" if shot.shows == "video" else ""
        seen = f'<img src="{text(shot.thumbnail)}" alt="{name}" width="120" height="120">{kind}'
    else:
        picture = icon("video" if shot.shows == "video" else "file")
        seen = f'<span class="portal-file">{picture}<span class="portal-file-name">{name}</span></span>'
    if not shot.url:
        return f'<li><span class="shot is-missing" title="{name}">\n{seen}\n</span></li>'
    css = "shot" if shot.thumbnail else "shot is-missing"
    return f'<li><a class="{css}" href="{text(shot.url)}" title="{name}">\n{seen}\n</a></li>'


def _safe(written: str) -> SafeString:
    return mark_safe(written)  # noqa: S308 - what comes from outside went through `text`
