from cases.models.case import Case, ClaimedPart
from cases.models.events import CaseEvent
from cases.models.evidence import Evidence
from cases.models.messages import CaseLink, Message, OutgoingMail
from cases.models.quote import Quote, QuoteLine
from cases.models.uploads import EvidenceUpload, UploadedPiece

__all__ = [
    "Case",
    "CaseEvent",
    "CaseLink",
    "ClaimedPart",
    "Evidence",
    "EvidenceUpload",
    "Message",
    "OutgoingMail",
    "Quote",
    "QuoteLine",
    "UploadedPiece",
]
