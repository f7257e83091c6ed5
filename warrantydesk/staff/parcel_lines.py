"""What is told of a parcel on the case page, and of each of its scans, drawn in one pass."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from shipments.models import RepairShipment, TrackingEvent
from warrantydesk.faces.badges import status_badge
from warrantydesk.faces.formats import day, moment, time_of_day
from warrantydesk.faces.icons import icon
from warrantydesk.faces.statuses import status_of
from warrantydesk.staff.panels.parcels import ParcelPanel, ScanLine

HEAD = (
    '<div class="part-head">{way}<h3>{where}</h3>'
    '<span class="dim small"><span class="mono">{number}</span> {carrier}</span>'
    '<span class="end">{badge}</span></div><p class="small dim">{facts}</p>{more}'
)
BADGE = '<span class="badge{}">{}{}</span>'
LINE = '<p class="small dim">{}</p>'
CASE = ' <a class="mono" href="{}">{}</a>'
RECEIPT = '<li><a class="file-chip" href="{}">{}<span class="truncate">{}</span></a></li>'

PROOF = ' <a href="{}">{}{}</a>'
SCAN = '<li><time datetime="{iso}">{when}</time><span><b>{word}</b>{place}{text}{person}{proof}</span></li>'


def head_of(panel: ParcelPanel) -> SafeString:
    parcel = panel.parcel
    to_workshop = parcel.direction == RepairShipment.Direction.TO_WORKSHOP
    return format_html(
        HEAD,
        way=icon("arrow-left" if to_workshop else "arrow-right"),
        where=capfirst(parcel.get_direction_display()),
        number=parcel.tracking_number,
        carrier=panel.carrier,
        badge=_badge(parcel),
        facts=" · ".join(_facts(panel)),
        more=format_html_join("", "{}", ((line,) for line in _more(panel))),
    )


def scans_of(panel: ParcelPanel) -> SafeString:
    lines = format_html_join("", "{}", ((_scan(line),) for line in panel.scans))
    return format_html('<ol class="scans small">{}</ol>', lines)


def _scan(line: ScanLine) -> SafeString:
    scan = line.scan
    by_staff = scan.heard == TrackingEvent.Heard.STAFF
    return format_html(
        SCAN,
        iso=scan.occurred_on.isoformat(),
        when=f"{day(scan.occurred_on)} {time_of_day(scan.occurred_at)}".rstrip(),
        word=status_of(scan.kind, "shipment").word(),
        place=format_html(" <span>{}</span>", scan.place) if scan.place else "",
        text=format_html(' <span class="dim">{}</span>', scan.text) if scan.text else "",
        person=format_html(' <span class="dim">· {}</span>', scan.recorded_by) if by_staff else "",
        proof=format_html(PROOF, line.proof_url, icon("paperclip"), _("proof")) if line.proof_url else "",
    )


def _badge(parcel: RepairShipment) -> SafeString:
    if parcel.cancelled_at:
        return format_html(BADGE, "", icon("void"), _("Given up"))
    if parcel.proposed:
        return format_html(BADGE, " tone-info", icon("question"), _("From the customer"))
    if parcel.latest_kind:
        return status_badge(parcel.latest_kind, kind="shipment")
    return format_html(BADGE, "", icon("clock"), _("No scan yet"))


def _facts(panel: ParcelPanel) -> Iterator[str]:
    yield _("Booked %(day)s") % {"day": moment(panel.parcel.booked_at)}
    if panel.carries:
        yield _("the whole product") if panel.parcel.whole_product else panel.carries
    if panel.parcel.arrived_at:
        yield _("arrived %(day)s") % {"day": moment(panel.parcel.arrived_at)}


def _more(panel: ParcelPanel) -> Iterator[SafeString]:
    """What only some parcels have."""
    if panel.shared_with:
        cases = ((reverse("staff:case", args=[reference]), reference) for reference in panel.shared_with)
        words = _("The same parcel also serves")
        yield format_html(LINE, format_html("{}{}", words, format_html_join("", CASE, cases)))
    if panel.handed_in_on:
        yield format_html(LINE, _("Handed in on %(day)s, says the customer") % {"day": day(panel.handed_in_on)})
    if panel.receipts:
        files = ((file.url, icon("receipt"), file.name) for file in panel.receipts)
        yield format_html('<ul class="msg-files parcel-receipts">{}</ul>', format_html_join("", RECEIPT, files))
    if panel.lost:
        yield format_html('<p class="callout tone-bad">{}<span>{}</span></p>', icon("alert"), _lost(panel.lost))
    if panel.parcel.look_problem:
        yield format_html('<p class="small blocked">{}{}</p>', icon("alert"), panel.parcel.look_problem)


def _lost(what: str) -> str:
    if what == "next":
        return _("Lost on its way to the customer. Book the parcel that follows it: the clocks go by that one then.")
    return _(
        "Lost on its way to us: no scan will ever end this pause. A reviewer says from which day the clocks run again, "
        "with what proves it."
    )
