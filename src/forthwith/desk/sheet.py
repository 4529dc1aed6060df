"""Everything that the ticket page shows, read in a constant number of queries."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from forthwith.desk import panels
from forthwith.desk.conversation import Item, conversation
from forthwith.desk.deeds import Deed, may, offered
from forthwith.desk.forms import Choices, WriteForm
from forthwith.desk.history import Line, lines
from forthwith.desk.joined import Joined, joined_of, named_by
from forthwith.desk.learnt import Learnt, learnt_of, like
from forthwith.desk.names import Names, people_named
from forthwith.desk.sources import SaidBy
from forthwith.outbox.models import Outgoing
from forthwith.people import directory
from forthwith.people.models import Membership, Person
from forthwith.people.timers import Timer
from forthwith.procedure import facts as f
from forthwith.procedure.case import Case, fold
from forthwith.procedure.clocks import Clock, clocks
from forthwith.procedure.conformance import judge
from forthwith.procedure.fields import fields_of, needed
from forthwith.procedure.lifecycle import UNRESOLVED, WORKERS
from forthwith.procedure.model import Procedure
from forthwith.record import procedures, queries
from forthwith.record.models import Ticket
from forthwith.record.states import States
from forthwith.record.stored import recorded
from forthwith.ui.clock import Face
from forthwith.ui.drawn import Rank
from forthwith.ui.recorded import purpose_name
from forthwith.ui.said import headed, spoken
from forthwith.ui.times import when

MOST_MEMBERS = 500
MOST_LINES = 100


@dataclass(frozen=True, slots=True)
class RunbookStep:
    """A step of the category's runbook and whether it was done."""

    text: str
    done: bool


class OwnLine(NamedTuple):
    """A field of the procedure as the panel shows it; `needed`: without it the ticket is not resolved."""

    name: str
    value: str
    needed: bool


@dataclass(frozen=True, slots=True)
class Sheet:
    """What the template of the ticket page stands on."""

    ticket: Ticket
    case: Case
    names: Names
    now: datetime
    status: str
    rank: Rank
    category: str
    team: str
    channel: str
    assignee: str
    missing: list[str]
    items: list[Item]
    facts: list[f.Fact]
    lines: list[Line]
    steps: list[panels.Step]
    clocks: tuple[Clock, ...]
    said_by: SaidBy
    going: list[panels.Explained]
    ended: list[Face]
    met_by_reply: Face | None
    deeds: list[Deed]
    others: list[Ticket]
    joined: Joined
    learnt: Learnt
    own_fields: list[OwnLine]
    worked: list[tuple[str, int]]
    may_describe: bool
    runbook: list[RunbookStep]
    may_tick: bool
    may_reply: bool
    may_note: bool
    may_send_again: bool
    may_link: bool
    may_split: bool

    @property
    def main_deeds(self) -> list[Deed]:
        """Those shown as buttons of their own."""
        return [deed for deed in self.deeds if deed.main]

    @property
    def other_deeds(self) -> list[Deed]:
        """Those behind 'More'."""
        return [deed for deed in self.deeds if not deed.main]

    @property
    def latest_lines(self) -> list[Line]:
        """The facts shown beside the conversation; all of them are on the page of the history."""
        return self.lines[-MOST_LINES:]

    @property
    def language(self) -> tuple[str, str]:
        """The language in which the requester is written to, and how it is known."""
        procedure, requester = self.names.procedure, self.ticket.requester
        name = procedure.spoken_as(requester.language).name
        if requester.language not in procedure.spoken:
            return name, _("the desk's own, as no other is known")
        said = next((one for one in reversed(self.facts) if isinstance(one, f.LanguageChosen)), None)
        if said and said.language == requester.language:
            return name, self._chosen(said)
        return name, _("chosen on another ticket") if requester.language_chosen else _("heard on another ticket")

    def _chosen(self, said: f.LanguageChosen) -> str:
        if said.by is None:
            return recorded(said.why)
        if said.by == self.names.me:
            return _("chosen by you")
        return _("chosen by %(person)s") % {"person": self.names.person(said.by)}

    @property
    def followers(self) -> list[str]:
        """Who of the desk follows it, who looks first."""
        own = sorted(self.case.followers, key=lambda person: person != self.names.me)
        return [self.names.person(person) for person in own]

    @property
    def odd(self) -> tuple[f.RequesterWrote, ...]:
        """What was written by who was not on the ticket before, or about another matter, and is here still."""
        gone = {message for part in self.case.parts for message in part.messages}
        wrote = (one for one in self.facts if isinstance(one, f.RequesterWrote) and one.message not in gone)
        return tuple(one for one in wrote if _odd(one))

    @property
    def quotes(self) -> int | None:
        """A ticket that the request names, and that its requester has no part in."""
        return next((one.quotes for one in self.facts if isinstance(one, f.Received)), None)

    @property
    def level(self) -> tuple[str, str, str]:
        """The service level's name, what makes the ticket of it, and its key; empty without one."""
        found, key = self.names.procedure.service_levels.get(self.ticket.level), self.ticket.level
        return (found.name, ", ".join(map(spoken, found.why(self.case))), key) if found else ("", "", "")

    @property
    def next_clock(self) -> Face | None:
        """The clock in the header: the one that falls due next."""
        return self.going[0].face if self.going else None


