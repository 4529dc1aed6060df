"""The environment variables that configure a desk, read once and refused with a sentence when wrong."""

from __future__ import annotations

import os
import re
import secrets
import ssl
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from email.utils import parseaddr
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import SplitResult, quote, unquote, urlsplit

DEFAULTS = {
    "FORTHWITH_HOME": "./var",
    "FORTHWITH_DATABASE_URL": "",
    "FORTHWITH_URL": "http://127.0.0.1:8000",
    "FORTHWITH_SMTP_URL": "",
    "FORTHWITH_ALARM_SMTP_URL": "",
    "FORTHWITH_SMTP_LISTEN": "127.0.0.1:2525",
    "FORTHWITH_MAIL_FROM": "Support <support@desk.example>",
    "FORTHWITH_DEMO": "0",
    "FORTHWITH_LMTP_LISTEN": "",
    "FORTHWITH_SMTP_TLS_CERT": "",
    "FORTHWITH_SMTP_TLS_KEY": "",
    "FORTHWITH_SMTP_CONNECTIONS": "50",
    "FORTHWITH_SMTP_CONNECTIONS_PER_PEER": "10",
    "FORTHWITH_SMTP_MAILS_PER_PEER": "300",
    "FORTHWITH_CLAMD": "",
    "FORTHWITH_MAIL_AUTH_TRUST": "",
    "FORTHWITH_MAIL_CHECK": "off",
    "FORTHWITH_MAIL_DNS": "",
    "FORTHWITH_WEBHOOK_MAILGUN": "",
    "FORTHWITH_WEBHOOK_POSTMARK": "",
    "FORTHWITH_WEBHOOK_SENDGRID": "",
    "FORTHWITH_WEBHOOK_SES": "",
}
# What `sockaddr_un` has room for on every system.
_LONGEST_SOCKET = 100
_RELAY_PORTS = {"smtp": 25, "smtps": 465, "smtp+starttls": 587}
_NO_PORT = re.compile(r":(?!//)(?!\d+(?:/|\Z)).*", re.DOTALL)


class WrongVariable(ValueError):
    """A variable with a value that cannot be used; the text names it and gives an example."""

    def __init__(self, name: str, value: str, why: str, example: str) -> None:
        super().__init__(f"{name}={value!r} {why}. Example: {name}={example}")


@dataclass(frozen=True, slots=True)
class Relay:
    """Where outgoing mail is handed over."""

    host: str
    port: int
    user: str = ""
    password: str = ""
    tls: str = "none"


Place = tuple[str, int] | Path
"""Where a program listens: a host and a port, or the path of a Unix socket."""


@dataclass(frozen=True, slots=True)
class Receiving:
    """How mail is taken: the place for LMTP, the certificate with its key, and the most of a peer (0: no limit)."""

    lmtp: Place | None
    certificate: tuple[Path, Path] | None
    connections: int
    per_peer: int
    mails_a_minute: int
    trusted: str
    checks: bool = False
    dns: tuple[str, int] | None = None


@dataclass(frozen=True, slots=True)
class Webhooks:
    """What each mail provider shows that it knows, empty for one whose address is closed.

    Mailgun's signing key; Postmark's and SendGrid's `user:password`; the Amazon SNS topic of SES.
    """

    mailgun: str = ""
    postmark: str = ""
    sendgrid: str = ""
    ses: str = ""


@dataclass(frozen=True, slots=True)
class Environment:
    """What the variables say. `relay` None means that nothing can be sent until one is named.

    `alarm_relay` None means that alarms leave by the same relay as everything else.
    """

    home: Path
    database_url: str
    url: str
    relay: Relay | None
    alarm_relay: Relay | None
    listen: tuple[str, int]
    mail_from: str
    demo: bool
    receiving: Receiving
    clamd: Place | None
    webhooks: Webhooks


def read(variables: Mapping[str, str] | None = None) -> Environment:
    """Read and check every variable. Raises WrongVariable for the first that is wrong."""
    given = os.environ if variables is None else variables
    value = {name: given.get(name) or default for name, default in DEFAULTS.items()}
    home = _home(value["FORTHWITH_HOME"])
    return Environment(
        home=home,
        database_url=_database(value["FORTHWITH_DATABASE_URL"]) or f"sqlite:///{quote(str(home))}/forthwith.sqlite3",
        url=_public_url(value["FORTHWITH_URL"]),
        relay=relay(value["FORTHWITH_SMTP_URL"]),
        alarm_relay=relay(value["FORTHWITH_ALARM_SMTP_URL"], "FORTHWITH_ALARM_SMTP_URL"),
        listen=_listen(value["FORTHWITH_SMTP_LISTEN"]),
        mail_from=_mail_from(value["FORTHWITH_MAIL_FROM"]),
        demo=_demo(value["FORTHWITH_DEMO"]),
        receiving=_receiving(value),
        clamd=_place("FORTHWITH_CLAMD", value["FORTHWITH_CLAMD"], "127.0.0.1:3310"),
        webhooks=_webhooks(value),
    )


