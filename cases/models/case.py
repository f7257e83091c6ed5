"""The claim: one customer's request about one or more parts, and its lifecycle (policy 5).

The transitions below only say which state follows which. Whether one may happen, by whom and with what, is decided
in one place, `cases.services._transition`, which every door uses; the field refuses anything else.
"""

from datetime import UTC, datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce, Upper
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, transition

from cases.models.desk import Tag
from products.models import CoveredPart, Customer, Invoice, Product, SoldUnit, VoidReason


class State(models.TextChoices):
    SUBMITTED = "submitted", _("submitted")
    EVIDENCE_REVIEW = "evidence_review", _("evidence review")
    APPROVED = "approved", _("approved")
    DENIED = "denied", _("denied")
    IN_REPAIR = "in_repair", _("in repair")
    RETURNED = "returned", _("returned")
    WITHDRAWN = "withdrawn", _("withdrawn")


OPEN_STATES = (State.SUBMITTED, State.EVIDENCE_REVIEW, State.APPROVED, State.IN_REPAIR)
# Where nothing is due, the order by what is due puts it last.
NEVER_DUE = datetime(9999, 12, 31, tzinfo=UTC)


def due_first() -> Coalesce:
    """What the queue is ordered by where the earliest due comes first; the same expression as its index has."""
    return Coalesce("due_at", Value(NEVER_DUE))


