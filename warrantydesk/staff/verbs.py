"""Everything a person can do on the case page, in one table: its form, its permission, and the service it calls.

A verb's address is `cases/<reference>/<name with dashes>/`, followed by the id of the claimed part or the parcel it is
about, where it is about one. Nothing here decides whether a verb may happen: the service does, and what it says
against it is shown.
"""

from django.utils.translation import gettext_lazy as _

from cases import notifications
from cases.outbox import settling
from cases.services import (
    assigning,
    deciding,
    linking,
    opening,
    picturing,
    quoting,
    repairing,
    tagging,
    talking,
    workshop,
)
from shipments import services as parcels
from shipments.services import losing
from shipments.services.together import book_together
from warrantydesk.staff.access import CONFIRM_PAUSES, DECIDE_CASES, HANDLE_PARCELS
from warrantydesk.staff.forms import bench, parts, pauses, pictures, quote, steps, talk
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


def give(doing: Doing) -> None:
    said = doing.data
    if said["how"] == "least-busy":
        assigning.assign_least_busy(doing.case_id, note=said["note"], **doing.by)
    elif said["how"] == "by-product":
        assigning.assign_by_product(doing.case_id, note=said["note"], **doing.by)
    else:
        assigning.assign(doing.case_id, user=said["user"], note=said["note"], **doing.by)


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


# The transitions of policy 5, each under the name it has there.
STEPS = (
    Verb(
        "begin_review", steps.ReasonForm,
        lambda d: deciding.begin_review(d.case_id, why=d.data["why"], **d.by),
        _("Begin the review"), _("The case is under review."),
    ),
    Verb(
        "request_information", steps.AskForm,
        lambda d: deciding.request_information(d.case_id, missing=d.data["missing"], words=d.data["words"], **d.by),
        _("Ask the customer"), _("The customer is asked for what is missing."),
    ),
    Verb(
        "approve", steps.TellForm, lambda d: deciding.approve(d.case_id, seen=d.data["seen"], **d.by),
        _("Approve"), _("Approved. The customer's mail leaves in a moment; until then it can be undone."),
        permission=DECIDE_CASES,
    ),
    Verb(
        "deny", steps.TellForm, lambda d: deciding.deny(d.case_id, seen=d.data["seen"], **d.by),
        _("Deny"), _("Denied. The customer's mail leaves in a moment; until then it can be undone."),
        permission=DECIDE_CASES,
    ),
    Verb(
        "undo", NothingToAsk, lambda d: deciding.undo(d.case_id, **d.by),
        _("Undo the decision"), _("The decision is undone, and its mail will not leave."),
        permission=DECIDE_CASES,
    ),
    Verb(
        "reopen", steps.ReasonForm, lambda d: deciding.reopen(d.case_id, why=d.data["why"], **d.by),
        _("Reopen"), _("The case is under review again."),
    ),
    Verb(
        "start_repair", steps.ProofForm,
        lambda d: repairing.start_repair(d.case_id, proof=d.form.proof(), **d.by),
        _("Start the repair"), _("The repair has begun."),
    ),
    Verb(
        "send_back", steps.ProofForm, lambda d: repairing.send_back(d.case_id, proof=d.form.proof(), **d.by),
        _("It is back with the customer"), _("The product is back with the customer."),
    ),
    Verb(
        "deliver_replacement", steps.ProofForm,
        lambda d: repairing.deliver_replacement(d.case_id, proof=d.form.proof(), **d.by),
        _("The replacement was delivered"), _("The replacement is with the customer."),
    ),
    Verb(
        "return_unrepaired", steps.ReturnUnrepairedForm,
        lambda d: repairing.return_unrepaired(
            d.case_id, proof=d.form.proof(), why=d.data["why"], beyond_repair=d.data["beyond_repair"], **d.by
        ),
        _("Close it unrepaired"), _("The case is closed, the product unrepaired."),
    ),
    Verb(
        "reopen_return", steps.ReasonForm,
        lambda d: repairing.reopen_return(d.case_id, why=d.data["why"], **d.by),
        _("It did not arrive after all"), _("The product counts as away again."),
    ),
    Verb(
        "withdraw", steps.WithdrawForm,
        lambda d: deciding.withdraw(
            d.case_id, reason=d.data["reason"], duplicate_of=d.data["duplicate_of"], why=d.data["why"], **d.by
        ),
        _("Close the case"), _("The case is closed."),
    ),
)  # fmt: skip

