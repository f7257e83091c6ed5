"""What became of a message, as the line a command prints (contracts.md, "Commands")."""

import json
from typing import Any

from warrantydesk.intake.receipt import Receipt


def told(source: str, receipt: Receipt) -> dict[str, Any]:
    """The agreed fields of one message."""
    return {
        "source": source,
        "message_id": receipt.incoming.rfc_message_id or None,
        "outcome": receipt.outcome,
        "case": receipt.case.reference if receipt.case else None,
        "missing": list(receipt.missing),
        "evidence": receipt.evidence,
        "refused": receipt.refused,
        "reason": receipt.reason or None,
    }


def not_told(source: str, reason: str) -> dict[str, Any]:
    """A message of which nothing came yet, and why."""
    return {"source": source, "outcome": None, "reason": reason}


def as_line(fields: dict[str, Any]) -> str:
    return json.dumps(fields, ensure_ascii=False)
