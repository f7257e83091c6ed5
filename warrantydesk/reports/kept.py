"""What the reports keep for people: their filters, the files they asked for, finished weeks as they were, and the
mails about them."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class SavedFilter(models.Model):
    """A report as one person likes to look at it: its filters under a name of their own."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_filters")
    report = models.CharField(max_length=20)
    name = models.CharField(_("name"), max_length=60)
    query = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ("name",)
        constraints = [
            models.UniqueConstraint(name="saved_filter_name_once", fields=["user", "report", "name"]),
            models.CheckConstraint(name="saved_filter_has_name", condition=~Q(name="")),
        ]

    def __str__(self) -> str:
        return self.name


class FrozenWeek(models.Model):
    """The figures of a finished week as they were when it was over. Never changed: what differs later is restated."""

    report = models.CharField(max_length=20)
    monday = models.DateField(_("week of"))
    figures = models.JSONField()
    frozen_at = models.DateTimeField()

    class Meta:
        ordering = ("-monday", "report")
        constraints = [models.UniqueConstraint(name="week_frozen_once", fields=["report", "monday"])]

    def __str__(self) -> str:
        return f"{self.report} {self.monday}"


class Subscription(models.Model):
    """Who gets the reports of the finished week by mail."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="report_subscription")
    since = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.user)


class WeeklyMail(models.Model):
    """The mail with one week's reports to one person: a row first, then claimed, then sent; once for each pair.

    A sender that died after handing the mail over leaves it `uncertain`: it is never sent again by itself.
    """

    class Status(models.TextChoices):
        QUEUED = "queued", _("waiting")
        SENDING = "sending", _("leaving")
        SENT = "sent", _("sent")
        FAILED = "failed", _("failed")
        UNCERTAIN = "uncertain", _("may have been sent")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    monday = models.DateField(_("week of"))
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.QUEUED)
    created_at = models.DateTimeField()
    not_before = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True)
    handed_over_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    problem = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ("-monday", "user")
        verbose_name = _("weekly mail")
        indexes = [
            models.Index(name="weekly_unsent", fields=["not_before"], condition=Q(status__in=["queued", "sending"]))
        ]
        constraints = [
            models.UniqueConstraint(name="weekly_mail_once", fields=["user", "monday"]),
            models.CheckConstraint(
                name="weekly_status_known",
                condition=Q(status__in=["queued", "sending", "sent", "failed", "uncertain"]),
            ),
            models.CheckConstraint(
                name="weekly_not_sent_early", condition=Q(sent_at__isnull=True) | Q(sent_at__gte=F("created_at"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.monday} to {self.user}"


class ExportJob(models.Model):
    """A report somebody wants as a file: a row first, made by a worker, and gone with its file after a while."""

    class Status(models.TextChoices):
        WAITING = "waiting", _("waiting")
        WORKING = "working", _("being made")
        DONE = "done", _("ready")
        FAILED = "failed", _("failed")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    report = models.CharField(_("report"), max_length=20)
    table = models.CharField(max_length=20, blank=True, help_text=_("Where the cases behind one row are wanted."))
    key = models.CharField(max_length=80, blank=True)
    kind = models.CharField(_("format"), max_length=5)
    query = models.CharField(max_length=500, blank=True)
    language = models.CharField(_("language"), max_length=10)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.WAITING)
    rows = models.BigIntegerField(_("rows"), null=True)
    rows_done = models.BigIntegerField(_("rows written"), default=0)
    file = models.FileField(_("file"), upload_to="exports/", max_length=200, blank=True)
    name = models.CharField(_("name of the file"), max_length=120, blank=True)
    problem = models.CharField(_("problem"), max_length=500, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    created_at = models.DateTimeField(_("asked for at"))
    claimed_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(_("ready at"), null=True)

    class Meta:
        ordering = ("-created_at", "-id")
        verbose_name = _("file of a report")
        verbose_name_plural = _("files of reports")
        indexes = [
            models.Index(name="export_undone", fields=["created_at"], condition=Q(status__in=["waiting", "working"]))
        ]
        constraints = [
            models.CheckConstraint(
                name="export_status_known", condition=Q(status__in=["waiting", "working", "done", "failed"])
            ),
        ]

    def __str__(self) -> str:
        return f"{self.report}.{self.kind}"
