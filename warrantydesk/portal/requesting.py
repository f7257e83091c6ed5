"""From what was filled in to a case: through the same service as a mail, once, however often the button is pressed."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from cases.actors import Actor
from cases.evidence import baskets
from cases.evidence.storage import StoredFile
from cases.models import Case, EvidenceUpload, FileBasket, HeldFile
from cases.services.opening import NewCase, open_case
from cases.services.speaking import language_for
from cases.services.uploading import drop_basket, finish_upload, still_coming
from products.errors import Refused
from products.services import CustomerData, find_or_create_customer
from warrantydesk.portal.models import RequestDraft
from warrantydesk.portal.purchases import read_numbers


def files_of(draft: RequestDraft) -> list[HeldFile]:
    """What is here of its files, the refused ones too, in the order they came."""
    return list(draft.basket.files.order_by("received_at", "pk")) if draft.basket else []


def files_coming(draft: RequestDraft, now: datetime) -> list[EvidenceUpload]:
    """What is still on its way. Whatever is here whole is taken in first."""
    if draft.basket is None:
        return []
    for upload in still_coming(draft.basket, now):
        if upload.received == upload.size:
            finish_upload(upload, actor=Actor.customer(), now=now)
    return still_coming(draft.basket, now)


def send_request(draft: RequestDraft, *, now: datetime, without_the_rest: bool = False, language: str = "") -> Case:
    """Open the case, once. Refused while files are on their way, unless they are to be left out.

    `language` is the one the sender chose, "" where they read on as their browser asked. Nothing is believed of
    the sender: the private link goes to the address by mail, and only there.
    """
    draft = RequestDraft.objects.select_related("basket").get(pk=draft.pk)  # as it is now, not as the page showed it
    if draft.sent_at is None and files_coming(draft, now) and not without_the_rest:
        raise Refused(_("Some of your files are not here yet."), field="without", code="coming")
    with transaction.atomic():
        # Nothing joined: PostgreSQL would read what is joined as it was before the lock was free.
        locked = RequestDraft.objects.select_for_update().get(pk=draft.pk)
        if locked.sent_at is None:
            _open(locked, now, language)
    # Another press may have been quicker.
    basket = FileBasket.objects.filter(pk=locked.basket_id).first() if locked.basket_id else None
    if basket is not None:
        drop_basket(basket)
    if locked.case is None:
        raise Refused(_("This request was sent before, and its case is not there any more."), code="gone")
    return locked.case


def _open(draft: RequestDraft, now: datetime, language: str) -> None:
    files: list[StoredFile] = baskets.take_out(draft.basket) if draft.basket else []
    draft.case = open_case(_new_case(draft, now, language), files=files, actor=Actor.customer(), now=now)
    draft.sent_at = draft.touched_at = now
    draft.save(update_fields=["case", "sent_at", "touched_at"])


def _new_case(draft: RequestDraft, now: datetime, language: str) -> NewCase:
    """What was proved is sure; a number alone may still find the purchase, as it would in a mail."""
    customer = find_or_create_customer(CustomerData(email=draft.email, name=draft.name, language=language))
    numbers = read_numbers(draft.invoice_as_given, draft.serial_as_given)
    match = numbers.match
    chosen = [part.pk for part in draft.parts()] if numbers.unit and numbers.unit.pk == draft.unit_id else []
    return NewCase(
        customer_id=customer.pk,
        source="portal",
        subject=_subject(draft),
        description=draft.description,
        words=_in_words(draft),
        received_at=now,
        language=language or language_for(customer, match.invoice, get_language() or ""),
        invoice_as_given=draft.invoice_as_given,
        serial_as_given=draft.serial_as_given,
        invoice_id=match.invoice.pk if match.invoice else None,
        unit_id=match.unit.pk if match.unit else None,
        part_ids=chosen or ([] if draft.part_ids or draft.part_words else [part.pk for part in match.parts]),
        proposed_part_ids=[] if chosen else [part.pk for part in match.proposed],
        sender_name=draft.name,
        sender_address=draft.email,
    )


def _subject(draft: RequestDraft) -> str:
    """What it is about, for a list: the parts, else the first words."""
    labels = [part.label for part in draft.parts()]
    return ", ".join(labels) if labels else draft.description.strip().partition("\n")[0]


def _in_words(draft: RequestDraft) -> str:
    """The first message of the case: what happened, and below it what else was written, each under its name."""
    further = [
        (_("Since when"), draft.since),
        (_("Which part"), draft.part_words),
        (_("What was bought, and when"), draft.about),
    ]
    lines = [f"{name}: {text.strip()}" for name, text in further if text.strip()]
    return "\n\n".join([draft.description.strip(), *lines])
