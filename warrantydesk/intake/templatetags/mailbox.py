"""{% load mailbox %}{% mailbox_state %}: one line about the mailbox; nothing where none is configured."""

from typing import Any

from django import template
from django.utils import timezone

from warrantydesk.intake.mailbox_state import current_state, mailbox_line

register = template.Library()


@register.inclusion_tag("intake/mailbox_state.html")
def mailbox_state() -> dict[str, Any]:
    state = current_state()
    return {"state": state, "line": mailbox_line(state, timezone.now()) if state else None}
