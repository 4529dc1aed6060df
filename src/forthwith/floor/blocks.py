"""What the procedure's page and its printed form are made of. Every text in them is data, and never markup."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Met:
    """How often something was met lately, in words, and the address of the report that counts it (or nothing)."""

    text: str
    address: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """A text of a table or a list, with the anchor that it leads to, a small line below it, and how it was met.

    `key` is the anchor of the row that it names.
    """

    text: str
    to: str = ""
    small: str = ""
    met: Met | None = None
    key: str = ""


@dataclass(frozen=True, slots=True)
class Text:
    """Paragraphs, with their own line ends."""

    paragraphs: Sequence[str]
    kind: str = "text"


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list; `numbered` where its order counts."""

    items: Sequence[Cell]
    numbered: bool = False
    kind: str = "bullets"


@dataclass(frozen=True, slots=True)
class Pairs:
    """What things are called, and what they are."""

    rows: Sequence[tuple[str, str]]
    kind: str = "pairs"


@dataclass(frozen=True, slots=True)
class Table:
    """Rows below a head; the first cell of a row names it. `caption` says what it is to who cannot see it.

    `wide` is the column with the longest texts, for paper.
    """

    caption: str
    head: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    wide: int = 0
    kind: str = "table"


@dataclass(frozen=True, slots=True)
class Message:
    """A wording as it is written, with its variables."""

    subject: str
    text: str
    language: str = ""
    kind: str = "message"


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the week: its hours in words, and each as (first minute, how many minutes) of the 1440."""

    name: str
    hours: str
    spans: Sequence[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Week:
    """The usual hours of a calendar."""

    days: Sequence[Day]
    kind: str = "week"


@dataclass(frozen=True, slots=True)
class Month:
    """A month: on which weekday it begins (0 is Monday), and a letter for each day.

    `o` is open, `s` has hours of its own, `h` is a holiday, `c` is closed.
    """

    name: str
    begins: int
    days: str

    @property
    def drawn(self) -> list[tuple[str, str]]:
        """Each letter with the squares of its days as one path, ten units a day."""
        found: dict[str, str] = {}
        for place, letter in enumerate(self.days, self.begins):
            found[letter] = f"{found.get(letter, '')}M{place % 7 * 10} {place // 7 * 10}h9v9h-9z"
        return list(found.items())


@dataclass(frozen=True, slots=True)
class Year:
    """Twelve months of a calendar."""

    months: Sequence[Month]
    kind: str = "year"


@dataclass(frozen=True, slots=True)
class Section:
    """A part with a heading of its own. A `folded` one shows its heading alone until it is opened."""

    title: str
    blocks: Sequence[Block]
    key: str = ""
    folded: bool = False
    kind: str = "section"


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the SOP: its sentence, what this procedure says about it, and how it was met."""

    number: str
    text: str
    blocks: Sequence[Block]
    met: Met | None = None
    kind: str = "step"


Block = Text | Bullets | Pairs | Table | Message | Week | Year | Section | Step


@dataclass(frozen=True, slots=True)
class Chapter:
    """A chapter, which the table of contents leads to by its key."""

    key: str
    title: str
    blocks: Sequence[Block] = field(default_factory=tuple)
