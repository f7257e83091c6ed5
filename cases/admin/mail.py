"""Outgoing mail: what left, what did not, and a person's word on what the desk is unsure of."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.contrib.filters.admin import RangeDateTimeFilter

from cases.actors import Actor
from cases.admin.looking import OfCaseAdmin, as_written
from cases.models import OutgoingMail
from cases.outbox.settling import send_again, take_as_sent
from products.errors import Refused

SettleMail = Callable[..., OutgoingMail]


@admin.register(OutgoingMail)
class OutgoingMailAdmin(OfCaseAdmin):
    list_display = ("created_at", "kind", "case", "to_address", "status", "sent_at", "problem")
    list_filter = ("status", ("created_at", RangeDateTimeFilter))
    readonly_fields = ("text",)
    reads_also = ("message",)
    actions = ("send_selected_again", "take_selected_as_sent")
    fieldsets = (
        (None, {"fields": ("case", "message", "kind", "status", "problem")}),
        (_("Letter"), {"fields": ("to_name", "to_address", "language", "subject", "text")}),
        (
            _("Way"),
            {
                "fields": (
                    "created_at", "not_before", "claimed_at", "handed_over_at", "sent_at", "attempts", "automatic",
                    "bounced_at", "bounce_reason", "rfc_message_id", "in_reply_to",
                )
            },
        ),
    )  # fmt: skip

    @admin.display(description=_("text"))
    def text(self, mail: OutgoingMail) -> str:
        return as_written(mail.body)

    def has_settle_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("cases.handle_case")

    @admin.action(description=_("Send again (failed, or may have been sent)"), permissions=["settle"])
    def send_selected_again(self, request: HttpRequest, chosen: Any) -> None:
        self._settle(request, chosen, send_again)

    @admin.action(description=_("Take as sent (may have been sent, and did arrive)"), permissions=["settle"])
    def take_selected_as_sent(self, request: HttpRequest, chosen: Any) -> None:
        self._settle(request, chosen, take_as_sent)

    def _settle(self, request: HttpRequest, chosen: Any, service: SettleMail) -> None:
        """Each mail by itself, through the one service: what is refused for one does not hold up the others."""
        actor, done = Actor.staff(request.user), 0  # type: ignore[arg-type]  # the admin is for staff
        for mail in chosen.order_by("pk"):
            try:
                service(mail.pk, actor=actor, now=timezone.now())
                done += 1
            except Refused as refused:
                messages.error(request, f"{mail}: {refused}")
        if done:
            said = ngettext("%(count)d mail settled.", "%(count)d mails settled.", done)
            messages.success(request, said % {"count": done})
