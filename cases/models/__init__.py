from cases.models.case import Case, ClaimedPart
from cases.models.desk import Absence, AssignmentRule, DeskCalendar, Holiday, QueueView, Tag
from cases.models.events import CaseEvent
from cases.models.evidence import Evidence
from cases.models.letters import DecisionLetter, RightsNotice
from cases.models.messages import CaseLink, Message, OutgoingMail
from cases.models.quote import Quote, QuoteLine
from cases.models.ready_made import CannedReply, QuoteTemplate, QuoteTemplateLine
from cases.models.uploads import EvidenceUpload, FileBasket, HeldFile, UploadedPiece
from cases.models.workshop import RepairReport, UsedPart

__all__ = [
    "Absence",
    "AssignmentRule",
    "CannedReply",
    "Case",
    "CaseEvent",
    "CaseLink",
    "ClaimedPart",
    "DecisionLetter",
    "DeskCalendar",
    "Evidence",
    "EvidenceUpload",
    "FileBasket",
    "HeldFile",
    "Holiday",
    "Message",
    "OutgoingMail",
    "QueueView",
    "Quote",
    "QuoteLine",
    "QuoteTemplate",
    "QuoteTemplateLine",
    "RepairReport",
    "RightsNotice",
    "Tag",
    "UploadedPiece",
    "UsedPart",
]
