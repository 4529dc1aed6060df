"""Macros: an answer that is written once, and what happens when it is sent (SOP 4.2, 4.3, 6.1)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from forthwith.procedure.part import CategoryPath, Key, Part, below

Texts = dict[Key, str]
"""A text by its language, which is one of `wording`."""


class Macro(Part):
    """A reply with `{variables}`, by language, for whom it is offered, and what else happens when it is sent.

    Empty `teams` or `categories` mean all. `then` leaves the ticket waiting for the requester, on hold for a third
    party, or leads to its resolution. `impact` and `urgency` together set the priority.
    """

    name: Annotated[str, Field(min_length=1, max_length=80)]
    teams: tuple[Key, ...] = ()
    categories: tuple[CategoryPath, ...] = ()
    text: Annotated[Texts, Field(min_length=1)]
    next_step: Texts = {}
    then: Literal["wait", "hold", "resolve"] | None = None
    category: CategoryPath | None = None
    impact: Key | None = None
    urgency: Key | None = None

    def fit(self, team: str, category: str) -> int | None:
        """How well it fits a ticket, 0 best: made for its category, for its team, for all; None where it does not."""
        if self.teams and team not in self.teams:
            return None
        if self.categories:
            within = below(category, self.categories)
            return 0 if within else None
        return 1 if self.teams else 2

    def language(self, wanted: str, own: str) -> str:
        """The language in which it is said: the wanted one, else the procedure's own, else the first that it has."""
        return next((key for key in (wanted, own) if key in self.text), next(iter(self.text)))

    def said(self, language: str) -> tuple[str, str]:
        """Its text in one of its languages, and the next step, which is nothing where that language has none."""
        return self.text[language], self.next_step.get(language, "")

    def acts(self) -> dict[str, str]:
        """What happens when it is sent, by its name here."""
        named = {"then": self.then, "category": self.category, "impact": self.impact, "urgency": self.urgency}
        return {name: value for name, value in named.items() if value}
