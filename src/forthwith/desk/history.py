"""The facts of a ticket as sentences: who did what, when, under which revision (SOP 6.1)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from forthwith.desk.history_sentences import sentence
from forthwith.desk.names import Names
from forthwith.procedure import facts as f
from forthwith.record.models import Entry
from forthwith.record.stored import recorded

__all__ = ["Line", "lines", "sentence"]


@dataclass(frozen=True, slots=True)
class Line:
    """One fact as it is read: `number` is its place on the record, `noted_at` when it was written down."""

    number: int
    kind: str
    at: datetime
    noted_at: datetime
    who: str
    name: str
    says: str
    revision: int
    reason: str = ""

    @property
    def noted_later(self) -> bool:
        """Whether it was written down noticeably after it was true."""
        return (self.noted_at - self.at).total_seconds() >= 1


def lines(entries: Iterable[Entry], facts: Iterable[f.Fact], names: Names) -> list[Line]:
    """Every fact in the record's order."""
    return [
        Line(
            number=entry.seq,
            kind=entry.kind,
            at=entry.at,
            noted_at=entry.noted_at,
            who=names.person(fact.by),
            name=names.known(fact.by),
            says=sentence(fact, names),
            revision=entry.revision_id,
            reason=_reason(fact),
        )
        for entry, fact in zip(entries, facts, strict=True)
    ]


def _reason(fact: f.Fact) -> str:
    """Why, which the desk may have written itself; or what somebody typed, which stays as it is."""
    if why := getattr(fact, "why", ""):
        return recorded(why)
    return str(getattr(fact, "comment", "") or getattr(fact, "outcome", "") or getattr(fact, "remark", ""))
