"""Everything a customer can do, in one table: its form, the one service it calls, and what is said when it is done.

Nothing here decides whether it may happen: the service does, and its refusal is shown with what was typed.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.core.cache import cache
from django.db import transaction
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from cases.errors import Stale
from cases.evidence.storage import discard, store_uploads
from cases.models import Evidence, Quote
from cases.services import deciding, linking, opening, quoting, talking, uploading
from products.errors import Refused
from shipments.carriers.registry import suggest_carrier
from shipments.services import book, correcting
from shipments.services.receipts import attach_receipt
from warrantydesk.portal import forms, parcel_forms
from warrantydesk.portal.case_of_customer import CaseOfCustomer

A_DAY = 24 * 60 * 60


@dataclass(frozen=True)
class Done:
    """What to say of it: the sentence, and each file that could not be kept with its reason."""

    said: str | Promise
    refused: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Verb:
    """Its address is /status/<name>/; `anchor` is where on the page its outcome is seen."""

    name: str
    form: type[forms.CaseForm]
    do: Callable[[CaseOfCustomer, dict[str, Any]], Done]
    anchor: str

    def form_for(
        self, page: CaseOfCustomer, data: QueryDict | None = None, files: MultiValueDict | None = None
    ) -> forms.CaseForm:
        """The empty form, or the one that was sent. Its ids are unique on the page that holds them all."""
        form = self.form(page, data, files, auto_id=f"{self.name}-%s")
        form.name, form.anchor = self.name, self.anchor
        return form

    def carry_out(self, page: CaseOfCustomer, form: forms.CaseForm) -> Done:
        """Do it, once for each copy of a form that counts once. Raises what the service raises."""
        mark = form.cleaned_data.get("once")
        if not mark:
            return self.do(page, form.cleaned_data)
        key = f"portal:once:{page.case.pk}:{self.name}:{mark}"
        if not cache.add(key, True, A_DAY):
            raise Stale(_("We have this already."), code="twice")
        try:
            return self.do(page, form.cleaned_data)
        except Refused:
            cache.delete(key)  # nothing happened, so the same form may be sent again
            raise


def _by(page: CaseOfCustomer) -> dict[str, Any]:
    return {"actor": page.actor, "now": page.now}


def send_message(page: CaseOfCustomer, data: dict[str, Any]) -> Done:
    if not data["text"]:
        return send_photos(page, data)
    sent = [row.pk for row in uploading.evidence_of(page.case, data["uploads"])]
    message = talking.receive_message(
        page.case.pk, text=data["text"], files=store_uploads(data["photos"]), evidence=sent, **_sender(page)
    )
    return Done(_("Your message is with us."), _refused(message.evidence.all()))


def send_photos(page: CaseOfCustomer, data: dict[str, Any]) -> Done:
    rows = uploading.evidence_of(page.case, data["uploads"])
    if data["photos"]:
        rows += opening.add_evidence(page.case.pk, files=store_uploads(data["photos"]), **_by(page))
    kept = sum(row.is_kept for row in rows)
    said = ngettext("%(count)s file is with us.", "%(count)s files are with us.", kept) % {"count": kept}
    return Done(said if kept else "", _refused(rows))


def send_numbers(page: CaseOfCustomer, data: dict[str, Any]) -> Done:
    labels = {"invoice": _("Invoice number"), "serial": _("Serial number")}
    lines = [f"{label}: {data[name]}" for name, label in labels.items() if data.get(name)]
    talking.receive_message(page.case.pk, text="\n".join(lines), **_sender(page))
    return Done(_("Thank you. A person compares the numbers with our sales."))


def describe(page: CaseOfCustomer, data: dict[str, Any]) -> Done:
    opening.describe(page.case.pk, description=data["description"], **_by(page))
    return Done(_("Thank you, your description is with us."))


def name_parts(page: CaseOfCustomer, data: dict[str, Any]) -> Done:
    """What is chosen is sure, and what was only guessed and not chosen goes.

    Guesses are dropped after the new parts are named: the other way round the request could become complete, and its
    review begin, without them.
    """
    chosen = [int(pk) for pk in data["part_ids"]]
    claimed = {claim.part_id for claim in page.all_claims}
    guesses = {claim.part_id for claim in page.all_claims if not claim.confirmed}
    with transaction.atomic():
        if not claimed.issuperset(chosen):
            opening.claim_parts(page.case.pk, part_ids=chosen, **_by(page))
        if claimed.issuperset(chosen) or guesses - set(chosen):
            opening.confirm_claims(page.case.pk, part_ids=chosen, drop_others=True, **_by(page))
    return Done(_("Thank you, we know the part now."))


def answer_quote(page: CaseOfCustomer, data: dict[str, Any]) -> Done:
    answer = data["answer"]
    quoting.answer_quote(page.case.pk, answer=answer, through=Quote.PORTAL, quote_id=data["quote"], **_by(page))
    if answer == "accepted":
        return Done(_("Thank you. You accepted the costs, and we go on."))
    return Done(_("You declined the costs. No repair takes place; your warranty is not touched by this."))


def tell_tracking_number(page: CaseOfCustomer, data: dict[str, Any]) -> Done:
    """The number, and with it the receipt: both, or neither."""
    files = store_uploads(data["receipt"])
    try:
        with transaction.atomic():
            parcel = book(page.case.pk, direction="to_workshop", proposed=True, **_number(data), **_by(page))
            rows = attach_receipt(parcel.pk, files=files, **_by(page)) if files else []
    except Refused:
        discard(files)
        raise
    return Done(_("Thank you. We check the number, and then follow your parcel."), _refused(rows))


def correct_number(page: CaseOfCustomer, data: dict[str, Any]) -> Done:
    correcting.correct_number(_own_parcel(page, data), **_number(data), **_by(page))
    return Done(_("Thank you, the number is corrected. We check it, and then follow your parcel."))


def take_number_back(page: CaseOfCustomer, data: dict[str, Any]) -> Done:
    correcting.take_back(_own_parcel(page, data), **_by(page))
    return Done(_("The number is taken back."))


def send_receipt(page: CaseOfCustomer, data: dict[str, Any]) -> Done:
    parcel_id = _own_parcel(page, data)
    files = store_uploads(data["receipt"])
    try:
        rows = attach_receipt(parcel_id, files=files, handed_in_on=data["handed_in_on"], **_by(page))
    except Refused:
        discard(files)
        raise
    kept = any(row.is_kept for row in rows)
    return Done(_("Thank you, the receipt is with your parcel.") if kept else "", _refused(rows))


def withdraw(page: CaseOfCustomer, data: dict[str, Any]) -> Done:
    deciding.withdraw(page.case.pk, why=data["why"], reason="withdrawn", **_by(page))
    return Done(_("Your request is withdrawn."))


def end_links(page: CaseOfCustomer, data: dict[str, Any]) -> Done:
    linking.revoke_links(page.case.pk, **_by(page))
    return Done(_("No private link to your request works any more."))


def ask_for_erasure(page: CaseOfCustomer, data: dict[str, Any]) -> Done:
    """As a message of the conversation: a person at the desk reads it, and it is kept who asked, and when."""
    text = _("I ask you to erase the personal data you hold about me.")
    talking.receive_message(page.case.pk, text=text, **_sender(page))
    return Done(_("A person looks after it and writes to you. What the law makes us keep, such as invoices, stays."))


VERBS: dict[str, Verb] = {
    verb.name: verb
    for verb in (
        Verb("message", forms.MessageForm, send_message, "messages"),
        Verb("photos", forms.PhotosForm, send_photos, "need"),
        Verb("numbers", forms.NumbersForm, send_numbers, "need"),
        Verb("description", forms.DescriptionForm, describe, "need"),
        Verb("parts", forms.PartsForm, name_parts, "need"),
        Verb("quote", forms.AnswerForm, answer_quote, "costs"),
        Verb("tracking", parcel_forms.TrackingForm, tell_tracking_number, "parcels"),
        Verb("correct", parcel_forms.CorrectForm, correct_number, "parcels"),
        Verb("take-back", parcel_forms.TakeBackForm, take_number_back, "parcels"),
        Verb("receipt", parcel_forms.ReceiptForm, send_receipt, "parcels"),
        Verb("end-links", forms.EndLinksForm, end_links, "privacy"),
        Verb("erase", forms.EraseForm, ask_for_erasure, "messages"),
        Verb("withdraw", forms.WithdrawForm, withdraw, "withdraw"),
    )
}
MOVED_ON = gettext_lazy(
    "Your request has moved on in the meantime, so this is not possible any more. This page shows where it stands now."
)


def refusal_in_words(refused: Refused) -> str:
    """A refusal as a customer reads it: what the rules say of states is written for staff."""
    return str(MOVED_ON) if getattr(refused, "unmet", ()) else str(refused)


def _number(data: dict[str, Any]) -> dict[str, Any]:
    number = data["tracking_number"]
    return {"tracking_number": number, "carrier": data["carrier"] or suggest_carrier(number)}


def _own_parcel(page: CaseOfCustomer, data: dict[str, Any]) -> int:
    """The parcel meant, if it is one of this case. One of another case is as unknown as one that never was."""
    if data["parcel"] not in {parcel.pk for parcel in page.parcels}:
        raise Refused(_("This parcel is not there any more."), code="parcel_unknown")
    return int(data["parcel"])


def _sender(page: CaseOfCustomer) -> dict[str, Any]:
    customer = page.case.customer
    return {"sender_name": customer.name, "sender_address": customer.email, **_by(page)}


def _refused(rows: Iterable[Evidence]) -> tuple[tuple[str, str], ...]:
    return tuple((row.name, row.refusal) for row in rows if not row.is_kept)
