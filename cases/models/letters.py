"""The letter of a decision, frozen as it was told, and the line of it that the maker writes."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from cases.models.case import Case
from cases.models.ready_made import language_code


class DecisionLetter(models.Model):
    """What a decision told the customer. A later correction of the clock or of a clause changes nothing of it.

    `content` holds facts and words (`cases.outbox.decision`), no layout: the letter is set anew for every reader.
    A decision that is undone takes its letter with it; one that is reopened leaves it.
    """

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="letters", verbose_name=_("case"))
    decided_at = models.DateTimeField(_("decided at"))
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("decided by")
    )
    language = models.CharField(_("language"), max_length=10)
    content = models.JSONField(_("what it says"))

    class Meta:
        ordering = ("case", "decided_at")
        verbose_name = _("decision letter")
        constraints = [models.UniqueConstraint(name="letter_one_per_decision", fields=["case", "decided_at"])]

    def __str__(self) -> str:
        return f"{self.case} {self.decided_at:%Y-%m-%d}"


class RightsNotice(models.Model):
    """The line about statutory rights that stands in every answer with a denial, as the maker words it."""

    language = models.CharField(
        _("language"),
        max_length=10,
        unique=True,
        validators=[language_code],
        help_text=_("Its code, such as en, de or pt-br. Customers of another language get the desk's own line."),
    )
    text = models.TextField(
        _("line"), max_length=1000, help_text=_("Neutral: that statutory rights may exist beside this warranty.")
    )

    class Meta:
        ordering = ("language",)
        verbose_name = _("line about statutory rights")
        verbose_name_plural = _("lines about statutory rights")

    def __str__(self) -> str:
        return self.language
