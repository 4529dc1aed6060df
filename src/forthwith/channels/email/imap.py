"""A session with an IMAP server (RFC 9051, RFC 3501), and what can go wrong with it, in words."""

from __future__ import annotations

import logging
import re
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.header import decode_header, make_header
from types import TracebackType
from typing import Any, Self

from imapclient import IMAPClient
from imapclient.exceptions import CapabilityError, IMAPClientAbortError, IMAPClientError, LoginError

from forthwith.procedure.said import say
from forthwith.record.mailboxes import Mailbox

TIMEOUT_S = 30.0
AT_ONCE = 50
MOST_FOLDERS = 200
LARGEST_HEADER = 65_536
_WINDOW = 20_000
_CODE = re.compile(r"^\[[A-Z0-9-]{1,40}\] ?")
_CLOSED = {rb"\noselect", rb"\nonexistent"}

# It would write what it sends, which at times is a token.
logging.getLogger("imapclient").setLevel(logging.WARNING)


class Broken(Exception):
    """The mailbox cannot be used now; the text is a sentence that says why.

    `about` is what of its settings to look at: `host`, `port`, `security`, `secret` or `folder`.
    """

    def __init__(self, words: str, *, about: str = "host") -> None:
        super().__init__(words)
        self.about = about

    @property
    def refused(self) -> bool:
        """Whether it was the sign-in that failed."""
        return self.about == "secret"


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder that can be fetched; `mails` None where it was not counted."""

    name: str
    mails: int | None


@dataclass(frozen=True, slots=True)
class Found:
    """What a look at a mailbox shows before it is connected. `newest` is a subject, of the folder that was opened."""

    folders: tuple[Folder, ...]
    mails: int
    newest: str
    idles: bool
    moves: bool


class Session:
    """A signed-in connection with one folder selected. Everything that fails raises Broken, or OSError."""

    def __init__(self, mailbox: Mailbox, secret: str, *, timeout_s: float = TIMEOUT_S) -> None:
        self.mailbox = mailbox
        self.timeout_s = timeout_s
        self.uidvalidity = 0
        self.uidnext = 1
        self.mails = 0
        self.client = self._reached()
        try:
            self._sign_in(secret)
            self.client.capabilities()
            self.select()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _reached(self) -> Any:
        """A connection. What somebody says who speaks no IMAP is not repeated: it may be anybody inside a network."""
        at = _at(self.mailbox)
        try:
            return self._connected()
        except ssl.SSLCertVerificationError as error:
            words = say("The mail server %(server)s cannot be trusted: %(why)s.", server=at, why=reason(error))
            raise Broken(words, about="security") from error
        except (ssl.SSLError, CapabilityError) as error:
            words = say(
                "The mail server %(server)s does not offer this kind of encryption: "
                "TLS is mostly at port 993, STARTTLS at port 143.",
                server=at,
            )
            raise Broken(words, about="security") from error
        except TimeoutError as error:
            words = say(
                "The mail server %(server)s did not answer within %(seconds)s seconds: "
                "look at host, port and encryption.",
                server=at,
                seconds=f"{self.timeout_s:.0f}",
            )
            raise Broken(words) from error
        except (OSError, UnicodeError) as error:
            about = "port" if isinstance(error, ConnectionRefusedError) else "host"
            words = say("The mail server %(server)s cannot be reached: %(why)s.", server=at, why=reason(error))
            raise Broken(words, about=about) from error
        except IMAPClientError as error:
            if str(error).endswith("EOF"):
                raise Broken(say("The mail server %(server)s hung up before it had greeted.", server=at)) from error
            raise Broken(say("What answers at %(server)s is no IMAP server.", server=at)) from error

    def _connected(self) -> Any:
        box, context = self.mailbox, ssl.create_default_context()
        tls = box.security == Mailbox.TLS
        client = IMAPClient(box.host, box.port, ssl=tls, ssl_context=context if tls else None, timeout=self.timeout_s)
        client.normalise_times = False
        if box.security == Mailbox.STARTTLS:
            try:
                client.starttls(context)
            except BaseException:
                # A handshake that failed has closed it already, mostly.
                with suppress(OSError):
                    client.shutdown()
                raise
        return client

    def _sign_in(self, secret: str) -> None:
        box = self.mailbox
        try:
            if box.method == Mailbox.XOAUTH2:
                self.client.oauth2_login(box.user, secret)
            elif box.user.isascii() and secret.isascii():
                self.client.login(box.user, secret)
            else:
                # LOGIN has no letters beside those of ASCII; PLAIN has all of them (RFC 4616).
                self.client.sasl_login("PLAIN", lambda _: f"\0{box.user}\0{secret}".encode())
        except LoginError as error:
            words = say(
                "The mail server %(server)s refused the sign-in of %(user)s: %(why)s.",
                server=_at(box),
                user=box.user,
                why=reason(error),
            )
            raise Broken(words, about="secret") from error
        except (OSError, IMAPClientError) as error:
            why = reason(error)
            words = say("The mail server %(server)s broke off the sign-in: %(why)s.", server=_at(box), why=why)
            raise Broken(words) from error

    def select(self) -> None:
        """Open the folder, or open it again to learn where it ends."""
        try:
            said = self.client.select_folder(self.mailbox.folder)
        except IMAPClientError as error:
            words = say(
                "The folder %(folder)s of %(user)s cannot be opened: %(why)s.",
                folder=self.mailbox.folder,
                user=self.mailbox.user,
                why=reason(error),
            )
            raise Broken(words, about="folder") from error
        self.uidvalidity = int(said[b"UIDVALIDITY"])
        self.mails = int(said.get(b"EXISTS", 0))
        self.uidnext = int(said.get(b"UIDNEXT") or self._beyond_last())

    def _beyond_last(self) -> int:
        """Where the folder ends, of a server that does not say (RFC 3501 7.1 lets it)."""
        return max(self.client.search(["UID", "*"]), default=0) + 1

    def uids(self, first: int, below: int, since: datetime | None = None) -> Iterator[int]:
        """The mails with UIDs in [first, below), that came since a day if said; asked for piece by piece."""
        for start in range(first, below, _WINDOW):
            criteria: list[Any] = ["UID", f"{start}:{min(start + _WINDOW, below) - 1}"]
            if since is not None:
                criteria += ["SINCE", since.astimezone(UTC).date()]
            # A range that begins beyond the last mail names the last one (RFC 3501 6.4.8).
            yield from sorted(uid for uid in self.client.search(criteria) if first <= uid < below)

    def sizes(self, uids: list[int]) -> dict[int, tuple[int, datetime]]:
        """Size in octets and time of arrival of those mails that are still there."""
        said = self.client.fetch(uids, ["RFC822.SIZE", "INTERNALDATE"])
        return {uid: (int(of[b"RFC822.SIZE"]), of[b"INTERNALDATE"]) for uid, of in said.items() if b"RFC822.SIZE" in of}

    def body(self, uid: int) -> bytes | None:
        """A whole mail, unmarked; None when it is gone."""
        return self._part(uid, "BODY.PEEK[]", b"BODY[]")

    def header(self, uid: int) -> bytes:
        """The beginning of a mail's header."""
        return self._part(uid, f"BODY.PEEK[HEADER]<0.{LARGEST_HEADER}>", b"BODY[HEADER]<0>") or b""

    def _part(self, uid: int, asked: str, key: bytes) -> bytes | None:
        said = self.client.fetch([uid], [asked]).get(uid, {})
        part = said.get(key)
        return bytes(part) if part is not None else None

    def put_away(self, uids: list[int]) -> None:
        """Do with mails that are stored what was chosen for them. Raises IMAPClientError."""
        box = self.mailbox
        self.client.add_flags(uids, [rb"\Seen"], silent=True)
        if box.afterwards == Mailbox.MOVE:
            self._move(uids, box.move_to)
        elif box.afterwards == Mailbox.DELETE:
            self._delete(uids)

    def _move(self, uids: list[int], folder: str) -> None:
        if not self.client.folder_exists(folder):
            self.client.create_folder(folder)
        if self.client.has_capability("MOVE"):
            self.client.move(uids, folder)
        else:
            self.client.copy(uids, folder)
            self._delete(uids)

    def _delete(self, uids: list[int]) -> None:
        """Without UIDPLUS they stay, marked: a plain EXPUNGE would also take what somebody else has marked."""
        self.client.add_flags(uids, [rb"\Deleted"], silent=True)
        if self.client.has_capability("UIDPLUS"):
            self.client.uid_expunge(uids)

    @property
    def idles(self) -> bool:
        """Whether the server tells of new mail by itself (RFC 2177)."""
        return bool(self.client.has_capability("IDLE"))

    def idle(self) -> bool:
        """Begin to be told of new mail; whether something was told at once.

        What comes in one piece with the server's consent lies in imaplib's buffer, where no poll of the socket sees it:
        a mail that came at that moment would wait until the next one does.
        """
        self.client.idle()
        connection = self.client.socket()
        connection.setblocking(False)
        try:
            return bool(self.client._imap.file.peek(1))
        except OSError:
            return False
        finally:
            connection.settimeout(self.timeout_s)

    def found(self, count_s: float) -> Found:
        """What there is, for somebody who is about to connect it. Folders are counted for so many seconds at most."""
        newest, until = self._newest(), time.monotonic() + count_s
        folders: list[Folder] = []
        for flags, _, name in self.client.list_folders():
            if len(folders) < MOST_FOLDERS and not any(flag.lower() in _CLOSED for flag in flags):
                mails = self._count(str(name)) if time.monotonic() < until else None
                folders.append(Folder(str(name), mails))
        return Found(tuple(folders), self.mails, newest, self.idles, bool(self.client.has_capability("MOVE")))

    def _count(self, folder: str) -> int | None:
        if folder == self.mailbox.folder:
            return self.mails
        try:
            return int(self.client.folder_status(folder, ["MESSAGES"])[b"MESSAGES"])
        except IMAPClientAbortError:
            raise
        except (IMAPClientError, KeyError):
            return None

    def _newest(self) -> str:
        last = max(self.client.search(["UID", "*"]), default=0) if self.mails else 0
        if not last:
            return ""
        said = self.client.fetch([last], ["BODY.PEEK[HEADER.FIELDS (SUBJECT)]"]).get(last, {})
        raw = bytes(said.get(b"BODY[HEADER.FIELDS (SUBJECT)]", b"")).decode("utf-8", "replace")
        line = " ".join(raw.partition(":")[2].split())[:500]
        try:
            return str(make_header(decode_header(line)))
        except (ValueError, LookupError):
            return line

    def close(self) -> None:
        """Say goodbye, if the server still listens."""
        with suppress(OSError, IMAPClientError, AttributeError):
            self.client.socket().settimeout(2)
            self.client.logout()
            return
        with suppress(OSError, IMAPClientError, AttributeError):
            self.client.shutdown()


def _at(box: Mailbox) -> str:
    return f"{box.host}:{box.port}"


def reason(error: BaseException) -> str:
    """What a network or a server says of a failure, as the end of a sentence."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return say("its certificate is not valid for this connection (%(error)s)", error=error.verify_message)
    if isinstance(error, TimeoutError):
        return say("it did not answer in time")
    if isinstance(error, (socket.gaierror, UnicodeError)):
        return say("there is no host of that name")
    if isinstance(error, ConnectionRefusedError):
        return say("nothing answers at that port")
    said = str(error.args[0] if error.args else error) if not isinstance(error, OSError) else str(error)
    if said.startswith(("b'", 'b"')):
        said = said[2:-1]
    # A code for programs (RFC 9051 7.1) tells people nothing.
    said = _CODE.sub("", said)
    return " ".join(said.split())[:500].rstrip(".") or type(error).__name__
