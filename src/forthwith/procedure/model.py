"""The procedure as one validated document: every number, team, rule and wording that the SOP runs on.

A `Procedure` is immutable. It is read and written by `document.py`, checked for sense by `lint.py`,
and nothing outside it knows a target, a threshold or a text of the SOP.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cached_property
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
    ValidationInfo,
    model_validator,
)

from forthwith.procedure.calendars import Calendar
from forthwith.procedure.moments import Moment, format_duration, format_percent, parse_duration, parse_percent
from forthwith.procedure.references import Wrong, clashes, dangling, gaps

CLOCKS = ("acknowledgement", "first_response", "next_reply", "next_update", "resolution", "promise")
TARGETS = ("first_response", "next_reply", "next_update", "resolution")
"""The clocks for which a priority may set a target."""
ClockName = Literal["acknowledgement", "first_response", "next_reply", "next_update", "resolution", "promise"]
Told = Literal["assignee", "team", "team_leader", "administrators"]

_MAIL_FROM = re.compile(r'[^<>@"\x00-\x1f]{1,120} <[^\s<>@,;:"]{1,64}@[^\s<>@,;:"]{1,190}>', re.ASCII)
Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
CategoryPath = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$", max_length=200)]
Duration = Annotated[int, BeforeValidator(parse_duration), PlainSerializer(format_duration, return_type=str)]
Percent = Annotated[int, BeforeValidator(parse_percent), PlainSerializer(format_percent, return_type=str)]
At = Annotated[Moment, BeforeValidator(Moment.read), PlainSerializer(str, return_type=str)]


def _calendar_spec(spec: Any, info: ValidationInfo) -> Any:
    """Refuse what `Calendar.load` refuses, keep the canonical form of what it accepts."""
    return Calendar.load(spec, today=(info.context or {}).get("today")).spec


def _mail_from(text: str) -> str:
    """Refuse what could not stand as a mail's sender. Empty is fit: the desk's own."""
    if text and not _MAIL_FROM.fullmatch(text):
        raise ValueError("write it as a name and an address, as in Network team <network@example.org>")
    return text


MailFrom = Annotated[str, AfterValidator(_mail_from)]
CalendarSpec = Annotated[Any, AfterValidator(_calendar_spec)]


class Part(BaseModel):
    """What every part of the document shares: immutable, and nothing unknown is let through."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        str_strip_whitespace=True,
        # So that `version: 2` need not be quoted: a reader of YAML sees a text there.
        coerce_numbers_to_str=True,
        arbitrary_types_allowed=True,
    )


class Responsibility(Part):
    """Who answers for what (SOP R1 to R3)."""

    role: str
    text: str


class Target(Part):
    """How long something may take, in seconds of its calendar's open time."""

    target: Annotated[Duration, Field(gt=0)]
    calendar: Key


class Watch(Part):
    """When a channel must be watched, by whom, and the longest silence allowed, in seconds (SOP 1.1)."""

    by: Literal["machine", "people"]
    calendar: Key
    silence: Annotated[Duration, Field(gt=0)]


class Canary(Part):
    """A mail that the desk sends itself `every` so many seconds, to come home `within` so many (SOP 1.1)."""

    every: Annotated[Duration, Field(ge=60)]
    within: Annotated[Duration, Field(gt=0)]


class Channel(Part):
    """A way in: how it is watched, acknowledged (SOP 2.2), and what a request on it must say (SOP 2.1).

    With a `canary` the desk also tries the whole way, out and in again.
    """

    name: str
    watch: Watch
    canary: Canary | None = None
    acknowledgement: Literal["automatic", "manual"]
    required: tuple[Key, ...] = ()


class Found(Part):
    """What counts as having been given a detail: any one of these is enough."""

    requester_name: bool = False
    min_words: Annotated[int, Field(ge=1)] | None = None
    words: tuple[str, ...] = ()


class Detail(Part):
    """One thing that a complete request says (SOP 2.1), and how it is asked for when missing."""

    name: str
    ask: str
    found: Found = Found()


class Category(Part):
    """A kind of request (SOP 3.1): its owner, who it escalates to, and the words that suggest it."""

    name: str
    team: Key | None = None
    specialists: Key | None = None
    required: tuple[Key, ...] = ()
    skills: tuple[Key, ...] = ()
    examples: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    runbook: tuple[str, ...] = ()
    children: dict[Key, Category] = {}


