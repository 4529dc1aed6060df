"""What the search box can do besides finding: go somewhere, take the next ticket, act on the ticket one is on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from forthwith.desk.deeds import DEEDS, may, offered
from forthwith.desk.lists import LISTS, list_name
from forthwith.people.models import Person
from forthwith.people.words import words
from forthwith.procedure import facts as f
from forthwith.procedure.case import fold
from forthwith.procedure.lifecycle import ADMINISTRATOR, AUDITOR, LEADER, WORKERS
from forthwith.procedure.model import Procedure
from forthwith.record import queries
from forthwith.record.models import Ticket

MOST_SHOWN = 6
_OVERSEERS = (ADMINISTRATOR, LEADER, AUDITOR)


@dataclass(frozen=True, slots=True)
class Command:
    """One line of the box. `kind` says what it leads to, `also` are other words that it is found by.

    `posts`: it is done by a press; `in_sheet`: its form opens beside the ticket; `presses`: the key of the page's own
    button, where it has one; `seen`: the number of facts that the ticket had.
    """

    name: str
    kind: str
    at: str
    posts: bool = False
    in_sheet: bool = False
    presses: str = ""
    seen: str = ""
    also: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Commands under one title; `key` names it in the page."""

    key: str
    title: str
    commands: list[Command]


def commands(person: Person, procedure: Procedure, ticket: Ticket | None, typed: str) -> list[Group]:
    """The commands whose names begin with the words that were typed, at most MOST_SHOWN; with none, those at hand.

    What can be done to a ticket takes reading its facts, so it is asked only where a name fits.
    """
    asked = words(typed, asked=True)
    if typed.strip() and not asked:
        return []
    acts = list(_acts(person, procedure, ticket, asked))
    places = [one for one in _places(person, procedure) if _named(f"{one.name} {one.also}", asked)]
    if asked:
        groups = [Group("commands", _("Commands"), [*acts, *places][:MOST_SHOWN])]
    else:
        groups = [
            Group("acts", _("On #%(number)d") % {"number": ticket.pk} if ticket else "", acts),
            Group("places", _("Go to"), places),
        ]
    return [group for group in groups if group.commands]


def _named(name: str, asked: Sequence[str]) -> bool:
    held = words(name)
    return all(any(word.startswith(one) for word in held) for one in asked)


def _acts(person: Person, procedure: Procedure, ticket: Ticket | None, asked: Sequence[str]) -> Iterator[Command]:
    writes = (_("Reply"), f.Replied, "r"), (_("Internal note"), f.Noted, "n")
    fitting = {name for name in (*(str(deed.label) for deed in DEEDS.values()), *(name for name, *_ in writes))
               if ticket and _named(f"{name} {ticket.pk}", asked)}  # fmt: skip
    if ticket is None or not fitting:
        return
    case = fold(queries.facts_of(queries.entries(ticket.pk)))
    kind = _("on #%(number)d") % {"number": ticket.pk}
    for name, fact, key in writes:
        if name in fitting and may(fact, case, person.role):
            at = reverse("desk:ticket", args=[ticket.pk])
            yield Command(name, kind, f"{at}#composer", presses=key)
    for deed in offered(case, person.role, person.pk, procedure):
        if str(deed.label) in fitting:
            at = reverse("desk:act", args=[ticket.pk, deed.key])
            seen = str(ticket.fact_count)
            yield Command(str(deed.label), kind, at, posts=deed.immediate, in_sheet=not deed.immediate, seen=seen)


def _places(person: Person, procedure: Procedure) -> Iterator[Command]:
    queue = reverse("desk:queue")
    if person.role in WORKERS:
        yield Command(_("Take next"), "", reverse("desk:take-next"), posts=True, also="ticket due first")
    for key in LISTS:
        if key != "mine" or person.works_here:
            yield Command(list_name(key, procedure), _("list"), f"{queue}?list={key}", also="queue tickets mine")
    yield Command(_("Articles"), _("page"), reverse("desk:articles"), also="knowledge base library")
    yield Command(_("Wanted articles"), _("page"), reverse("desk:articles-owed"), also="knowledge review owed")
    if person.role in WORKERS:
        yield Command(_("Write an article"), "", reverse("desk:article-new"), also="knowledge new")
    for key, team in procedure.teams.items():
        yield Command(team.name, _("team"), f"{queue}?team={key}", also="queue team")
    yield Command(_("Notices"), _("page"), reverse("desk:notices"), also="bell unread told news")
    choose = "preferences notices mail bell"
    yield Command(_("What you are told"), _("page"), reverse("desk:notice-preferences"), also=choose)
    if settings.DEMO:
        yield Command(_("Caught mail"), _("page"), reverse("caught"))
    if person.role == ADMINISTRATOR:
        yield Command(_("People"), _("page"), reverse("people"), also="staff roles teams")
        yield Command(_("Mailboxes"), _("page"), reverse("mailboxes"), also="imap mail")
    if person.role in _OVERSEERS:
        yield Command(_("Ledger"), _("page"), reverse("ledger"), also="mail received unprocessed")
        yield Command(_("Health"), _("page"), reverse("health"), also="channels coverage")
