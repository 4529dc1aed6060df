"""`forthwith worker` and `forthwith receiver`: what runs beside the pages."""

from __future__ import annotations

import argparse
import errno
import os
import socket
from pathlib import Path

from forthwith.config.cli import Complaint
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
    receiver_at, lmtp_at = (_receiver(), _lmtp()) if asked.receive else (None, None)
    return run_parts(Parts(receiver_at=receiver_at, lmtp_at=lmtp_at, catcher_at=catcher_at))


def receiver(asked: argparse.Namespace) -> int:
    """Receive mail until SIGTERM or SIGINT."""
    refuse_unless_set_up()
    end_with_supervisor()
    from forthwith.worker.run import Parts
    from forthwith.worker.run import run as run_parts

    return run_parts(Parts(works=False, receiver_at=_receiver(), lmtp_at=_lmtp()))


def _receiver() -> socket.socket:
    from django.conf import settings

    host, port = settings.SMTP_LISTEN
    return listening(host, port, "Mail cannot be received", "Set FORTHWITH_SMTP_LISTEN to a free host:port.")


def _lmtp() -> socket.socket | None:
    from django.conf import settings

    at = settings.RECEIVING.lmtp
    if at is None:
        return None
    what, advice = "Mail cannot be received by LMTP", "Set FORTHWITH_LMTP_LISTEN to a free host:port or a path."
    return at_path(at, what, advice) if isinstance(at, Path) else listening(*at, what, advice)


def at_path(path: Path, what: str, advice: str) -> socket.socket:
    """A listening Unix socket that its owner and group may use, or a Complaint that says why not.

    What a process that ended has left there is taken over; one that is still served is not.
    """
    made = socket.socket(socket.AF_UNIX)
    try:
        _clear(path)
        before = os.umask(0o117)
        try:
            made.bind(str(path))
        finally:
            os.umask(before)
        made.listen(512)
    except OSError as error:
        made.close()
        raise Complaint(f"{what} on {path}: {error.strerror or error}. {advice}") from None
    return made


def _clear(path: Path) -> None:
    """Remove a socket that nobody serves. Raises OSError when somebody does, or when it is no socket."""
    if not path.is_socket():
        return
    with socket.socket(socket.AF_UNIX) as asking:
        try:
            asking.connect(str(path))
        except ConnectionRefusedError:
            path.unlink(missing_ok=True)
            return
    raise OSError(errno.EADDRINUSE, os.strerror(errno.EADDRINUSE))
