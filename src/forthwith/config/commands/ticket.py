"""`forthwith ticket list|show`."""

from __future__ import annotations

import argparse
import json
import re
import textwrap
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from forthwith.config.cli import Complaint
from forthwith.config.ready import set_up_desk

if TYPE_CHECKING:
    from forthwith.record.models import Ticket

MOST_LISTED = 1000
_WIDTH = 100
# Control characters (escape sequences begin with one), and those that turn the direction of what follows.
_COMMANDS_A_TERMINAL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def show_list(asked: argparse.Namespace) -> int:
    """Print the newest tickets first, as a table or as one JSON array."""
    if not 0 < asked.limit <= MOST_LISTED:
        raise Complaint(f"--limit is a number from 1 to {MOST_LISTED}, not {asked.limit}.", 2)
    with set_up_desk():
        from forthwith.record import printed

        listed = [printed.summary(ticket) for ticket in _newest(asked)]
    if asked.json:
        print(json.dumps(listed, indent=1))
    else:
        tell(_table(listed) if listed else ["There are no such tickets."])
    return 0


def tell(lines: Iterable[str]) -> None:
    """Print lines in which a stranger's words may stand: what would command the terminal is shown as a mark."""
    for line in lines:
        print(_COMMANDS_A_TERMINAL.sub("\ufffd", line))


def _newest(asked: argparse.Namespace) -> list[Ticket]:
    from forthwith.procedure.lifecycle import STATUSES
    from forthwith.record.models import Ticket

    found = Ticket.objects.select_related("requester", "assignee").order_by("-pk")
    if asked.status:
        if asked.status not in STATUSES:
            raise Complaint(f"{asked.status!r} is no status. There are: {', '.join(STATUSES)}.", 2)
        found = found.filter(status=asked.status)
    if asked.after:
        found = found.filter(pk__lt=asked.after)
    return list(found[: asked.limit])


def _table(listed: Sequence[dict[str, Any]]) -> list[str]:
    rows = [("NUMBER", "STATUS", "PRIORITY", "DUE", "ASSIGNEE", "SUBJECT")]
    for ticket in listed:
        assignee = ticket["assignee"]["name"] if ticket["assignee"] else "-"
        due = (ticket["due_at"] or "-")[:16].replace("T", " ")
        rows.append(
            (f"#{ticket['number']}", ticket["status"], ticket["priority"] or "-", due, assignee, ticket["subject"][:60])
        )
    widths = [max(len(row[i]) for row in rows) for i in range(5)]
    return ["  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[5]]) for row in rows]


def show(asked: argparse.Namespace) -> int:
    """Print one ticket with all that is on record."""
    with set_up_desk():
        from django.utils import timezone

        from forthwith.record import printed

        content = printed.whole(ticket_of(asked.number), timezone.now())
        content["deliveries"] = _deliveries(asked.number)
    if asked.json:
        print(json.dumps(content, indent=1))
    else:
        tell(_readable(content))
    return 0


def ticket_of(number: int) -> Ticket:
    """The ticket of a number, or a Complaint."""
    from forthwith.record.models import Ticket

    found = Ticket.objects.select_related("requester", "assignee").filter(pk=number).first()
    if found is None:
        raise Complaint(f"There is no ticket #{number}.")
    return found


def _deliveries(number: int) -> list[dict[str, Any]]:
    from forthwith.outbox.models import Outgoing
    from forthwith.record.printed import instant

    return [
        {
            "purpose": mail.purpose,
            "to": mail.address,
            "message": mail.message_id,
            "state": mail.state,
            "queued_at": instant(mail.queued_at),
            "sent_at": instant(mail.sent_at),
            "attempts": mail.attempts,
            "error": mail.error or None,
        }
        for mail in Outgoing.objects.filter(ticket_id=number).order_by("pk")
    ]


def _readable(ticket: dict[str, Any]) -> list[str]:
    people = {
        key: ticket[key]["name"] or ticket[key]["address"] if ticket[key] else "-" for key in ("assignee", "requester")
    }
    lines = [f"#{ticket['number']}  {ticket['subject']}", ""]
    shown = ("status", "priority", "category", "team", "assignee", "requester", "channel")
    lines += [f"  {key:<10}  {people.get(key, ticket.get(key)) or '-'}" for key in shown]
    names = ticket["field_names"]
    lines += [f"  {'tags':<10}  {', '.join(ticket['tags'])}"] if ticket["tags"] else []
    lines += [f"  {'field':<10}  {names.get(key, key)}: {value}" for key, value in ticket["fields"].items()]
    lines += [f"  {'time':<10}  {minutes} min by {name}" for name, minutes in ticket["minutes_by"].items()]
    if ticket["missing"]:
        lines.append(f"  {'missing':<10}  {', '.join(ticket['missing'])}")
    lines += [f"  {'merged':<10}  into #{ticket['merged_into']}"] if ticket["merged_into"] else []
    lines += [f"  {'merged':<10}  from #{number}" for number in ticket["merged"]]
    lines += [f"  {'split':<10}  from #{ticket['split_from']}"] if ticket["split_from"] else []
    lines += [f"  {'linked':<10}  #{link['ticket']} ({link['relation'].replace('_', ' ')})" for link in ticket["links"]]
    lines += ["", "Clocks"]
    lines += [
        f"  {c['name'].replace('_', ' '):<16} {c['state']:<10} due {c['due_at'] or '-'}" for c in ticket["clocks"]
    ]
    lines += ["", "Messages"]
    for message in ticket["messages"]:
        lines.append(
            f"  {message['written_at']}  {message['from']['name'] or message['from']['address']} ({message['kind']})"
        )
        text = message["new_text"] or message["text"]
        lines += [textwrap.indent(textwrap.fill(line, _WIDTH), "    ") for line in text.splitlines()]
    lines += ["", "Facts"]
    lines += [f"  {fact['seq']:>3}  {fact['at']}  {fact['kind']} by {fact['by']}" for fact in ticket["facts"]]
    lines += ["", "Mails"]
    lines += [
        f"  {m['purpose']} to {m['to']}: {m['state']}{': ' + m['error'] if m['error'] else ''}"
        for m in ticket["deliveries"]
    ]
    return lines
