"""Photos, videos and papers a customer sent, each file kept as it came."""

from typing import Literal

from django.conf import settings
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
        INFECTED = "infected", _("quarantined")
        ERASED = "erased", _("erased")

    class Scan(models.TextChoices):
        """What the virus scanner said. NONE: nobody has asked it, because there was no scanner when the file came."""

        NONE = "", _("not scanned")
        WAITING = "waiting", _("waiting for the virus scanner")
        CLEAN = "clean", _("no virus found")
        INFECTED = "infected", _("a virus was found")
        TOO_LARGE = "too_large", _("too large for the virus scanner")

    class Trouble(models.TextChoices):
        """What the nightly look at the storage found."""

        MISSING = "missing", _("the file is missing")
        CHANGED = "changed", _("the file is not the one that came")
        PICTURE_MISSING = "picture", _("its picture is missing")

    # The file is with us and counts as evidence. A quarantined one is with us, and counts for nothing.
    KEPT = (Status.PENDING, Status.READY, Status.FAILED)

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
    refusal = models.CharField(
        _("refused because"), max_length=200, blank=True, help_text=_("Why nobody can see it, whatever the reason.")
    )
    received_at = models.DateTimeField(_("received at"))
    captured_at = models.DateTimeField(
        _("taken at"), null=True, blank=True, help_text=_("As the camera says, in its own time.")
    )
    facts = models.JSONField(_("facts"), default=dict, blank=True)
    work_claimed_at = models.DateTimeField(null=True, blank=True, editable=False)
    work_failures = models.PositiveSmallIntegerField(default=0, editable=False)
    scan = models.CharField(_("virus scan"), max_length=10, choices=Scan, blank=True, default=Scan.NONE)
    scanned_at = models.DateTimeField(_("scanned at"), null=True, blank=True)
    scan_claimed_at = models.DateTimeField(null=True, blank=True, editable=False)
    checked_at = models.DateTimeField(
        _("compared at"), null=True, blank=True, help_text=_("When its fingerprint was last compared with the file.")
    )
    trouble = models.CharField(_("trouble"), max_length=10, choices=Trouble, blank=True)
    erased_at = models.DateTimeField(_("erased at"), null=True, blank=True)
    # What the staff say about it. Nothing of this changes the file.
    shows_fault = models.BooleanField(_("shows the fault"), default=False)
    note = models.TextField(_("note on the picture"), blank=True)
    rotation = models.PositiveSmallIntegerField(
        _("turned by"),
        default=0,
        help_text=_("Degrees clockwise, for people who look at it. The file stays as it came."),
    )
    # Messages of ours that showed this file to the customer again.
    sent_with = models.ManyToManyField(Message, blank=True, related_name="enclosures", verbose_name=_("sent with"))

    class Meta:
        ordering = ("case", "received_at", "id")
        verbose_name = _("evidence")
        verbose_name_plural = _("evidence")
        indexes = [
            models.Index(name="evidence_work_to_do", fields=["work_claimed_at"], condition=Q(status="pending")),
            models.Index(name="evidence_to_scan", fields=["scan_claimed_at"], condition=Q(scan__in=["", "waiting"])),
            models.Index(
                name="evidence_to_compare",
                fields=["checked_at"],
                condition=Q(status__in=["pending", "ready", "failed", "infected"]),
            ),
            models.Index(name="evidence_in_trouble", fields=["case"], condition=~Q(trouble="")),
        ]
        constraints = [
            models.CheckConstraint(
                name="evidence_status_known",
                condition=Q(status__in=["pending", "ready", "refused", "failed", "infected", "erased"]),
            ),
            models.CheckConstraint(
                name="evidence_scan_known", condition=Q(scan__in=["", "waiting", "clean", "infected", "too_large"])
            ),
            models.CheckConstraint(
                name="evidence_trouble_known", condition=Q(trouble__in=["", "missing", "changed", "picture"])
            ),
            models.CheckConstraint(
                name="evidence_refused_says_why",
                condition=~Q(status__in=["refused", "infected", "erased"]) | ~Q(refusal=""),
            ),
            models.CheckConstraint(
                name="evidence_kept_has_file",
                condition=Q(status__in=["refused", "erased"]) | (~Q(original="") & ~Q(sha256="")),
            ),
            models.CheckConstraint(
                name="evidence_erased_has_none",
                condition=~Q(status="erased") | Q(original="", web="", thumbnail="", erased_at__isnull=False),
            ),
            models.CheckConstraint(name="evidence_rotation_known", condition=Q(rotation__in=[0, 90, 180, 270])),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_kept(self) -> bool:
        """Whether the file is here and is evidence. Nothing else is ever served."""
        return self.status in self.KEPT

    @property
    def may_go_to_customer(self) -> bool:
        """Whether the customer may get it: where there is a virus scanner, only what it has found clean."""
        return self.is_kept and (not settings.CLAMD_URL or self.scan == self.Scan.CLEAN)

    @property
    def shows(self) -> Literal["image", "video", "file"]:
        """How a page shows it: as a picture once ours of it is made, as a video, or only as a file to take away."""
        if self.is_video:
            return "video"
        return "image" if self.web else "file"

    @property
    def seen_as(self) -> str:
        """What of it is served for that (`cases.serving`)."""
        return {"image": "web", "video": "video", "file": "original"}[self.shows]

    @property
    def is_image(self) -> bool:
        return self.content_type.startswith("image/")

    @property
    def is_video(self) -> bool:
        return self.content_type.startswith("video/")
