"""How long each kind of thing is kept, in one table: its period, its rule, how to find what is over, how it goes.

The nightly job, `forget_old`, the page of the desk and docs/privacy.md all read this. A table of the database that is
in no row of it fails a test; one without a period says why.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session
from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cases.closed import months_ago
from cases.evidence.retention import due_cases, erase_files
from cases.evidence.storage import delete_once_committed
from cases.models import CaseLink
from products.importing.runs import forget_files, old_files
from products.models import ImportRun
from shipments.services.hearing import old_hooks as old_carrier_calls
from warrantydesk.accounts.sessions import old_sessions
from warrantydesk.api.idempotency import old_requests
from warrantydesk.api.outgoing.collecting import old_events
from warrantydesk.api.shop.keeping import old_hooks as old_shop_calls
from warrantydesk.faces.limits import old_counts
from warrantydesk.intake.forgetting import cases_with_old_mail, forget_mail_of, old_mail_of_nobody, remove_mail
from warrantydesk.portal.drafting import drop_drafts, old_drafts


def _delete(rows: QuerySet[Any]) -> int:
    return rows.delete()[1].get(rows.model._meta.label, 0)


@dataclass(frozen=True)
class Kind:
    """`due` finds what is over at an instant, oldest first. `forget` takes some of those, locked, and says how many
    went; `forget_one` takes one by its key, in a transaction of its own: what locks a case locks no hundred others."""

    code: str
    says: Promise
    settings: tuple[str, ...]
    rule: str
    tables: tuple[str, ...]
    due: Callable[[datetime], QuerySet[Any]]
    forget: Callable[[QuerySet[Any]], int] = _delete
    forget_one: Callable[[int, datetime], int] | None = None

    def period(self) -> list[tuple[int, str]]:
        """The numbers in force, each with its unit as the setting's name has it: months, days, hours."""
        return [(getattr(settings, name), name.rpartition("_")[2].lower()) for name in self.settings]


def _old_links(now: datetime) -> QuerySet[CaseLink]:
    if not settings.LINK_KEEP_MONTHS:
        return CaseLink.objects.none()
    until = months_ago(settings.LINK_KEEP_MONTHS, now)
    return CaseLink.objects.filter(Q(expires_at__lt=until) | Q(revoked_at__lt=until)).order_by("pk")


def _old_log(now: datetime) -> QuerySet[LogEntry]:
    months = settings.ADMIN_LOG_KEEP_MONTHS
    log = LogEntry.objects.order_by("pk")
    return log.filter(action_time__lt=months_ago(months, now)) if months else log.none()


def _dead_sessions(now: datetime) -> QuerySet[Session]:
    return Session.objects.filter(expire_date__lt=now).order_by("pk")


def _forget_imports(runs: QuerySet[ImportRun]) -> int:
    count = runs.count()
    delete_once_committed(forget_files(runs))
    return count


KINDS: tuple[Kind, ...] = (
    Kind("evidence", _("Photos, videos and papers of closed cases"), ("EVIDENCE_KEEP_MONTHS",),
         "Files, pictures, names and notes go after the case's last step; the fingerprints stay.",
         ("cases.Evidence", "cases.EvidenceUpload", "cases.UploadedPiece"), due_cases, forget_one=erase_files),
    Kind("mail", _("Mails of closed cases, as received and as sent"), ("MAIL_KEEP_MONTHS",),
         "The bytes as received and the words as sent go after the case's last step; that there was a mail, its "
         "Message-ID and the conversation stay.",
         ("intake.IncomingMail", "cases.OutgoingMail"), cases_with_old_mail, forget_one=forget_mail_of),
    Kind("held_mail", _("Automatic mail, and mail put aside"), ("HELD_MAIL_KEEP_MONTHS",),
         "Row and file go, counted from the day it was dealt with. What waits for a person is never erased.",
         ("intake.IncomingMail",), old_mail_of_nobody, remove_mail),
    Kind("links", _("Private links and reply tokens that have ended"), ("LINK_KEEP_MONTHS",),
         "Until then whoever follows an old link is told so, and can ask for a new one.",
         ("cases.CaseLink",), _old_links),
    Kind("drafts", _("Requests begun on the portal and left"), ("DRAFT_KEEP_DAYS",),
         "Counted from the last change; the files go with it. A sent one has become a case.",
         ("portal.RequestDraft", "cases.FileBasket", "cases.HeldFile"), old_drafts, drop_drafts),
    Kind("carrier_calls", _("Calls of carriers"), ("CARRIER_CALLS_KEEP_DAYS", "FOREIGN_CALLS_KEEP_DAYS"),
         "Once taken in; the scans keep what was said. The second period is for parcels nobody here knows.",
         ("shipments.TrackingHook",), old_carrier_calls),
    Kind("shop_calls", _("Calls of the shop"), ("SHOP_CALLS_KEEP_DAYS",),
         "Once taken in and overtaken by a newer word on the same order. The newest stays with the invoice: an old "
         "call sent again must not undo it.",
         ("api.ShopHook",), old_shop_calls),
    Kind("webhooks", _("What other systems were told"), ("WEBHOOK_LOG_KEEP_DAYS",),
         "The event and the log of its deliveries.", ("api.HookEvent", "api.HookDelivery"), old_events),
    Kind("api_answers", _("Answers of the API under an Idempotency-Key"), ("API_ANSWERS_KEEP_DAYS",),
         "The key may be used anew then.", ("api.IdempotentRequest",), old_requests),
    Kind("imports", _("Files that were imported, and the rows they rejected"), ("IMPORT_FILES_KEEP_DAYS",),
         "Counts and reasons of the run stay; what it brought is the sale's.",
         ("products.ImportRun", "products.ImportProblem"), old_files, _forget_imports),
    Kind("sign_ins", _("Where staff were signed in"), ("SESSION_HOURS",),
         "Network address and browser go when no timeout would let the session live.",
         ("accounts.DeskSession",), old_sessions),
    Kind("sessions", _("Sessions of browsers"), (),
         "When they end: of staff after SESSION_HOURS, of visitors after two weeks.",
         ("sessions.Session",), _dead_sessions),
    Kind("limits", _("Counts of limits"), ("LIMITS_KEEP_DAYS",),
         "Counted from the end of the window; keyed hashes all the while.", ("faces.LimitCount",), old_counts),
    Kind("admin_log", _("The admin's log of its own changes"), ("ADMIN_LOG_KEEP_MONTHS",),
         "What was changed, by whom.", ("admin.LogEntry",), _old_log),
)  # fmt: skip

