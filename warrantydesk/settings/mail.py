"""Mail out and in: who we are, the SMTP server, the caps, providers' webhooks, and the mailbox."""

from email.utils import formataddr

from django.core.exceptions import ImproperlyConfigured

from warrantydesk import env
from warrantydesk.settings.place import DATA_DIR

MAKER_NAME = env.text("MAKER_NAME", "Positron Makers", "The maker's name, on the portal and in mails.")
WARRANTY_ADDRESS = env.text(
    "WARRANTY_ADDRESS",
    "warranty@positron.example",
    "The official mailbox: the address customers write to and mails come from.",
).lower()
OWN_ADDRESSES = [
    WARRANTY_ADDRESS,
    *(
        a.lower()
        for a in env.words("OWN_ADDRESSES", [], "Further addresses of ours: mail from them is never answered.")
    ),
]
DEFAULT_FROM_EMAIL = formataddr((MAKER_NAME, WARRANTY_ADDRESS))
SERVER_EMAIL = WARRANTY_ADDRESS
EMAIL_HOST = env.text("EMAIL_HOST", "", "SMTP server for outgoing mail; empty writes mails to DATA_DIR/outbox.")
EMAIL_PORT = env.number("EMAIL_PORT", 587, "Port of the SMTP server.", least=1)
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER", "", "Log-in at the SMTP server.")
EMAIL_HOST_PASSWORD = env.text(
    "EMAIL_HOST_PASSWORD", "", "Password at the SMTP server; also as EMAIL_HOST_PASSWORD_FILE."
)
EMAIL_USE_TLS = env.flag("EMAIL_USE_TLS", True, "STARTTLS with the SMTP server.")
EMAIL_TIMEOUT = env.number("EMAIL_TIMEOUT", 20, "Longest the SMTP server may be silent, in seconds.", least=1)
EMAIL_FILE_PATH = DATA_DIR / "outbox"
EMAIL_BACKEND = "cases.outbox.smtp.EmailBackend" if EMAIL_HOST else "cases.outbox.files.EmailBackend"
MAIL_CAP_PER_ADDRESS_DAY = env.number("MAIL_CAP_PER_ADDRESS_DAY", 3, "Automatic mails a day to one address.")
MAIL_CAP_PER_DOMAIN_HOUR = env.number("MAIL_CAP_PER_DOMAIN_HOUR", 30, "Automatic mails an hour to one domain.")
MAIL_CAP_PER_HOUR = env.number("MAIL_CAP_PER_HOUR", 600, "Automatic mails an hour in all.")
MAIL_WEBHOOKS = env.words(
    "MAIL_WEBHOOKS",
    [],
    "Providers that may post mail to /hooks/mail/<provider>/: mailgun, postmark, sendgrid, amazon_ses.",
)
MAIL_WEBHOOK_SECRETS = env.words(
    "MAIL_WEBHOOK_SECRETS",
    [],
    "`name:password` the providers log in with (basic auth); several while one is being changed. Also as "
    "MAIL_WEBHOOK_SECRETS_FILE. Without it postmark, sendgrid and amazon_ses stay shut.",
)
MAILGUN_SIGNING_KEY = env.text(
    "MAILGUN_SIGNING_KEY", "", "The key Mailgun signs its posts with. Without it mailgun stays shut."
)
INVOICE_NUMBER_PATTERNS = env.text(
    "INVOICE_NUMBER_PATTERNS",
    "",
    "What invoice numbers look like in mails: regular expressions parted by blanks (`INV-\\d{4}-\\d{5} R\\d{6}`). "
    "Numbers behind a word such as “invoice” and numbers that were really sold are found without.",
    shown_default="INV-… and #1234",
).split()
SERIAL_NUMBER_PATTERNS = env.text(
    "SERIAL_NUMBER_PATTERNS",
    "",
    "What serial numbers look like in mails, in the same way.",
    shown_default="SN-… and PK3-00417",
).split()
TRACKING_NUMBER_PATTERNS = env.text(
    "TRACKING_NUMBER_PATTERNS",
    "",
    "What tracking numbers look like in mails, in the same way.",
    shown_default="those of the known carriers",
).split()
METRICS_TOKEN = env.text(
    "METRICS_TOKEN", "", "Bearer token that opens /metrics to other machines; this machine itself may always read it."
)
MAIL_WEBHOOK_MB = env.number("MAIL_WEBHOOK_MB", 70, "Largest post of a provider, in MB.", least=1)
IMAP_HOST = env.text("IMAP_HOST", "", "IMAP server of the official mailbox; empty polls none.")
IMAP_TLS = env.text(
    "IMAP_TLS", "tls", "How the line to the mailbox is secured: tls, starttls, or none (only on one's own machine)."
).lower()
if IMAP_TLS not in ("tls", "starttls", "none"):
    raise ImproperlyConfigured(f"IMAP_TLS is {IMAP_TLS!r}: say tls, starttls or none.")
IMAP_PORT = env.number("IMAP_PORT", 0, "Port of the IMAP server; 0 for the usual one: 993 with tls, else 143.")
IMAP_USER = env.text("IMAP_USER", "", "Log-in at the mailbox.")
IMAP_PASSWORD = env.text("IMAP_PASSWORD", "", "Password of the mailbox; also as IMAP_PASSWORD_FILE.")
IMAP_FOLDER = env.text("IMAP_FOLDER", "INBOX", "The folder mail arrives in. Whatever is in it is work to be done.")
IMAP_PROCESSED = env.text(
    "IMAP_PROCESSED",
    "Processed",
    "Folder for mail that was stored and dealt with; made where absent, / divides levels.",
)
IMAP_HELD = env.text("IMAP_HELD", "Held", "Folder for mail that was stored and waits for a person; made where absent.")
IMAP_TIMEOUT = env.number("IMAP_TIMEOUT", 60, "Seconds of silence after which the line counts as broken.", least=1)
IMAP_BATCH = env.number("IMAP_BATCH", 200, "Messages looked at in one question to the server.", least=1)
IMAP_MAX_MB = env.number(
    "IMAP_MAX_MB",
    100,
    "Largest mail fetched whole, in MB. Of a larger one the first megabyte is stored, and a person sees it.",
    least=1,
)
IMAP_POLL_SECONDS = env.number("IMAP_POLL_SECONDS", 60, "How often the mailbox is looked into.", least=1)
IMAP_LEASE_SECONDS = env.number(
    "IMAP_LEASE_SECONDS", 300, "How long a poller that went silent keeps others from the mailbox, in seconds.", least=1
)
IMAP_ALARM_MINUTES = env.number(
    "IMAP_ALARM_MINUTES", 15, "Minutes without a whole look into the mailbox after which /readyz is red.", least=1
)
UNDO_SECONDS = env.number("UNDO_SECONDS", 30, "How long a decision can be undone before its mail leaves, in seconds.")
LINK_DAYS = env.number("LINK_DAYS", 30, "How long a private link to a case works, in days.", least=1)
