"""Handing one mail to the relay by SMTP (RFC 5321), and how the relay answered.

A mail is composed here, from its row, as late as possible. The envelope sender is the signed reply address
of the ticket where there is one: a later bounce then finds its ticket by its address alone. RFC 3834 would
also allow the empty sender for automatic mail, but then no failure of an acknowledgement would ever come
back. Loops are ruled out by `Auto-Submitted` and by answering no automatic mail.
"""

from __future__ import annotations

import contextlib
import smtplib
import ssl
from dataclasses import dataclass
from datetime import UTC
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from types import TracebackType
from typing import Any, Protocol, Self

from django.conf import settings

from forthwith.outbox.models import Outgoing

CONNECT_S = 10
ANSWER_S = 30
# RFC 5321 4.5.3.2.6 lets a server take its time after the final dot; giving up early sends twice.
AFTER_DATA_S = 60
LONGEST_HEADER = 990
# RFC 4954 6: the relay wants other credentials or TLS, whichever mail it is.
_SIGN_IN_FIRST = (530, 534, 535, 538)


@dataclass(frozen=True, slots=True)
class Accepted:
    """The relay took the mail; `words` is what it said."""

    words: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The mail was not taken; `permanent` says that trying again is pointless."""

    words: str
    permanent: bool


Outcome = Accepted | Refused

NO_RELAY = Refused(
    "No relay is configured: set FORTHWITH_SMTP_URL, for example smtp+starttls://user:password@mail.example.org:587.",
    permanent=False,
)


class Relay(Protocol):
    """Where mail is handed over: `settings.RELAY`."""

    @property
    def host(self) -> str: ...
    @property
    def port(self) -> int: ...
    @property
    def user(self) -> str: ...
    @property
    def password(self) -> str: ...
    @property
    def tls(self) -> str: ...


class _Ids(str):
    """Message-IDs as a header's value: folded between them, never encoded (the standard fold would)."""

    __slots__ = ("name",)
    name: str

    @classmethod
    def of(cls, name: str, ids: list[str]) -> Self:
        made = cls(" ".join(ids))
        made.name = name
        return made

    def fold(self, **_: object) -> str:
        """The whole header, one id a line."""
        return f"{self.name}: " + "\r\n ".join(self.split(" ")) + "\r\n"


class Sender:
    """A connection to the relay, opened when first needed and reused for the mails of one batch."""

    def __init__(self) -> None:
        self._smtp: smtplib.SMTP | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def send(self, row: Outgoing) -> Outcome:
        """Hand one mail over. Every failure of the network or the relay is an outcome, not an exception."""
        relay: Relay | None = settings.RELAY
        if relay is None:
            return NO_RELAY
        try:
            to = _mailbox(row.address)
        except ValueError as wrong:
            return Refused(f"{row.address!r} is no address that mail can be sent to: {wrong}.", permanent=True)
        try:
            smtp = self._ready(relay)
        except (OSError, smtplib.SMTPException, ValueError) as broken:
            # A wrong password or a closed relay is no fault of the mail: it waits until somebody mends that.
            return Refused(f"The relay {relay.host}:{relay.port} cannot be used: {_reason(broken)}", permanent=False)
        try:
            return _hand_over(smtp, row, to)
        except smtplib.SMTPResponseException as refused:
            self.close()
            return _refusal(refused.smtp_code, refused.smtp_error)
        except (OSError, smtplib.SMTPException) as broken:
            self.close()
            return Refused(f"The relay {relay.host}:{relay.port} failed: {broken}.", permanent=False)

    def close(self) -> None:
        """Say goodbye to the relay, if it is still there."""
        smtp, self._smtp = self._smtp, None
        if smtp is not None:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                _wait_at_most(smtp, 2)
                smtp.quit()
            smtp.close()

    def _ready(self, relay: Relay) -> smtplib.SMTP:
        """A greeted connection. A kept one that the relay has closed meanwhile is opened anew."""
        if self._smtp is not None:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                if self._smtp.noop()[0] == 250:
                    return self._smtp
            self.close()
        self._smtp = _connected(relay)
        return self._smtp


def _hand_over(smtp: smtplib.SMTP, row: Outgoing, to: str) -> Outcome:
    sender = _mailbox(row.reply_to or settings.DESK_ADDRESS)
    beyond_ascii = not (to + sender).isascii()
    if beyond_ascii and not smtp.has_extn("smtputf8"):
        return Refused(f"The relay cannot send to {to}: it does not speak SMTPUTF8.", permanent=True)
    content = compose(row, beyond_ascii=beyond_ascii)
    code, words = smtp.mail(sender, ["SMTPUTF8", "BODY=8BITMIME"] if beyond_ascii else [])
    if code == 250:
        code, words = smtp.rcpt(to)
    if code not in (250, 251):
        # A relay that hangs up after its refusal has said all that counts.
        with contextlib.suppress(OSError, smtplib.SMTPException):
            smtp.rset()
        return _refusal(code, words)
    _wait_at_most(smtp, AFTER_DATA_S)
    code, words = smtp.data(content)
    _wait_at_most(smtp, ANSWER_S)
    return Accepted(_text(code, words)) if code == 250 else _refusal(code, words)


