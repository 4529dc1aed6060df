"""What every part of the procedure's document shares, and the names that its parts have."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, PlainSerializer, StringConstraints

from forthwith.procedure.moments import format_duration, format_percent, parse_duration, parse_percent
from forthwith.procedure.said import say

Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
CategoryPath = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$", max_length=200)]


def below(category: str | None, paths: Iterable[str]) -> bool:
    """Whether a category is one of these, or lies below one of them."""
    return any(f"{category}.".startswith(f"{path}.") for path in paths)


Duration = Annotated[int, BeforeValidator(parse_duration), PlainSerializer(format_duration, return_type=str)]
"""Seconds, written as people do: `1 h`."""
Percent = Annotated[int, BeforeValidator(parse_percent), PlainSerializer(format_percent, return_type=str)]

_MAIL_FROM = re.compile(r'[^<>@"\x00-\x1f]{1,120} <[^\s<>@,;:"]{1,64}@[^\s<>@,;:"]{1,190}>', re.ASCII)


def _mail_from(text: str) -> str:
    """Refuse what could not stand as a mail's sender. Empty is fit: the desk's own."""
    if text and not _MAIL_FROM.fullmatch(text):
        raise ValueError(say("write it as a name and an address, as in Network team <network@example.org>"))
    return text


MailFrom = Annotated[str, AfterValidator(_mail_from)]


class Part(BaseModel):
    """A part of the document: immutable, and nothing unknown is let through."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        str_strip_whitespace=True,
        # So that `version: 2` need not be quoted: a reader of YAML sees a text there.
        coerce_numbers_to_str=True,
        arbitrary_types_allowed=True,
    )