class Case(models.Model):
    class Source(models.TextChoices):
        MAIL = "mail", _("mail")
        PORTAL = "portal", _("portal")
        STAFF = "staff", _("staff")
        API = "api", _("API")

    class ZoneFound(models.TextChoices):
        CUSTOMER = "customer", _("the customer's own time zone")
        COUNTRY = "country", _("the westernmost time zone of the invoice's country")
        NOWHERE = "nowhere", _("unknown, so the last place on earth (UTC-12)")

    reference = models.CharField(_("reference"), max_length=20, unique=True)
    state = FSMField(_("state"), default=State.SUBMITTED, choices=State.choices, protected=True)
    source = models.CharField(_("came by"), max_length=10, choices=Source)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="cases", verbose_name=_("customer"))
    subject = models.CharField(_("subject"), max_length=250, blank=True)
    description = models.TextField(_("what happened"), blank=True)
    language = models.CharField(_("language"), max_length=10, default="en")

    invoice_as_given = models.CharField(_("invoice number as given"), max_length=120, blank=True)
    serial_as_given = models.CharField(_("serial number as given"), max_length=250, blank=True)
    invoice = models.ForeignKey(
        Invoice, on_delete=models.PROTECT, null=True, blank=True, related_name="cases", verbose_name=_("invoice")
    )
    unit = models.ForeignKey(
        SoldUnit, on_delete=models.PROTECT, null=True, blank=True, related_name="cases", verbose_name=_("sold unit")
    )
    # The unit's, kept here too: the queue filters a million cases by it. Written wherever the unit is.
    product = models.ForeignKey(
        Product, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, editable=False
    )

    # The earliest last covered day of the parts claimed that was not over when the request came; null where there is
    # none. For lists, which cannot ask the clocks of all parts; `cases.services.covering` writes it.
    cover_ends_on = models.DateField(_("cover ends on"), null=True, blank=True, editable=False)

    received_at = models.DateTimeField(_("received at"))
    submitted_on = models.DateField(
        _("submitted on"),
        help_text=_("The customer's calendar day when the request reached us; cover is judged as of this day."),
    )
    submitted_zone = models.CharField(_("time zone of that day"), max_length=60)
    submitted_zone_found = models.CharField(_("time zone taken from"), max_length=10, choices=ZoneFound)

    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("looked after by"),
    )
    tags = models.ManyToManyField(Tag, blank=True, related_name="cases", verbose_name=_("tags"))

    # The response clock, kept by `cases.services._response` alone. Null: nobody waits for us (or, for the last, for
    # the customer). `due_at` is the earlier of the two.
    first_reply_due_at = models.DateTimeField(_("first reply due at"), null=True, blank=True, editable=False)
    first_replied_at = models.DateTimeField(_("first replied at"), null=True, blank=True, editable=False)
    decision_due_at = models.DateTimeField(_("decision due at"), null=True, blank=True, editable=False)
    due_at = models.DateTimeField(_("due at"), null=True, blank=True, editable=False)
    waiting_since = models.DateTimeField(_("waiting for the customer since"), null=True, blank=True, editable=False)

    information_asked_at = models.DateTimeField(null=True, blank=True, editable=False)
    information_missing = models.JSONField(default=list, blank=True, editable=False)
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("decided by"),
    )
    follows = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="followed_by",
        verbose_name=_("the fault came back after"),
    )
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(_("last change"))

    class Meta:
        ordering = ("-changed_at", "-id")
        # Each serves a list of the queue; those on open cases alone carry a fraction of all rows.
        indexes = [
            models.Index(name="case_queue_by_state", fields=["state", "-changed_at", "-id"]),
            models.Index(name="case_queue_all", fields=["-changed_at", "-id"]),
            models.Index(name="case_queue_by_age", fields=["received_at", "id"]),
            models.Index(name="case_queue_by_product", fields=["product", "-changed_at", "-id"]),
            models.Index(name="case_queue_by_person", fields=["assignee", "-changed_at", "-id"]),
            models.Index(name="case_queue_open", fields=["-changed_at", "-id"], condition=Q(state__in=OPEN_STATES)),
            models.Index(
                name="case_queue_open_by_person",
                fields=["assignee", "-changed_at", "-id"],
                condition=Q(state__in=OPEN_STATES),
            ),
            models.Index(
                name="case_queue_open_by_age", fields=["received_at", "id"], condition=Q(state__in=OPEN_STATES)
            ),
            models.Index(due_first(), F("id"), name="case_queue_open_due_first", condition=Q(state__in=OPEN_STATES)),
            models.Index(name="case_queue_near_end", fields=["cover_ends_on"], condition=Q(state__in=OPEN_STATES)),
            models.Index(
                name="case_queue_waiting", fields=["-changed_at", "-id"], condition=Q(waiting_since__isnull=False)
            ),
            models.Index(due_first(), F("id"), name="case_queue_due_first"),
            models.Index(Upper("invoice_as_given"), name="case_search_invoice_given"),
            models.Index(Upper("serial_as_given"), name="case_search_serial_given"),
        ]
        constraints = [
            models.CheckConstraint(name="case_state_known", condition=Q(state__in=State.values)),
            models.CheckConstraint(
                name="case_source_known", condition=Q(source__in=["mail", "portal", "staff", "api"])
            ),
            models.CheckConstraint(
                name="case_zone_found_known", condition=Q(submitted_zone_found__in=["customer", "country", "nowhere"])
            ),
            models.CheckConstraint(
                name="case_decision_has_time_and_person",
                condition=Q(decided_at__isnull=True, decided_by__isnull=True)
                | Q(decided_at__isnull=False, decided_by__isnull=False),
            ),
        ]
        permissions = [
            ("handle_case", "Can handle cases: ask, write, quote, ship, move on"),
            ("decide_case", "Can decide claimed parts and cases"),
            ("grant_goodwill", "Can approve against the proposal, as goodwill"),
            ("see_reports", "Can see the reports"),
            ("export_data", "Can export data"),
            ("erase_customer", "Can erase a customer"),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES

    @transition(field=state, source=State.SUBMITTED, target=State.EVIDENCE_REVIEW)
    def begin_review(self) -> None: ...

    @transition(field=state, source=State.EVIDENCE_REVIEW, target=State.SUBMITTED)
    def request_information(self) -> None: ...

    @transition(field=state, source=State.EVIDENCE_REVIEW, target=State.APPROVED)
    def approve(self) -> None: ...

    @transition(field=state, source=State.EVIDENCE_REVIEW, target=State.DENIED)
    def deny(self) -> None: ...

    @transition(field=state, source=[State.APPROVED, State.DENIED], target=State.EVIDENCE_REVIEW)
    def undo(self) -> None: ...

    @transition(field=state, source=[State.DENIED, State.APPROVED, State.RETURNED], target=State.EVIDENCE_REVIEW)
    def reopen(self) -> None: ...

    @transition(field=state, source=State.APPROVED, target=State.IN_REPAIR)
    def start_repair(self) -> None: ...

    @transition(field=state, source=State.IN_REPAIR, target=State.RETURNED)
    def send_back(self) -> None: ...

    @transition(field=state, source=State.APPROVED, target=State.RETURNED)
    def deliver_replacement(self) -> None: ...

    @transition(field=state, source=[State.APPROVED, State.IN_REPAIR], target=State.RETURNED)
    def return_unrepaired(self) -> None: ...

    @transition(field=state, source=State.RETURNED, target=State.IN_REPAIR)
    def reopen_return(self) -> None: ...

    @transition(field=state, source=[State.SUBMITTED, State.EVIDENCE_REVIEW, State.APPROVED], target=State.WITHDRAWN)
    def withdraw(self) -> None: ...


class ClaimedPart(models.Model):
    """One part of the claim, decided by itself (policy 3)."""

    class Verdict(models.TextChoices):
        UNDECIDED = "undecided", _("undecided")
        COVERED = "covered", _("covered")
        DENIED = "denied", _("not covered")

    class Resolution(models.TextChoices):
        REPAIR = "repair", _("repair")
        REPLACEMENT = "replacement", _("replacement")

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="claimed_parts", verbose_name=_("case"))
    part = models.ForeignKey(CoveredPart, on_delete=models.PROTECT, related_name="claims", verbose_name=_("part"))
    # The part's, which never changes, kept here too: the queue filters the claims of a million cases by it.
    product = models.ForeignKey(
        Product, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, editable=False
    )
    confirmed = models.BooleanField(
        _("confirmed"), default=True, help_text=_("Off while it is only a guess that a person has to confirm.")
    )
    cause_recorded = models.BooleanField(_("cause looked for"), default=False)
    cause = models.ForeignKey(
        VoidReason,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("cause seen"),
        help_text=_("Empty with “cause looked for”: none seen."),
    )
    defect_found = models.BooleanField(_("defect in materials or production"), default=False)
    finding = models.TextField(_("finding"), blank=True)
    verdict = models.CharField(_("verdict"), max_length=10, choices=Verdict, default=Verdict.UNDECIDED)
    reason = models.ForeignKey(
        VoidReason, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("reason")
    )
    words = models.TextField(_("words to the customer"), blank=True)
    resolution = models.CharField(_("resolution"), max_length=12, choices=Resolution, blank=True)
    goodwill_reason = models.TextField(_("goodwill because"), blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    snapshot = models.JSONField(_("what was known"), default=dict, blank=True)

    class Meta:
        ordering = ("case", "id")
        verbose_name = _("claimed part")
        indexes = [models.Index(name="claimed_part_queue_by_product", fields=["product", "case"])]
        constraints = [
            models.UniqueConstraint(name="claimed_part_once_per_case", fields=["case", "part"]),
            models.CheckConstraint(
                name="claimed_part_verdict_known", condition=Q(verdict__in=["undecided", "covered", "denied"])
            ),
            models.CheckConstraint(
                name="claimed_part_resolution_known", condition=Q(resolution__in=["", "repair", "replacement"])
            ),
            models.CheckConstraint(
                name="claimed_part_denied_has_reason", condition=~Q(verdict="denied") | Q(reason__isnull=False)
            ),
            models.CheckConstraint(
                name="claimed_part_covered_has_resolution", condition=~Q(verdict="covered") | ~Q(resolution="")
            ),
            models.CheckConstraint(
                name="claimed_part_only_covered_is_resolved",
                condition=Q(verdict="covered") | Q(resolution="", goodwill_reason=""),
            ),
            models.CheckConstraint(
                name="claimed_part_decided_by_somebody",
                condition=Q(verdict="undecided") | Q(decided_by__isnull=False, decided_at__isnull=False),
            ),
            models.CheckConstraint(
                name="claimed_part_defect_has_finding", condition=Q(defect_found=False) | ~Q(finding="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case}: {self.part}"

    @property
    def is_goodwill(self) -> bool:
        return bool(self.goodwill_reason)