def _receiving(value: Mapping[str, str]) -> Receiving:
    def count(name: str, least: int) -> int:
        return _count(name, value[name], least, DEFAULTS[name])

    return Receiving(
        lmtp=_place("FORTHWITH_LMTP_LISTEN", value["FORTHWITH_LMTP_LISTEN"], "127.0.0.1:2424"),
        certificate=_certificate(value["FORTHWITH_SMTP_TLS_CERT"], value["FORTHWITH_SMTP_TLS_KEY"]),
        connections=count("FORTHWITH_SMTP_CONNECTIONS", 1),
        per_peer=count("FORTHWITH_SMTP_CONNECTIONS_PER_PEER", 1),
        mails_a_minute=count("FORTHWITH_SMTP_MAILS_PER_PEER", 0),
        trusted=_trusted(value["FORTHWITH_MAIL_AUTH_TRUST"]),
        checks=_checks(value["FORTHWITH_MAIL_CHECK"]),
        dns=_dns(value["FORTHWITH_MAIL_DNS"]),
    )


def _checks(value: str) -> bool:
    if value not in ("on", "off"):
        raise WrongVariable("FORTHWITH_MAIL_CHECK", value, "is neither on nor off", "on")
    return value == "on"


def _dns(value: str) -> tuple[str, int] | None:
    found = _host_and_port(value)
    if value and (found is None or not _is_ip(found[0])):
        raise WrongVariable("FORTHWITH_MAIL_DNS", value, "is no IP address with a port", "127.0.0.1:53")
    return found


def _is_ip(host: str) -> bool:
    try:
        return bool(ip_address(host))
    except ValueError:
        return False


def _webhooks(value: Mapping[str, str]) -> Webhooks:
    def secret(provider: str, form: str, why: str, example: str) -> str:
        name = f"FORTHWITH_WEBHOOK_{provider}"
        if value[name] and not re.fullmatch(form, value[name], re.ASCII):
            raise WrongVariable(name, value[name] if provider == "SES" else "…", why, example)
        return value[name]

    no_pair, pair = "is not user:password, the password of 12 or more characters without blanks", "desk:a-long-password"
    topic = r"arn:aws[a-z-]{0,20}:sns:[a-z0-9-]{5,30}:[0-9]{12}:[\w-]{1,256}"
    no_topic, example = "is not the ARN of an Amazon SNS topic", "arn:aws:sns:eu-west-1:123456789012:desk-mail"
    return Webhooks(
        mailgun=secret(
            "MAILGUN", r"[!-~]{12,200}", "is no signing key of 12 or more characters", "key-0123456789abcdef"
        ),
        postmark=secret("POSTMARK", r"[!-9;-~]{1,100}:[!-~]{12,200}", no_pair, pair),
        sendgrid=secret("SENDGRID", r"[!-9;-~]{1,100}:[!-~]{12,200}", no_pair, pair),
        ses=secret("SES", topic, no_topic, example),
    )


def _trusted(value: str) -> str:
    if value and not re.fullmatch(r"[A-Za-z0-9._-]{1,255}", value):
        raise WrongVariable("FORTHWITH_MAIL_AUTH_TRUST", value, "is no name of a mail server", "mx.example.org")
    return value


def _home(value: str) -> Path:
    try:
        return Path(value).expanduser().absolute()
    except RuntimeError:
        raise WrongVariable("FORTHWITH_HOME", value, "begins with nobody's home folder", "/srv/forthwith") from None


def relay(url: str, name: str = "FORTHWITH_SMTP_URL") -> Relay | None:
    """The relay that an SMTP URL names, or None for an empty one; `name` is the variable it stands in."""
    if not url:
        return None
    example = "smtp+starttls://user:password@mail.example.org:587"
    parts = _split(url)
    if parts is None or parts.scheme not in _RELAY_PORTS or not parts.hostname:
        why = "is no SMTP address (smtp://, smtps:// or smtp+starttls://, then a host, perhaps a port)"
        raise WrongVariable(name, _discreet(url), why, example)
    tls = {"smtp": "none", "smtps": "tls", "smtp+starttls": "starttls"}[parts.scheme]
    port = parts.port or _RELAY_PORTS[parts.scheme]
    return Relay(parts.hostname, port, unquote(parts.username or ""), unquote(parts.password or ""), tls)


def _split(url: str) -> SplitResult | None:
    """The parts of an address; None for one that has no host or port that could be meant."""
    try:
        parts = urlsplit(url)
        return None if parts.port == 0 or any(c.isspace() for c in parts.netloc) else parts
    except ValueError:
        return None


