"""The turns that check who sent the mails that came by SMTP: a name server that is slow delays no mail."""

from __future__ import annotations

from threading import Event

from django.conf import settings

from forthwith.channels.email.vouching import check
from forthwith.channels.email.vouching.names import Dns

LOOK_EACH_S = 2.0


def turn(stopping: Event) -> float:
    """Check the mails that wait; the seconds until the next turn."""
    found = check.waiting()
    for item in found:
        if stopping.is_set():
            break
        check.look_at(item, Dns(settings.RECEIVING.dns))
    return 0.0 if found else LOOK_EACH_S
