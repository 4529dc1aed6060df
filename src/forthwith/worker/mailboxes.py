"""Mailboxes, each on a thread of its own: a broken one never keeps another from being fetched (SOP 1.1).

Any number of workers may run. A mailbox is fetched by the one that holds its lease, and by another when that one is
gone. While the server tells of new mail by itself (IDLE), it is asked all the same every POLL_S.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Event

from django.db import close_old_connections, connections
from imapclient.exceptions import IMAPClientError

from forthwith.channels.email import mailbox_watch, oauth, sign_in_watch
from forthwith.channels.email.fetch import Fetching
from forthwith.channels.email.imap import Broken, Session, reason
from forthwith.procedure.said import say
from forthwith.record import mailboxes
from forthwith.record.mailboxes import LostLease, Mailbox

LOOK_S = 2.0
POLL_S = 60.0
FIRST_WAIT = timedelta(seconds=5)
LONGEST_WAIT = timedelta(minutes=5)
CHECKED_EACH = timedelta(minutes=1)
# A server locks an account that signs in wrongly too often.
REFUSED_WAIT = timedelta(minutes=5)
_IDLE_SLICE_S = 1.0

_log = logging.getLogger(__name__)


class Mailboxes:
    """The turns that look for mailboxes nobody fetches, and give each a thread."""

    def __init__(self, clock: Callable[[], datetime], stopping: Event) -> None:
        self.clock = clock
        self.stopping = stopping
        self._threads: dict[int, threading.Thread] = {}
        self._checked_at: datetime | None = None

    def turn(self) -> float:
        """Begin to fetch every mailbox that can be claimed; the seconds until the next look."""
        self._threads = {number: thread for number, thread in self._threads.items() if thread.is_alive()}
        for number in mailboxes.claimable(self.clock()):
            if number not in self._threads:
                name = f"mailbox-{number}"
                thread = threading.Thread(target=self._fetch, args=(number,), name=name, daemon=True)
                self._threads[number] = thread
                thread.start()
        now = self.clock()
        if self._checked_at is None or now - self._checked_at >= CHECKED_EACH:
            mailbox_watch.check(now)
            sign_in_watch.check(now)
            self._checked_at = now
        return LOOK_S

    def join(self, seconds: float) -> None:
        """Wait until the mails at hand are stored and marked."""
        until = time.monotonic() + seconds
        for thread in self._threads.values():
            thread.join(max(0.0, until - time.monotonic()))

    def _fetch(self, number: int) -> None:
        try:
            close_old_connections()
            box = mailboxes.claim(number, self.clock())
            if box is not None:
                fetch(box, clock=self.clock, stopping=self.stopping)
        except Exception:
            # The lease runs out, and the mailbox is claimed again.
            _log.exception("Mailbox %s: its turn ended in an error", number)
        finally:
            connections.close_all()


def fetch(box: Mailbox, *, clock: Callable[[], datetime], stopping: Event) -> None:
    """Fetch a leased mailbox until told to stop or the connection breaks; then give it back with the next try."""
    try:
        with Session(box, oauth.secret_of(box, clock())) as session:
            _serve(session, clock, stopping)
    except LostLease as lost:
        _log.info("%s", lost)
    except (Broken, oauth.NoToken) as broken:
        _put_off(box, broken, str(broken), clock())
        return
    except (IMAPClientError, OSError) as error:
        words = say("The connection to %(server)s broke off: %(why)s.", server=box.host, why=reason(error))
        _put_off(box, error, words, clock())
        return
    except Exception as error:
        _log.exception("%s: fetching ended in an error", box)
        words = say("Fetching ended in an error: %(error)s", error=f"{type(error).__name__}: {error}")
        _put_off(box, error, words, clock())
        return
    mailboxes.release(box)


def _serve(session: Session, clock: Callable[[], datetime], stopping: Event) -> None:
    fetching = Fetching(session, clock, stopping.is_set)
    fetching.begin()
    while not stopping.is_set():
        more = fetching.turn()
        oauth.keep_fresh(session.mailbox, clock())
        uidvalidity = session.uidvalidity
        # Opened again: only so do all servers say where the folder ends, and whether it was renumbered. Nothing is
        # asked between this and IDLE: news that came with another answer would not be told a second time.
        session.select()
        if not more and session.uidvalidity == uidvalidity and session.uidnext - 1 <= session.mailbox.last_uid:
            _wait(session, stopping)
            session.select()
        if session.uidvalidity != uidvalidity:
            fetching.begin()


def _wait(session: Session, stopping: Event) -> None:
    """Until there is news, or it is time to ask, or the end."""
    if not session.idles:
        stopping.wait(POLL_S)
        return
    client = session.client
    # Whatever came since the folder was opened is told when IDLE begins.
    news = session.idle()
    until = time.monotonic() + POLL_S
    while not news and not stopping.is_set() and time.monotonic() < until:
        asked = time.monotonic()
        said = client.idle_check(timeout=_IDLE_SLICE_S)
        news = any(len(line) > 1 and line[1] == b"EXISTS" for line in said)
        if any(line[0] == b"BYE" for line in said):
            raise Broken(say("The mail server %(server)s said goodbye.", server=session.mailbox.host))
        if not said and time.monotonic() - asked < _IDLE_SLICE_S / 2:
            # Woken for nothing: the end of the connection looks like this, and the next command tells.
            break
    client.idle_done()


def _put_off(box: Mailbox, error: Exception, words: str, now: datetime) -> None:
    """Give it back, with the error in words and the time of the next try."""
    _log.warning("%s: %s", box, words)
    dead = isinstance(error, oauth.NoToken) and error.dead
    refused = isinstance(error, Broken) and error.refused
    more: dict[str, str] = {}
    if dead:
        more["sign_in_refused"] = words[:2000]
    elif refused and box.method == Mailbox.XOAUTH2:
        # It may have been taken back before its time: what the sign-in server says of that is known at the next try.
        more["secret"] = oauth.outdated(box)
    wait = REFUSED_WAIT if refused or dead else min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(box.failures, 10))
    mailboxes.release(
        box,
        last_error=words[:2000],
        failing_since=box.failing_since or now,
        failures=box.failures + 1,
        next_try_at=now + wait,
        **more,
    )
