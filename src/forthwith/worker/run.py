"""The running worker: each part on a thread of its own, so that a slow relay delays no alarm."""

from __future__ import annotations

import logging
import os
import signal
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.conf import settings
from django.utils import timezone

from forthwith.worker import checks, judging, loop, mail, notices, outbox, replies, runs, scans, suggestions
from forthwith.worker.alarms import Alarms
from forthwith.worker.mailboxes import Mailboxes
from forthwith.worker.upkeep import Upkeep

STOPS_WITHIN_S = 7.0
_LOOK_S = 0.2

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Parts:
    """What one process runs: the work on tickets and outbox, and the mail servers on these sockets."""

    works: bool = True
    receiver_at: socket.socket | None = None
    catcher_at: socket.socket | None = None
    lmtp_at: socket.socket | None = None


def run(parts: Parts, *, clock: Callable[[], datetime] = timezone.now) -> int:
    """Run until SIGTERM or SIGINT; then finish what is at hand, and return 0 (1 when a part died)."""
    stopping = threading.Event()
    # Only noted by the handler: it may interrupt this thread anywhere, also while that holds the lock of an Event.
    told: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, _: told.append(number))
    threads = [threading.Thread(target=work, name=name, daemon=True) for name, work in _work(parts, clock, stopping)]
    for thread in threads:
        thread.start()
    while not told and all(thread.is_alive() for thread in threads):
        time.sleep(_LOOK_S)
    died = not told
    stopping.set()
    until = time.monotonic() + STOPS_WITHIN_S
    for thread in threads:
        thread.join(max(0.0, until - time.monotonic()))
    late = [thread.name for thread in threads if thread.is_alive()]
    if late:
        _log.warning("Stopped while still busy: %s. What it had claimed is taken up again.", ", ".join(late))
        logging.shutdown()
        # A thread that waits for a relay would keep the interpreter from ending.
        os._exit(int(died))
    return int(died)


def _work(
    parts: Parts, clock: Callable[[], datetime], stopping: threading.Event
) -> list[tuple[str, Callable[[], None]]]:
    work: list[tuple[str, Callable[[], None]]] = []
    if parts.works:
        turns: dict[str, Callable[[], float]] = {
            "alarms": Alarms(clock, stopping).turn,
            "outbox": partial(outbox.turn, clock, stopping),
            "outbox of alarms": partial(outbox.turn, clock, stopping, alarms=True),
            "replies": partial(replies.turn, clock, stopping),
            "notices": partial(notices.turn, clock, stopping),
            "upkeep": Upkeep(clock).turn,
            "mailboxes": Mailboxes(clock, stopping).turn,
            "suggestions": partial(suggestions.turn, clock, stopping),
            "judging": partial(judging.turn, clock),
            "runs": partial(runs.turn, clock, stopping),
        }
        if settings.RECEIVING.checks:
            turns["checks"] = partial(checks.turn, stopping)
        if settings.CLAMD is not None:
            turns["scans"] = partial(scans.turn, clock, stopping)
        work += [(name, partial(loop.run, name, turn, stopping)) for name, turn in turns.items()]
    if parts.receiver_at or parts.lmtp_at or parts.catcher_at:
        serve = partial(mail.serve, receiver_at=parts.receiver_at, lmtp_at=parts.lmtp_at, catcher_at=parts.catcher_at)
        work.append(("mail", partial(serve, clock=clock, stopping=stopping)))
    return work
