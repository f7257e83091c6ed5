"""What is held about one customer, table by table: how to find it, what an export tells, what an erasure leaves.

Facts the warranty needs stay: which part was sold when, its clock, its pauses, what was decided and why by code. Names,
addresses, words, files and mails go. A table with text in it that is missing here fails a test (test_erasing.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.db.models import Model, Q, QuerySet

from products.models import Customer

GONE = "–"  # where a word has to stand by the rules of the table


@dataclass(frozen=True)
class Held:
    """`of` leads from the table to the customer; `words` are emptied (or become what stands there), `deleted` rows go
    as a whole. `by_address` finds further rows by an address the customer wrote from."""

    model: str
    of: str = ""
    words: Mapping[str, Any] = field(default_factory=dict)
    deleted: bool = False
    by_address: str = ""
    facts: tuple[str, ...] = ()

    @property
    def table(self) -> type[Model]:
        return apps.get_model(self.model)

    def rows(self, customer: Customer) -> QuerySet[Any]:
        found = Q(**{self.of: customer.pk}) if self.of else Q(pk__in=[])
        if self.by_address and customer.email:
            found |= Q(**{f"{self.by_address}__iexact": customer.email})
        return self.table._default_manager.filter(found)


def empty(*names: str) -> dict[str, Any]:
    return dict.fromkeys(names, "")


# In the order in which they are erased: what is found through another row stands before it.
TABLES: tuple[Held, ...] = (
    Held("portal.LinkRequest", deleted=True, by_address="address", facts=("reference", "address", "asked_at")),
    Held("portal.RequestDraft", "case__customer", deleted=True, by_address="email",
         facts=("created_at", "description", "name", "email")),
    Held("intake.IncomingMail", "case__customer", deleted=True, by_address="from_address",
         facts=("received_at", "from_name", "from_address", "subject", "outcome")),
    Held("cases.CaseLink", "case__customer", deleted=True, facts=("kind", "address", "created_at", "expires_at")),
    Held("cases.OutgoingMail", "case__customer", by_address="to_address",
         words=empty("to_address", "to_name", "subject", "body", "in_reply_to", "references", "problem",
                     "bounce_reason"),
         facts=("kind", "to_address", "to_name", "subject", "body", "created_at", "sent_at")),
    Held("cases.DecisionLetter", "case__customer", deleted=True, facts=("decided_at", "language", "content")),
    Held("cases.Message", "case__customer", by_address="sender_address",
         words=empty("sender_name", "sender_address", "subject", "text"),
         facts=("direction", "sender_name", "sender_address", "subject", "text", "at")),
    Held("cases.Evidence", "case__customer",  # its words and files: cases.services.guarding.erase_evidence
         facts=("name", "content_type", "size", "sha256", "received_at", "status", "facts", "note")),
    Held("cases.RepairReport", "claim__case__customer", words={"found": GONE, "done": "", "measured": ""},
         facts=("found", "done", "measured", "test")),
    Held("cases.ClaimedPart", "case__customer", words={"words": "", "finding": GONE, "goodwill_reason": GONE},
         facts=("verdict", "resolution", "words", "finding", "goodwill_reason", "decided_at")),
    Held("cases.QuoteLine", "quote__case__customer", words={"description": GONE},
         facts=("kind", "description", "amount")),
    Held("cases.Quote", "case__customer", words=empty("answered_through"),
         facts=("currency", "answer", "answered_at", "answered_through")),
    Held("cases.CaseEvent", "case__customer", words=empty("why"), facts=("at", "kind", "name", "why")),
    Held("shipments.TrackingEvent", "shipment__case__customer",
         words={"place": "", "text": "", "raw": dict},
         facts=("kind", "code", "occurred_on", "occurred_at", "place", "text")),
    Held("shipments.RepairShipment", "case__customer", words=empty("look_problem"),
         facts=("direction", "carrier", "tracking_number")),
    Held("products.PauseWindow", "part__unit__line__invoice__customer", words={"reason": GONE},
         facts=("left_on", "back_on", "certainty", "reason")),
    Held("products.PartVoid", "part__unit__line__invoice__customer", words=empty("note", "lift_reason"),
         facts=("case_reference", "note", "lift_reason")),
    Held("products.SaleCorrection", "invoice__customer", words={"reason": GONE}, facts=("reason",)),
    Held("cases.Case", "customer", words=empty("subject", "description", "invoice_as_given", "serial_as_given"),
         facts=("reference", "state", "subject", "description", "invoice_as_given", "serial_as_given", "received_at")),
    Held("products.CoveredPart", "unit__line__invoice__customer",
         facts=("place", "serial", "starts_on", "covered_through", "voided_at")),
    Held("products.Invoice", "customer", facts=("shop", "number", "issued_on", "delivered_on", "country", "currency")),
    Held("products.Customer", "pk", words=empty("name", "email", "address", "time_zone"),
         facts=("name", "email", "country", "language", "time_zone", "address", "created_at")),
)  # fmt: skip

# Columns of text that an erasure leaves in the rows above: facts of the warranty, codes, and what is dealt with by name
# in erasing.py. A column that is neither here nor among the words above fails a test.
STAYING: dict[str, str] = {
    "cases.OutgoingMail": "key language rfc_message_id kind",
    "cases.Evidence": "name claimed_type content_type sha256 original web thumbnail refusal facts note",
    "cases.ClaimedPart": "snapshot",
    "cases.Quote": "currency",
    "cases.CaseEvent": "name from_state to_state data",
    "shipments.TrackingEvent": "fact code voids",
    "shipments.RepairShipment": "carrier tracking_number review_reasons",
    "products.PauseWindow": "review_reasons proof proof_file",
    "products.PartVoid": "case_reference",
    "products.SaleCorrection": "before after",
    "cases.Case": "reference language submitted_zone information_missing",
    "products.CoveredPart": "place serial serial_fold",
    "products.Invoice": "shop number number_fold currency source_print",
    "products.Customer": "language",
}

# Tables with text in them that hold nothing of a customer, each with its reason; erasure sweeps them all the same for
# the address and the name, since somebody may have written either anywhere.
NOBODYS: dict[str, str] = {
    "products.Product": "catalogue", "products.KitPart": "catalogue", "products.WarrantyTerms": "catalogue",
    "products.VoidReason": "catalogue", "products.SoldUnit": "the serial number is the fact itself",
    "products.SerialChange": "serial numbers are facts", "products.ClockChange": "dates before and after",
    "products.ImportRun": "its file is dealt with by name", "products.ImportProblem": "its cells are swept",
    "products.ColumnMapping": "headers of files", "cases.DeskCalendar": "how the desk works",
    "cases.Holiday": "how the desk works", "cases.Tag": "how the desk works", "cases.QueueView": "of a colleague",
    "cases.Absence": "of a colleague", "cases.CannedReply": "ready-made words", "cases.QuoteTemplate": "ready-made",
    "cases.QuoteTemplateLine": "ready-made", "cases.RightsNotice": "ready-made words",
    "cases.EvidenceUpload": "goes with the evidence or its basket", "cases.UploadedPiece": "goes with its upload",
    "cases.HeldFile": "goes with its basket", "cases.UsedPart": "serial numbers of spare parts are facts",
    "shipments.CarrierHealth": "of a carrier", "shipments.CarrierTurn": "of a carrier",
    "shipments.TrackingHook": "its body is dealt with by tracking number", "shipments.PauseProof": "ids of parts",
    "accounts.User": "of a colleague", "accounts.DeskSession": "of a colleague", "intake.MailboxState": "of a mailbox",
    "faces.LimitCount": "keyed hashes", "reports.SavedFilter": "of a colleague", "reports.WeeklyMail": "of a colleague",
    "reports.ExportJob": "of a colleague; the file goes away by itself",
    "audit.AuditEntry": "ids and codes, never words; of networks only colleagues'", "audit.AuditSeal": "hashes",
    "api.ApiToken": "of a colleague", "api.HookCursor": "ids", "api.HookDelivery": "answers of an endpoint",
    "api.HookEvent": "ids and codes; the sweep looks all the same", "api.HookEndpoint": "of another system",
    "api.IdempotentRequest": "answers kept for a day; the sweep looks all the same",
    "api.ShopHook": "its body is dealt with by address and name", "privacy.Forgetting": "kinds and counts",
    **dict.fromkeys(
        ("reports.ClaimFigures", "reports.PartCohort", "reports.StageRun", "reports.CountingMark",
         "reports.CaseFigures", "reports.Appeal", "reports.FrozenWeek", "reports.QuoteFigures", "reports.ParcelFigures",
         "reports.PauseFigures", "reports.Tally", "reports.HistoryTally", "reports.RunTally",
         "reports.NarrowedRunTally", "reports.NarrowedWeekSpread",
         "reports.WeekSpread", "reports.SoldTally", "reports.CountryFailureTally",
         "reports.CountryHistoryTally"), "counted figures",
    ),
}  # fmt: skip
