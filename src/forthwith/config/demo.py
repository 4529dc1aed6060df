"""The demo desk: a few days of a small support team, made through the real doors with past instants.

Mails come in as raw bytes, people act, alarms fire and mail is delivered, in the order in which it would
have happened; no row of a ticket is ever written by hand.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, time, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from forthwith.channels.email import intake
from forthwith.config import demo_library
from forthwith.config.demo_story import Did, Told, story
from forthwith.outbox import catcher, deliver
from forthwith.people.addresses import domain_of
from forthwith.people.models import Domain, Membership, Organisation, Person
from forthwith.people.permits import Actor
from forthwith.record import procedures, replies
from forthwith.record.models import Ticket
from forthwith.steps import acts, describing, receive, workflow
from forthwith.worker.alarms import next_instant

_RELAY_TAKES = timedelta(seconds=2)
_ON_ARTICLES: dict[str, Callable[..., None]] = {"work_by": demo_library.work_by, "write_article": demo_library.write}


def load(now: datetime) -> bool:
    """Load the demo desk into an empty desk, whole or not at all; False when there are tickets already."""
    if Ticket.objects.exists():
        return False
    password = _password()
    numbers: dict[int, int] = {}
    # In one transaction: whoever is interrupted here can start anew, and no disk is waited for at each step.
    with transaction.atomic():
        _people(password, now)
        demo_library.shelve(_working_days(now)[0] + timedelta(hours=10))
        for at, place, happening in _timeline(now):
            _let_pass(at)
            if isinstance(happening, Told):
                numbers[place] = _come_in(happening, at)
            else:
                _happen(numbers[place], happening, at)
            _deliver(at)
        _let_pass(now)
        _deliver(now)
        receive.heartbeat("email", now)
    return True


def logins() -> list[tuple[str, str, str]]:
    """Role, address and password of everybody who can sign in to the demo desk."""
    password = _password()
    return [(agent.title, agent.address, password) for agent in story().agents.values()]


def _password() -> str:
    """The demo's password, made up once a home and kept readable by its owner only."""
    path = Path(settings.HOME) / "demo-password"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(f"calm-desk-{secrets.token_hex(3)}\n")
    return path.read_text().strip()


def _people(password: str, now: datetime) -> None:
    for agent in story().agents.values():
        person = Person.objects.create_user(
            agent.address,
            password,
            name=agent.name,
            role=agent.role,
            available=agent.available,
            shift=agent.shift,
            joined_at=now,
        )
        Membership.objects.bulk_create(
            Membership(person=person, team=team, leads=agent.role == "team_leader") for team in agent.teams
        )
    for saved in story().replies:
        owner, teams = Person.objects.get(email=story().agents[saved.who].address), procedures.current().teams
        replies.keep(owner, name=saved.name, text=saved.text, shared=saved.shared, teams=teams)
    for requester in story().requesters.values():
        organisation, _ = Organisation.objects.get_or_create(name=requester.organisation)
        Domain.objects.get_or_create(name=domain_of(requester.address), organisation=organisation)
        Person.objects.create_user(requester.address, name=requester.name, organisation=organisation, joined_at=now)


def _timeline(now: datetime) -> Iterator[tuple[datetime, int, Told | Did]]:
    """Everything that happened up to now, in order, with the place of its story."""
    days = _working_days(now)
    moments: list[tuple[datetime, int, int, Told | Did]] = []
    for place, told in enumerate(story().story):
        came = _instant(told, days, now)
        moments.append((came, place, 0, told))
        moments += [(came + timedelta(minutes=did.after), place, i, did) for i, did in enumerate(told.then, 1)]
    for at, place, _, happening in sorted(moments, key=lambda moment: moment[:3]):
        if at <= now:
            yield at, place, happening


def _working_days(now: datetime) -> list[datetime]:
    """Midnights of the latest five working days before today, the latest last, by the procedure's calendar."""
    procedure = procedures.current()
    calendar = procedure.calendar(procedure.closing.silence.calendar)
    midnight = datetime.combine(now.astimezone(UTC).date(), time(), UTC)
    days = [midnight - timedelta(days=back) for back in range(1, 15)]
    worked = [day for day in days if calendar.between(day, day + timedelta(days=1))]
    return worked[:5][::-1]


def _instant(told: Told, days: list[datetime], now: datetime) -> datetime:
    """`day` 1 is yesterday's working day and 5 the earliest; 0 counts `at` in minutes back from now."""
    if told.day == 0:
        return now - timedelta(minutes=int(told.at))
    hour, minute = told.at.split(":")
    return days[-told.day] + timedelta(hours=int(hour), minutes=int(minute))


def _come_in(told: Told, at: datetime) -> int:
    receipt = intake.receive_mail(_mail(told, at), sender="", recipients=[settings.DESK_ADDRESS], now=at)
    if receipt.ticket is None:
        raise RuntimeError(f"The demo's mail {told.subject!r} became no ticket: {receipt.reason}.")
    return receipt.ticket


def _happen(number: int, did: Did, at: datetime) -> None:
    if did.who:
        by = Actor.of(Person.objects.get(email=story().agents[did.who].address))
    else:
        by = Actor.requester(Ticket.objects.get(pk=number).requester_id)
    _act(did.act, number, by, at, dict(did.how))


def _act(name: str, number: int, by: Actor, at: datetime, how: dict[str, Any]) -> None:
    if "for_hours" in how:
        how["until"] = at + timedelta(hours=how.pop("for_hours"))
    if name == "tick":
        for step in _runbook(number)[: how["steps"]]:
            acts.tick(number, by=by, now=at, step=step)
        return
    if act := _ON_ARTICLES.get(name):
        act(number, by, at, **how)
        return
    getattr(acts if hasattr(acts, name) else describing, name)(number, by=by, now=at, **how)


def _runbook(number: int) -> tuple[str, ...]:
    ticket = Ticket.objects.only("category", "revision").get(pk=number)
    return procedures.load(ticket.revision_id).category_paths[ticket.category].runbook


def _mail(told: Told, at: datetime) -> bytes:
    requester = story().requesters[told.who]
    mail = EmailMessage()
    mail["From"] = f"{requester.name} <{requester.address}>"
    mail["To"] = settings.MAIL_FROM
    mail["Subject"] = told.subject
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = f"<{secrets.token_hex(8)}@{requester.address.partition('@')[2]}>"
    mail.set_content(told.text)
    return bytes(mail)


def _let_pass(until: datetime) -> None:
    """Let every alarm fire at its own instant, and what it queued be delivered, up to an instant."""
    while (at := next_instant()) is not None and at <= until:
        workflow.on_alarm(at)
        _deliver(at)


def _deliver(at: datetime) -> None:
    """Deliver what is queued into the mail catcher's folder, as a relay that takes two seconds would."""
    now = at + _RELAY_TAKES
    while (row := deliver.claim(now) or deliver.claim(now, alarms=True)) is not None:
        keep = partial(catcher.keep, Path(settings.HOME) / "caught", deliver.compose(row), now=now)
        transaction.on_commit(keep)
        deliver.settle(
            row, deliver.Accepted("250 taken"), now=now, told=lambda sent: workflow.on_delivery(sent, now=now)
        )