CLAIM = (
    Verb(
        "set_purchase", parts.MatchPurchaseForm,
        lambda d: opening.set_purchase(d.case_id, invoice_id=d.data["invoice_id"], unit_id=d.data["unit_id"], **d.by),
        _("Match"), _("Invoice and product are matched."), anchor="purchase",
    ),
    Verb(
        "describe", parts.DescribeForm,
        lambda d: opening.describe(d.case_id, description=d.data["description"], **d.by),
        _("Keep"), _("The description is kept."), anchor="purchase",
    ),
    Verb(
        "claim_parts", parts.ClaimPartsForm,
        lambda d: opening.claim_parts(d.case_id, part_ids=d.data["parts"], **d.by),
        _("Claim these parts"), _("The parts are part of the claim now."), anchor="parts",
    ),
    Verb(
        "confirm_part", NothingToAsk,
        lambda d: opening.confirm_claims(d.case_id, part_ids=[d.about.part_id], **d.by),
        _("Yes, this part"), _("The part is confirmed."), about="claim",
    ),
    Verb(
        "drop_part", NothingToAsk, lambda d: opening.drop_claim(d.case_id, part_id=d.about.part_id, **d.by),
        _("Not this part"), _("The part is no longer claimed."), about="claim", anchor="parts",
    ),
    Verb(
        "record_finding", parts.FindingForm,
        lambda d: deciding.record_finding(
            d.about.pk, cause_code=d.form.cause_code, defect_found=d.data.get("defect_found", False),
            finding=d.data["finding"], **d.by,
        ),
        _("Record the finding"), _("What was found is recorded."), permission=DECIDE_CASES, about="claim",
    ),
    Verb(
        "decide_part", parts.DecideForm,
        lambda d: deciding.decide_part(
            d.about.pk, verdict=d.data["verdict"], reason_code=d.data["reason"], resolution=d.data["resolution"],
            words=d.data["words"], goodwill_reason=d.data["goodwill_reason"], **d.by,
        ),
        _("Decide this part"), _("The part is decided."), permission=DECIDE_CASES, about="claim",
    ),
    Verb(
        "clear_verdict", NothingToAsk, lambda d: deciding.clear_verdict(d.about.pk, **d.by),
        _("Take the verdict back"), _("The part is undecided again."), permission=DECIDE_CASES, about="claim",
    ),
    Verb(
        "record_replacement", parts.ReplacementForm,
        lambda d: repairing.record_replacement(d.about.pk, new_serial=d.data["new_serial"], **d.by),
        _("Record the replacement"), _("The new part has taken over the clock of the old one."), about="claim",
    ),
)  # fmt: skip

QUOTE = (
    Verb(
        "write_quote", quote.QuoteForm, lambda d: quoting.write_quote(d.case_id, lines=d.data["lines"], **d.by),
        _("Keep the quote"), _("The quote is kept. It is not sent yet."), anchor="quote",
    ),
    Verb(
        "send_quote", NothingToAsk, lambda d: quoting.send_quote(d.case_id, **d.by),
        _("Send the quote"), _("The quote is on its way to the customer."), anchor="quote",
    ),
    Verb(
        "answer_quote", quote.AnswerQuoteForm,
        lambda d: quoting.answer_quote(
            d.case_id, answer=d.data["answer"], through=d.data["through"], message_id=d.data["message"], **d.by
        ),
        _("Record the answer"), _("The answer is recorded."), anchor="quote",
    ),
)  # fmt: skip

