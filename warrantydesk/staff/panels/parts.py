"""The claimed parts: each with its clock, what the rules propose and why, what was found, and the verdict."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from cases.models import ClaimedPart
from cases.rules.eligibility import Proposal
from cases.services.deciding import proposals_of
from products.explaining import Explained, explained
from warrantydesk.faces.clock_words import clock_words
from warrantydesk.staff.case_on_desk import CaseOnDesk
from warrantydesk.staff.forms.base import VerbForm

if TYPE_CHECKING:
    from warrantydesk.staff.case_page import Forms

ABOUT_CLAIMS = (
    "confirm_part", "drop_part", "record_finding", "decide_part", "clear_verdict", "record_replacement",
    "confirm_pause", "withdraw_pause",
)  # fmt: skip


@dataclass(frozen=True)
class Proposed:
    """The proposal as a badge: never the green of a verdict that a person has given."""

    tone: str
    icon: str
    words: str


@dataclass(frozen=True)
class PartPanel:
    """`under_review`: verdicts can be given and taken back now, as far as the rules go."""

    claim: ClaimedPart
    explained: Explained
    proposal: Proposal
    proposed: Proposed
    forms: dict[str, VerbForm]
    under_review: bool

    @property
    def is_decided(self) -> bool:
        return self.claim.verdict != ClaimedPart.Verdict.UNDECIDED

    @property
    def folds(self) -> bool:
        """Whether its clock folds away: it is decided, and others of the case are still to be."""
        return self.is_decided and self.under_review

    @property
    def agrees(self) -> bool:
        """Whether verdict and proposal say the same; shown, where they do not, beside the verdict."""
        return not self.is_decided or self.claim.is_goodwill or self.claim.verdict == self.proposal.verdict

    @property
    def shows_deciding(self) -> bool:
        """The forms of finding and verdict: while they can be used, or when one came back with what was typed."""
        asked = self.forms["record_finding"], self.forms["decide_part"]
        return (self.under_review and not self.is_decided) or any(form.is_bound for form in asked)

    @property
    def can_be_dropped(self) -> bool:
        return self.under_review and not self.is_decided and self.forms["drop_part"].allowed

    @property
    def stated_pauses(self) -> bool:
        return bool(self.forms["withdraw_pause"].fields["left_on"].choices)  # type: ignore[attr-defined]


@dataclass(frozen=True)
class PartsPanel:
    parts: list[PartPanel]

    @property
    def undecided(self) -> int:
        return sum(not part.is_decided for part in self.parts)


def parts_panel(on_desk: CaseOnDesk, forms: "Forms", *, under_review: bool) -> PartsPanel:
    proposals = proposals_of(on_desk.case)
    titles = {reason.code: reason.title for reason in on_desk.reasons}
    parts = [
        PartPanel(
            claim,
            explained(claim.part, on_desk.today, received_on=on_desk.case.submitted_on, words=clock_words()),
            proposals[claim.pk],
            _proposed(proposals[claim.pk], titles),
            {name: forms.of(name, claim) for name in ABOUT_CLAIMS},
            under_review,
        )
        for claim in on_desk.claims
    ]
    return PartsPanel(parts)


def _proposed(proposal: Proposal, titles: dict[str, str]) -> Proposed:
    if proposal.verdict == "covered":
        return Proposed("ok", "shield-check", _("Proposed: covered"))
    if proposal.verdict == "denied":
        reason = titles.get(proposal.reason_code, proposal.reason_code)
        return Proposed("warn", "alert", _("Proposed: %(reason)s") % {"reason": reason.lower()})
    return Proposed("calm", "circle", _("Undecided"))
