"""What closed tickets say of this one: the suggestions that a person may accept, and tickets that were like it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from forthwith.desk.deeds import ACCEPT, Deed, may
from forthwith.desk.names import Names
from forthwith.people.models import Person
from forthwith.procedure import facts as f
from forthwith.procedure.case import Case
from forthwith.procedure.lifecycle import UNRESOLVED
from forthwith.record import queries
from forthwith.record.models import Ticket
from forthwith.steps import suggested
from forthwith.steps.suggested import Suggested

_DECIDED: dict[str, tuple[type[f.Fact], ...]] = {
    "category": (f.Categorised,),
    "priority": (f.Prioritised,),
    "team": (f.Assigned, f.Escalated),
}
_TITLES = {"category": "Category", "priority": "Priority", "team": "Team"}
ACCEPTED = "the suggestion was accepted"


@dataclass(frozen=True, slots=True)
class Offer:
    """One suggestion: what it is of, what is chosen, how sure (percent), the request's words that spoke for it.

    `deed` accepts it with these `values`; None where the ticket has it already.
    """

    title: str
    choice: str
    confidence: int
    words: tuple[str, ...]
    deed: Deed | None
    values: dict[str, str]


@dataclass(frozen=True, slots=True)
class Solved:
    """A closed ticket that is like this one, and what solved it."""

    ticket: Ticket
    category: str
    alike: int
    solution: str


@dataclass(frozen=True, slots=True)
class Learnt:
    """What the ticket's page shows; `best` are the categories for the form, with how sure each is."""

    offers: list[Offer]
    best: list[tuple[str, str]]
    solved: list[Solved]


def learnt_of(ticket: Ticket, case: Case, facts: Iterable[f.Fact], names: Names, viewer: Person) -> Learnt:
    """What is suggested as long as nobody has decided, and what was like it."""
    if case.status not in UNRESOLVED:
        return Learnt([], [], [])
    found, known = suggested.with_solved(names.procedure, ticket)
    decided = {target for target, kinds in _DECIDED.items() if any(_by_person(fact, kinds) for fact in facts)}
    offers = [
        offer
        for target in _TITLES
        if target not in decided and (offer := _offer(target, found, case, names, viewer.role))
    ]
    best = [
        (guess.choice, f"{names.category(guess.choice)}, {guess.confidence} %")
        for guess in found.guesses.get("category", ())
    ]
    return Learnt(offers, best, _solved(known, names, viewer))


def _by_person(fact: f.Fact, kinds: tuple[type[f.Fact], ...]) -> bool:
    return isinstance(fact, kinds) and fact.by is not None


def _offer(target: str, found: Suggested, case: Case, names: Names, role: str) -> Offer | None:
    guess = found.best(target)
    if guess is None:
        return None
    has = {"category": case.category, "priority": f"{case.impact}/{case.urgency}", "team": case.team}[target]
    same = guess.choice == has
    # That it is as suggested is worth a line for the category alone.
    if same and target != "category":
        return None
    deed = ACCEPT[target]
    named = {"category": names.category, "priority": names.level, "team": names.team}[target]
    return Offer(
        title=_TITLES[target],
        choice=named(guess.choice),
        confidence=guess.confidence,
        words=guess.words,
        deed=deed if not same and may(deed.fact, case, role) else None,
        values=_values(target, guess.choice) | {"why": f"{ACCEPTED}: {found.because(guess)}"},
    )


def _values(target: str, choice: str) -> dict[str, str]:
    if target == "priority":
        impact, urgency = suggested.parted(choice)
        return {"impact": impact, "urgency": urgency}
    return {target: choice}


def _solved(known: list[tuple[int, float]], names: Names, viewer: Person) -> list[Solved]:
    alike = dict(known)
    rows = queries.solved_among(viewer, list(alike))
    rows.sort(key=lambda row: -alike[row[0].pk])
    return [
        Solved(ticket, names.category(ticket.category), round(100 * alike[ticket.pk]), solution)
        for ticket, solution in rows
    ]
