"""A ticket as JSON: what scripts read. The keys are a contract."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from forthwith.people.models import Person
from forthwith.procedure import facts as f
from forthwith.procedure.case import Case, fold
from forthwith.procedure.clocks import Clock, clocks
from forthwith.procedure.conformance import Verdict, judge
from forthwith.procedure.model import Procedure
from forthwith.record import procedures, queries
from forthwith.record.models import NEVER, Entry, Message, Ticket


def summary(ticket: Ticket) -> dict[str, Any]:
    """One ticket in a list: what its row says, without a query of its own when people were selected along."""
    return {
        "number": ticket.number,
        "subject": ticket.subject,
        "status": ticket.status,
        "priority": ticket.priority or None,
        "category": ticket.category or None,
        "team": ticket.team or None,
        "assignee": _person(ticket.assignee),
        "requester": _person(ticket.requester),
        "channel": ticket.channel,
        "missing": ticket.missing,
        "tags": ticket.tags,
        "fields": ticket.fields,
        "opened_at": instant(ticket.opened_at),
        "changed_at": instant(ticket.changed_at),
        "due_at": None if ticket.due_at == NEVER else instant(ticket.due_at),
        "due_clock": ticket.due_clock or None,
    }


def whole(ticket: Ticket, now: datetime) -> dict[str, Any]:
    """One ticket with all that is on record: clocks, messages, facts, and the verdict on each step."""
    entries = list(Entry.objects.filter(ticket=ticket).select_related("by").order_by("seq"))
    facts = queries.facts_of(entries)
    case = fold(facts)
    procedure = procedures.under(ticket.revision_id, case)
    said = Message.objects.filter(ticket=ticket).select_related("author").prefetch_related("attachments")
    return {
        **summary(ticket),
        "follows": ticket.follows_id,
        **_joined(case),
        "articles": _articles(case),
        "field_names": {key: procedure.fields[key].name for key in case.fields if key in procedure.fields},
        "minutes": case.minutes,
        "minutes_by": _minutes(case, _names(entries)),
        "revision": ticket.revision_id,
        "clocks": [clock_of(clock, procedure, now) for clock in clocks(case, procedure)],
        "messages": [_message(message) for message in said.order_by("written_at", "pk")],
        "facts": [_fact(entry) for entry in entries],
        "conformance": conformance_of(facts, procedure, now, _names(entries)),
    }


STANDING = (
    *("follows", "merged_into", "merged", "split_from", "split_off", "links"),
    *("clocks", "conformance"),
)
"""What `standing` says."""


def standing(ticket: Ticket, facts: Sequence[f.Fact], now: datetime) -> dict[str, Any]:
    """What it has to do with other tickets, its clocks, and the verdict on each step, as of an instant."""
    case = fold(facts)
    procedure = procedures.under(ticket.revision_id, case)
    return {
        "follows": ticket.follows_id,
        **_joined(case),
        "clocks": [clock_of(clock, procedure, now) for clock in clocks(case, procedure)],
        "conformance": judged(facts, procedure, now),
    }


def judged(facts: Sequence[f.Fact], procedure: Procedure, now: datetime) -> dict[str, Any]:
    """The verdict on each step, with people by their numbers."""
    verdicts = judge(facts, procedure, now)
    return {step: {**_verdict(verdict, procedure, {}), "by": verdict.by} for step, verdict in verdicts.items()}


def _joined(case: Case) -> dict[str, Any]:
    """What it has to do with other tickets."""
    return {
        "merged_into": case.merged_into,
        "merged": list(case.holds),
        "split_from": case.split_from,
        "split_off": [{"ticket": part.ticket, "messages": list(part.messages)} for part in case.parts],
        "links": [{"ticket": link.ticket, "relation": link.relation} for link in case.links],
    }


def _articles(case: Case) -> dict[str, Any]:
    """The articles that it was worked by, and those that were written from it (SOP 4.2, 6.2)."""
    used = [
        {
            "article": one.article,
            "revision": one.revision,
            "title": one.title,
            "helped": one.helped,
            "at": instant(one.at),
        }
        for one in case.articles
    ]
    return {"used": used, "written": list(case.written)}


def _minutes(case: Case, names: dict[int, str]) -> dict[str, int]:
    """Time worked by person, whose names are in the facts."""
    return {names.get(person, "system") if person else "system": minutes for person, minutes in case.worked.items()}


def conformance(ticket: Ticket, now: datetime) -> dict[str, Any]:
    """The verdict on each step of the procedure that the ticket is under."""
    entries = list(Entry.objects.filter(ticket=ticket).select_related("by").order_by("seq"))
    facts = queries.facts_of(entries)
    return conformance_of(facts, procedures.under(ticket.revision_id, fold(facts)), now, _names(entries))


def conformance_of(
    facts: Sequence[f.Fact], procedure: Procedure, now: datetime, names: dict[int, str]
) -> dict[str, Any]:
    """`{"steps": {"2.2": {"verdict", ...}}}`, with people by their names."""
    verdicts = judge(facts, procedure, now)
    return {"steps": {step: _verdict(verdict, procedure, names) for step, verdict in verdicts.items()}}


def clock_of(clock: Clock, procedure: Procedure, now: datetime) -> dict[str, Any]:
    """One clock as it stands at `now`; times in seconds of its calendar's open time."""
    return {
        "name": clock.name,
        "cycle": clock.cycle,
        "state": clock.state(now),
        "started_at": instant(clock.started_at),
        "target_s": clock.basis.target,
        "calendar": calendar_name(clock, procedure),
        "due_at": instant(clock.due_at),
        "ended_at": instant(clock.ended_at),
        "ending": clock.ending or None,
        "detail": clock.detail or None,
        "spent_s": clock.spent(now),
        "remaining_s": clock.remaining(now),
    }


