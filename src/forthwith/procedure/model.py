"""The procedure as one validated document: every number, team, rule and wording that the SOP runs on.

A `Procedure` is immutable. It is read and written by `document.py`, checked for sense by `lint.py`,
and nothing outside it knows a target, a threshold or a text of the SOP.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from functools import cached_property
from typing import Annotated, Any, Literal, NamedTuple, Self

from pydantic import AfterValidator, Field, PrivateAttr, ValidationInfo, model_validator

from forthwith.procedure.calendars import Calendar
from forthwith.procedure.closing import Closing, Pauses
from forthwith.procedure.escalation import Rung, Told
from forthwith.procedure.fields import MOST as FIELDS
from forthwith.procedure.fields import OwnField, Timekeeping
from forthwith.procedure.language import ENGLISH, Asked, Language, Phrases
from forthwith.procedure.levels import ServiceLevel
from forthwith.procedure.library import Knowledge
from forthwith.procedure.loops import Loops
from forthwith.procedure.macros import Macro
from forthwith.procedure.noticing import Notices
from forthwith.procedure.part import CategoryPath, Duration, Key, MailFrom, Part
from forthwith.procedure.references import DanglingNames, clashes, dangling, gaps, unfillable
from forthwith.procedure.statuses import Labels
from forthwith.procedure.suggesting import Suggestions
from forthwith.procedure.targets import CLOCKS, TARGETS, ClockName, Exemption, Target
from forthwith.procedure.watching import Canary, Watch

__all__ = ["CLOCKS", "TARGETS", "ClockName", "Procedure", "Rung", "Target", "Told"]

Named = Literal["priorities", "categories", "teams", "fields"]


def _calendar_spec(spec: Any, info: ValidationInfo) -> Any:
    """Refuse what `Calendar.load` refuses, keep the canonical form of what it accepts."""
    return Calendar.load(spec, today=(info.context or {}).get("today")).spec


CalendarSpec = Annotated[Any, AfterValidator(_calendar_spec)]


class Responsibility(Part):
    """Who answers for what (SOP R1 to R3)."""

    role: str
    text: str


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
    team: Key | None = None
    """Where its tickets start, whatever their category; a request to a team's own address starts there."""
    first_response: Target | None = None
    work: Target | None = None
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

    `mail_from`, as `Name <address>`, is who mails about its tickets come from; empty: the desk. Mail to that address
    is the desk's too, and opens its tickets in this team.
    """

    name: str
    level: Annotated[int, Field(ge=1, le=9)] = 1
    hours: Key
    leader_hours: Key
    mail_from: MailFrom = ""

    @property
    def address(self) -> str:
        """The bare address in `mail_from`, in lower case; empty where there is none."""
        return self.mail_from.rpartition("<")[2].rstrip(">").lower()


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


class Replies(Part):
    """How replies leave (SOP 4.3): `undo` is how many seconds a reply waits, so that its author can take it back."""

    undo: Annotated[Duration, Field(ge=0, le=300)] = 10


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


class Earlier(NamedTuple):
    """Until when a ticket was under another procedure, and which."""

    until: datetime
    procedure: Procedure


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
    service_levels: Annotated[dict[Key, ServiceLevel], Field(max_length=100)] = {}
    exemptions: Annotated[tuple[Exemption, ...], Field(max_length=100)] = ()
    fields: Annotated[dict[Key, OwnField], Field(max_length=FIELDS)] = {}
    timekeeping: Timekeeping = Timekeeping()
    assignment: Assignment
    suggestions: Suggestions = Suggestions()
    knowledge: Knowledge = Knowledge()
    statuses: Labels = Labels()
    pauses: Pauses = Pauses()
    replies: Replies = Replies()
    notices: Notices = Notices()
    escalation: Annotated[tuple[Rung, ...], Field(max_length=200)] = ()
    closing: Closing
    loops: Loops = Loops()
    wording: dict[Key, dict[Key, Wording]]
    languages: dict[Key, Language] = {}
    macros: Annotated[dict[Key, Macro], Field(max_length=300)] = {}
    knowledge_guide: str = ""
    communication_policy: str = ""
    revisions: tuple[Revision, ...]
    _earlier: tuple[Earlier, ...] = PrivateAttr(())

    @model_validator(mode="after")
    def _names_lead_somewhere(self, info: ValidationInfo) -> Self:
        # An installed revision has a day: what an earlier version of the program let pass must stay readable.
        new = (info.context or {}).get("today") is None
        wrong = [*dangling(self), *gaps(self), *clashes(self), *(unfillable(self) if new else ())]
        if wrong:
            raise DanglingNames(wrong)
        return self

    def __hash__(self) -> int:
        # Equal ones must hash alike; these few parts tell revisions apart, and mappings cannot be hashed.
        return hash((self.title, self.version, self.revisions))

    def after(self, *earlier: Earlier) -> Procedure:
        """The same as it is for a ticket that was under others before, the first of them first."""
        # What is made of the document on first use is made here, once for all copies.
        _ready = self._loaded, self.ranks, self.category_paths
        moved = self.model_copy()
        moved._earlier = earlier
        return moved

    @property
    def earlier(self) -> tuple[Earlier, ...]:
        """The procedures that the ticket was under before; nothing for one that was never moved."""
        return self._earlier

    @property
    def since(self) -> datetime | None:
        """Since when a ticket that was moved has been under it."""
        return self._earlier[-1].until if self._earlier else None

    def at(self, instant: datetime | None) -> Procedure:
        """The procedure that the ticket was under at an instant; None is now."""
        if instant is None:
            return self
        return next((one.procedure for one in self._earlier if instant < one.until), self)

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
    def team_addresses(self) -> Mapping[str, str]:
        """The teams' own addresses, each with its team."""
        return {team.address: key for key, team in reversed(self.teams.items()) if team.address}

    @cached_property
    def _loaded(self) -> Mapping[str, Calendar]:
        return {key: Calendar.again(spec) for key, spec in (("always", "always"), *self.calendars.items())}

    def calendar(self, key: str) -> Calendar:
        """The calendar of that name, or 24x7 for `always`. KeyError for a name that is not there."""
        return self._loaded[key]

    def priority_for(self, impact: str, urgency: str) -> str:
        """The matrix's answer for an impact and an urgency (SOP 3.2)."""
        return self.matrix[impact][urgency]

    def target(self, clock: str, priority: str, level: str = "") -> Target | None:
        """The target of a clock for a ticket of that priority, and of a service level if it is of one."""
        if clock == "acknowledgement":
            return self.acknowledgement
        usual = self.priorities[priority].target(clock)
        found = self.service_levels.get(level)
        return found.target(clock, priority, usual) if found else usual

    def has_words(self, name: str) -> bool:
        """Whether some language has a wording for a message; those of an older document may not."""
        return any(name in texts for texts in self.wording.values())

    def words(self, name: str, language: str = "") -> Wording:
        """The wording of a message in a language, else in the procedure's own, else in the first that has it.

        KeyError when no language has it; lint warns of that.
        """
        for key in (language or self.language, self.language, *self.wording):
            if name in self.wording.get(key, ()):
                return self.wording[key][name]
        raise KeyError(f"no wording for {name!r} in the procedure; add it under wording.{self.language}")

    @cached_property
    def spoken(self) -> Mapping[str, Language]:
        """The languages that can be chosen: the procedure's own, and each that is whole but for its messages."""
        own = {self.language: self.languages.get(self.language, ENGLISH)}
        return own | {
            key: language
            for key, language in self.languages.items()
            if key != self.language and not language.phrases.missing
        }

    def language_for(self, wanted: str, *messages: str, details: Iterable[str] = ()) -> str:
        """The language in which a mail is written: the wanted one where it has words for all of it, else the desk's,
        else another that has. So no mail is in two languages. `details` are those that it asks for.
        """
        asked = tuple(details)
        candidates = (key for key in (wanted, self.language, *self.spoken) if key in self.spoken)
        return next((key for key in candidates if self._can_say(key, messages, asked)), self.language)

    def _can_say(self, language: str, messages: Iterable[str], details: Iterable[str]) -> bool:
        named = self.details if language == self.language else self.spoken[language].details
        return all(name in self.wording[language] for name in messages) and all(key in named for key in details)

    def spoken_as(self, language: str) -> Language:
        """A language that can be chosen, or the procedure's own for any other."""
        return self.spoken.get(language) or self.spoken[self.language]

    def phrases(self, language: str = "") -> Phrases:
        """The phrases of a language; those that it lacks are English, and only a desk's own language may lack any."""
        return self._phrases.get(language) or self._phrases[self.language]

    @cached_property
    def _phrases(self) -> Mapping[str, Phrases]:
        return {key: language.phrases.or_english for key, language in self.spoken.items()}

    def named(self, kind: Named, key: str, language: str = "") -> str:
        """What a priority, category, team or field is called in a language, else what it is called; empty for none."""
        everything: Mapping[str, Category | Priority | Team | OwnField] = (
            self.category_paths if kind == "categories" else getattr(self, kind)
        )
        translated: Mapping[str, str] = getattr(self.spoken_as(language), kind)
        return translated.get(key) or (everything[key].name if key in everything else "")

    def asked(self, key: str, language: str = "") -> Asked | Detail:
        """A detail in a language, else as it is."""
        return self.spoken_as(language).details.get(key) or self.details[key]

    def required(self, channel: str, category: str | None) -> tuple[str, ...]:
        """Details that a request on this channel, of this category, must say, each once (SOP 2.1)."""
        of_category = self.category_paths[category].required if category else ()
        # A request on a channel that the procedure does not name is a request all the same.
        of_channel = self.channels[channel].required if channel in self.channels else ()
        return tuple(dict.fromkeys((*of_channel, *of_category)))


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
