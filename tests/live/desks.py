"""A desk with one agent, one requester and a ticket of theirs, and what its people do."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone

from forthwith.people.models import Person
from forthwith.people.permits import THE_SYSTEM, Actor
from forthwith.procedure import document
from forthwith.record import procedures
from forthwith.steps import acts, workflow
from forthwith.steps.request import Request


@dataclass(frozen=True)
class Desk:
    """A desk with one agent, one requester and a ticket of theirs."""

    database: str
    agent: Person
    requester: Person
    ticket: int

    def ask(self) -> int:
        """One more ticket of the requester's."""
        return new_ticket(self.requester)

    def reply(self, text: str = "We are on it.") -> None:
        """The agent answers the ticket, through the door."""
        acts.reply(self.ticket, by=Actor.of(self.agent), now=timezone.now(), text=text, next_step="We look at it.")

    def note(self, text: str = "Between us.") -> None:
        """The agent writes a note on the ticket."""
        acts.note(self.ticket, by=Actor.of(self.agent), now=timezone.now(), text=text)

    def cookie(self, person: Person) -> str:
        """The Cookie header of somebody who has just signed in."""
        session = SessionStore()
        session[SESSION_KEY] = str(person.pk)
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        session[HASH_SESSION_KEY] = person.get_session_auth_hash()
        session.create()
        return f"{settings.SESSION_COOKIE_NAME}={session.session_key}"


def new_ticket(requester: Person) -> int:
    text = "The printer on the second floor prints blank pages since this morning."
    request = Request(
        channel="email",
        received_at=timezone.now(),
        author=requester.pk,
        address=requester.email,
        subject="Blank pages",
        text=text,
        new_text=text,
    )
    return workflow.on_request(request, now=timezone.now())


def new_desk(database: str) -> Desk:
    """A desk under the standard procedure, in the database that this process is connected to."""
    procedures.install(document.standard_text(), by=THE_SYSTEM, now=timezone.now())
    agent = Person.objects.create_user("ana@desk.example", name="Ana", role="agent")
    requester = Person.objects.create_user("rui@customer.example", name="Rui")
    return Desk(database, agent, requester, new_ticket(requester))
