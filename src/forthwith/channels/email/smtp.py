"""The mail receiver: SMTP (RFC 5321), and LMTP (RFC 2033) for a mail server in front.

A mail is answered 250 only once it is stored for good (SOP 1.1, 1.2).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import Executor
from datetime import datetime
from functools import partial

from aiosmtpd.smtp import SMTP, Envelope, Session
from django.db import close_old_connections

from forthwith.channels.email import intake, ours
from forthwith.channels.email.certificate import Certificate
from forthwith.channels.email.limits import MIB, Limits, Shares
from forthwith.channels.email.session import Connection, LmtpConnection
from forthwith.record.files import HELD, Spool
from forthwith.steps.receive import Hop

TRY_AGAIN = "451 4.3.0 The mail could not be stored. Please try again later."
LARGE = 8 * MIB
TEAMS_KEPT_S = 5.0
"""How long a change of a team's address may take to be known to the receiver."""

_log = logging.getLogger(__name__)


class Receiver:
    """Takes mail for one desk. Each connection gets a protocol of its own; storing is done by `pool`.

    Made, and used, on one running event loop.
    """

    def __init__(
        self,
        desk: str,
        *,
        clock: Callable[[], datetime],
        pool: Executor,
        limits: Limits | None = None,
        certificate: Certificate | None = None,
        checks: bool = False,
    ) -> None:
        self.desk = desk
        self.hostname = desk.rpartition("@")[2]
        self.clock = clock
        self.pool = pool
        self.limits = limits or Limits()
        self.certificate = certificate
        self.shares = Shares(self.limits, asyncio.get_running_loop().time)
        self.checks = checks
        self.storing = 0
        self._known_teams: ours.Teams = {}
        self._teams_until = 0.0
        # Understanding a mail takes several times its size: large ones go one after the other.
        self._one_large = asyncio.Semaphore(1)

    def protocol(self) -> asyncio.BaseProtocol:
        """A server for one SMTP connection, which hangs up when there are too many."""
        return Connection(self)

    def lmtp_protocol(self) -> asyncio.BaseProtocol:
        """A server for one LMTP connection of the mail server in front."""
        return LmtpConnection(self)

    async def handle_EHLO(  # noqa: N802 (aiosmtpd's name)
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, answers: list[str]
    ) -> list[str]:
        """Say that commands may be sent in one go (RFC 2920), which LMTP asks of every server (RFC 2033 5)."""
        session.host_name = hostname
        return [*answers[:-1], "250-PIPELINING", *answers[-1:]]

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """A mail begins, unless its peer sends too many or there is no memory for it now."""
        # What is larger goes to the disk as it comes.
        if not self.shares.fits(min(_announced(options), HELD)):
            return "452 4.3.1 Too much mail is being received at the moment. Please try again later."
        if not self.shares.may_begin(server):
            most = self.limits.mails_a_minute
            return f"451 4.7.1 More than {most} mails a minute from your address. Please try again in a minute."
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Only mail for the desk's own addresses and its teams', with or without a tag, is taken: this is no relay."""
        if not await self._takes(address):
            return f"550 5.1.1 No such mailbox here: {_shown(address)}. This desk receives mail for {self.desk}."
        if len(envelope.rcpt_tos) >= self.limits.recipients:
            return "452 4.5.3 Too many recipients."
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 OK"

    async def _takes(self, address: str) -> bool:
        if ours.is_desk(address, self.desk) or ours.is_role(address, self.desk):
            return True
        return ours.team_of([address], await self._teams()) is not None

    async def _teams(self) -> ours.Teams:
        """The teams' addresses, asked for at most once in some seconds: strangers may name any number of others."""
        now = asyncio.get_running_loop().time()
        if now >= self._teams_until:
            self._teams_until = now + TEAMS_KEPT_S
            self._known_teams = await asyncio.get_running_loop().run_in_executor(self.pool, _teams_now)
        return self._known_teams

    async def store(self, mail: Spool, envelope: Envelope, hop: Hop | None = None) -> str:
        """Store a mail off the event loop. A sender that is told 451 tries again, and no mail is lost."""
        self.storing += 1
        try:
            sender = envelope.mail_from or intake.NULL_SENDER
            work = partial(self._store, mail, sender, list(envelope.rcpt_tos), hop if self.checks else None)
            if mail.size < LARGE:
                return await asyncio.get_running_loop().run_in_executor(self.pool, work)
            async with self._one_large:
                return await asyncio.get_running_loop().run_in_executor(self.pool, work)
        finally:
            self.storing -= 1

    async def handle_exception(self, error: Exception) -> str:
        """Whatever goes wrong in a session is the desk's fault, not the sender's."""
        _log.error("A mail session failed", exc_info=error)
        return TRY_AGAIN

    def _store(self, mail: Spool, sender: str, recipients: list[str], hop: Hop | None) -> str:
        try:
            close_old_connections()
            now = self.clock()
            receipt = intake.receive_mail(mail, sender=sender, recipients=recipients, now=now, hop=hop)
        except Exception:  # the sender must be told, whatever it was
            _log.exception("A mail of %d bytes could not be stored", mail.size)
            return TRY_AGAIN
        return f"250 2.0.0 Stored ({receipt.outcome})"


def _teams_now() -> ours.Teams:
    close_old_connections()
    return ours.teams()


def _announced(options: list[str]) -> int:
    """The size that a sender gives with MAIL (RFC 1870), 0 when it does not."""
    sizes = [value for name, _, value in (option.partition("=") for option in options) if name.upper() == "SIZE"]
    return int(sizes[0][:12]) if sizes and sizes[0].isascii() and sizes[0].isdigit() else 0


def _shown(address: str) -> str:
    return "".join(c if c.isascii() and c.isprintable() else "?" for c in address[:100])
