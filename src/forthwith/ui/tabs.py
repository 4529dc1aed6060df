"""One of several parts of a page, each under an address of its own."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tab:
    """What it is called, where it is, whether it is the one shown, and how many things are in it."""

    label: str
    at: str
    here: bool = False
    count: int | None = None
