"""What stands on the printed record of a ticket, as plain text in JSON-able form: `ticket.typ` lays it out (SOP 6.1).

Bounded, so that any ticket is on paper in seconds: what does not fit is counted, and is in the JSON export.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from forthwith.desk.history import Line, lines
from forthwith.desk.names import THE_DESK, Names, clock_name, people_named
from forthwith.people.models import Person
from forthwith.procedure import facts as f
from forthwith.procedure.case import Case, fold
from forthwith.procedure.clocks import Clock, clocks
from forthwith.procedure.conformance import judge
from forthwith.procedure.model import Procedure
from forthwith.record import chain, procedures, queries
from forthwith.record.models import Entry, Message, Ticket
from forthwith.record.states import desk_states
from forthwith.ui import times
from forthwith.ui.printing import clean
from forthwith.ui.recorded import OUTCOMES, outcome_name
from forthwith.ui.said import spoken

TEMPLATE = Path(__file__).with_name("ticket.typ")
MOST_FACTS = 5_000
MOST_CLOCKS, MOST_PROOFS = 200, 20
MOST_TEXT = 400_000
"""Characters of messages on one record; the latest messages go first."""
LONGEST_TEXT = 20_000
_LEFT_OUT = {Message.INTERNAL: "note", Message.SYSTEM: "automatic"}


def content_of(ticket: Ticket, now: datetime) -> dict[str, Any]:
    """Everything for the template. Whoever asks must have been allowed to read the ticket."""
    entries = queries.entries(ticket.pk)
    facts = queries.facts_of(entries)
    case = fold(facts)
    procedure = procedures.under(ticket.revision_id, case)
    names = Names(procedure, people_named(f.people_in(facts)), states=desk_states(procedures.current()))
    messages = _messages(queries.conversation(ticket, with_notes=True, merged=case.holds), ticket)
    found = clocks(case, procedure)
    return {
        "language": get_language() or "en",
        "labels": _labels(),
        "outcomes": {outcome: outcome_name(outcome) for outcome in OUTCOMES},
        "number": ticket.number,
        "subject": clean(ticket.subject) or _("(no subject)"),
        "printed": times.exact(now),
        "about": _about(ticket, case, names),
        "clocks": _clocks(found[-MOST_CLOCKS:], now),
        "clocks_left_out": max(0, len(found) - MOST_CLOCKS),
        "steps": _steps(facts, procedure, names, now),
        "messages": messages,
        "messages_left_out": max(0, queries.length_of(ticket, case.holds) - len(messages)),
        "facts": _facts(entries[-MOST_FACTS:], facts[-MOST_FACTS:], names),
        "facts_left_out": max(0, len(entries) - MOST_FACTS),
        "chain": _chain(ticket, entries),
    }


def _labels() -> dict[str, str]:
    return {
        "record": _("Record of ticket"),
        "page": _("Page"),
        "of": _("of"),
        "clocks": _("Clocks"),
        "clock": _("Clock"),
        "target": _("Target"),
        "due": _("Due"),
        "ended": _("Ended"),
        "verdict": _("Verdict"),
        "procedure": _("Procedure"),
        "step": _("Step"),
        "evidence": _("Evidence"),
        "conversation": _("Conversation"),
        "facts": _("Facts"),
        "chain": _("Chain"),
        "none": _("None."),
        "files": _("Files, not in this document:"),
        "cut": _("Shortened; the JSON export has the whole text."),
        "clocks_left_out": _("Other clocks that are not here; the JSON export has them:"),
        "messages_left_out": _("Earlier messages that are not here; the JSON export of their ticket has them:"),
        "facts_left_out": _("Earlier facts that are not here; the JSON export has them:"),
        "replaced": _(
            "Letters that no font on this desk's machine has are shown as boxes, and pictures by their name:"
        ),
        "fonts": _("Fonts can be added (Debian: fonts-noto-core, fonts-noto-cjk, fonts-noto-color-emoji)."),
    }


def _about(ticket: Ticket, case: Case, names: Names) -> list[list[str]]:
    requester = ticket.requester
    said = [
        (_("Requester"), f"{requester} <{requester.email}>"),
        (_("Organisation"), str(requester.organisation or "")),
        (_("In copy"), ", ".join(case.participants)),
        (_("Status"), names.status(case.status)),
        (_("Priority"), names.priority(case.priority or "")),
        (_("Category"), names.category(case.category or "")),
        (_("Team"), names.team(case.team or "")),
        (_("Assignee"), _assignee(ticket.assignee)),
        (_("Channel"), names.channel(case.channel)),
        (_("Opened"), times.exact(ticket.opened_at)),
        (_("Resolved"), times.exact(case.resolved_at) if case.resolved_at else ""),
        (_("Closed"), times.exact(case.closed_at) if case.closed_at else ""),
        (_("What was wrong"), case.cause),
        (_("What was done"), case.solution),
        (_("Procedure"), _("revision %(number)d") % {"number": ticket.revision_id}),
        (_("Time zone"), timezone.get_current_timezone_name()),
    ]
    return [[label, clean(value)] for label, value in said if value]


def _assignee(person: Person | None) -> str:
    return str(person) if person else _("nobody")


def _clocks(found: Sequence[Clock], now: datetime) -> list[list[str]]:
    return [
        [
            clock_name(clock),
            times.full_length(clock.basis.target),
            times.plain(clock.due_at) if clock.due_at else "–",
            times.plain(clock.ended_at) if clock.ended_at else "–",
            clock.state(now),
        ]
        for clock in found
    ]


def _steps(facts: Sequence[f.Fact], procedure: Procedure, names: Names, now: datetime) -> list[list[str]]:
    return [
        [
            step,
            clean(procedure.steps.get(step, "")),
            verdict.outcome,
            _when(verdict.at, verdict.by, names),
            clean(spoken(verdict.why)),
            ", ".join(map(str, verdict.facts[:MOST_PROOFS])) + (" …" if len(verdict.facts) > MOST_PROOFS else ""),
        ]
        for step, verdict in judge(facts, procedure, now).items()
    ]


def _when(at: datetime | None, by: int | None, names: Names) -> str:
    return f"{times.plain(at)}, {clean(names.person(by))}" if at else ""


def _messages(said: Sequence[queries.Said], ticket: Ticket) -> list[dict[str, Any]]:
    """The latest that have room, oldest first."""
    found: list[dict[str, Any]] = []
    room = MOST_TEXT
    for one in reversed(said):
        shown = _message(one, ticket)
        room -= len(shown["text"])
        if room < 0:
            break
        found.append(shown)
    return found[::-1]


def _message(said: queries.Said, ticket: Ticket) -> dict[str, Any]:
    message = said.message
    text = message.new_text.strip() or message.text.strip()
    return {
        "kind": _LEFT_OUT.get(message.kind) or ("incoming" if message.incoming else "outgoing"),
        "says": _says(message, ticket),
        "who": clean(said.name or message.address or THE_DESK),
        "address": clean(message.address) if message.incoming else "",
        "at": times.plain(message.written_at),
        "text": clean(text[:LONGEST_TEXT]),
        "cut": len(text) > LONGEST_TEXT,
        "digest": message.digest,
        "files": [
            clean(f"{file.name} ({file.type or '?'}, {file.size} B)" + (f", {file.warning}" if file.warning else ""))
            for file in said.files
        ],
    }


def _says(message: Message, ticket: Ticket) -> str:
    """What it is; of a merged ticket also which, whose own export has the fact that vouches for it."""
    kind = _kind_of(message)
    if message.ticket_id == ticket.pk:
        return kind
    return _("%(kind)s, of #%(number)d") % {"kind": kind, "number": message.ticket_id}


def _kind_of(message: Message) -> str:
    if message.kind == Message.INTERNAL:
        return _("internal note")
    if message.kind == Message.SYSTEM:
        return _("automatic message")
    return _("from the requester's side") if message.incoming else _("answer of the desk")


def _facts(entries: Sequence[Entry], facts: Iterable[f.Fact], names: Names) -> list[list[str]]:
    return [[*_fact(line), entry.hash[:16]] for line, entry in zip(lines(entries, facts, names), entries, strict=True)]


def _fact(line: Line) -> tuple[str, str, str, str]:
    reason = f" ({line.reason})" if line.reason else ""
    said = clean(f"{line.who} {line.says}{reason}")
    return str(line.number), times.plain(line.at), said, str(line.revision)


def _chain(ticket: Ticket, entries: Sequence[Entry]) -> list[list[str]]:
    broken = chain.first_break(entries)
    intact = _("intact") if broken is None else _("broken at fact %(number)d") % {"number": broken}
    return [
        [_("Facts"), str(len(entries))],
        [_("State"), intact],
        [_("First hash"), entries[0].hash if entries else ""],
        [_("Last hash"), entries[-1].hash if entries else ""],
        [_("Hash on the ticket's row"), ticket.chain],
    ]