def _discreet(url: str) -> str:
    """An address to be shown in an error: without its user and password, wherever a slip has put them."""
    before, at, host = url.rpartition("@")
    if not at:
        return _NO_PORT.sub(":…", url)
    scheme, slashes, _ = before.partition("://")
    return f"{scheme}{slashes}…@{host}" if slashes else f"…@{host}"


def _database(url: str) -> str:
    if not url:
        return ""
    parts = _split(url)
    named = parts is not None and (len(parts.path) > 1 or "service=" in parts.query)
    if parts is None or parts.scheme not in ("sqlite", "postgres", "postgresql") or not named:
        why = "is neither a SQLite nor a PostgreSQL address that names a database"
        example = "postgresql://desk:secret@localhost/forthwith"
        raise WrongVariable("FORTHWITH_DATABASE_URL", _discreet(url), why, example)
    return url


def _public_url(url: str) -> str:
    parts = _split(url)
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        why = "is no web address (http:// or https://, then a host, perhaps a port)"
        raise WrongVariable("FORTHWITH_URL", _discreet(url), why, "https://help.example.org")
    return url.rstrip("/")


def port_of(url: str) -> int:
    """The port that serves the pages: that of a public address on this machine, else 8000, behind a proxy."""
    parts = urlsplit(url)
    here = parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost", "::1")
    return (parts.port if here else None) or 8000


def _listen(value: str) -> tuple[str, int]:
    found = _host_and_port(value)
    if found is None:
        raise WrongVariable("FORTHWITH_SMTP_LISTEN", value, "is not host:port", "0.0.0.0:2525")
    return found


def _host_and_port(value: str) -> tuple[str, int] | None:
    host, _, port = value.rpartition(":")
    if not host or not re.fullmatch(r"[0-9]{1,5}", port) or not 0 < int(port) < 65536:
        return None
    return host.strip("[]"), int(port)


def _place(name: str, value: str, example: str) -> Place | None:
    if not value:
        return None
    if value.startswith("/"):
        if len(os.fsencode(value)) > _LONGEST_SOCKET or "\0" in value:
            raise WrongVariable(name, value, "is too long for the path of a socket", "/run/forthwith.sock")
        return Path(value)
    found = _host_and_port(value)
    if found is None:
        raise WrongVariable(name, value, "is neither host:port nor the whole path of a Unix socket", example)
    return found


def _certificate(chain: str, key: str) -> tuple[Path, Path] | None:
    """Both files or neither: half of a certificate would leave mail in clear while it looks protected."""
    if not chain and not key:
        return None
    given = {"FORTHWITH_SMTP_TLS_CERT": (chain, "fullchain.pem"), "FORTHWITH_SMTP_TLS_KEY": (key, "privkey.pem")}
    for name, (path, example) in given.items():
        if not path or not os.access(path, os.R_OK) or not Path(path).is_file():
            why = "is no file that can be read, and certificate and key are only of use together"
            raise WrongVariable(name, path, why, f"/etc/letsencrypt/live/mail.example.org/{example}")
    try:
        # A key with a passphrase would ask for it on the terminal.
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(chain, key, password=lambda: "")
    except OSError as error:
        why = f"and its key are not a certificate (PEM) that can be used: {error.args[-1]}"
        example = "/etc/letsencrypt/live/mail.example.org/fullchain.pem"
        raise WrongVariable("FORTHWITH_SMTP_TLS_CERT", chain, why, example) from None
    return Path(chain).absolute(), Path(key).absolute()


def _count(name: str, value: str, least: int, example: str) -> int:
    if not re.fullmatch(r"[0-9]{1,6}", value) or int(value) < least:
        raise WrongVariable(name, value, f"is no whole number from {least} to 999999", example)
    return int(value)


def _mail_from(value: str) -> str:
    _, address = parseaddr(value)
    local, _, domain = address.rpartition("@")
    if not local or any(c.isspace() for c in address) or not _is_host(domain):
        raise WrongVariable("FORTHWITH_MAIL_FROM", value, "is no mail address", "Support <support@example.org>")
    return value


def _demo(value: str) -> bool:
    if value not in ("0", "1"):
        raise WrongVariable("FORTHWITH_DEMO", value, "is neither 0 nor 1", "1")
    return value == "1"


def _is_host(name: str) -> bool:
    try:
        return bool(name.encode("idna"))
    except UnicodeError:
        return False


def secret(home: Path) -> str:
    """The desk's secret, made on first use and readable by its owner only. Raises OSError when it cannot be."""
    path = home / "secret"
    home.mkdir(mode=0o750, parents=True, exist_ok=True)
    if not path.exists():
        _write_once(path, secrets.token_urlsafe(50))
    found = path.read_text().strip()
    if not found:
        raise OSError(f"{path} is empty; remove it, and a new secret is made")
    return found


def _write_once(path: Path, text: str) -> None:
    """Write a file whole or not at all; one that another process has written meanwhile stays."""
    made = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(made, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(made, path)
    finally:
        made.unlink()
