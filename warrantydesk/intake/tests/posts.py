"""What providers post, shaped as their documentation says and written by hand."""

import hashlib
import hmac
import json
from base64 import b64encode
from typing import Any
from urllib.parse import urlencode

KEY = "signing-key"
LOGIN = {"HTTP_AUTHORIZATION": "Basic " + b64encode(b"mail:secret").decode()}
STAMP = 1_762_335_000  # 5 Nov 2025, 09:30 UTC
TEXT = "Invoice number: INV-2024-00123\nSerial number: SN-AB12-9988\nThe hinge broke, große Lücke."
BOUNDARY = "----WebKitFormBoundaryx7"


def mailgun_signature(token: str = "t0ken", stamp: int = STAMP, key: str = KEY) -> dict[str, str]:
    signature = hmac.new(key.encode(), f"{stamp}{token}".encode(), hashlib.sha256).hexdigest()
    return {"token": token, "timestamp": str(stamp), "signature": signature}


def form(fields: dict[str, Any], files: dict[str, tuple[str, str, bytes]] | None = None) -> dict[str, Any]:
    """A multipart form, as keyword arguments of the test client."""
    parts = [_part(f'name="{name}"', "", value) for name, value in fields.items()]
    parts += [
        _part(f'name="{name}"; filename="{file}"', f"Content-Type: {kind}\r\n", content)
        for name, (file, kind, content) in (files or {}).items()
    ]
    body = b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()
    return {"data": body, "content_type": f"multipart/form-data; boundary={BOUNDARY}"}


def _part(disposition: str, more: str, value: str | bytes) -> bytes:
    head = f"--{BOUNDARY}\r\nContent-Disposition: form-data; {disposition}\r\n{more}\r\n".encode()
    return head + (value if isinstance(value, bytes) else value.encode()) + b"\r\n"


def mailgun_raw(raw: bytes, sender: str = "ada@example.com", **more: Any) -> dict[str, Any]:
    return form({"recipient": "warranty@positron.example", "sender": sender, "body-mime": raw, **_signed(more)})


def mailgun_query(raw: bytes) -> dict[str, Any]:
    fields = {"sender": b"ada@example.com", "body-mime": raw, **mailgun_signature()}
    return {"data": urlencode(fields).encode(), "content_type": "application/x-www-form-urlencoded"}


def mailgun_parsed(picture: bytes, **more: Any) -> dict[str, Any]:
    headers = [
        ["From", "Ada Kunde <ada@example.com>"],
        ["To", "warranty@positron.example"],
        ["Subject", "[Warranty Request] hinge broken"],
        ["Message-Id", "<p1@example.com>"],
        ["Content-Type", 'multipart/mixed; boundary="original"'],
        ["Content-Transfer-Encoding", "7bit"],
    ]
    return form(
        {
            "sender": "ada@example.com",
            "message-headers": json.dumps(headers),
            "body-plain": TEXT.replace("\n", "\r\n"),
            "attachment-count": "1",
            **_signed(more),
        },
        {"attachment-1": ("hinge.jpg", "image/jpeg", picture)},
    )


def _signed(more: dict[str, Any]) -> dict[str, str]:
    return {**mailgun_signature(more.pop("token", "t0ken"), more.pop("stamp", STAMP)), **more}


def postmark_raw(raw: bytes) -> dict[str, Any]:
    told = {
        "FromName": "Ada Kunde",
        "From": "ada@example.com",
        "Subject": "[Warranty Request] hinge broken",
        "MessageID": "22c74902-a0c1-4511-804f-341342852c90",
        "RawEmail": raw.decode(),
        "Headers": [{"Name": "Return-Path", "Value": "<ada@example.com>"}],
    }
    return {"data": json.dumps(told).encode(), "content_type": "application/json"}


def postmark_parsed(picture: bytes) -> dict[str, Any]:
    told = {
        "FromFull": {"Email": "ada@example.com", "Name": "Ada Kunde"},
        "ToFull": [{"Email": "warranty@positron.example", "Name": ""}],
        "Subject": "[Warranty Request] hinge broken",
        "Date": "Wed, 5 Nov 2025 09:29:00 +0000",
        "TextBody": TEXT,
        "HtmlBody": "",
        "Headers": [{"Name": "Message-ID", "Value": "<p1@example.com>"}],
        "Attachments": [
            {"Name": "hinge.jpg", "Content": b64encode(picture).decode(), "ContentType": "image/jpeg"},
        ],
    }
    return {"data": json.dumps(told).encode(), "content_type": "application/json"}


def sendgrid_raw(raw: bytes) -> dict[str, Any]:
    envelope = json.dumps({"to": ["warranty@positron.example"], "from": "ada@example.com"})
    return form({"email": raw, "envelope": envelope, "charsets": "{}", "spam_score": "0.1"})


def sendgrid_parsed(picture: bytes) -> dict[str, Any]:
    headers = (
        "From: Ada Kunde <ada@example.com>\nTo: warranty@positron.example\n"
        "Subject: [Warranty Request] hinge broken\nMessage-ID: <p1@example.com>\n"
    )
    info = {"attachment1": {"filename": "hinge.jpg", "name": "hinge.jpg", "type": "image/jpeg"}}
    return form(
        {
            "headers": headers,
            "text": TEXT,
            "charsets": json.dumps({"text": "UTF-8"}),
            "attachment-info": json.dumps(info),
            "envelope": json.dumps({"to": ["warranty@positron.example"], "from": "ada@example.com"}),
        },
        {"attachment1": ("hinge.jpg", "image/jpeg", picture)},
    )


def ses(event: dict[str, Any] | None, kind: str = "Notification", **more: Any) -> dict[str, Any]:
    notice = {"Type": kind, "MessageId": "n-1", "TopicArn": "arn:aws:sns:x", "Message": json.dumps(event), **more}
    return {
        "data": json.dumps(notice).encode(),
        "content_type": "text/plain; charset=UTF-8",
        "HTTP_X_AMZ_SNS_MESSAGE_TYPE": kind,
        "HTTP_X_AMZ_SNS_MESSAGE_ID": "n-1",
    }


def ses_raw(raw: bytes, encoding: str = "BASE64") -> dict[str, Any]:
    content = b64encode(raw).decode() if encoding == "BASE64" else raw.decode()
    return ses({**ses_event({"type": "SNS", "encoding": encoding}), "content": content})


def ses_event(action: dict[str, Any]) -> dict[str, Any]:
    return {
        "notificationType": "Received",
        "mail": {"timestamp": "2025-11-05T09:30:00.000Z", "source": "ada@example.com", "messageId": "o3vrnil0e2ic"},
        "receipt": {"recipients": ["warranty@positron.example"], "action": action},
    }
