"""Every verb the trail knows, with the words a manager reads. A case is told in the words of its timeline."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from warrantydesk.staff.event_words import SENTENCES

OWN: dict[str, Promise] = {
    "account.logged_in": _("Signed in"),
    "account.logged_out": _("Signed out"),
    "account.login_failed": _("Sign-in failed"),
    "account.code_refused": _("Second factor refused"),
    "account.session_ended": _("Session ended from elsewhere"),
    "account.made": _("Account made"),
    "account.changed": _("Account changed"),
    "account.password_set": _("Password set"),
    "account.role_given": _("Role given"),
    "account.role_taken": _("Role taken away"),
    "account.factor_added": _("Second factor set up"),
    "account.factor_removed": _("Second factor removed"),
    "token.made": _("Token of the API made"),
    "token.revoked": _("Token of the API revoked"),
    "evidence.opened": _("Evidence opened"),
    "evidence.proof_opened": _("Proof opened"),
    "export.report": _("Report exported"),
    "export.cases": _("List of cases exported"),
    "export.customer": _("Customer's data exported"),
    "export.my_data": _("Customer took their data along"),
    "export.rejected_rows": _("Rejected rows exported"),
    "export.admin": _("Table of the admin exported"),
    "export.audit": _("Audit trail exported"),
    "customer.erased": _("Customer forgotten"),
    "part.voided": _("Cover of a part voided"),
    "part.void_lifted": _("Void lifted"),
    "part.replaced_piece": _("Serial number of a replacement"),
    "sale.corrected": _("Sale corrected"),
    "pause.confirmed": _("Pause stated by staff"),
    "pause.withdrawn": _("Pause of staff's taken back"),
    "import.taken": _("Import taken in"),
    "import.undone": _("Import taken back"),
    "mail.dismissed": _("Mail put away as no request"),
    "limit.lifted": _("Limit lifted"),
    "admin.added": _("Added in the admin"),
    "admin.changed": _("Changed in the admin"),
    "admin.deleted": _("Deleted in the admin"),
    "admin.imported": _("Imported in the admin"),
}
GROUPS: dict[str, Promise] = {
    "case": _("Decisions and steps of a case"),
    "verdict": _("Verdicts on parts"),
    "part": _("Parts"),
    "pause": _("Pauses"),
    "sale": _("Sales"),
    "quote": _("Quotes"),
    "evidence": _("Evidence"),
    "export": _("Exports"),
    "customer": _("Erasures"),
    "account": _("Accounts and sign-ins"),
    "token": _("Tokens of the API"),
    "import": _("Imports"),
    "limit": _("Limits"),
    "admin": _("Administration"),
    "details": _("Details of a case"),
    "message": _("Messages"),
    "mail": _("Mail"),
    "shipment": _("Parcels"),
    "clock": _("Warranty clocks"),
    "assigned": _("Who looks after it"),
    "opened": _("New cases"),
}


def verb_of(kind: str, name: str) -> str:
    """The verb of a row of the timeline."""
    return f"{'case' if kind == 'transition' else kind}.{name}"


WORDS: dict[str, Promise] = {
    **{verb_of(*code): sentence for code, (_icon, _tone, sentence) in SENTENCES.items()},
    **OWN,
}


def words_of(verb: str) -> str:
    return str(WORDS.get(verb, verb))


def verbs_of(group: str) -> list[str]:
    return [verb for verb in WORDS if verb.partition(".")[0] == group]


def verb_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """For a select: each group with "all of them" first."""
    return [
        (str(title), [(f"{group}.*", f"{title}: {_('all')}"), *((verb, words_of(verb)) for verb in verbs_of(group))])
        for group, title in GROUPS.items()
    ]