def sheet_of(ticket: Ticket, viewer: Person, now: datetime, states: States) -> Sheet:
    """Read and judge a ticket for one who may read it; `states` are what the procedure in force calls statuses."""
    entries = queries.entries(ticket.pk)
    facts = queries.facts_of(entries)
    case = fold(facts)
    procedure = procedures.under(ticket.revision_id, case)
    names = Names(procedure, people_named(f.people_in(facts)), viewer.pk, states)
    read = lines(entries, facts, names)
    said = queries.conversation(ticket, with_notes=True, merged=case.holds)
    likes = like(ticket, case, procedure, said)
    beside = queries.beside(ticket, viewer, [*named_by(case), *likes.alike])
    all_clocks = clocks(case, procedure)
    said_by = _said_by(ticket, case, procedure, zip(read, facts, strict=True))
    going, ended = panels.in_order(all_clocks, now)
    return Sheet(
        ticket=ticket,
        case=case,
        names=names,
        now=now,
        items=conversation(ticket, said, read, case),
        facts=facts,
        lines=read,
        steps=panels.steps(judge(facts, procedure, now), read, names),
        clocks=all_clocks,
        said_by=said_by,
        going=[panels.explained(clock, now, said_by) for clock in going],
        ended=[panels.face(clock, now) for clock in ended],
        met_by_reply=_met_by_reply(all_clocks, now),
        deeds=offered(case, viewer.role, viewer.pk, procedure),
        others=beside.also_open,
        joined=joined_of(case, beside.named, states),
        learnt=learnt_of(likes, case, facts, names, viewer, beside),
        own_fields=_own_fields(case, names),
        worked=[(names.person(person), minutes) for person, minutes in case.worked.items()],
        may_describe=may(f.Tagged, case, viewer.role),
        runbook=_runbook(case, procedure),
        may_tick=may(f.Ticked, case, viewer.role),
        may_reply=may(f.Replied, case, viewer.role),
        may_note=may(f.Noted, case, viewer.role),
        may_send_again=may(f.SentAgain, case, viewer.role),
        may_link=may(f.Linked, case, viewer.role),
        may_split=may(f.SplitOff, case, viewer.role),
        **_words(ticket, case, names),
    )


def _said_by(ticket: Ticket, case: Case, procedure: Procedure, read: Iterable[tuple[Line, f.Fact]]) -> SaidBy:
    before = ((one.procedure, move.was) for one, move in zip(procedure.earlier, case.moves, strict=True))
    promised = [line for line, fact in read if isinstance(fact, f.Promised)]
    return SaidBy([*before, (procedure, ticket.revision_id)], ticket.pk, promised)


def _odd(fact: f.RequesterWrote) -> bool:
    return fact.newcomer or bool(fact.other_subject)


def _words(ticket: Ticket, case: Case, names: Names) -> dict[str, Any]:
    return {
        "status": names.status(case.status),
        "rank": names.rank(case.priority or ""),
        "category": names.category(case.category or ""),
        "team": names.team(case.team or ""),
        "channel": names.channel(case.channel),
        "assignee": _("nobody") if case.assignee is None else names.person(case.assignee),
        "missing": [names.detail(key) for key in case.missing] if case.status in UNRESOLVED else [],
    }


