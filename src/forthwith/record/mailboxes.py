"""Mailboxes that the desk fetches its mail from: how each is reached, what is wanted of it, how it stands (SOP 1.1).

Whoever fetches holds a lease. Only the holder writes the state, by updates that name the lease.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

LEASE = timedelta(minutes=3)
"""Longer than the time-outs of one exchange with a server together."""


class Mailbox(models.Model):
    """One folder of one account on an IMAP server."""

    TLS, STARTTLS, NONE = "tls", "starttls", "none"
    SECURITIES = ((TLS, "TLS"), (STARTTLS, "STARTTLS"), (NONE, "not encrypted"))
    PASSWORD, XOAUTH2 = "password", "xoauth2"
    METHODS = ((PASSWORD, "password"), (XOAUTH2, "OAuth 2"))
    SEEN, MOVE, DELETE = "seen", "move", "delete"
    AFTERWARDS = ((SEEN, "left, as seen"), (MOVE, "moved"), (DELETE, "deleted"))

    name = models.CharField(max_length=120, unique=True)
    channel = models.CharField(max_length=60, default="email")
    host = models.CharField(max_length=255)
    port = models.PositiveIntegerField()
    security = models.CharField(max_length=8, choices=SECURITIES, default=TLS)
    user = models.CharField(max_length=320)
    method = models.CharField(max_length=8, choices=METHODS, default=PASSWORD)
    provider = models.CharField(max_length=20, blank=True)
    secret = models.TextField(blank=True)
    folder = models.CharField(max_length=255, default="INBOX")
    afterwards = models.CharField(max_length=6, choices=AFTERWARDS, default=SEEN)
    move_to = models.CharField(max_length=255, blank=True)
    paused = models.BooleanField(default=False)
    added_at = models.DateTimeField()

    # How far it has been read. `begun_at` None: it was never reached; then everything in it is old.
    begun_at = models.DateTimeField(null=True)
    uidvalidity = models.BigIntegerField(null=True)
    last_uid = models.BigIntegerField(default=0)
    # The first UID that is newer than the renumbering after which a mail in it may be an old one.
    renumbered_below = models.BigIntegerField(default=0)

    # The silent import of what was there before: UIDs below `import_below`, of mails since `import_since`.
    import_since = models.DateTimeField(null=True)
    import_below = models.BigIntegerField(default=0)
    import_uid = models.BigIntegerField(default=0)
    import_total = models.PositiveIntegerField(default=0)
    import_done = models.PositiveIntegerField(default=0)
    import_ended_at = models.DateTimeField(null=True)

    last_contact = models.DateTimeField(null=True)
    last_mail_at = models.DateTimeField(null=True)
    last_error = models.TextField(blank=True)
    failing_since = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True)
    # How old the mail that was fetched last was when it came in.
    last_lag_s = models.PositiveIntegerField(null=True)
    # A sign-in by tokens ends by itself: when, as far as is known; the refusal, once its renewal was refused; and of
    # how many of the procedure's warnings somebody has been told.
    sign_in_ends_at = models.DateTimeField(null=True)
    sign_in_refused = models.TextField(blank=True)
    sign_in_told = models.PositiveSmallIntegerField(default=0)
    # Its watch begins anew when it is resumed: what was left out before was left out on purpose.
    resumed_at = models.DateTimeField(null=True)
    leased_by = models.CharField(max_length=32, blank=True)
    leased_until = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["host", "port", "user", "folder"], name="mailbox_once"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def standing(self) -> str:
        """How it stands, in a word: `paused`, `failing`, `fetched`, or `new` until it was reached once."""
        if self.paused:
            return "paused"
        return "failing" if self.failing_since else "fetched" if self.last_contact else "new"

    @property
    def imports(self) -> bool:
        """Whether old mail is still to be taken in silently."""
        return self.import_since is not None and self.import_ended_at is None


class LostLease(RuntimeError):
    """Somebody else fetches this mailbox now, or it was paused or removed: this one must let it be."""


def claim(number: int, now: datetime) -> Mailbox | None:
    """Lease a mailbox for this worker alone; None when it is paused, gone, not to be tried yet, or another's."""
    token = secrets.token_hex(16)
    free = Q(leased_until__isnull=True) | Q(leased_until__lte=now)
    due = Q(next_try_at__isnull=True) | Q(next_try_at__lte=now)
    found = Mailbox.objects.filter(free, due, pk=number, paused=False)
    if not found.update(leased_by=token, leased_until=now + LEASE):
        return None
    return Mailbox.objects.get(pk=number)


def claimable(now: datetime) -> list[int]:
    """The mailboxes that nobody fetches and somebody should."""
    free = Q(leased_until__isnull=True) | Q(leased_until__lte=now)
    due = Q(next_try_at__isnull=True) | Q(next_try_at__lte=now)
    return list(Mailbox.objects.filter(free, due, paused=False).order_by("pk").values_list("pk", flat=True))


def write(mailbox: Mailbox, now: datetime, **state: Any) -> None:
    """Write the state of a leased mailbox, and renew the lease. Raises LostLease."""
    mailbox.leased_until = now + LEASE
    for name, value in state.items():
        setattr(mailbox, name, value)
    held = Mailbox.objects.filter(pk=mailbox.pk, leased_by=mailbox.leased_by, paused=False)
    if not held.update(leased_until=mailbox.leased_until, **state):
        raise LostLease(f"The mailbox {mailbox.name} is not this worker's any more.")


def release(mailbox: Mailbox, **state: Any) -> None:
    """Give a mailbox back, if it is still leased."""
    held = Mailbox.objects.filter(pk=mailbox.pk, leased_by=mailbox.leased_by)
    held.update(leased_by="", leased_until=None, **state)


def page(after: str, most: int) -> list[Mailbox]:
    """The next mailboxes by name, from the first one that comes after a name."""
    return list(Mailbox.objects.filter(name__gt=after).order_by("name")[:most])


def pause(number: int) -> bool:
    """Leave a mailbox alone until it is resumed; whether it was not paused yet."""
    return bool(Mailbox.objects.filter(pk=number, paused=False).update(paused=True, leased_by="", leased_until=None))


def resume(number: int, now: datetime) -> bool:
    """Fetch a paused mailbox again, and what came to it meanwhile; whether it was paused."""
    state = {"paused": False, "resumed_at": now, "next_try_at": None}
    return bool(Mailbox.objects.filter(pk=number, paused=True).update(**state))


def sign_in_again(box: Mailbox, secret: str, ends_at: datetime | None) -> int:
    """Put a new sealed secret in the place of the old one, for every folder of its account; how many those are.

    The lease is taken away: whoever fetches with the old secret must not write that back, and begins anew.
    """
    account = Mailbox.objects.filter(host=box.host, port=box.port, user=box.user, method=box.method)
    return account.update(
        secret=secret,
        sign_in_ends_at=ends_at,
        sign_in_refused="",
        sign_in_told=0,
        next_try_at=None,
        failures=0,
        leased_by="",
        leased_until=None,
    )


def stop_import(number: int, now: datetime) -> bool:
    """End a silent import where it stands; whether there was one."""
    going = Mailbox.objects.filter(pk=number, import_since__isnull=False, import_ended_at__isnull=True)
    return bool(going.update(import_ended_at=now))
