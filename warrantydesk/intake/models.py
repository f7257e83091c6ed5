"""Every mail that ever reached the desk: its bytes first, then what became of it."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
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

    class Why(models.TextChoices):
        """Why a mail waits for a person, or was not answered, as one word; `reason` says it as a sentence."""

        NO_PREFIX = "no_prefix", _("no prefix in the subject")
        AMBIGUOUS = "ambiguous", _("a customer's, but which case?")
        STRANGER = "stranger", _("a reply from another address")
        NO_ADDRESS = "no_address", _("no address to answer to")
        REFUSED = "refused", _("the case did not take it")
        AUTOMATIC = "automatic", _("automatic mail")
        UNREADABLE = "unreadable", _("could not be read")

    identity = models.CharField(
        max_length=64, unique=True, help_text=_("SHA-256 over Message-ID and the message without trace headers.")
    )
    sha256 = models.CharField(_("fingerprint"), max_length=64)
    raw = models.FileField(_("message as received"), upload_to="mail/", max_length=200)
    size = models.PositiveBigIntegerField(
        _("bytes"),
        help_text=_("Of the whole message; more than the stored file has where only its beginning was kept."),
    )
    source = models.CharField(_("source"), max_length=250)
    received_at = models.DateTimeField(
        _("received at"), help_text=_("When our mail server received it; the submission day follows from this.")
    )
    kept_at = models.DateTimeField(_("stored at"), default=timezone.now, help_text=_("When the desk stored it."))
    times_seen = models.PositiveIntegerField(_("times received"), default=1)
    rfc_message_id = models.CharField("Message-ID", max_length=998, blank=True)
    from_name = models.CharField(_("sender"), max_length=200, blank=True)
    from_address = models.CharField(_("sender's address"), max_length=254, blank=True)
    subject = models.CharField(_("subject"), max_length=250, blank=True)
    outcome = models.CharField(_("outcome"), max_length=12, choices=Outcome, blank=True)
    why = models.CharField(_("held because"), max_length=12, choices=Why, blank=True, default="")
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
            models.Index(name="mail_settled", fields=["-settled_at", "-id"], condition=Q(settled_at__isnull=False)),
            models.Index(name="mail_by_time", fields=["received_at", "outcome"]),
            models.Index(
                name="mail_automatic",
                fields=["received_at", "id"],
                condition=Q(outcome="automatic", settled_at__isnull=True),
            ),
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


class MailboxState(models.Model):
    """How reading one mailbox goes, for /readyz and the desk, and the lease of the poller that is at it.

    Not needed to read on: what is done is no longer in the inbox, and what is still there is known by its identity.
    """

    name = models.CharField(_("mailbox"), max_length=250, unique=True)
    uidvalidity = models.BigIntegerField(null=True, blank=True)
    lease_holder = models.CharField(max_length=32, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    pass_started_at = models.DateTimeField(_("last pass began"), null=True, blank=True)
    pass_finished_at = models.DateTimeField(_("last pass ended"), null=True, blank=True)
    succeeded_at = models.DateTimeField(_("last read"), null=True, blank=True)
    problem = models.CharField(
        _("problem"), max_length=500, blank=True, help_text=_("Of the last pass; empty if none.")
    )
    problem_since = models.DateTimeField(_("problem since"), null=True, blank=True)
    failures = models.PositiveIntegerField(_("passes that failed in a row"), default=0)
    not_before = models.DateTimeField(_("next pass not before"), null=True, blank=True)
    fetched = models.PositiveBigIntegerField(_("mails fetched in all"), default=0)
    fetched_in_pass = models.PositiveIntegerField(_("mails fetched in the last pass"), default=0)
    waiting = models.PositiveIntegerField(_("mails waiting in the inbox"), default=0)
    oldest_waiting_at = models.DateTimeField(_("oldest waiting since"), null=True, blank=True)
    stumbled_uids = models.JSONField(
        default=list, blank=True, help_text=_("Messages at which the line broke: they come last in the next pass.")
    )

    class Meta:
        ordering = ("name",)
        verbose_name = _("mailbox")
        verbose_name_plural = _("mailboxes")

    def __str__(self) -> str:
        return self.name
