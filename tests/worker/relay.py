"""A relay to send to: an SMTP server on a free port of this machine that answers as it is told."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult


@dataclass
class Relay:
    """What came in, and what is answered to RCPT and DATA (the last answer is repeated)."""

    host: str = "127.0.0.1"
    port: int = 0
    user: str = ""
    password: str = ""
    tls: str = "none"
    rcpt: list[str] = field(default_factory=lambda: ["250 OK"])
    data: list[str] = field(default_factory=lambda: ["250 2.0.0 taken"])
    slow: threading.Event | None = None
    asks_for: tuple[str, str] | None = None
    taken: list[tuple[str, str, EmailMessage]] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    connections: int = 0

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        answer = self.rcpt.pop(0) if len(self.rcpt) > 1 else self.rcpt[0]
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        if answer.startswith("421"):
            # RFC 5321 3.8: with this answer the server hangs up.
            asyncio.get_running_loop().call_soon(server.transport.close)
        return answer

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.slow is not None:
            await asyncio.to_thread(self.slow.wait, 20)
        answer = self.data.pop(0) if len(self.data) > 1 else self.data[0]
        if answer == "hang up":
            server.transport.abort()
            return "421 bye"
        if answer.startswith("250"):
            mail = message_from_bytes(envelope.original_content, _class=EmailMessage, policy=policy.default)
            self.taken.append((envelope.mail_from, envelope.rcpt_tos[0], mail))
            self.raw.append(envelope.original_content)
        return answer

    def protocol(self) -> SMTP:
        self.connections += 1
        with warnings.catch_warnings():
            # That this relay asks for a password without TLS is meant.
            warnings.simplefilter("ignore")
            return SMTP(
                self,
                hostname="relay.test",
                enable_SMTPUTF8=True,
                auth_required=self.asks_for is not None,
                auth_require_tls=False,
                authenticator=self._signed_in,
            )

    def _signed_in(self, server: Any, session: Any, envelope: Any, mechanism: str, shown: Any) -> AuthResult:
        right = self.asks_for is not None and (shown.login, shown.password) == tuple(s.encode() for s in self.asks_for)
        return AuthResult(success=right, handled=False)


@contextlib.contextmanager
def running(relay: Relay) -> Iterator[Relay]:
    """The relay, listening on a free port while the block runs."""
    listening = socket.create_server((relay.host, 0))
    relay.port = listening.getsockname()[1]
    loop = asyncio.new_event_loop()
    started = threading.Event()

    async def serve() -> None:
        await loop.create_server(relay.protocol, sock=listening)
        started.set()

    def run() -> None:
        starting = loop.create_task(serve())
        loop.run_forever()
        assert starting.done()
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0.01))
        loop.close()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert started.wait(10)
    try:
        yield relay
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        listening.close()
