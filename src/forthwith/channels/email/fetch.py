"""Fetching the mail of one mailbox: from now on, and old mail silently where that was asked for (SOP 1.1, 1.2).

A mail is marked, moved or deleted only after it is stored. What was stored and not marked, because a connection or a
process broke in between, is fetched again, and known by its digest. How far a mailbox has been read is its last UID,
not its marks: what a person reads in the mailbox is fetched like everything else.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from itertools import islice
from typing import Any

from imapclient.exceptions import IMAPClientAbortError, IMAPClientError

from forthwith.channels.email import intake, mailbox_watch
from forthwith.channels.email.imap import AT_ONCE, Session, reason
from forthwith.channels.email.limits import LARGEST_MAIL
from forthwith.procedure.said import say
from forthwith.record import mailboxes
from forthwith.record.mailboxes import Mailbox
from forthwith.record.models import RawItem
from forthwith.steps import receive

IMPORTED_AT_ONCE = 20
MOST_CLOCKS_DIFFER = timedelta(days=2)
_log = logging.getLogger(__name__)


class Fetching:
    """One session's work on a leased mailbox. `stopping` says that it must come to an end."""

    def __init__(self, session: Session, clock: Callable[[], datetime], stopping: Callable[[], bool]) -> None:
        self.session = session
        self.box = session.mailbox
        self.clock = clock
        self.stopping = stopping
        self._old: Iterator[int] | None = None

    def begin(self) -> None:
        """Find where to go on: a first look leaves what is there alone, a renumbered folder is read again."""
        self._contact()
        self._old = None
        if self.box.begun_at is None:
            self._write(
                begun_at=self.clock(),
                uidvalidity=self.session.uidvalidity,
                last_uid=self.session.uidnext - 1,
                import_below=self.session.uidnext,
                renumbered_below=0,
            )
        elif self.box.uidvalidity != self.session.uidvalidity:
            _log.warning("%s was renumbered by its server; what came since it was connected is read again", self.box)
            self._write(
                uidvalidity=self.session.uidvalidity,
                last_uid=0,
                renumbered_below=self.session.uidnext,
                import_below=self.session.uidnext,
                import_uid=0,
                import_done=0,
                import_total=0,
            )

    def turn(self) -> bool:
        """Take what is new, and some of what is to be imported; whether there is more to do at once."""
        self._contact()
        self._new()
        if self.box.imports and not self.stopping():
            return self._import()
        return False

    def _contact(self) -> None:
        """The server has answered: the mailbox and its channel are watched (SOP 1.1)."""
        now = self.clock()
        # An error of the connection is over; one of putting mails away is not, until one could be.
        mended = {"last_error": ""} if self.box.failing_since else {}
        self._write(last_contact=now, failures=0, next_try_at=None, failing_since=None, **mended)
        receive.heartbeat(self.box.channel, now)
        mailbox_watch.heard(self.box, now)

    def _write(self, **state: Any) -> None:
        mailboxes.write(self.box, self.clock(), **state)

    def _new(self) -> None:
        below = self.session.uidnext
        for batch in _batches(self.session.uids(self.box.last_uid + 1, below), AT_ONCE):
            if self.stopping():
                return
            self._take(batch)
            self._write(last_uid=batch[-1])
            self._contact()
        if self.box.last_uid < below - 1:
            self._write(last_uid=below - 1)

    def _take(self, uids: list[int]) -> None:
        there = self.session.sizes(uids)
        for uid in uids:
            if uid not in there:
                continue
            size, arrived = there[uid]
            renumbered = uid < self.box.renumbered_below
            if renumbered and self.box.begun_at and arrived < self.box.begun_at - timedelta(minutes=5):
                continue
            self._one(uid, size, renumbered=renumbered, arrived=None if renumbered else arrived)
            self._write(last_uid=uid)

    def _one(
        self, uid: int, size: int, *, silent: bool = False, renumbered: bool = False, arrived: datetime | None = None
    ) -> None:
        """Store one mail and commit; only then mark it, and understand it. `arrived`: of one whose lag counts."""
        if size > LARGEST_MAIL:
            self._too_large(uid, size)
            return
        body = self.session.body(uid)
        if body is None:
            return
        # A server that was restored may have given old mails a new time of arrival.
        silent = silent or (renumbered and _written_before(body, self.box.begun_at))
        now = self.clock()
        item, fresh = receive.keep(self.box.channel, body, sender="", recipients=[], now=now, silent=silent)
        lag = {"last_lag_s": max(0, int((now - arrived).total_seconds()))} if arrived else {}
        self._write(last_mail_at=now, **lag)
        self._put_away(uid)
        if fresh or item.outcome == RawItem.KEPT:
            intake.process(item, now)

    def _too_large(self, uid: int, size: int) -> None:
        """Account for it by its header, and leave the mail where it is: nobody else has it."""
        header, now = self.session.header(uid), self.clock()
        item, fresh = receive.keep(self.box.channel, header, sender="", recipients=[], now=now)
        if fresh:
            why = say(
                "it has %(size)s bytes, more than the %(most)s that are taken: only its header was fetched, and "
                "the mail was left in the folder %(folder)s of %(mailbox)s",
                size=size,
                most=LARGEST_MAIL,
                folder=self.box.folder,
                mailbox=self.box.name,
            )
            receive.settle(item, RawItem.UNPROCESSED, reason=why)

    def _put_away(self, uid: int) -> None:
        """The mail is safe here already: a folder that does not exist must not keep others from coming."""
        try:
            self.session.put_away([uid])
        except IMAPClientAbortError:
            raise
        except IMAPClientError as error:
            why = reason(error)
            if self.box.afterwards == Mailbox.MOVE:
                words = say("Mail is fetched, but could not be moved in the mailbox: %(why)s.", why=why)
            else:
                words = say("Mail is fetched, but could not be marked or deleted in the mailbox: %(why)s.", why=why)
            _log.warning("%s: %s", self.box, words)
            self._write(last_error=words)
        else:
            if self.box.last_error:
                self._write(last_error="")

    def _import(self) -> bool:
        """A piece of the silent import; whether there is more. It ends where somebody has stopped it."""
        self.box.refresh_from_db(fields=["import_ended_at"])
        if not self.box.imports:
            return False
        if self._old is None:
            # Looked for once: servers take a second and more for it.
            found = list(self.session.uids(self.box.import_uid + 1, self.box.import_below, self.box.import_since))
            self._old = iter(found)
            if not self.box.import_total:
                self._write(import_total=len(found))
        piece = list(islice(self._old, IMPORTED_AT_ONCE))
        there = self.session.sizes(piece)
        for uid in piece:
            if self.stopping():
                return False
            if uid in there and self.box.import_since and there[uid][1] >= self.box.import_since:
                self._one(uid, there[uid][0], silent=True)
            self._write(import_uid=uid, import_done=self.box.import_done + 1)
        if not piece:
            self._write(import_ended_at=self.clock())
        return bool(piece)


def _batches(uids: Iterator[int], size: int) -> Iterator[list[int]]:
    while batch := list(islice(uids, size)):
        yield batch


def _written_before(body: bytes, begun: datetime | None) -> bool:
    """Whether a mail says that it was written well before an instant."""
    head = body[:65_536].partition(b"\r\n\r\n")[0].replace(b"\r\n", b"\n")
    for line in head.split(b"\n"):
        if line[:5].lower() == b"date:":
            try:
                written = parsedate_to_datetime(line[5:].decode("ascii", "replace").strip())
            except (ValueError, TypeError, OverflowError):
                return False
            return begun is not None and written.timestamp() < (begun - MOST_CLOCKS_DIFFER).timestamp()
    return False
