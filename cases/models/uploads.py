"""Files on their way to us in pieces, so that a lost connection costs one piece and not the whole video."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from cases.models.case import Case
from cases.models.evidence import Evidence


class EvidenceUpload(models.Model):
    """A file on its way to us in pieces. Its key is known to the browser that sends it; here is only its hash."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="uploads", verbose_name=_("case"))
    key_hash = models.CharField(max_length=64, unique=True)  # SHA-256 in hex
    folder = models.CharField(max_length=100)  # where its pieces lie
    name = models.CharField(_("name"), max_length=200)
    claimed_type = models.CharField(_("type as claimed"), max_length=120, blank=True)
    size = models.PositiveBigIntegerField(_("bytes"))
    received = models.PositiveBigIntegerField(_("bytes received"), default=0)
    created_at = models.DateTimeField(_("begun at"))
    touched_at = models.DateTimeField(_("last piece at"))
    claimed_at = models.DateTimeField(null=True, blank=True)  # somebody is joining the pieces
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)
    evidence = models.ForeignKey(
        Evidence, on_delete=models.SET_NULL, null=True, blank=True, related_name="uploads", verbose_name=_("became")
    )

    class Meta:
        ordering = ("created_at", "id")
        verbose_name = _("upload")
        indexes = [models.Index(name="upload_unfinished", fields=["touched_at"], condition=Q(finished_at=None))]
        constraints = [models.CheckConstraint(name="upload_not_beyond_size", condition=Q(received__lte=F("size")))]

    def __str__(self) -> str:
        return self.name


class UploadedPiece(models.Model):
    """One piece of an upload, from byte `offset` on."""

    upload = models.ForeignKey(EvidenceUpload, on_delete=models.CASCADE, related_name="pieces")
    offset = models.PositiveBigIntegerField()
    size = models.PositiveIntegerField()
    key = models.CharField(max_length=200, unique=True)  # where it lies in the storage

    class Meta:
        ordering = ("upload", "offset")
        constraints = [models.UniqueConstraint(name="piece_once_per_offset", fields=["upload", "offset"])]

    def __str__(self) -> str:
        return f"{self.upload} {self.offset}"
