"""`forthwith conformance N`: the verdict on each step of the procedure, with its proof."""

from __future__ import annotations

import argparse
import json
from typing import Any

from forthwith.config.commands.ticket import tell, ticket_of
from forthwith.config.ready import set_up_desk


def run(asked: argparse.Namespace) -> int:
    """Print the verdicts as a table, or as JSON."""
    with set_up_desk():
        from django.utils import timezone

        from forthwith.record import printed

        ticket = ticket_of(asked.number)
        verdicts = printed.conformance(ticket, timezone.now())
    if asked.json:
        print(json.dumps(verdicts, indent=1))
    else:
        lines = (_line(step, verdict) for step, verdict in verdicts["steps"].items())
        tell([f"#{ticket.number}  {ticket.subject}", "", *lines])
    return 0


def _line(step: str, verdict: dict[str, Any]) -> str:
    when = f"{verdict['at'][:19].replace('T', ' ')} by {verdict['by']}" if verdict["at"] else ""
    proof = (
        f"fact{'s' if len(verdict['facts']) > 1 else ''} {', '.join(map(str, verdict['facts']))}"
        if verdict["facts"]
        else ""
    )
    due = f"due {verdict['due'][:19].replace('T', ' ')}" if verdict["due"] else ""
    detail = "; ".join(part for part in (when, due, proof) if part)
    return f"{step}  {verdict['verdict']:<14}  {verdict['why']}" + (f"  ({detail})" if detail else "")
