"""A receiver that runs on a thread while a test talks to it."""

from __future__ import annotations

import socket
import threading
from email.message import EmailMessage

from django.db import connections
from django.utils import timezone

from forthwith.channels.email.limits import Limits
from forthwith.worker import mail

DESK = "support@desk.example"


class receiving:  # noqa: N801 (reads as a verb in `with receiving()`)
    """Runs the receiver; what it gives is the port. `lmtp` is served on its socket beside it."""

    def __init__(self, limits: Limits | None = None, *, lmtp: socket.socket | None = None) -> None:
        self.limits = limits
        self.lmtp = lmtp

    def __enter__(self) -> int:
        self.stopping = threading.Event()
        listening = socket.create_server(("127.0.0.1", 0))
        of = {"receiver_at": listening, "catcher_at": None, "clock": timezone.now, "stopping": self.stopping}
        of |= {"limits": self.limits, "lmtp_at": self.lmtp}
        self.thread = threading.Thread(target=mail.serve, kwargs=of)
        self.thread.start()
        number: int = listening.getsockname()[1]
        return number

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        self.thread.join(15)
        assert not self.thread.is_alive()
        connections.close_all()


def letter(subject: str = "Printer prints blank pages", **headers: str) -> EmailMessage:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = "Rui <rui@customer.example>", DESK, subject
    made["Message-ID"] = headers.pop("mail_id", f"<{subject.encode().hex()}@customer.example>")
    made.set_content("The printer on floor two prints blank pages since this morning. It is urgent.")
    return made
