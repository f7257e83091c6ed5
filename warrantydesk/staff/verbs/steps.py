"""The transitions of policy 5, and the plan of a way home unrepaired."""

from django.utils.translation import gettext_lazy as _

from cases.services import deciding, repairing
from warrantydesk.staff.access import DECIDE_CASES
from warrantydesk.staff.forms import steps
from warrantydesk.staff.forms.base import NothingToAsk
from warrantydesk.staff.verb import Verb

# Each under the name it has there.
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
