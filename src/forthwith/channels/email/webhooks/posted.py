"""What a provider posted, read whole and exactly: forms keep their bytes, which Django would decode."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl

from django.http import HttpRequest

from forthwith.channels.email.contents import File
from forthwith.channels.email.limits import MIB
from forthwith.channels.email.mail import NotMail
from forthwith.channels.email.structure import Part, read_structure

LARGEST = 64 * MIB
"""As much as the web process takes of anybody. A mail of the largest size, in base64, is well below."""
_MOST_FIELDS = 1_000


class TooLarge(ValueError):
    """More was posted than is taken."""


@dataclass
class Posted:
    """A request as anymail's checks want to see it (its names, therefore), and what is in it as bytes."""

    META: Mapping[str, Any]
    content_type: str
    body: bytes = field(repr=False)
    fields: dict[str, bytes] = field(default_factory=dict, repr=False)
    files: dict[str, File] = field(default_factory=dict, repr=False)
    encoding: None = None

    @cached_property
    def POST(self) -> dict[str, str]:  # noqa: N802 (Django's name)
        """The short fields as text: what signs a request, and the envelope."""
        return {name: value.decode("utf-8", "replace") for name, value in self.fields.items() if len(value) < MIB}


def read_posted(request: HttpRequest, largest: int = LARGEST) -> Posted:
    """Read a request to its end. Raises TooLarge; ValueError for a form with too many fields."""
    body = request.read(largest + 1)
    if len(body) > largest:
        raise TooLarge(f"At most {largest // MIB} MiB are taken at once.")
    posted = Posted(request.META, request.content_type or "", body)
    if posted.content_type == "multipart/form-data":
        _read_parts(posted)
    elif posted.content_type == "application/x-www-form-urlencoded":
        # Latin-1 there and back leaves every byte as it is.
        pairs = parse_qsl(
            body.decode("latin-1"), keep_blank_values=True, encoding="latin-1", max_num_fields=_MOST_FIELDS
        )
        posted.fields = {name: value.encode("latin-1") for name, value in pairs}
    return posted


def _read_parts(posted: Posted) -> None:
    """A form is a MIME multipart (RFC 7578). Where a name comes twice the last counts, as it does for Django."""
    head = b"Content-Type: " + str(posted.META.get("CONTENT_TYPE", "")).encode("latin-1", "replace")
    try:
        parts = read_structure(head + b"\r\n\r\n" + posted.body).parts
    except NotMail as error:
        raise ValueError(str(error)) from error
    if len(parts) > _MOST_FIELDS:
        raise ValueError(f"The form has more than {_MOST_FIELDS} fields.")
    for part in parts:
        _take(part, posted)


def _take(part: Part, posted: Posted) -> None:
    named = part.disposition[1]
    name, content = named.get("name", ""), part.raw[part.start : part.end]
    if "filename" in named:
        posted.files[name] = File(named["filename"][:255], part.type, content)
    else:
        posted.fields[name] = content
