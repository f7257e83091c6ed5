"""Parcels, the days they prove, and the workshop."""

from django.utils.translation import gettext_lazy as _

from cases.services import workshop
from shipments import services as parcels
from shipments.services import losing
from shipments.services.together import book_together
from warrantydesk.staff.access import CONFIRM_PAUSES, HANDLE_PARCELS
from warrantydesk.staff.forms import bench, pauses
from warrantydesk.staff.forms import parcels as parcel_forms
from warrantydesk.staff.forms.base import NothingToAsk
from warrantydesk.staff.verb import Doing, Verb


def confirm_pause(doing: Doing) -> None:
    """The proof is stored before the transaction that names it, and not kept where that refuses."""
    form, said = doing.form, doing.data
    with form.proved() as proof:
        parcels.confirm_pause(
            form.part_ids, left_on=said["left_on"], back_on=said["back_on"], reason=said["reason"], **proof,
            overrules=form.overrules, case_id=doing.case_id, **doing.by,
        )  # fmt: skip


def enter_scan(doing: Doing, kind: str) -> None:
    form, said = doing.form, doing.data
    with form.kept() as proof_file:
        parcels.enter_scan(
            doing.about.pk, kind=kind, proof=said["proof"], proof_file=proof_file, occurred_on=said["occurred_on"],
            occurred_at=form.occurred_at, place=said["place"], **doing.by,
        )  # fmt: skip


def close_lost(doing: Doing) -> None:
    said = doing.data
    with doing.form.kept() as kept:
        losing.close_lost(
            doing.about.pk, back_on=said["back_on"], reason=said["reason"],
            proof={"words": said["proof"], **(kept.data if kept else {})}, proof_file=kept.key if kept else "",
            **doing.by,
        )  # fmt: skip


PARCELS = (
    Verb(
        "book_parcel", parcel_forms.BookParcelForm,
        lambda d: book_together(
            d.case_id, also_for=d.data.get("also_for", ()), direction=d.data["direction"],
            carrier=d.form.chosen_carrier, tracking_number=d.data["tracking_number"],
            whole_product=d.data["whole_product"], booked_at=d.form.booked_at, **d.by,
        ),
        _("Book the parcel"), _("The parcel is booked."), permission=HANDLE_PARCELS, anchor="parcels",
    ),
    Verb(
        "confirm_parcel", NothingToAsk, lambda d: parcels.confirm(d.about.pk, **d.by),
        _("Yes, this parcel"), _("The parcel is followed from now on."),
        permission=HANDLE_PARCELS, about="parcel", anchor="parcels",
    ),
    Verb(
        "cancel_parcel", parcel_forms.CancelParcelForm,
        lambda d: parcels.cancel(d.about.pk, why=d.data["why"], **d.by),
        _("Give up this parcel"), _("The parcel counts for nothing any more."),
        permission=HANDLE_PARCELS, about="parcel", anchor="parcels",
    ),
    Verb(
        "enter_scan", parcel_forms.EnterScanForm, lambda d: enter_scan(d, d.data["kind"]),
        _("Enter the scan"), _("Entered, and the clocks follow."), permission=HANDLE_PARCELS, about="parcel",
        anchor="parcels",
    ),
    Verb(
        "mark_lost", parcel_forms.MarkLostForm, lambda d: enter_scan(d, "lost"),
        _("It is lost"), _("The parcel counts as lost."), permission=HANDLE_PARCELS, about="parcel", anchor="parcels",
    ),
    Verb(
        "close_lost", parcel_forms.CloseLostForm, close_lost,
        _("Let the clock run again"), _("The absence ends, and the clocks follow."),
        permission=CONFIRM_PAUSES, about="parcel", anchor="parcels",
    ),
    Verb(
        "repack_parcel", parcel_forms.RepackForm,
        lambda d: parcels.repack(
            d.about.pk, whole_product=d.data["whole_product"], part_ids=d.form.part_ids, **d.by
        ),
        _("Correct what it carries"), _("What the parcel carries is corrected, and the clocks follow."),
        permission=HANDLE_PARCELS, about="parcel", anchor="parcels",
    ),
    Verb(
        "confirm_pause", pauses.ConfirmPauseForm, confirm_pause,
        _("Confirm these days"), _("The days are confirmed, and the clock follows."),
        permission=CONFIRM_PAUSES, about="claim",
    ),
    Verb(
        "withdraw_pause", pauses.WithdrawPauseForm,
        lambda d: parcels.withdraw_pause(
            d.form.part_ids, left_on=d.data["left_on"], reason=d.data["reason"], case_id=d.case_id, **d.by
        ),
        _("Take these days back"), _("Taken back: what tracking says counts again."),
        permission=CONFIRM_PAUSES, about="claim",
    ),
)  # fmt: skip

BENCH = (
    Verb(
        "receive_parcel", NothingToAsk, lambda d: parcels.receive_parcel(d.about.pk, **d.by),
        _("It is here"), _("The parcel has arrived."), permission=HANDLE_PARCELS, about="parcel", anchor="parcels",
    ),
    Verb(
        "receive_unannounced", NothingToAsk, lambda d: parcels.receive_unannounced(d.case_id, **d.by),
        _("A parcel nobody told us of is here"), _("The parcel has arrived."),
        permission=HANDLE_PARCELS, anchor="parcels",
    ),
    Verb(
        "report_repair", bench.ReportForm,
        lambda d: workshop.report_repair(
            d.about.pk, found=d.data["found"], done=d.data["done"], test=d.data["test"], measured=d.data["measured"],
            **d.by,
        ),
        _("Keep the report"), _("The report is kept."), about="claim",
    ),
    Verb(
        "use_part", bench.UsedPartForm,
        lambda d: workshop.use_part(
            d.about.pk, article=d.data["article"], quantity=d.data["quantity"], serial=d.data["serial"], **d.by
        ),
        _("Built in"), _("The part is noted."), about="claim",
    ),
    Verb(
        "take_back_part", NothingToAsk, lambda d: workshop.take_back_part(d.about.pk, **d.by),
        _("Not built in"), _("The part is taken off the list."), about="used",
    ),
)  # fmt: skip
