from cases.models.case import Case, ClaimedPart
from cases.models.desk import Absence, AssignmentRule, DeskCalendar, Holiday, QueueView, Tag
from cases.models.events import CaseEvent
from cases.models.evidence import Evidence
from cases.models.messages import CaseLink, Message, OutgoingMail
from cases.models.quote import Quote, QuoteLine
from cases.models.uploads import EvidenceUpload, FileBasket, HeldFile, UploadedPiece

__all__ = [
    "Absence",
    "AssignmentRule",
    "Case",
    "CaseEvent",
    "CaseLink",
    "ClaimedPart",
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
    "Tag",
    "UploadedPiece",
]