class Level(Part):
    """A level of impact or urgency in plain words, and the words in a request that suggest it."""

    name: str
    says: str
    words: tuple[str, ...] = ()


class Priority(Part):
    """A priority and its targets (SOP 3.2). Order in the document is rank, highest first."""

    name: str
    description: str
    first_response: Target | None = None
    next_reply: Target | None = None
    next_update: Target | None = None
    resolution: Target | None = None

    def target(self, clock: str) -> Target | None:
        """The target this priority sets for a clock, if it sets one."""
        found: Target | None = getattr(self, clock, None)
        return found

    @property
    def targets(self) -> dict[str, Target]:
        """The targets that it sets, by their clocks."""
        return {clock: target for clock in TARGETS if (target := self.target(clock))}


class Team(Part):
    """A team, the calendar in which it is staffed, and the one in which its leader can be reached.

    `mail_from`, as `Name <address>`, is who mails about its tickets come from; empty: the desk. Answers to it
    have to reach the desk.
    """

    name: str
    level: Annotated[int, Field(ge=1, le=9)] = 1
    hours: Key
    leader_hours: Key
    mail_from: MailFrom = ""


class Assignment(Part):
    """How a ticket finds its agent (SOP 4.1), and what holds for it until somebody says otherwise.

    `category` is a category's path; `impact` and `urgency` give the priority of a request in which no
    word suggests another (SOP 3.2). `capacity` is how many open tickets an agent holds at most.
    """

    method: Literal["least_loaded", "round_robin", "by_hand"]
    team: Key
    category: CategoryPath
    impact: Key
    urgency: Key
    capacity: Annotated[int, Field(ge=1)] = 12


class Suggestions(Part):
    """What is suggested from closed tickets (SOP 3.1, 3.2, 4.2), and when it is learnt from them anew.

    Below `suggest_from` nothing is suggested; from `decide_from` on a suggestion decides where the procedure's words
    weigh at most `weak` (a word of the subject weighs 3, one of the text 1). A choice with fewer than
    `minimum_each` tickets is not learnt. In the hours of the calendar `learn_outside` the daily learning waits.
    """

    suggest_from: Percent = 50
    decide_from: Percent = 80
    weak: Annotated[int, Field(ge=0)] = 1
    minimum_tickets: Annotated[int, Field(ge=10)] = 200
    minimum_each: Annotated[int, Field(ge=3)] = 5
    most_tickets: Annotated[int, Field(ge=100, le=200_000)] = 50_000
    learn_after: Annotated[int, Field(ge=1)] = 200
    learn_every: Annotated[Duration, Field(ge=3600)] = 86_400
    learn_outside: Key | None = None
    similar: Annotated[int, Field(ge=0, le=20)] = 5
    similar_from: Percent = 30


class Pauses(Part):
    """Which clocks stand still while a ticket waits, by what it waits for."""

    waiting_on_requester: tuple[ClockName, ...] = ()
    on_hold: tuple[ClockName, ...] = ()


class Rung(Part):
    """One line of the escalation matrix (D1): when it falls due, for which tickets, and what it asks for.

    Empty `priorities`, `categories` or `teams` mean all. `move_to` is a team, or `specialists` for the
    team that the ticket's category names.
    """

    key: Key
    clock: ClockName
    at: At
    kind: Literal["functional", "hierarchical"]
    priorities: tuple[Key, ...] = ()
    categories: tuple[CategoryPath, ...] = ()
    teams: tuple[Key, ...] = ()
    only_if: Literal["unassigned"] | None = None
    tell: tuple[Told, ...] = ()
    move_to: Key | None = None
    tell_requester: bool = False


class Closing(Part):
    """Confirmation, silence and reopening (SOP 7.1, 7.2)."""

    silence: Target
    reopen_within: Target
    rating: Annotated[int, Field(ge=2, le=10)] = 5


class Wording(Part):
    """One message that the desk sends: subject and text, with `{variables}`."""

    subject: str
    text: str


class Revision(Part):
    """One line of the revision history (H1)."""

    version: str
    date: date
    description: str
    author: str


