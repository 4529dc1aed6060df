"""One connection of the receiver: its greeting, its limits, STARTTLS, and the reading of a mail within bounds."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any, Protocol

from aiosmtpd.smtp import SMTP, Envelope, syntax

from forthwith.channels.email.certificate import Certificate
from forthwith.channels.email.limits import Limits, Shares, peer_group
from forthwith.record.files import Spool
from forthwith.steps.receive import Hop

_AT_ONCE = 64 * 1024
_EMPTY = b".\r\n"
_END = b"\r\n.\r\n"
# Commands that do not bring a mail nearer, and are only ever needed a few times in a connection.
_FEW = {"NOOP": 30, "VRFY": 20, "HELP": 20, "HELO": 20, "EHLO": 20, "LHLO": 20, "STARTTLS": 2, "AUTH": 3}
_UNBOUNDED = 1 << 30
_LAST_WORD_S = 5

TOO_LARGE = "552 5.3.4 The mail is larger than the {} bytes that are taken here."
NO_ROOM = "452 4.3.1 There is no room on the disk for the mail at present. Please try again later."
TOO_MUCH = "452 4.3.1 Too much mail is being received at the moment. Please try again later."


class Taker(Protocol):
    """What a connection needs of the receiver."""

    hostname: str
    limits: Limits
    shares: Shares
    certificate: Certificate | None

    async def store(self, mail: Spool, envelope: Envelope, hop: Hop | None = None) -> str:
        """Store a mail and give the answer to its sender."""


class Connection(SMTP):
    """One SMTP session. Lines longer than RFC 5321 allows are common in the wild, and are taken."""

    # Also how much is read ahead of what is understood.
    line_length_limit = _AT_ONCE

    def __init__(self, receiver: Taker) -> None:
        super().__init__(
            receiver,
            data_size_limit=receiver.limits.largest,
            enable_SMTPUTF8=True,
            decode_data=False,
            hostname=receiver.hostname,
            ident="Forthwith",
            timeout=receiver.limits.silence_s,
            tls_context=receiver.certificate.context() if receiver.certificate else None,
            command_call_limit={**_FEW, "*": _UNBOUNDED},
        )
        self._receiver = receiver
        self._idle: asyncio.TimerHandle | None = None
        self._too_slow: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin, if there is room for one more."""
        peer = transport.get_extra_info("peername")
        if not self._receiver.shares.enter(self, self.group_of(str(peer[0]) if peer else "")):
            busy = _Busy()
            transport.set_protocol(busy)
            busy.connection_made(transport)
            return
        super().connection_made(transport)
        self._watch_idle()
        # The first command that is understood begins the longer silence.
        self._reset_timeout(self._receiver.limits.first_word_s)

    def connection_lost(self, error: Exception | None) -> None:
        """Give the place back."""
        self._receiver.shares.leave(self)
        for timer in (self._idle, self._too_slow):
            if timer is not None:
                timer.cancel()
        super().connection_lost(error)

    def group_of(self, address: str) -> str:
        """Whose connections and mails count with this one's; empty for one that is not counted by peer."""
        return peer_group(address)

    def _hop(self) -> Hop | None:
        """Who hands over the mail."""
        if self.session is None or not self.session.peer:
            return None
        return Hop(str(self.session.peer[0]), str(self.session.host_name or ""))

    @syntax("STARTTLS", when="tls_context")
    async def smtp_STARTTLS(self, arg: str) -> None:  # noqa: N802 (aiosmtpd's name)
        """Go on encrypted (RFC 3207); what was said before, or sent along with the command, counts for nothing."""
        if arg:
            await self.push("501 5.5.4 Syntax: STARTTLS")
            return
        if self.tls_context is None:
            await self.push("454 4.7.0 TLS is not available")
            return
        await self.push("220 2.0.0 Ready to start TLS")
        pending: bytearray = self._reader._buffer  # type: ignore[attr-defined]
        pending.clear()
        self._reset_timeout(self._receiver.limits.first_word_s)
        try:
            await self._writer.start_tls(self.tls_context)
        except OSError as error:  # no handshake, no conversation; asyncio does not always tell the protocol
            self._hang_up()
            self.connection_lost(error)
            return
        self.transport = self._writer.transport
        # Only newer releases of asyncio tell the reader, which pauses the sender through it.
        self._reader._transport = self.transport  # type: ignore[attr-defined]
        self._begin_anew()

    def _begin_anew(self) -> None:
        peer = self.session.peer if self.session else None
        self.envelope = self._create_envelope()
        self.session = self._create_session()
        self.session.peer = peer
        self.session.ssl = self._writer.transport.get_extra_info("ssl_object")
        # There is nothing more to offer.
        self.tls_context = None

    @syntax("DATA")
    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        """Read a mail, keeping no more of it than is allowed, and answer for it."""
        if await self.check_helo_needed():
            return
        envelope = self.envelope
        if envelope is None or not envelope.rcpt_tos:
            await self.push("503 5.5.1 Error: need RCPT command")
            return
        if arg:
            await self.push("501 5.5.4 Syntax: DATA")
            return
        await self.push("354 End data with <CR><LF>.<CR><LF>")
        self._rest()
        self._too_slow = self.loop.call_later(self._receiver.limits.data_s, self._hang_up)
        reading = _Reading(self._receiver.limits.largest, self._receiver.shares)
        try:
            await self._read(reading)
            self._too_slow.cancel()
            self._reset_timeout(self._receiver.limits.data_s)
            answer = reading.refusal or await self._receiver.store(reading.spool, envelope, self._hop())
        finally:
            reading.forget()
        self.envelope = self._create_envelope()
        self._watch_idle()
        self._reset_timeout()
        await self._answer(answer, len(envelope.rcpt_tos))

    async def _answer(self, answer: str, recipients: int) -> None:
        await self.push(answer)

    async def _read(self, reading: _Reading) -> None:
        """Feed until the dot. The end is looked for in the stream: a line may be of any length, and so may a mail."""
        while not reading.ended:
            self._reset_timeout()
            try:
                piece = await self._reader.readuntil(_EMPTY)
            except asyncio.LimitOverrunError as long:
                piece = await self._reader.readexactly(long.consumed)
            reading.feed(piece)

    def _rest(self) -> None:
        if self._idle is not None:
            self._idle.cancel()

    def _watch_idle(self) -> None:
        self._rest()
        self._idle = self.loop.call_later(self._receiver.limits.idle_s, self._idled)

    def _idled(self) -> None:
        if self.transport is not None:
            with suppress(OSError):
                self._writer.write(b"421 4.4.2 No mail came for too long. Goodbye.\r\n")
        self._hang_up()

    def _timeout_cb(self) -> None:
        self._hang_up()

    def _hang_up(self) -> None:
        """Close, also on somebody who does not read what is still to be said."""
        closing = self.transport
        if isinstance(closing, asyncio.WriteTransport):
            closing.close()
            self.loop.call_later(_LAST_WORD_S, closing.abort)


