"""`forthwith mail receive`: one mail from standard input, as an MTA's pipe hands it over (SOP 1.2)."""

from __future__ import annotations

import argparse
import json
import logging
import sys

from forthwith.config.cli import EX_TEMPFAIL, Complaint, say_no_more
from forthwith.config.ready import django_ready

_AT_ONCE = 1 << 16
# How MTAs hand over the empty sender: as nothing, in brackets, or by Postfix' name for it (pipe(8), null_sender).
_NO_SENDER = ("", "<>", "mailer-daemon")


def run(asked: argparse.Namespace) -> int:
    """Store the mail and print what became of it. Anything that keeps it from being stored is temporary."""
    try:
        django_ready()
        from django.utils import timezone

        from forthwith.channels.email import intake
        from forthwith.record.files import Spool

        sender = asked.sender or ""
        if asked.sender is not None and sender.lower() in _NO_SENDER:
            sender = intake.NULL_SENDER
        with Spool() as mail:
            while piece := sys.stdin.buffer.read(_AT_ONCE):
                mail.write(piece)
            receipt = intake.receive_mail(mail, sender=sender, recipients=asked.recipient, now=timezone.now())
    except Exception as error:  # an MTA that is told 75 tries again: no mail is lost for a mistake of ours
        logging.getLogger(__name__).debug("Not stored", exc_info=error)
        raise Complaint(f"The mail could not be stored, try again later: {error}", EX_TEMPFAIL) from error
    # Kept but not understood yet, because the database was busy: nobody has processed it.
    outcome = "unprocessed" if receipt.outcome == "kept" else receipt.outcome
    try:
        print(json.dumps({"outcome": outcome, "ticket": receipt.ticket, "reason": receipt.reason}), flush=True)
    except OSError:
        # The mail is stored: that nobody takes the answer must not make the MTA give it back.
        say_no_more()
    return 0
