"""Where the tail stands in the fact table, exactly, though ids are not committed in their order.

PostgreSQL hands out ids before transactions commit, so a lower id may appear after a higher one. Every id
that was passed over is a gap: it is asked for again until it appears or is given up as rolled back.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

GIVE_UP_S = 60.0
MOST_GAPS = 1000


class Position:
    """The highest id seen and the gaps below it. Instants are seconds of any monotonic clock."""

    def __init__(self, last: int, seen: Iterable[int] = (), *, at: float = 0.0) -> None:
        """`seen` are ids up to `last` known to be committed; what lies between them may still come."""
        self.last = last
        self._gaps: dict[int, float] = {}
        known = sorted(seen)
        if known:
            self._add_gaps(set(range(known[0], last)) - set(known), at)

    @property
    def gaps(self) -> list[int]:
        """The ids that were passed over and may still be committed, lowest first."""
        return sorted(self._gaps)

    def take(self, ids: Iterable[int], *, at: float) -> bool:
        """Move on over ids just read. False when more was passed over than can be kept in mind."""
        whole = True
        for new in sorted(ids):
            if new <= self.last:
                self._gaps.pop(new, None)
                continue
            whole = self._add_gaps(range(self.last + 1, new), at) and whole
            self.last = new
        return whole

    def give_up(self, *, at: float) -> None:
        """Forget gaps so old that no transaction can still fill them."""
        self._gaps = {gap: since for gap, since in self._gaps.items() if at - since < GIVE_UP_S}

    def mark(self, entry: int) -> int:
        """The id up to which whoever has just been given this entry has been given everything.

        A stream that reconnects with it misses nothing; it may be told again of what followed an open gap.
        """
        return min(entry, min(self._gaps) - 1) if self._gaps else entry

    def _add_gaps(self, missing: range | set[int], at: float) -> bool:
        # The newest are kept: an old gap is the likelier one to have been rolled back.
        kept = _newest(missing, MOST_GAPS - len(self._gaps))
        self._gaps.update(dict.fromkeys(kept, at))
        return len(kept) == len(missing)


def _newest(missing: range | set[int], room: int) -> Sequence[int]:
    if room <= 0:
        return ()
    return missing[-room:] if isinstance(missing, range) else sorted(missing)[-room:]
