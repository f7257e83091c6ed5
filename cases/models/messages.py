"""The conversation of a case, the mails that leave because of it, and the private links they carry."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cases.models.case import Case


class Message(models.Model):
    """One thing said: by the customer, by us, or among ourselves."""

    class Direction(models.TextChoices):
        IN = "in", _("from the customer")
        OUT = "out", _("from us")
        NOTE = "note", _("internal note")

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="messages", verbose_name=_("case"))
    direction = models.CharField(_("direction"), max_length=4, choices=Direction)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("written by"),
    )
    automatic = models.BooleanField(_("written by the desk itself"), default=False)
    sender_name = models.CharField(_("sender"), max_length=200, blank=True)
    sender_address = models.CharField(_("sender's address"), max_length=254, blank=True)
    subject = models.CharField(_("subject"), max_length=250, blank=True)
    text = models.TextField(_("text"))
    at = models.DateTimeField(_("at"))

    class Meta:
        ordering = ("case", "at", "id")
        indexes = [models.Index(name="message_conversation", fields=["case", "at", "id"])]
        constraints = [
            models.CheckConstraint(name="message_direction_known", condition=Q(direction__in=["in", "out", "note"]))
        ]

    def __str__(self) -> str:
        return f"{self.case} {self.direction} {self.at:%Y-%m-%d}"


class OutgoingMail(models.Model):
    """A mail to be sent, written in the transaction that causes it; one for each `key`, ever.

    `body` may hold the words of LINK_PLACE and TOKEN_PLACE, which are filled in when the mail leaves: links and reply
    tokens exist only then and are kept only as hashes. A mail whose sender died between handing it over and noting
    so is `uncertain`: it is never sent again by itself, a person looks.
    """

    LINK_PLACE = "[[private-link]]"
    TOKEN_PLACE = "[[reply-token]]"  # noqa: S105  (a place for a token, not one)

    class Status(models.TextChoices):
        QUEUED = "queued", _("waiting")
        SENDING = "sending", _("leaving")
        SENT = "sent", _("sent")
        FAILED = "failed", _("failed")
        UNCERTAIN = "uncertain", _("may have been sent")
        CANCELLED = "cancelled", _("cancelled")

    key = models.CharField(max_length=120, unique=True)
    case = models.ForeignKey(
        Case, on_delete=models.CASCADE, null=True, blank=True, related_name="outgoing_mails", verbose_name=_("case")
    )
    message = models.ForeignKey(
        Message, on_delete=models.SET_NULL, null=True, blank=True, related_name="outgoing_mails"
    )
    kind = models.CharField(_("kind"), max_length=40)
    automatic = models.BooleanField(default=True, help_text=_("Counts towards the caps on automatic mail."))
    to_address = models.EmailField(_("to"))
    to_name = models.CharField(max_length=200, blank=True)
    subject = models.CharField(_("subject"), max_length=250)
    body = models.TextField(_("text"))
    language = models.CharField(max_length=10, default="en")
    in_reply_to = models.CharField(max_length=998, blank=True)
    references = models.TextField(blank=True)
    rfc_message_id = models.CharField("Message-ID", max_length=250, unique=True)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.QUEUED)
    created_at = models.DateTimeField(_("written at"))
    not_before = models.DateTimeField(_("leaves at the earliest"))
    claimed_at = models.DateTimeField(null=True, blank=True)
    handed_over_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    problem = models.TextField(_("problem"), blank=True)
    bounced_at = models.DateTimeField(_("came back at"), null=True, blank=True)
    bounce_reason = models.TextField(_("came back because"), blank=True)

    class Meta:
        ordering = ("-created_at", "-id")
        verbose_name = _("outgoing mail")
        indexes = [
            models.Index(name="outbox_due", fields=["not_before", "id"], condition=Q(status="queued")),
            models.Index(name="outbox_unfinished", fields=["claimed_at"], condition=Q(status="sending")),
            models.Index(name="outbox_caps", fields=["created_at"], condition=Q(automatic=True)),
            models.Index(
                name="outbox_stuck",
                fields=["status"],
                condition=Q(status__in=["queued", "sending", "failed", "uncertain"]),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="outbox_status_known",
                condition=Q(status__in=["queued", "sending", "sent", "failed", "uncertain", "cancelled"]),
            ),
            models.CheckConstraint(name="outbox_sent_has_time", condition=~Q(status="sent") | Q(sent_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} to {self.to_address}"


class CaseLink(models.Model):
    """A private way to one case that left in a mail: the portal link, or the reply token. Only its hash is kept."""

    class Kind(models.TextChoices):
        PORTAL = "portal", _("portal link")
        REPLY = "reply", _("reply token")

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="links", verbose_name=_("case"))
    mail = models.ForeignKey(OutgoingMail, on_delete=models.SET_NULL, null=True, blank=True, related_name="links")
    kind = models.CharField(max_length=8, choices=Kind)
    token_hash = models.CharField(max_length=64, unique=True)
    address = models.EmailField(_("sent to"))
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-created_at",)
        verbose_name = _("private link")

    def __str__(self) -> str:
        return f"{self.kind} of {self.case}"
