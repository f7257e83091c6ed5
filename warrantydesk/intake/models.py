"""Every mail that ever reached the desk: its bytes first, then what became of it."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cases.models import Case, Message


class IncomingMail(models.Model):
    """One message, once for each identity (Message-ID and the hash without trace headers; contracts.md, "Mail").

    Rows without an outcome are work to be done; the sweep reads them again when a reader died.
    """

    class Outcome(models.TextChoices):
        CASE_OPENED = "case_opened", _("opened a case")
        REPLY_ADDED = "reply_added", _("added to its case")
        HELD = "held", _("held for a person")
        AUTOMATIC = "automatic", _("automatic mail")
        QUARANTINED = "quarantined", _("could not be read")

    identity = models.CharField(
        max_length=64, unique=True, help_text=_("SHA-256 over Message-ID and the message without trace headers.")
    )
    sha256 = models.CharField(_("fingerprint"), max_length=64)
    raw = models.FileField(_("message as received"), upload_to="mail/", max_length=200)
    size = models.PositiveBigIntegerField(_("bytes"))
    source = models.CharField(_("source"), max_length=250)
    received_at = models.DateTimeField(_("received at"))
    times_seen = models.PositiveIntegerField(_("times received"), default=1)
    rfc_message_id = models.CharField("Message-ID", max_length=998, blank=True)
    from_name = models.CharField(_("sender"), max_length=200, blank=True)
    from_address = models.CharField(_("sender's address"), max_length=254, blank=True)
    subject = models.CharField(_("subject"), max_length=250, blank=True)
    outcome = models.CharField(_("outcome"), max_length=12, choices=Outcome, blank=True)
    reason = models.CharField(_("because"), max_length=250, blank=True)
    case = models.ForeignKey(
        Case, on_delete=models.SET_NULL, null=True, blank=True, related_name="incoming_mails", verbose_name=_("case")
    )
    message = models.ForeignKey(
        Message, on_delete=models.SET_NULL, null=True, blank=True, related_name="incoming_mails"
    )
    details = models.JSONField(default=dict, blank=True)
    claimed_at = models.DateTimeField(null=True, blank=True, editable=False)
    failures = models.PositiveSmallIntegerField(default=0, editable=False)
    read_at = models.DateTimeField(_("read at"), null=True, blank=True)
    settled_at = models.DateTimeField(
        _("settled at"), null=True, blank=True, help_text=_("A person dealt with the held item.")
    )

    class Meta:
        ordering = ("-received_at", "-id")
        verbose_name = _("incoming mail")
        indexes = [
            models.Index(name="mail_to_read", fields=["claimed_at", "id"], condition=Q(outcome="")),
            models.Index(
                name="mail_held",
                fields=["received_at", "id"],
                condition=Q(outcome__in=["held", "quarantined"], settled_at__isnull=True),
            ),
            models.Index(name="mail_by_message_id", fields=["rfc_message_id"], condition=~Q(rfc_message_id="")),
        ]
        constraints = [
            models.CheckConstraint(
                name="mail_outcome_known",
                condition=Q(outcome__in=["", "case_opened", "reply_added", "held", "automatic", "quarantined"]),
            ),
            models.CheckConstraint(
                name="mail_opened_has_case",
                condition=~Q(outcome__in=["case_opened", "reply_added"]) | Q(case__isnull=False),
            ),
        ]
        permissions = [("handle_mail", "Can settle held mail")]

    def __str__(self) -> str:
        return self.subject or self.identity
