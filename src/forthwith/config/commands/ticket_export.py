"""`forthwith ticket export N --json FILE|--pdf FILE`."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from forthwith.config.cli import Complaint
from forthwith.config.commands.ticket import ticket_of
from forthwith.config.ready import set_up_desk
from forthwith.config.written import write

if TYPE_CHECKING:
    from forthwith.record.models import Ticket


def run(asked: argparse.Namespace) -> int:
    """Write one ticket to a file."""
    with set_up_desk():
        from django.utils import timezone

        from forthwith.record import exported

        ticket, now = ticket_of(asked.number), timezone.now()
        if asked.json:
            write(asked.json, (piece.encode() for piece in exported.pieces(ticket, now)))
        else:
            write(asked.pdf, _pdf(ticket, now))
    return 0


def _pdf(ticket: Ticket, now: datetime) -> Iterable[bytes]:
    from forthwith.desk import paper
    from forthwith.record.queries import Unreadable
    from forthwith.ui.printing import NotPrinted, NotThere, printed

    try:
        return [printed(paper.content_of(ticket, now), paper.TEMPLATE, instead="Use --json, which always works.")]
    except (NotThere, NotPrinted) as failed:
        raise Complaint(str(failed)) from None
    except Unreadable as damaged:
        raise Complaint(f"The record is damaged ({damaged}). --json writes all that is on record.") from None
