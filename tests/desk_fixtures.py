"""A desk under the standard procedure with its people, mails to send to it, and the hands to work it.

Time is always said: MONDAY is ten o'clock on a working day of the standard calendar (UTC).
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connections
from django.test import Client

from forthwith.channels.email import intake
from forthwith.channels.email.intake import Receipt
from forthwith.outbox import deliver
from forthwith.outbox.models import Outgoing
from forthwith.outbox.senders import Accepted, Refused
from forthwith.outbox.told import Notice
from forthwith.people import hints
from forthwith.people.models import Membership, Person
from forthwith.people.permits import THE_SYSTEM, Actor
from forthwith.procedure import document
from forthwith.procedure import facts as f
from forthwith.procedure.conformance import judge
from forthwith.record import door, procedures
from forthwith.record.models import Ticket
from forthwith.steps import acts, news, workflow

MONDAY = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
DESK = settings.DESK_ADDRESS
KNOWS = {"hints_seen": hints.ALL}
"""Whoever is at the desk for long is shown no hints."""
COMPLETE = (
    "Hello, the printer in the office on floor two prints only blank pages since this morning. "
    "It is the big laser printer. It is urgent, please help.\n\nRui Silva"
)


def after(hours: float = 0, *, minutes: float = 0, seconds: float = 0, days: float = 0) -> datetime:
    """An instant so long after MONDAY, by the clock on the wall."""
    return MONDAY + timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)


_counter = itertools.count(1)


def mail(
    text: str = COMPLETE,
    *,
    sender: str = "Rui Silva <rui@customer.example>",
    subject: str = "Printer prints blank pages",
    to: str = DESK,
    mail_id: str | None = None,
    **headers: str,
) -> bytes:
    """The bytes of a mail; other headers by name with `_` for `-`. Each has a Message-ID of its own unless given."""
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = sender, to, subject
    if mail_id != "":
        made["Message-ID"] = f"<{mail_id or f'mail-{next(_counter)}@customer.example'}>"
    for name, value in headers.items():
        made[name.replace("_", "-").title()] = value
    made.set_content(text)
    return made.as_bytes()


def arrive(raw: bytes, now: datetime = MONDAY, *, recipients: tuple[str, ...] = (DESK,)) -> Receipt:
    """A mail comes in over SMTP."""
    return intake.receive_mail(raw, sender="bounces@customer.example", recipients=list(recipients), now=now)


def new_ticket(now: datetime = MONDAY, text: str = COMPLETE, **of: Any) -> int:
    """A mail that opens a ticket; its number."""
    receipt = arrive(mail(text, **of), now)
    assert receipt.outcome == "ticket", receipt
    assert receipt.ticket is not None
    return receipt.ticket


def row(number: int) -> Ticket:
    return Ticket.objects.get(pk=number)


def facts(number: int, *kinds: type[f.Fact]) -> list[Any]:
    """The ticket's facts, or those of some kinds."""
    return [fact for fact in door.facts_of(number) if not kinds or isinstance(fact, kinds)]


def kinds(number: int) -> list[str]:
    return [type(fact).__name__ for fact in door.facts_of(number)]


def verdicts(number: int, now: datetime) -> dict[str, str]:
    """The verdict on each step of the SOP."""
    case = door.as_it_is(number, now=now)
    return {step: verdict.outcome for step, verdict in judge(case.facts, case.procedure, now).items()}


def posted(*purposes: str) -> list[Outgoing]:
    """What was queued for these purposes, in order."""
    found = Outgoing.objects.order_by("pk")
    return list(found.filter(purpose__in=purposes) if purposes else found)


def deliver_all(now: datetime, *, refused: str = "") -> int:
    """The relay takes everything that is due, or refuses it for good with these words; how many."""
    count = 0
    while found := deliver.claim(now) or deliver.claim(now, alarms=True):
        outcome = Refused(refused, permanent=True) if refused else Accepted("250 OK")
        deliver.settle(found, outcome, now=now, told=partial(workflow.on_delivery, now=now))
        count += 1
    return count


def mail_news(now: datetime) -> int:
    """Mail what people of the desk were told and what is due by now; how many mails that were tried."""
    count = 0
    while news.mail_due(now):
        count += 1
        assert count < 1000, "the notices do not come to rest"
    return count


def told(person: Person, *events: str) -> list[Notice]:
    """What a person was told, in order; all of it, or of some events."""
    found = Notice.objects.filter(person=person).order_by("pk")
    return list(found.filter(event__in=events) if events else found)


