"""Tokens of people and services, and requests that must not happen twice."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class ApiToken(models.Model):
    """A key to the API, kept only as its hash. It can do what its account may do, as far as its scopes go.

    A personal token is made by a person for themselves; a service token belongs to an account nobody logs in with.
    """

    class Kind(models.TextChoices):
        PERSONAL = "personal", _("personal")
        SERVICE = "service", _("service")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", verbose_name=_("account")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.PERSONAL)
    name = models.CharField(_("name"), max_length=100, help_text=_("What it is used for."))
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    begins_with = models.CharField(_("begins with"), max_length=12, editable=False)
    scopes = models.JSONField(_("scopes"), default=list)
    created_at = models.DateTimeField(_("made at"))
    expires_at = models.DateTimeField(_("valid until"), null=True, blank=True)
    used_at = models.DateTimeField(_("last used"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)

    class Meta:
        ordering = ("-pk",)
        verbose_name = _("API token")
        constraints = [
            models.CheckConstraint(name="token_kind_known", condition=models.Q(kind__in=["personal", "service"])),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.begins_with}…)"


class IdempotentRequest(models.Model):
    """A request under a key of the caller's own: done once, answered alike ever after. Without a status it is on its
    way, or died on it."""

    token = models.ForeignKey(ApiToken, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    body = models.JSONField(null=True)
    location = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        ordering = ("pk",)
        constraints = [models.UniqueConstraint(name="idempotent_once_per_token", fields=["token", "key"])]

    def __str__(self) -> str:
        return f"{self.token_id} {self.key}"


class ShopHook(models.Model):
    """What the shop sent by itself, its signature checked, as it came. A row without an outcome is work to be done."""

    class Outcome(models.TextChoices):
        WAITING = "", _("waiting")
        TAKEN = "taken", _("taken in")
        NOTHING = "nothing", _("nothing in it")
        FAILED = "failed", _("could not be taken in")

    topic = models.CharField(_("topic"), max_length=60, blank=True)
    sha256 = models.CharField(max_length=64, unique=True, editable=False)
    body = models.BinaryField(_("as received"))
    delivery = models.CharField(_("shop's id of the call"), max_length=100, blank=True)
    order_key = models.CharField(_("order"), max_length=60, blank=True)
    said_at = models.CharField(_("as of"), max_length=40, blank=True)
    received_at = models.DateTimeField(_("received at"))
    times_seen = models.PositiveIntegerField(_("times received"), default=1)
    claimed_at = models.DateTimeField(null=True, blank=True, editable=False)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome, blank=True)
    read_at = models.DateTimeField(_("read at"), null=True, blank=True)
    problem = models.CharField(_("problem"), max_length=500, blank=True)

    class Meta:
        ordering = ("-pk",)
        verbose_name = _("shop's webhook")
        indexes = [
            models.Index(name="shop_hook_waiting", fields=["id"], condition=models.Q(outcome="")),
            models.Index(name="shop_hook_of_order", fields=["order_key", "said_at"]),
            models.Index(name="shop_hook_by_outcome", fields=["outcome", "received_at"]),
        ]

    def __str__(self) -> str:
        return f"{self.topic} {self.order_key}"


class HookEndpoint(models.Model):
    """A system that wants to hear what happens. Its secret signs every call, the old one too while it is changed."""

    url = models.URLField(_("address"), max_length=500)
    topics = models.JSONField(
        _("hears of"), default=list, blank=True, help_text=_("case.transition, clock.moved, case.*; empty: everything.")
    )
    secret = models.CharField(_("secret"), max_length=100, editable=False)
    old_secret = models.CharField(max_length=100, blank=True, editable=False)
    created_at = models.DateTimeField(_("set up at"), auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", editable=False
    )
    failing_since = models.DateTimeField(_("failing since"), null=True, blank=True)
    disabled_at = models.DateTimeField(_("disabled at"), null=True, blank=True)
    told_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ("pk",)
        verbose_name = _("webhook")

    def __str__(self) -> str:
        return self.url

    def wants(self, topic: str) -> bool:
        """Whether it hears of this topic: by its whole name, by `case.*`, or because it hears of everything."""
        return not self.topics or topic in self.topics or f"{topic.partition('.')[0]}.*" in self.topics


class HookEvent(models.Model):
    """Something that happened, as it is told to every system alike."""

    source = models.CharField(max_length=40, unique=True)
    topic = models.CharField(_("topic"), max_length=60)
    at = models.DateTimeField(_("at"))
    data = models.JSONField(_("says"), default=dict)

    class Meta:
        ordering = ("-pk",)
        verbose_name = _("webhook event")

    def __str__(self) -> str:
        return f"{self.topic} {self.source}"


class HookDelivery(models.Model):
    """An event on its way to one system. A row that is due is work to be done."""

    endpoint = models.ForeignKey(
        HookEndpoint, on_delete=models.CASCADE, related_name="deliveries", verbose_name=_("webhook")
    )
    event = models.ForeignKey(HookEvent, on_delete=models.CASCADE, related_name="deliveries", verbose_name=_("event"))
    next_try_at = models.DateTimeField(_("next try"))
    attempts = models.PositiveSmallIntegerField(_("tries"), default=0)
    claimed_at = models.DateTimeField(null=True, blank=True, editable=False)
    tried_at = models.DateTimeField(_("last try"), null=True, blank=True)
    last_status = models.PositiveSmallIntegerField(_("answer"), null=True, blank=True)
    last_problem = models.CharField(_("problem"), max_length=250, blank=True)
    delivered_at = models.DateTimeField(_("delivered at"), null=True, blank=True)
    given_up = models.BooleanField(_("given up"), default=False)

    class Meta:
        ordering = ("-pk",)
        verbose_name = _("webhook delivery")
        verbose_name_plural = _("webhook deliveries")
        indexes = [
            models.Index(
                name="delivery_due",
                fields=["next_try_at", "id"],
                condition=models.Q(delivered_at__isnull=True, given_up=False),
            )
        ]
        constraints = [models.UniqueConstraint(name="delivery_once", fields=["endpoint", "event"])]

    def __str__(self) -> str:
        return f"{self.event} → {self.endpoint}"


class HookCursor(models.Model):
    """How far the follower of the timeline has read."""

    name = models.CharField(max_length=20, unique=True)
    seen = models.BigIntegerField(default=0)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return f"{self.name} {self.seen}"
