"""`forthwith worker` and `forthwith receiver`: what runs beside the pages."""

from __future__ import annotations

import argparse
import socket

from forthwith.config.commands.web import listening
from forthwith.config.ready import refuse_unless_set_up
from forthwith.config.supervised import end_with_supervisor


def run(asked: argparse.Namespace) -> int:
    """Act on alarms and deliver mail until SIGTERM or SIGINT; receive and catch mail when asked to."""
    refuse_unless_set_up()
    end_with_supervisor()
    from forthwith.worker.run import Parts
    from forthwith.worker.run import run as run_parts

    catcher_at = None
    if asked.catch:
        catcher_at = listening("127.0.0.1", asked.catch, "Mail cannot be caught", "Choose another port with --catch.")
    return run_parts(Parts(receiver_at=_receiver() if asked.receive else None, catcher_at=catcher_at))


def receiver(asked: argparse.Namespace) -> int:
    """Receive mail until SIGTERM or SIGINT."""
    refuse_unless_set_up()
    end_with_supervisor()
    from forthwith.worker.run import Parts
    from forthwith.worker.run import run as run_parts

    return run_parts(Parts(works=False, receiver_at=_receiver()))


def _receiver() -> socket.socket:
    from django.conf import settings

    host, port = settings.SMTP_LISTEN
    return listening(host, port, "Mail cannot be received", "Set FORTHWITH_SMTP_LISTEN to a free host:port.")
