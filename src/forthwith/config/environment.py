"""The environment variables that configure a desk, read once and refused with a sentence when wrong."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parseaddr
from pathlib import Path
from urllib.parse import unquote, urlsplit

DEFAULTS = {
    "FORTHWITH_HOME": "./var",
    "FORTHWITH_DATABASE_URL": "",
    "FORTHWITH_URL": "http://127.0.0.1:8000",
    "FORTHWITH_SMTP_URL": "",
    "FORTHWITH_SMTP_LISTEN": "127.0.0.1:2525",
    "FORTHWITH_MAIL_FROM": "Support <support@desk.example>",
    "FORTHWITH_DEMO": "0",
}
_RELAY_PORTS = {"smtp": 25, "smtps": 465, "smtp+starttls": 587}


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


@dataclass(frozen=True, slots=True)
class Environment:
    """What the variables say. `relay` None means that nothing can be sent until one is named."""

    home: Path
    database_url: str
    url: str
    relay: Relay | None
    listen: tuple[str, int]
    mail_from: str
    demo: bool


def read(variables: Mapping[str, str] | None = None) -> Environment:
    """Read and check every variable. Raises WrongVariable for the first that is wrong."""
    given = os.environ if variables is None else variables
    value = {name: given.get(name) or default for name, default in DEFAULTS.items()}
    home = Path(value["FORTHWITH_HOME"]).expanduser().absolute()
    return Environment(
        home=home,
        database_url=_database(value["FORTHWITH_DATABASE_URL"]) or f"sqlite:///{home / 'forthwith.sqlite3'}",
        url=_public_url(value["FORTHWITH_URL"]),
        relay=relay(value["FORTHWITH_SMTP_URL"]),
        listen=_listen(value["FORTHWITH_SMTP_LISTEN"]),
        mail_from=_mail_from(value["FORTHWITH_MAIL_FROM"]),
        demo=_demo(value["FORTHWITH_DEMO"]),
    )


def relay(url: str) -> Relay | None:
    """The relay that an SMTP URL names, or None for an empty one."""
    if not url:
        return None
    example = "smtp+starttls://user:password@mail.example.org:587"
    parts = urlsplit(url)
    if parts.scheme not in _RELAY_PORTS or not parts.hostname:
        why = "is no SMTP address (smtp://, smtps:// or smtp+starttls://, then a host)"
        raise WrongVariable("FORTHWITH_SMTP_URL", url, why, example)
    tls = {"smtp": "none", "smtps": "tls", "smtp+starttls": "starttls"}[parts.scheme]
    port = _port(parts.netloc.rpartition("@")[2].rpartition(":")[2], parts.scheme)
    if port is None:
        raise WrongVariable("FORTHWITH_SMTP_URL", url, "has a port that is no number from 1 to 65535", example)
    return Relay(parts.hostname, port, unquote(parts.username or ""), unquote(parts.password or ""), tls)


def _port(text: str, scheme: str) -> int | None:
    if not text.isdigit():
        return _RELAY_PORTS[scheme] if ":" not in text else None
    return int(text) if 0 < int(text) < 65536 else None


def _database(url: str) -> str:
    if url and urlsplit(url).scheme not in ("sqlite", "postgres", "postgresql"):
        why = "is neither a SQLite nor a PostgreSQL address"
        raise WrongVariable("FORTHWITH_DATABASE_URL", url, why, "postgresql://desk:secret@localhost/forthwith")
    return url


def _public_url(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        why = "is no web address (http:// or https://, then a host)"
        raise WrongVariable("FORTHWITH_URL", url, why, "https://help.example.org")
    return url.rstrip("/")


def _listen(value: str) -> tuple[str, int]:
    host, colon, port = value.rpartition(":")
    if not colon or not host or not port.isdigit() or not 0 < int(port) < 65536:
        raise WrongVariable("FORTHWITH_SMTP_LISTEN", value, "is not host:port", "0.0.0.0:2525")
    return host.strip("[]"), int(port)


def _mail_from(value: str) -> str:
    _, address = parseaddr(value)
    local, _, domain = address.rpartition("@")
    if not local or not domain or any(c.isspace() for c in address):
        raise WrongVariable("FORTHWITH_MAIL_FROM", value, "is no mail address", "Support <support@example.org>")
    return value


def _demo(value: str) -> bool:
    if value not in ("0", "1"):
        raise WrongVariable("FORTHWITH_DEMO", value, "is neither 0 nor 1", "1")
    return value == "1"


def secret(home: Path) -> str:
    """The desk's secret, made on first use and readable by its owner only."""
    path = home / "secret"
    home.mkdir(mode=0o750, parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_urlsafe(50))
    return path.read_text().strip()
