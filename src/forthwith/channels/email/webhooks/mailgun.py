"""Mailgun: a route that forwards to this address; with `/mime/` at its end the mail comes whole.

Signed by an HMAC over a moment and a token. Mailgun ends its retries within hours, so a signature of long ago is a
copy of one.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any, ClassVar

from anymail.exceptions import AnymailWebhookValidationFailure
from anymail.webhooks.mailgun import MailgunBaseWebhookView
from django.conf import settings
from django.utils import timezone

from forthwith.channels.email.contents import File
from forthwith.channels.email.webhooks.composed import compose
from forthwith.channels.email.webhooks.endpoint import Endpoint, Letter, envelope_sender
from forthwith.channels.email.webhooks.posted import Posted
from forthwith.procedure.said import say

SIGNATURE_LASTS = timedelta(days=2)


class MailgunEndpoint(Endpoint, MailgunBaseWebhookView):  # type: ignore[misc]
    """Takes what a Mailgun route forwards."""

    provider: ClassVar[str] = "mailgun"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(webhook_signing_key=settings.WEBHOOKS.mailgun, webhook_secret=[], **kwargs)

    def validate_request(self, posted: Posted) -> None:
        """Refuse a signature of long ago; anymail checks the signature itself."""
        super().validate_request(posted)
        if posted.content_type == "application/json":
            # Reports on mail that was sent are signed in another place, and bring no mail.
            return
        age = timezone.now().timestamp() - int(posted.POST["timestamp"])
        if abs(age) > SIGNATURE_LASTS.total_seconds():
            raise AnymailWebhookValidationFailure("The signature is of another time.")

    def letters(self, posted: Posted) -> list[Letter]:
        """The one mail of a form, whole or put together again."""
        said = posted.POST
        if "attachments" in said:
            reason = say("Mailgun announced a mail without its files: its route needs forward(), not store()")
            return [Letter(posted.body, unread=reason)]
        recipients = [one.strip() for one in said.get("recipient", "").split(",") if one.strip()]
        body = posted.fields["body-mime"] if "body-mime" in posted.fields else _composed(posted)
        return [Letter(body, envelope_sender(said.get("sender")), recipients)]


def _composed(posted: Posted) -> bytes:
    fields = [(str(name).encode(), str(value).encode()) for name, value in json.loads(posted.fields["message-headers"])]
    ids = {place: cid.strip("<>") for cid, place in json.loads(posted.fields.get("content-id-map", b"{}")).items()}
    files = [
        File(file.name, file.type, file.content, ids.get(name, ""))
        for name, file in sorted(posted.files.items(), key=lambda item: (len(item[0]), item[0]))
    ]
    plain, html = (posted.fields.get(name, b"").decode("utf-8", "replace") for name in ("body-plain", "body-html"))
    return compose(fields, plain=plain, html=html, files=files)
