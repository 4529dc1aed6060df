"""The SMTP receiver (RFC 5321): a mail is answered 250 only once it is stored for good (SOP 1.1, 1.2)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import Executor
from datetime import datetime
from functools import partial
from ipaddress import IPv4Address, IPv6Network, ip_address
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session
from django.db import close_old_connections

from forthwith.channels.email import intake

LARGEST_MAIL = 35 * 1024 * 1024
MOST_CONNECTIONS = 50
MOST_PER_PEER = 10
MOST_RECIPIENTS = 100
SILENCE_S = 120
FIRST_WORD_S = 30

TRY_AGAIN = "451 4.3.0 The mail could not be stored. Please try again later."

_log = logging.getLogger(__name__)


class Receiver:
    """Takes mail for one desk. Each connection gets a protocol of its own; storing is done by `pool`."""

    def __init__(self, desk: str, *, clock: Callable[[], datetime], pool: Executor) -> None:
        self.desk = desk
        self.clock = clock
        self.pool = pool
        self.storing = 0
        self.connections: dict[asyncio.BaseProtocol, str] = {}

    def protocol(self) -> asyncio.BaseProtocol:
        """A server for one connection, which gives way to `_Busy` when there are too many."""
        return _Connection(self)

    def has_room(self, group: str) -> bool:
        """Whether one more connection fits in, and one more of this `peer_group`."""
        if len(self.connections) >= MOST_CONNECTIONS:
            return False
        return not group or sum(other == group for other in self.connections.values()) < MOST_PER_PEER

    async def handle_RCPT(  # noqa: N802 (aiosmtpd's name)
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Only mail for the desk's own address, with or without a tag, is taken: this is no relay."""
        if not is_desk(address, self.desk):
            return f"550 5.1.1 No such mailbox here: {_shown(address)}. This desk receives mail for {self.desk}."
        if len(envelope.rcpt_tos) >= MOST_RECIPIENTS:
            return "452 4.5.3 Too many recipients."
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Store the mail off the event loop. A sender that is told 451 tries again, and no mail is lost."""
        body = bytes(envelope.original_content or b"")
        self.storing += 1
        try:
            sender = envelope.mail_from or intake.NULL_SENDER
            store = partial(self._store, body, sender, list(envelope.rcpt_tos))
            return await asyncio.get_running_loop().run_in_executor(self.pool, store)
        finally:
            self.storing -= 1

    async def handle_exception(self, error: Exception) -> str:
        """Whatever goes wrong in a session is the desk's fault, not the sender's."""
        _log.error("An SMTP session failed", exc_info=error)
        return TRY_AGAIN

    def _store(self, body: bytes, sender: str, recipients: list[str]) -> str:
        try:
            close_old_connections()
            receipt = intake.receive_mail(body, sender=sender, recipients=recipients, now=self.clock())
        except Exception:  # the sender must be told, whatever it was
            _log.exception("A mail of %d bytes could not be stored", len(body))
            return TRY_AGAIN
        return f"250 2.0.0 Stored ({receipt.outcome})"


class _Connection(SMTP):
    """One session. Lines longer than RFC 5321 allows are common in the wild, and are taken."""

    line_length_limit = 1 << 20

    def __init__(self, receiver: Receiver) -> None:
        super().__init__(
            receiver,
            data_size_limit=LARGEST_MAIL,
            enable_SMTPUTF8=True,
            decode_data=False,
            hostname=receiver.desk.rpartition("@")[2],
            ident="Forthwith",
            timeout=SILENCE_S,
        )
        self._receiver = receiver

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        peer = transport.get_extra_info("peername")
        group = peer_group(str(peer[0]) if peer else "")
        if not self._receiver.has_room(group):
            busy = _Busy()
            transport.set_protocol(busy)
            busy.connection_made(transport)
            return
        self._receiver.connections[self] = group
        super().connection_made(transport)
        # The first command that is understood begins the longer silence.
        self._reset_timeout(FIRST_WORD_S)

    def connection_lost(self, error: Exception | None) -> None:
        self._receiver.connections.pop(self, None)
        super().connection_lost(error)


class _Busy(asyncio.Protocol):
    """Says that there are too many connections, and hangs up."""

    def connection_made(self, transport: Any) -> None:
        transport.write(b"421 4.3.2 Too many connections. Please try again later.\r\n")
        transport.close()


def peer_group(address: str) -> str:
    """Whose connections are counted together: an IPv4 address, or the /64 that one IPv6 host usually has for itself.

    Empty for this machine, where a mail server in front hands over the mail of everybody.
    """
    try:
        found = ip_address(address)
    except ValueError:
        return ""
    found = getattr(found, "ipv4_mapped", None) or found
    if found.is_loopback:
        return ""
    return str(found) if isinstance(found, IPv4Address) else str(IPv6Network((int(found) >> 64 << 64, 64)))


def is_desk(address: str, desk: str) -> bool:
    """Whether an address is the desk's, in any case of letters, with or without a `+tag`."""
    local, _, domain = address.lower().rpartition("@")
    desk_local, _, desk_domain = desk.lower().rpartition("@")
    return domain == desk_domain and local.partition("+")[0] == desk_local


def _shown(address: str) -> str:
    return "".join(c if c.isascii() and c.isprintable() else "?" for c in address[:100])
