"""What closed tickets suggest for a request, under the procedure in force (SOP 3.1, 3.2, 4.1)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from forthwith.procedure.model import Procedure
from forthwith.procedure.said import say
from forthwith.record.models import Message, Ticket
from forthwith.suggestions import alike, kept
from forthwith.suggestions.examples import first_messages
from forthwith.suggestions.model import Guess
from forthwith.suggestions.vectors import words_of

BEST = 3


@dataclass(frozen=True, slots=True)
class Suggested:
    """The best choices by target (`category`, `priority`, `team`), the surest first, and the model they are from.

    A target is missing where the model abstains. A priority's choice is its impact and urgency, as `one/hindered`.
    """

    revision: int = 0
    guesses: Mapping[str, list[Guess]] = field(default_factory=dict)

    def best(self, target: str) -> Guess | None:
        """The surest choice; None where the model abstains."""
        return next(iter(self.guesses.get(target, ())), None)

    def because(self, guess: Guess) -> str:
        """`model 7, 84 %: "vpn", "tunnel"`: what the record keeps as the reason."""
        words = ", ".join(f'"{word}"' for word in guess.words)
        sure = f"{guess.confidence} %"
        return say("model %(model)s, %(sure)s: %(words)s", model=self.revision, sure=sure, words=words)


NOTHING = Suggested()


def for_text(procedure: Procedure, subject: str, text: str, targets: Iterable[str] = ()) -> Suggested:
    """What the model says of a text, for some targets or for all. It abstains where it is less sure than
    `suggest_from`."""
    model = kept.model()
    if model is None:
        return NOTHING
    least, found = procedure.suggestions.suggest_from, {}
    for target, best in model.guesses(words_of(subject, text), targets, least=least, most=BEST).items():
        is_one = _CHOICES[target]
        # A choice that the procedure has no more takes its words with it.
        if is_one(procedure, best[0].choice):
            found[target] = [guess for guess in best if guess.confidence and is_one(procedure, guess.choice)]
    return Suggested(model.revision, found)


def for_ticket(procedure: Procedure, ticket: Ticket, target: str) -> Suggested:
    """What the model says of a ticket for one target, by the message that opened it."""
    if kept.model() is None:
        return NOTHING
    return for_text(procedure, *_request(ticket), (target,))


def with_solved(
    procedure: Procedure, ticket: Ticket, opening: Message | None
) -> tuple[Suggested, list[tuple[int, float]]]:
    """As `for_ticket`, and with it numbers of closed tickets that are like it, the likest first, from 0 to 1 (4.2).

    `opening` is the message that opened it, where the caller has it at hand.
    """
    model = kept.model()
    if model is None:
        return NOTHING, []
    subject, text = _said(ticket, opening) if opening else _request(ticket)
    said = procedure.suggestions
    found = alike.like(model, words_of(subject, text), said.similar + 1)
    near = [(number, how) for number, how in found if number != ticket.pk and 100 * how >= said.similar_from]
    return for_text(procedure, subject, text), near[: said.similar]


def _request(ticket: Ticket) -> tuple[str, str]:
    subject, text = first_messages([ticket.pk]).get(ticket.pk, ("", ""))
    return subject or ticket.subject, text


def _said(ticket: Ticket, opening: Message) -> tuple[str, str]:
    return opening.subject or ticket.subject, opening.new_text or opening.text


def parted(choice: str) -> tuple[str, str]:
    """A priority's choice as impact and urgency."""
    impact, _, urgency = choice.partition("/")
    return impact, urgency


def _is_level(procedure: Procedure, choice: str) -> bool:
    impact, urgency = parted(choice)
    return impact in procedure.impacts and urgency in procedure.urgencies


_CHOICES: dict[str, Callable[[Procedure, str], bool]] = {
    "category": lambda procedure, choice: choice in procedure.category_paths,
    "priority": _is_level,
    "team": lambda procedure, choice: choice in procedure.teams,
}
