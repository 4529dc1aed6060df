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
from dataclasses import dataclass, field
from types import TracebackType
from typing import Protocol, Self

from django.conf import settings

from forthwith.outbox import answers
from forthwith.outbox.composed import compose, mailbox
from forthwith.outbox.models import Outgoing
from forthwith.procedure.said import say

__all__ = ["NO_RELAY", "Accepted", "Outcome", "Refused", "Relay", "Sender", "compose"]

CONNECT_S = 10
ANSWER_S = 30
# RFC 5321 4.5.3.2.6 lets a server take its time after the final dot; giving up early sends twice.
AFTER_DATA_S = 60
_MB = 1_000_000


@dataclass(frozen=True, slots=True)
class Accepted:
    """The relay took the mail; `words` is what it said."""

    words: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The mail was not taken. `permanent`: trying again is pointless; `any_mail`: nor was any other taken now."""

    words: str
    permanent: bool
    any_mail: bool = field(default=False, compare=False)


Outcome = Accepted | Refused

NO_RELAY = Refused(
    say(
        "No relay is configured: set FORTHWITH_SMTP_URL, for example "
        "smtp+starttls://user:password@mail.example.org:587."
    ),
    permanent=False,
    any_mail=True,
)


class Relay(Protocol):
    """Where mail is handed over: `settings.RELAY`, and for alarms `settings.ALARM_RELAY` where there is one."""

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


class Sender:
    """A connection to the relay, opened when first needed and reused for the mails of one batch."""

    def __init__(self, *, alarms: bool = False) -> None:
        """For the alarms' road, or for that of all other mail."""
        self._alarms = alarms
        self._smtp: smtplib.SMTP | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def send(self, row: Outgoing) -> Outcome:
        """Hand one mail over. Every failure of the network or the relay is an outcome, not an exception."""
        relay: Relay | None = (settings.ALARM_RELAY if self._alarms else None) or settings.RELAY
        if relay is None:
            return NO_RELAY
        try:
            to = mailbox(row.address)
        except ValueError as wrong:
            address = repr(row.address)
            said = say("%(address)s is no address that mail can be sent to: %(error)s.", address=address, error=wrong)
            return Refused(said, permanent=True)
        try:
            smtp = self._ready(relay)
        except (OSError, smtplib.SMTPException, ValueError) as broken:
            # A wrong password or a closed relay is no fault of the mail: it waits until somebody mends that.
            at = f"{relay.host}:{relay.port}"
            said = say("The relay %(relay)s cannot be used: %(error)s", relay=at, error=_reason(broken))
            return Refused(said, permanent=False, any_mail=True)
        try:
            return _hand_over(smtp, row, to)
        except smtplib.SMTPResponseException as refused:
            self.close()
            return _refusal(refused.smtp_code, refused.smtp_error)
        except (OSError, smtplib.SMTPException) as broken:
            self.close()
            at = f"{relay.host}:{relay.port}"
            said = say("The relay %(relay)s failed: %(error)s", relay=at, error=_reason(broken))
            return Refused(said, permanent=False)

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
    sender = mailbox(row.reply_to or settings.DESK_ADDRESS)
    beyond_ascii = not (to + sender).isascii()
    if beyond_ascii and not smtp.has_extn("smtputf8"):
        said = say("The relay cannot send to %(address)s: it does not speak SMTPUTF8.", address=to)
        return Refused(said, permanent=True)
    content = compose(row, beyond_ascii=beyond_ascii)
    most = _largest(smtp)
    if most and len(content) > most:
        said = say(
            "The mail is too big for the relay: it has %(size)s MB, and %(most)s MB are taken. "
            "Send the files in another way, or fewer at a time.",
            size=f"{len(content) / _MB:.1f}",
            most=f"{most / _MB:.1f}",
        )
        return Refused(said, permanent=True)
    options = [f"SIZE={len(content)}"] if smtp.has_extn("size") else []
    code, words = smtp.mail(sender, [*options, "SMTPUTF8", "BODY=8BITMIME"] if beyond_ascii else options)
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


def _largest(smtp: smtplib.SMTP) -> int:
    """The most bytes of one mail that the relay takes, as it said in its greeting; 0 when it did not (RFC 1870)."""
    said = smtp.esmtp_features.get("size", "").strip()
    return int(said) if said.isascii() and said.isdigit() else 0


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


def _refusal(code: int, words: bytes | str) -> Refused:
    said = _text(code, words)
    return Refused(said, permanent=not answers.tries_again(code, said), any_mail=answers.stops_all(code))


def _reason(broken: Exception) -> str:
    if isinstance(broken, smtplib.SMTPAuthenticationError):
        said = _text(broken.smtp_code, broken.smtp_error)
        return f"{said} (the user and password of FORTHWITH_SMTP_URL were refused)"
    if isinstance(broken, smtplib.SMTPResponseException):
        return _text(broken.smtp_code, broken.smtp_error)
    if isinstance(broken, UnicodeError):
        # Its own words would quote the password.
        return "the user or password of FORTHWITH_SMTP_URL has a letter that SMTP cannot carry."
    if isinstance(broken, TimeoutError):
        return "it did not answer in time."
    return f"{broken}."


def _text(code: int, words: bytes | str) -> str:
    said = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return " ".join(f"{code} {''.join(c if c.isprintable() else ' ' for c in said)}".split())