class Procedure(Part):
    """The whole SOP as data. See `standard.yaml` for the one every desk starts with."""

    format: Literal[1]
    title: str
    version: str
    language: Key = "en"
    purpose: str
    scope: str
    responsibilities: dict[str, Responsibility]
    steps: dict[str, str]
    calendars: dict[Key, CalendarSpec]
    channels: dict[Key, Channel]
    details: dict[Key, Detail]
    teams: dict[Key, Team]
    categories: dict[Key, Category]
    impacts: dict[Key, Level]
    urgencies: dict[Key, Level]
    matrix: dict[Key, dict[Key, Key]]
    priorities: dict[Key, Priority]
    acknowledgement: Target
    assignment: Assignment
    suggestions: Suggestions = Suggestions()
    pauses: Pauses = Pauses()
    escalation: Annotated[tuple[Rung, ...], Field(max_length=200)] = ()
    closing: Closing
    wording: dict[Key, dict[Key, Wording]]
    knowledge_guide: str = ""
    communication_policy: str = ""
    revisions: tuple[Revision, ...]

    @model_validator(mode="after")
    def _names_lead_somewhere(self) -> Self:
        wrong = [*dangling(self), *gaps(self), *clashes(self)]
        if wrong:
            raise DanglingNames(wrong)
        return self

    def __hash__(self) -> int:
        # Equal ones must hash alike; these few parts tell revisions apart, and mappings cannot be hashed.
        return hash((self.title, self.version, self.revisions))

    @cached_property
    def ranks(self) -> Mapping[str, int]:
        """Rank of each priority, 0 the highest."""
        return {key: rank for rank, key in enumerate(self.priorities)}

    @cached_property
    def category_paths(self) -> Mapping[str, Category]:
        """Every category by its path, `network.vpn`, parents before their children.

        A child without a team, specialists, details, skills or runbook of its own has its parent's.
        """
        return dict(_walk(self.categories))

    @cached_property
    def _loaded(self) -> Mapping[str, Calendar]:
        return {key: Calendar.again(spec) for key, spec in (("always", "always"), *self.calendars.items())}

    def calendar(self, key: str) -> Calendar:
        """The calendar of that name, or 24x7 for `always`. KeyError for a name that is not there."""
        return self._loaded[key]

    def priority_for(self, impact: str, urgency: str) -> str:
        """The matrix's answer for an impact and an urgency (SOP 3.2)."""
        return self.matrix[impact][urgency]

    def target(self, clock: str, priority: str) -> Target | None:
        """The target of a clock for a ticket of that priority."""
        if clock == "acknowledgement":
            return self.acknowledgement
        return self.priorities[priority].target(clock)

    def has_words(self, name: str) -> bool:
        """Whether some language has a wording for a message; those of an older document may not."""
        return any(name in texts for texts in self.wording.values())

    def words(self, name: str) -> Wording:
        """The wording of a message in the procedure's own language, else in the first that has it.

        KeyError when no language has it; lint warns of that.
        """
        for language in (self.language, *self.wording):
            if name in self.wording[language]:
                return self.wording[language][name]
        raise KeyError(f"no wording for {name!r} in the procedure; add it under wording.{self.language}")

    def required(self, channel: str, category: str | None) -> tuple[str, ...]:
        """Details that a request on this channel, of this category, must say, each once (SOP 2.1)."""
        of_category = self.category_paths[category].required if category else ()
        # A request on a channel that the procedure does not name is a request all the same.
        of_channel = self.channels[channel].required if channel in self.channels else ()
        return tuple(dict.fromkeys((*of_channel, *of_category)))


class DanglingNames(ValueError):
    """A document whose parts do not fit together: what is `wrong` with it, in the document's order."""

    def __init__(self, wrong: list[Wrong]) -> None:
        self.wrong = wrong
        super().__init__("; ".join(f"{'.'.join(map(str, w.path))}: {w.value!r} {w.message}" for w in wrong))


def _walk(
    categories: Mapping[str, Category], above: str = "", parent: Category | None = None
) -> Iterator[tuple[str, Category]]:
    for key, own in categories.items():
        path = f"{above}{key}"
        whole = own if parent is None else own.model_copy(update=_inherited(own, parent))
        yield path, whole
        yield from _walk(own.children, f"{path}.", whole)


def _inherited(own: Category, parent: Category) -> dict[str, Any]:
    names = ("team", "specialists", "required", "skills", "runbook")
    return {name: getattr(parent, name) for name in names if not getattr(own, name)}