def alarms(now: datetime) -> int:
    """Let every alarm that is due be acted on; how many tickets that were."""
    count = 0
    while workflow.on_alarm(now):
        count += 1
        assert count < 1000, "the alarms do not come to rest"
    return count


FIELDS = """
fields:
  cost_centre: {name: Cost centre, kind: number, categories: [hardware], needed_for: resolve}
  site: {name: Site, kind: choice, choices: {berlin: Berlin, porto: Porto}, shown_to_requester: true}
  seen_on: {name: First seen on, kind: date}
  remote: {name: Works from home, kind: yes_no}
  asset: {name: Asset}
timekeeping:"""


def with_fields(*changes: tuple[str, str]) -> str:
    """The standard procedure with fields of each kind; one is needed to resolve what is hardware."""
    return variant(("undo: 10 s", "undo: 0 s"), ("\ntimekeeping:", FIELDS), *changes)


@dataclass
class Desk:
    """The people of the desk, each once, and who asks."""

    rui: Person
    ana: Person
    ben: Person
    sam: Person
    lea: Person
    adam: Person
    olga: Person

    def reply(self, number: int, now: datetime, text: str = "We look at it now.", **more: Any) -> None:
        """Ana answers, with a next step."""
        more.setdefault("next_step", "I come to your desk at noon.")
        acts.reply(number, by=Actor.of(self.ana), now=now, text=text, **more)

    def resolve(self, number: int, now: datetime, **more: Any) -> None:
        """Ana resolves."""
        said = {
            "cause": "The drum was worn.",
            "solution": "We replaced the drum.",
            "category": "hardware.printer",
            "knowledge": "not needed",
        }
        acts.resolve(number, by=Actor.of(self.ana), now=now, **(said | more))


def install(text: str | None = None, now: datetime = MONDAY - timedelta(days=30)) -> None:
    """Put a procedure in force; unless given, the standard one, under which a reply leaves at once."""
    procedures.install(text or variant(("undo: 10 s", "undo: 0 s")), by=THE_SYSTEM, now=now)


def variant(*changes: tuple[str, str]) -> str:
    """The standard procedure with some lines put otherwise; each must be there."""
    text = document.standard_text()
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


def hire() -> Desk:
    """The people of the desk: Ana and Ben on the service desk, Sam a specialist, Lea leads, Adam and Olga."""

    def person(name: str, role: str, *teams: str, leads: bool = False, available: bool = False) -> Person:
        made = Person.objects.create_user(
            f"{name.lower()}@desk.example", name=name, role=role, available=available, **KNOWS
        )
        Membership.objects.bulk_create(Membership(person=made, team=team, leads=leads) for team in teams)
        return made

    return Desk(
        rui=Person.objects.create_user("rui@customer.example", name="Rui Silva"),
        ana=person("Ana", "agent", "service_desk", available=True),
        ben=person("Ben", "agent", "service_desk", available=True),
        sam=person("Sam", "specialist", "hardware_team", available=True),
        lea=person("Lea", "team_leader", "service_desk", "hardware_team", leads=True),
        adam=person("Adam", "administrator"),
        olga=person("Olga", "auditor"),
    )


def as_person(person: Person) -> Client:
    """A browser in which the person is signed in."""
    client = Client()
    client.force_login(person)
    return client


@contextmanager
def shared_by_threads(folder: Path) -> Iterator[None]:
    """Where the suite's database is one connection's memory, work on a copy of it in a file, as the product does."""
    memory = connections["default"]
    if memory.vendor != "sqlite":
        yield
        return
    file = str(folder / "desk.sqlite3")
    with memory.cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [file])
    given = connections.settings["default"]
    name, given["NAME"] = given["NAME"], file
    del connections["default"]
    try:
        yield
    finally:
        connections["default"].close()
        given["NAME"] = name
        connections["default"] = memory


def at_once(tasks: Sequence[Callable[[], Any]]) -> list[Any]:
    """Run each task in a thread of its own, all released together; what each returned or raised."""
    barrier, results = threading.Barrier(len(tasks)), [None] * len(tasks)

    def run(place: int) -> None:
        try:
            barrier.wait(10)
            results[place] = tasks[place]()
        except Exception as error:
            results[place] = error
        finally:
            connections["default"].close()

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(tasks))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return results