def _connected(relay: Relay) -> smtplib.SMTP:
    context = ssl.create_default_context()
    hello = settings.DESK_ADDRESS.rpartition("@")[2].encode("idna").decode()
    smtp: smtplib.SMTP
    if relay.tls == "tls":
        smtp = smtplib.SMTP_SSL(relay.host, relay.port, hello, timeout=CONNECT_S, context=context)
    else:
        smtp = smtplib.SMTP(relay.host, relay.port, hello, timeout=CONNECT_S)
    try:
        _wait_at_most(smtp, ANSWER_S)
        if relay.tls == "starttls":
            smtp.starttls(context=context)
        smtp.ehlo_or_helo_if_needed()
        if relay.user:
            smtp.login(relay.user, relay.password)
    except BaseException:
        smtp.close()
        raise
    return smtp


def _wait_at_most(smtp: smtplib.SMTP, seconds: float) -> None:
    if smtp.sock is not None:
        smtp.sock.settimeout(seconds)


def compose(row: Outgoing, *, beyond_ascii: bool = False) -> bytes:
    """The mail of a row, as it goes over the wire (RFC 5322). No field of the row can add a header."""
    mail = EmailMessage(policy.SMTPUTF8 if beyond_ascii else policy.SMTP)
    name, address = parseaddr(settings.MAIL_FROM)
    mail["From"] = _named(name, address)
    mail["To"] = _named(row.name, row.address)
    if row.reply_to:
        mail["Reply-To"] = _named(name, row.reply_to)
    mail["Subject"] = _line(row.subject)
    mail["Date"] = format_datetime(row.queued_at.astimezone(UTC))
    _add_ids(mail, "Message-ID", row.mail_id)
    _add_ids(mail, "In-Reply-To", row.in_reply_to)
    _add_ids(mail, "References", row.references)
    if row.automatic:
        # RFC 3834 5: answered to a message, or generated on its own account.
        mail["Auto-Submitted"] = "auto-replied" if row.in_reply_to else "auto-generated"
        mail["X-Auto-Response-Suppress"] = "All"
        mail["Precedence"] = "auto_reply"
    mail.set_content(row.text.encode("utf-8", "replace").decode(), charset="utf-8")
    return mail.as_bytes()


def _add_ids(mail: EmailMessage, name: str, ids: str) -> None:
    """Ids in brackets, without any that could not stand in a header (RFC 5322 3.6.4)."""
    bare = (word.strip("<>,") for word in ids.split())
    fit = [
        f"<{word}>" for word in bare if word and word.isascii() and word.isprintable() and len(word) < LONGEST_HEADER
    ]
    if fit:
        value: Any = _Ids.of(name, fit)
        mail[name] = value


def _named(name: str, address: str) -> Address:
    local, _, domain = _mailbox(address).rpartition("@")
    return Address(_line(name), username=local, domain=domain)


def _line(text: str) -> str:
    """Text for a header: one line, without control characters."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _mailbox(address: str) -> str:
    """An address for the envelope, its domain in ASCII. Raises ValueError with the reason when it is none."""
    local, at, domain = address.strip().rpartition("@")
    if not at or not local or not domain:
        raise ValueError("it has no name before and no domain after an '@'")
    if any(c.isspace() or not c.isprintable() or c in '<>,;:\\"' for c in local + domain):
        raise ValueError("it contains a character that may not stand there")
    try:
        return f"{local}@{domain.encode('idna').decode() if not domain.isascii() else domain}"
    except UnicodeError:
        raise ValueError("its domain is no host name") from None


def _refusal(code: int, words: bytes | str) -> Refused:
    return Refused(_text(code, words), permanent=500 <= code < 600 and code not in _SIGN_IN_FIRST)


def _reason(broken: Exception) -> str:
    if isinstance(broken, smtplib.SMTPAuthenticationError):
        said = _text(broken.smtp_code, broken.smtp_error)
        return f"{said} (the user and password of FORTHWITH_SMTP_URL were refused)"
    if isinstance(broken, smtplib.SMTPResponseException):
        return _text(broken.smtp_code, broken.smtp_error)
    if isinstance(broken, UnicodeError):
        # Its own words would quote the password.
        return "the user or password of FORTHWITH_SMTP_URL has a letter that SMTP cannot carry."
    return f"{broken}."


def _text(code: int, words: bytes | str) -> str:
    said = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return f"{code} {_line(said)}".strip()
