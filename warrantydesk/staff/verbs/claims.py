"""What is claimed and what it costs: the purchase, the parts, findings and verdicts, the quote."""

from django.utils.translation import gettext_lazy as _

from cases.services import deciding, opening, quoting, repairing
from warrantydesk.staff.access import DECIDE_CASES
from warrantydesk.staff.forms import parts, quote
from warrantydesk.staff.forms.base import NothingToAsk
from warrantydesk.staff.verb import Verb

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
