"""Connecting a mailbox and keeping it: what the page and the command do alike (SOP 1.1).

A look comes first: it signs in, counts, and marks nothing. Only what was looked at is written down.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from imapclient.exceptions import IMAPClientError

from forthwith.channels.email import mailbox_watch, oauth
from forthwith.channels.email.imap import Broken, Found, Session, reason
from forthwith.channels.email.oauth import Grant
from forthwith.procedure.said import say
from forthwith.record import mailboxes, sealed
from forthwith.record.mailboxes import Mailbox

PORTS = {Mailbox.TLS: 993, Mailbox.STARTTLS: 143, Mailbox.NONE: 143}
TRIED_WITHIN_S = 12.0
"""How long somebody waits before a page while a mailbox is tried."""
MOST_FOLDERS = 10
"""Of one account: each folder is a connection, and providers allow some fifteen."""
_ANSWERS_WITHIN_S = 10.0
_COUNTED_WITHIN_S = 2.0
_TRIES_AT_ONCE = 4
_log = logging.getLogger(__name__)
_tries = threading.BoundedSemaphore(_TRIES_AT_ONCE)


@dataclass(frozen=True, slots=True)
class Choice:
    """What is wanted of a mailbox: its folders, what happens to mail that was fetched, and how old mail is imported."""

    name: str
    folders: tuple[str, ...]
    afterwards: str = Mailbox.SEEN
    move_to: str = ""
    import_days: int | None = None


class NotConnected(ValueError):
    """It cannot be connected like this; the text says why. `about`: the field of the choice to look at."""

    def __init__(self, words: str, about: str) -> None:
        super().__init__(words)
        self.about = about


def secret_in(box: Mailbox) -> str:
    """What opens a mailbox that is not written yet: its password, or the token that it was given."""
    return oauth.grant_of(box).access_token if box.method == Mailbox.XOAUTH2 else sealed.unseal(box.secret)


def present_secret(box: Mailbox, now: datetime) -> str:
    """What opens a connected mailbox now, whoever fetches it; a token that has ended is renewed. Raises NoToken."""
    if box.method == Mailbox.PASSWORD:
        return oauth.secret_of(box, now)
    grant = oauth.grant_of(box)
    if not grant.access_token or grant.expires_at <= now.timestamp():
        grant = oauth.refresh(oauth.PROVIDERS[box.provider], grant, now)
        again(box, now, grant=grant)
    return grant.access_token


def look(box: Mailbox, secret: str, *, timeout_s: float) -> Found:
    """Sign in and say what is there. Raises Broken."""
    try:
        with Session(box, secret, timeout_s=timeout_s) as session:
            return session.found(_COUNTED_WITHIN_S)
    except (IMAPClientError, OSError) as error:
        why = reason(error)
        words = say("%(server)s answered the sign-in, and then broke off: %(why)s.", server=box.host, why=why)
        raise Broken(words) from error


def try_it(box: Mailbox, secret: str, *, within_s: float = TRIED_WITHIN_S) -> Found:
    """The same for somebody who waits before a page: whatever the server does, it ends in time. Raises Broken.

    A time-out bounds each answer only, so that a server which sends a byte now and then could hold a page for ever.
    The try has a thread of its own, which is left to itself when time is up; few may be at it at once.
    """
    if not _tries.acquire(blocking=False):
        raise Broken(say("Other mailboxes are being tried at this moment. Please try again in a minute."))
    found: list[Found | Broken] = []

    def work() -> None:
        try:
            found.append(look(box, secret, timeout_s=min(within_s, _ANSWERS_WITHIN_S)))
        except Broken as broken:
            found.append(broken)
        except Exception as error:
            _log.exception("%s:%s: a try ended in an error", box.host, box.port)
            kind = type(error).__name__
            found.append(Broken(say("The try ended in an error: %(error)s. The log has the rest.", error=kind)))
        finally:
            _tries.release()

    thread = threading.Thread(target=work, name="mailbox-try", daemon=True)
    thread.start()
    thread.join(within_s)
    if not found:
        words = say(
            "The mail server %(server)s was not through within %(seconds)s seconds: is it an IMAP server?",
            server=f"{box.host}:{box.port}",
            seconds=f"{within_s:.0f}",
        )
        raise Broken(words)
    if isinstance(found[0], Broken):
        raise found[0]
    return found[0]


def with_grant(box: Mailbox, provider: str, grant: Grant, now: datetime) -> None:
    """Have a mailbox, not written yet, be opened by a grant."""
    box.method, box.provider, box.secret = Mailbox.XOAUTH2, provider, grant.sealed()
    box.sign_in_ends_at = oauth.ends_at(provider, grant, now)


def connect(box: Mailbox, choice: Choice, now: datetime) -> list[Mailbox]:
    """Write a mailbox down, one row for each folder: it is fetched from now on. Raises NotConnected."""
    _check(box, choice)
    since = now - timedelta(days=choice.import_days) if choice.import_days else None
    rows = [
        Mailbox(
            name=_name(choice.name, folder, among=len(choice.folders)),
            host=box.host,
            port=box.port,
            security=box.security,
            user=box.user,
            method=box.method,
            provider=box.provider,
            secret=box.secret,
            folder=folder,
            afterwards=choice.afterwards,
            move_to=choice.move_to if choice.afterwards == Mailbox.MOVE else "",
            added_at=now,
            import_since=since,
            sign_in_ends_at=box.sign_in_ends_at,
        )
        for folder in choice.folders
    ]
    _refuse_known(rows)
    try:
        with transaction.atomic():
            for row in rows:
                row.save(force_insert=True)
    except IntegrityError:
        raise NotConnected(say("Somebody has connected it at this moment."), "name") from None
    return rows


def _name(name: str, folder: str, *, among: int) -> str:
    return name[:120] if among == 1 else f"{name[:60]}: {folder}"[:120]


def _check(box: Mailbox, choice: Choice) -> None:
    if not choice.folders:
        raise NotConnected(say("Choose one folder at least."), "folders")
    if len(choice.folders) > MOST_FOLDERS:
        words = say("Choose %(most)s folders at most: each is a connection of its own.", most=MOST_FOLDERS)
        raise NotConnected(words, "folders")
    if choice.afterwards != Mailbox.MOVE:
        return
    if not choice.move_to:
        raise NotConnected(say("Name the folder that mail is moved to."), "move_to")
    account = Mailbox.objects.filter(host=box.host, user=box.user)
    fetched = {folder.casefold() for folder in (*choice.folders, *account.values_list("folder", flat=True)[:100])}
    if choice.move_to.casefold() in fetched:
        words = say("Mail from that folder is fetched, and would come again and again: name another.")
        raise NotConnected(words, "move_to")


def _refuse_known(rows: Sequence[Mailbox]) -> None:
    for row in rows:
        if Mailbox.objects.filter(host=row.host, port=row.port, user=row.user, folder=row.folder).exists():
            words = say(
                "The folder %(folder)s of %(user)s at %(server)s is connected already.",
                folder=row.folder,
                user=row.user,
                server=row.host,
            )
            raise NotConnected(words, "folders")
        aside = Mailbox.objects.filter(
            host=row.host, user=row.user, afterwards=Mailbox.MOVE, move_to__iexact=row.folder
        )
        if aside.exists():
            words = say(
                "Fetched mail of %(user)s is moved to %(folder)s: it would come again.",
                user=row.user,
                folder=row.folder,
            )
            raise NotConnected(words, "folders")
        if Mailbox.objects.filter(name=row.name).exists():
            raise NotConnected(say("Another mailbox is called %(name)s already.", name=row.name), "name")


def again(box: Mailbox, now: datetime, *, password: str = "", grant: Grant | None = None) -> int:
    """Sign in to a connected mailbox anew, for all folders of its account; how many those are."""
    secret = grant.sealed() if grant else sealed.seal(password)
    return mailboxes.sign_in_again(box, secret, oauth.ends_at(box.provider, grant, now) if grant else None)


def pause(box: Mailbox, now: datetime) -> bool:
    """Leave it alone; its watch ends too. Whether it was fetched."""
    paused = mailboxes.pause(box.pk)
    mailbox_watch.heard(box, now)
    return paused


def remove(box: Mailbox, now: datetime) -> None:
    """Forget it; what was fetched from it stays."""
    # First, as its gaps are found by its number, which goes with the row.
    mailbox_watch.heard(box, now)
    box.delete()