def _met_by_reply(all_clocks: Iterable[Clock], now: datetime) -> Face | None:
    return panels.met_by_a_reply(tuple(all_clocks), now)


def _own_fields(case: Case, names: Names) -> list[OwnLine]:
    found = fields_of(names.procedure, case.category or "", case.fields)
    owed = needed(names.procedure, case.category or "", case.fields)
    lines = ((names.field(key), names.value(key, case.fields.get(key, ""))) for key, _needed in found)
    return [OwnLine(name, value, name in owed) for name, value in lines]


def _runbook(case: Case, procedure: Procedure) -> list[RunbookStep]:
    category = procedure.category_paths.get(case.category or "")
    return [RunbookStep(step, step in case.ticked) for step in (category.runbook if category else ())]


def desk_people() -> list[Membership]:
    """Who is in which team, with the persons loaded."""
    found = Membership.objects.filter(person__is_active=True, person__role__in=WORKERS).select_related("person")
    return list(found.order_by("team", "person__name", "pk")[:MOST_MEMBERS])


def choices_for(case: Case, procedure: Procedure, now: datetime, people: list[Membership]) -> Choices:
    """What the ticket's forms offer."""
    load = queries.open_counts([member.person_id for member in people]) if people else {}
    assigned = f"{case.team or ''}:{case.assignee}" if case.assignee else case.team or ""
    return Choices(
        procedure=procedure,
        category=case.category or "",
        impact=case.impact or "",
        urgency=case.urgency or "",
        assigned=assigned,
        people=_by_team(procedure, now, people, load),
        participants=case.participants,
        helpful=tuple(one.title for one in case.articles if one.helped != "no"),
        tags=case.tags,
        fields=case.fields,
        promises=[
            (key, _("%(what)s, by %(moment)s") % {"what": made.what, "moment": when(made.due, now)})
            for key, made in case.promises.items()
            if not (made.kept_at or made.withdrawn_at)
        ],
    )


def _by_team(
    procedure: Procedure, now: datetime, people: list[Membership], load: dict[int, int]
) -> list[tuple[str, list[tuple[str, str]]]]:
    groups = []
    for key, team in procedure.teams.items():
        members = [member.person for member in people if member.team == key]
        free = {person.pk for person in directory.on_shift(members, key, procedure, now)}
        options = [(key, _("%(team)s: its queue") % {"team": team.name})]
        for person in members:
            said = (
                _("%(person)s (available, %(count)d open)")
                if person.pk in free
                else _("%(person)s (away, %(count)d open)")
            )
            options.append((f"{key}:{person.pk}", said % {"person": person, "count": load.get(person.pk, 0)}))
        groups.append((team.name, options))
    return groups


def lost_mails(sheet: Sheet) -> list[tuple[str, str]]:
    """Mails of the conversation that were not delivered or came back, as the forms offer them."""
    mails = (mail for item in sheet.items for mail in item.mails if mail.state == Outgoing.FAILED or mail.bounced_at)
    said = _("%(mail)s to %(address)s")
    return [
        (str(mail.pk), said % {"mail": headed(purpose_name(mail.purpose)), "address": mail.address}) for mail in mails
    ]


def messages_of(sheet: Sheet) -> list[tuple[str, str]]:
    """The messages that can become a ticket of their own, as the form offers them: who, when, how they begin."""
    kept = (item for item in sheet.items if item.number and not (item.merged or item.split_to or item.aside))
    return [
        (str(item.number), f"{item.who}, {when(item.at, sheet.now)}: {' '.join(item.text[:200].split())[:80]}")
        for item in kept
        if item.kind != "automatic"
    ]


def composer_for(sheet: Sheet, data: Any = None, files: Any = None, *, timer: Timer | None = None) -> WriteForm:
    """The composer: empty but for the minutes of a timer, or with what was typed."""
    choices = replace(choices_for(sheet.case, sheet.names.procedure, sheet.now, []), timer=timer)
    return WriteForm(data, files=files, choices=choices, auto_id="write-%s")