WAY_HOME = (
    Verb(
        "plan_unrepaired_return", steps.PlanReturnForm,
        lambda d: repairing.plan_unrepaired_return(
            d.case_id, why=d.data["why"], beyond_repair=d.data["beyond_repair"], **d.by
        ),
        _("It goes home unrepaired"), _("Noted: the case closes when the product is delivered."), anchor="parcels",
    ),
    Verb(
        "drop_unrepaired_return", steps.ReasonForm,
        lambda d: repairing.drop_unrepaired_return(d.case_id, why=d.data["why"], **d.by),
        _("It will be repaired after all"), _("The return unrepaired is off."), anchor="parcels",
    ),
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

TALK = (
    Verb(
        "write_to_customer", talk.ReplyForm,
        lambda d: talking.write_to_customer(d.case_id, text=d.data["text"], enclosed=d.data["enclosed"], **d.by),
        _("Send"), _("Your message is on its way."), anchor="talk",
    ),
    Verb(
        "add_note", talk.NoteForm, lambda d: talking.add_note(d.case_id, text=d.data["text"], **d.by),
        _("Keep the note"), _("The note is kept. Only staff read it."), anchor="talk",
    ),
    Verb(
        "revoke_links", NothingToAsk, lambda d: linking.revoke_links(d.case_id, **d.by),
        _("End every private link"), _("No private link of this case works any more. The next mail brings a new one."),
        anchor="purchase",
    ),
    Verb(
        "assign", talk.AssignForm, give, _("Assign"), _("Somebody else looks after it now."), anchor="",
    ),
    Verb(
        "tag", talk.TagForm, lambda d: tagging.tag_case(d.case_id, name=d.data["name"], **d.by),
        _("Tag"), _("The tag is on."),
    ),
    Verb(
        "untag", talk.UntagForm, lambda d: tagging.untag_case(d.case_id, tag_id=d.data["tag"], **d.by),
        _("Take the tag off"), _("The tag is off."),
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

PICTURES = (
    Verb(
        "mark_fault", pictures.FaultForm, lambda d: picturing.mark_fault(d.about.pk, shows=d.data["shows"], **d.by),
        _("Shows the fault"), _("Noted."), about="file", anchor="evidence",
    ),
    Verb(
        "note_picture", pictures.PictureNoteForm,
        lambda d: picturing.note_picture(d.about.pk, text=d.data["text"], **d.by),
        _("Keep the note"), _("The note on the picture is kept. Only staff read it."),
        about="file", anchor="evidence",
    ),
    Verb(
        "turn_picture", pictures.TurnForm,
        lambda d: picturing.turn_picture(d.about.pk, rotation=d.data["rotation"], **d.by),
        _("Turn it"), "", about="file", anchor="evidence",
    ),
    Verb(
        "look_again", NothingToAsk, lambda d: picturing.look_again(d.about.pk, **d.by),
        _("Try again"), _("It is prepared once more; that takes a moment."), about="file", anchor="evidence",
    ),
)  # fmt: skip

MAIL = (
    Verb(
        "send_again", NothingToAsk, lambda d: settling.send_again(d.about.pk, **d.by),
        _("Send once more"), _("The mail leaves once more."), about="mail", anchor="talk",
    ),
    Verb(
        "take_as_sent", NothingToAsk, lambda d: settling.take_as_sent(d.about.pk, **d.by),
        _("It did arrive"), _("The mail counts as sent."), about="mail", anchor="talk",
    ),
    Verb(
        "send_link", NothingToAsk, lambda d: notifications.send_link(d.on_desk.case, **d.by),
        _("Send the private link again"), _("The private link goes to the customer's address once more."),
        anchor="talk",
    ),
)  # fmt: skip

VERBS: dict[str, Verb] = {
    verb.name: verb for verb in (*STEPS, *CLAIM, *QUOTE, *WAY_HOME, *PARCELS, *BENCH, *TALK, *PICTURES, *MAIL)
}
