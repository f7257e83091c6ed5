"""Files taken in: each run with its counts and the rows it refused, and the columns as somebody once named them."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class ImportRun(models.Model):
    """One file being taken in. A row that is `waiting` is work to be done; whoever works on it holds `claimed_at`."""

    class Kind(models.TextChoices):
        INVOICES = "invoices", _("invoices")
        CATALOGUE = "catalogue", _("catalogue")

    class Status(models.TextChoices):
        WAITING = "waiting", _("waiting")
        DONE = "done", _("done")
        FAILED = "failed", _("could not be read")
        UNDONE = "undone", _("undone")

    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    layout = models.CharField(_("format"), max_length=10, default="auto")
    shop = models.CharField(_("shop"), max_length=40, blank=True)
    name = models.CharField(_("file"), max_length=200)
    file = models.FileField(upload_to="imports/", max_length=200, blank=True)
    mapping = models.JSONField(_("columns"), default=dict, blank=True)
    dry_run = models.BooleanField(_("only tried"), default=False)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.WAITING)
    claimed_at = models.DateTimeField(null=True, blank=True, editable=False)
    attempts = models.PositiveSmallIntegerField(default=0, editable=False)
    done_share = models.PositiveSmallIntegerField(_("per cent done"), default=0)
    new = models.PositiveIntegerField(_("new"), default=0)
    changed = models.PositiveIntegerField(_("changed"), default=0)
    unchanged = models.PositiveIntegerField(_("as before"), default=0)
    rejected = models.PositiveIntegerField(_("rejected"), default=0)
    skipped = models.PositiveIntegerField(_("left out"), default=0, help_text=_("Not paid, or nothing we cover."))
    header = models.JSONField(_("names of the columns"), default=list, blank=True)
    notes = models.JSONField(_("differences"), default=list, blank=True)
    problem = models.CharField(_("problem"), max_length=500, blank=True)
    created_at = models.DateTimeField(_("given at"))
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)
    undone_at = models.DateTimeField(_("undone at"), null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ("-pk",)
        verbose_name = _("import")
        indexes = [
            models.Index(name="import_waiting", fields=["created_at"], condition=models.Q(status="waiting")),
        ]
        constraints = [
            models.CheckConstraint(name="import_kind_known", condition=models.Q(kind__in=["invoices", "catalogue"])),
            models.CheckConstraint(
                name="import_status_known", condition=models.Q(status__in=["waiting", "done", "failed", "undone"])
            ),
        ]
        permissions = [
            ("import_invoices", "Can import invoices and record serial numbers"),
            ("import_catalogue", "Can import the catalogue"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.get_kind_display()})"


class ImportProblem(models.Model):
    """A row that did not go in: where it stood, why, and what it said, so that it can be put right and given again."""

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="problems", verbose_name=_("import"))
    position = models.PositiveIntegerField(_("row"))
    number = models.CharField(_("number"), max_length=100, blank=True)
    reason = models.CharField(_("reason"), max_length=500)
    cells = models.JSONField(_("row as given"), default=list)

    class Meta:
        ordering = ("run", "position", "id")
        verbose_name = _("rejected row")

    def __str__(self) -> str:
        return f"{self.position}: {self.reason}"


class ColumnMapping(models.Model):
    """What the columns of a kind of file mean, remembered by the names of its columns."""

    kind = models.CharField(max_length=10, choices=ImportRun.Kind)
    header_print = models.CharField(max_length=64)
    header = models.JSONField(default=list)
    mapping = models.JSONField(default=dict)
    used_at = models.DateTimeField()

    class Meta:
        ordering = ("kind", "-used_at")
        constraints = [models.UniqueConstraint(name="mapping_once_per_header", fields=["kind", "header_print"])]

    def __str__(self) -> str:
        return ", ".join(self.header)
