"""The tests' own view of a real IMAP server, and a wire to it that can be cut."""

from __future__ import annotations

import os
import secrets
import select
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from imapclient import IMAPClient

VARIABLE = "FORTHWITH_TEST_IMAP"
NO_SERVER = f"no IMAP server in {VARIABLE}; `make test` provides one"


@dataclass
class Server:
    """Where it listens; every user is let in with the password, and has folders of their own."""

    host: str
    port: int
    imaps: int
    ca: str
    password: str

    @classmethod
    def given(cls) -> Server:
        url = os.environ.get(VARIABLE)
        if not url:
            pytest.skip(NO_SERVER)
        parts = urlsplit(url)
        more = {key: values[0] for key, values in parse_qs(parts.query).items()}
        return cls(parts.hostname or "", parts.port or 143, int(more["imaps"]), more["ca"], more["password"])

    def someone(self) -> str:
        return f"user-{secrets.token_hex(6)}"

    @contextmanager
    def as_user(self, user: str) -> Iterator[Any]:
        context = ssl.create_default_context(cafile=self.ca)
        client = IMAPClient(self.host, self.imaps, ssl_context=context, timeout=10)
        client.login(user, self.password)
        try:
            yield client
        finally:
            with suppress(Exception):
                client.logout()

    def put(self, user: str, *mails: bytes, folder: str = "INBOX", at: datetime | None = None) -> None:
        with self.as_user(user) as client:
            for raw in mails:
                client.append(folder, raw, msg_time=at)

    def flags(self, user: str, folder: str = "INBOX") -> list[tuple[bytes, ...]]:
        with self.as_user(user) as client:
            client.select_folder(folder, readonly=True)
            found = client.get_flags(client.search())
            return [tuple(flag for flag in found[uid] if flag != rb"\Recent") for uid in sorted(found)]


class Wire:
    """A way to the server that passes bytes on until it is cut; cut, it refuses to be used."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self.up = True
        self.accepted = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                here, _ = self._socket.accept()
                if not self.up:
                    here.close()
                    continue
                self.accepted += 1
                there = socket.create_connection((self.server.host, self.server.port))
                self._pairs.append((here, there))
                threading.Thread(target=_pass_on, args=(here, there), daemon=True).start()

    def cut(self) -> None:
        self.up = False
        for pair in self._pairs:
            for end in pair:
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)

    def mend(self) -> None:
        self.up = True

    def close(self) -> None:
        self.cut()
        self._socket.close()


def _pass_on(here: socket.socket, there: socket.socket) -> None:
    other = {here: there, there: here}
    with suppress(OSError), here, there:
        while True:
            for end in select.select([here, there], [], [])[0]:
                if not (said := end.recv(65536)):
                    return
                other[end].sendall(said)


def soon(true: Callable[[], Any], seconds: float = 20.0) -> Any:
    """What a condition says once it holds."""
    until = time.monotonic() + seconds
    while not (found := true()):
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.03)
    return found
