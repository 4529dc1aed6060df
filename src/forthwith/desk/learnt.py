"""What closed tickets say of this one: the suggestions that a person may accept, and tickets that were like it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext_lazy

from forthwith.desk.deeds import ACCEPT, Deed, may
from forthwith.desk.names import Names
from forthwith.people.models import Person
from forthwith.procedure import facts as f
from forthwith.procedure.case import Case
from forthwith.procedure.lifecycle import CLOSED, UNRESOLVED
from forthwith.procedure.model import Procedure
from forthwith.procedure.said import say
from forthwith.record.models import Message, Ticket
from forthwith.record.queries import MOST_MESSAGES, Beside, Said
from forthwith.steps import suggested
from forthwith.steps.suggested import Suggested

_DECIDED: dict[str, tuple[type[f.Fact], ...]] = {
    "category": (f.Categorised,),
    "priority": (f.Prioritised,),
    "team": (f.Assigned, f.Escalated),
}
_TITLES = {"category": gettext_lazy("Category"), "priority": gettext_lazy("Priority"), "team": gettext_lazy("Team")}


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


@dataclass(frozen=True, slots=True)
class Like:
    """What the model says: its suggestions, and how alike which closed tickets are, from 0 to 1, the likest first."""

    found: Suggested
    alike: dict[int, float]


def like(ticket: Ticket, case: Case, procedure: Procedure, said: Sequence[Said]) -> Like:
    """What closed tickets say of this one, by the message that opened it; nothing once it is resolved."""
    if case.status not in UNRESOLVED:
        return Like(suggested.NOTHING, {})
    found, known = suggested.with_solved(procedure, ticket, _opening(ticket, said))
    return Like(found, dict(known))


def _opening(ticket: Ticket, said: Sequence[Said]) -> Message | None:
    """The message that opened it, where that is among those that were read."""
    if len(said) >= MOST_MESSAGES:
        return None
    messages = (one.message for one in said)
    return next((one for one in messages if one.incoming and one.ticket_id == ticket.pk), None)


def learnt_of(like: Like, case: Case, facts: Iterable[f.Fact], names: Names, viewer: Person, beside: Beside) -> Learnt:
    """What is suggested as long as nobody has decided, and what was like it."""
    found = like.found
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
    return Learnt(offers, best, _solved(like.alike, names, beside))


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
    why = say("the suggestion was accepted: %(why)s", why=found.because(guess))
    named = {"category": names.category, "priority": names.level, "team": names.team}[target]
    return Offer(
        title=str(_TITLES[target]),
        choice=named(guess.choice),
        confidence=guess.confidence,
        words=guess.words,
        deed=deed if not same and may(deed.fact, case, role) else None,
        values=_values(target, guess.choice) | {"why": why},
    )


def _values(target: str, choice: str) -> dict[str, str]:
    if target == "priority":
        impact, urgency = suggested.parted(choice)
        return {"impact": impact, "urgency": urgency}
    return {target: choice}


def _solved(alike: dict[int, float], names: Names, beside: Beside) -> list[Solved]:
    closed = [beside.named[number] for number in alike if number in beside.named]
    return [
        Solved(one, names.category(one.category), round(100 * alike[one.pk]), beside.solution(one.pk))
        for one in closed
        if one.status == CLOSED
    ]
