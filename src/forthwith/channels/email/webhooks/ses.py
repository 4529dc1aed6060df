"""Amazon SES: a receipt rule whose SNS action publishes the mail, encoded as Base64 or UTF-8, to the desk's topic."""

from __future__ import annotations

import json
import logging
from base64 import b64decode
from collections.abc import Mapping
from typing import Any, ClassVar

from anymail.webhooks.amazon_ses import AmazonSESBaseWebhookView
from django.conf import settings
from django.utils import timezone

from forthwith.channels.email.limits import MIB
from forthwith.channels.email.webhooks import sns
from forthwith.channels.email.webhooks.endpoint import Endpoint, Letter, Unreachable, envelope_sender
from forthwith.channels.email.webhooks.posted import Posted
from forthwith.procedure.said import say

_AWAY = "Amazon's signing certificate cannot be fetched now."
_log = logging.getLogger(__name__)


class SesEndpoint(Endpoint, AmazonSESBaseWebhookView):  # type: ignore[misc]
    """Takes what Amazon SNS posts, and confirms the subscription of the desk's own topic."""

    provider: ClassVar[str] = "ses"
    # What SNS carries is smaller still.
    largest: ClassVar[int] = 2 * MIB

    def __init__(self, **kwargs: Any) -> None:
        # Past Amazon's class: it wants boto3, for what is not done here.
        super(AmazonSESBaseWebhookView, self).__init__(webhook_secret=[], **kwargs)

    def validate_request(self, posted: Posted) -> None:
        """Check topic and signature, beside what anymail checks."""
        super().validate_request(posted)
        try:
            sns.check(json.loads(posted.body), settings.WEBHOOKS.ses, timezone.now())
        except OSError as error:
            raise Unreachable(f"{_AWAY} ({error})") from error

    def letters(self, posted: Posted) -> list[Letter]:
        """The one mail of a notification; none of a confirmation."""
        said = json.loads(posted.body)
        if said["Type"] != "Notification":
            _subscription(said)
            return []
        try:
            told = json.loads(said["Message"])
        except ValueError:
            told = None
        if not isinstance(told, dict) or told.get("notificationType") == "AmazonSnsSubscriptionSucceeded":
            # A greeting after the subscription, in words.
            return []
        if told.get("notificationType") != "Received":
            unread = say("a report of Amazon SES on mail that was sent; its topic brings mail")
            return [Letter(posted.body, unread=unread)]
        return [_letter(posted, told)]


def _letter(posted: Posted, told: Mapping[str, Any]) -> Letter:
    envelope = {"sender": envelope_sender(told["mail"].get("source")), "recipients": told["receipt"]["recipients"]}
    action = told["receipt"]["action"]
    if "content" not in told:
        place = f"{action.get('bucketName', '')}/{action.get('objectKey', '')}".strip("/")
        reason = say("Amazon SES announced a mail without sending it: its receipt rule needs an SNS action.")
        if place:
            reason = say(
                "Amazon SES announced a mail without sending it: its receipt rule needs an SNS action. "
                "It is kept at %(place)s.",
                place=place,
            )
        return Letter(posted.body, unread=reason, **envelope)
    content = str(told["content"])
    whole = b64decode(content) if action.get("encoding") == "BASE64" else content.encode("utf-8", "replace")
    return Letter(whole, **envelope)


def _subscription(said: Mapping[str, Any]) -> None:
    if said["Type"] != "SubscriptionConfirmation":
        _log.warning("Amazon SNS ends the desk's subscription of %s: no mail comes by it any more.", said["TopicArn"])
        return
    try:
        sns.confirm(said)
    except OSError as error:
        raise Unreachable(f"Amazon does not answer to the confirmation. ({error})") from error
    _log.info("The subscription of %s is confirmed.", said["TopicArn"])
