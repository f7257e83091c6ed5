"""Photos, videos and papers a customer sent, each file kept as it came."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cases.models.case import Case
from cases.models.messages import Message


class Evidence(models.Model):
    """One file of a case. `original` is never changed; what people see are `web` and `thumbnail`, made from it.

    A refused file is a row too, with its reason, so that the customer and the staff can be told of it by name.
    """

    class Status(models.TextChoices):
        PENDING = "pending", _("being looked at")
        READY = "ready", _("ready")
        REFUSED = "refused", _("refused")
        FAILED = "failed", _("could not be shown")

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="evidence", verbose_name=_("case"))
    message = models.ForeignKey(
        Message, on_delete=models.SET_NULL, null=True, blank=True, related_name="evidence", verbose_name=_("came with")
    )
    name = models.CharField(_("name"), max_length=200, help_text=_("As the customer called it, made harmless."))
    claimed_type = models.CharField(_("type as claimed"), max_length=120, blank=True)
    content_type = models.CharField(_("type by content"), max_length=120, blank=True)
    size = models.PositiveBigIntegerField(_("bytes"))
    sha256 = models.CharField(_("fingerprint"), max_length=64, blank=True, db_index=True)
    original = models.FileField(_("original"), max_length=200, blank=True, upload_to="evidence/")
    web = models.FileField(max_length=200, blank=True, upload_to="evidence/", editable=False)
    thumbnail = models.FileField(max_length=200, blank=True, upload_to="evidence/", editable=False)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.PENDING)
    refusal = models.CharField(_("refused because"), max_length=200, blank=True)
    received_at = models.DateTimeField(_("received at"))
    captured_at = models.DateTimeField(
        _("taken at"), null=True, blank=True, help_text=_("As the camera says, in its own time.")
    )
    facts = models.JSONField(_("facts"), default=dict, blank=True)
    work_claimed_at = models.DateTimeField(null=True, blank=True, editable=False)
    work_failures = models.PositiveSmallIntegerField(default=0, editable=False)

    class Meta:
        ordering = ("case", "received_at", "id")
        verbose_name = _("evidence")
        verbose_name_plural = _("evidence")
        indexes = [models.Index(name="evidence_work_to_do", fields=["work_claimed_at"], condition=Q(status="pending"))]
        constraints = [
            models.CheckConstraint(
                name="evidence_status_known", condition=Q(status__in=["pending", "ready", "refused", "failed"])
            ),
            models.CheckConstraint(name="evidence_refused_says_why", condition=~Q(status="refused") | ~Q(refusal="")),
            models.CheckConstraint(
                name="evidence_kept_has_file", condition=Q(status="refused") | (~Q(original="") & ~Q(sha256=""))
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_kept(self) -> bool:
        return self.status != self.Status.REFUSED

    @property
    def is_image(self) -> bool:
        return self.content_type.startswith("image/")

    @property
    def is_video(self) -> bool:
        return self.content_type.startswith("video/")
