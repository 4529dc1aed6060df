"""What describes a ticket beside what is said on it: tags, the procedure's fields, time worked (SOP 3.1, 6.1)."""

from __future__ import annotations

from dataclasses import dataclass

from forthwith.procedure.fact import Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class Tagged(Fact):
    """A tag was put on the ticket (SOP 3.1)."""

    tag: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Untagged(Fact):
    """A tag was taken off the ticket (SOP 3.1)."""

    tag: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldSet(Fact):
    """A field of the procedure was filled in, as `fields.read` writes values; empty: it was cleared (SOP 6.1)."""

    field: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeSpent(Fact):
    """Time was worked that no reply, note or resolution tells of, in minutes (SOP 6.1)."""

    minutes: int
    remark: str = ""
