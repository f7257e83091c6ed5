"""The one next step, what blocks it in words, and the quieter steps behind "More"."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from cases.services.next_steps import Step
from warrantydesk.staff.case_on_desk import CaseOnDesk
from warrantydesk.staff.folds import Fold

ASK = "request_information"
UNREPAIRED = "return_unrepaired"
UNDO = "undo"


@dataclass(frozen=True)
class Offered:
    """A step with its form. `blocks` says in words what is in its way and its own form cannot supply."""

    step: Step
    form: Fold

    @property
    def blocks(self) -> list[str]:
        return [unmet.message for unmet in self.step.unmet if not unmet.asked]

    @property
    def doubts(self) -> list[str]:
        """What would have kept the desk from doing it by itself; a person may, with a reason."""
        return [unmet.message for unmet in self.step.overridable]

    @property
    def more_doubts(self) -> int:
        return len(self.doubts) - 1

    @property
    def is_open(self) -> bool:
        """Whether this person may try it now: whatever is still unmet is asked by the form."""
        return self.step.permission_ok and not self.blocks

    @property
    def who_else(self) -> str:
        """Why this person may not, though somebody else could."""
        if self.step.permission_ok:
            return ""
        if self.form.allowed:
            return _("Somebody else decides this: it is about your own purchase")
        return _("A reviewer does this")

    @property
    def obstacle(self) -> str:
        """The first thing to be said where it is not open."""
        return self.who_else or next(iter(self.blocks), "")

    @property
    def obstacles(self) -> str:
        return self.who_else or ". ".join(self.blocks)

    @property
    def asks(self) -> bool:
        return self.form.asks

    @property
    def panel_id(self) -> str:
        return f"step-{self.step.name.replace('_', '-')}"

    @property
    def is_ending(self) -> bool:
        """It ends the case without anything done for the customer: its button says so in red."""
        return self.step.name == "withdraw"


@dataclass(frozen=True)
class StepsPanel:
    """`undo` stands beside the next step for the half minute in which it is possible, then among the others."""

    primary: Offered | None
    undo: Offered | None
    others: list[Offered]
    plans: list[Fold]

    @property
    def offered(self) -> list[Offered]:
        return [one for one in (self.primary, self.undo, *self.others) if one]

    @property
    def with_forms(self) -> list[Offered]:
        """Steps that open a panel of their own; one that was refused is shown open at the head of the page instead."""
        return [one for one in self.offered if one.asks and one.is_open and not one.form.is_bound]

    @property
    def opened(self) -> list[Offered]:
        """Those whose panel was asked for."""
        return [one for one in self.with_forms if one.form.is_open]

    @property
    def ask(self) -> Offered | None:
        return next((one for one in self.with_forms if one.step.name == ASK), None)

    def offers(self, *names: str) -> bool:
        return any(one.step.name in names for one in self.offered)


def steps_panel(on_desk: CaseOnDesk, forms: Mapping[str, Fold]) -> StepsPanel:
    offered = [Offered(step, forms[step.name]) for step in on_desk.steps]
    primary = next((one for one in offered if one.step.is_primary), None)
    undo = next((one for one in offered if one.step.name == UNDO and one.is_open), None)
    others = [one for one in offered if one not in (primary, undo)]
    return StepsPanel(primary, undo, others, _plans(on_desk, forms))


def _plans(on_desk: CaseOnDesk, forms: Mapping[str, Fold]) -> list[Fold]:
    """The way home unrepaired can be planned, or the plan dropped; a plan that was refused stays in sight."""
    plan, drop = forms["plan_unrepaired_return"], forms["drop_unrepaired_return"]
    bound = [form for form in (plan, drop) if form.is_bound]
    if bound or not plan.allowed or all(step.name != UNREPAIRED for step in on_desk.steps):
        return bound
    return [drop] if on_desk.goes_home_unrepaired else [plan]
