"""The claimed parts: each with its clock, what the rules propose and why, what was found, and the verdict."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from cases.models import ClaimedPart
from cases.rules.eligibility import Proposal
from cases.services.deciding import proposals_of
from products.explaining import Explained, explained
from products.models import PauseWindow
from warrantydesk.faces.clock_words import clock_words
from warrantydesk.staff.case_beside import Report
from warrantydesk.staff.case_on_desk import CaseOnDesk
from warrantydesk.staff.folds import Fold, Forms, More

MOST_OPEN = 2
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
    """`under_review`: verdicts can be given and taken back now, as far as the rules go. `waits`: others come first, so
    it is folded to its sentence until somebody opens it. `why`: the steps of clock and proposal. `report`: how it
    stands in the workshop."""

    claim: ClaimedPart
    explained: Explained
    proposal: Proposal
    proposed: Proposed
    forms: dict[str, Fold]
    under_review: bool
    waits: bool
    why: More
    report: Report | None

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
        return any(window.source == PauseWindow.Source.STAFF for window in self.claim.part.pauses.all())


@dataclass(frozen=True)
class PartsPanel:
    parts: list[PartPanel]

    @property
    def undecided(self) -> int:
        return sum(not part.is_decided for part in self.parts)


def parts_panel(on_desk: CaseOnDesk, forms: Forms, *, under_review: bool) -> PartsPanel:
    proposals = proposals_of(on_desk.case)
    waiting = _waiting(on_desk.claims) if under_review else set()
    parts, words = [], clock_words()
    for claim in on_desk.claims:
        about = forms.folds(ABOUT_CLAIMS, claim)
        parts.append(
            PartPanel(
                claim,
                explained(claim.part, on_desk.today, received_on=on_desk.case.submitted_on, words=words),
                proposals[claim.pk],
                _proposed(proposals[claim.pk], on_desk),
                about,
                under_review,
                waits=claim.pk in waiting and not any(fold.is_open for fold in about.values()),
                why=forms.more(f"why-{claim.pk}"),
                report=on_desk.repair_reports.get(claim.pk),
            )
        )
    return PartsPanel(parts)


def _waiting(claims: list[ClaimedPart]) -> set[int]:
    """Those still to be decided but for the first, where they are more than one screen holds."""
    undecided = [claim.pk for claim in claims if claim.verdict == ClaimedPart.Verdict.UNDECIDED]
    return set(undecided[1:]) if len(undecided) > MOST_OPEN else set()


def _proposed(proposal: Proposal, on_desk: CaseOnDesk) -> Proposed:
    if proposal.verdict == "covered":
        return Proposed("ok", "shield-check", _("Proposed: covered"))
    if proposal.verdict == "denied":
        titles = {reason.code: reason.title for reason in on_desk.reasons}
        reason = titles.get(proposal.reason_code, proposal.reason_code)
        return Proposed("warn", "alert", _("Proposed: %(reason)s") % {"reason": reason.lower()})
    return Proposed("calm", "circle", _("Undecided"))
