"""How long what is kept (the table of kinds: docs/privacy.md).

Months count from the last step of a closed case or from the end of the thing itself; 0 keeps it for good.
"""

from warrantydesk import env

EVIDENCE_KEEP_MONTHS = env.number(
    "EVIDENCE_KEEP_MONTHS",
    36,
    "Months after which the files of a closed case are erased; 0 keeps them. The case and its fingerprints stay.",
)
MAIL_KEEP_MONTHS = env.number(
    "MAIL_KEEP_MONTHS",
    36,
    "Months after which the mails of a closed case, as received and as sent, lose their words; 0 keeps them. The "
    "conversation stays with the case.",
)
HELD_MAIL_KEEP_MONTHS = env.number(
    "HELD_MAIL_KEEP_MONTHS",
    12,
    "Months after which automatic mail, and mail a person put aside, is erased; 0 keeps it. What waits stays.",
)
LINK_KEEP_MONTHS = env.number(
    "LINK_KEEP_MONTHS", 12, "Months after its end for which a private link is still known as an old one; 0 keeps it."
)
ADMIN_LOG_KEEP_MONTHS = env.number(
    "ADMIN_LOG_KEEP_MONTHS", 36, "Months for which the admin keeps the log of its own changes; 0 keeps it."
)
DRAFT_KEEP_DAYS = env.number(
    "DRAFT_KEEP_DAYS", 14, "Days for which a request begun on the portal and left is kept.", least=1
)
CARRIER_CALLS_KEEP_DAYS = env.number(
    "CARRIER_CALLS_KEEP_DAYS", 90, "Days for which calls of carriers are kept once they were taken in.", least=1
)
FOREIGN_CALLS_KEEP_DAYS = env.number(
    "FOREIGN_CALLS_KEEP_DAYS", 14, "The same, for calls about parcels nobody here knows.", least=1
)
SHOP_CALLS_KEEP_DAYS = env.number(
    "SHOP_CALLS_KEEP_DAYS",
    90,
    "Days for which calls of the shop are kept once they were taken in; the newest word on each order stays.",
    least=1,
)
WEBHOOK_LOG_KEEP_DAYS = env.number(
    "WEBHOOK_LOG_KEEP_DAYS", 60, "Days for which what other systems were told is kept, with their answers.", least=1
)
API_ANSWERS_KEEP_DAYS = env.number(
    "API_ANSWERS_KEEP_DAYS", 2, "Days for which an answer of the API is kept under its Idempotency-Key.", least=1
)
IMPORT_FILES_KEEP_DAYS = env.number(
    "IMPORT_FILES_KEEP_DAYS", 90, "Days for which a file that was imported is kept, with its rejected rows.", least=1
)
LIMITS_KEEP_DAYS = env.number(
    "LIMITS_KEEP_DAYS", 1, "Days for which the count of a limit is kept after its window ended.", least=1
)