# What has no period, and why. It goes by an erasure, with what it belongs to, or not at all.
STAYS: dict[str, tuple[str, ...]] = {
    "Who bought: as long as the law of the seller's country has invoices kept; then, or when asked, by an erasure.": (
        "products.Customer", "products.Invoice",
    ),
    "What was sold, its clock and what happened to it: the warranty itself, and its proof.": (
        "products.InvoiceLine", "products.SoldUnit", "products.CoveredPart", "products.PauseWindow",
        "products.PartVoid", "products.SerialChange", "products.ClockChange", "products.SaleCorrection",
    ),
    "The claim, its words and its history: what was asked, answered and decided, and why. By an erasure.": (
        "cases.Case", "cases.Message", "cases.CaseEvent", "cases.ClaimedPart", "cases.DecisionLetter", "cases.Quote",
        "cases.QuoteLine", "cases.RepairReport", "cases.UsedPart",
    ),
    "Parcels and their scans: they prove the pauses. By an erasure.": (
        "shipments.RepairShipment", "shipments.PackedPart", "shipments.TrackingEvent", "shipments.PauseProof",
    ),
    "Work that is done in minutes and gone then.": ("portal.LinkRequest",),
    "Accounts of staff, what they may do and what they arranged: while they work here or their work is on record.": (
        "accounts.User", "account.EmailAddress", "account.EmailConfirmation", "mfa.Authenticator", "api.ApiToken",
        "api.HookEndpoint", "cases.QueueView", "cases.Absence", "reports.SavedFilter", "reports.WeeklyMail",
        "reports.Subscription",
    ),
    "How the desk works; about nobody.": (
        "auth.Group", "auth.Permission", "contenttypes.ContentType", "products.Product", "products.KitPart",
        "products.WarrantyTerms", "products.VoidReason", "products.ColumnMapping", "cases.DeskCalendar",
        "cases.Holiday", "cases.AssignmentRule", "cases.Tag", "cases.CannedReply", "cases.QuoteTemplate",
        "cases.QuoteTemplateLine", "cases.RightsNotice", "intake.MailboxState", "shipments.CarrierHealth",
        "shipments.CarrierTurn", "api.HookCursor", "privacy.Forgetting",
    ),
    "Who of the staff did what, when and from where; of customers numbers alone. The database lets nobody take it.": (
        "audit.AuditEntry", "audit.AuditSeal",
    ),
    "Counted figures, without a person.": (
        "reports.ClaimFigures", "reports.PartCohort", "reports.StageRun", "reports.CountingMark",
        "reports.CaseFigures", "reports.Appeal", "reports.FrozenWeek", "reports.QuoteFigures", "reports.ParcelFigures",
        "reports.PauseFigures", "reports.Tally", "reports.FailureTally", "reports.HistoryTally", "reports.RunTally",
        "reports.NarrowedRunTally", "reports.NarrowedWeekSpread",
        "reports.WeekSpread", "reports.SoldTally", "reports.CountryFailureTally", "reports.CountryHistoryTally",
    ),
    "Files of reports somebody asked for: gone with their rows a day after they were made.": ("reports.ExportJob",),
}  # fmt: skip
