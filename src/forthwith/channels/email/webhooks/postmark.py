"""Postmark: an inbound stream with this address, its user and password in it; best with the raw mail included."""

from __future__ import annotations

import binascii
import json
from base64 import b64decode
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from django.conf import settings

from forthwith.channels.email.contents import File
from forthwith.channels.email.webhooks.composed import address, compose
from forthwith.channels.email.webhooks.endpoint import Endpoint, Letter, envelope_sender
from forthwith.channels.email.webhooks.posted import Posted
from forthwith.procedure.said import say

_PUT_ELSEWHERE = {"from", "to", "cc", "subject", "date", "reply-to"}


class PostmarkEndpoint(Endpoint):
    """Takes what Postmark's inbound stream posts."""

    provider: ClassVar[str] = "postmark"
    esp_name = "Postmark"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(webhook_secret=[settings.WEBHOOKS.postmark], **kwargs)

    def letters(self, posted: Posted) -> list[Letter]:
        """The one mail of a JSON object."""
        said = json.loads(posted.body)
        if said.get("RecordType", "Inbound") != "Inbound":
            reason = say("a report of Postmark (%(kind)s), posted to the address for mail", kind=said["RecordType"])
            return [Letter(posted.body, unread=reason)]
        fields = [(str(one["Name"]), str(one["Value"])) for one in said.get("Headers", [])]
        # Postmark puts the envelope's sender first. Further down it is the mail's own, and says nothing.
        returns_to = fields[0][1] if fields and fields[0][0].lower() == "return-path" else None
        body = str(said["RawEmail"]).encode("utf-8", "replace") if "RawEmail" in said else _composed(said, fields)
        recipients = [said["OriginalRecipient"]] if said.get("OriginalRecipient") else []
        return [Letter(body, envelope_sender(returns_to), recipients)]


def _composed(said: Mapping[str, Any], fields: list[tuple[str, str]]) -> bytes:
    kept = [*_named(said), *(field for field in fields if field[0].lower() not in _PUT_ELSEWHERE)]
    return compose(
        [(name.encode(), value.encode("utf-8", "replace")) for name, value in kept],
        plain=str(said.get("TextBody") or ""),
        html=str(said.get("HtmlBody") or ""),
        files=[_file(one) for one in said.get("Attachments") or []],
    )


def _named(said: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The fields for which Postmark has places of their own."""
    for name, key in (("From", "FromFull"), ("To", "ToFull"), ("Cc", "CcFull")):
        people = said.get(key) or []
        people = people if isinstance(people, list) else [people]
        if people:
            yield name, ", ".join(address(str(one.get("Name") or ""), str(one.get("Email") or "")) for one in people)
    for name, key in (("Subject", "Subject"), ("Date", "Date"), ("Reply-To", "ReplyTo")):
        if said.get(key):
            yield name, str(said[key])


def _file(said: Mapping[str, Any]) -> File:
    try:
        content = b64decode(str(said.get("Content") or ""))
    except binascii.Error:
        content = str(said.get("Content")).encode()
    cid = str(said.get("ContentID") or "").strip("<>").removeprefix("cid:")
    return File(str(said.get("Name") or ""), str(said.get("ContentType") or ""), content, cid)
