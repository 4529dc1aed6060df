"""What can happen to a ticket: typed, in the past tense, never changed (SOP 6.1).

A fact says when it was true (`at`, aware UTC) and by whom (`by`, a person's id, or None for the system).
Bodies of messages are not in facts but their digests are, so that a body can be redacted and the chain
still holds.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from forthwith.procedure.describing_facts import FieldSet, Tagged, TimeSpent, Untagged
from forthwith.procedure.fact import Fact, own, people_in, plain, readers
from forthwith.procedure.following_facts import Followed, Unfollowed
from forthwith.procedure.joining_facts import (
    Linked,
    MergedFrom,
    MergedInto,
    MergeUndone,
    SplitFrom,
    SplitOff,
    Unlinked,
    Unmerged,
)
from forthwith.procedure.knowledge_facts import ArticleUsed, ArticleWritten
from forthwith.procedure.promise_facts import Promised, PromiseKept, PromiseWithdrawn
from forthwith.procedure.revision_facts import MovedToRevision

# Those of other files, which are read from here like all the others.
__all__ = [
    "ArticleUsed",
    "ArticleWritten",
    "Fact",
    "FieldSet",
    "Followed",
    "Linked",
    "MergeUndone",
    "MergedFrom",
    "MergedInto",
    "MovedToRevision",
    "PromiseKept",
    "PromiseWithdrawn",
    "Promised",
    "SplitFrom",
    "SplitOff",
    "Tagged",
    "TimeSpent",
    "Unfollowed",
    "Unlinked",
    "Unmerged",
    "Untagged",
    "people_in",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Received(Fact):
    """A request came in on a channel (SOP 1.1, 1.2). `at` is the instant its raw form was stored.

    `passed_on_by` is who of the desk forwarded it for the requester; `quotes` a ticket that it names and that the
    requester has no part in, to be seen at the desk only; `team` the team whose own address it was sent to; `log` the
    case of another desk's event log that the ticket was made from; `organisation`, `contract` and `vip` say what was
    known of the requester, by which the ticket has its service level.
    """

    channel: str
    requester: int
    subject: str
    message: int
    digest: str
    from_person: bool = True
    follows: int | None = None
    silent: bool = False
    passed_on_by: int | None = None
    quotes: int | None = None
    team: str | None = None
    log: str = ""
    organisation: str = ""
    contract: str = ""
    vip: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked(Fact):
    """Completeness was verified (SOP 2.1): which details were found, which are missing."""

    found: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DetailsAsked(Fact):
    """The requester was asked for missing details (SOP 2.1)."""

    details: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DetailsGiven(Fact):
    """Details that were missing were given (SOP 2.1)."""

    details: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledged(Fact):
    """The acknowledgement left: the relay took it, or an agent recorded one given by hand (SOP 2.2).

    `mail` is the number of the mail in the outbox.
    """

    how: str
    mail: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AcknowledgementWithheld(Fact):
    """No acknowledgement is owed: a robot, a list, a bounce, or one within the window (SOP 2.2)."""

    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryFailed(Fact):
    """A message could not be delivered for good, or a later bounce said so (SOP 2.2)."""

    message: int | None
    purpose: str
    address: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SentAgain(Fact):
    """A mail that was not delivered is on its way again, `was` its address before (SOP 2.2, 4.3).

    `mail` is its number in the outbox, `message` the message that it carries.
    """

    mail: int
    message: int | None
    purpose: str
    address: str
    was: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Categorised(Fact):
    """A category was chosen, by whom, and what had been suggested and why (SOP 3.1).

    Where a model suggested it, `confidence` is how sure that was, in percent, and `suggested_why` names the model and
    the words that spoke for it.
    """

    category: str
    suggested: str | None = None
    why: str = ""
    confidence: int | None = None
    suggested_why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prioritised(Fact):
    """A priority was set from impact and urgency (SOP 3.2).

    Where a model suggested one, `suggested` is its impact and urgency as `one/hindered`, `confidence` how sure it was,
    in percent, and `suggested_why` names the model and the words that spoke for it.
    """

    priority: str
    impact: str
    urgency: str
    why: str = ""
    suggested: str | None = None
    confidence: int | None = None
    suggested_why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assigned(Fact):
    """A team, and an agent if one was available, took the ticket (SOP 4.1)."""

    team: str
    assignee: int | None
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticked(Fact):
    """A step of the category's runbook was done (SOP 4.2)."""

    step: str
    outcome: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted(Fact):
    """An internal note was written; the requester never sees it (SOP 6.1). `mentioned` are those whom it calls in."""

    message: int
    digest: str
    minutes: int = 0
    mentioned: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Replied(Fact):
    """A person at the desk wrote a public message (SOP 4.3). `macro` is the key of the one that it was begun with."""

    message: int
    digest: str
    next_step: str = ""
    minutes: int = 0
    macro: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequesterWrote(Fact):
    """The requester, or another participant, wrote on the ticket (SOP 6.1).

    `newcomer`: they were not on it before. `other_subject` is a new subject under an old reference: it may be
    another matter, and a ticket of its own.
    """

    message: int
    digest: str
    newcomer: bool = False
    other_subject: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineWrote(Fact):
    """A message arrived that answers nothing: a vacation notice, a bounce, or one that proves no origin."""

    message: int
    digest: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ParticipantAdded(Fact):
    """Somebody beside the requester follows the conversation."""

    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ParticipantRemoved(Fact):
    """Somebody beside the requester follows the conversation no more, and is not brought back by a mail."""

    address: str
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageChosen(Fact):
    """In which language the requester is written to (D3): chosen by a person, or heard in what they wrote."""

    language: str
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingOnRequester(Fact):
    """The desk waits for the requester."""

    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PutOnHold(Fact):
    """The desk waits for a third party, until `until` if that is known."""

    why: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Resumed(Fact):
    """Work goes on after waiting."""

    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalated(Fact):
    """A rung of the matrix fell due, or a person escalated by hand (`rung` empty) (SOP 5.1).

    `at` is when it fell due. `moot` says that its clock had ended by the time it was acted on: it is
    recorded and told, but nothing moves.
    """

    kind: str
    why: str
    rung: str = ""
    clock: str = ""
    cycle: int = 0
    to_team: str | None = None
    told: tuple[int, ...] = ()
    moot: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RequesterTold(Fact):
    """The requester was told of an escalation, with estimates (SOP 5.2)."""

    next_update: datetime | None = None
    resolution_estimate: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved(Fact):
    """What was wrong and what was done (SOP 6.1)."""

    cause: str
    solution: str
    category: str
    minutes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class KnowledgeReviewed(Fact):
    """Whether an article is needed was decided (SOP 6.2): `used`, `to write` or `not needed`."""

    decision: str
    article: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmationAsked(Fact):
    """The requester was asked whether it is solved (SOP 7.1)."""

    message: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmed(Fact):
    """The requester said that it is solved (SOP 7.1)."""

    how: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reopened(Fact):
    """The requester said 'not yet', wrote again, or an agent reopened it (SOP 7.1)."""

    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed(Fact):
    """The ticket was closed, with the reason (SOP 7.2)."""

    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rated(Fact):
    """The requester rated the handling, once (SOP 7.1)."""

    score: int
    comment: str = ""


KINDS: dict[str, type[Fact]] = {kind.__name__: kind for kind in Fact.__subclasses__()}


def to_data(fact: Fact) -> dict[str, Any]:
    """The fact's own fields as JSON-able data, without `at` and `by`; defaults are kept."""
    return {name: plain(getattr(fact, name)) for name in _OWN[type(fact)]}


def from_data(kind: str, at: datetime, by: int | None, data: dict[str, Any]) -> Fact:
    """The fact that `to_data` came from. KeyError for an unknown kind, TypeError for wrong fields."""
    cls = KINDS.get(kind)
    if cls is None:
        raise KeyError(f"There is no fact of the kind '{kind}'; a newer version of the program may know it.")
    revive = _REVIVE[cls]
    values = data if not revive else {k: revive[k](v) if k in revive else v for k, v in data.items()}
    return cls(at=at, by=by, **values)


_OWN = {kind: own(kind) for kind in KINDS.values()}
_REVIVE = {kind: readers(kind) for kind in KINDS.values()}