class LmtpConnection(Connection):
    """One LMTP session (RFC 2033) of a mail server in front: an answer for each recipient, and no limit by peer."""

    def group_of(self, address: str) -> str:
        """One server hands over the mail of everybody."""
        return ""

    def _hop(self) -> None:
        """The server in front is not the sender."""

    @syntax("LHLO hostname")
    async def smtp_LHLO(self, hostname: str) -> None:  # noqa: N802
        """The greeting of LMTP."""
        await super().smtp_EHLO(hostname)

    async def smtp_HELO(self, hostname: str) -> None:  # noqa: N802
        """No greeting of LMTP (RFC 2033 4.1)."""
        await self.push("500 5.5.1 This is LMTP: greet with LHLO")

    async def smtp_EHLO(self, hostname: str) -> None:  # noqa: N802
        """No greeting of LMTP (RFC 2033 4.1)."""
        await self.push("500 5.5.1 This is LMTP: greet with LHLO")

    async def check_helo_needed(self, helo: str = "LHLO") -> bool:
        """Whether the greeting is still missing, which the client is then told."""
        return bool(await super().check_helo_needed("LHLO"))

    async def _answer(self, answer: str, recipients: int) -> None:
        for _ in range(recipients):
            await self.push(answer)


class _Reading:
    """One mail as it comes: put aside while there is room for it, read to its end and dropped when there is not.

    What is put aside lacks the dot that ends the mail, and those that were put before others (RFC 5321 4.5.2).
    """

    def __init__(self, largest: int, shares: Shares) -> None:
        self.refusal = ""
        self.ended = False
        self.spool = Spool()
        self._largest = largest
        self._shares = shares
        self._came = 0
        self._held = 0
        # What may still be part of the end, or of a line break before a dot.
        self._tail = bytearray()
        self._begins_line = True

    def feed(self, piece: bytes) -> None:
        """Take the next piece; a piece ends at the latest with the dot that ends the mail."""
        self._tail += piece
        self._came += len(piece)
        self._take(len(piece))
        self.ended = self._tail.endswith(_END) or (self._came == len(_EMPTY) and self._tail == _EMPTY)
        if self.ended:
            del self._tail[-len(_EMPTY) :]
        keep = 0 if self.ended else len(_END) - 1
        cut = max(0, len(self._tail) - keep)
        while not self.ended and cut and self._tail[cut - 1] == ord("\r"):
            cut -= 1
        if cut:
            self._put_aside(bytes(self._tail[:cut]))
            del self._tail[:cut]

    def _put_aside(self, piece: bytes) -> None:
        if self.refusal:
            return
        undotted = piece[1:] if self._begins_line and piece.startswith(b".") else piece
        self._begins_line = piece.endswith(b"\r\n")
        try:
            self.spool.write(undotted.replace(b"\r\n.", b"\r\n"))
        except OSError:
            self._refuse(NO_ROOM)

    def _take(self, size: int) -> None:
        if self.refusal:
            return
        if self._came > self._largest + len(_EMPTY):
            self._refuse(TOO_LARGE.format(self._largest))
        elif self.spool.on_disk:
            self._release()
        elif not self._shares.hold(size):
            self._refuse(TOO_MUCH)
        else:
            self._held += size

    def forget(self) -> None:
        """Give back what was taken, the mail being stored or refused."""
        self.spool.discard()
        self._release()

    def _release(self) -> None:
        self._shares.release(self._held)
        self._held = 0

    def _refuse(self, words: str) -> None:
        self.forget()
        self.refusal = words


class _Busy(asyncio.Protocol):
    """Says that there are too many connections, and hangs up."""

    def connection_made(self, transport: Any) -> None:
        transport.write(b"421 4.3.2 Too many connections. Please try again later.\r\n")
        transport.close()
