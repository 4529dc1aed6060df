"""A word for a field of the document: what it is called, and one sentence that explains it (SOP H1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from forthwith.procedure.said import Said, say

Section = Literal[
    "",
    "calendars",
    "channels",
    "details",
    "teams",
    "categories",
    "impacts",
    "urgencies",
    "priorities",
    "fields",
    "statuses",
    "wording",
]
NONE = say("none")
ALL = say("all")


@dataclass(frozen=True, slots=True)
class Term:
    """A field's title within a sentence (as a heading: its first letter large), and what it is, with its unit.

    `choices` are the values that it may have, where they are named one by one. `of` is the section whose keys its
    value names, `by` the one whose keys its own keys are. `nothing` is what it means when it is left out or empty.
    """

    title: Said
    says: Said
    choices: Mapping[str, Said] = field(default_factory=dict)
    of: Section = ""
    by: Section = ""
    nothing: Said = NONE


Terms = Mapping[str, Term]
