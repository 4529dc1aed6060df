"""SendGrid: Inbound Parse with this address, user and password in it; best with "POST the raw, full MIME message"."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from django.conf import settings

from forthwith.channels.email.charsets import decode
from forthwith.channels.email.contents import File
from forthwith.channels.email.headers import read_headers
from forthwith.channels.email.webhooks.composed import compose
from forthwith.channels.email.webhooks.endpoint import Endpoint, Letter, envelope_sender
from forthwith.channels.email.webhooks.posted import Posted


class SendGridEndpoint(Endpoint):
    """Takes what SendGrid's Inbound Parse posts. Anymail keeps no class of its own for it any longer."""

    provider: ClassVar[str] = "sendgrid"
    esp_name = "SendGrid"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(webhook_secret=[settings.WEBHOOKS.sendgrid], **kwargs)

    def letters(self, posted: Posted) -> list[Letter]:
        """The one mail of a form, whole or put together again."""
        envelope = json.loads(posted.fields.get("envelope", b"{}"))
        body = posted.fields["email"] if "email" in posted.fields else _composed(posted)
        recipients = [str(one) for one in envelope.get("to", [])]
        return [Letter(body, envelope_sender(envelope.get("from")), recipients)]


def _composed(posted: Posted) -> bytes:
    raw = posted.fields["headers"].replace(b"\r\n", b"\n")
    fields = [(name.encode(), value) for name, value in read_headers(raw, 0, len(raw))[0].fields]
    charsets = json.loads(posted.fields.get("charsets", b"{}"))
    plain, html = (
        decode(posted.fields.get(name, b""), str(charsets.get(name) or "utf-8")) for name in ("text", "html")
    )
    told = json.loads(posted.fields.get("attachment-info", b"{}"))
    files = []
    for name, file in sorted(posted.files.items(), key=lambda item: (len(item[0]), item[0])):
        about = told.get(name) or {}
        files.append(File(file.name, file.type, file.content, str(about.get("content-id") or "").strip("<>")))
    return compose(fields, plain=plain, html=html, files=files)
