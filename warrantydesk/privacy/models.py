"""When each kind of thing was last looked through for what is kept no longer."""

from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _


class Forgetting(models.Model):
    """The last look through one kind (warrantydesk/privacy/kinds.py): a look that began after `finished_at` goes on."""

    kind = models.CharField(_("kind"), max_length=40, unique=True)
    begun_at = models.DateTimeField(_("begun at"))
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)
    gone = models.PositiveIntegerField(_("gone"), default=0, help_text=_("In the last look."))
    failed = models.PositiveIntegerField(_("could not be erased"), default=0)
    problem = models.CharField(_("problem"), max_length=250, blank=True)

    class Meta:
        ordering = ("kind",)
        verbose_name = _("look for what is kept no longer")

    def __str__(self) -> str:
        return self.kind

    def is_due(self, night: datetime) -> bool:
        """Whether no look has been finished that began since `night`."""
        return self.finished_at is None or self.begun_at < night or self.finished_at < self.begun_at
