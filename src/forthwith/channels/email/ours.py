"""Which mail addresses are the desk's: its own, those of its teams, and those that every mail domain must have."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.conf import settings

from forthwith.record import procedures

Teams = Mapping[str, str]
"""The teams' own addresses in the procedure in force, each with its team."""


def teams() -> Teams:
    """The addresses of the teams that have one; one query."""
    procedure = procedures.current_or_none()
    return procedure.team_addresses if procedure else {}


def team_of(addresses: Iterable[str], teams: Teams) -> str | None:
    """The team that a mail to these addresses is for: the first that is named, with or without a `+tag`."""
    if not teams:
        return None
    return next((team for address in addresses for own, team in teams.items() if is_desk(address, own)), None)


def is_own(address: str, teams: Teams) -> bool:
    """Whether this very address is one that the desk's mails come from."""
    return address.lower() in (settings.DESK_ADDRESS.lower(), *teams)


def at_home(address: str) -> bool:
    """Whether an address is of the desk's own domain."""
    return address.lower().rpartition("@")[2] == settings.DESK_ADDRESS.lower().rpartition("@")[2]


def is_desk(address: str, desk: str) -> bool:
    """Whether an address is the desk's, in any case of letters, with or without a `+tag`."""
    local, _, domain = address.lower().rpartition("@")
    desk_local, _, desk_domain = desk.lower().rpartition("@")
    return domain == desk_domain and local.partition("+")[0] == desk_local


def is_role(address: str, desk: str) -> bool:
    """Whether an address is one that every mail domain must have (RFC 5321 4.5.1, RFC 2142 4): people read it here."""
    local, _, domain = address.lower().partition("@")
    return local in ("postmaster", "abuse") and domain in ("", desk.lower().rpartition("@")[2])