def calendar_name(clock: Clock, procedure: Procedure) -> str:
    """What the procedure calls the calendar that a clock counts in."""
    names = ("always", *procedure.calendars)
    return next(name for name in names if procedure.calendar(name) is clock.basis.calendar)


def instant(at: datetime | None) -> str | None:
    """An instant as ISO 8601 in UTC."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z") if at else None


def _verdict(verdict: Verdict, procedure: Procedure, names: dict[int, str]) -> dict[str, Any]:
    return {
        "step": procedure.steps.get(verdict.step, ""),
        "verdict": verdict.outcome,
        "why": verdict.why,
        "at": instant(verdict.at),
        "by": names.get(verdict.by, "") if verdict.by else "system" if verdict.at else None,
        "due": instant(verdict.due),
        "facts": list(verdict.facts),
    }


def _names(entries: Iterable[Entry]) -> dict[int, str]:
    return {entry.by.pk: str(entry.by) for entry in entries if entry.by}


def _person(person: Person | None) -> dict[str, str] | None:
    return {"name": person.name, "address": person.email} if person else None


def _fact(entry: Entry) -> dict[str, Any]:
    return {
        "seq": entry.seq,
        "kind": entry.kind,
        "at": instant(entry.at),
        "noted_at": instant(entry.noted_at),
        "by": str(entry.by) if entry.by else "system",
        "revision": entry.revision_id,
        "data": entry.data,
        "hash": entry.hash,
    }


def _message(message: Message) -> dict[str, Any]:
    return {
        "id": message.pk,
        "kind": message.kind,
        "incoming": message.incoming,
        "from": {"name": message.author.name if message.author else "", "address": message.address},
        "subject": message.subject,
        "text": message.text,
        "new_text": message.new_text,
        "message_id": message.mail_id or None,
        "written_at": instant(message.written_at),
        "attachments": [
            {"name": file.name, "type": file.type, "size": file.size, "inline": file.inline}
            for file in message.attachments.all()
        ],
    }
