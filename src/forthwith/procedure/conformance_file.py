"""What a judge of a ticket looks at: its facts, its case, its clocks, and what is found in them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TypeVar

from forthwith.procedure import facts as f
from forthwith.procedure.case import WORK
from forthwith.procedure.case_state import Case
from forthwith.procedure.clocks import Clock
from forthwith.procedure.lifecycle import UNRESOLVED
from forthwith.procedure.model import Procedure
from forthwith.procedure.said import Said, say
from forthwith.procedure.verdict import Outcome, Verdict

ACKNOWLEDGES = ("acknowledgement", "split_notice")
"""The mails that tell a requester that the desk has their request."""
_Kind = TypeVar("_Kind", bound=f.Fact)


@dataclass(frozen=True)
class File:
    """All that a judge looks at."""

    facts: Sequence[f.Fact]
    case: Case
    procedure: Procedure
    clocks: tuple[Clock, ...]
    now: datetime

    def numbers(self, *kinds: type[f.Fact], after: int = 0) -> tuple[int, ...]:
        """Numbers of the facts of some kinds, in order; only those after a number."""
        return tuple(i for i, fact in enumerate(self.facts, 1) if i > after and isinstance(fact, kinds))

    def each(self, kind: type[_Kind]) -> Iterator[tuple[int, _Kind]]:
        """The facts of one kind with their numbers, in order."""
        return ((i, fact) for i, fact in enumerate(self.facts, 1) if isinstance(fact, kind))

    def clock(self, name: str) -> Clock | None:
        return next((clock for clock in self.clocks if clock.name == name), None)

    def late(self, *names: str) -> list[Clock]:
        return [clock for clock in self.clocks if clock.name in names and clock.late_at(self.now)]

    def lost(self, *purposes: str, after: int = 0) -> tuple[int, ...]:
        """The facts, after a number, that say that a message of one of these purposes was not delivered."""
        return tuple(i for i, fact in self.each(f.DeliveryFailed) if i > after and fact.purpose in purposes)

    @cached_property
    def unresolved(self) -> bool:
        return self.case.status in UNRESOLVED

    @cached_property
    def resolution(self) -> int:
        """The number of the last resolution, 0 without one."""
        return max(self.numbers(f.Resolved), default=0)

    @cached_property
    def begun(self) -> bool:
        """Whether work on it has begun, so that what comes before work should have been done."""
        return bool(self.numbers(*WORK)) or not self.unresolved

    def proof(
        self, step: str, outcome: Outcome, why: Said, numbers: tuple[int, ...], due: datetime | None = None
    ) -> Verdict:
        """A verdict dated and signed by the first of its facts."""
        first = self.facts[numbers[0] - 1]
        return Verdict(step, outcome, why, first.at, first.by, numbers, due)

    def unended(self, step: str, clock: Clock, says: tuple[Said, Said], numbers: tuple[int, ...] = ()) -> Verdict:
        """The verdict by a clock that still runs: `says` is for one that is overdue, and for one that is not."""
        late = clock.late_at(self.now)
        why = says[0] if late else says[1]
        if numbers:
            why = say("%(why)s An attempt could not be delivered.", why=why)
        return Verdict(step, "missing" if late else "not due", why, facts=numbers, due=clock.due_at)
