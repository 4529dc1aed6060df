"""One difference between two procedures (SOP H1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from forthwith.procedure.lines import unified
from forthwith.procedure.references import Path
from forthwith.procedure.said import Said

Kind = Literal["added", "removed", "changed", "moved"]


@dataclass(frozen=True, slots=True)
class Difference:
    """What is otherwise: where, how, and in words.

    `path` is one of the new document; of what was removed, one of the old. `before` and `after` are whole texts, where
    the words only say that they differ.
    """

    path: Path
    kind: Kind
    words: Said
    before: str = ""
    after: str = ""

    @property
    def section(self) -> str:
        """The key of the document's section: one of `terms.SECTIONS`."""
        return str(self.path[0])

    @property
    def lines(self) -> tuple[str, ...]:
        """The lines of a text that changed, as a unified diff; nothing where the words say all."""
        return unified(self.before.splitlines(), self.after.splitlines())
