"""Fields of a desk's own, as data of the procedure: what may be filled in on a ticket, for which categories (SOP 6.1).

A value is kept as a text in one form for each kind, so that equal values are equal texts: a number as `1200.5`, a date
as `2026-03-31`, a choice by its key, `yes` or `no`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import Field as Bounded
from pydantic import model_validator

from forthwith.procedure.part import CategoryPath, Duration, Key, Part, below
from forthwith.procedure.said import say

if TYPE_CHECKING:
    from forthwith.procedure.model import Procedure

LONGEST = 200
"""Characters of a value."""
MOST = 40
"""Fields of a procedure."""
ANSWERS = {"yes": say("Yes"), "no": say("No")}
_LARGEST = Decimal(10) ** 12
_PLACES = Decimal("0.0001")
_GROUPED = re.compile(r"[\s_']+")
_TWO_WAYS = re.compile(r"([+-]?\d{1,3})[.,](\d{3})", re.ASCII)
_FIRST_YEAR, _LAST_YEAR = 1900, 2999


class OwnField(Part):
    """One field. Empty `categories` mean all; a category's path stands for those below it too.

    With `needed_for: resolve` a ticket is resolved only once it is filled in. `help` says what is meant.
    """

    name: Annotated[str, Bounded(min_length=1, max_length=60)]
    kind: Literal["text", "number", "date", "choice", "yes_no"] = "text"
    choices: dict[Key, str] = {}
    categories: tuple[CategoryPath, ...] = ()
    needed_for: Literal["resolve"] | None = None
    shown_to_requester: bool = False
    help: str = ""

    @model_validator(mode="after")
    def _choices_are_for_a_choice(self) -> Self:
        if self.kind == "choice" and not self.choices:
            raise ValueError(say("a choice needs `choices`, each with a key and what it is called"))
        if self.kind != "choice" and self.choices:
            raise ValueError(say("`choices` are for the kind `choice`; this one is `%(kind)s`", kind=self.kind))
        return self

    @property
    def options(self) -> Mapping[str, str]:
        """What can be chosen, by key; nothing for what is typed."""
        return ANSWERS if self.kind == "yes_no" else self.choices


class Timekeeping(Part):
    """How time worked is kept: `ask_after` is how long a timer may run before it asks what of it was work."""

    ask_after: Annotated[Duration, Bounded(ge=60, le=86_400)] = 14_400


def read(field: OwnField, typed: str) -> str | None:
    """What was typed, as a value is kept; empty for nothing, None where it is none of this kind."""
    text = " ".join(typed.split())
    if not text or len(text) > LONGEST:
        return None if text else ""
    if field.options:
        named = {name.casefold(): key for key, name in field.options.items()}
        return text if text in field.options else named.get(text.casefold())
    if field.kind == "number":
        return None if "," in text and two_ways(text) else _number(text)
    return _day(text) if field.kind == "date" else text


def two_ways(typed: str) -> tuple[str, str] | None:
    """Both ways to write a number clearly that is a thousand for some and little more than one for others: `1,200`."""
    found = _TWO_WAYS.fullmatch(_GROUPED.sub("", typed))
    return (f"{found[1]}{found[2]}", f"{found[1]}.{found[2]}0") if found else None


def _number(text: str) -> str | None:
    plain = _GROUPED.sub("", text)
    if plain.count(",") == 1 and "." not in plain:
        plain = plain.replace(",", ".")
    try:
        value = Decimal(plain) if plain.isascii() else None
    except InvalidOperation:
        return None
    if value is None or not value.is_finite() or abs(value) >= _LARGEST or value != value.quantize(_PLACES):
        return None
    whole = f"{value.quantize(_PLACES):f}".rstrip("0").rstrip(".")
    return "0" if whole in ("-0", "") else whole


def _day(text: str) -> str | None:
    try:
        day = date.fromisoformat(text) if len(text) == len("2026-03-31") else None
    except ValueError:
        return None
    return text if day and _FIRST_YEAR <= day.year <= _LAST_YEAR else None


def key_of(field: OwnField | None, value: str) -> str:
    """Under which text a value is filed, so that equal ones are found and numbers and dates stand in their order."""
    if field is not None and field.kind == "number" and (number := _number(value)) is not None:
        return f"{int((Decimal(number) + _LARGEST) / _PLACES):018}"
    return value.casefold()[:LONGEST]


def said(field: OwnField | None, value: str) -> str:
    """A value as it is read. One of a field or a choice that is not known is shown as it is."""
    return field.options.get(value, value) if field else value


def belongs(field: OwnField, category: str) -> bool:
    """Whether a field is one of a category's."""
    return not field.categories or below(category, field.categories)


def fields_of(procedure: Procedure, category: str, given: Mapping[str, str]) -> Iterator[tuple[str, OwnField | None]]:
    """The fields that a ticket shows: those of its category, then what was recorded besides, known or not."""
    own = [key for key, field in procedure.fields.items() if belongs(field, category)]
    for key in dict.fromkeys((*own, *given)):
        yield key, procedure.fields.get(key)


def needed(procedure: Procedure, category: str, given: Mapping[str, str]) -> list[str]:
    """The names of the fields that have to be filled in before a ticket of this category is resolved, and are not."""
    return [
        field.name
        for key, field in procedure.fields.items()
        if field.needed_for == "resolve" and belongs(field, category) and not given.get(key)
    ]
