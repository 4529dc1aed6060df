"""What is asked of the index, in neither database's language yet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Term:
    """Words in a row, or one mark. `begins`: the last word may be the beginning of one."""

    words: tuple[str, ...]
    begins: bool = False
    marks: bool = False


@dataclass(frozen=True, slots=True)
class Clause:
    """At least one of the terms must be there; or, if `negated`, none may."""

    any_of: tuple[Term, ...]
    negated: bool = False

    @property
    def is_text(self) -> bool:
        """Whether it asks for words, and not only for marks."""
        return not self.negated and any(not term.marks for term in self.any_of)


@dataclass(frozen=True, slots=True)
class Question:
    """All clauses must hold. `public`: as if there were no notes. `since` and `until` bound the opening, in seconds."""

    clauses: tuple[Clause, ...]
    public: bool
    since: int = 0
    until: int = 2**62


class Hit(NamedTuple):
    """A ticket that was found, when it was opened, and whether its head has all the words. There are a thousand."""

    ticket: int
    at: int
    in_head: bool
