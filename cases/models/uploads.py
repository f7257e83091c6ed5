"""Files on their way to us in pieces, so that a lost connection costs one piece and not the whole video."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from cases.models.case import Case
from cases.models.evidence import Evidence


class FileBasket(models.Model):
    """Files gathered before there is a case for them. Who fills it, the storey above knows; the case empties it."""

    created_at = models.DateTimeField(_("begun at"))

    class Meta:
        ordering = ("created_at", "id")
        verbose_name = _("file basket")

    def __str__(self) -> str:
        return f"basket {self.pk}"


class EvidenceUpload(models.Model):
    """A file on its way to us in pieces. Its key is known to the browser that sends it; here is only its hash."""

    case = models.ForeignKey(
        Case, on_delete=models.CASCADE, null=True, blank=True, related_name="uploads", verbose_name=_("case")
    )
    basket = models.ForeignKey(
        FileBasket, on_delete=models.CASCADE, null=True, blank=True, related_name="uploads", verbose_name=_("basket")
    )
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
        constraints = [
            models.CheckConstraint(name="upload_not_beyond_size", condition=Q(received__lte=F("size"))),
            models.CheckConstraint(
                name="upload_to_case_or_basket",
                condition=Q(case__isnull=False, basket__isnull=True) | Q(case__isnull=True, basket__isnull=False),
            ),
        ]

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


class HeldFile(models.Model):
    """A file taken in before there is a case: looked at, fingerprinted and put away, or refused with its reason."""

    basket = models.ForeignKey(FileBasket, on_delete=models.CASCADE, related_name="files", verbose_name=_("basket"))
    upload = models.OneToOneField(
        EvidenceUpload, on_delete=models.SET_NULL, null=True, blank=True, related_name="held", verbose_name=_("upload")
    )
    name = models.CharField(_("name"), max_length=200)
    claimed_type = models.CharField(_("type as claimed"), max_length=120, blank=True)
    content_type = models.CharField(_("type"), max_length=120, blank=True)
    size = models.PositiveBigIntegerField(_("bytes"))
    sha256 = models.CharField(_("fingerprint"), max_length=64, blank=True)
    key = models.CharField(max_length=200, blank=True, db_index=True)  # where it lies in the storage
    refusal = models.CharField(_("not kept because"), max_length=200, blank=True)
    received_at = models.DateTimeField(_("received at"))

    class Meta:
        ordering = ("basket", "received_at", "id")
        verbose_name = _("held file")

    def __str__(self) -> str:
        return self.name

    @property
    def is_kept(self) -> bool:
        return not self.refusal
